"""The agent on a card: which one, its task, its way in, its start and stop. What runs in the session: `sessions.agents`."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from boards import access, actions, agent_templates, questions, tokens
from boards.actions import locked, saved
from boards.models import ApiToken, Card, Column
from boards.people import name_of
from engines.errors import PolicyRejected
from sessions import agents as runs
from sessions.agent_work import Brief
from sessions.models import AgentRun, SessionSecret
from sessions.sealing import seal
from sessions.states import State

TOKEN: Final = "VIBENV_TOKEN"  # noqa: S105  (a secret's name)
GROUPS: Final = ["look", "type", "ask"]  # what its token is for, on its own card alone
LONGEST_S: Final = 30 * 24 * 60 * 60  # of a token that nothing revoked


def given(template: str, command: str) -> dict[str, str]:
    """What a card keeps of its agent; nothing where neither is named. Raises `InvalidInput`."""
    if not template and not command.strip():
        return {}
    chosen = agent_templates.named(template)
    return {"template": chosen.name, "command": runs.checked(command or chosen.command)}


@transaction.atomic
def put(card: Card, template: str, command: str, *, user: User) -> Card:
    """Which agent works on the card: started with its session, or by `start` while that runs already. Neither: none."""
    card = locked(card)
    card.agent = given(template, command)
    card = saved(card, "agent")
    runs.give_up_wanted(card.session_id)
    if card.agent and card.session.state != State.RUNNING and not runs.is_live(card.session_id):
        want(card, user)
    return card


def want(card: Card, user: User) -> None:
    """Have the card's agent start as soon as its session runs. Raises `PolicyRejected` while one works."""
    runs.want(card.session, **card.agent, asked_by=user.username)


@transaction.atomic
def start(card: Card, *, user: User) -> Card:
    """Start it now, or once more; its session too. Raises `PolicyRejected`."""
    card = locked(card)
    if not card.agent:
        raise PolicyRejected("The card names no agent. Choose one first.")
    if card.column.role != Column.Role.ACTIVE or card.archived_at is not None:
        raise PolicyRejected("Only in an active column can an agent work. Move the card there first.")
    want(card, user)
    if card.session.status not in {"running", "starting"}:
        actions.start_card(card, user=user)
    return locked(card)


@transaction.atomic
def stop(card: Card, *, user: User) -> Card:
    """End it. Raises `PolicyRejected` where none works."""
    runs.stop(card.session, actor=user.username, name=name_of(user))
    return locked(card)


# its way in -----------------------------------------------------------------------------------------------
@transaction.atomic
def brief(run: AgentRun) -> Brief:
    """What it is to do, and a new token for its own card, of which only the session's sealed secret knows.

    Raises `PolicyRejected` where whoever asked may not change the card any more.
    """
    card = Card.objects.select_related("board").get(session=run.session_id)
    user = User.objects.filter(username=run.asked_by, is_active=True).first()
    if user is None or access.role_of(user, card.board_id) in {None, access.Role.VIEWER}:
        raise PolicyRejected(
            f"{run.asked_by} asked for this agent and may not change the card any more. Start it again."
        )
    tokens.revoke(_tokens(card))
    secret = tokens.issue(user, runs.name_of(run), card=card, verbs=GROUPS, kind="agent", expires_in_s=LONGEST_S)
    kept = {"sealed": seal(secret), "origin": runs.ORIGIN}
    SessionSecret.objects.update_or_create(session_id=run.session_id, name=TOKEN, defaults=kept)
    return _brief(card, run)


def _brief(card: Card, run: AgentRun) -> Brief:
    template = agent_templates.named(run.template)
    url = f"{settings.PUBLIC_URL}/c/{card.pk}"
    return Brief(
        task={"title": card.title, "description": card.description, "url": url},
        text=task_text(card, url),
        files=dict([template.config]) if template.config else {},
        variables={"VIBENV_CARD": card.pk, "VIBENV_TASK": card.title, "VIBENV_PROMPT": agent_templates.PROMPT},
        install=template.install,
    )


def _tokens(card: Card) -> Any:
    return ApiToken.objects.filter(card=card, kind=ApiToken.Kind.AGENT)


def task_text(card: Card, url: str) -> str:
    """The task as the agent reads it."""
    links = [f"- Card: {url}", f"- Files that people attached, if any: /attachments ({card.file_count})"]
    return "\n".join([
        f"# {card.title}",
        "",
        card.description.strip() or "There is no description: the title says it all.",
        "",
        "## Where you are",
        "",
        *links,
        "- Work in /workspace. People see this terminal and the card, and can type here at any time.",
        "",
        "## How to ask",
        "",
        "When you need a decision, ask the people of the board and wait for the answer. With vibenv's MCP server",
        "(`$VIBENV_API/mcp`, `Authorization: Bearer $VIBENV_TOKEN`) use the tool `ask_human`. Without it:",
        "",
        "```sh",
        'curl -s -H "Authorization: Bearer $VIBENV_TOKEN" -H "Content-Type: application/json" \\',
        """  -d '{"text": "Which one?", "options": ["this", "that"]}' "$VIBENV_API/api/v1/cards/$VIBENV_CARD/questions\"""",
        'curl -s -H "Authorization: Bearer $VIBENV_TOKEN" "$VIBENV_API/api/v1/questions/<id>?wait_s=300"',
        "```",
        "",
    ])  # fmt: skip


def on_agent_over(session_id: str, **_: Any) -> None:
    """Receiver of `agent_over`: its token is worth nothing any more, and nobody need answer what it asked."""
    card = Card.objects.filter(session=session_id).first()
    if card is None:
        return
    tokens.revoke(_tokens(card))
    questions.withdraw_all(card, "agent", "vibenv")


def revoke_leftovers() -> None:
    """Of agents that are over, where a killed process could not tell."""
    over = ApiToken.objects.filter(kind=ApiToken.Kind.AGENT).exclude(card__session__agent_runs__state__in=runs.MAY_WORK)
    if over.exists():
        tokens.revoke(over)
