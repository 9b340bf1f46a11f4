"""What one terminal's recorder does in a thread: the row, the file, the bounds. No event loop here."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from django.conf import settings

from sessions.models import Recording
from sessions.recording import cast, store
from sessions.recording.cast import Header
from sessions.recording.masks import Masks
from sessions.recording.tape import Item, Tape

log = logging.getLogger(__name__)

NOTE_EVERY_S: Final = 10.0  # the row follows the file
AGAIN_AFTER_S: Final = 60.0  # once the disk was full


@dataclass
class Beginning:
    """What a recording that begins now begins with. `earlier`: the output before, where it begins in the middle."""

    shell: str
    rows: int
    cols: int
    title: str
    with_input: bool
    earlier: bytes
    secrets: tuple[str, ...]


@dataclass
class Writing:
    """Of one terminal. `write` and `close` come one after the other, in whatever thread."""

    session_id: str
    terminal: int
    problem: str = ""  # why nothing is recorded though it should be
    _tape: Tape | None = None
    _row: Recording | None = None
    _shell: str = ""
    _noted_at: float = field(default=0.0)
    _again_at: float = field(default=0.0)
    _masks: Masks = field(default_factory=Masks)

    @property
    def open(self) -> bool:
        return self._tape is not None

    @property
    def waiting(self) -> bool:
        return self._tape is not None and self._tape.waiting

    def write(self, items: Sequence[Item], beginning: Beginning) -> None:
        now = time.time()
        self._masks.use(beginning.secrets)
        if self._tape is not None and (self._shell != beginning.shell or self._gone(now, beginning)):
            self.close()
        if self._tape is None and (now < self._again_at or not self._open(beginning, items, now)):
            return
        tape, row = self._tape, self._row
        if tape is None or row is None:
            return
        try:
            tape.write(items, now)
        except OSError as error:
            self._failed(error)
            return
        if tape.full:
            self.close(cut=True)
        elif now - self._noted_at >= NOTE_EVERY_S:
            self._noted_at = now
            store.note(row, tape.size_bytes, tape.duration_s)

    def _gone(self, now: float, beginning: Beginning) -> bool:
        """Its row was deleted, or from now on it is to be another one: with input, or without."""
        row = self._row
        if row is None or row.input != beginning.with_input:
            return True
        return now - self._noted_at >= NOTE_EVERY_S and not store.exists(row)

    def _open(self, beginning: Beginning, items: Sequence[Item], now: float) -> bool:
        ask = {"with_input": beginning.with_input}
        going_on = store.latest_to_go_on(self.session_id, self.terminal, beginning.shell, **ask)
        printed = any(item.kind == "output" for item in items)  # nobody watches who came and went at a silent terminal
        row = going_on or (store.begin(self.session_id, self.terminal, **ask) if printed else None)
        if row is None:
            return False
        began = int(min([now, *(item.at for item in items)]))
        header = Header(beginning.cols, beginning.rows, began, beginning.title, beginning.shell)
        self._row, self._shell, self._noted_at = row, beginning.shell, 0.0
        try:
            self._tape = self._begun(store.path_of(row), header, beginning, goes_on=going_on is not None)
        except OSError as error:
            self._failed(error)
            return False
        self.problem = ""
        return True

    def _begun(self, path: Path, header: Header, beginning: Beginning, *, goes_on: bool) -> Tape:
        if goes_on and (written := cast.read_header(path)):
            header = replace(header, timestamp=written.timestamp)
        tape = Tape(path, header, self._masks, limit_bytes=settings.RECORDING_BYTES)
        now = time.time()
        if goes_on:
            tape.write([Item("size", now, text=f"{header.cols}x{header.rows}")], now)
        elif beginning.earlier:
            tape.begin_with(beginning.earlier, now)
        return tape

    def close(self, *, cut: bool = False) -> None:
        tape, row = self._tape, self._row
        self._tape = self._row = None
        if tape is None or row is None:
            return
        try:
            tape.close(time.time())
        except OSError as error:
            log.warning("the end of a recording of %s is not written: %s", self.session_id, error)
        store.note(row, tape.size_bytes, tape.duration_s, ended=True, cut=cut)

    def _failed(self, error: OSError) -> None:
        log.warning("the terminal of %s is not recorded: %s", self.session_id, error)
        self.problem = (
            f"It could not be written: {error.strerror or error}. The terminal goes on without being recorded."
        )
        self._again_at = time.time() + AGAIN_AFTER_S
        if self._tape is None and self._row is not None:
            store.note(self._row, 0, 0.0, ended=True)
        self.close()
        self._row = None
