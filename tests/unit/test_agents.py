"""The agent on a card: what it is given, what its token may, and its states; without an engine."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, agents, copies, members, questions, scopes, tokens
from boards.access import Role
from boards.models import ApiToken, Card, Column
from boards.present import board_json, card_json
from engines.errors import InvalidInput, PolicyRejected
from sessions import agent_work, history, pausing
from sessions import agents as runs
from sessions.models import AgentRun, SessionSecret
from sessions.sealing import unseal
from sessions.states import State

pytestmark = pytest.mark.django_db
Is = AgentRun.State


@pytest.fixture
def olga():
    return User.objects.create_user("olga")


@pytest.fixture
def board(olga):
    return actions.create_board("Work", olga)


@pytest.fixture
def card(board, olga):
    return actions.create_card(
        board, olga, title="Fix login", description="It **fails**.", agent=agents.given("claude", "")
    )


def working(card):
    """The card's run as a worker has started it."""
    run = runs.latest(card.session_id)
    brief = agents.brief(run)
    runs.begins(run, brief.task)
    runs.works(run)
    return run


def shown(card):
    return card_json(Card.objects.select_related("session").get(pk=card.pk))["agent"]


def test_a_card_made_with_an_agent_waits_for_its_session_with_it(card):
    assert (shown(card)["template"], shown(card)["state"]) == ("claude", "wanted")
    assert shown(card)["command"].startswith("claude ")


def test_a_card_without_an_agent_has_none_and_one_that_was_given_none_has_none_any_more(board, olga, card):
    assert shown(actions.create_card(board, olga, title="Alone")) is None
    agents.put(card, "", "", user=olga)
    assert shown(card) is None


@pytest.mark.parametrize(
    ("template", "command"), [("clippy", ""), ("custom", " "), ("custom", "x" * 2001), ("", "a\x00b")]
)
def test_what_cannot_be_started_is_refused(template, command):
    with pytest.raises(InvalidInput):
        agents.given(template, command)


def test_the_task_is_the_card_as_it_is_at_the_start(card):
    Card.objects.filter(pk=card.pk).update(title="Fix logout")
    brief = agents.brief(runs.latest(card.session_id))
    assert brief.text.startswith("# Fix logout\n\nIt **fails**.\n")
    assert brief.variables["VIBENV_CARD"] == card.pk
    assert "${VIBENV_TOKEN}" in brief.files["mcp.json"]


def test_its_token_is_for_its_own_card_alone_and_is_nowhere_but_in_the_sealed_secret(card):
    brief = agents.brief(runs.latest(card.session_id))
    kept = SessionSecret.objects.get(session=card.session_id, name="VIBENV_TOKEN")
    secret = unseal(kept.sealed)
    scope = scopes.of(tokens.user_of(secret))
    assert (scope.card_id, scope.kind, set(scope.verbs)) == (card.pk, "agent", {"look", "type", "ask"})
    assert secret not in brief.text + str(brief.files) + str(brief.variables) + kept.sealed


def test_a_start_that_was_broken_off_leaves_one_token(card):
    for _ in range(2):
        agents.brief(runs.latest(card.session_id))
    assert ApiToken.objects.filter(card=card).count() == 1


@pytest.mark.django_db(transaction=True)
def test_when_it_is_over_its_token_secret_and_questions_are_too(card, olga):
    run = working(card)
    asked = questions.ask(card, "Which one?", asked_by="claude")
    assert (shown(card)["state"], shown(card)["words"]) == ("waiting", "Asks: Which one?")
    runs.end(run, Is.FINISHED, code=2)
    assert (shown(card)["state"], shown(card)["exit_code"]) == ("finished", 2)
    asked.refresh_from_db()
    assert asked.withdrawn_at is not None
    assert not ApiToken.objects.filter(card=card).exists()
    assert not SessionSecret.objects.exists()
    kinds = [(each.kind, each.detail.get("what")) for each in history.of(card.session_id) if each.kind == "agent"]
    assert kinds == [("agent", "finished"), ("agent", "started")]


def test_an_answer_lets_it_go_on_once_nothing_is_open(card, olga):
    working(card)
    first, second = (questions.ask(card, text, asked_by="claude") for text in ("a", "b"))
    questions.answer(first, olga, "yes")
    assert shown(card)["state"] == "waiting"
    questions.answer(second, olga, "yes")
    assert (shown(card)["state"], shown(card)["words"]) == ("working", "")


def test_what_is_over_stays_so_whoever_comes_later(card):
    run = working(card)
    assert runs.end(run, Is.ENDED, "Stopped by Olga.")
    assert not runs.end(run, Is.FINISHED, code=0)
    runs.waits(card.session_id, "The bell rang.")
    assert (shown(card)["state"], shown(card)["words"]) == ("ended", "Stopped by Olga.")


def test_the_end_of_another_terminal_means_nothing(card):
    working(card)
    runs.on_terminal_ended(card.session_id, 7, 0)
    assert shown(card)["state"] == "working"


def test_with_its_session_it_ends_and_one_that_waits_for_the_session_stays(card, olga):
    working(card)
    runs.rests(card.session)
    assert (shown(card)["state"], shown(card)["words"]) == ("ended", runs.STOPPED)
    agents.put(card, "custom", "make", user=olga)
    runs.rests(card.session)
    assert (shown(card)["state"], shown(card)["command"]) == ("wanted", "make")


