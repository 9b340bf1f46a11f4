"""What a token may of all that its user may: one board or card, and some groups of verbs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

from django.contrib.auth.models import AnonymousUser, User

from boards.verbs import GROUPS, Group, Verb
from engines.errors import VibenvError

Kind = Literal["person", "cli", "agent"]  # who shows the token: a program of a person's, a person at a CLI, an agent
_ATTRIBUTE = "scope"


class Forbidden(VibenvError):
    """A member may see this, but not do it; the text says who can change that."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Without a board and a card: all of the user's. Without verbs: all groups."""

    board_id: str | None = None
    card_id: str | None = None
    verbs: frozenset[str] = frozenset()
    name: str = ""
    kind: Kind = "person"
    token_id: int | None = None
    expires_at: datetime | None = None
    by_mcp: bool = False  # who calls by MCP is an agent, whosever token it shows

    @property
    def narrow(self) -> bool:
        """It is for one board or card."""
        return self.board_id is not None or self.card_id is not None

    def has(self, group: Group) -> bool:
        return not self.verbs or group in self.verbs


def attach(user: User, scope: Scope) -> User:
    """Have whatever is done for `user`, as this object, be within `scope`."""
    setattr(user, _ATTRIBUTE, scope)
    return user


def by_mcp(user: User) -> User:
    """What is done for `user`, as this object, is done by an agent."""
    return attach(user, replace(of(user) or Scope(), by_mcp=True))


def of(user: User | AnonymousUser) -> Scope | None:
    """None where it is no token that lets the user in."""
    return cast("Scope | None", getattr(user, _ATTRIBUTE, None))


def must(user: User | AnonymousUser, group: Group) -> None:
    """Raises `Forbidden` where the user came by a token that lacks this group of verbs."""
    scope = of(user)
    if scope is not None and not scope.has(group):
        raise Forbidden(f"This needs a token with “{group}”. Yours, “{scope.name}”, has {in_words(scope)}.")


def in_words(scope: Scope) -> str:
    """Its groups."""
    return ", ".join(f"“{group}”" for group in GROUPS if scope.has(group)) or "none"


def must_verb(user: User | AnonymousUser, verb: Verb | None) -> None:
    """As `must`, with all that a verb asks of a token. None: an operation that nobody entered in `verbs` takes all groups."""
    scope = of(user)
    if scope is None:
        return
    for group in GROUPS if verb is None else (verb.group,):
        must(user, group)
    if scope.narrow and (verb is None or verb.personal):
        one = "card" if scope.card_id else "board"
        raise Forbidden(f"This is about your whole account. The token “{scope.name}” is for one {one} only.")
    if scope.card_id and verb is not None and verb.makes_cards:
        raise Forbidden(f"The token “{scope.name}” is for one card only: it cannot make another.")
