"""Take the README's pictures: of the real product, driven in a real Chromium.

Run: `.venv/bin/python docs/take_pictures.py [DIRECTORY]` (after `./vibenv test` once, for Chromium and its driver). Look at
each picture before it is committed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, sync_playwright

from tests.breaking import break_shell
from tests.product import Product, wait_for

IMAGES = Path(__file__).resolve().parent / "images"
LARGEST_BYTES = 200_000
TIMEOUT_MS = 30_000
TOP: FloatRect = {"x": 0, "y": 0, "width": 1280, "height": 500}
TALL = {"width": 1280, "height": 720}
LABELS = {"Bug": "red", "Idea": "purple", "Docs": "blue"}
DETAILS: dict[str, tuple[tuple[str, ...], int | None]] = {  # labels, and in how many days it is due
    "Try SQLite in WAL mode": (("Idea",), None),
    "Draft the release notes": (("Docs",), 2),
    "Fix the login redirect": (("Bug",), 0),
    "Upgrade the linter": ((), None),
}
ADDRESS = "https://vibenv.example.com/s/4mK2…"  # instead of this machine's
CORNER = (2, 555)  # where the pointer lies on nothing
LIVE = '[data-testid="panel"][data-attached="true"]'
HAS_TEXT = """(text) => {
  const buffer = window.vibenv?.terminal?.buffer.active;
  if (!buffer) return false;
  return Array.from({ length: buffer.length }, (_, y) => buffer.getLine(y).translateToString(true)).join("\\n").includes(text);
}"""
AT_PROMPT = """(typed) => {
  const buffer = window.vibenv.terminal.buffer.active, at = (y) => buffer.getLine(buffer.baseY + y);
  let line = "";
  for (let y = buffer.cursorY; y >= 0 && at(y); y--) {
    line = at(y).translateToString(true) + line;
    if (!at(y).isWrapped) break;
  }
  return line.trimEnd().endsWith(typed || "#");
}"""
PREPARE = (
    "git init -q -b main notes && cd notes && git config user.name Ada && git config user.email ada@example.com",
    "printf 'for n in 1 2 3; do\\n  echo \"step $n of 3\"\\ndone\\n' >run.sh && git add . && git commit -qm 'Count to 3'",
    "echo '# Notes' >README.md && git add . && git commit -qm 'Say what this is'",
    "clear",
)
AGENT = r"""#!/usr/bin/perl
use HTTP::Tiny; use JSON::PP; $| = 1;
open my $task, '<', $ENV{VIBENV_TASK_FILE} or die; chomp(my $title = <$task>);
print "$title\n\n";
print "\e[32m\xe2\x9c\x93\e[0m $_\n" for 'read app/login.py', 'wrote a test that fails';
print "\e[33m?\e[0m two places redirect; asking\n";
my $asked = 'The middleware and the view both redirect. Which one is to stay?';
my %headers = (Authorization => "Bearer $ENV{VIBENV_TOKEN}", 'Content-Type' => 'application/json');
my $body = encode_json({ text => $asked, options => ['Middleware', 'The view'] });
my $address = "$ENV{VIBENV_API}/api/v1/cards/$ENV{VIBENV_CARD}/questions";
my $said = HTTP::Tiny->new->post($address, { headers => \%headers, content => $body });
print "not asked: $said->{content}\n" unless $said->{success};
sleep 3600;
"""
SHOWN = ("git --no-pager log --oneline --decorate", "ls -l", "cat run.sh", "bash run.sh")
CARDS = {
    "backlog": (
        ("Try SQLite in WAL mode", "Measure writes with four processes at once."),
        ("Read the parser's tests", ""),
        ("Draft the release notes", "What changed since the last one, for people who upgrade."),
    ),
    "active": (("Fix the login redirect", "After the login people land on the start page, not where they were."),),
    "done": (("Upgrade the linter", "One rule is new: unused arguments."),),
}


class Studio:
    """A browser, and where its pictures go."""

    def __init__(self, browser: Browser, target: Path) -> None:
        self._browser = browser
        self._target = target

    @contextlib.contextmanager
    def visitor(self, product: Product, **options: object) -> Iterator[Page]:
        """Somebody who has just logged in, in a browser of their own."""
        settings = {"viewport": {"width": 1280, "height": 560}, "reduced_motion": "reduce", **options}
        context: BrowserContext = self._browser.new_context(**settings)  # type: ignore[arg-type]
        try:
            page = context.new_page()
            page.set_default_timeout(TIMEOUT_MS)
            page.goto(product.new_login_url())
            page.wait_for_selector('[data-testid="connection"][data-connection="live"]')
            yield page
        finally:
            context.close()

    def take(self, page: Page, name: str, clip: FloatRect | None = None) -> None:
        path = self._target / f"{name}.png"
        page.screenshot(path=path, animations="disabled", clip=clip)
        if path.stat().st_size > LARGEST_BYTES:
            raise SystemExit(f"{path} has {path.stat().st_size} bytes; a picture takes at most {LARGEST_BYTES}.")


def terminal_of(page: Page, product: Product, card: str) -> None:
    """Open a card's terminal, and wait for its prompt."""
    page.goto(f"{product.url}/c/{card}")
    page.wait_for_selector(LIVE)
    page.wait_for_function(HAS_TEXT, arg="#")


