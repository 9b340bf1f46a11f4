"""The agent on a card in the HTTP API: a thin adapter over `agents` and `access`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from boards import access, agent_templates, agents
from boards.caller import FAULTS, user_of
from boards.models import Card
from boards.present import card_json
from boards.schemas import AgentIn, CardOut

router = Router(tags=["agents"])


class TemplateOut(Schema):
    """`install`: what to do where its program is missing. `secret`: the variable it needs, as a secret of board or card."""

    name: str
    label: str
    command: str
    install: str
    secret: str


def _card(request: HttpRequest, card_id: str) -> Card:
    return access.card_of(user_of(request), card_id, access.Role.EDITOR)


@router.get("/agent-templates", response={200: list[TemplateOut], **FAULTS})
def list_templates(request: HttpRequest) -> Any:  # noqa: ARG001
    """The agents that vibenv knows how to start; any other command works, too."""
    return agent_templates.ALL


@router.put("/cards/{card_id}/agent", response={200: CardOut, **FAULTS})
def put_agent(request: HttpRequest, card_id: str, new: AgentIn) -> Any:
    """Which agent works on the card: a template, a command, or both; neither: none. It starts when the card's session
    does; while that runs already, with `POST …/agent/start`."""
    card = agents.put(_card(request, card_id), new.template, new.command, user=user_of(request))
    return card_json(card)


@router.post("/cards/{card_id}/agent/start", response={202: CardOut, **FAULTS})
def start_agent(request: HttpRequest, card_id: str) -> Any:
    """Start it now, or once more after it was over, with the card as it is now for its task."""
    return Status(202, card_json(agents.start(_card(request, card_id), user=user_of(request))))


@router.post("/cards/{card_id}/agent/stop", response={202: CardOut, **FAULTS})
def stop_agent(request: HttpRequest, card_id: str) -> Any:
    """End it. What it did stays; its token is worth nothing from now on."""
    return Status(202, card_json(agents.stop(_card(request, card_id), user=user_of(request))))
