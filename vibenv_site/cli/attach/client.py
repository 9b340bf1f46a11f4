"""One's own terminal joined to a card's: keys there, output here, for as long as it lasts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
from dataclasses import dataclass
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from vibenv_site.cli.attach import keys, tty
from vibenv_site.cli.attach.room import Room
from vibenv_site.cli.attach.screen import Screen
from vibenv_site.cli.attach.stream import Stream
from vibenv_site.cli.attach.typed import Typed
from vibenv_site.cli.config import Target
from vibenv_site.cli.errors import FAILED, INTERRUPTED, NO_ACCESS, NOT_FOUND, UNREACHABLE, CliError

READ_BYTES: Final = 64 * 1024
PAUSES_S: Final = (0.1, 0.3, 1.0, 2.0, 3.0)
PING_S: Final = 10.0
ACK_WITHIN_S: Final = 0.05
ENDS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
FINAL: Final = {
    4400: ("the server did not understand us: is it of another version?", FAILED),
    4401: ("the login is not valid any more", NO_ACCESS),
    4403: ("you may not be here any more", NO_ACCESS),
    4404: ("there is no such card, or terminal", NOT_FOUND),
    4410: ("it was deleted", NOT_FOUND),
    4413: ("more was sent than the server takes", FAILED),
}
CTRL_C: Final = b"\x03"


@dataclass(frozen=True, slots=True)
class Ended:
    """Why it is over, for people, and the exit code."""

    words: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A terminal of a card: where its socket is, and what people call it."""

    target: Target
    path: str
    title: str


