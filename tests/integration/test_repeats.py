"""A call that its caller gave up on, sent again with the same key."""

from __future__ import annotations

import contextlib

import httpx

from tests.product import wait_for


def test_a_command_goes_on_without_its_caller_and_is_not_run_twice(product):
    card = product.running_card()
    command = {"command": "sleep 1; echo done >> /workspace/times; wc -l < /workspace/times"}

    def call(timeout_s: float) -> httpx.Response:
        headers = {"Idempotency-Key": f"once-{card['id']}"}
        return product.api.post(f"/cards/{card['id']}/exec", json=command, headers=headers, timeout=timeout_s)

    with contextlib.suppress(httpx.ReadTimeout):
        call(0.3)
        raise AssertionError("answered before the command can have ended")

    def answered() -> httpx.Response | None:
        answer = call(20)
        return answer if answer.status_code != 409 else None

    answer = wait_for(answered)
    assert (answer.status_code, answer.json()["stdout"]) == (200, "1\n")
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert call(20).json() == answer.json()
