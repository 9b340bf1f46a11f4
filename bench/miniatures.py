"""What live miniatures cost: the web process's CPU while a page shows 12 busy terminals, and while nobody looks.

Run: `.venv/bin/python bench/miniatures.py [--quick] [--json]`.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from websockets.sync.client import ClientConnection, connect

from bench import target
from bench.figures import Figure, at_most, show
from bench.usage import Meter, listening
from tests.product import Product
from tests.terminal_client import TerminalClient

TERMINALS, SECONDS = 12, 30
QUICK_TERMINALS, QUICK_SECONDS = 2, 4
GOAL_PERCENT = 10.0
# Ten times a second a program paints a line in colours: busier than a build or an agent mostly is.
BUSY = "i=0; while sleep 0.1; do i=$((i+1)); printf '\\033[3%dm%s line %d of a busy program\\033[0m\\n' $((i%8)) work $i; done"
NOTES = (
    "each terminal paints ten coloured lines a second; the page acknowledges each frame at once",
    "nobody looks: the hubs read the busy terminals all the same; the miniatures' cost is what comes on top",
)


@dataclass
class Page:
    """Shows miniatures as a page would, without drawing them."""

    socket: ClientConnection
    frames: Counter[str] = field(default_factory=Counter)
    received: int = 0

    def look(self, cards: list[str], seconds: float) -> None:
        """Show `cards` for so long."""
        self.socket.send(json.dumps({"type": "show", "cards": cards}))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self._take(self.socket.recv(timeout=left))
            except TimeoutError:
                return

    def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.received += len(message)
            return
        told = json.loads(message)
        if told["type"] == "screen":
            self.frames[told["card"]] += 1
            self.socket.send(json.dumps({"type": "drawn", "card": told["card"]}))


def _busy_cards(product: Product, count: int) -> list[str]:
    cards = [product.running_card(f"Busy {number}") for number in range(count)]
    for card in cards:
        url = f"ws://127.0.0.1:{product.port}/ws/cards/{card['id']}/terminal"
        client = TerminalClient(url, product.token)
        client.until("# ")
        client.type(BUSY + "\r")
        client.until("of a busy program")
        client.close()
    return [card["id"] for card in cards]


def _percent(pid: int, seconds: float, work: Page | None, cards: list[str]) -> float:
    meter, began = Meter(pid), time.monotonic()
    if work is None:
        time.sleep(seconds)
    else:
        work.look(cards, seconds)
    return 100 * meter.read().cpu_s / (time.monotonic() - began)


def measure(product: Product, count: int, seconds: float) -> list[Figure]:
    cards = _busy_cards(product, count)
    pid = listening(product.port)
    board = product.board()["id"]
    url = f"ws://127.0.0.1:{product.port}/ws/boards/{board}/screens"
    quiet = _percent(pid, seconds, None, cards)
    with connect(url, additional_headers={"Authorization": f"Bearer {product.token}"}, max_size=None) as socket:
        page = Page(socket)
        page.look(cards, 2)  # the first frames hold the whole history
        page.frames.clear()
        page.received = 0
        shown = _percent(pid, seconds, page, cards)
    slowest = min(page.frames[card] for card in cards) / seconds
    return [
        at_most(f"{count} miniatures, on top of reading", shown - quiet, "% of a core", GOAL_PERCENT),
        Figure("web process, shown", shown, "% of a core"),
        Figure("web process, nobody looks", quiet, "% of a core"),
        Figure("frames a second, slowest miniature", slowest, "1/s"),
        Figure("received by the page", page.received / seconds / 1024, "KiB/s"),
    ]


def main() -> None:
    arguments = target.parser((__doc__ or "").partition("\n")[0]).parse_args()
    count, seconds = (QUICK_TERMINALS, QUICK_SECONDS) if arguments.quick else (TERMINALS, SECONDS)
    with target.product(arguments) as product:
        found = measure(product, count, seconds)
    show(f"miniatures, {count} for {seconds} s", found, NOTES, arguments.json)


if __name__ == "__main__":
    main()
