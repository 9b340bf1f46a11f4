"""Share links: what they take, what they tell, what they open, and to whom."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from boards import access, actions, editing, guests, links, setup, tokens
from boards.models import ShareLink
from engines.errors import InvalidInput, PolicyRejected

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner()


@pytest.fixture
def card(owner):
    return actions.create_card(owner.boards.get(), owner, title="Shared")


@pytest.fixture
def api(owner):
    return Client(headers={"authorization": f"Bearer {tokens.issue(owner, 'test')}"})


def made(card, owner, role="watch", expires_in_s=60):
    return links.create(card, owner, role=role, expires_in_s=expires_in_s)


def test_only_a_hash_of_the_secret_is_stored(card, owner):
    link, secret = made(card, owner)
    assert len(secret) >= 43
    assert secret not in str(ShareLink.objects.filter(pk=link.pk).values())
    assert links.of_secret(secret) == link


@pytest.mark.parametrize("role", ["", "owner", "Watch"])
def test_a_role_is_watch_or_type(card, owner, role):
    with pytest.raises(InvalidInput, match="role"):
        made(card, owner, role=role)


@pytest.mark.parametrize("seconds", [0, -5, links.LONGEST_S + 1])
def test_a_link_lasts_at_most_thirty_days(card, owner, seconds):
    with pytest.raises(InvalidInput, match="expires_in_s"):
        made(card, owner, expires_in_s=seconds)
    made(card, owner, expires_in_s=links.LONGEST_S)


def test_an_expired_link_opens_nothing_and_is_not_listed(card, owner):
    link, secret = made(card, owner)
    ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert links.living(card) == []
    with pytest.raises(access.NotFound):
        links.of_secret(secret)
    made(card, owner)
    assert not ShareLink.objects.filter(pk=link.pk).exists()


def test_a_revoked_link_opens_nothing(card, owner):
    link, secret = made(card, owner)
    links.revoke(card, link.pk)
    assert not links.works(link.pk)
    with pytest.raises(access.NotFound):
        links.of_secret(secret)
    with pytest.raises(access.NotFound):
        links.revoke(card, link.pk)


def test_a_link_is_revoked_through_its_own_card_only(card, owner):
    other = actions.create_card(card.board, owner, title="Other")
    link, _ = made(card, owner)
    with pytest.raises(access.NotFound):
        links.revoke(other, link.pk)
    assert links.works(link.pk)


def test_a_card_has_a_limited_number_of_links(card, owner, monkeypatch):
    monkeypatch.setattr(links, "MOST_PER_CARD", 2)
    made(card, owner)
    made(card, owner)
    with pytest.raises(PolicyRejected, match="Revoke one"):
        made(card, owner)


def test_links_go_with_their_card(card, owner):
    _, secret = made(card, owner)
    actions.delete_card(card, user=owner)
    with pytest.raises(access.NotFound):
        links.of_secret(secret)


def test_the_api_tells_the_address_once(api, card):
    answer = api.post(f"/api/v1/cards/{card.pk}/links", {"role": "type"}, content_type="application/json")
    assert answer.status_code == 201
    new = answer.json()
    assert re.search(r"/s/[\w-]{43}$", new.pop("url"))
    assert api.get(f"/api/v1/cards/{card.pk}/links").json() == [new]
    assert api.delete(f"/api/v1/cards/{card.pk}/links/{new['id']}").status_code == 204
    assert api.get(f"/api/v1/cards/{card.pk}/links").json() == []
    assert api.delete(f"/api/v1/cards/{card.pk}/links/{new['id']}").status_code == 404


def test_a_link_lasts_a_day_where_nothing_is_said(api, card):
    api.post(f"/api/v1/cards/{card.pk}/links", {"role": "watch"}, content_type="application/json")
    left = ShareLink.objects.get().expires_at - timezone.now()
    assert timedelta(hours=23, minutes=59) < left <= timedelta(days=1)


# the guest ----------------------------------------------------------------------------------------------
def test_a_guest_gives_a_name_and_sees_the_terminal_alone(card, owner):
    _, secret = made(card, owner)
    client = Client()
    asked = client.get(f"/s/{secret}").content.decode()
    assert "your name" in asked
    assert "vibenv-state" not in asked
    shown = client.post(f"/s/{secret}", {"name": " Grace   Hopper "}, follow=True).content.decode()
    assert "Grace Hopper" in shown
    assert f"/ws/links/{secret}/terminal" in shown
    assert card.board.name not in shown


def test_a_guests_page_is_kept_from_logs_and_search_engines(card, owner):
    answer = Client().get(f"/s/{made(card, owner)[1]}")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\u202eb", "a\x00b"])
def test_a_name_that_others_could_not_read_is_refused(card, owner, name):
    client = Client()
    answer = client.post(f"/s/{made(card, owner)[1]}", {"name": name})
    assert answer.status_code == 422
    assert guests.NAME not in client.session


def test_the_terminals_page_is_told_whether_another_name_was_taken(card, owner):
    client, address = Client(headers={"Accept": "application/json"}), f"/s/{made(card, owner)[1]}"
    assert client.post(address, {"name": " Admiral  Hopper "}).json() == {"name": "Admiral Hopper"}
    refused = client.post(address, {"name": "x" * 41})
    assert refused.status_code == 422
    assert "40" in refused.json()["detail"]
    assert client.session[guests.NAME] == "Admiral Hopper"


def test_hostile_names_and_titles_cannot_leave_the_page(owner, card):
    editing.edit_card(card, {"title": "</script><script>alert(1)</script>"})
    client = Client()
    page = client.post(f"/s/{made(card, owner)[1]}", {"name": "<script>alert(2)</script>"}, follow=True)
    assert "<script>alert" not in page.content.decode()


def test_a_form_of_another_site_names_nobody(card, owner):
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"/s/{made(card, owner)[1]}", {"name": "Mallory"}).status_code == 403


def test_a_link_that_does_not_work_says_so(client):
    answer = client.get("/s/guessed")
    assert answer.status_code == 404
    assert "Ask whoever sent it" in answer.content.decode()


# outsiders ----------------------------------------------------------------------------------------------
def test_nobody_but_members_is_shown_a_page(card, owner):
    _, secret = made(card, owner)
    charlie, guest = Client(), Client()
    charlie.force_login(User.objects.create_user("charlie"))
    guest.post(f"/s/{secret}", {"name": "Guest"})
    for path in (f"/b/{card.board_id}", f"/c/{card.pk}", f"/c/{card.pk}/full"):
        assert charlie.get(path).status_code == 404
        assert guest.get(path).status_code == 302
