"""The command line as people run it: a process of its own, for `attach` on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

from tests.product import ROOT, Product

COMMAND = [sys.executable, "-P", "-m", "vibenv_site.cli.main"]
SEQUENCES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")


def environment(product: Product, config: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("VIBENV_")}
    if database := product.environment.get("VIBENV_DATABASE_URL"):  # of a vibenv of this machine: `login`
        kept["VIBENV_DATABASE_URL"] = database
    return kept | {"VIBENV_DATA_DIR": str(product.data_dir), "XDG_CONFIG_HOME": str(config), "TERM": "xterm"} | more


class Cli:
    """`cli("ls", "--json")` against a product, with a configuration of its own."""

    def __init__(self, product: Product, config: Path) -> None:
        self.product = product
        self.config = config

    def __call__(
        self, *arguments: str, stdin: str = "", ok: bool = True, **more: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env=environment(self.product, self.config, **more),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert not ok or done.returncode == 0, (arguments, done.returncode, done.stdout, done.stderr)
        return done

    def on_a_terminal(self, *arguments: str, rows: int = 24, cols: int = 80) -> Pty:
        return Pty([*COMMAND, *arguments], environment(self.product, self.config), rows, cols)


class Pty:
    """A program on a terminal of its own: what it shows, and keys for it."""

    def __init__(self, command: list[str], env: dict[str, str], rows: int, cols: int) -> None:
        self.master, slave = pty.openpty()
        self.slave = slave  # held open, so that the terminal is there to be looked at when the program has ended
        self.resize(rows, cols)
        self.before = termios.tcgetattr(slave)
        self.shown = b""
        # Ctrl-C reaches it as it does what a person starts; in the background of a script it would be ignored.
        command = ["env", "--default-signal=INT", *command]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def resize(self, rows: int, cols: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        if hasattr(self, "process"):
            self.process.send_signal(signal.SIGWINCH)

    def read(self, timeout_s: float = 0.1) -> bytes:
        ready, _, _ = select.select([self.master], [], [], timeout_s)
        part = os.read(self.master, 65536) if ready else b""
        self.shown += part
        return part

    @property
    def text(self) -> str:
        return SEQUENCES.sub(b"", self.shown).decode(errors="replace")

    def until(self, text: str, timeout_s: float = 20) -> str:
        """Read until it is shown."""
        end = time.monotonic() + timeout_s
        while text not in self.text:
            assert time.monotonic() < end, f"{text!r} was not shown: {self.text[-2000:]!r}"
            self.read()
        return self.text

    def ended(self, timeout_s: float = 20) -> int:
        end = time.monotonic() + timeout_s
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it goes on: {self.text[-1000:]!r}"
            self.read()
        while self.read(0.05):
            pass
        return self.process.returncode

    def restored(self) -> bool:
        """The terminal is as it was before."""
        return termios.tcgetattr(self.slave) == self.before

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def __enter__(self) -> Pty:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
