"""Everything is killed under a load, in a world of its own: whoever was promised something has it afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.product import ROOT

pytest_plugins = ["tests.integration.engine_fixtures"]


@pytest.mark.skipif(os.geteuid() != 0, reason="a file system and an engine of its own take root")
@pytest.mark.skipif(not Path("/dev/loop-control").exists(), reason="the small file system takes a loop device")
@pytest.mark.timeout(900)  # a loaded machine
def test_a_short_round_of_faults_loses_nothing_and_leaves_nothing(base_image: str) -> None:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("VIBENV_", "DJANGO_"))}
    ran = subprocess.run(
        [sys.executable, "bench/chaos.py", "--quick", "--cycles", "8", "--seed", "7", "--json"],
        cwd=ROOT,
        env=inherited,
        text=True,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    figures = {each["name"]: each["value"] for each in json.loads(ran.stdout.splitlines()[-1])["figures"]}
    assert (figures["violations"], figures["faults"]) == (0, 4)
    assert figures["done: lines"] > 0
