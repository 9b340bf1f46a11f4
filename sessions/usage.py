"""What sessions hold of the layers, for `layers.collect`: what each runs and is to run, asleep ones included."""

from __future__ import annotations

from layers import mounts
from layers.models import Build, LayerVersion
from layers.usage import Usage
from sessions import rebase
from sessions.models import Session, SessionLayer, Snapshot


def of_sessions() -> Usage:
    """Volumes that were changed under a running session are known here only: the engine names those it started with."""
    layers = SessionLayer.objects.values_list("runs__build_id", "wants__build_id")
    stood_on = {row[1] for stack in Snapshot.objects.values_list("layers", flat=True) for row in stack if row[1]}
    in_snapshots = LayerVersion.objects.filter(pk__in=stood_on).values_list("build_id", flat=True)
    builds = frozenset({*in_snapshots, *(pk for pair in layers for pk in pair if pk is not None)})
    mounted = Build.objects.filter(pk__in=builds, kind__in=mounts.MOUNTED)
    sessions = list(Session.objects.only("pk", "image"))
    return Usage(
        builds=builds,
        images=frozenset(session.image for session in sessions if session.image),
        volumes=frozenset(mounts.volume_of(build) for build in mounted),
        # all of a session's own: while its container is made anew, its files are in one that no row names yet
        prefixes=frozenset(rebase.tag_of(session, "") for session in sessions),
    )
