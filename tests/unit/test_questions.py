"""Questions to people: who may ask and answer, that the first answer counts, and who is told."""

import asyncio

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, questions, tokens
from boards.models import Member, Question
from boards.present import board_json, card_json
from engines.errors import PolicyRejected
from sessions import history

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga():
    return User.objects.create_user("olga")


@pytest.fixture
def card(olga):
    return actions.create_card(actions.create_board("Work", olga), olga, title="Fix login")


@pytest.fixture
def asked(card):
    return questions.ask(card, "Which database?", ["SQLite", "PostgreSQL"], "claude")


def client_of(user):
    return Client(headers={"authorization": f"Bearer {tokens.issue(user, 'test')}"})


def answer_by(user, question, text):
    path = f"/api/v1/questions/{question.pk}/answer"
    return client_of(user).post(path, {"answer": text}, content_type="application/json")


def test_an_open_question_is_told_on_the_card_until_it_is_answered(olga, card, asked):
    card.refresh_from_db()
    assert (card_json(card)["questions"], card_json(card)["asks"]) == (1, "claude asks: Which database?")
    questions.answer(asked, olga, "SQLite")
    card.refresh_from_db()
    assert (card_json(card)["questions"], card_json(card)["asks"]) == (0, "")


def test_the_oldest_of_several_is_told_and_a_long_one_is_cut(card):
    questions.ask(card, "y" * 500, asked_by="a")
    questions.ask(card, "Second", asked_by="b")
    shown = board_json(card.board)["columns"][0]["cards"][0]
    assert (shown["questions"], len(shown["asks"]), shown["asks"][:9]) == (2, 160, "a asks: y")


def test_the_first_answer_counts_and_a_second_one_is_told_what_it_was(olga, card, asked):
    erin = User.objects.create_user("erin", first_name="Erin")
    Member.objects.create(board=card.board, user=erin, role=Member.Role.EDITOR)
    first = answer_by(erin, asked, "SQLite")
    assert (first.status_code, first.json()["answered_by"], first.json()["open"]) == (200, "Erin", False)
    second = answer_by(olga, asked, "PostgreSQL")
    assert second.status_code == 409
    assert "Erin has answered it already: SQLite" in second.json()["detail"]


def test_a_viewer_sees_a_question_and_cannot_answer(card, asked):
    vic = User.objects.create_user("vic")
    Member.objects.create(board=card.board, user=vic, role=Member.Role.VIEWER)
    seen = client_of(vic).get(f"/api/v1/cards/{card.pk}/questions?open=true").json()
    assert [(each["text"], each["options"]) for each in seen] == [("Which database?", ["SQLite", "PostgreSQL"])]
    assert answer_by(vic, asked, "SQLite").status_code == 403
    assert answer_by(User.objects.create_user("sam"), asked, "SQLite").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"text": " "},
        {"text": "x" * 2001},
        {"text": "a", "options": ["b"] * 9},
        {"text": "a", "options": [""]},
        {"text": "a", "options": ["x" * 201]},
    ],
)
def test_a_question_says_something_and_is_not_endless(olga, card, body):
    path = f"/api/v1/cards/{card.pk}/questions"
    refused = client_of(olga).post(path, body, content_type="application/json")
    assert refused.status_code == 422
    assert not Question.objects.exists()


def test_a_card_has_so_many_open_questions_and_no_more(card):
    for number in range(questions.MOST_OPEN):
        questions.ask(card, str(number), asked_by="claude")
    with pytest.raises(PolicyRejected, match="are open"):
        questions.ask(card, "one more", asked_by="claude")


def test_a_withdrawn_question_waits_for_nobody_and_stays_in_the_history(olga, card, asked):
    assert client_of(olga).delete(f"/api/v1/questions/{asked.pk}").status_code == 204
    assert answer_by(olga, asked, "SQLite").status_code == 409
    card.refresh_from_db()
    assert card.question_count == 0
    assert [each.kind for each in history.of(card.session_id)] == ["withdrawn", "question"]


@pytest.mark.parametrize("wait_s", ["-1", "301"])
def test_a_wait_has_a_bound(olga, asked, wait_s):
    refused = client_of(olga).get(f"/api/v1/questions/{asked.pk}?wait_s={wait_s}")
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("wait_s:")


@pytest.mark.django_db(transaction=True)
def test_who_waits_in_vain_has_the_question_as_it_is(asked):
    assert asyncio.run(questions.answered(asked.pk, 0.01)).answered_at is None
