"""`vibenv login`: a fresh one-time link to the vibenv that runs."""

from __future__ import annotations

from vibenv_site.cli import environ
from vibenv_site.setup.errors import SetupError


def link(data_dir: str | None) -> str:
    """Raises `SetupError` when no vibenv runs in this data directory."""
    path = environ.chosen_data_dir(data_dir)
    found = environ.of_running(path)
    if found is None or not found.ready:
        raise SetupError(f"No vibenv runs in {path}. Start it with `./vibenv up`, or name its --data-dir.")
    return new_url()


def new_url() -> str:
    """A one-time link from the database that settings name."""
    import django

    django.setup()
    from boards.login import new_login_url

    return new_login_url()
