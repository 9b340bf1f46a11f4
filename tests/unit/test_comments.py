"""Comments and mentions: who may say what, what is shown of it, and who is told."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, comments, mentions, tokens
from boards.markdown import mentioned, to_html
from boards.models import Comment, Member, Mention

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """The board's owner, an editor, a viewer, and a stranger."""
    return {name: User.objects.create_user(name) for name in ("olga", "erin", "vic", "sam")}


@pytest.fixture
def board(people):
    made = actions.create_board("Work", people["olga"])
    Member.objects.create(board=made, user=people["erin"], role=Member.Role.EDITOR)
    Member.objects.create(board=made, user=people["vic"], role=Member.Role.VIEWER)
    return made


@pytest.fixture
def card(board, people):
    return actions.create_card(board, people["olga"], title="Fix login")


@pytest.fixture
def calls(people, card):
    """`calls(name, method, path, body)` asks the API about the card as that person."""

    def call(name, method, path="", body=None):
        client = Client(headers={"authorization": f"Bearer {tokens.issue(people[name], 'test')}"})
        send = getattr(client, method)
        return send(f"/api/v1/cards/{card.pk}/comments{path}", body, content_type="application/json")

    return call


def count_of(card):
    card.refresh_from_db()
    return card.comment_count


def test_what_an_editor_says_is_read_by_all_members_and_counted(card, calls):
    said = calls("erin", "post", body={"text": "**Done**, I think"})
    assert said.status_code == 201
    heard = calls("vic", "get").json()
    assert [(c["text"], c["html"], c["author"]["name"]) for c in heard] == [
        ("**Done**, I think", "<p><strong>Done</strong>, I think</p>\n", "erin")
    ]
    assert count_of(card) == 1


def test_a_viewer_reads_and_a_stranger_finds_nothing(calls):
    assert calls("vic", "post", body={"text": "me too"}).status_code == 403
    assert calls("sam", "get").status_code == 404
    assert calls("sam", "post", body={"text": "hi"}).status_code == 404


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_001, "a\x00b"])
def test_a_comment_says_something_and_is_not_endless(card, calls, text):
    answer = calls("erin", "post", body={"text": text})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("text:")
    assert count_of(card) == 0


def test_only_the_author_changes_a_comment_and_the_change_is_told(people, card, calls):
    comment = comments.add(card, people["erin"], "one")
    assert calls("olga", "patch", f"/{comment.pk}", {"text": "two"}).status_code == 403
    changed = calls("erin", "patch", f"/{comment.pk}", {"text": "two"}).json()
    assert (changed["text"], changed["edited_at"] is not None) == ("two", True)


def test_the_author_or_an_owner_deletes_a_comment(people, card, calls):
    mine, other = comments.add(card, people["olga"], "one"), comments.add(card, people["erin"], "two")
    assert calls("erin", "delete", f"/{mine.pk}").status_code == 403
    assert calls("olga", "delete", f"/{other.pk}").status_code == 204
    assert calls("olga", "delete", f"/{mine.pk}").status_code == 204
    assert calls("olga", "delete", f"/{mine.pk}").status_code == 404
    assert count_of(card) == 0


def test_a_comment_is_reached_by_its_own_card_only(people, board, card, calls):
    elsewhere = actions.create_card(board, people["olga"], title="Other")
    comment = comments.add(elsewhere, people["erin"], "there")
    assert calls("erin", "patch", f"/{comment.pk}", {"text": "here"}).status_code == 404
    assert calls("erin", "delete", f"/{comment.pk}").status_code == 404


def test_pages_of_comments_join_without_gap_or_overlap(people, card, calls):
    for n in range(7):
        comments.add(card, people["erin"], str(n))
    last = calls("erin", "get", "?limit=3").json()
    assert [c["text"] for c in last] == ["4", "5", "6"]
    earlier = calls("erin", "get", f"?limit=5&before={last[0]['id']}").json()
    assert [c["text"] for c in earlier] == ["0", "1", "2", "3"]
    assert calls("erin", "get", "?limit=0").status_code == 422


def test_a_comment_moves_the_cards_version(people, card, django_capture_on_commit_callbacks):
    before = card.version
    with django_capture_on_commit_callbacks() as news:
        comment = comments.add(card, people["erin"], "x")
    card.refresh_from_db()
    assert news
    assert card.version == before + 1
    comments.edit(comment, people["erin"], "y")
    card.refresh_from_db()
    assert card.version == before + 2


# mentions -----------------------------------------------------------------------------------------------
NAMES = {"alice": "Alice A", "bob.x": "<b>Bob</b>"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hello @alice", {"alice"}),
        ("@Alice, look", {"alice"}),
        ("(@bob.x) and @ALICE.", {"alice", "bob.x"}),
        ("**@alice**", {"alice"}),
        ("`@alice`", set()),
        ("```\n@alice\n```", set()),
        ("    @alice", set()),
        ("me@alice", set()),
        ("@alicent @alice2 @nobody", set()),
    ],
)
def test_a_mention_is_a_members_name_outside_of_code(text, found):
    assert mentioned(text, set(NAMES)) == found
    assert to_html(text, NAMES).count("<mark") == len(found)


def test_a_mention_shows_the_name_as_text():
    assert to_html("hi @bob.x!", NAMES) == '<p>hi <mark title="@bob.x">@&lt;b&gt;Bob&lt;/b&gt;</mark>!</p>\n'


def test_whoever_is_mentioned_is_told_until_the_comments_were_opened(people, card, calls):
    comments.add(card, people["erin"], "@vic and @sam and @erin, see")
    assert set(Mention.objects.values_list("user__username", flat=True)) == {"vic"}
    [told] = mentions.unseen(people["vic"])
    assert (told["card"], told["title"], told["author"]["name"]) == (card.pk, "Fix login", "erin")
    assert calls("vic", "post", "/seen").status_code == 204
    assert mentions.unseen(people["vic"]) == []


def test_an_edit_tells_whom_it_names_newly_and_nobody_twice(people, card):
    comment = comments.add(card, people["olga"], "@vic")
    mentions.see(card, people["vic"])
    comments.edit(comment, people["olga"], "@vic @erin")
    assert mentions.unseen(people["vic"]) == []
    assert len(mentions.unseen(people["erin"])) == 1
    comments.edit(comment, people["olga"], "nobody")
    assert mentions.unseen(people["erin"]) == []


def test_a_mention_ends_with_its_comment_its_archived_card_and_the_membership(people, board, card):
    comment = comments.add(card, people["olga"], "@vic")
    Member.objects.filter(user=people["vic"]).delete()
    assert mentions.unseen(people["vic"]) == []
    Member.objects.create(board=board, user=people["vic"], role=Member.Role.VIEWER)
    assert len(mentions.unseen(people["vic"])) == 1
    comments.delete(comment, people["olga"])
    assert (mentions.unseen(people["vic"]), Comment.objects.count()) == ([], 0)


def test_the_page_and_the_api_say_where_one_is_mentioned(people, card):
    comments.add(card, people["olga"], "look, @vic")
    client = Client()
    client.force_login(people["vic"])
    assert client.get("/api/v1/me/mentions").json()[0]["excerpt"] == "look, @vic"
    assert client.get(f"/b/{card.board_id}").context["state"]["mentions"][0]["card"] == card.pk
