"""What people do while things break, and what must come of it: a ledger of all that was acknowledged."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from websockets.exceptions import WebSocketException

from tests.product import Product
from tests.terminal_client import TerminalClient

MOST_CARDS: Final = 5  # of one person
LEDGER: Final = "/root/ledger"
ECHO_S: Final = 8
ASK_S: Final = 15
SCRIPT: Final = "mkdir -p $PREFIX; head -c 3000000 /dev/urandom > $PREFIX/much; sleep 2; echo $RANDOM > $PREFIX/end"
SLEEPS: Final = {"pause": "paused", "stop": "stopped", "archive": "archived"}
ROLES: Final = {"running": "active", "stopped": "backlog", "archived": "done"}


@dataclass
class Worked:
    """A card as whoever works on it knows it.

    `texts`: what may be in its file, each a set of lines that were all acknowledged; more than one while it is not known
    whether something was done. `wanted`: what was asked for and accepted; None where no answer came.
    """

    id: str
    wanted: str | None = "stopped"
    role: str | None = "backlog"  # of its column; None: not known
    texts: list[frozenset[str]] = field(default_factory=lambda: [frozenset()])
    snapshots: dict[str, list[frozenset[str]]] = field(default_factory=dict)
    former: list[list[frozenset[str]]] = field(default_factory=list)  # what it had before it was taken back
    deleted: bool | None = False  # None: nobody knows

    def wrote(self, line: str) -> None:
        self.texts = [text | {line} for text in self.texts]


class Unanswered(Exception):
    """Something was asked for, and nobody knows whether it was done."""


class Refused(Exception):
    """The product said no, and did nothing."""


class Person(threading.Thread):
    """Works on cards of their own until `stop` is set."""

    def __init__(self, product: Product, seed: int, stop: threading.Event) -> None:
        super().__init__(name=f"person-{seed}", daemon=True)
        self.random = random.Random(seed)
        self.product = product
        self.stop = stop
        self.cards: list[Worked] = []
        self.busy = threading.Event()  # there is something to lose
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []  # of ours: an error that nobody expected
        self.api = httpx.Client(
            base_url=f"{product.url}/api/v1", timeout=ASK_S, headers={"Authorization": f"Bearer {product.token}"}
        )
        self.columns: dict[str, str] = {}
        self.board = ""

    @property
    def alive(self) -> list[Worked]:
        return [card for card in self.cards if card.deleted is False]

    def run(self) -> None:
        board = self.product.board()
        self.board = str(board["id"])
        self.columns = {str(c["role"]): str(c["id"]) for c in board["columns"]}
        while not self.stop.is_set():
            verb = self._chosen()
            if not self.busy.is_set() and self.done["type"] and len(self.alive) > 1:
                self.busy.set()
            try:
                verb()
                self.done[verb.__name__.strip("_")] += 1
            except (Unanswered, Refused):
                self.done["unanswered or refused"] += 1
                self.stop.wait(0.3)
            except Exception as error:
                self.faults.append(f"{verb.__name__}: {error!r}")
            self.stop.wait(self.random.uniform(0, 0.3))
        self.api.close()

    def _chosen(self) -> Callable[[], None]:
        if len(self.alive) < 2:
            return self._new
        verbs: list[tuple[Callable[[], None], int]] = [
            (self._new, 2 if len(self.alive) < MOST_CARDS else 0),
            (self._move, 3),
            (self._sleep, 3),
            (self._resume, 3),
            (self._type, 10),
            (self._snapshot, 3),
            (self._restore, 2),
            (self._fork, 2 if len(self.alive) < MOST_CARDS else 0),
            (self._forget, 1),
            (self._remove, 2 if len(self.alive) > MOST_CARDS - 2 else 1),
            (self._build, 1),
        ]
        return self.random.choices([verb for verb, _ in verbs], [weight for _, weight in verbs])[0]

    # verbs --------------------------------------------------------------------------------------------
    def _new(self) -> None:
        title = f"chaos {self.random.randrange(10**6)}"
        made = self._ask("POST", f"/boards/{self.board}/cards", {"title": title})
        self.cards.append(Worked(str(made["id"])))
        self._want(self.cards[-1], "running")

    def _move(self) -> None:
        self._want(self.random.choice(self.alive), self.random.choice(["running", "running", "stopped", "archived"]))

    def _sleep(self) -> None:
        card, how = self.random.choice(self.alive), self.random.choice(["pause", "pause", "stop", "archive"])
        self._want(card, SLEEPS[how], "sleep", {"how": how})

    def _resume(self) -> None:
        self._want(self.random.choice(self.alive), "running", "start", {})

    def _want(self, card: Worked, wanted: str, verb: str = "move", body: dict[str, str] | None = None) -> None:
        before, role = (card.wanted, card.role), ROLES[wanted] if verb == "move" else card.role
        card.wanted, card.role = None, card.role if verb != "move" else None
        body = {"column": self.columns[ROLES[wanted]]} if body is None else body
        try:
            self._ask("POST", f"/cards/{card.id}/{verb}", body)
        except Refused:
            card.wanted, card.role = before
            raise
        card.role = role
        means_nothing = verb == "move" and (
            before[1] is None or before[1] == role or (before[1], role) == ("done", "backlog")
        )
        card.wanted = before[0] if means_nothing else wanted

    def _type(self) -> None:
        """A few lines; each counts when the terminal has shown what comes behind it."""
        card = self.random.choice(self.alive)
        if not self._runs(card):
            return
        with self._terminal(card) as terminal:
            for _ in range(self.random.randint(1, 4)):
                line = f"{self.random.randrange(16**8):08x}"
                head, tail = line[:4], line[4:]
                terminal.type(f"echo {line} >> {LEDGER} && echo kept-{head}''{tail}\r")
                terminal.until(f"kept-{line}", ECHO_S)
                card.wrote(line)
                self.done["lines"] += 1

    def _snapshot(self) -> None:
        """It has at least what was acknowledged when it was asked for."""
        card = self.random.choice(self.alive)
        texts = list(card.texts)
        made = self._ask("POST", f"/cards/{card.id}/snapshots", {"note": "chaos"})
        card.snapshots[str(made["id"])] = texts

    def _restore(self) -> None:
        card = self.random.choice(self.alive)
        usable = [str(s["id"]) for s in self._list(f"/cards/{card.id}/snapshots") if s["state"] in {"kept", "ready"}]
        known = [each for each in usable if each in card.snapshots]
        if not known:
            return
        chosen, before = self.random.choice(known), list(card.texts)
        card.texts = [*before, *card.snapshots[chosen]]
        try:
            self._ask("POST", f"/snapshots/{chosen}/restore", {})
        except Refused:
            card.texts = before
            raise
        card.texts = list(card.snapshots[chosen])
        card.former.append(before)

    def _fork(self) -> None:
        card = self.random.choice(self.alive)
        texts = list(card.texts)
        made = self._ask("POST", f"/cards/{card.id}/fork", {"column": self.columns["active"]})
        self.cards.append(Worked(str(made["id"]), "running", "active", texts))

    def _forget(self) -> None:
        """A snapshot."""
        card = self.random.choice(self.alive)
        if card.snapshots:
            chosen = self.random.choice(list(card.snapshots))
            self._ask("DELETE", f"/snapshots/{chosen}")
            del card.snapshots[chosen]

    def _remove(self) -> None:
        card = self.random.choice(self.alive)
        card.deleted = None
        try:
            self._ask("DELETE", f"/cards/{card.id}")
        except Refused:
            card.deleted = False
            raise
        card.deleted = True

    def _build(self) -> None:
        """A toolchain that takes a moment. Whoever kills its builder has it fail; nothing may be left of it."""
        name = f"c{self.random.randrange(16**6):06x}"
        body = {"kind": "toolchain", "name": name, "spec": {"script": SCRIPT}, "build": True}
        self._ask("POST", f"/boards/{self.board}/recipes", body)

    # means --------------------------------------------------------------------------------------------
    def _list(self, path: str) -> list[dict[str, Any]]:
        return list(self._answer("GET", path))

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        return dict(self._answer(method, path, body) or {})

    def _answer(self, method: str, path: str, body: object = None) -> Any:
        try:
            answer = self.api.request(method, path, json=body)
        except httpx.ConnectError as error:
            raise Refused from error
        except httpx.HTTPError as error:
            raise Unanswered from error
        if answer.status_code >= 500 and answer.status_code != 503:
            raise Unanswered
        if answer.status_code >= 400:
            raise Refused(answer.text)
        return answer.json() if answer.content else None

    def _runs(self, card: Worked) -> bool:
        """Wait a little for it."""
        end = time.monotonic() + 5
        while time.monotonic() < end and not self.stop.is_set():
            session = self._ask("GET", f"/cards/{card.id}").get("session")
            if session and session["status"] == "running" and not session["restoring"]:
                return True
            if not session or session["status"] != "starting":
                return False
            self.stop.wait(0.2)
        return False

    @contextlib.contextmanager
    def _terminal(self, card: Worked) -> Iterator[TerminalClient]:
        url = f"ws://127.0.0.1:{self.product.port}/ws/cards/{card.id}/terminal"
        try:
            client = TerminalClient(url, self.product.token)
        except (OSError, WebSocketException, TimeoutError) as error:
            raise Refused from error
        try:
            client.until_message("session", ECHO_S, attached=True)
            yield client
        except (OSError, WebSocketException, AssertionError) as error:
            raise Unanswered from error
        finally:
            with contextlib.suppress(OSError, WebSocketException):
                client.close()
