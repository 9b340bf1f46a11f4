"""The login that `docker login` left for a registry."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
from pathlib import Path
from typing import Final

HELPER_TIMEOUT_S: Final = 10


def header(address: str, docker_config: Path) -> str:
    """`Basic …` from `config.json`, by itself or by the credential helper that it names; empty where there is none."""
    try:
        config = json.loads((docker_config / "config.json").read_text())
    except (OSError, ValueError):
        return ""
    kept = config.get("auths", {}).get(address, {}).get("auth", "")
    if kept:
        return f"Basic {kept}"
    helper = config.get("credHelpers", {}).get(address) or config.get("credsStore")
    return _from_helper(address, helper) if helper else ""


def _from_helper(address: str, helper: str) -> str:
    argv = [f"docker-credential-{helper}", "get"]
    with contextlib.suppress(OSError, ValueError, KeyError, subprocess.SubprocessError):
        done = subprocess.run(argv, input=address, text=True, capture_output=True, check=True, timeout=HELPER_TIMEOUT_S)
        found = json.loads(done.stdout)
        pair = f"{found['Username']}:{found['Secret']}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return ""
