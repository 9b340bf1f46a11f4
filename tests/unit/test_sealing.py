"""Sealed values: read again with the key, and with no other."""

from __future__ import annotations

from typing import Any

import pytest

from engines.errors import PolicyRejected
from sessions.sealing import seal, unseal


def test_what_was_sealed_is_read_again_and_is_not_in_the_sealed_text():
    sealed = seal("hunter2 ✓")
    assert unseal(sealed) == "hunter2 ✓"
    assert "hunter2" not in sealed


def test_another_key_reads_nothing_and_says_what_to_do(settings: Any):
    sealed = seal("hunter2")
    settings.SECRET_KEY = "another"
    with pytest.raises(PolicyRejected, match="Set it anew"):
        unseal(sealed)
