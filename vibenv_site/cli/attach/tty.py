"""One's own terminal: raw while attached, and as it was afterwards, however that ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import termios
import tty
from collections.abc import Iterator
from typing import Any, Final

# What programs switch on and a next one would not expect: mouse, focus and paste reports, application keys, keyboard
# protocols, colours, a hidden cursor, margins.
MODES_OFF: Final = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[?2026l"
    b"\x1b[?1l\x1b>\x1b[<99u\x1b[>4m\x1b[0m\x1b[?7h\x1b[?25h\x1b[0 q\x1b[!p"
)
ALTERNATE_OFF: Final = b"\x1b[?1049l"
FRESH: Final = MODES_OFF + b"\x1b[H\x1b[2J"  # before a whole new screen
TITLE_SAVED: Final = b"\x1b[22;0t"
TITLE_BACK: Final = b"\x1b[23;0t"


def size(fd: int) -> tuple[int, int]:
    """Rows and columns, within what the protocol takes."""
    with contextlib.suppress(OSError):
        found = os.get_terminal_size(fd)
        if found.lines and found.columns:
            return found.lines, found.columns
    fallback = shutil.get_terminal_size()
    return fallback.lines, fallback.columns


class Terminal:
    """The standard streams. `alternate` follows what is written: whether the other screen is shown."""

    def __init__(self, fd_in: int, fd_out: int, raw: bool) -> None:
        self.fd_in = fd_in
        self.fd_out = fd_out
        self.raw = raw
        self.before: list[Any] | None = termios.tcgetattr(fd_in) if raw else None
        self.is_screen = os.isatty(fd_out)

    def enter(self) -> None:
        if self.raw:
            tty.setraw(self.fd_in)

    def write(self, data: bytes) -> None:
        """All of it; waits for a terminal that reads slowly, so it is called in a thread."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.fd_out, view) :]

    def restore(self, alternate: bool = True) -> None:
        if self.is_screen:
            with contextlib.suppress(OSError):
                self.write((ALTERNATE_OFF if alternate else b"") + MODES_OFF + TITLE_BACK)
        if self.before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.fd_in, termios.TCSADRAIN, self.before)


@contextlib.contextmanager
def guarded(terminal: Terminal) -> Iterator[None]:
    """A process beside ours that puts the terminal right if we are killed with no chance to do so."""
    if terminal.before is None:
        yield
        return
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(writer)
        _guard(terminal, reader)
    os.close(reader)
    try:
        yield
    finally:
        os.write(writer, b"done")
        os.close(writer)
        os.waitpid(pid, 0)


def _guard(terminal: Terminal, reader: int) -> None:
    """Ends when the pipe does: silently after `done`, else by restoring. Nothing that is sent to us all ends it."""
    try:
        ignored = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTTOU, signal.SIGTSTP)
        for each in ignored:
            signal.signal(each, signal.SIG_IGN)
        if not os.read(reader, 4):
            terminal.restore()
    finally:
        os._exit(0)
