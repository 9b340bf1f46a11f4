"""The agent on a card in the HTTP API: a thin adapter over `agents` and `access`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from boards import access, actors, agent_templates, agents, people
from boards.caller import FAULTS, user_of
from boards.models import Card
from boards.present import card_json
from boards.schemas import AgentIn, CardOut
from sessions import pausing

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


@router.post("/cards/{card_id}/agent/pause", response={200: CardOut, **FAULTS})
def pause_agents(request: HttpRequest, card_id: str) -> Any:
    """Nothing of the session's agents is typed or run until people let them go on; a program that works on the card is
    held where it is. Only people may do that."""
    card, name = _by_person(request, card_id)
    if pausing.pause(card.session_id, name):
        pausing.hold(card.session_id)
    return card_json(card)


@router.post("/cards/{card_id}/agent/resume", response={200: CardOut, **FAULTS})
def resume_agents(request: HttpRequest, card_id: str) -> Any:
    """Agents that people have paused go on. Only people may do that."""
    card, name = _by_person(request, card_id)
    if pausing.let_go_on(card.session_id, name):
        pausing.hold(card.session_id)
    return card_json(card)


def _by_person(request: HttpRequest, card_id: str) -> tuple[Card, str]:
    card, user = _card(request, card_id), user_of(request)
    if actors.actor_of(user).kind == "agent":
        raise access.Forbidden("Only people pause agents and let them go on.")
    return card, people.name_of(user)
