"""Sessions that fall asleep by themselves, and go on when somebody wants them. All begin at once: they sleep side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.product import Product, docker
from tests.terminal_client import TerminalClient

SAID = "is 42"
LINES = {
    "prompt": "x=kept",
    "looked at": "true",
    "out of sight": "true",
    "command": "sleep 4321",
    "computes": "while :; do :; done",
    "paused": "echo saved >file",
    "mortal": "echo saved >file",
}


class Sleepers:
    """A card of each kind, of which only the terminals of the one that is looked at, and of a page out of sight, stay open."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.cards = {kind: product.running_card() for kind in LINES}
        self.open = {kind: self._type(kind) for kind in ("looked at", "out of sight")}
        self.open["out of sight"].send(type="away", away=True)
        for kind in LINES:
            if kind not in self.open:
                self._type(kind).close()
        for kind in ("prompt", "looked at", "out of sight", "command", "computes"):
            self.rule(kind, idle_timeout_s=10)
        self.rule("paused", stop_after_s=1, archive_after_s=1)
        self.rule("mortal", ttl_s=20)
        product.api.post(f"/cards/{self.cards['paused']['id']}/sleep", json={"how": "pause"}).raise_for_status()

    def terminal(self, kind: str) -> TerminalClient:
        url = f"ws://127.0.0.1:{self.product.port}/ws/cards/{self.cards[kind]['id']}/terminal"
        return TerminalClient(url, self.product.token)

    def _type(self, kind: str) -> TerminalClient:
        client = self.terminal(kind)
        client.type(f"echo is $((40 + 2)); {LINES[kind]}\n")
        client.until(SAID)
        return client

    def rule(self, kind: str, **given: int) -> None:
        self.product.api.patch(f"/cards/{self.cards[kind]['id']}/rules", json=given).raise_for_status()

    def until(self, kind: str, status: str) -> dict[str, Any]:
        return self.product.until(self.cards[kind]["id"], status, timeout_s=60)

    def start(self, kind: str) -> None:
        self.product.api.post(f"/cards/{self.cards[kind]['id']}/start").raise_for_status()
        self.until(kind, "running")

    def history(self, kind: str) -> list[dict[str, Any]]:
        return list(self.product.api.get(f"/cards/{self.cards[kind]['id']}/history").json())


@pytest.fixture(scope="module")
def sleepers(product: Product) -> Iterator[Sleepers]:
    made = Sleepers(product)
    yield made
    for client in made.open.values():
        client.close()
    product.remove_all()


def test_an_idle_session_is_paused_and_what_is_looked_at_or_works_is_not(sleepers):
    paused = sleepers.until("prompt", "paused")
    assert paused["reason"] == "Nobody was there and nothing ran for 10 s."
    assert paused["next"]["what"] == "stop"
    assert docker("inspect", "-f", "{{.State.Status}}", paused["container"]).strip() == "paused"
    sleepers.until("out of sight", "paused")
    for kind in ("looked at", "command", "computes"):
        session = sleepers.product.card(sleepers.cards[kind]["id"])["session"]
        assert (kind, session["status"], session["idle_since"]) == (kind, "running", None)


def test_a_paused_shell_goes_on_where_it_was(sleepers):
    sleepers.until("prompt", "paused")
    sleepers.start("prompt")
    client = sleepers.terminal("prompt")
    client.type("echo x is $x\n")
    client.until("x is kept")
    client.close()


def test_a_pause_becomes_a_stop_and_that_an_archive_with_its_files_kept(sleepers):
    archived = sleepers.until("paused", "archived")
    told = [(event["new"], event["reason"], event["actor"]) for event in reversed(sleepers.history("paused"))]
    assert ("asleep", "It was paused for 1 s.", "vibenv") in told
    assert ("archived", "It was stopped for 1 s.", "vibenv") in told, told
    assert not docker("ps", "-aq", "--filter", f"name={archived['container']}").strip()
    sleepers.start("paused")
    assert docker("exec", archived["container"], "cat", "/workspace/file") == "saved\n"


def test_a_life_that_ends_is_told_ahead_and_ends_in_the_archive(sleepers):
    archived = sleepers.until("mortal", "archived")
    assert archived["reason"] == "Its time to live was over."
    warnings = [event["reason"] for event in sleepers.history("mortal") if event["kind"] == "warning"]
    assert warnings == ["Its time to live ends in 1 min."]
