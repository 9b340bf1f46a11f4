"""Members and invites: the rules."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from boards import actions, invites, links, members, setup, tokens
from boards.access import NotFound, Role
from boards.models import Invite, Member
from engines.errors import InvalidInput

pytestmark = pytest.mark.django_db
NEW = {"name": "Ada Lovelace", "username": "ada", "password": "correct horse battery"}


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner()


@pytest.fixture
def board(owner):
    return owner.boards.get()


@pytest.fixture
def ada(board):
    user = User.objects.create_user("ada", first_name="Ada")
    members.add(board, user, Role.EDITOR)
    return user


def bearer(user):
    return Client(headers={"authorization": f"Bearer {tokens.issue(user, 'test')}"})


def role_of(board, user):
    return Member.objects.get(board=board, user=user).role


def secret_of(board, owner, role="editor", expires_in_s=60):
    return invites.create(board, owner, role=role, expires_in_s=expires_in_s)[1]


# members ------------------------------------------------------------------------------------------------
def test_an_owner_changes_a_members_role(board, owner, ada):
    path = f"/api/v1/boards/{board.pk}/members/{ada.pk}"
    answer = bearer(owner).patch(path, {"role": "viewer"}, content_type="application/json")
    assert [(m["username"], m["role"]) for m in answer.json()] == [("owner", "owner"), ("ada", "viewer")]


def test_a_change_of_members_is_a_change_of_the_board(board, ada):
    board.refresh_from_db()
    before = board.version
    members.change_role(board, str(ada.pk), "viewer")
    members.remove(board, str(ada.pk))
    board.refresh_from_db()
    assert board.version == before + 2


@pytest.mark.parametrize("role", ["", "admin", "Owner"])
def test_a_role_is_one_of_three(board, ada, role):
    with pytest.raises(InvalidInput, match="role"):
        members.change_role(board, str(ada.pk), role)


@pytest.mark.parametrize("user_id", ["0", "x", "99999", "²"])
def test_who_is_not_a_member_can_be_changed_by_nobody(board, user_id):
    with pytest.raises(NotFound):
        members.change_role(board, user_id, "viewer")
    with pytest.raises(NotFound):
        members.remove(board, user_id)


def test_the_last_owner_can_neither_leave_nor_become_less(board, owner, ada):
    mine = f"/api/v1/boards/{board.pk}/members/{owner.pk}"
    for refused in (
        bearer(owner).delete(mine),
        bearer(owner).patch(mine, {"role": "editor"}, content_type="application/json"),
    ):
        assert refused.status_code == 409
        assert "Make somebody else an owner first" in refused.json()["detail"]
    members.change_role(board, str(ada.pk), "owner")
    assert bearer(owner).delete(mine).status_code == 204


def test_anybody_may_leave(board, ada):
    assert bearer(ada).delete(f"/api/v1/boards/{board.pk}/members/{ada.pk}").status_code == 204
    assert bearer(ada).get(f"/api/v1/boards/{board.pk}").status_code == 404


def test_who_is_removed_is_on_no_card_any_more(board, owner, ada):
    card = actions.create_card(board, owner, title="Theirs")
    card.assignee_ids = [str(ada.pk), str(owner.pk)]
    card.save()
    members.remove(board, str(ada.pk))
    card.refresh_from_db()
    assert card.assignee_ids == [str(owner.pk)]


def test_links_do_not_outlast_their_makers_leave_to_make_them(board, owner, ada):
    card = actions.create_card(board, owner, title="Shared")
    members.change_role(board, str(ada.pk), "owner")
    _, invite = invites.create(board, ada, role="editor", expires_in_s=60)
    _, link = links.create(card, ada, role="type", expires_in_s=60)
    members.change_role(board, str(ada.pk), "editor")
    with pytest.raises(NotFound):
        invites.of_secret(invite)
    assert links.of_secret(link)
    members.remove(board, str(ada.pk))
    with pytest.raises(NotFound):
        links.of_secret(link)


# invites ------------------------------------------------------------------------------------------------
def test_only_a_hash_of_an_invites_secret_is_stored(board, owner):
    secret = secret_of(board, owner)
    assert len(secret) >= 43
    assert secret not in str(Invite.objects.values())


def test_the_api_tells_an_invites_address_once(board, owner):
    api, path = bearer(owner), f"/api/v1/boards/{board.pk}/invites"
    made = api.post(path, {"role": "viewer", "expires_in_s": 3600}, content_type="application/json").json()
    assert "/i/" in made.pop("url")
    assert api.get(path).json() == [made]
    assert api.delete(f"{path}/{made['id']}").status_code == 204
    assert api.get(path).json() == []
    assert api.delete(f"{path}/{made['id']}").status_code == 404


@pytest.mark.parametrize("seconds", [0, -1, invites.LONGEST_S + 1])
def test_an_invite_lasts_at_most_thirty_days(board, owner, seconds):
    with pytest.raises(InvalidInput, match="expires_in_s"):
        secret_of(board, owner, expires_in_s=seconds)


def test_an_invite_says_who_invites_to_what_as_what(client, board, owner):
    User.objects.filter(pk=owner.pk).update(first_name="Grace Hopper")
    page = client.get(f"/i/{secret_of(board, owner, 'viewer')}")
    words = page.content.decode()
    assert "Grace Hopper" in words
    assert board.name in words
    assert "as a viewer" in words
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]


def test_somebody_new_joins_with_a_name_and_a_password(client, board, owner):
    secret = secret_of(board, owner)
    answer = client.post(f"/i/{secret}", NEW)
    assert answer["Location"] == f"/b/{board.pk}"
    assert client.get(answer["Location"]).status_code == 200
    ada = User.objects.get(username="ada")
    assert (ada.first_name, role_of(board, ada)) == ("Ada Lovelace", "editor")
    assert Invite.objects.get().used == 1
    assert Client().post("/login/", NEW)["Location"] == "/"


def test_where_a_login_name_is_taken_a_free_one_is_put_in_its_place(client, board, owner, ada):
    page = client.post(f"/i/{secret_of(board, owner)}", NEW).content.decode()
    assert "ada2 is free" in page
    assert 'name="username" value="ada2"' in page


def test_a_login_name_is_made_from_the_name_where_none_is_given(client, board, owner):
    User.objects.create_user("ada.lovelace")
    client.post(f"/i/{secret_of(board, owner)}", {**NEW, "username": ""})
    assert User.objects.filter(username="ada.lovelace2").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Your name is empty"),
        ({"username": "ada lovelace"}, "The login name takes"),
        ({"username": "OWNER"}, "Somebody is called owner already"),
        ({"password": "short"}, "at least 10 characters"),
        ({"password": "1234567890"}, "too common"),
        ({"password": "adalovelace"}, "too similar"),
        ({"password": "x" * 201}, "at most 200"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(board, owner, wrong, said):
    answer = Client().post(f"/i/{secret_of(board, owner)}", {**NEW, **wrong})
    assert answer.status_code == 422
    assert said.lower() in answer.content.decode().lower()
    assert User.objects.count() == 1
    assert Invite.objects.get().used == 0


def test_a_person_who_is_logged_in_joins_as_themselves(client, board, owner):
    grace = User.objects.create_user("grace", first_name="Grace")
    client.force_login(grace)
    path = f"/i/{secret_of(board, owner)}"
    assert "Join as Grace" in client.get(path).content.decode()
    assert client.post(path)["Location"] == f"/b/{board.pk}"
    assert role_of(board, grace) == "editor"


def test_a_person_with_an_account_logs_in_and_comes_back(client, board, owner):
    User.objects.create_user("grace", password=NEW["password"])
    path = f"/i/{secret_of(board, owner)}"
    form = client.get("/login/", {"next": path}).content.decode()
    assert f'name="next" value="{path}"' in form
    answer = client.post("/login/", {"username": "Grace", "password": NEW["password"], "next": path})
    assert answer["Location"] == path


@pytest.mark.parametrize(("had", "invited"), [("owner", "viewer"), ("viewer", "editor")])
def test_an_invite_never_makes_a_role_less(board, owner, ada, had, invited):
    members.change_role(board, str(ada.pk), had)
    invites.accept(invites.of_secret(secret_of(board, owner, invited)), ada)
    assert role_of(board, ada) == {"owner": "owner", "viewer": "editor"}[had]


def test_an_invite_that_has_expired_or_was_revoked_lets_nobody_in(client, board, owner):
    invite, secret = invites.create(board, owner, role="editor", expires_in_s=60)
    Invite.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(f"/i/{secret}", NEW).status_code == 404
    Invite.objects.update(expires_at=timezone.now() + timedelta(seconds=60))
    found = invites.of_secret(secret)
    invites.revoke(board, invite.pk)
    with pytest.raises(NotFound):
        invites.accept(found, User.objects.create_user("late"))


def test_a_form_of_another_site_joins_nobody(board, owner):
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"/i/{secret_of(board, owner)}", NEW).status_code == 403
