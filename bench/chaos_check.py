"""What must hold once nothing breaks any more. Each check gives what is wrong, in words; nothing when all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import httpx

from bench.chaos_work import LEDGER, Worked
from tests.product import Product

READ_BYTES: Final = 4 * 1024**2
# What the engine may say of the container of a session that is in a state, and rests in it.
AGREE: Final = {
    "running": {"running"},
    "paused": {"paused"},
    "asleep": {"exited", "created"},
    "new": {"absent"},
    "archived": {"absent"},
}


def wrong(product: Product, cards: Sequence[Worked]) -> list[str]:
    """Everything that does not hold now."""
    from django.db import close_old_connections

    from engines.errors import VibenvError

    close_old_connections()
    try:
        return [*_parts(product), *_sessions(), *_snapshots(), *_builds(), *_orphans(), *_cards(product, cards)]
    except (VibenvError, httpx.HTTPError, OSError) as error:
        return [f"it could not be asked: {error}"]


def left_over(product: Product) -> list[str]:
    """Of sessions, once every card is deleted."""
    from engines.current import engine
    from engines.errors import VibenvError
    from layers import registry
    from sessions import orphans
    from sessions.models import Session

    try:
        where = registry.current()
        images = [
            name
            for kind in ("session", "snapshot")
            for i in engine().list_images(f"vibenv/{kind}:")
            for name in i.references
        ]
        rings = (product.data_dir / "terminals").glob("*")
        return [
            *(f"the row of {session}" for session in Session.objects.all()),
            *(f"the container {status.name}" for status in engine().list()),
            *(f"the {each.kind} {each.name}" for each in engine().belongings() if each.kind == "network"),
            *(f"the image {name}" for name in images),
            *(f"vibenv/snapshot:{tag} in the registry" for tag in (where.tags(orphans.SNAPSHOTS) if where else [])),
            *(f"the file {path.name}" for path in rings),
            *(f"orphan: {orphan.kind} {orphan.name}: {orphan.why}" for orphan in orphans.find(grace_s=0)),
        ]
    except VibenvError as error:
        return [f"it could not be asked: {error}"]


def _parts(product: Product) -> Iterator[str]:
    health = httpx.get(f"{product.url}/healthz", timeout=10).json()
    if health["status"] != "ok":
        yield f"not healthy: {health}"


def _sessions() -> Iterator[str]:
    from django.utils import timezone

    from engines.current import engine
    from sessions.models import Session

    seen = engine().list()
    of_each = Counter(status.session_id for status in seen)
    states = {status.session_id: str(status.state) for status in seen}
    for session in Session.objects.all():
        about = f"{session.pk} ({session.desired}, {session.state} {session.reason[:200]!r})"
        if of_each[session.key] > 1:
            yield f"{about} has {of_each[session.key]} containers"
        if not session.converged:
            yield f"{about} is not what is wanted"
        if session.state == "failed":
            yield f"{about} failed: {session.log[-300:]}"
        found = states.get(session.key, "absent")
        if found not in AGREE.get(session.state, {found}):
            yield f"{about}: its container is {found}"
        if session.lease and session.lease_until and session.lease_until > timezone.now():
            yield f"{about} is held"


def _snapshots() -> Iterator[str]:
    from sessions.models import Snapshot

    for snapshot in Snapshot.objects.filter(state=Snapshot.State.MAKING):
        yield f"{snapshot} is not made: {snapshot.problem}"


def _builds() -> Iterator[str]:
    from layers.models import Build, BuildState

    for build in Build.objects.filter(state=BuildState.BUILDING):
        yield f"the {build.kind} {build.image} is still being built: {build.progress_text}"


def _orphans() -> Iterator[str]:
    from sessions import orphans

    for orphan in orphans.find(grace_s=0):
        yield f"orphan: {orphan.kind} {orphan.name}: {orphan.why}"


def _cards(product: Product, cards: Sequence[Worked]) -> Iterator[str]:
    for card in cards:
        answer = product.api.get(f"/cards/{card.id}")
        if answer.status_code == 404:
            if card.deleted is False:
                yield f"card {card.id} is gone"
            continue
        if card.deleted:
            yield f"card {card.id} was deleted and is there"
        session = answer.json()["session"]
        if session is not None:
            yield from _card(card, session)


def _card(card: Worked, told: dict[str, str]) -> Iterator[str]:
    from sessions.models import Session

    session = Session.objects.get(pk=told["id"])
    if card.wanted is not None and card.wanted != _meant(session.desired, card.wanted):
        yield f"card {card.id}: {card.wanted} was accepted, and {session.desired} is wanted"
    there = text_of(session)
    if not any(text <= there for text in card.texts):
        lost = min((text - there for text in card.texts), key=len)
        yield f"card {card.id}, {session.state}, {session.reason!r}: {len(lost)} acknowledged lines are lost: {sorted(lost)[:5]}"


def _meant(desired: str, wanted: str) -> str:
    """What is paused is stopped when its processes end with the engine."""
    return wanted if (wanted, desired) == ("paused", "stopped") else desired


def text_of(session: object) -> frozenset[str]:
    """The lines in a session's file, wherever they are now."""
    from engines.current import engine
    from engines.protocol import Observed
    from sessions.models import Session

    assert isinstance(session, Session)
    seen = engine().inspect(session.container)
    if seen.state != Observed.ABSENT:
        return _lines(engine().read_file(session.container, LEDGER, READ_BYTES))
    snapshot = session.starts_from or session.stands_on
    images = [session.image, snapshot.image if snapshot else ""]
    found = next((image for image in images if image and engine().has_image(image)), None)
    return _in_image(found) if found else frozenset()


def _in_image(image: str) -> frozenset[str]:
    from engines.current import engine

    with engine().open_image(image) as reader:
        return _lines(reader.file(LEDGER, READ_BYTES))


def former(cards: Sequence[Worked]) -> list[str]:
    """What a card had before it was taken back must be in a snapshot. Reads them all, so once is enough."""
    from engines.current import engine
    from sessions.models import Snapshot

    lost = []
    for card in cards:
        if not card.former or card.deleted is not False:
            continue
        kept = [
            s for s in Snapshot.objects.filter(session__card=card.id, kind="restore") if engine().has_image(s.image)
        ]
        texts = [_in_image(snapshot.image) for snapshot in kept]
        for before in card.former:
            if not any(text <= there for text in before for there in texts):
                lost.append(f"card {card.id}: what it had before it was taken back is in no snapshot")
    return lost


def _lines(content: bytes | None) -> frozenset[str]:
    return frozenset((content or b"").decode(errors="replace").split())
