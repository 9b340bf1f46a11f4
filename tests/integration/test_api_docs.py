"""The examples of docs/api.md work as they stand there, and answer what is said of them."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.product import ROOT

BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)
COMMANDS, HELPERS = BLOCKS[2:], BLOCKS[1]  # the first says where, which is another place here
SAID = re.compile(r"^(?P<command>.+?)\s+# → (?P<answer>.+)$")


@pytest.fixture(scope="module")
def place(product):
    board = product.api.post("/boards", json={"name": "Examples"}).json()
    made = [product.api.post(f"/boards/{board['id']}/cards", json={"title": f"Try {n}"}).json() for n in range(2)]
    return {
        "V": f"{product.url}/api/v1",
        "TOKEN": product.token,
        "BOARD": board["id"],
        "CARD": made[0]["id"],
        "PATH": "/usr/bin:/bin",
        "NO_PROXY": "*",
    }


def test_every_example_answers_what_is_said_of_it(place):
    helper = HELPERS.splitlines()[0]
    lines = HELPERS.splitlines()[1:] + [line for block in COMMANDS for line in block.splitlines()]
    assert len(lines) > 10
    for line in lines:
        said = SAID.match(line)
        assert said, f"say what comes of it: {line}"
        script = f"set -euo pipefail\n{helper}\n{said['command']}"
        done = subprocess.run(
            ["bash", "-c", script], env=place, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (line, done.stderr)
        assert said["answer"].lower() in done.stdout.lower(), (line, done.stdout)
