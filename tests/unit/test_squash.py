"""When the layers that a session wrote are merged, and what happens where they cannot be."""

from __future__ import annotations

import errno

import pytest

from engines import current
from engines.errors import EngineUnreachable, PolicyRejected
from engines.protocol import ContainerStatus, EngineImage, Observed
from layers import builder, compose, squash
from layers.registry_http import RegistryError
from sessions import freezing, rebase
from sessions.models import Session, Snapshot
from tests.fault_engine import FaultEngine

IMAGE, TAG = "vibenv/session:whole", "vibenv/session:light"


class Layered(FaultEngine):
    """Whose images have so many layers of a session."""

    own = 0

    def image(self, reference: str) -> EngineImage | None:
        found = {compose.BELOW: "2"}
        return (
            EngineImage(f"sha256:{reference}", (reference,), 1, found, 2 + self.own)
            if reference in self.images
            else None
        )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Layered:
    made = Layered(builder.target().image)
    made.images[IMAGE] = frozenset({"work"})
    monkeypatch.setattr(current, "_engine", made)
    return made


def fails(error: Exception):
    def ask(*_: object) -> None:
        raise error

    return ask


def test_few_layers_stay_and_many_need_a_registry(engine: Layered, caplog: pytest.LogCaptureFixture) -> None:
    engine.own = squash.MOST_OWN
    squash.named(IMAGE, TAG)
    assert (engine.images[TAG], caplog.text) == (frozenset({"work"}), "")
    engine.own += 1
    squash.named(IMAGE, TAG)
    assert "31 layers of its own; VIBENV_REGISTRY says that none is used" in caplog.text


@pytest.mark.parametrize("error", [RegistryError("It is away."), OSError(errno.ENOSPC, "No space left on device")])
def test_a_registry_or_a_disk_that_fails_leaves_them_as_they_are(
    engine: Layered, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(squash, "squashed", fails(error))
    squash.named(IMAGE, TAG)
    assert engine.images[TAG] == {"work"}


def test_an_engine_that_is_away_is_waited_for(engine: Layered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(squash, "squashed", fails(EngineUnreachable("nobody")))
    with pytest.raises(EngineUnreachable):
        squash.named(IMAGE, TAG)


@pytest.mark.django_db
def test_a_session_whose_layers_are_too_many_to_start_again_keeps_its_container(engine: Layered) -> None:
    session = Session.objects.create(name="deep", container_id="c1", image="vibenv/base:1")
    snapshot = Snapshot.objects.create(session=session, kind=Snapshot.Kind.VANISH, state=Snapshot.State.READY)
    engine.images[snapshot.image] = frozenset({"work"})
    engine.own = rebase.MOST_LAYERS + 1
    seen = ContainerStatus(session.container, session.key, Observed.EXITED, container_id="c1")
    with pytest.raises(PolicyRejected, match=r"as often as an engine can.*VIBENV_REGISTRY says that none"):
        freezing.become(session, snapshot, seen)
    session.refresh_from_db()
    assert (session.container_id, session.discards) == ("c1", "")
    engine.own -= 1
    freezing.become(session, snapshot, seen)
    assert (session.container_id, session.discards) == ("", "c1")
