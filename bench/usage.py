"""CPU time and memory of a process during one piece of work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Used:
    """`cpu_s` of all threads, user and system; `growth_bytes`: peak resident memory above what it was at the start."""

    cpu_s: float
    growth_bytes: int


class Meter:
    """Begins measuring when made; `read` tells what was used since."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._process = psutil.Process(pid)
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
        self._resident = self._status("VmRSS")
        self._cpu_s = self._cpu()

    def read(self) -> Used:
        return Used(self._cpu() - self._cpu_s, max(0, self._status("VmHWM") - self._resident))

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self._pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError(f"no {name} in the status of process {self._pid}")


def listening(port: int) -> int:
    """The process that listens on a TCP port of this machine."""
    for connection in psutil.net_connections("tcp"):
        address = connection.laddr
        if connection.status == psutil.CONN_LISTEN and address and address.port == port and connection.pid:
            return int(connection.pid)
    raise RuntimeError(f"no process listens on port {port}")
