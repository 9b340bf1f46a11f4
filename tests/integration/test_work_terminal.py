"""Commands typed into the visible terminal by the API, waited for by the shell's marks."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.product import docker, wait_for


@pytest.fixture(scope="module")
def card(product):
    return product.running_card("Typed")


@pytest.fixture
def run(product, card):
    """Runs a command in the card's terminal."""

    def call(command, **more):
        answer = product.api.post(f"/cards/{card['id']}/run", json={"command": command, **more}, timeout=60)
        return answer.json()

    return call


def test_everybody_in_the_terminal_sees_a_command_and_its_output(product, card, run, terminal):
    viewer = terminal(product, card)
    ran = run("printf 'one\\rtwo\\n'; echo $((6 * 7)); false")
    assert (ran["output"], ran["exit_code"], ran["timed_out"]) == ("two\n42\n", 1, False)
    assert b"$((6 * 7))" in viewer.until("42")


def test_a_command_of_several_lines_runs_as_a_whole(run):
    ran = run("for n in 1 2\ndo\n  echo $n\ndone\necho end")
    assert (ran["output"], ran["exit_code"]) == ("1\n2\nend\n", 0)


def test_what_is_no_whole_command_is_taken_back_and_what_is_none_is_told(run):
    assert "not whole" in run("echo 'open")["detail"]
    wrong = run("echo )")
    assert (wrong["ran"], wrong["exit_code"]) == (False, None)
    assert "syntax error" in wrong["output"]
    assert "echo )" not in wrong["output"].splitlines()[0]
    assert "control characters" in run("echo \x1b[201~")["detail"]
    assert run("echo fine")["output"] == "fine\n"


def test_a_busy_terminal_is_waited_for_or_told(run):
    slow = run("sleep 2; echo slept", timeout_s=0.3)
    assert (slow["timed_out"], slow["exit_code"]) == (True, None)
    assert "sleep 2" in run("echo no", wait_s=0.1)["detail"]
    assert run("echo after", wait_s=20)["output"] == "after\n"
    ended = run("sleep 60", timeout_s=0.3, interrupt=True)
    assert (ended["timed_out"], ended["exit_code"]) == (True, 130)


def test_a_flood_garbage_and_a_line_of_a_megabyte_come_bounded_and_the_terminal_lives_on(run):
    garbage = "head -c 7500000 /dev/urandom | base64; head -c 300000 /dev/urandom"
    flood = run(f"{garbage}; head -c 1000000 /dev/zero | tr '\\0' x; echo; reset -Q 2> /dev/null; echo end")
    assert flood["truncated"]
    assert flood["omitted_bytes"] > 8_000_000
    assert len(flood["output"]) < 1_200_000
    assert run("echo alive")["output"].endswith("alive\n")


def test_commands_that_come_at_once_follow_each_other_and_never_mix(product, card, run, terminal):
    with ThreadPoolExecutor(20) as many:
        got = list(many.map(lambda n: run(f"echo begin-{n}; echo end-{n}", wait_s=60), range(20)))
    assert [each["output"] for each in got] == [f"begin-{n}\nend-{n}\n" for n in range(20)]


def test_a_storm_of_viewers_disturbs_no_command(product, card, run, terminal):
    done = {}
    running = threading.Thread(target=lambda: done.update(run("for i in $(seq 40); do echo $i; sleep 0.05; done")))
    running.start()
    viewers = [terminal(product, card) for _ in range(50)]
    for viewer in viewers:
        viewer.socket.socket.shutdown(socket.SHUT_RDWR)  # as a machine that is gone
    running.join()
    assert done["output"] == "".join(f"{n}\n" for n in range(1, 41))


def test_the_screen_is_read_as_text_and_what_changed_on_it(product, card, run):
    def screen(**query):
        return product.api.get(f"/cards/{card['id']}/screen", params=query).json()

    run("clear; echo one")
    first = screen()
    assert first["lines"][0] == "one"
    assert (first["rows"], len(first["lines"]), first["cursor_row"], first["alternate"]) == (24, 24, 1, False)
    run("echo two")
    then = screen(since=first["seq"])
    assert then["lines"] is None
    assert [(line["row"], line["text"]) for line in then["changed"]][1] == (2, "two")
    run("head -c 3000000 /dev/urandom | base64; clear; echo after the flood")
    assert screen()["lines"][0] == "after the flood"


def test_what_is_waited_for_in_the_terminal_is_told_when_it_comes(product, card, run):
    def wait(**wanted):
        return product.api.post(f"/cards/{card['id']}/wait", json={"timeout_s": 15, **wanted}).json()

    def keys(**given):
        return product.api.post(f"/cards/{card['id']}/type", json=given).json()["seq"]

    run("true")
    since = keys(text="printf 'Proceed? [y/n] '; read -r a; echo took $((40 + 2)) s; printf '\\a'; false", enter=True)
    assert wait(regex=r"^Proceed\? \[y/n\]", since=since)["what"] == "regex"
    after = keys(text="y", enter=True)
    assert wait(text="took 42", since=after)["line"] == "took 42 s"
    assert wait(bell=True, since=after)["what"] == "bell"
    ended = wait(exit=True, since=after)
    assert (ended["what"], ended["exit_code"]) == ("exit", 1)
    assert wait(prompt=True)["what"] == "prompt"
    assert wait(idle_s=0.3)["what"] == "idle"
    assert wait(text="never", timeout_s=0.2)["what"] == "timeout"


def test_keys_go_to_what_runs(product, card, run):
    def keys(**given):
        assert product.api.post(f"/cards/{card['id']}/type", json=given).status_code == 200

    assert run("read -r line; echo got $line", timeout_s=0.3)["timed_out"]
    keys(text="words", enter=True)
    assert run("cat > /dev/null", timeout_s=0.3, wait_s=20)["timed_out"]
    keys(keys=["C-c"])
    assert run("echo back", wait_s=20)["output"] == "back\n"
    assert product.api.post(f"/cards/{card['id']}/type", json={"keys": ["Nokey"]}).status_code == 422


def test_a_session_that_ends_in_the_middle_is_told_with_the_output_so_far(product):
    card = product.running_card("Ends")
    container = card["session"]["container"]

    def kill():
        wait_for(lambda: "sleep 3210" in docker("top", container, "-eo", "pid,args"))
        docker("kill", container)

    threading.Thread(target=kill).start()
    answer = product.api.post(f"/cards/{card['id']}/run", json={"command": "echo so far; sleep 3210"}, timeout=60)
    assert answer.status_code == 409, answer.text
    assert "ended" in answer.json()["detail"]
    assert answer.json()["output"].strip() == "so far"
