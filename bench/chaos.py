"""What is left of people's work when everything breaks: parts of a real product are killed at random moments under a random load.

Run as root: `.venv/bin/python bench/chaos.py [--rounds N] [--seed N] [--quick] [--json]`. It makes a small file system, a
container engine and a registry of its own, in namespaces of its own; nothing else on the machine is touched. After each
round everything must be as it should within a minute: see `chaos_check.py`.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import chaos_check, chaos_restart, chaos_world
from bench.chaos_faults import Faults
from bench.chaos_work import Person
from bench.chaos_world import World
from bench.figures import Figure, at_most, show

RECOVERY_S = 60
BUSY_S = 40  # until there is something to lose; on a slow machine it may be less
NOTES = (
    "a violation: a minute after the last fault something is not as it should, or acknowledged work is not there",
    "recovery: from the end of the last fault until all of it holds, the end of what people were doing included",
)


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    seconds: float
    faults: int
    people: int
    filling: bool


@dataclass
class Result:
    recoveries: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def one_round(world: World, plan: Plan, seed: int, result: Result, people: list[Person]) -> None:
    stop = threading.Event()
    working = [Person(world.product, seed * 100 + number, stop) for number in range(plan.people)]
    people += working
    faults = Faults(world, seed, plan.filling)
    for person in working:
        person.start()
    for person in working:
        person.busy.wait(BUSY_S)
    begun = time.monotonic()
    for number in range(plan.faults):
        time.sleep(faults.random.uniform(0.2, 2 * plan.seconds / plan.faults))  # a random moment
        say(f"  {time.monotonic() - begun:5.1f} s  {faults.one()} ({number + 1} of {plan.faults})")
    ended = time.monotonic()
    stop.set()
    for person in working:
        person.join(RECOVERY_S)
    left = recovered(world, people, ended)
    took = time.monotonic() - ended
    left += chaos_check.former([card for person in working for card in person.cards])
    result.recoveries.append(took)
    result.violations += left
    result.violations += [f"{person.name}: {fault}" for person in working for fault in person.faults]
    result.faults.update(told.partition(",")[0].partition(" for ")[0] for told in faults.told)
    for person in working:
        result.done.update(person.done)
    say(f"  recovered in {took:.1f} s" if not left else f"  NOT recovered after {took:.1f} s: " + "\n    ".join(left))


def live(world: World, count: int, seed: int, result: Result) -> None:
    """So many lives without faults."""
    stop = threading.Event()
    working = [Person(world.product, seed * 100 + number, stop) for number in range(3)]
    for person in working:
        person.start()
    while sum(person.done["new"] + person.done["fork"] for person in working) < count:
        time.sleep(0.2)  # between two looks
    stop.set()
    for person in working:
        person.join(RECOVERY_S)
        result.done.update(person.done)
        result.violations += [f"{person.name}: {fault}" for fault in person.faults]


def emptied(world: World) -> list[str]:
    """Delete every card; what is still there a minute later."""
    world.product.remove_all()
    since = time.monotonic()
    while (left := chaos_check.left_over(world.product)) and time.monotonic() - since < RECOVERY_S:
        time.sleep(0.5)  # between two looks
    return left


def recovered(world: World, people: Sequence[Person], since: float) -> list[str]:
    """Wait until nothing is wrong; what still is after the time that there is."""
    cards = [card for person in people for card in person.cards]
    while True:
        left = chaos_check.wrong(world.product, cards)
        if not left or time.monotonic() - since > RECOVERY_S:
            return left
        time.sleep(0.5)  # between two looks


def figures(result: Result) -> list[Figure]:
    found = [
        Figure("rounds", len(result.recoveries), ""),
        Figure("faults", sum(result.faults.values()), ""),
        at_most("violations", len(result.violations), "", 0),
        at_most("slowest recovery", max(result.recoveries), "s", RECOVERY_S),
    ]
    found += [Figure(f"fault: {name}", count, "") for name, count in sorted(result.faults.items())]
    return found + [Figure(f"done: {name}", count, "") for name, count in sorted(result.done.items())]


def parsed() -> tuple[argparse.Namespace, Plan]:
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--rounds", type=int, help="how many (default: 10)")
    made.add_argument(
        "--seed", type=int, default=0, help="the same faults and the same work again (default: by chance)"
    )
    made.add_argument("--cycles", type=int, default=0, help="so many lives without faults besides")
    made.add_argument("--quick", action="store_true", help="one short round, and the file system is not filled")
    made.add_argument("--json", action="store_true", help="print the figures as one line of JSON, last")
    made.add_argument("--keep-logs", metavar="DIR", type=Path, help="copy the product's logs there at the end")
    found = made.parse_args()
    plan = Plan(1, 10, 4, 2, filling=False) if found.quick else Plan(10, 30, 10, 3, filling=True)
    rounds = found.rounds or plan.rounds
    return found, Plan(rounds, plan.seconds, plan.faults, plan.people, plan.filling)


def main() -> None:
    arguments, plan = parsed()
    root = chaos_world.enter()
    seed = arguments.seed or random.SystemRandom().randrange(10**6)
    result, people = Result(), list[Person]()
    say(f"seed {seed}")
    with World(root) as world:
        logging.getLogger().setLevel(logging.ERROR)
        result.violations += chaos_restart.comes_back(world)
        say("after the engine was killed: " + ("; ".join(result.violations) or "all came back"))
        for number in range(plan.rounds):
            say(f"round {number + 1} of {plan.rounds}")
            one_round(world, plan, seed + number, result, people)
        if arguments.cycles:
            say(f"{arguments.cycles} lives without faults")
            live(world, arguments.cycles, seed, result)
        left = emptied(world)
        say("all cards deleted: " + ("; ".join(left) or "nothing is left of them"))
        result.violations += left
        if arguments.keep_logs:
            world.keep_logs(arguments.keep_logs)
    show(f"chaos, {plan.rounds} rounds, seed {seed}", figures(result), [*NOTES, *result.violations], arguments.json)
    sys.exit(1 if result.violations else 0)


if __name__ == "__main__":
    main()
