"""Who does something in a terminal without looking at it: a program that calls the API, an agent, a person's command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is human, guest or agent; `user` the id of whose rights it has."""

    name: str
    kind: str
    user: int | None = None
    colour: str = ""
