"""Who is asking, for WebSockets: a bearer token, or the login cookie of a page of this very site."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.http.request import split_domain_port, validate_host

from boards import access, actors, people, scopes, tokens
from boards.consumers import BoardGrant
from boards.login_sessions import stored
from boards.models import Card
from boards.socket_guard import Gate, Pass, guards
from sessions import terminals
from sessions.protocol import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED, Kind, Role
from sessions.terminal import keys
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


def _kind(user: User, scope: Scope) -> Kind:
    """A person at a command line says so by `?as=human`."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("as")
    return actors.kind_of(user, says_human=asked == ["human"])


def number_of(scope: Scope, card: Card) -> int:
    """Which of the card's terminals an address names. Raises `NotFound`."""
    number = int(scope["url_route"]["kwargs"].get("number", keys.MAIN))
    if number != keys.MAIN and not card.session.terminals.filter(number=number, closed_at=None).exists():
        raise access.NotFound("There is no such terminal on this card; it was closed.")
    return number


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a socket gets, and by which membership: `role` is None where any will do."""

    what: Any
    board_id: str
    role: access.Role | None = None


class _Identified(ABC):
    """ASGI middleware: `resolve(user, scope)` gives what goes into the scope under `key`; every refusal is a `Denial`.
    The socket lasts no longer than the membership and the login that it came by.
    """

    key: str
    told_why = False

    def __init__(self, app: Any) -> None:
        self.app = AuthMiddlewareStack(self._inner)
        self._next = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        return await self.app(scope, receive, send)

    async def _inner(self, scope: Scope, receive: Any, send: Any) -> Any:
        heard = guards.heard
        who = await identify(scope)
        if isinstance(who, Denial):
            return await self._refuse(who, scope, receive, send)
        try:
            scopes.must(who, "look")
            admitted = await database_sync_to_async(self.resolve)(who, scope)
        except access.NotFound as missing:
            return await self._refuse(Denial(NOT_FOUND, str(missing)), scope, receive, send)
        except access.Forbidden as forbidden:
            return await self._refuse(Denial(FORBIDDEN, str(forbidden)), scope, receive, send)
        scope[self.key] = admitted.what
        held = self._pass(who, admitted, scope)
        gate = Gate(receive, send, held)
        try:
            async with guards.watching(held, heard):
                return await self._next(scope, gate.receive, gate.send)
        finally:
            gate.leave()

    async def _refuse(self, why: Denial, scope: Scope, receive: Any, send: Any) -> Any:
        scope[self.key] = why
        return await self._next(scope, receive, send)

    def _pass(self, user: User, admitted: Admitted, scope: Scope) -> Pass:
        secret = tokens.bearer_of(header(scope, b"authorization"))
        return Pass(
            user_id=user.pk,
            board_id=admitted.board_id,
            role=admitted.role,
            login="" if secret else stored(scope["session"].session_key),
            token=tokens.digest(secret) if secret else "",
            told_why=self.told_why,
        )

    @abstractmethod
    def resolve(self, user: User, scope: Scope) -> Admitted:
        """What the user gets at this address. Raises `NotFound`."""


class TerminalAccess(_Identified):
    """Puts a `Grant` for the card's terminal into `scope["terminal"]`."""

    key = "terminal"
    told_why = True

    def resolve(self, user: User, scope: Scope) -> Admitted:
        card = access.card_of(user, parameter(scope, "card_id"))
        mine = access.role_of(user, card.board_id)
        token = scopes.of(user)
        looks_only = mine in {None, access.Role.VIEWER} or (token is not None and not token.has("type"))
        role: Role = "watch" if looks_only else "type"
        who = actors.participant_of(user, _kind(user, scope), role)
        return Admitted(Grant(card.session_id, who, number_of(scope, card)), card.board_id, mine)


class BoardAccess(_Identified):
    """Puts a `BoardGrant` into `scope["board"]`."""

    key = "board"

    def resolve(self, user: User, scope: Scope) -> Admitted:
        board = access.board_of(user, parameter(scope, "board_id"))
        return Admitted(BoardGrant(board.pk, people.person_json(user)), board.pk)


class ScreensAccess(_Identified):
    """Puts a `ScreensGrant` for the board's terminals into `scope["screens"]`."""

    key = "screens"

    def resolve(self, user: User, scope: Scope) -> Admitted:
        board_id = access.board_of(user, parameter(scope, "board_id")).pk

        def terminals_of(numbers: dict[str, int]) -> dict[str, str]:
            # Asked anew each time: whoever is no longer a member finds nothing more.
            seen = Card.objects.filter(pk__in=numbers, board_id=board_id, board__in=access.boards_of(user))
            sessions = dict(seen.values_list("pk", "session_id"))
            there = terminals.there(sessions.values()) if any(numbers.values()) else set()
            keys_of = {card: keys.key(session, numbers[card]) for card, session in sessions.items()}
            return {card: key if key in there else sessions[card] for card, key in keys_of.items()}

        return Admitted(ScreensGrant(database_sync_to_async(terminals_of)), board_id)
