"""Celery tasks: what is cleaned up now and then."""

from __future__ import annotations

from celery import shared_task

from boards import agents, devices, idempotency
from boards.login_sessions import SessionStore


@shared_task(name="boards.tasks.forget_expired_logins")
def forget_expired_logins() -> None:
    SessionStore.clear_expired()
    devices.forget_old()


@shared_task(name="boards.tasks.forget_kept_answers")
def forget_kept_answers() -> None:
    idempotency.forget_old()


@shared_task(name="boards.tasks.revoke_agents_tokens")
def revoke_agents_tokens() -> None:
    """Tokens of agents that are over, where a killed process could not tell."""
    agents.revoke_leftovers()
