from __future__ import annotations

import copy
from typing import Any

import pytest

from engines.docker.hardening import host_config, unsafe_fields, verify
from engines.errors import EngineError
from engines.protocol import Limits

ASKED = host_config(Limits(), "a-network")


def inspect(**changes: Any) -> dict[str, Any]:
    return {"HostConfig": {**copy.deepcopy(ASKED), **changes}}


def test_what_was_asked_passes() -> None:
    verify(inspect(), ASKED, swap_limit=True)
    assert unsafe_fields(inspect()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Init", False),
        ("Privileged", True),
        ("CapDrop", []),
        ("CapAdd", ["SYS_ADMIN"]),
        ("SecurityOpt", []),
        ("SecurityOpt", ["no-new-privileges", "seccomp=unconfined"]),
        ("Binds", ["/:/host"]),
        ("PidMode", "host"),
        ("IpcMode", "shareable"),
        ("UTSMode", "host"),
        ("NetworkMode", "host"),
        ("Devices", [{"PathOnHost": "/dev/sda"}]),
        ("Memory", 0),
        ("MemorySwap", -1),
        ("NanoCpus", 0),
        ("PidsLimit", None),
        ("LogConfig", {"Type": "none"}),
    ],
)
def test_a_field_not_in_force_is_refused(field: str, value: Any) -> None:
    with pytest.raises(EngineError, match=field) as raised:
        verify(inspect(**{field: value}), ASKED, swap_limit=True)
    assert raised.value.permanent


def test_swap_is_left_where_the_engine_cannot_limit_it() -> None:
    verify(inspect(MemorySwap=-1), ASKED, swap_limit=False)


def test_log_files_together_keep_the_bound() -> None:
    config = host_config(Limits(log_bytes=1000), "n")["LogConfig"]["Config"]
    assert int(config["max-size"]) * int(config["max-file"]) <= 1000
