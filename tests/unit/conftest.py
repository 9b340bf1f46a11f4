from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from engines import current

hypothesis_settings.register_profile(
    "vibenv", deadline=None
)  # how long an example takes says nothing on a busy machine
hypothesis_settings.load_profile("vibenv")


@pytest.fixture(scope="session")
def mute_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Something listens at the engine's address, and hangs up: there are no engine's answers in unit tests."""
    path = tmp_path_factory.mktemp("engine") / "engine.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def hang_up() -> None:
        with contextlib.suppress(OSError):
            while True:
                listener.accept()[0].close()

    threading.Thread(target=hang_up, daemon=True).start()
    yield path
    listener.close()


@pytest.fixture(autouse=True)
def engine_within_reach(mute_engine: Path, settings: object) -> Iterator[None]:
    settings.DOCKER_HOST = f"unix://{mute_engine}"  # type: ignore[attr-defined]
    current.reset()
    yield
    current.reset()


@pytest.fixture(autouse=True)
def connections_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels closes what is not as it was set up, as on PostgreSQL a connection is on which a test's transaction is open."""
    monkeypatch.setattr("channels.db.close_old_connections", lambda **_: None)


@pytest.fixture
def in_this_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Operations that wait look things up in threads of their own, which see nothing of a test's open transaction."""
    from boards import questions, work

    for lookup in (work._look, work._start, questions._read):
        monkeypatch.setattr(lookup, "_thread_sensitive", True)
