"""The frames between the web process and `relay.pl`: a kind, a channel, a length, then so many bytes. Pure."""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

HEADER: Final = struct.Struct(">BLL")
LARGEST_BYTES: Final = 32 * 1024  # of what one frame holds
WINDOW_BYTES: Final = 128 * 1024  # that may be under way on one channel, each way, before the other side has taken some
MOST_CHANNELS: Final = 64
CROWDED: Final = 48  # from so many on none is kept open for nothing
SILENCE_S: Final = 60  # after which the relay takes us for gone; it is told something three times as often


class Kind(enum.IntEnum):
    OPENED = 1  # from it: a connection came
    DATA = 2
    ENDED = 3  # from it: the client says no more. From us: close it once all was given
    GONE = 4  # from it: the connection is no more
    TAKEN = 5  # so many bytes (a number of 4 bytes) were given on, so as many may come
    ALIVE = 6  # of no channel. From it: it listens
    FAILED = 7  # from it, of no channel: why it cannot listen


KINDS: Final = frozenset(int(kind) for kind in Kind)


class BadFrame(Exception):
    """What came is none of `relay.pl`'s."""


@dataclass(frozen=True, slots=True)
class Frame:
    kind: Kind
    channel: int = 0
    data: bytes = b""

    def packed(self) -> bytes:
        return HEADER.pack(self.kind, self.channel, len(self.data)) + self.data


def taken(channel: int, count: int) -> Frame:
    return Frame(Kind.TAKEN, channel, count.to_bytes(4, "big"))


class Reader:
    """Frames out of a stream that is cut anywhere."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Raises `BadFrame`."""
        self._held += data
        while len(self._held) >= HEADER.size:
            kind, channel, length = HEADER.unpack_from(self._held)
            if length > LARGEST_BYTES or kind not in KINDS:
                raise BadFrame(f"a frame of kind {kind} with {length} bytes")
            end = HEADER.size + length
            if len(self._held) < end:
                return
            data = bytes(self._held[HEADER.size : end])
            del self._held[:end]
            yield Frame(Kind(kind), channel, data)
