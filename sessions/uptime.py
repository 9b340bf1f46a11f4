"""Since when the engine has been there without a break, as the thread of this process knows that follows its events."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

_watched = False
_since: datetime | None = None


def there() -> None:
    """It answers, and its events are being followed from now on."""
    global _watched, _since
    _watched, _since = True, timezone.now()


def gone() -> None:
    """Its events broke off."""
    global _since  # noqa: PLW0603
    _since = None


def forget() -> None:
    """Nobody follows its events here any more."""
    global _watched, _since
    _watched, _since = False, None


def interrupted(since: datetime) -> bool:
    """Whether it was away at some time since then, which ends containers that did nothing wrong. Where nobody watches: no."""
    return _watched and (_since is None or _since > since)
