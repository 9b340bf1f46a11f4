"""Whether layers can be changed under running sessions: by what the engine and this machine say, without trying it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import psutil

KERNEL: Final = (6, 5)  # from which a mount can be put beneath another
MACHINES: Final = ("x86_64", "aarch64")
SYS_ADMIN: Final = 21  # the number of the capability that the helper needs


def refusal(info: Mapping[str, Any], bounding: int | None = None) -> str:
    """Why not, for people; empty when nothing speaks against it. `bounding`: capabilities that the engine can give."""
    kernel, machine = str(info.get("KernelVersion", "")), str(info.get("Architecture", ""))
    numbers = re.match(r"(\d+)\.(\d+)", kernel)
    if numbers and (int(numbers[1]), int(numbers[2])) < KERNEL:
        return f"kernel {kernel} is older than {KERNEL[0]}.{KERNEL[1]}"
    if machine and machine not in MACHINES:
        return f"not known how on {machine}"
    if bounding is not None and not bounding >> SYS_ADMIN & 1:
        return "the engine runs without the capability SYS_ADMIN, which its helper needs"
    return ""


def bounding_of_engine() -> int | None:
    """Of the engine on this machine; None where it cannot be seen."""
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "dockerd":
            try:
                with open(f"/proc/{process.pid}/status") as status:
                    found = re.search(r"^CapBnd:\s*([0-9a-f]+)", status.read(), re.MULTILINE)
            except OSError:
                continue
            return int(found[1], 16) if found else None
    return None
