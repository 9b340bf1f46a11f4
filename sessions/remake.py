"""Another container for a session that starts: with other layers below, and all that the session wrote.

At no moment is the work only in something that was removed: it is frozen into an image, which the row names before the old
container goes. Killed at any point, the next start finds either the old container, from which all is done once more, or
the image, or the new container.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging

from django.db import transaction

from engines.current import engine
from engines.errors import EngineError, EngineUnreachable, PolicyRejected, VibenvError
from engines.protocol import ContainerStatus, Observed
from layers import compose, keep, mounts, registry, squash
from layers.models import Build, Kind
from sessions import files, launch, leases, rebase, steps, wishes
from sessions.environment import Environment, parts_of
from sessions.models import Session, SessionLayer

log = logging.getLogger(__name__)

UNKNOWN = "What its present base was built of is not known any more, so it stays on that. A new card has the new one."
FULL = "It was given other layers as often as an engine can. Copy what you need out of it into a new card."


def needed(made: ContainerStatus, wanted: Environment) -> bool:
    """Whether a container that does not run differs from what is wanted."""
    if wanted.base is None or made.state not in {Observed.CREATED, Observed.EXITED}:
        return False
    return parts_of(made) != wanted.made_of.split() or set(made.layers) != set(wanted.layers)


def attempt(session: Session, made: ContainerStatus, wanted: Environment) -> ContainerStatus:
    """The new container; or the one there is, where that cannot be, and why is told at its layers."""
    steps.begin(session, "container", "Putting what it wrote on its new layers")
    session.image = made.image
    try:
        with leases.kept(session):
            image, given = _image(session, made, wanted)
    except EngineUnreachable:
        raise
    except VibenvError as error:
        log.warning("session %s keeps its container: %s", session, error)
        _refused(session, str(error))
        clean(session, keep=made.image)
        return made
    _commit_to(session, made, image, given)
    engine().destroy(session.container, session.key)
    return engine().create(launch.spec(session, image, given))


def has_own_image(session: Session) -> bool:
    return session.image.startswith(rebase.tag_of(session, ""))


def own_image(session: Session) -> str:
    """The image that has what the session wrote when it was last remade or archived; empty where there is none.

    Fetched from the registry where only that has it, as the snapshot on which the session stands.
    """
    if not has_own_image(session):
        return ""
    if engine().has_image(session.image):
        return session.image
    if session.stands_on is None or session.image != tag_for(session, session.stands_on.pk):
        return ""
    keep.fetch(session.stands_on.image)
    engine().tag_image(session.stands_on.image, session.image)
    return session.image


def tag_for(session: Session, snapshot_id: str) -> str:
    """The session's own name for the image of a snapshot that it starts from."""
    return rebase.tag_of(session, f"from-{snapshot_id}")


def standing_on(session: Session, wanted: Environment) -> Environment:
    """What is wanted, but for the base and the project, which are those of its own image."""
    runs = {row.recipe.kind: row.runs.build for row in wishes.rows_of(session) if row.runs}
    return dataclasses.replace(wanted, base=runs.get(Kind.BASE), project=runs.get(Kind.PROJECT))


def clean(session: Session, *, keep: str = "") -> None:
    """Remove images of the session's own that nothing needs any more. A failure leaves them to the next time."""
    with contextlib.suppress(EngineError):
        engine().remove_workshop(rebase.workshop_of(session))
    with contextlib.suppress(EngineError):
        for image in engine().list_images(rebase.tag_of(session, "")):
            for name in image.references:
                if name != keep:
                    with contextlib.suppress(EngineError):
                        engine().remove_image(name)


def _image(session: Session, made: ContainerStatus, wanted: Environment) -> tuple[str, Environment]:
    """Made of the container, with what it then stands on."""
    parts = parts_of(made)
    if parts == wanted.made_of.split():
        image = _frozen(session, made, "kept")
        check_room(image)
        return image, wanted
    old, new = _below(parts), rebase.Below(_base(wanted), wanted.project)
    found = rebase.rebased(session, _frozen(session, made, "frozen"), old, new)
    _tell(session, found)
    return found.image, dataclasses.replace(wanted, project=old.project) if found.kept_project else wanted


def _frozen(session: Session, made: ContainerStatus, what: str) -> str:
    tag = rebase.tag_of(session, f"{what}-{made.container_id[:12]}")
    for name in (tag, f"{tag}-layers"):
        engine().remove_image(name)  # of an attempt that was killed
    whole = rebase.frozen(session, f"{tag}-layers")
    squash.named(whole, tag)
    with contextlib.suppress(EngineError):  # what stays goes with the next `clean`
        engine().remove_image(whole)
    return tag


def _base(wanted: Environment) -> Build:
    assert wanted.base is not None  # noqa: S101  (for the type checker: `needed` saw to it)
    return wanted.base


def _below(parts: list[str]) -> rebase.Below:
    found = {build.kind: build for build in Build.objects.filter(digest__in=parts, kind__in=[Kind.BASE, Kind.PROJECT])}
    if Kind.BASE not in found:
        raise PolicyRejected(UNKNOWN)
    return rebase.Below(found[Kind.BASE], found.get(Kind.PROJECT))


def check_room(image: str) -> None:
    """Raises `PolicyRejected` for an image of a session upon which no more can be put."""
    if compose.own_layers(engine().image(image)) > rebase.MOST_LAYERS:
        raise PolicyRejected(f"{FULL} {registry.missing()}".strip())


def _commit_to(session: Session, made: ContainerStatus, image: str, given: Environment) -> None:
    """From here on the image has the work; the container may go."""
    with transaction.atomic():
        for row in _parts_rows(session):
            build = given.base if row.recipe.kind == Kind.BASE else given.project
            if row.wants and build and row.wants.build_id == build.pk:
                wishes.given(row, row.wants, conflicts=row.conflicts)
        files.remade(session, made.container_id)
        Session.objects.filter(pk=session.pk).update(image=image, container_id="", reason=session.reason)
    session.refresh_from_db()


def _parts_rows(session: Session) -> list[SessionLayer]:
    return [row for row in wishes.rows_of(session) if not mounts.is_mounted(row.recipe)]


def _tell(session: Session, found: rebase.Rebased) -> None:
    """What came of it: conflicts at the project's layer, the rest as the session's reason."""
    session.reason = " ".join(filter(None, (session.reason, found.told)))
    for row in _parts_rows(session):
        if row.recipe.kind != Kind.PROJECT:
            continue
        SessionLayer.objects.filter(pk=row.pk).update(conflicts=list(found.conflicts))
        if found.kept_project:  # until somebody updates once more
            wishes.want(session, row.recipe_id, row.runs, held=True, row=row)
            row.wants = row.runs
            wishes.refused(row, found.told)


def _refused(session: Session, problem: str) -> None:
    for row in _parts_rows(session):
        if row.runs_id != row.wants_id:
            wishes.refused(row, problem)