def type_lines(page: Page, *lines: str) -> None:
    page.locator("[data-shown] .xterm-helper-textarea").focus()
    for line in lines:
        page.keyboard.type(line)
        page.wait_for_function(AT_PROMPT, arg=line)
        page.keyboard.press("Enter")
        page.wait_for_function(AT_PROMPT, arg="")  # the next line must not mix with what this one prints


def fill(product: Product) -> str:
    """Put cards on the board; the id of the one whose terminal is shown."""
    product.remove_all()
    made = {}
    for role, cards in CARDS.items():
        for title, description in cards:
            made[title] = product.new_card(title, description=description)["id"]
            if role == "done":
                product.move(made[title], "active")
                product.until(made[title], "running")
            if role != "backlog":
                product.move(made[title], role)
    shown = str(made[CARDS["active"][0][0]])
    product.until(shown, "running")
    product.until(made[CARDS["done"][0][0]], "archived")
    detail(product, made)
    return shown


def detail(product: Product, cards: dict[str, str]) -> None:
    """Labels, days, and whose they are."""
    board = product.board()
    me = product.api.patch("/me", json={"name": "Ada Lovelace"}).json()["id"]
    found = {}
    for name, colour in LABELS.items():
        made = product.api.post(f"/boards/{board['id']}/labels", json={"name": name, "colour": colour})
        found[name] = made.json()["id"]
    for title, (labels, days) in DETAILS.items():
        due = None if days is None else (date.today() + timedelta(days=days)).isoformat()
        changes = {
            "labels": [found[name] for name in labels],
            "assignees": [me] if days is not None else [],
            "due_on": due,
        }
        product.api.patch(f"/cards/{cards[title]}", json=changes).raise_for_status()


def wall(studio: Studio, product: Product) -> None:
    with studio.visitor(product, viewport=TALL) as page:
        for title in ("Profile the importer", "Port the old tests"):
            card = product.running_card(title)["id"]
            terminal_of(page, product, card)
            type_lines(page, "clear", "ls -la /etc | head -20" if "Port" in title else "seq -s ' ' 1 200")
        page.goto(f"{product.url}/b/{product.board()['id']}/wall")
        page.wait_for_function("() => document.querySelectorAll('canvas[data-drawn]').length === 3")
        studio.take(page, "wall", {"x": 0, "y": 0, "width": 1280, "height": 332})


