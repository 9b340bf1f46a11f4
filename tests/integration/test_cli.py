"""The command line against a running vibenv, as a person uses it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess

import httpx
import pytest

from tests.cli_client import Cli
from tests.product import ROOT, Product, wait_for


@pytest.fixture(scope="module")
def cli(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return Cli(product, tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="module")
def card(product: Product):
    return product.running_card("Command line")


def test_launch_makes_a_card_and_tells_its_address_and_container(cli: Cli, product: Product):
    done = cli("launch", "Fix the login", "--description", "It fails.")
    address, container = done.stdout.split()
    found = next(each for each in json.loads(cli("ls", "--json").stdout) if each["title"] == "Fix the login")
    assert address == f"{product.url}/c/{found['id']}"
    assert container == found["session"]["container"]
    assert "✓ Starting the shell" in done.stderr
    assert cli("launch", "fix the login").stdout == done.stdout, "it runs already: nothing is made"
    assert found["description"] == "It fails."
    for name in (found["id"], address, container, "fix-the-login", "fix the l"):
        assert json.loads(cli("resume", name, "--json").stdout)["id"] == found["id"], name


def test_a_name_that_is_nobodys_or_several_cards_says_so(cli: Cli, product: Product):
    product.new_card("Twins one")
    product.new_card("Twins two")
    several = cli("logs", "Twins", ok=False)
    assert several.returncode == 2
    assert "Twins one" in several.stderr
    assert "Twins two" in several.stderr
    nobody = cli("done", "no such card", ok=False)
    assert (nobody.returncode, nobody.stdout) == (3, "")
    assert "`vibenv ls` lists them" in nobody.stderr


def test_exit_codes_tell_what_is_wrong(cli: Cli):
    assert cli("ls", VIBENV_API="http://127.0.0.1:1", VIBENV_TOKEN="x", ok=False).returncode == 5
    wrong = cli("whoami", VIBENV_TOKEN="wrong", ok=False)
    assert (wrong.returncode, "vibenv login URL" in wrong.stderr) == (4, True)
    assert cli("api", "GET", "/nowhere", ok=False).returncode == 3
    assert cli("sleep", ok=False).returncode == 2


def test_a_card_sleeps_wakes_is_kept_forked_and_deleted(cli: Cli, product: Product):
    card = product.running_card("All its life")
    taken = cli("snapshot", "All its life", "--note", "first", "--no-wait").stdout.strip()
    assert taken in cli("snapshot", "--ls", "All its life").stdout
    assert cli("restore", "All its life", "zzz", ok=False).returncode == 3
    cli("sleep", "--pause", "All its life")
    product.until(card["id"], "paused")
    cli("resume", "All its life")
    assert product.card(card["id"])["session"]["status"] == "running"
    fork = cli("fork", "All its life", "--title", "Its fork", "--snapshot", taken).stdout.strip()
    assert product.card(fork.rpartition("/")[2])["forked_from"] == card["id"]
    assert cli("rm", "Its fork", ok=False).returncode == 2, "nobody is there to be asked"
    cli("rm", "Its fork", "--yes")
    assert "Its fork" not in cli("ls").stdout
    cli("done", "All its life")
    assert product.card(card["id"])["column"] == product.column("done")


def test_login_with_a_token_makes_a_profile_that_logout_forgets(cli: Cli, product: Product):
    assert cli("login", product.url, "--with-token", stdin="wrong\n", ok=False).returncode == 4
    cli("login", product.url, "--with-token", "--profile", "mine", stdin=product.token + "\n")
    assert json.loads(cli("whoami", "--json", VIBENV_DATA_DIR="/nowhere").stdout)["profile"] == "mine"
    assert "mine" in cli("profile").stdout
    assert json.loads((cli.config / "vibenv" / "config.json").read_text())["current"] == "mine"
    subprocess.run(["sed", "-i", 's/"token": .*/"token": "gone"/', cli.config / "vibenv" / "config.json"], check=True)
    cli("logout")
    assert json.loads(cli("whoami", "--json").stdout)["profile"] == "local"


def test_login_without_an_address_is_a_link_for_a_browser(cli: Cli, product: Product):
    assert cli("login").stdout.startswith(f"{product.url}/login/")


def test_share_prints_a_link_to_the_terminal_alone(cli: Cli, product: Product, card):
    assert cli("share", card["id"], "--type", "--expires", "30m").stdout.startswith(f"{product.url}/s/")
    assert product.api.get(f"/cards/{card['id']}/links").json()[0]["role"] == "type"


def test_api_calls_whatever_there_is(cli: Cli, product: Product):
    board = json.loads(cli("api", "GET", "/boards").stdout)[0]["id"]
    made = json.loads(cli("api", "POST", f"/boards/{board}/cards", "-f", "title=By the API").stdout)
    cli("api", "patch", f"/cards/{made['id']}", "--input", "-", stdin='{"description": "said"}')
    assert product.card(made["id"])["description"] == "said"
    refused = cli("api", "POST", f"/boards/{board}/cards", "-f", "title=", ok=False)
    assert (refused.returncode, json.loads(refused.stdout)["status"]) == (1, 422)


def test_logs_print_what_the_terminal_printed_as_text(cli: Cli, card, terminal, product: Product):
    viewer = terminal(product, card)
    viewer.type("printf '\\033[31mred%d\\033[0m\\n' 42\r")
    viewer.until("red42")
    printed = cli("logs", card["id"]).stdout
    assert "\nred42\n" in printed
    assert "\x1b" not in printed


def test_layers_are_listed_by_the_api(cli: Cli):
    assert {each["kind"] for each in json.loads(cli("layers", "ls", "--json").stdout)} >= {"base", "profile"}
    assert cli("layers", "show", "nothing", ok=False).returncode == 3


def test_bash_completes_commands_options_and_cards(cli: Cli, product: Product, card, tmp_path):
    (tmp_path / "vibenv").symlink_to(ROOT / "vibenv")
    script = """
    source <(vibenv completion bash)
    ask() { COMPREPLY=(); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vibenv_completion vibenv; echo "${COMPREPLY[*]}"; }
    ask vibenv laun; ask vibenv ls --al; ask vibenv logs command-l
    """
    own = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "VIBENV_DATA_DIR": str(product.data_dir), "HOME": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=os.environ | own, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["launch", "--all", card["session"]["name"]], done.stderr


# in a session -------------------------------------------------------------------------------------------
def test_exec_gives_the_commands_output_input_and_exit_code(cli: Cli, card):
    done = cli("exec", card["id"], "--", "echo out; echo err >&2; exit 7", ok=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "err\n")
    assert cli("exec", card["id"], "-i", "--", "tr", "a-z", "A-Z", stdin="hello").stdout == "HELLO"
    slow = cli("exec", card["id"], "--timeout", "0.5", "--", "sleep", "60", ok=False)
    assert (slow.returncode, "ended after" in slow.stderr) == (124, True)


def test_ctrl_c_ends_what_exec_runs(cli: Cli, card):
    with cli.on_a_terminal("exec", card["id"], "--", "echo begun; exec sleep 4321") as mine:
        mine.until("begun")
        mine.process.send_signal(signal.SIGINT)
        assert mine.ended() == 130
    ask = ("exec", card["id"], "--", "pgrep -fx 'sleep 4321' || true")
    wait_for(lambda: cli(*ask).stdout == "", what="the end of the command")


def test_run_types_into_the_terminal_that_others_see(cli: Cli, card, terminal, product: Product):
    viewer = terminal(product, card)
    done = cli("run", card["id"], "--", "echo $((6*7)); false", ok=False)
    assert (done.returncode, done.stdout) == (1, "42\n")
    viewer.until("echo $((6*7)); false")
    cli("type", card["id"], "echo ty''ped", "--key", "Enter")
    viewer.until("typed")


def test_a_screen_is_printed_as_text(cli: Cli, card):
    cli("run", card["id"], "--", "printf '\\033[1mbo''ld\\033[0m\\n'")
    wait_for(lambda: "\nbold\n" in cli("screen", card["id"]).stdout, what="the screen")
    seen = json.loads(cli("screen", card["id"], "--json").stdout)
    assert len(seen["lines"]) == seen["rows"]


def test_a_further_terminal_is_opened_typed_into_and_closed(cli: Cli, card):
    number = cli("terminals", card["id"], "--new", "build").stdout.strip()
    assert "build" in cli("terminals", card["id"]).stdout
    with cli.on_a_terminal("attach", card["id"], "--terminal", number) as mine:
        mine.until(" # ")
        mine.type("echo th''ere\r")
        mine.until("there")
        cli("terminals", card["id"], "--close", number)
        assert mine.ended() == 3
    assert cli("terminals", card["id"]).stdout == ""


def test_files_and_directories_are_copied_in_and_out(cli: Cli, card, tmp_path):
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "a b").write_bytes(os.urandom(300_000))
    (tmp_path / "tree" / "link").symlink_to("sub/a b")
    cli("cp", str(tmp_path / "tree"), f"{card['id']}:/tmp/copied")
    cli("cp", str(tmp_path / "tree"), f"{card['id']}:/tmp/copied")
    assert cli("exec", card["id"], "--", "ls /tmp/copied").stdout.split() == ["link", "sub", "tree"]
    cli("cp", f"{card['id']}:/tmp/copied/tree", str(tmp_path / "back"))
    back = tmp_path / "back"
    assert (back / "link").read_bytes() == (tmp_path / "tree" / "link").read_bytes()
    assert os.readlink(back / "link") == "sub/a b"
    cli("cp", "-", f"{card['id']}:note", stdin="a stream")
    assert cli("cp", f"{card['id']}:note", "-").stdout == "a stream"
    assert cli("cp", f"{card['id']}:/nowhere", ".", ok=False).returncode == 3


# people and agents --------------------------------------------------------------------------------------
def test_a_question_waits_for_its_answer(cli: Cli, product: Product, card):
    with cli.on_a_terminal("ask", card["id"], "Which way?", "--option", "left", "--option", "right") as mine:
        mine.until("Waiting for an answer")
        assert "left | right" in cli("answer", card["id"]).stdout
        cli("answer", card["id"], "right")
        assert mine.ended() == 0
        assert mine.text.rstrip().endswith("right")
    assert cli("answer", card["id"], "again", ok=False).returncode == 3


def test_an_agent_is_named_started_and_told_how_it_ended(cli: Cli, card):
    assert "claude" in cli("agent", card["id"]).stdout
    cli("agent", card["id"], "exit 3", "--start")
    wait_for(lambda: "exit code 3" in cli("agent", card["id"]).stdout, 40, "the end of the agent")
    assert json.loads(cli("agent", card["id"], "--json").stdout)["state"] == "finished"


def test_a_cards_token_sees_its_card_alone(cli: Cli, product: Product, card):
    made = cli("token", "create", "one card", "--card", card["id"], "--verbs", "look", "--expires", "1h").stdout.strip()
    listed = json.loads(cli("ls", "--json", VIBENV_TOKEN=made).stdout)
    assert [each["id"] for each in listed] == [card["id"]]
    assert cli("exec", "Command line", "--", "true", VIBENV_TOKEN=made, ok=False).returncode == 4
    number = next(each["id"] for each in json.loads(cli("token", "ls", "--json").stdout) if each["name"] == "one card")
    cli("token", "rm", str(number))
    assert cli("ls", VIBENV_TOKEN=made, ok=False).returncode == 4


def test_login_by_a_code_that_somebody_approves_in_a_browser(cli: Cli, product: Product, tmp_path):
    other = Cli(product, tmp_path)
    with other.on_a_terminal("login", product.url) as mine:
        mine.until("compare the code: ")
        wait_for(lambda: re.search(r"code: ([A-Z]{4}-[A-Z]{4})", mine.text) or mine.read(), what="the code")
        _approve(product, re.search(r"code: ([A-Z]{4}-[A-Z]{4})", mine.text)[1])
        assert mine.ended() == 0
        assert "Logged in to" in mine.text
    assert json.loads(other("whoami", "--json", VIBENV_DATA_DIR="/nowhere").stdout)["url"] == product.url
    token = json.loads((tmp_path / "vibenv" / "config.json").read_text())["profiles"].popitem()[1]["token"]
    other("logout")
    assert other("whoami", VIBENV_TOKEN=token, ok=False).returncode == 4, "logging out ends the token"


def _approve(product: Product, code: str) -> None:
    with httpx.Client(follow_redirects=True, base_url=product.url) as browser:
        browser.get(product.new_login_url())
        page = browser.get("/device", params={"code": code})
        sent = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "code": code, "answer": "yes"}
        done = browser.post("/device", data=sent, headers={"Referer": product.url})
        assert done.status_code == 200, (page.text, done.text)


def test_remote_launch_says_what_is_missing(cli: Cli):
    refused = cli("remote-launch", "Command line", PATH="/usr/bin:/bin", ok=False)
    assert (refused.returncode, "Dagger's command line is not here" in refused.stderr) == (1, True), refused.stderr


def test_a_key_in_attach_takes_control_and_another_pauses_the_agents(cli: Cli, card):
    with cli.on_a_terminal("attach", card["id"]) as mine:
        mine.until(" # ")
        mine.type("\x1b[19;2~")
        mine.until("You have control")
        mine.type("\x1b[19;2~")
        mine.until("Control is handed over")
        mine.type("\x1b[20;2~")
        mine.until("Agents are paused")
        mine.type("\x1b[20;2~")
        mine.until("Agents go on")


# attach -------------------------------------------------------------------------------------------------
def test_attach_is_a_whole_terminal_that_a_key_leaves_as_it_was(cli: Cli, card):
    with cli.on_a_terminal("attach", card["id"]) as mine:
        mine.until("leaves; it goes on.")
        mine.until(" # ")
        mine.type("stty size\r")
        mine.until("24 80")
        mine.resize(31, 97)
        wait_for(lambda: _asks_size(mine), what="the new size")
        mine.type("printf '\\033[?1049h\\033[?1000h\\033]2;a title\\007'; sleep 0.1\r")
        wait_for(lambda: mine.read() or b"\x1b]2;a title\x07" in mine.shown, what="the title")
        mine.type("clear; printf '\\033[?1049l'\r\x1d")
        assert mine.ended() == 0
        assert "Left; it goes on." in mine.text
        assert mine.restored()
        assert b"\x1b[?1000l" in mine.shown.rpartition(b"a title")[2], "reports of the mouse are off again"


def _asks_size(mine) -> bool:
    mine.type("stty size\r")
    mine.read(0.3)
    return "31 97" in mine.text


def test_two_who_are_attached_are_told_of_each_other(cli: Cli, card):
    attach = ("attach", card["id"])
    with cli.on_a_terminal(*attach, "--watch") as mine, cli.on_a_terminal(*attach) as other:
        mine.until("Watching")
        mine.until(" here ")
        mine.type("nothing of this\r")
        other.until(" # ")
        other.type("echo se''en\r")
        mine.until("seen")
        assert "nothing of this" not in mine.text
        mine.type("\x03")
        assert mine.ended() == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_attach_leaves_the_terminal_as_it_was(cli: Cli, card, how):
    with cli.on_a_terminal("attach", card["id"]) as mine:
        mine.until(" # ")
        wait_for(lambda: not mine.restored(), what="raw mode")
        mine.process.send_signal(how)
        mine.ended()
        wait_for(mine.restored, what="the terminal as it was")


def test_attach_ends_when_the_session_does_and_says_so(cli: Cli, product: Product):
    card = product.running_card("Ends")
    with cli.on_a_terminal("attach", "Ends") as mine:
        mine.until(" # ")
        product.api.post(f"/cards/{card['id']}/sleep", json={"how": "stop"})
        assert mine.ended(30) == 0
        assert "“Ends” is" in mine.text


def test_attach_offers_to_launch_what_does_not_run(cli: Cli, product: Product):
    product.new_card("Not yet")
    with cli.on_a_terminal("attach", "Not yet") as mine:
        mine.until("Launch it? [Y/n]")
        mine.type("n\n")
        assert mine.ended() == 1
    with cli.on_a_terminal("attach", "Not yet") as mine:
        mine.until("Launch it? [Y/n]")
        mine.type("\n")
        mine.until(" # ", 40)
    refused = cli("attach", "Not yet", ok=False)
    assert (refused.returncode, "wants a terminal" in refused.stderr) == (2, True)


def test_attach_comes_back_when_the_server_was_restarted_and_neither_loses_nor_repeats_anything(
    breakable: Product, tmp_path
):
    card = breakable.running_card("Comes back")
    with Cli(breakable, tmp_path).on_a_terminal("attach", card["id"]) as mine:
        mine.until(" # ")
        mine.type("for i in $(seq 1 30); do echo li''ne $i.; done; read a; echo got $a\r")
        mine.until("line 30.")
        breakable.kill("web")
        mine.until("Connection lost")
        breakable.healthy()
        wait_for(lambda: _typed(mine, "yes\r", "got yes"), 60, "a connection")
        assert [number for number in range(1, 31) if mine.text.count(f"line {number}.") != 1] == []


def _typed(mine, keys: str, until: str) -> bool:
    mine.type(keys)
    mine.read(0.5)
    return until in mine.text
