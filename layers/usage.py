"""What of the layers is in use above: asked of whoever registers here, since nothing below knows of sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Ids of builds, names or ids of images, beginnings of images' names, names of volumes that must stay."""

    builds: frozenset[int] = frozenset()
    images: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()

    def has_image(self, *names: str) -> bool:
        return bool(self.images & set(names)) or any(name.startswith(tuple(self.prefixes)) for name in names)


_providers: list[Callable[[], Usage]] = []


def register(provider: Callable[[], Usage]) -> None:
    """`provider` may ask the database. When it raises, nothing is collected."""
    if provider not in _providers:
        _providers.append(provider)


def all_of() -> Usage:
    found = [provider() for provider in _providers]
    return Usage(
        frozenset().union(*(usage.builds for usage in found)),
        frozenset().union(*(usage.images for usage in found)),
        frozenset().union(*(usage.volumes for usage in found)),
        frozenset().union(*(usage.prefixes for usage in found)),
    )
