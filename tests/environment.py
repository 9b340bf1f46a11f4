"""Loaded before anything else: every run has a data directory of its own, so that no test meets a person's installation."""

import os
import tempfile

import pytest

os.environ["VIBENV_DATA_DIR"] = tempfile.mkdtemp(prefix="vibenv-tests-")
os.environ["VIBENV_POOL_SIZE"] = "0"  # nothing is made ahead unless a test wants that
os.environ["VIBENV_REGISTRY"] = "off"  # a test that wants one brings its own
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibenv_site.settings")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright leaves an event loop running in the main thread, where no other can then run."""
    items.sort(key=lambda item: "browser" in item.path.parts)
