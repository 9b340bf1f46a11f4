"""What a git reference means at some moment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commit:
    """`branch` is empty where it was named by a tag, or by its own id."""

    id: str
    branch: str = ""
