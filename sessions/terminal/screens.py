"""The WebSocket of a page's miniatures: which terminals it shows, and the clock of their frames."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import assert_never, cast

from sessions.direct import DirectConsumer
from sessions.protocol import BAD_MESSAGE
from sessions.terminal import keys
from sessions.terminal.consumer import Denial
from sessions.terminal.history import Replay
from sessions.terminal.hub import Hub
from sessions.terminal.hubs import hubs
from sessions.terminal.messages import BadMessage
from sessions.terminal.preview import Preview
from sessions.terminal.ring import RingBusy
from sessions.terminal.screens_protocol import CARDS, FRAME_S, TEXT_FRAME_BYTES, Drawn, PageMessage, People, Ping, Show

NUMBER_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ScreensGrant:
    """`terminals_of` finds, of some cards' terminals by number, the keys of those that may be seen; decided by `boards`."""

    terminals_of: Callable[[dict[str, int]], Awaitable[dict[str, str]]]


@dataclass(eq=False)
class Shown:
    """A card whose miniature can be seen. It has no hub while another process holds the terminal."""

    card: str
    number: int
    key: str
    hub: Hub | None = None
    preview: Preview = field(default_factory=Preview)
    told: object = None  # of which hub, and how far, the page knows who is in it

    def take_hub(self) -> Hub | None:
        if self.hub is None:
            with contextlib.suppress(RingBusy):
                self.hub = hubs.of(self.key)
                self.hub.onlookers += 1
        return self.hub

    def news_of_people(self) -> People | None:
        room = self.hub.room if self.hub else None
        now = (room, room.version) if room else None
        if room is None or now == self.told or not (room.participants or self.told):
            return None
        self.told = now
        return {"type": "people", "card": self.card, "participants": room.participants, "typing": room.typist.who}

    def release(self) -> None:
        if self.hub is not None:
            self.hub.onlookers -= 1
            hubs.release(self.hub)
            self.hub = None


class ScreensConsumer(DirectConsumer):
    async def connect(self) -> None:
        await self.accept()
        self._shown: dict[str, Shown] = {}
        self._clock: asyncio.Task[None] | None = None
        given: ScreensGrant | Denial = self.scope["screens"]
        if isinstance(given, Denial):
            await self.close(code=given.code, reason=given.reason[:120])
            return
        self._grant = given

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        try:
            message = parse(text_data or "")
        except BadMessage as error:
            await self.close(code=BAD_MESSAGE, reason=str(error)[:120])
            return
        match message["type"]:
            case "show":
                await self._show(message["cards"])
            case "drawn":
                if message["card"] in self._shown:
                    self._shown[message["card"]].preview.drawn()
            case "ping":
                await self.send(text_data='{"type":"pong"}')
            case other:
                assert_never(other)

    async def _show(self, cards: list[str]) -> None:
        wanted = dict(map(place_of, cards))
        self._drop([card for card, shown in self._shown.items() if wanted.get(card) != shown.number])
        new = {card: number for card, number in wanted.items() if card not in self._shown}
        if new:
            found = await self._grant.terminals_of(new)
            self._shown |= {card: Shown(card, new[card], key) for card, key in found.items()}
        if self._shown and self._clock is None:
            self._clock = asyncio.create_task(self._run())

    def _drop(self, cards: Iterable[str]) -> None:
        for card in cards:
            self._shown.pop(card).release()
        if not self._shown and self._clock is not None:
            self._clock.cancel()
            self._clock = None

    async def _run(self) -> None:
        while True:
            for card, shown in list(self._shown.items()):
                hub = shown.take_hub()
                size = (hub.rows, hub.cols) if hub else (0, 0)
                frame = shown.preview.frame(hub.history, size, time.monotonic()) if hub else None
                if frame is not None:
                    await self._send_frame(card, size, frame)
                if (people := shown.news_of_people()) is not None:
                    await self.send(text_data=json.dumps(people, separators=(",", ":")))
            await asyncio.sleep(FRAME_S / 2)

    async def _send_frame(self, card: str, size: tuple[int, int], frame: Replay) -> None:
        message = {
            "type": "screen",
            "card": card,
            "rows": size[0],
            "cols": size[1],
            "bytes": len(frame.data),
            "reset": frame.reset,
            "prelude": frame.prelude,
        }
        await self.send(text_data=json.dumps(message, separators=(",", ":")))
        if frame.data:
            await self.send(bytes_data=frame.data)

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        self._drop(list(self._shown))


def place_of(text: str) -> tuple[str, int]:
    """`card` or `card/number`."""
    card, _, number = text.partition("/")
    return card, int(number) if number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS else keys.MAIN


def parse(text: str) -> PageMessage:
    """One text frame as a message. Raises `BadMessage`."""
    if len(text) > TEXT_FRAME_BYTES:
        raise BadMessage(f"a text frame takes at most {TEXT_FRAME_BYTES} characters")
    try:
        message = json.loads(text)
    except ValueError as error:
        raise BadMessage("a frame is a JSON object") from error
    match message:
        case {"type": "show", "cards": list(cards)} if all(isinstance(c, str) for c in cards) and len(cards) <= CARDS:
            return Show(type="show", cards=cast(list[str], cards))
        case {"type": "drawn", "card": str(card)}:
            return Drawn(type="drawn", card=card)
        case {"type": "ping"}:
            return Ping(type="ping")
    raise BadMessage(f"one of show (cards: at most {CARDS} ids), drawn (card: an id), ping")
