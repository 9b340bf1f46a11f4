"""What people may write into names, titles and descriptions."""

from __future__ import annotations

from engines.errors import InvalidInput


def checked(name: str, value: str, limit: int, *, empty: bool = False) -> str:
    """`value` without the blanks around it. Raises `InvalidInput`, which calls the field `name`."""
    value = value.strip()
    if "\x00" in value:
        raise InvalidInput(f"{name}: has a NUL character; take it out.")
    if not value and not empty:
        raise InvalidInput(f"{name}: is empty; give it at least one character.")
    if len(value) > limit:
        raise InvalidInput(f"{name}: has {len(value)} characters; it takes at most {limit}.")
    return value
