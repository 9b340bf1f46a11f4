"""A build that is asked for in one process is done by the product's worker."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator

import pytest

from layers import requests
from layers.builders.protocol import BuildRequest
from layers.models import Kind
from tests.product import ROOT, Product, docker, wait_for
from vibenv_site.setup import paths

ASK = """
import json, sys, django
django.setup()
from layers import builds, requests
from layers.models import Build
if sys.argv[1] == "ask":
    print(builds.request(requests.from_json(json.loads(sys.argv[2]))).pk)
else:
    found = Build.objects.get(pk=sys.argv[2])
    print(found.state, found.builder, found.reason)
"""


def ask(product: Product, *arguments: str) -> str:
    own = {
        "VIBENV_DATA_DIR": str(product.data_dir),
        "VIBENV_REDIS_URL": f"unix://{paths.socket_path(product.data_dir, 'redis.sock')}",
        "DJANGO_SETTINGS_MODULE": "vibenv_site.settings",
    }
    command = [sys.executable, "-c", ASK, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=product.environment | own, text=True, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def wanted(base_image: str) -> Iterator[BuildRequest]:
    digest = secrets.token_hex(32)
    image = f"vibenv/toolchain-test:{digest[:12]}"
    script = "echo begun; echo x > $PREFIX/x"
    yield BuildRequest(digest, Kind.TOOLCHAIN, "test", image, base_image, "/opt/vibenv/toolchain/test", script)
    if docker("images", "-q", image):
        docker("rmi", image)


pytest_plugins = ["tests.integration.engine_fixtures"]


def test_a_worker_does_the_build(product: Product, wanted: BuildRequest) -> None:
    number = ask(product, "ask", json.dumps(requests.to_json(wanted)))
    log = product.data_dir / "logs" / "layers" / f"{wanted.digest}.log"
    wait_for(lambda: log.exists() and "begun" in log.read_text(), 30, "the build's log")
    found = wait_for(lambda: (state := ask(product, "look", number)).startswith("ready") and state, 60, "the layer")
    assert found.split() == ["ready", "docker"]
    assert docker("images", "-q", wanted.image)
