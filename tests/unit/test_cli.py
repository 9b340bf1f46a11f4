"""The command line's own rules: where it goes, how it reads keys and questions, what its documents and scripts say."""

from __future__ import annotations

import io
import itertools
import json
import os
import stat
import subprocess
import sys
import tarfile
import time

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boards import verbs
from docs import write_cli
from tests.product import ROOT
from vibenv_site.cli import access_tokens, completing, config, copying, errors, names, raw, unpacking
from vibenv_site.cli.attach import keys
from vibenv_site.cli.attach.queries import OutputFilter
from vibenv_site.cli.attach.room import Room
from vibenv_site.cli.attach.stream import Stream
from vibenv_site.cli.attach.typed import Typed
from vibenv_site.cli.errors import CliError
from vibenv_site.cli.main import cli


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("VIBENV_API", "VIBENV_TOKEN", "VIBENV_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("VIBENV_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def logged_in(**profiles):
    known = {name: {"url": f"https://{name}.example", "token": token} for name, token in profiles.items()}
    config.save(config.Config(next(iter(profiles)), known))


# where it goes ------------------------------------------------------------------------------------------
def test_the_profile_in_use_is_taken_and_another_one_by_its_name():
    logged_in(work="a", play="b")
    assert config.target() == config.Target("https://work.example", "a", "work")
    assert config.target("play").token == "b"
    with pytest.raises(CliError, match="no profile other; there is play, work"):
        config.target("other")


def test_the_environment_comes_before_profiles(monkeypatch, home):
    logged_in(work="a")
    monkeypatch.setenv("VIBENV_API", "http://127.0.0.1:7717/")
    with pytest.raises(CliError, match="no token") as refused:
        config.target()
    assert refused.value.code == errors.NO_ACCESS
    (home / "token").write_text("from a file\n")
    monkeypatch.setenv("VIBENV_TOKEN_FILE", str(home / "token"))
    assert config.target() == config.Target("http://127.0.0.1:7717", "from a file", "environment")
    monkeypatch.setenv("VIBENV_TOKEN", "given")
    assert config.target().token == "given"
    monkeypatch.delenv("VIBENV_API")
    assert config.target() == config.Target("https://work.example", "given", "environment")


def test_profiles_are_private_and_a_broken_file_says_where_it_is():
    logged_in(work="a")
    assert stat.S_IMODE(config.path().stat().st_mode) == 0o600
    assert stat.S_IMODE(config.path().parent.stat().st_mode) == 0o700
    config.path().write_text("{")
    with pytest.raises(CliError, match=r"config\.json cannot be read"):
        config.target()


def test_without_any_login_it_says_what_to_do():
    with pytest.raises(CliError, match="vibenv login URL") as refused:
        config.target()
    assert refused.value.code == errors.UNREACHABLE


@pytest.mark.parametrize("wrong", ["ftp://example.org", "https://", "a b://x"])
def test_what_is_no_address_is_refused(wrong):
    with pytest.raises(CliError, match="no address"):
        config.address(wrong)


# keys and questions -------------------------------------------------------------------------------------
QUESTIONS = [b"\x1b[c", b"\x1b[>c", b"\x1b[6n", b"\x1b]11;?\x1b\\", b"\x1b[?2026$p", b"\x1bP+q544e\x1b\\", b"\x1b[?u"]
PLAIN = [b"hello\r\n", b"\x1b[31m", b"\x1b]2;title\x07", b"\x1b[?1049h", b"\xe2\x82\xac", b"\x1b[6;1H", b"\x1bM"]


@given(st.lists(st.sampled_from(QUESTIONS + PLAIN), max_size=12), st.lists(st.integers(0, 120), max_size=6))
def test_questions_are_kept_from_a_terminal_that_is_not_to_answer_wherever_they_are_cut(parts, cuts):
    data, shown = b"".join(parts), b""
    filter_ = OutputFilter()
    at = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    for begin, end in itertools.pairwise(at):
        shown += filter_.feed(data[begin:end], live=True)
    assert shown + filter_.rest() == b"".join(part for part in parts if part in PLAIN)


def test_who_is_to_answer_gets_the_questions_and_its_answers_are_told_from_keys():
    filter_ = OutputFilter()
    filter_.answering = True
    assert filter_.feed(b"\x1b[6n\x1b[c", live=True) == b"\x1b[6n\x1b[c"
    assert filter_.answers_in(b"a\x1b[3;4R\x1b[?62;22cb\x1b[A") == (b"ab\x1b[A", [b"\x1b[?62;22c", b"\x1b[3;4R"])
    assert filter_.answers_in(b"\x1b[1;2R") == (b"\x1b[1;2R", []), "a key, since nobody asks for a position any more"
    assert filter_.feed(b"\x1b[6n", live=False) == b"", "history asks nobody"


def test_nobody_reads_the_clipboard_and_who_watches_has_none_written():
    filter_ = OutputFilter()
    filter_.answering = True
    assert filter_.feed(b"a\x1b]52;c;?\x07b\x1b]52;c;aGk=\x07", live=True) == b"ab\x1b]52;c;aGk=\x07"
    filter_.watching = True
    assert filter_.feed(b"a\x1b]52;c;aGk=\x07b", live=True) == b"ab"


@pytest.mark.parametrize(
    ("key", "sent"), [("ctrl-]", b"\x1d"), ("^q", b"\x11"), ("ctrl-]", b"\x1b[93;5u"), ("c-q", b"\x1b[27;5;113~")]
)
def test_the_key_that_leaves_is_known_however_it_is_sent(key, sent):
    found = keys.pattern_of(key).search(b"abc" + sent + b"d")
    assert found
    assert found.start() == 3
    assert not keys.pattern_of(key).search(b"abc]q\x1b[A")


def test_a_key_that_is_none_is_refused():
    with pytest.raises(CliError, match="no key to leave by"):
        keys.code_of("F12")


def test_a_stream_knows_where_it_was_when_the_connection_was_lost():
    stream = Stream()
    assert stream.resume() == {}
    stream.screen({"epoch": "e", "seq": 10, "bytes": 4, "reset": True})
    assert stream.bytes(b"abcd\x1b[") == b"abcd"
    assert stream.resume() == {"epoch": "e", "seq": 12}
    stream.screen({"epoch": "e", "seq": 12, "bytes": 0, "reset": False})
    assert stream.bytes(b"1mx") == b"\x1b[1mx"


def test_typing_stays_within_the_window_and_waits_while_the_terminal_is_away():
    typed = Typed(frame_bytes=4, window_bytes=6)
    typed.push(b"abcdefgh")
    assert typed.next() == b""
    assert typed.resume()
    assert (typed.next(), typed.next(), typed.next()) == (b"abcd", b"ef", b"")
    typed.acked(6)
    assert typed.next() == b"gh"
    assert typed.disconnected()
    typed.push(b"x")
    assert typed.next() == b""
    assert typed.resume()
    assert typed.next() == b"x"


def test_what_was_typed_long_before_a_connection_came_back_is_not_sent(monkeypatch):
    typed = Typed()
    typed.disconnected()
    typed.push(b"rm -rf x\r")
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not typed.resume()
    assert typed.next() == b""


def test_who_comes_and_who_may_type_is_said_in_words():
    room = Room(you="me")
    ann, robot = ({"id": "a", "name": "Ann", "kind": "human"}, {"id": "r", "name": "Robot", "kind": "agent"})
    assert room.participants([{"id": "me", "name": "Me", "kind": "human"}, ann]) == "Ann is here"
    assert room.participants([ann, robot]) == "Robot (agent) is here"
    assert room.others == " with Ann, Robot (agent)"
    quiet = {"holder": None, "agents_paused": False, "open_line": None, "waiting": []}
    assert room.floor(quiet) == ""
    assert (
        room.floor(quiet | {"open_line": "me", "waiting": ["r"]}) == "Robot (agent) waits until your line is finished"
    )
    assert room.floor(quiet | {"holder": "a"}) == "Ann has control: agents do not type"
    assert room.floor(quiet) == "Ann has handed control over"
    assert room.floor(quiet | {"agents_paused": True, "paused_by": "Ann"}) == "Agents are paused by Ann"
    assert room.participants([robot]) == "Ann left"


# small things -------------------------------------------------------------------------------------------
def test_fields_of_an_api_call_have_their_types(tmp_path):
    (tmp_path / "text").write_text("long")
    given_fields = ["a=b", "n=-3", "yes=true", "none=null", "list:=[1,2]", f"file=@{tmp_path / 'text'}", "x=a=b"]
    assert dict(map(raw._field, given_fields)) == {
        "a": "b", "n": -3, "yes": True, "none": None, "list": [1, 2], "file": "long", "x": "a=b",
    }  # fmt: skip
    with pytest.raises(CliError, match="no field"):
        raw._field("nonsense")


def test_times_are_read():
    assert [access_tokens.seconds(text) for text in ("90s", "30m", "12h", "7d")] == [90, 1800, 43200, 604800]
    with pytest.raises(CliError, match="no time"):
        access_tokens.seconds("soon")


def test_an_address_of_a_card_names_it():
    assert names._id_of("http://127.0.0.1:8000/c/3sra5d2bwd5i") == "3sra5d2bwd5i"
    assert names._id_of("/c/3sra5d2bwd5i/full") == "3sra5d2bwd5i"
    assert names._id_of("3sra5d2bwd5i") == "3sra5d2bwd5i"
    assert names._id_of("fix the login") == ""
    assert names._id_of("https://example.org/elsewhere") == ""


# what comes out of a session -----------------------------------------------------------------------------
def tar_of(*members):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, kind, content in members:
            about = tarfile.TarInfo(name)
            about.type, about.linkname = kind, content if kind != tarfile.REGTYPE else ""
            about.size = len(content) if kind == tarfile.REGTYPE else 0
            about.mode = 0o6755
            tar.addfile(about, io.BytesIO(content.encode()) if kind == tarfile.REGTYPE else None)
    packed.seek(0)
    return tarfile.open(fileobj=packed, mode="r|")


def test_a_tree_comes_out_as_it_is_without_anybodys_rights(home):
    tree = tar_of(
        ("out", tarfile.DIRTYPE, ""),
        ("out/a", tarfile.REGTYPE, "A"),
        ("out/to-a", tarfile.SYMTYPE, "a"),
        ("out/again", tarfile.LNKTYPE, "out/a"),
        ("out/null", tarfile.CHRTYPE, ""),
    )
    unpacking.to_place(tree, home / "here")
    assert sorted(path.name for path in (home / "here").iterdir()) == ["a", "again", "to-a"]
    assert (home / "here" / "to-a").read_text() == (home / "here" / "again").read_text() == "A"
    assert stat.S_IMODE((home / "here" / "a").stat().st_mode) == 0o755


@pytest.mark.parametrize(
    "members",
    [
        [("../evil", tarfile.REGTYPE, "x")],
        [("/evil", tarfile.REGTYPE, "x")],
        [("out", tarfile.DIRTYPE, ""), ("out/../../evil", tarfile.REGTYPE, "x")],
        [("out", tarfile.DIRTYPE, ""), ("out/l", tarfile.SYMTYPE, ".."), ("out/l/evil", tarfile.REGTYPE, "x")],
        [("out", tarfile.SYMTYPE, "."), ("out/evil", tarfile.REGTYPE, "x")],
        [("out", tarfile.DIRTYPE, ""), ("out/evil", tarfile.LNKTYPE, "out/../../secret")],
        [("out", tarfile.DIRTYPE, ""), ("out/l", tarfile.SYMTYPE, ".."), ("out/evil", tarfile.LNKTYPE, "out/l/secret")],
    ],
)
def test_nothing_of_a_session_is_written_beside_its_place(home, members):
    (home / "secret").write_text("kept")
    with pytest.raises(CliError):
        unpacking.to_place(tar_of(*members), home / "here")
    assert not list(home.rglob("evil"))


def test_a_file_replaces_a_link_and_does_not_follow_it(home):
    (home / "secret").write_text("kept")
    (home / "here").symlink_to("secret")
    unpacking.to_place(tar_of(("a", tarfile.REGTYPE, "new")), home / "here")
    assert ((home / "secret").read_text(), (home / "here").read_text()) == ("kept", "new")


@pytest.mark.parametrize(
    ("text", "is_there"),
    [("card:/etc", ("card", "/etc")), ("card:x", ("card", "/workspace/x")), ("./a:b", None), ("a", None), ("-", None)],
)
def test_a_path_in_a_session_is_told_from_one_here(text, is_there):
    found = copying._remote(text)
    assert (found and (found.card, found.path)) == is_there


def every_command(group=cli, path=()):
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


def test_the_reference_of_commands_is_current():
    assert write_cli.PLACE.read_text() == write_cli.text(), "run: .venv/bin/python docs/write_cli.py"


@pytest.mark.parametrize("path", [path for path, _ in every_command()], ids=" ".join)
def test_every_command_says_what_it_does(path):
    command = dict(every_command())[path]
    assert command.help
    assert all(each.help for each in command.params if isinstance(each, click.Option)), path


@pytest.mark.parametrize("verb", [verb for verb in verbs.VERBS if verb.cli], ids=lambda verb: verb.name)
def test_every_command_that_a_verb_names_is_there(verb):
    assert tuple(verb.cli.split()) in dict(every_command())


def test_nushell_is_told_every_command_and_option():
    script = completing.script(cli, "nushell")
    for path, command in every_command():
        assert f'export extern "vibenv {" ".join(path)}" [' in script
        for option in (each for each in command.params if isinstance(each, click.Option)):
            assert max(option.opts, key=len) in script


@pytest.mark.parametrize(
    ("shell", "says"), [("zsh", "#compdef vibenv"), ("fish", "complete --no-files --command vibenv")]
)
def test_shells_get_a_script_that_asks_the_program(shell, says):
    script = completing.script(cli, shell)
    assert says in script
    assert f"_VIBENV_COMPLETE={shell}_complete" in script


def test_starting_takes_no_heavy_library():
    """What it imports decides how long each command takes; times vary with the machine, imports do not."""
    code = "import sys; from vibenv_site.cli import main, client, config, names, cards; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {
        "django",
        "asyncio",
        "rich",
        "httpx",
        "websockets",
        "docker",
        "celery",
        "psutil",
        "pyte",
        "mcp",
    }


def test_a_config_of_a_newer_vibenv_is_read():
    config.path().parent.mkdir(parents=True)
    config.path().write_text(
        json.dumps({"current": "", "profiles": {}, "settings": {"detach_key": "ctrl-q"}, "new": 1})
    )
    assert config.load().settings == {"detach_key": "ctrl-q"}
