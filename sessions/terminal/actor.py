"""Who does something in a terminal without looking at it: a program that calls the API, an agent, a person's command line."""

from __future__ import annotations

from dataclasses import dataclass

from sessions.protocol import Kind


@dataclass(frozen=True, slots=True)
class Actor:
    """`user` is the id of the member whose rights it has, `colour` the name of a hue."""

    name: str
    kind: Kind = "human"
    user: str | None = None
    colour: str = ""
