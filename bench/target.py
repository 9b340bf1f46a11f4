"""The product that is measured: started for the bench with a data directory of its own, or one that runs already."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.product import Product, docker


def parser(description: str) -> argparse.ArgumentParser:
    """The options that all benches have."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--json", action="store_true", help="print the figures as one line of JSON, last")
    made.add_argument("--quick", action="store_true", help="few repetitions: shows that it works, not how fast")
    made.add_argument("--running", metavar="URL", help="measure the vibenv that runs there (on this machine)")
    made.add_argument("--data-dir", type=Path, help="its data directory; wanted with --running")
    return made


@contextlib.contextmanager
def product(arguments: argparse.Namespace) -> Iterator[Product]:
    """The product to measure; one that was started here is ended, and all of it removed."""
    if arguments.running:
        yield _running(arguments.running, arguments.data_dir)
        return
    with tempfile.TemporaryDirectory(prefix="vibenv-bench-") as directory:
        made = Product(Path(directory)).up()
        try:
            yield made
            made.remove_all()
        finally:
            made.down()
            _remove_guard(Path(directory))


def _remove_guard(data_dir: Path) -> None:
    """End the network guard of an installation that will not come back; its sessions are gone already."""
    installation = (data_dir / "installation-id").read_text().strip()
    guards = docker("ps", "-aq", "--filter", f"label=vibenv.installation={installation}").split()
    if guards:
        docker("rm", "-f", *guards)


def _running(url: str, data_dir: Path) -> Product:
    made = Product(data_dir)
    made.url, made.port = url.rstrip("/"), urlsplit(url).port or 80
    made.api = httpx.Client(
        base_url=f"{made.url}/api/v1", timeout=20, headers={"Authorization": f"Bearer {made.token}"}
    )
    return made


@contextlib.contextmanager
def card(of: Product, title: str) -> Iterator[dict[str, object]]:
    """A card with a running session, deleted afterwards."""
    made = of.running_card(title)
    try:
        yield made
    finally:
        of.api.delete(f"/cards/{made['id']}")
