"""Text and keys typed into a terminal, whatever runs in it."""

from __future__ import annotations

from collections.abc import Sequence

from engines.errors import InvalidInput
from sessions.terminal.actor import Actor
from sessions.work import typed
from sessions.work.place import Place
from sessions.work.terminals import terminal


async def type_text(
    place: Place, actor: Actor, text: str = "", *, enter: bool = False, keys: Sequence[str] = ()
) -> int:
    """First `text` as it is, then `keys` by their names, then Enter. Gives the number of the next byte of output.

    Raises `InvalidInput`, `PolicyRejected`.
    """
    data = text.replace("\r\n", "\r").replace("\n", "\r").encode() + b"".join(typed.key(name) for name in keys)
    data += b"\r" if enter else b""
    if not data:
        raise InvalidInput("text: is empty; give text, keys or enter.")
    if len(data) > typed.TEXT_BYTES:
        raise InvalidInput(f"text: takes at most {typed.TEXT_BYTES // 1024} KiB at once; write more to a file.")
    async with terminal(place) as hub:
        await hub.floor.admit(actor)
        seq = hub.history.seq
        hub.type_as(actor, data)
        return seq
