"""The socket of live miniatures: every message and limit. Holds messages only; no logic.

Address: `/ws/boards/<board id>/screens`. Access and close codes are those of the board's socket and
`sessions/protocol.py`. One socket serves all miniatures of a page.

The page says with `show` which cards can be seen just now: always the whole set, an empty one when the page is hidden.
For each of them whose terminal has something new, the server sends a `screen`, followed by one binary frame of
`bytes` bytes (none when `bytes` is 0). The page writes them to a terminal that nobody can type into, and answers `drawn`;
until then the next frame for that card waits, so that a slow page costs no memory here.

A frame holds what the terminal wrote since the last one: `reset` is false. The first frame, and one after more output
than is worth sending, begins anew: `reset` is true, so clear the terminal, write `prelude` (modes in force), then the bytes.
Beside the frames, `people` tells who is in a card's terminal, who of them raises a hand and who types, when that changes.

At most one frame per `FRAME_S` is sent for a card, and at most `BYTES_PER_S`.
"""

from __future__ import annotations

from typing import Final, Literal, TypedDict

from sessions.protocol import Participant

FRAME_S: Final = 0.34  # between two frames of a card
BYTES_PER_S: Final = 96 * 1024  # of a card, on average
FIRST_BYTES: Final = 128 * 1024  # of history in a card's first frame at most
SKIP_BYTES: Final = 32 * 1024  # a frame of more than this is replaced by the last so many bytes
CARDS: Final = 200  # shown at once by a page at most
TEXT_FRAME_BYTES: Final = 16 * 1024  # one JSON frame from a page


# page to server -----------------------------------------------------------------------------------------
class Show(TypedDict):
    """Cards whose miniatures can be seen now: a card's id for its main terminal, `<id>/<number>` for a further one.

    Cards of other boards, and unknown ones, are ignored; for a terminal that is not there the main one is shown.
    """

    type: Literal["show"]
    cards: list[str]


class Drawn(TypedDict):
    """The card's latest frame has been drawn."""

    type: Literal["drawn"]
    card: str


class Ping(TypedDict):
    """Answered by `pong`."""

    type: Literal["ping"]


PageMessage = Show | Drawn | Ping


# server to page -----------------------------------------------------------------------------------------
class Screen(TypedDict):
    """A frame for one card; its bytes follow."""

    type: Literal["screen"]
    card: str
    rows: int
    cols: int
    bytes: int
    reset: bool
    prelude: str


class People(TypedDict):
    """Who is in a card's terminal; not sent for one that nobody was in since it is shown."""

    type: Literal["people"]
    card: str
    participants: list[Participant]
    typing: str | None  # a participant's id


class Pong(TypedDict):
    type: Literal["pong"]