def test_two_do_not_work_at_once(card, olga):
    working(card)
    Card.objects.filter(pk=card.pk).update(column=Column.objects.get(board=card.board, role="active"))
    with pytest.raises(PolicyRejected, match="already"):
        agents.start(card, user=olga)


def test_outside_an_active_column_none_is_started(card, olga):
    with pytest.raises(PolicyRejected, match="active column"):
        agents.start(card, user=olga)


def test_one_that_is_stopped_is_over_at_once_and_a_worker_has_to_end_it(card, olga):
    working(card)
    agents.stop(card, user=olga)
    card.session.__class__.objects.filter(pk=card.session_id).update(state=State.RUNNING, desired="running")
    assert (shown(card)["state"], shown(card)["words"]) == ("ended", "Stopped by olga.")
    assert runs.sessions_lacking_agents() == {card.session_id}
    runs.carried_out(runs.latest(card.session_id))
    assert runs.sessions_lacking_agents() == set()


def test_a_relay_is_wanted_from_ahead_of_its_start_until_it_is_over_in_a_session_that_runs(card):
    assert runs.sessions_wanting_relays() == set()
    card.session.__class__.objects.filter(pk=card.session_id).update(state=State.RUNNING, desired="running")
    assert runs.sessions_wanting_relays() == {card.session_id}
    run = working(card)
    assert runs.sessions_wanting_relays() == {card.session_id}
    runs.end(run, Is.FINISHED, code=0)
    assert runs.sessions_wanting_relays() == set()


def test_who_may_not_change_the_card_any_more_has_no_agent_started(card, olga, board):
    members.add(board, User.objects.create_user("other"), Role.OWNER)
    board.member_set.filter(user=olga).update(role=Role.VIEWER)
    with pytest.raises(PolicyRejected, match="may not change"):
        agents.brief(runs.latest(card.session_id))


def test_leftover_tokens_go_and_those_of_living_agents_stay(card):
    run = working(card)
    agents.revoke_leftovers()
    assert ApiToken.objects.filter(card=card).exists()
    AgentRun.objects.filter(pk=run.pk).update(state=Is.ENDED)
    agents.revoke_leftovers()
    assert not ApiToken.objects.filter(card=card).exists()


def test_a_copy_has_the_same_agent(card, olga):
    made = copies.copy_card(card, user=olga, title="Again", column=None)
    assert (shown(made)["template"], shown(made)["state"]) == ("claude", "wanted")


def test_a_board_with_many_agents_is_read_in_as_many_queries_as_one(board, olga, card, django_assert_max_num_queries):
    for number in range(10):
        actions.create_card(board, olga, title=str(number), agent=agents.given("codex", ""))
    with django_assert_max_num_queries(20):
        cards = board_json(board)["columns"][0]["cards"]
    assert [each["agent"]["state"] for each in cards] == ["wanted"] * 11


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("claude --x 'a b'", "claude"),
        ("A=1 B=2 /usr/bin/perl -e 1", "/usr/bin/perl"),
        ("(cd x; make)", ""),
        ("$AGENT run", ""),
        ("it's", ""),
        ("A=1", ""),
    ],
)
def test_the_program_of_a_command_is_looked_for_where_it_is_plain(command, program):
    assert runs.program_of(command) == program


def test_what_a_terminal_runs_quotes_what_people_wrote(card):
    Card.objects.filter(pk=card.pk).update(title="$(touch /x) 'quoted'")
    run = runs.latest(card.session_id)
    script = agent_work.script_of(run, agents.brief(run))
    assert "export VIBENV_TASK='$(touch /x) '\"'\"'quoted'\"'\"''" in script


def test_by_the_api_an_editor_chooses_and_a_viewer_does_not(card, olga, board):
    vic = User.objects.create_user("vic")
    members.add(board, vic, Role.VIEWER)
    path = f"/api/v1/cards/{card.pk}/agent"
    for user, status in ((olga, 200), (vic, 403)):
        client = Client(headers={"authorization": f"Bearer {tokens.issue(user, 'test')}"})
        answer = client.put(path, {"template": "codex"}, content_type="application/json")
        assert answer.status_code == status
    assert shown(card)["template"] == "codex"


def test_people_pause_the_agents_of_a_card_and_let_them_go_on_and_agents_do_neither(card, olga, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    working(card)
    path = f"/api/v1/cards/{card.pk}/agent"
    by = {
        kind: Client(headers={"authorization": f"Bearer {tokens.issue(olga, kind, kind=kind)}"})
        for kind in ("person", "agent")
    }
    assert by["agent"].post(f"{path}/pause").status_code == 403
    assert by["person"].post(f"{path}/pause").json()["agent"]["paused"] is True
    assert by["agent"].post(f"{path}/resume").status_code == 403
    assert shown(card)["paused"] is True
    AgentRun.objects.update(paused=False)  # as one that began only now
    pausing.keep(card.session_id)
    assert shown(card)["paused"] is True
    assert by["person"].post(f"{path}/resume").json()["agent"]["paused"] is False
    pausing.keep(card.session_id)
    assert shown(card)["paused"] is False
