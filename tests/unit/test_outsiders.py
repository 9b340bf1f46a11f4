"""Every WebSocket address, tried by who has no business there: a user of no board, a guest, nobody."""

from __future__ import annotations

import asyncio

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, links, members, setup, tokens
from boards.routing import urlpatterns
from boards.sockets import TerminalAccess
from sessions.models import Terminal
from sessions.protocol import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = [str(pattern.pattern) for pattern in urlpatterns]
SITE = b"localhost"


@pytest.fixture(autouse=True)
def without_redis(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
def card(tmp_path):
    setup.prepare(tmp_path)
    owner = setup.owner()
    made = actions.create_card(owner.boards.get(), owner, title="Not for you")
    Terminal.objects.create(session=made.session, number=1, name="Logs", created_by="owner")
    return made


def path_to(address, card, secret):
    values = {"<slug:board_id>": card.board_id, "<slug:card_id>": card.pk, "<str:secret>": secret, "<int:number>": "1"}
    for name, value in values.items():
        address = address.replace(name, value)
    assert "<" not in address, "say here what to put into the new address"
    return f"/{address}"


def answer(path, *headers):
    """The code that the socket is closed with; None where it is let in."""

    async def knock():
        caller = WebsocketCommunicator(URLRouter(urlpatterns), path, headers=[(b"host", SITE), *headers])
        await caller.connect(timeout=5)
        await caller.send_to(text_data='{"type":"ping","id":1}')  # answered by every socket that lets one in
        told = await caller.receive_output(timeout=5)
        await caller.disconnect()
        return told.get("code")

    return asyncio.run(knock())


def by(user):
    return (b"authorization", f"Bearer {tokens.issue(user, 'test')}".encode())


def scope_of(card):
    return {"url_route": {"kwargs": {"card_id": card.pk}}, "headers": []}


def cookie_of(client):
    name = django_settings.SESSION_COOKIE_NAME
    return [(b"cookie", f"{name}={client.cookies[name].value}".encode()), (b"origin", b"http://" + SITE)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_user_of_no_board_finds_nothing(card, address):
    assert answer(path_to(address, card, "guessed"), by(User.objects.create_user("charlie"))) == NOT_FOUND


@pytest.mark.parametrize("address", [address for address in ADDRESSES if "secret" not in address])
def test_a_viewer_is_let_in_to_look(card, address):
    viewer = User.objects.create_user("vera")
    members.add(card.board, viewer, members.Role.VIEWER)
    assert answer(path_to(address, card, ""), by(viewer)) is None


def test_a_viewer_only_watches_a_terminal(card):
    viewer = User.objects.create_user("vera")
    members.add(card.board, viewer, members.Role.VIEWER)
    assert TerminalAccess(None).resolve(viewer, scope_of(card)).what.participant["role"] == "watch"
    members.change_role(card.board, str(viewer.pk), "editor")
    assert TerminalAccess(None).resolve(viewer, scope_of(card)).what.participant["role"] == "type"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_guest_has_no_other_way_in_than_the_link(card, address):
    _, secret = links.create(card, setup.owner(), role="type", expires_in_s=60)
    guest = Client()
    guest.post(f"/s/{secret}", {"name": "Grace"})
    assert answer(path_to(address, card, "guessed"), *cookie_of(guest)) in {UNAUTHENTICATED, NOT_FOUND}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_of_another_site_is_refused_whoever_it_is_for(card, address):
    _, secret = links.create(card, setup.owner(), role="type", expires_in_s=60)
    owner = Client()
    owner.force_login(setup.owner())
    cookie, _ = cookie_of(owner)
    assert answer(path_to(address, card, secret), cookie, (b"origin", b"http://elsewhere.example")) == FORBIDDEN