def layered(product: Product) -> None:
    """Node.js in the board's stack; and a newer profile than the sessions have."""
    board = product.board()["id"]
    recipes = product.api.get(f"/boards/{board}/recipes").json()
    node = {"kind": "toolchain", "name": "node", "spec": {"use": "node", "version": "22"}}
    made = product.api.post(f"/boards/{board}/recipes", json=node).raise_for_status().json()
    layers = [{"recipe": each["id"]} for each in [*recipes, made]]
    product.api.put(f"/boards/{board}/stack", json={"layers": layers}).raise_for_status()
    built(product, made["id"], 1)


def built(product: Product, recipe: int, number: int) -> None:
    latest = f"/recipes/{recipe}"
    wait_for(lambda: product.api.get(latest).json()["latest"] == number, 300, "the build")


def renewed(product: Product) -> int:
    """The recipe of the profile, of which there is a second version by now."""
    recipes = product.api.get(f"/boards/{product.board()['id']}/recipes").json()
    profile = int(next(each["id"] for each in recipes if each["kind"] == "profile"))
    spec = {"setup": "printf 'set number\\n' > home/.vimrc"}
    change = {"spec": spec, "build": False}
    product.api.patch(f"/recipes/{profile}", json=change).raise_for_status()
    product.api.post(f"/recipes/{profile}/build", json={"why": "line numbers in vim"}).raise_for_status()
    built(product, profile, 2)
    return profile


def layers_page(studio: Studio, product: Product) -> None:
    profile = renewed(product)
    with studio.visitor(product, viewport=TALL) as page:
        page.goto(f"{product.url}/b/{product.board()['id']}/layers#{profile}/2")
        page.locator(".build-log", has_text="done").wait_for()
        page.mouse.move(*CORNER)
        studio.take(page, "layers")


def shared(studio: Studio, product: Product, card: str) -> None:
    """The card's details, the dialog that shares its terminal, and a guest in it."""
    with studio.visitor(product, viewport=TALL) as page:
        page.locator(f'[data-card="{card}"]').focus()
        page.keyboard.press("e")
        page.get_by_role("dialog").wait_for()
        studio.take(page, "card")
        page.keyboard.press("Escape")
        terminal_of(page, product, card)
        page.get_by_role("button", name="Share this terminal").click()
        page.locator("input[name=role][value=type]").check()
        page.get_by_role("button", name="Create link").click()
        link = page.get_by_role("textbox", name="Link", exact=True)
        address = link.input_value()
        link.evaluate("(field, address) => { field.value = address; }", ADDRESS)
        studio.take(page, "share")
        page.keyboard.press("Escape")
        guest = page.context.browser.new_page(viewport={"width": 1280, "height": 420})  # type: ignore[union-attr]
        guest.goto(address)
        guest.get_by_label("Your name").fill("Grace")
        guest.keyboard.press("Enter")
        guest.wait_for_function(HAS_TEXT, arg="#")
        type_lines(guest, "bash run.sh")
        studio.take(guest, "guest")
        guest.close()


def living(studio: Studio, product: Product, card: str) -> None:
    """A card with snapshots and a fork, one that is paused; and all sessions on one page."""
    product.api.post(f"/cards/{card}/snapshots", json={"note": "Before the upgrade"}).raise_for_status()
    fork = product.api.post(f"/cards/{card}/fork", json={"title": "Fix it with cookies"}).json()["id"]
    product.until(fork, "running")
    wait_for(lambda: all(s["state"] == "ready" for s in snapshots(product, card)), 60, "the snapshots")
    paused = product.running_card("Watch the nightly tests")["id"]
    product.api.post(f"/cards/{paused}/sleep", json={"how": "pause"}).raise_for_status()
    product.until(paused, "paused")
    with studio.visitor(product, viewport=TALL) as page:
        page.locator(f'[data-card="{card}"]').focus()
        page.keyboard.press("e")
        page.get_by_role("list", name="Snapshots, the latest first").scroll_into_view_if_needed()
        page.mouse.move(*CORNER)
        studio.take(page, "snapshots")
        page.goto(f"{product.url}/sessions")
        page.get_by_text("Fix it with cookies").wait_for()
        page.wait_for_function("() => /[0-9] %/.test(document.body.innerText)")
        studio.take(page, "sessions", {"x": 0, "y": 0, "width": 1280, "height": 420})
    for each in (fork, paused):
        product.api.delete(f"/cards/{each}").raise_for_status()


