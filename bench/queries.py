"""How many queries opening a board takes: asked of the product's own code and database, in a process beside it."""

from __future__ import annotations

import subprocess
import sys

import psutil

from bench.usage import listening
from tests.product import ROOT, Product

SCRIPT = """
import sys
import django
django.setup()
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
board, token = sys.argv[1:]
client = Client(headers={"authorization": f"Bearer {token}", "host": "localhost"})
with CaptureQueriesContext(connection) as seen:
    assert client.get(f"/api/v1/boards/{board}").status_code == 200
print(len(seen))
"""


def opening_queries(product: Product, board: str) -> int:
    """Of the board's page state, as the API gives it."""
    environment = {
        **psutil.Process(listening(product.port)).environ(),
        "DJANGO_SETTINGS_MODULE": "vibenv_site.settings",
    }
    command = [sys.executable, "-c", SCRIPT, board, product.token]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=True)
    return int(done.stdout)
