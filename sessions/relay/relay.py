"""The relay of one session: `relay.pl` in its container, and a task for each connection that comes through it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from importlib import resources
from typing import Final

from engines.current import engine
from engines.errors import EngineError
from engines.protocol import RunningCommand
from sessions.relay import http
from sessions.relay.channel import Channel
from sessions.relay.frames import CROWDED, MOST_CHANNELS, SILENCE_S, BadFrame, Frame, Kind, Reader

log = logging.getLogger(__name__)

SCRIPT: Final = resources.files(__package__).joinpath("relay.pl").read_text()
PORT: Final = 7717
SOCKET: Final = "/run/vibenv/api.sock"
PID_FILE: Final = "/run/vibenv/relay.pid"
ADDRESS: Final = f"http://127.0.0.1:{PORT}"  # of the API, inside the session
ARGV: Final = ("perl", "-e", SCRIPT, "--", str(PORT), SOCKET, PID_FILE)
END_S: Final = 3.0


class Relay:
    """`run` lasts as long as the process in the container does."""

    def __init__(self, container: str, app: http.App) -> None:
        self._container = container
        self._app = app
        self._channels: dict[int, Channel] = {}
        self._serving: set[asyncio.Task[None]] = set()
        self._out: asyncio.Queue[Frame] = asyncio.Queue()  # bounded by the channels' windows
        self.listens = asyncio.Event()

    async def run(self) -> None:
        """Returns when the relay ended; raises `EngineError` where it cannot be."""
        command = await _begun(self._container)
        others = [asyncio.create_task(self._write(command)), asyncio.create_task(self._keep_alive())]
        try:
            await self._read(command)
        except BadFrame as error:
            raise EngineError(f"The relay in {self._container} said what it must not: {error}.") from error
        finally:
            for task in [*others, *self._serving]:
                task.cancel()
            await asyncio.gather(*others, *self._serving, return_exceptions=True)
            command.close()

    async def _read(self, command: RunningCommand) -> None:
        reader = Reader()
        while (came := await command.read()) is not None:
            stream, data = came
            if stream == 1:
                for frame in reader.feed(data):
                    self._heard(frame)
            else:
                log.warning("the relay in %s: %s", self._container, data.decode(errors="replace").strip()[:300])

    def _heard(self, frame: Frame) -> None:
        if frame.kind is Kind.OPENED:
            self._opened(frame.channel)
            return
        if frame.kind is Kind.ALIVE:
            self.listens.set()
            return
        if frame.kind is Kind.FAILED:
            raise EngineError(f"The relay in {self._container} cannot listen: {frame.data.decode(errors='replace')}.")
        channel = self._channels.get(frame.channel)
        if channel is None:
            return
        if frame.kind is Kind.DATA:
            channel.came(frame.data)
        elif frame.kind is Kind.TAKEN:
            channel.given(int.from_bytes(frame.data, "big"))
        else:
            channel.ended(gone=frame.kind is Kind.GONE)

    def _opened(self, number: int) -> None:
        if len(self._channels) >= 2 * MOST_CHANNELS:  # some may be closing
            raise BadFrame("more connections than it may take")
        channel = self._channels[number] = Channel(number, self._out.put_nowait)
        task = asyncio.create_task(self._serve(channel))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, channel: Channel) -> None:
        try:
            await http.serve(channel, self._app, self._container, lambda: len(self._channels) >= CROWDED)
        except Exception:
            log.exception("a connection of %s failed", self._container)
        finally:
            del self._channels[channel.number]

    async def _write(self, command: RunningCommand) -> None:
        with contextlib.suppress(OSError):  # it ended: reading says so, too
            while True:
                parts = [await self._out.get()]
                while not self._out.empty():
                    parts.append(self._out.get_nowait())
                await command.write(b"".join(part.packed() for part in parts))

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(SILENCE_S / 3)
            self._out.put_nowait(Frame(Kind.ALIVE))


async def _begun(container: str) -> RunningCommand:
    """A thread cannot be cancelled: what it still begins is closed, or it would stay in the container."""
    beginning = asyncio.ensure_future(asyncio.to_thread(engine().begin, container, ARGV, {}, takes_input=True))
    try:
        return await asyncio.shield(beginning)
    except asyncio.CancelledError:
        with contextlib.suppress(EngineError):
            (await beginning).close()
        raise
