"""Sessions that wait for the base image: told how far it is, and woken when it is there."""

from __future__ import annotations

from typing import Any

from layers import base
from sessions import steps
from sessions.lifecycle import wake
from sessions.models import Session
from sessions.states import Desired, State


def on_base_changed(**_: Any) -> None:
    """Receiver of `layers.signals.base_changed`."""
    found = base.resolve()
    for session in Session.objects.filter(state=State.PREPARING, desired=Desired.RUNNING):
        if found.state == "building":
            steps.begin(session, "environment", found.detail)
        else:
            wake(session.pk)
