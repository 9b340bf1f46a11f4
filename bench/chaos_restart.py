"""The engine is killed and started again, as by a reboot: sessions come back as they were wanted, and say what happened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

from bench.chaos_check import text_of
from bench.chaos_world import World
from tests.product import docker

BACK_S: Final = 60
ENDED: Final = "Its processes ended while it was paused."
AGAIN: Final = "was started again"
# What is wanted of a card before, and what it is afterwards; what it says of that.
WANTED: Final = {
    "runs": ("running", AGAIN),
    "paused": ("asleep", ENDED),
    "stopped": ("asleep", ""),
    "kept": ("archived", ""),
}


def comes_back(world: World) -> list[str]:
    """What is wrong a minute after the engine is back; removes the cards that it made."""
    product = world.product
    cards = {name: product.running_card(f"comes back {name}") for name in WANTED}
    for name, card in cards.items():
        docker("exec", card["session"]["container"], "sh", "-c", f"echo {name} > /root/ledger")
    for name, how in (("paused", "pause"), ("stopped", "stop"), ("kept", "archive")):
        product.api.post(f"/cards/{cards[name]['id']}/sleep", json={"how": how})
    product.until(cards["paused"]["id"], "paused")
    product.until(cards["stopped"]["id"], "asleep")
    product.until(cards["kept"]["id"], "archived", timeout_s=90)
    snapshot = product.api.post(f"/cards/{cards['runs']['id']}/snapshots", json={"note": "under way"}).json()
    fork = product.api.post(f"/cards/{cards['runs']['id']}/fork", json={"title": "comes back, forked"}).json()
    world.kill_engine()
    world.start_engine()
    end = time.monotonic() + BACK_S
    while (left := list(_wrong(world, cards, fork["id"], snapshot["id"]))) and time.monotonic() < end:
        time.sleep(0.5)  # between two looks
    for card in (*cards.values(), fork):
        product.api.delete(f"/cards/{card['id']}")
    return left


def _wrong(world: World, cards: dict[str, Any], fork: str, snapshot: str) -> Iterator[str]:
    from engines.errors import VibenvError

    try:
        for name, card in cards.items():
            yield from _card(world, name, card["id"], WANTED[name], text=name)
        yield from _card(world, "the fork", fork, ("running", ""), text="runs")
    except VibenvError as error:
        yield f"after the engine was killed: {error}"
    kept = world.product.api.get(f"/cards/{cards['runs']['id']}/snapshots").json()
    if {s["id"]: s["state"] for s in kept}[snapshot] not in {"kept", "ready"}:
        yield f"after the engine was killed, the snapshot that was under way is not made: {kept}"


def _card(world: World, name: str, card: str, wanted: tuple[str, str], text: str) -> Iterator[str]:
    from sessions.models import Session

    status, says = wanted
    about = f"after the engine was killed, {name}"
    told = world.product.card(card)["session"]
    if told["status"] != status or says not in told["reason"]:
        yield f"{about}: is {told['status']}, says {told['reason']!r}"
    elif text not in text_of(Session.objects.get(pk=told["id"])):
        yield f"{about}: its file is lost"
