"""When a session sleeps by itself: rules of the installation, which boards and cards change in part.

Pure. Seconds, of which 0 means never. `Session.rules` holds what differs from the installation's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.conf import settings

from engines.errors import InvalidInput

DAY_S = 24 * 3600
LONGEST_S = 365 * DAY_S
LEAST = {"idle_timeout_s": 10, "snapshot_every_s": 60, "snapshots_kept": 1}  # of the others a second
MOST = {"snapshots_kept": 100}


@dataclass(frozen=True, slots=True)
class Rules:
    """`idle_timeout_s` from the last sign of life until it is paused, the next two from there on; `ttl_s` from a start until
    it is archived, whatever it does. `snapshots_kept` is how many of the scheduled ones stay."""

    idle_timeout_s: int = 30 * 60
    stop_after_s: int = 4 * 3600
    archive_after_s: int = 7 * DAY_S
    ttl_s: int = 0
    snapshot_every_s: int = 0
    snapshots_kept: int = 5


NAMES = tuple(field.name for field in fields(Rules))


def installation() -> Rules:
    """What the settings say."""
    return Rules(**settings.SLEEP_RULES)


def in_force(*overrides: Mapping[str, int]) -> Rules:
    """The installation's, changed by each of `overrides` in turn."""
    return Rules(**(asdict(installation()) | merged(*overrides)))


def merged(*overrides: Mapping[str, int]) -> dict[str, int]:
    """What the later of them changes of the earlier. Names that are none, from another version of vibenv, are left out."""
    return {name: value for each in overrides for name, value in each.items() if name in NAMES}


def changed(overrides: Mapping[str, int], change: Mapping[str, Any]) -> dict[str, int]:
    """`overrides` after a change, in which None gives a rule back to whoever is above. Raises `InvalidInput`."""
    result = merged(overrides)
    for name, value in change.items():
        if name not in NAMES:
            raise InvalidInput(f"{name}: there is no such rule; they are {', '.join(NAMES)}.")
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _checked(name, value)
    return result


def _checked(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(f"{name}: takes a whole number, or null for what holds otherwise.")
    least, most = LEAST.get(name, 1), MOST.get(name, LONGEST_S)
    never = value == 0 and name != "snapshots_kept"
    if never or least <= value <= most:
        return value
    if name == "snapshots_kept":
        raise InvalidInput(f"{name}: takes {least} to {most} snapshots.")
    raise InvalidInput(f"{name}: takes 0 for never, or {least} to {most} seconds ({words(most)}).")


def words(seconds: float) -> str:
    """A duration for people, in its two largest units: `30 min`, `1 h 30 min`, `7 days`."""
    left = max(0, round(seconds))
    parts = []
    for unit_s, one, many in ((DAY_S, "day", "days"), (3600, "h", "h"), (60, "min", "min"), (1, "s", "s")):
        count, left = divmod(left, unit_s)
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"
