"""The session's secrets, to be taken out of what a verb tells."""

from __future__ import annotations

from channels.db import database_sync_to_async

from sessions import masking
from sessions.work.place import Place


async def secrets_of(place: Place) -> tuple[str, ...]:
    found: tuple[str, ...] = await _values_of(place.session_id)
    return found


async def masked(place: Place, text: str) -> str:
    said: str = await _mask(place.session_id, text)
    return said


_values_of = database_sync_to_async(masking.values_of, thread_sensitive=False)
_mask = database_sync_to_async(masking.mask, thread_sensitive=False)
