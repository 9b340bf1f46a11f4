"""Several terminals in one session: each a shell of its own, for everybody who comes."""

from __future__ import annotations

import pytest

from sessions import protocol
from tests.product import docker, wait_for


@pytest.fixture(scope="module")
def card(product):
    return product.running_card("several terminals")


def opened(product, card, **about):
    made = product.api.post(f"/cards/{card['id']}/terminals", json=about)
    assert made.status_code == 201, made.text
    return made.json()["number"]


def there(product, card):
    return [each["number"] for each in product.card(card["id"])["session"]["terminals"]]


def test_a_second_shell_is_its_own_and_shared_by_all_who_come(product, card, terminal):
    number = opened(product, card, name="Logs")
    one, two = (terminal(product, card, number=number) for _ in range(2))
    one.until("# ")
    one.type("echo num''ber-$VIBENV_TERMINAL in $PWD\r")
    assert f"number-{number} in /workspace".encode() in two.until("/workspace\r")
    main = terminal(product, card)
    main.until("# ")
    main.type("echo ma''in\r")
    assert b"number-" not in main.until("main\r")
    assert docker("top", card["session"]["container"]).count("dtach -a") == 2


def test_it_ends_with_its_shell_and_its_viewers_are_told(product, card, terminal):
    number = opened(product, card)
    client = terminal(product, card, number=number)
    client.until("# ")
    client.type("exit 3\r")
    assert client.until_message("terminal_ended")["exit_code"] == 3
    wait_for(lambda: number not in there(product, card), what="the terminal taken away")
    assert client.closed_with() == protocol.GONE


def test_closing_it_ends_what_runs_in_it(product, card, terminal):
    number = opened(product, card, command="trap '' HUP TERM; sleep 1234; sleep 1235")
    client = terminal(product, card, number=number)
    wait_for(lambda: "sleep 1234" in docker("top", card["session"]["container"]), what="the program under way")
    product.api.delete(f"/cards/{card['id']}/terminals/{number}")
    wait_for(lambda: "sleep 123" not in docker("top", card["session"]["container"]), what="the end of the program")
    assert number not in there(product, card)
    client.close()


def test_it_begins_again_when_the_session_was_stopped(product, terminal):
    card = product.running_card()
    number = opened(product, card, name="Again")
    client = terminal(product, card, number=number)
    client.until("# ")
    product.api.post(f"/cards/{card['id']}/sleep", json={"how": "stop"})
    product.until(card["id"], "asleep")
    client.messages.clear()
    product.api.post(f"/cards/{card['id']}/start")
    client.until_message("session", attached=True)
    prompts = client.shown.count(b"133;B")
    wait_for(lambda: client.read() and client.shown.count(b"133;B") > prompts, what="the new shell's prompt")
    client.type("echo ag''ain-$VIBENV_TERMINAL\r")
    client.until(f"again-{number}")
