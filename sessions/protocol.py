"""The terminal WebSocket: every message, limit and close code. Holds messages only; no logic.

Address: `/ws/cards/<card id>/terminal`; of a further terminal of the session `/ws/cards/<card id>/terminals/<number>`.
A browser is known by its cookie (Origin must match the host); a program
sends `Authorization: Bearer <token>`.

**Frames.** Binary frames are terminal bytes; text frames are JSON objects with a `type`. The socket stays open
while the session starts, sleeps or restarts: `session` messages tell what it is doing, and the terminal begins
(or begins again) with a `screen`.

**Sequence numbers.** A terminal's output is one stream of bytes, counted from 0 within an *epoch* (a random id;
new when the stream's memory was lost). `screen {seq, bytes, reset}` says: the next `bytes` bytes of binary frames
are history, the first of them has number `seq - bytes`, what follows them is live from `seq`. A client keeps
`epoch` and its position (the last `screen.seq`, plus live bytes since) and gives both in `hello` when it comes back:
it then gets only what it missed (`reset: false`), or a fresh screen (`reset: true`: clear the terminal first).
The same happens, unasked, to a client that falls behind ("skipped forward"). A `screen` ends any history still due.
`prelude` is a string of terminal modes to write before the history, not counted in `bytes`.

**Queries.** Programs ask terminals questions (DA, DSR, OSC 10…). Exactly one viewer answers: the one last told
`answerer {you: true}`, by `answer` messages; nobody answers what is history.

**Flow.** Output: a client acknowledges the bytes it has *processed* with `ack {seq}` at least every `ACK_EVERY` bytes;
more than `CREDIT` unacknowledged bytes for longer than `GRACE_S` means it is skipped forward when it acknowledges again.
Input: at most `INPUT_WINDOW` bytes may be unacknowledged; the server sends `input_ack {bytes}` (total accepted so far on
this connection) as the terminal takes them.

**Size.** Whoever typed last owns rows x columns. `resize` says how large this viewer's window is; it applies at once for the
owner, and when the viewer next types for everybody else. `size` tells the grid that is in force.

**People.** `participants` tells who is here, whenever somebody comes, goes, or raises or lowers a hand. One member with
two windows is two participants with the same `user`. `typing` tells who types just now, a few times a second at most.
Everybody may raise a hand and chat, also who only watches. A hand goes down with its connection; one that nobody sees who
may type marks the session as waiting. What was said is kept, up to `CHAT_KEPT` lines, until the card is deleted.

**The floor.** People's input passes at once, always. An agent's waits while a person types or has begun a line, 10 s at
most, and is `refused` with the reason after that, or at once while a person has control or has paused the agents. Control
ends with the connection of who has it; a pause lasts until somebody ends it. `floor` tells all of that. A participant of
kind `agent` may also work without a connection, by the API: it is here while it calls, and for a minute after.
"""

from __future__ import annotations

from typing import Final, Literal, NotRequired, TypedDict

# limits -------------------------------------------------------------------------------------------------
RING_BYTES: Final = 2 * 1024 * 1024  # history kept per terminal
REPLAY_BYTES: Final = 256 * 1024  # history sent to a joiner at most
INPUT_FRAME_BYTES: Final = 64 * 1024  # one binary frame from a client
INPUT_ACK_DELAY_S: Final = 0.05  # how long the acknowledgement of a few keys may wait for more
INPUT_WINDOW: Final = 256 * 1024  # unacknowledged input per client
TEXT_FRAME_BYTES: Final = 16 * 1024  # one JSON frame from a client
CREDIT: Final = 1024 * 1024  # unacknowledged output per client
ACK_EVERY: Final = 64 * 1024
GRACE_S: Final = 0.25
HELLO_TIMEOUT_S: Final = 10.0
ROWS: Final = (2, 500)
COLS: Final = (10, 1000)
CHAT_TEXT: Final = 500  # characters of a chat message
CHAT_KEPT: Final = 100  # messages kept per terminal
CHAT_RATE: Final = (5, 5.0)  # messages of one viewer in so many seconds
HAND_RATE: Final = (5, 10.0)  # raisings of one viewer's hand in so many seconds
CONTROL_RATE: Final = (10, 10.0)  # takings of control and pauses of one viewer in so many seconds

# close codes --------------------------------------------------------------------------------------------
BAD_MESSAGE: Final = 4400  # not of this protocol; the reason names the field
UNAUTHENTICATED: Final = 4401  # log in (or send a valid bearer token)
FORBIDDEN: Final = 4403  # known, but not allowed; also a foreign Origin
NOT_FOUND: Final = 4404  # no such card
HELLO_TIMEOUT: Final = 4408  # no `hello` within HELLO_TIMEOUT_S
ACCESS_CHANGED: Final = 4409  # another role than when you came; reconnect to have it
GONE: Final = 4410  # the card was deleted; do not reconnect
TOO_BIG: Final = 4413  # a frame over its limit, or input beyond the window
TOO_MANY: Final = 4429  # wrong links, from this address; reconnect later
SERVER_ERROR: Final = 4500  # a fault of ours; reconnect
GOING_AWAY: Final = 1012  # the server restarts; reconnect

Role = Literal["watch", "type"]
Kind = Literal["human", "guest", "agent"]  # agent: a program, with a member's token; a person's command line is none


