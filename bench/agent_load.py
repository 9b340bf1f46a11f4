"""Fifty agents that each run a command a second in ten sessions' visible terminals, checked line by line."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from bench import usage
from bench.caller import Caller
from tests.product import Product

SESSIONS, AGENTS = 10, 50
PATIENCE_S: Final = 30.0


@dataclass
class Load:
    """`seconds` of each call; what came back wrong, in words; how many cores the web process used."""

    product: Product
    begin: float  # of the first command
    lasts_s: float
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    cores: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


def run(product: Product, cards: list[dict[str, Any]], seconds: float) -> Load:
    """Each agent has a token of its own, for its card alone."""
    owner = Caller(product.url, product.token)
    for card in cards:  # somebody worked in each before
        owner.call("POST", f"/cards/{card['id']}/run", {"command": "true", "wait_s": PATIENCE_S})
    callers = [Caller(product.url, _token(product, cards[n % len(cards)], n)) for n in range(AGENTS)]
    load = Load(product, time.monotonic() + 1, seconds)
    agents = [
        threading.Thread(target=_agent, args=(load, caller, cards[n % len(cards)], n))
        for n, caller in enumerate(callers)
    ]
    for agent in agents:
        agent.start()
    time.sleep(max(0, load.begin - time.monotonic()))
    meter, began = usage.Meter(usage.listening(product.port)), time.monotonic()
    for agent in agents:
        agent.join()
    load.cores = meter.read().cpu_s / (time.monotonic() - began)
    return load


def _token(product: Product, card: dict[str, Any], number: int) -> str:
    made = product.api.post("/tokens", json={"name": f"agent {number}", "card": card["id"]})
    return str(made.json()["token"])


def _agent(load: Load, caller: Caller, card: dict[str, Any], number: int) -> None:
    for turn in range(int(load.lasts_s)):
        due = (
            load.begin + turn + number / AGENTS
        )  # spread over the second, as of agents that know nothing of each other
        time.sleep(max(0.0, due - time.monotonic()))
        began = time.perf_counter()
        wrong = _once(caller, card, f"agent-{number}-turn-{turn}")
        with load.lock:
            load.seconds.append(time.perf_counter() - began)
            load.wrong += [wrong] if wrong else []


def _once(caller: Caller, card: dict[str, Any], word: str) -> str:
    """What is wrong with the answer, or nothing."""
    asked = {"command": f"echo begin {word}; echo end {word}", "wait_s": PATIENCE_S}
    status, answer = caller.call("POST", f"/cards/{card['id']}/run", asked)
    if status != 200:
        return f"{word}: {status} {answer}"
    wanted = f"begin {word}\nend {word}\n"
    return "" if (answer["output"], answer["exit_code"]) == (wanted, 0) else f"{word}: {answer}"
