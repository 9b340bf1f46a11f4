"""What was said beside a terminal: the last lines, in a file beside its history that goes with the card."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from django.conf import settings

from sessions.protocol import CHAT_KEPT, ChatLine

log = logging.getLogger(__name__)


def chat_path(session_id: str) -> Path:
    return Path(settings.DATA_DIR) / "terminals" / f"{session_id}.chat"


class ChatLog:
    """Read when it is first asked for. One line of JSON per message; rewritten now and then, so that it stays short."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[ChatLine] | None = None
        self._written = 0  # lines in the file

    @property
    def lines(self) -> list[ChatLine]:
        """The oldest first."""
        if self._lines is None:
            found, whole = _read(self._path)
            self._written = len(found) if whole else 2 * CHAT_KEPT
            self._lines = found[-CHAT_KEPT:]
        return self._lines

    @property
    def next_id(self) -> int:
        return self.lines[-1]["id"] + 1 if self.lines else 1

    def add(self, line: ChatLine) -> None:
        self.lines.append(line)
        del self.lines[:-CHAT_KEPT]
        rewrite = self._written >= 2 * CHAT_KEPT
        try:
            self._write(self.lines if rewrite else [line], os.O_TRUNC if rewrite else os.O_APPEND)
        except OSError as error:  # a full disk: those who are here have it all the same
            log.warning("the chat of a terminal is not kept: %s", error)
            return
        self._written = len(self.lines) if rewrite else self._written + 1

    def _write(self, lines: list[ChatLine], how: int) -> None:
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, 0o600)
        try:
            os.write(fd, "".join(json.dumps(line) + "\n" for line in lines).encode())
        finally:
            os.close(fd)


def _read(path: Path) -> tuple[list[ChatLine], bool]:
    """What is in the file, and whether more can be written behind it."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return [], True
    found: list[ChatLine] = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:  # cut off by a full disk or a crash
            log.warning("a line of %s cannot be read", path.name)
    return found, text.endswith("\n")
