"""The last bytes of a terminal's output, in a memory-mapped file so that they outlive the web process.

The file is locked while open: whoever holds it is the only one in the deployment that may attach to the terminal.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import secrets
import struct
from pathlib import Path
from typing import Any

from django.conf import settings

from sessions.protocol import RING_BYTES

MAGIC = b"VBR1"
HEADER = struct.Struct("<4s12sQ")  # magic, epoch, bytes ever written
NOTE_AT = 64
HEADER_BYTES = 4096


def ring_path(session_id: str) -> Path:
    """Where a session's history is kept."""
    return Path(settings.DATA_DIR) / "terminals" / f"{session_id}.ring"


class RingBusy(Exception):
    """Another process has this terminal."""


class Ring:
    """Bytes numbered from 0 since the epoch began; the last `RING_BYTES` of them can be read."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._fd)
            raise RingBusy(str(path)) from error
        os.ftruncate(self._fd, HEADER_BYTES + RING_BYTES)
        self._map = mmap.mmap(self._fd, HEADER_BYTES + RING_BYTES)
        magic, epoch, seq = HEADER.unpack_from(self._map)
        if magic != MAGIC:
            epoch, seq = secrets.token_hex(6).encode(), 0
            HEADER.pack_into(self._map, 0, MAGIC, epoch, 0)
            self.note = {}
        self.epoch: str = epoch.decode()
        self.seq: int = seq

    @property
    def start(self) -> int:
        """Number of the oldest byte still held."""
        return max(0, self.seq - RING_BYTES)

    def append(self, data: bytes) -> None:
        """Add output. The count is written last, so a process killed in between loses only this call's bytes."""
        kept = data[-RING_BYTES:]
        at = (self.seq + len(data) - len(kept)) % RING_BYTES
        first = min(len(kept), RING_BYTES - at)
        self._map[HEADER_BYTES + at : HEADER_BYTES + at + first] = kept[:first]
        if first < len(kept):
            self._map[HEADER_BYTES : HEADER_BYTES + len(kept) - first] = kept[first:]
        self.seq += len(data)
        HEADER.pack_into(self._map, 0, MAGIC, self.epoch.encode(), self.seq)

    def read(self, since: int) -> bytes:
        """Bytes from number `since` to the end; `since` must lie within what is held."""
        if not self.start <= since <= self.seq:
            raise ValueError(f"{since} is not within {self.start}..{self.seq}")
        at, length = since % RING_BYTES, self.seq - since
        first = min(length, RING_BYTES - at)
        head = self._map[HEADER_BYTES + at : HEADER_BYTES + at + first]
        return head + self._map[HEADER_BYTES : HEADER_BYTES + length - first]

    @property
    def note(self) -> dict[str, Any]:
        """A small JSON object kept with the bytes."""
        (length,) = struct.unpack_from("<H", self._map, NOTE_AT)
        raw = self._map[NOTE_AT + 2 : NOTE_AT + 2 + length]
        loaded: dict[str, Any] = json.loads(raw) if raw else {}
        return loaded

    @note.setter
    def note(self, value: dict[str, Any]) -> None:
        raw = json.dumps(value).encode()
        if len(raw) > HEADER_BYTES - NOTE_AT - 2:
            raise ValueError("the note is too large")
        self._map[NOTE_AT : NOTE_AT + 2 + len(raw)] = struct.pack("<H", len(raw)) + raw

    def close(self) -> None:
        self._map.close()
        os.close(self._fd)
