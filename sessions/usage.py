"""What sessions hold of the layers, for `layers.collect`: what each is recorded to run, asleep ones included."""

from __future__ import annotations

from layers.usage import Usage
from sessions.models import Session


def of_sessions() -> Usage:
    """Volumes that were swapped into a running session are known here only: the engine names the ones before."""
    images = Session.objects.exclude(image="").values_list("image", flat=True)
    return Usage(images=frozenset(images))
