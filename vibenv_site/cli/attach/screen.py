"""What is written to one's own terminal, in order, by a thread: one that reads slowly must not stop the keys."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Final

from vibenv_site.cli.attach.tty import Terminal
from vibenv_site.cli.output import one_line

NOTICE_S: Final = 4.0
MOST_WAITING: Final = 64  # frames; then the connection is read no further
Done = Callable[[], None]


class Screen:
    """`write` output; `notice` shows words in the upper right corner for a moment."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._loop = asyncio.get_running_loop()
        self._waiting: queue.SimpleQueue[tuple[bytes, Done | None] | None] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(MOST_WAITING)
        self._erasing: asyncio.TimerHandle | None = None
        self._covered = 0
        self.broken = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    async def write(self, data: bytes, done: Done | None = None) -> None:
        """`done` runs once it is written."""
        await self._room.acquire()
        self._waiting.put((data, done))

    def notice(self, text: str, for_s: float | None = NOTICE_S) -> None:
        """Without `for_s` until the next one, or `clear`."""
        if not self._terminal.is_screen:
            return
        self.clear()
        columns = self._columns()
        words = f" {one_line(text)} "[: max(columns - 2, 10)]
        self._covered = len(words)
        at = max(columns - len(words) + 1, 1)
        self._aside(f"\x1b7\x1b[?6l\x1b[1;{at}H\x1b[0;7m{words}\x1b[0m\x1b8")
        if for_s is not None:
            self._erasing = self._loop.call_later(for_s, self.clear)

    def clear(self) -> None:
        if self._erasing is not None:
            self._erasing.cancel()
            self._erasing = None
        if self._covered:
            at = max(self._columns() - self._covered + 1, 1)
            self._aside(f"\x1b7\x1b[?6l\x1b[1;{at}H\x1b[0m{' ' * self._covered}\x1b8")
            self._covered = 0

    def title(self, text: str) -> None:
        if self._terminal.is_screen:
            self._aside(f"\x1b]2;{one_line(text)}\x07")

    def end(self, timeout_s: float = 1.0) -> None:
        """What waits is written first, if the terminal takes it."""
        self._waiting.put(None)
        self._thread.join(timeout_s)

    def _aside(self, text: str) -> None:
        self._waiting.put((text.encode(), None))

    def _columns(self) -> int:
        from vibenv_site.cli.attach.tty import size

        return size(self._terminal.fd_out)[1]

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            data, done = item
            try:
                self._terminal.write(data)
            except OSError:  # nobody looks any more
                self._loop.call_soon_threadsafe(self.broken.set)
                return
            if done is not None:
                self._loop.call_soon_threadsafe(self._written, done)

    def _written(self, done: Done) -> None:
        self._room.release()
        done()