def agents(studio: Studio, product: Product) -> None:
    """An agent at work in a terminal of its own, which asks; a recording; tokens."""
    card = product.running_card("Fix the double redirect")
    put = [
        "exec",
        "-i",
        card["session"]["container"],
        "sh",
        "-c",
        "cat >/usr/local/bin/helper; chmod +x /usr/local/bin/helper",
    ]
    subprocess.run(["docker", *put], input=AGENT.encode(), check=True)
    product.api.put(f"/cards/{card['id']}/agent", json={"template": "custom", "command": "helper"}).raise_for_status()
    product.api.post(f"/cards/{card['id']}/agent/start").raise_for_status()
    wait_for(lambda: product.card(card["id"])["questions"], 60, "the agent's question")
    with studio.visitor(product) as page:
        page.goto(f"{product.url}/c/{card['id']}")
        page.wait_for_selector(LIVE)
        page.wait_for_function(HAS_TEXT, arg="asking")
        page.get_by_role("button", name="Middleware").wait_for()
        page.mouse.move(*CORNER)
        studio.take(page, "agent")
        page.get_by_role("tab", name="Main").click()
        page.wait_for_function(HAS_TEXT, arg="#")
        type_lines(page, "git init -q notes && ls -a notes", "false", "seq 12")
        replay(studio, product, page, card["id"])
        page.goto(product.url)
        page.get_by_role("button", name="You:").click()
        page.get_by_role("button", name="Access tokens…").click()
        page.set_viewport_size({"width": 1280, "height": 720})
        page.get_by_test_id("access-tokens").wait_for()
        studio.take(page, "tokens")
    product.api.delete(f"/cards/{card['id']}").raise_for_status()


def replay(studio: Studio, product: Product, page: Page, card: str) -> None:
    def recorded() -> str:
        for each in product.api.get(f"/cards/{card}/recordings").json():
            marks = product.api.get(f"/recordings/{each['id']}").json()["marks"]
            if sum(mark["exit_code"] is not None for mark in marks) >= len(("git", "false", "seq")):
                return str(each["id"])
        return ""

    found = wait_for(recorded, 60, "the recording of all commands")
    page.goto(f"{product.url}/c/{card}#details={card}")
    page.reload()
    address = page.locator(f'[data-recording="{found}"] a').first.get_attribute("href")
    page.goto(f"{product.url}{address}")
    page.locator('[data-testid="recording"][data-ready="true"]').wait_for()
    page.keyboard.press("End")
    page.wait_for_function(HAS_TEXT, arg="12")
    studio.take(page, "replay")


