"""Who is asking, for WebSockets: a bearer token, or the login cookie of a page of this very site."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.http.request import split_domain_port, validate_host

from boards import access, people, tokens
from boards.models import Board, Card
from sessions.ids import new_id
from sessions.protocol import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED, Kind, Participant, Role
from sessions.terminal.consumer import Denial, Grant
from sessions.terminal.screens import ScreensGrant

Scope = dict[str, Any]


def header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def parameter(scope: Scope, name: str) -> str:
    """Of the address."""
    return str(scope["url_route"]["kwargs"][name])


def same_site(scope: Scope) -> bool:
    """The page that opens the socket is ours: its Origin is the host it talks to, and that host is one of our names."""
    host = header(scope, b"host")
    domain, _ = split_domain_port(host)
    origin = urlsplit(header(scope, b"origin"))
    return bool(origin.netloc) and origin.netloc == host and validate_host(domain, settings.ALLOWED_HOSTS)


async def identify(scope: Scope) -> User | Denial:
    """The user behind a socket. Wants `scope["user"]` from the cookie."""
    secret = tokens.bearer_of(header(scope, b"authorization"))
    if secret is not None:
        user = await database_sync_to_async(tokens.user_of)(secret)
        return user or Denial(UNAUTHENTICATED, "The token is not valid.")
    if not same_site(scope):
        return Denial(FORBIDDEN, "The Origin is not this site's.")
    user = scope["user"]
    return user if user.is_authenticated else Denial(UNAUTHENTICATED, "Log in first.")


def _by_program(scope: Scope) -> bool:
    return tokens.bearer_of(header(scope, b"authorization")) is not None


def _grant(user: User, card_id: str, kind: Kind) -> Grant:
    card = access.card_of(user, card_id)
    role: Role = "watch" if access.role_of(user, card.board_id) == access.Role.VIEWER else "type"
    person = people.person_json(user)
    participant = Participant(
        id=new_id(),
        user=person["id"],
        name=person["name"],
        kind=kind,
        role=role,
        colour=person["colour"],
        initials=person["initials"],
    )
    return Grant(card.session_id, participant)


class _Identified(ABC):
    """ASGI middleware: `resolve(user, scope)` gives what goes into the scope under `key`; every refusal is a `Denial`.

    Under `person` stands the id of the user who was let in.
    """

    key: str

    def __init__(self, app: Any) -> None:
        self.app = AuthMiddlewareStack(self._inner)
        self._next = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        return await self.app(scope, receive, send)

    async def _inner(self, scope: Scope, receive: Any, send: Any) -> Any:
        who = await identify(scope)
        if isinstance(who, User):
            scope["person"] = who.pk
            try:
                scope[self.key] = await database_sync_to_async(self.resolve)(who, scope)
            except access.NotFound as missing:
                scope[self.key] = Denial(NOT_FOUND, str(missing))
        else:
            scope[self.key] = who
        return await self._next(scope, receive, send)

    @abstractmethod
    def resolve(self, user: User, scope: Scope) -> Any:
        """What the user gets at this address. Raises `NotFound`."""


class TerminalAccess(_Identified):
    """Puts a `Grant` for the card's terminal into `scope["terminal"]`."""

    key = "terminal"

    def resolve(self, user: User, scope: Scope) -> Grant:
        kind: Kind = "agent" if _by_program(scope) else "human"
        return _grant(user, parameter(scope, "card_id"), kind)


class BoardAccess(_Identified):
    """Puts the `Board` into `scope["board"]`."""

    key = "board"

    def resolve(self, user: User, scope: Scope) -> Board:
        return access.board_of(user, parameter(scope, "board_id"))


class ScreensAccess(_Identified):
    """Puts a `ScreensGrant` for the board's terminals into `scope["screens"]`."""

    key = "screens"

    def resolve(self, user: User, scope: Scope) -> ScreensGrant:
        board_id = access.board_of(user, parameter(scope, "board_id")).pk

        def sessions_of(cards: list[str]) -> dict[str, str]:
            # Asked anew each time: whoever is no longer a member finds nothing more.
            seen = Card.objects.filter(pk__in=cards, board_id=board_id, board__in=access.boards_of(user))
            return dict(seen.values_list("pk", "session_id"))

        return ScreensGrant(database_sync_to_async(sessions_of))
