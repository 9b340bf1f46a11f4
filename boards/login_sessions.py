"""Django's session engine for browsers that are logged in, and guests': each a row that its owner can see and end.

The key is the cookie; only its hash is stored, so whoever reads the database cannot log in with what is there.
"""

from __future__ import annotations

import hashlib
from asyncio import iscoroutinefunction
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

from boards import access_news
from boards.access import NotFound
from boards.models import LoginSession

SEEN_EVERY = timedelta(minutes=5)
ID_LENGTH = 16
BROWSER_LENGTH = 300


def stored(key: str) -> str:
    """How the key of a session is kept: as much of its SHA-256 as the column takes, 160 bits."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(SessionBase):
    """`browser` and `address` are who asks now; they are written with a new row, and now and then after that."""

    browser = ""
    address = ""
    seen_at: datetime | None = None

    def load(self) -> dict[str, Any]:
        row = LoginSession.objects.filter(session_key=stored(self.session_key or ""), expire_date__gt=timezone.now())
        found = row.first()
        if found is None:
            self._session_key = None
            return {}
        self.seen_at = found.seen_at
        return self.decode(found.session_data)

    def exists(self, session_key: str | None = None) -> bool:
        return LoginSession.objects.filter(session_key=stored(session_key or "")).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # not in the stubs
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # not in the stubs
        row = {
            "session_data": self.encode(data),
            "expire_date": self.get_expiry_date(),
            "user_id": data.get(SESSION_KEY),
        }
        key = stored(self.session_key)
        if not must_create:
            if not LoginSession.objects.filter(session_key=key).update(**row):
                raise UpdateError
            return
        try:
            with transaction.atomic():
                LoginSession.objects.create(session_key=key, browser=self.browser, address=self.address, **row)
        except IntegrityError as taken:
            raise CreateError from taken

    def delete(self, session_key: str | None = None) -> None:
        """End it, with its sockets; where the key was changed, they go on under the new one."""
        key = session_key or self.session_key
        if key is None:
            return
        goes_on = self.session_key if self.session_key != key else None
        end(LoginSession.objects.filter(session_key=stored(key)), now=stored(goes_on) if goes_on else "")

    @classmethod
    def clear_expired(cls) -> None:
        LoginSession.objects.filter(expire_date__lt=timezone.now()).delete()

    def note_seen(self) -> None:
        """Write down that it is in use, where that was not done of late."""
        if self.session_key and self.seen_at and timezone.now() - self.seen_at > SEEN_EVERY:
            rows = LoginSession.objects.filter(session_key=stored(self.session_key))
            rows.update(seen_at=timezone.now(), browser=self.browser, address=self.address)


def end(logins: QuerySet[LoginSession], now: str = "") -> int:
    """Delete rows and close what they let in. `now` is the row in which a single one goes on."""
    ended = list(logins.values_list("session_key", "user_id"))
    LoginSession.objects.filter(session_key__in=[key for key, _ in ended]).delete()
    for key, user_id in ended:
        if user_id is not None:
            access_news.tell(user_id, login=key, now=now)
    return len(ended)


# what people see of them --------------------------------------------------------------------------------
def logins_of(user: User) -> Iterable[LoginSession]:
    """The latest seen first."""
    return LoginSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at", "session_key")


def public_id(stored_key: str) -> str:
    """Names a login to its owner. It is of the hash, so it lets nobody in."""
    return stored_key[:ID_LENGTH]


def revoke(user: User, login_id: str) -> None:
    """Log one browser of `user` out, now. Raises `NotFound`."""
    mine = LoginSession.objects.filter(user=user, session_key__startswith=login_id)
    if len(login_id) != ID_LENGTH or not end(mine):
        raise NotFound("There is no such login of yours; it may have ended already.")


def revoke_others(user: User, key: str | None) -> int:
    """Log out every browser of `user` but the one with this key."""
    return end(LoginSession.objects.filter(user=user).exclude(session_key=stored(key or "")))


@sync_and_async_middleware
def tell_where_from(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Django middleware: lets the session's row know the browser and the address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        _note_where_from(request)
        response: HttpResponse = get_response(request)
        if isinstance(request.session, SessionStore):
            request.session.note_seen()
        return response

    async def waiting(request: HttpRequest) -> HttpResponse:
        _note_where_from(request)
        response: HttpResponse = await get_response(request)
        if isinstance(request.session, SessionStore) and request.session.session_key:
            await sync_to_async(request.session.note_seen)()
        return response

    return waiting if iscoroutinefunction(get_response) else middleware


def _note_where_from(request: HttpRequest) -> None:
    if isinstance(request.session, SessionStore):
        request.session.browser = request.headers.get("User-Agent", "")[:BROWSER_LENGTH]
        request.session.address = request.META.get("REMOTE_ADDR", "")