class Client:
    """`run` until somebody leaves, or there is nothing more to see."""

    def __init__(self, place: Place, terminal: tty.Terminal, detach: re.Pattern[bytes], watching: bool) -> None:
        self.target = place.target
        self.path = place.path
        self.title = place.title
        self.terminal = terminal
        self.detach = detach
        self.watching = watching
        self.stream = Stream()
        self.stream.filter.watching = watching
        self.typed = Typed()
        self.room = Room()
        self.alternate = False
        self._attached = False
        self._lived = False
        self._acked = 0
        self._ack_due: asyncio.TimerHandle | None = None
        self._socket: ClientConnection | None = None

    async def run(self) -> Ended:
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Ended] = self._loop.create_future()
        self._pending = asyncio.Event()
        self.screen = Screen(self.terminal)
        self._listen()
        tasks = [asyncio.create_task(self._stay_connected()), asyncio.create_task(self._send_typed())]
        tasks.append(asyncio.create_task(self._until_broken()))
        try:
            for task in tasks:
                task.add_done_callback(self._failed)
            return await self._ended
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._loop.remove_reader(self.terminal.fd_in)
            self.screen.clear()
            self.screen.end()

    def _failed(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._ended.done():
            self._ended.set_exception(error)

    def end(self, words: str, code: int = 0) -> None:
        if not self._ended.done():
            self._ended.set_result(Ended(words, code))

    async def _until_broken(self) -> None:
        await self.screen.broken.wait()
        self.end("", FAILED)

    def _listen(self) -> None:
        for each in ENDS:
            self._loop.add_signal_handler(each, self.end, "Ended by a signal.", INTERRUPTED)
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        self._loop.add_signal_handler(signal.SIGCONT, self._continued)
        self._loop.add_reader(self.terminal.fd_in, self._keys)

    # keys -----------------------------------------------------------------------------------------------
    def _keys(self) -> None:
        try:
            data = os.read(self.terminal.fd_in, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self.terminal.fd_in)
            self.end("Your terminal is gone.", FAILED if self.terminal.raw else 0)
            return
        if left := self.detach.search(data):
            data = data[: left.start()]
        self._took(self._own(data))
        if left or (self.watching and CTRL_C in data):
            self.end("Left; it goes on.")

    def _own(self, data: bytes) -> bytes:
        """Keys for us rather than for the shell; gives the others."""
        if not self.room.knows_floor:
            return data
        for key in keys.OWN.findall(data):
            if key == keys.CONTROL:
                self._tell(type="control", take=self.room.holder != self.room.you)
            else:
                self._tell(type="pause", agents=not self.room.agents_paused)
        return keys.OWN.sub(b"", data)

    def _took(self, data: bytes) -> None:
        data, answers = self.stream.filter.answers_in(data)
        for answer in answers:
            self._tell(type="answer", data=answer.decode("latin-1"))
        if self.watching or not data:
            return
        self.typed.push(data)
        self._pending.set()
        if self.typed.full:
            self._loop.remove_reader(self.terminal.fd_in)

    async def _send_typed(self) -> None:
        while True:
            await self._pending.wait()
            self._pending.clear()
            while self._socket is not None and (frame := self.typed.next()):
                with contextlib.suppress(ConnectionClosed):
                    await self._socket.send(frame)
            if not self.typed.full:
                self._loop.add_reader(self.terminal.fd_in, self._keys)

    def _resized(self) -> None:
        rows, cols = tty.size(self.terminal.fd_out)
        self._tell(type="resize", rows=rows, cols=cols)

    def _continued(self) -> None:
        """Back in the foreground: whoever had the terminal meanwhile set it as they like."""
        self.terminal.enter()
        self._resized()

    # the connection -------------------------------------------------------------------------------------
    async def _stay_connected(self) -> None:
        failures = 0
        while not self._ended.done():
            try:
                async with self._connect() as socket:
                    failures = 0
                    await self._live(socket)
            except ConnectionClosed as error:
                self._closed(error.rcvd.code if error.rcvd else 1006)
            except (OSError, TimeoutError, InvalidHandshake) as error:
                if not self._lived:
                    raise self._unreachable(error) from error
            self._lost()
            await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
            failures += 1

    def _connect(self) -> connect:
        return connect(
            f"{self.target.websocket}{self.path}?as=human",  # what a token of one's own does not say
            additional_headers={"Authorization": f"Bearer {self.target.token}"},
            compression=None,
            max_size=None,
            open_timeout=15,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            close_timeout=1,
        )

    async def _live(self, socket: ClientConnection) -> None:
        rows, cols = tty.size(self.terminal.fd_out)
        hello = {"type": "hello", "rows": rows, "cols": cols, "answers": not self.watching and self.terminal.is_screen}
        await socket.send(json.dumps(hello | self.stream.resume()))
        self._socket = socket
        while True:  # until the connection is closed, which raises
            frame = await socket.recv()
            if isinstance(frame, bytes):
                await self._output(frame)
            else:
                await self._message(json.loads(frame))

    def _lost(self) -> None:
        self._socket = None
        self._attached = False
        self.stream.filter.answering = False
        under_way = self.typed.disconnected()
        if not self._ended.done():
            more = " The last keys may not have arrived." if under_way else ""
            self.screen.notice(f"Connection lost, reconnecting…{more}", for_s=None)

    def _closed(self, code: int) -> None:
        if code in FINAL:
            words, exit_code = FINAL[code]
            self.end(f"“{self.title}”: {words}.", exit_code)

    def _unreachable(self, error: Exception) -> CliError:
        if isinstance(error, InvalidStatus):
            return CliError(f"{self.target.url} refused: {error}.", "Is that a vibenv?", UNREACHABLE)
        return CliError(f"{self.target.url} cannot be reached: {error}.", "Is it running?", UNREACHABLE)

    def _tell(self, **message: Any) -> None:
        if self._socket is not None:
            task = self._loop.create_task(self._send(json.dumps(message)))
            task.add_done_callback(lambda done: done.exception())

    async def _send(self, text: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            if self._socket is not None:
                await self._socket.send(text)

    # output ---------------------------------------------------------------------------------------------
    async def _output(self, frame: bytes) -> None:
        shown = self.stream.bytes(frame)
        self._follow(shown)
        position = self.stream.position
        await self.screen.write(shown, lambda: self._shown(position))

    def _follow(self, data: bytes) -> None:
        """Which screen is on, so that leaving goes back from the other one only if it is."""
        on, off = data.rfind(b"\x1b[?1049h"), data.rfind(b"\x1b[?1049l")
        if on != off:
            self.alternate = on > off

    def _shown(self, position: int) -> None:
        self._acked = position
        if self._ack_due is None:
            self._ack_due = self._loop.call_later(ACK_WITHIN_S, self._ack)

    def _ack(self) -> None:
        self._ack_due = None
        self._tell(type="ack", seq=self._acked)

    # messages -------------------------------------------------------------------------------------------
    async def _message(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "welcome":
                self._welcome(message)
            case "screen":
                await self._begin(message)
            case "session":
                self._session(message)
            case "input_ack":
                self.typed.acked(message["bytes"])
                self._pending.set()
            case "answerer":
                self.stream.filter.answering = message["you"]
            case "size":
                self._sized(message)
            case "participants":
                self._people(message["participants"])
            case "refused":
                self.screen.notice(f"Not typed: {message['reason']}")
            case "ended":
                self.end(f"“{self.title}”: {message['reason']}", NO_ACCESS)
            case "chat":
                self.screen.notice(f"{message['name']}: {message['text']}", for_s=8)
            case "floor":
                self._say(self.room.floor(message))
            case _:  # of a newer server, or nothing to us
                pass

    def _welcome(self, message: dict[str, Any]) -> None:
        self._lived = True
        self.room.you = message["you"]["id"]
        self.typed.frame_bytes = message["limits"]["input_frame"]
        self.typed.window_bytes = message["limits"]["input_window"]
        self.screen.clear()
        if message["you"]["role"] == "watch" and not self.watching:
            self.watching = True
            self.screen.notice("You are watching: you may not type here.")

    async def _begin(self, message: dict[str, Any]) -> None:
        self.stream.screen(message)
        self._acked = self.stream.position
        if message["reset"] and self.terminal.is_screen:
            await self._show((tty.ALTERNATE_OFF if self.alternate else b"") + tty.FRESH)
            self.alternate = False
        if message["prelude"]:
            await self._show(message["prelude"].encode())

    async def _show(self, data: bytes) -> None:
        self._follow(data)
        await self.screen.write(data, lambda: None)

    def _session(self, message: dict[str, Any]) -> None:
        session, self._attached = message["session"] or {}, message["attached"]
        if self._attached:
            if not self.typed.resume():
                self.screen.notice("What you typed while disconnected was not sent: it waited too long.")
            self._pending.set()
            return
        self.typed.pause()
        if session.get("status") == "failed":
            self.end(f"“{self.title}” failed: {session['reason']}", FAILED)
        elif session and session["desired"] != "running":
            self.end(f"“{self.title}” is {session['status']} now.")

    def _sized(self, message: dict[str, Any]) -> None:
        """Whoever typed last decides the size; what is larger than one's own window is not seen whole."""
        rows, cols = tty.size(self.terminal.fd_out)
        if self.terminal.is_screen and (message["rows"] > rows or message["cols"] > cols):
            todo = "make your window larger" if self.watching else "type to have your size"
            self.screen.notice(
                f"Drawn for {message['cols']} by {message['rows']}, your window is {cols} by {rows}: {todo}"
            )

    def _people(self, people: list[dict[str, Any]]) -> None:
        self._say(self.room.participants(people))
        self.screen.title(f"{self.title}{self.room.others}")

    def _say(self, words: str) -> None:
        if words:
            self.screen.notice(words)