# client to server ---------------------------------------------------------------------------------------
class Hello(TypedDict):
    """First message of every client. `epoch` and `seq`: where it left off, when it comes back."""

    type: Literal["hello"]
    rows: int
    cols: int
    epoch: NotRequired[str]
    seq: NotRequired[int]
    answers: NotRequired[bool]  # can answer terminal queries (default true)


class Resize(TypedDict):
    type: Literal["resize"]
    rows: int
    cols: int


class Ack(TypedDict):
    """Output up to `seq` has been processed."""

    type: Literal["ack"]
    seq: int


class Answer(TypedDict):
    """The terminal's own reply to a query; taken from the answerer only."""

    type: Literal["answer"]
    data: str


class Ping(TypedDict):
    """Answered by `pong` with the same `id`: a client that gets none knows its connection is dead."""

    type: Literal["ping"]
    id: int


class Hand(TypedDict):
    """Raise one's hand, or lower one: one's own, or that of participant `of` (by the same person, or whoever may type)."""

    type: Literal["hand"]
    raised: bool
    of: NotRequired[str]


class Chat(TypedDict):
    """Say something to everybody here. Text on one line, 1 to `CHAT_TEXT` characters, `CHAT_RATE`; else `refused`."""

    type: Literal["chat"]
    text: str


class Control(TypedDict):
    """Take control of the terminal, also from somebody else, or hand it over. For people who may type; else `refused`."""

    type: Literal["control"]
    take: bool


class Pause(TypedDict):
    """Pause the agents of the session, in all its terminals, or let them go on. For people who may type; else `refused`."""

    type: Literal["pause"]
    agents: bool


class Away(TypedDict):
    """Whether the page is out of sight: it then keeps no session awake. Not so at the beginning of a connection."""

    type: Literal["away"]
    away: bool


ClientMessage = Hello | Resize | Ack | Answer | Ping | Hand | Chat | Control | Pause | Away


# server to client ---------------------------------------------------------------------------------------
class Participant(TypedDict):
    """Somebody present in the terminal."""

    id: str
    name: str
    kind: Kind
    role: Role
    user: str | None  # the member's id; None for guests
    colour: str  # the name of a hue
    initials: str
    hand: NotRequired[bool]  # raised


class Size(TypedDict):
    type: Literal["size"]
    rows: int
    cols: int
    owner: str | None  # participant id of who typed last


class Welcome(TypedDict):
    """Answer to `hello`."""

    type: Literal["welcome"]
    you: Participant
    limits: dict[str, int]  # credit, ack_every, input_frame, input_window


class Screen(TypedDict):
    """History follows; see *Sequence numbers*."""

    type: Literal["screen"]
    epoch: str
    seq: int
    bytes: int
    reset: bool
    prelude: str


class Answerer(TypedDict):
    type: Literal["answerer"]
    you: bool


class Participants(TypedDict):
    type: Literal["participants"]
    participants: list[Participant]


class Floor(TypedDict):
    """Who may type now, besides people, who always may. Ids are participants'. Sent at the beginning and when it changes."""

    type: Literal["floor"]
    holder: str | None  # has control: agents' input is refused
    agents_paused: bool
    paused_by: str | None  # their name
    open_line: str | None  # has begun a line: agents' input waits
    waiting: list[str]  # agents whose input waits


class Typing(TypedDict):
    """Who types just now; None when nobody has for a moment."""

    type: Literal["typing"]
    id: str | None


_Line = TypedDict("_Line", {"from": str})  # the participant's id; a word that a class cannot have as a field


class ChatLine(_Line):
    """Something said; the rest tells who said it, as they were then. `id` counts up within a session, `at` is ISO 8601."""

    id: int
    user: str | None
    name: str
    kind: Kind
    colour: str
    initials: str
    text: str
    at: str


class ChatMessage(ChatLine):
    type: Literal["chat"]


class ChatHistory(TypedDict):
    """What was said before, the oldest first; not sent when nothing was."""

    type: Literal["chat_history"]
    messages: list[ChatLine]


class InputAck(TypedDict):
    type: Literal["input_ack"]
    bytes: int


class SessionStatus(TypedDict):
    """What the session is doing: the same object as a card's `session` in the API, or null before its first start."""

    type: Literal["session"]
    session: dict[str, object] | None
    attached: bool  # the terminal's stream is live


class TerminalEnded(TypedDict):
    """The program of a further terminal ended by itself. A shell's terminal is closed with it, an agent's stays."""

    type: Literal["terminal_ended"]
    exit_code: int


class Refused(TypedDict):
    """Input was not taken, and why (`watch` cannot type; the session is not running); or a hand or chat message was not."""

    type: Literal["refused"]
    reason: str
    about: NotRequired[Literal["hand", "chat", "floor"]]  # input where it is missing


class Ended(TypedDict):
    """Your way in has ended, for people to read; the socket is closed with FORBIDDEN after it. The web server
    passes on the code of a close, not its reason."""

    type: Literal["ended"]
    reason: str


class RecordingStatus(TypedDict):
    """Whether what the terminal prints is recorded, and what is typed; told at the beginning, and when it changes."""

    type: Literal["recording"]
    on: bool
    input: bool
    problem: str  # why it is not, though it should be; else empty


class Pong(TypedDict):
    type: Literal["pong"]
    id: int


ServerMessage = (
    Welcome
    | Screen
    | Size
    | Answerer
    | Participants
    | Floor
    | Typing
    | ChatMessage
    | ChatHistory
    | InputAck
    | SessionStatus
    | TerminalEnded
    | Refused
    | Ended
    | RecordingStatus
    | Pong
)