def snapshots(product: Product, card: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = product.api.get(f"/cards/{card}/snapshots").json()
    return found


def board_and_terminal(studio: Studio, product: Product, card: str) -> None:
    with studio.visitor(product) as page, studio.visitor(product, color_scheme="dark") as second:
        terminal_of(page, product, card)
        type_lines(page, *PREPARE)
        page.wait_for_function(f"(text) => !({HAS_TEXT})(text)", arg="git init")
        terminal_of(second, product, card)
        type_lines(page, *SHOWN)
        for each in (page, second):
            each.wait_for_function(HAS_TEXT, arg="step 3 of 3")
            each.wait_for_selector(".people")
        studio.take(page, "terminal")
        type_lines(second, "")  # whoever typed last has the size of the grid
        second.wait_for_function("() => document.querySelector('[data-scaled=\"false\"]') !== null")
        studio.take(second, "dark")
        page.goto(product.url)
        page.wait_for_selector("canvas[data-drawn]")
        page.mouse.move(*CORNER)
        studio.take(page, "board", TOP)


def phone(studio: Studio, product: Product, card: str) -> None:
    options = {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    }
    with studio.visitor(product, **options) as page:
        terminal_of(page, product, card)
        type_lines(page, "clear", "bash run.sh")
        page.wait_for_function(HAS_TEXT, arg="step 3 of 3")
        studio.take(page, "phone")


def starting(studio: Studio, product: Product) -> None:
    """The worker is held in the middle of a start, since a start is over before a picture of it is taken."""
    card = product.new_card("Benchmark the parser", description="Ten thousand lines, three times.")
    worker = product.processes()["worker"]
    with studio.visitor(product) as page:
        page.wait_for_selector(f'[data-card="{card["id"]}"]')
        page.locator(f'[data-card="{card["id"]}"]').drag_to(page.locator('[data-role="active"] .cards'))
        page.wait_for_selector('.overlay [data-step="done"]')
        worker.suspend()
        try:
            page.wait_for_selector('.overlay[data-kind="starting"]')
            page.mouse.move(*CORNER)
            studio.take(page, "starting")
        finally:
            worker.resume()
    product.until(card["id"], "running")


def failed(studio: Studio, product: Product) -> None:
    """A start that cannot succeed: what the session runs in is broken."""
    card = product.running_card("Try the new compiler")
    product.api.patch(f"/cards/{card['id']}", json={"description": "Does it build what the old one built?"})
    product.move(card["id"], "backlog")
    product.until(card["id"], "asleep")
    break_shell(card["session"]["container"])
    product.move(card["id"], "active")
    product.until(card["id"], "failed", timeout_s=120)
    with studio.visitor(product) as page:
        page.goto(f"{product.url}/c/{card['id']}")
        page.wait_for_selector('.overlay[data-kind="failed"]')
        studio.take(page, "failed")


def empty(studio: Studio, product: Product) -> None:
    """A new board whose example was archived: what its columns say then."""
    board = product.api.post("/boards", json={"name": "Next quarter"}).json()
    for card in [card for column in board["columns"] for card in column["cards"]]:
        product.api.post(f"/cards/{card['id']}/archive")
    with studio.visitor(product) as page:
        page.goto(f"{product.url}/b/{board['id']}")
        page.wait_for_selector('[data-connection="live"]')
        studio.take(page, "empty", TOP)


def cut_off(studio: Studio, product: Product) -> None:
    """The browser's network is gone."""
    with studio.visitor(product) as page:
        page.wait_for_selector("canvas[data-drawn]")
        page.context.set_offline(True)
        page.wait_for_selector('[data-connection="lost"]')
        page.mouse.move(*CORNER)
        studio.take(page, "offline", TOP)


@contextlib.contextmanager
def running() -> Iterator[Product]:
    """A product of our own; all of it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="vibenv-pictures-") as directory:
        made = Product(Path(directory)).up()
        try:
            made.remove_all()
            yield made
            made.remove_all()
        finally:
            made.down()
            made.clean()


def working(studio: Studio) -> None:
    with running() as product:
        layered(product)
        card = fill(product)
        for take in (board_and_terminal, phone):
            take(studio, product, card)
        layers_page(studio, product)
        shared(studio, product, card)
        living(studio, product, card)
        agents(studio, product)
        wall(studio, product)
        empty(studio, product)
        cut_off(studio, product)
        starting(studio, product)


def broken(studio: Studio) -> None:
    with running() as product:
        failed(studio, product)


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    target.mkdir(parents=True, exist_ok=True)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    parts: tuple[Callable[[Studio], None], ...] = (working, broken)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        try:
            for part in parts:
                part(Studio(browser, target))
        finally:
            browser.close()


if __name__ == "__main__":
    main()
