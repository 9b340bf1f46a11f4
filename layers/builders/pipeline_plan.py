"""What a Dagger pipeline is told, and what it tells: JSON between the builder and the process that speaks to Dagger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Plan:
    """`inputs` are files of this machine by their paths in the build, `caches` names of volumes by theirs.

    `result` is where the `Result` is written to.
    """

    base: str
    target: str
    prefix: str
    command: list[str]
    result: str
    privileged: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    caches: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """`exit_code` and `output` are the command's, when it failed; `error` is what Dagger said, when that failed."""

    changed: list[str] = field(default_factory=list)
    exit_code: int = 0
    output: str = ""
    error: str = ""
    base_missing: bool = False
