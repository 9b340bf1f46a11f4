"""Boards and cards as the API, the pages and the events show them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db.models import Prefetch

from boards.layer_present import layers_json
from boards.models import Board, Card, Column, Invite, Label, Question, ShareLink
from boards.people import members_json
from sessions import rules
from sessions.agents import run_json
from sessions.present import iso, related, session_json

ASKS = 160  # characters of a question on its card


def of_cards() -> tuple[str | Prefetch[str], ...]:
    """What `card_json` of many cards wants loaded, besides `session`."""
    still_open = Question.objects.filter(answered_at=None, withdrawn_at=None)
    return (*related("session__"), Prefetch("questions", still_open, to_attr="open_questions"))


def card_json(card: Card) -> dict[str, Any]:
    """Wants `session` loaded; of many cards, also what `of_cards` says."""
    session = session_json(card.session)
    if session is not None:
        session["terminal_url"] = terminal_url(card.pk)
    return {
        "id": card.pk,
        "board": card.board_id,
        "column": card.column_id,
        "rank": card.rank,
        "version": card.version,
        "title": card.title,
        "description": card.description,
        "created_at": iso(card.created_at),
        "updated_at": iso(card.updated_at),
        "archived_at": iso(card.archived_at) if card.archived_at else None,
        "labels": card.label_ids,
        "assignees": card.assignee_ids,
        "due_on": card.due_on.isoformat() if card.due_on else None,
        "is_template": card.is_template,
        "rules": card.rules,
        "comments": card.comment_count,
        "files": card.file_count,
        "questions": card.question_count,
        "asks": _asks(card),
        "agent": _agent_json(card),
        "stack": card.session.stack_id,
        "forked_from": card.forked_from_id,
        "url": f"/c/{card.pk}",
        "session": session,
    }


def _asks(card: Card) -> str:
    """The oldest question that nobody answered yet, in words for a card; empty where there is none."""
    if not card.question_count:
        return ""
    known: list[Question] | None = getattr(card, "open_questions", None)
    if known is None:
        known = list(card.questions.filter(answered_at=None, withdrawn_at=None)[:1])
    if not known:
        return ""
    words = f"{known[0].asked_by} asks: {known[0].text}"
    return words if len(words) <= ASKS else f"{words[: ASKS - 1]}…"


def _agent_json(card: Card) -> dict[str, Any] | None:
    """The agent that the card names, and what its latest run does; None where there is neither."""
    run = run_json(card.session)
    if not card.agent and run["state"] is None:
        return None
    return {"template": card.agent.get("template", ""), "command": card.agent.get("command", ""), **run}


def terminal_url(card_id: str) -> str:
    return f"{settings.PUBLIC_URL.replace('http', 'ws', 1)}/ws/cards/{card_id}/terminal"


def link_json(link: ShareLink) -> dict[str, Any]:
    """A share link, without its secret: that is told once, as part of `link_url`."""
    return {
        "id": link.pk,
        "role": link.role,
        "created_at": iso(link.created_at),
        "expires_at": iso(link.expires_at),
    }


def link_url(secret: str) -> str:
    return f"{settings.PUBLIC_URL}/s/{secret}"


def invite_json(invite: Invite) -> dict[str, Any]:
    """Without its secret: that is told once, as part of `invite_url`."""
    return {
        "id": invite.pk,
        "role": invite.role,
        "used": invite.used,
        "created_at": iso(invite.created_at),
        "expires_at": iso(invite.expires_at),
    }


def invite_url(secret: str) -> str:
    return f"{settings.PUBLIC_URL}/i/{secret}"


def label_json(label: Label) -> dict[str, str]:
    return {"id": label.pk, "name": label.name, "colour": label.colour}


def column_json(column: Column, cards: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Loads its cards where none are given."""
    if cards is None:
        found = column.cards.filter(archived_at=None).select_related("session").prefetch_related(*of_cards())
        cards = [card_json(card) for card in found.order_by("rank", "id")]
    return {"id": column.pk, "name": column.name, "role": column.role, "wip_limit": column.wip_limit, "cards": cards}


def rules_json(board: Board) -> dict[str, Any]:
    """When its sessions sleep. Shape: `RulesOut`."""
    return {"installation": asdict(rules.installation()), "board": rules.merged(board.rules)}


def board_recording_json(board: Board) -> dict[str, bool]:
    """Whether its terminals are recorded. Without output there is no input either."""
    return {"output": board.recording, "input": board.recording and board.record_input}


def board_json(board: Board) -> dict[str, Any]:
    """The whole board, in a number of queries that does not grow with its cards."""
    cards: dict[str, list[dict[str, Any]]] = {}
    found = board.cards.filter(archived_at=None).select_related("session").prefetch_related(*of_cards())
    for card in found.order_by("rank", "id"):
        cards.setdefault(card.column_id, []).append(card_json(card))
    columns = [column_json(c, cards.get(c.pk, [])) for c in board.columns.order_by("rank", "id")]
    return {
        "id": board.pk,
        "name": board.name,
        "version": board.version,
        **layers_json(board),
        "rules": rules_json(board),
        "recording": board_recording_json(board),
        "labels": [label_json(label) for label in board.labels.all()],
        "members": members_json(board),
        "columns": columns,
    }
