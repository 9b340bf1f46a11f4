"""The parts of work in a session that know no session: output as text, patterns, keys, what a command printed."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import InvalidInput
from sessions.terminal.marks import Marks
from sessions.terminal.shell import Shell
from sessions.work import typed
from sessions.work.commands import Ask
from sessions.work.kept import Kept
from sessions.work.listener import Listener
from sessions.work.patterns import Pattern
from sessions.work.plain import plain
from sessions.work.wait import For, Waiter

PROMPT = b"\x1b[?2004h\x1b]133;A\x1b\\$ \x1b]133;B\x1b\\"
TAKEN = b"\x1b[?2004l\r\r\n"
BEGINS = b"\x1b]133;C\x1b\\"


def ends(code: int) -> bytes:
    return b"\x1b]133;D;%d\x1b\\\x1b]7;file://here/\x1b\\" % code


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        (b"\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07", "red link"),
        (b"10%\r50%\r100%\r\n", "100%\n"),
        (b"downloading\r\x1b[Kdone\r\n", "done\n"),
        (b"typo\x08\x08\x1b[Kp\n", "typ\n"),
        (b"a\r\nb\r\n\x1b[2Afirst\x1b[Bsecond", "first\nb    second\n"),
        ("ü\u2713".encode() + b"\xff", "ü✓\ufffd"),
        (b"\x00\x07x\x7f", "x"),
    ],
)
def test_output_reads_as_it_would_look(printed, read):
    assert plain(printed) == read


@given(st.binary(max_size=2000))
def test_garbage_is_read_as_some_text(data):
    assert "\x1b" not in plain(data)


@pytest.mark.parametrize("data", [b"\x1b[8000Cx\n" * 60_000, b"\x1b[999B" * 90_000, b"\x1b[8000@" * 60_000])
def test_a_few_bytes_that_move_far_take_no_memory(data):
    assert len(plain(data)) < 3_000_000


@given(st.lists(st.binary(max_size=60)), st.integers(2, 100))
def test_what_is_kept_is_the_beginning_and_the_end(parts, limit):
    kept = Kept(limit)
    for part in parts:
        kept.add(part)
    data, half = b"".join(parts), limit // 2
    if len(data) <= 2 * half:
        assert (kept.value(), kept.omitted) == (data, 0)
    else:
        assert kept.parts() == [data[:half], data[-half:]]
        assert kept.omitted == len(data) - 2 * half


PIECES = ["a", "b", "c*", "a+", "(ab)?", "[^b]", "^", "$", ".", "(a|bc)+", "b{1,2}", r"\b", r"\w", r"\s"]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), st.text("abc \n", max_size=12))
def test_a_pattern_is_found_where_python_finds_it(pieces, text):
    pattern = "".join(pieces)
    assert (Pattern(pattern).search(text) is not None) == (re.search(pattern, text, re.MULTILINE) is not None)


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|a)*b", "(.*)*(.*)*x", "(a+)+$"])
def test_no_pattern_takes_longer_than_the_text_is_long(pattern):
    began = time.perf_counter()
    Pattern(pattern).search("a" * 20_000 + "!")
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("pattern", ["", "(", r"(a)\1", "(?=a)", "((a{99}){99}){99}", "a" * 501])
def test_what_is_no_pattern_here_is_refused(pattern):
    with pytest.raises(InvalidInput, match="regex"):
        Pattern(pattern)


def test_keys_have_the_names_that_people_use():
    assert typed.key("Enter") == b"\r"
    assert typed.key("C-c") == typed.key("^C") == b"\x03"
    assert typed.key("M-b") == b"\x1bb"
    assert typed.key("up") == b"\x1b[A"
    assert typed.key("é") == "é".encode()
    with pytest.raises(InvalidInput, match="no key"):
        typed.key("Hyper")


def test_a_command_is_one_paste_and_can_hold_no_keys():
    assert typed.command("a\r\nb\n", pasted=True) == b"\x1b[200~a\nb\x1b[201~\r"
    for bad in ("", " \n", "a\x1b[201~b", "a\x03", "x" * 70_000):
        with pytest.raises(InvalidInput):
            typed.command(bad, pasted=True)
    with pytest.raises(InvalidInput, match="single lines"):
        typed.command("a\nb", pasted=False)


@pytest.mark.parametrize("ask", [Ask([]), Ask(""), Ask(["a\0"]), Ask("x" * 200_000), Ask(["a"], timeout_s=0),
                                 Ask(["a"], environment={"A=B": ""}), Ask(["a"], stdin=bytes(17 * 1024**2))])  # fmt: skip
def test_what_no_process_can_have_is_refused(ask):
    with pytest.raises(InvalidInput):
        ask.checked()


def test_a_shell_is_at_its_prompt_from_the_mark_after_it_on():
    shell = Shell(100)
    assert shell.at == "unknown"
    shell.feed(PROMPT)
    assert shell.at == "prompt"
    assert shell.typed_from == 100 + len(PROMPT)
    shell.feed(b"ls" + TAKEN + BEGINS)
    assert shell.at == "busy"
    shell.feed(b"file\r\n" + ends(0))
    assert shell.at == "busy"  # what is typed now is not yet read by the shell
    shell.feed(PROMPT)
    assert shell.at == "prompt"


class Heard:
    """A listener that is fed as a hub does, in pieces of one size."""

    def __init__(self, ear, size):
        self.ear, self.size = ear, size
        self.marks, self.seq = Marks(), 0

    def say(self, data):
        for at in range(0, len(data), self.size):
            part = data[at : at + self.size]
            self.seq += len(part)
            self.ear.heard(part, self.seq, self.marks.feed(part))


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_command_printed_what_is_between_its_marks(size):
    async def listen():
        listener = Listener()
        heard = Heard(listener, size)
        heard.say(b"for" + TAKEN + BEGINS + b"one\r\n" + ends(0) + BEGINS + b"two\r\n" + ends(3))
        assert not listener.done
        heard.say(PROMPT + b"typed by somebody else")
        assert listener.done
        assert (plain(listener.kept.value()), listener.exit_code) == ("one\ntwo\n", 3)

    asyncio.run(listen())


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_line_that_ran_nothing_is_told_with_the_shells_words(size):
    async def listen():
        listener = Listener()
        heard = Heard(listener, size)
        heard.say(PROMPT)  # painted anew: that is no answer to what was typed
        assert not listener.done
        heard.say(b"echo )" + TAKEN + b"bash: syntax error\r\n\x1b]7;file://here/\x1b\\" + PROMPT)
        assert listener.done
        assert listener.first is None
        assert plain(listener.refusal).strip() == "bash: syntax error"

    asyncio.run(listen())


def test_a_shell_that_reads_on_is_known():
    async def listen():
        listener = Listener()
        heard = Heard(listener, 3)
        heard.say(b"echo 'open" + TAKEN)
        assert not listener.unfinished
        heard.say(b"\x1b[?2004h> ")
        assert listener.unfinished

    asyncio.run(listen())


@pytest.mark.parametrize("size", [1, 5, 10_000])
@pytest.mark.parametrize(
    ("wanted", "said", "came"),
    [
        (For(text="ready to"), b"it is r\x1b[1mea\x1b[0mdy to go\r\n", "text"),
        (For(regex=r"^took \d+ s$"), b"x\r\ntook 12 s\r\ny", "regex"),
        (For(bell=True), b"\x1b]0;title\x07\x07", "bell"),
        (For(bell=True), b"\x1b]0;title\x07", None),
        (For(prompt=True), PROMPT, "prompt"),
        (For(exit=True), b"x" + ends(4), "exit"),
        (For(text="never"), b"never mi" + b"nd"[:0], "text"),
        (For(text="never"), b"neve\r\nr", None),
    ],
)
def test_what_was_waited_for_is_known_however_it_is_cut(wanted, said, came, size):
    async def wait():
        waiter = Waiter(wanted)
        Heard(waiter, size).say(said)
        assert waiter.came == came

    asyncio.run(wait())
