"""News of sessions, sent after commit. `boards` and the terminal hub listen."""

from django.dispatch import Signal

# kwargs: session_id: str
session_changed = Signal()
# kwargs: session_id: str
session_deleted = Signal()
# kwargs: session_id: str; the agent in it is over
agent_over = Signal()
# kwargs: session_id: str, participants: list[Participant]; sent in the event loop, by the hub that has the terminal
participants_changed = Signal()
# kwargs: session_id: str, number: int, exit_code: int; the program of a further terminal ended by itself
terminal_ended = Signal()
