"""The shared terminal, over real sockets, on real sessions."""

from __future__ import annotations

import hashlib
import os
import pty
import re
import subprocess

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sessions import protocol
from tests.product import docker, wait_for


@pytest.fixture(scope="module")
def card(product):
    return product.running_card("shared terminal")


@pytest.fixture
def fresh(product):
    return product.running_card()


def prompt(client):
    client.until("# ")
    return client


def test_two_viewers_share_one_shell(product, card, terminal):
    one, two = prompt(terminal(product, card)), terminal(product, card)
    one.type("echo from-o''ne\r")
    two.until("from-one")
    two.type("echo from-t''wo\r")
    one.until("from-two")


def test_one_attach_serves_all_viewers_and_none_stays_behind(product, fresh, terminal):
    viewers = [terminal(product, fresh) for _ in range(5)]
    for viewer in viewers:
        viewer.until("# ")
    name = fresh["session"]["container"]
    assert attaches(name) == 1
    for viewer in viewers:
        viewer.close()
    wait_for(lambda: attaches(name) == 0, 20, "no attach left")


def attaches(container):
    return docker("top", container).count("dtach -a")


def test_a_terminal_that_nobody_looks_at_goes_on_being_read_while_a_program_runs(product, fresh, terminal):
    client = prompt(terminal(product, fresh))
    client.type("for i in $(seq 60); do echo tick-$i; sleep 0.2; done; echo all-d''one\r")
    client.until("tick-2")
    client.close()
    wait_for(lambda: "seq" not in docker("top", fresh["session"]["container"]), what="the loop under way")
    back = terminal(product, fresh)
    shown = back.until("all-done", timeout_s=40)
    assert all(f"tick-{n}\r".encode() in shown for n in range(1, 61))


def typed_by_hand(container):
    """What a person sees who attaches with the engine's own command line, types a line and detaches."""
    master, slave = pty.openpty()
    command = ["docker", "exec", "-it", container, "dtach", "-a", "/tmp/vibenv.sock"]
    person = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    os.write(master, b"echo by-ha''nd\r")
    seen = b""
    while b"by-hand" not in seen:
        seen += os.read(master, 4096)
    os.write(master, b"\x1c")
    assert person.wait(20) == 0
    os.close(master)
    return seen


def test_it_works_beside_an_attach_by_hand(product, fresh, terminal):
    """`docker exec -it … dtach -a` always works."""
    prompt(terminal(product, fresh))
    name = fresh["session"]["container"]
    assert b"by-hand" in typed_by_hand(name)
    wait_for(lambda: attaches(name) == 1, what="our own attach alone")


def test_a_late_joiner_sees_the_screen(product, card, terminal):
    one = prompt(terminal(product, card))
    one.type("clear; echo early-wo''rds\r")
    one.until("early-words")
    late = terminal(product, card)
    assert b"early-words" in late.until("early-words", 5)


def test_a_returning_viewer_gets_exactly_what_it_missed(product, card, terminal):
    stays, leaves = prompt(terminal(product, card)), terminal(product, card)
    leaves.until("# ")
    stays.type("echo be''fore\r")
    stays.until("before")
    leaves.until("before")
    while leaves.read(0.3):
        pass
    epoch, seq, had = leaves.epoch, leaves.seq, leaves.shown
    leaves.close()
    stays.type("seq 1 500; echo af''ter\r")
    stays.until("after")
    while stays.read(0.3):
        pass
    back = terminal(product, card, epoch=epoch, seq=seq)
    screen = back.until_message("screen")
    assert screen["reset"] is False
    back.until("after")
    while back.read(0.3):
        pass
    assert back.seq == stays.seq
    assert (had + back.shown).endswith(stays.shown[-3000:])


def test_a_full_screen_program_is_painted_for_a_joiner(product, fresh, terminal):
    one = prompt(terminal(product, fresh, rows=20, cols=70))
    one.type("seq 1 300 > /tmp/numbers; vi /tmp/numbers\r")
    one.until_message("size")
    one.until(b"\x1b[?1049h")
    one.until("19")
    two = terminal(product, fresh, rows=20, cols=70)
    shown = two.until("19", 10)
    assert b"\x1b[?1049h" in shown or "\x1b[?1049h" in two.last("screen")["prelude"]
    one.type("\x1b:q!\r")
    one.until(b"\x1b[?1049l")


def test_a_session_stopped_within_a_full_screen_program_comes_back_on_the_normal_screen(product, fresh, terminal):
    client = prompt(terminal(product, fresh))
    client.type("echo wo''rds > /tmp/w; vi /tmp/w\r")
    client.until(b"\x1b[?1049h")
    client.until("words")
    product.move(fresh["id"], "backlog")
    product.until(fresh["id"], "asleep")
    product.move(fresh["id"], "active")
    client.until(b"\x1b[?1049l")
    client.type("echo back-a''gain\r")
    shown = client.until("back-again")
    assert b"dtach" not in shown


def test_a_big_paste_arrives_whole(product, fresh, terminal):
    client = prompt(terminal(product, fresh))
    lines = "".join(f"{n:07d} é line of a paste\n" for n in range(40_000)).encode()[: 1024 * 1024]
    lines = lines[: lines.rfind(b"\n") + 1]
    client.type("stty -echo; cat > /tmp/paste; md5sum < /tmp/paste; stty echo\r")
    client.until("stty -echo")
    sent, window = 0, protocol.INPUT_WINDOW
    began = client.until_message("input_ack")["bytes"]
    while sent < len(lines):
        acked = (client.last("input_ack") or {"bytes": began})["bytes"] - began
        if sent - acked + protocol.INPUT_FRAME_BYTES > window:
            client.read(1)
            continue
        client.type(lines[sent : sent + protocol.INPUT_FRAME_BYTES])
        sent += protocol.INPUT_FRAME_BYTES
    client.type(b"\x04")
    client.until(hashlib.md5(lines).hexdigest(), timeout_s=60)  # noqa: S324


def test_size_follows_who_typed_last(product, fresh, terminal):
    one = prompt(terminal(product, fresh, rows=30, cols=100))
    two = terminal(product, fresh, rows=20, cols=60)
    assert two.until_message("size")["rows"] == 30
    two.type("stty size\r")
    me = two.until_message("welcome")["you"]["id"]
    two.until_message("size", rows=20, cols=60, owner=me)
    two.until("20 60")
    two.send(type="resize", rows=22, cols=66)
    one.until_message("size", rows=22, cols=66)
    one.send(type="resize", rows=40, cols=120)
    two.type("stty size; echo ye''s\r")
    assert b"22 66" in two.until("yes")


def test_one_viewer_answers_queries_and_the_answer_counts_as_nobodys_typing(product, fresh, terminal):
    one, two = prompt(terminal(product, fresh)), terminal(product, fresh)
    one.until_message("answerer", you=True)
    two.until("# ")
    assert two.last("answerer") is None
    two.send(type="answer", data="NOT-ASKED")
    one.send(type="answer", data="echo ans''wer\r")
    one.until("answer\r")
    assert b"NOT-ASKED" not in one.shown
    assert one.last("size")["owner"] is None
    one.close()
    two.until_message("answerer", you=True)


def test_a_viewer_that_stops_reading_stalls_nobody_and_ends_with_the_right_screen(product, fresh, terminal):
    reads, stalls = prompt(terminal(product, fresh)), terminal(product, fresh, acknowledges=False)
    reads.type("seq 1 1500000; echo flood-d''one\r")
    reads.until("flood-done", timeout_s=60)
    while reads.read(0.3):
        pass
    while stalls.read(0.5):
        pass
    assert len(stalls.shown) < protocol.CREDIT + protocol.REPLAY_BYTES
    stalls.send(type="ack", seq=stalls.seq)
    stalls.until("flood-done", 10)
    assert stalls.last("screen")["reset"]
    assert stalls.shown.endswith(reads.shown[-2000:])


def test_output_floods_arrive_whole_and_in_order(product, fresh, terminal):
    client = prompt(terminal(product, fresh))
    client.type("seq 1 400000; echo flood-d''one\r")
    shown = client.until("flood-done", timeout_s=60)
    resets = [m for m in client.messages if m["type"] == "screen" and m["reset"]]
    assert len(resets) == 1, "a viewer that keeps up is never skipped"
    numbers = [int(n) for n in re.findall(rb"^(\d+)\r$", shown, re.M)]
    wrong = next((n for n, seen in enumerate(numbers, 2) if n != seen), None)  # the shell's own sequence precedes the 1
    assert (len(numbers), wrong) == (399_999, None), shown[-300:]


def test_it_tells_what_the_session_does_until_the_terminal_is_live(product, terminal):
    waiting = product.new_card()
    client = terminal(product, waiting)
    client.until_message("session", session=None)
    product.move(waiting["id"], "active")
    client.until_message("session", attached=True, timeout_s=30)
    seen = {m["session"]["status"] for m in client.messages if m["type"] == "session" and m["session"]}
    assert {"starting", "running"} <= seen
    client.until("# ")
    product.move(waiting["id"], "backlog")
    product.until(waiting["id"], "asleep")
    client.until_message("session", attached=False)
    client.type("lost?")
    assert "not taken" in client.until_message("refused")["reason"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("nonsense", protocol.BAD_MESSAGE),
        ('{"type":"ack","seq":1}', protocol.BAD_MESSAGE),
        (b"typed early", protocol.BAD_MESSAGE),
    ],
)
def test_it_hangs_up_on_what_is_not_of_the_protocol(product, card, frame, code):
    headers = {"Authorization": f"Bearer {product.token}"}
    with connect(card["session"]["terminal_url"], additional_headers=headers) as socket:
        socket.send(frame)
        with pytest.raises(ConnectionClosed):
            exhaust(socket)
        assert socket.close_code == code


def exhaust(socket):
    while True:
        socket.recv(timeout=10)


def test_a_frame_over_the_limit_is_refused(product, card, terminal):
    client = prompt(terminal(product, card))
    client.type(b"x" * (protocol.INPUT_FRAME_BYTES + 1))
    assert client.closed_with() == protocol.TOO_BIG


def test_a_ping_is_answered(product, card, terminal):
    client = terminal(product, card)
    client.send(type="ping", id=7)
    client.until_message("pong", id=7)


@pytest.mark.parametrize(
    ("headers", "path", "code"),
    [
        ({}, "cards/{card}/terminal", protocol.FORBIDDEN),
        ({"Origin": "http://evil.example"}, "cards/{card}/terminal", protocol.FORBIDDEN),
        ({"Origin": "{url}"}, "cards/{card}/terminal", protocol.UNAUTHENTICATED),
        ({"Authorization": "Bearer guess"}, "cards/{card}/terminal", protocol.UNAUTHENTICATED),
        ({"Authorization": "Bearer {token}"}, "cards/nosuchcard/terminal", protocol.NOT_FOUND),
        ({"Authorization": "Bearer {token}"}, "boards/nosuchboard", protocol.NOT_FOUND),
        ({}, "boards/{board}", protocol.FORBIDDEN),
        ({"Origin": "{url}"}, "boards/{board}", protocol.UNAUTHENTICATED),
        ({"Authorization": "Bearer {token}"}, "nothing/here", protocol.NOT_FOUND),
    ],
)
def test_sockets_ask_who_is_there(product, card, headers, path, code):
    names = {"card": card["id"], "board": card["board"], "url": product.url, "token": product.token}
    url = f"ws://127.0.0.1:{product.port}/ws/{path.format(**names)}"
    sent = {k: v.format(**names) for k, v in headers.items()}
    with connect(url, additional_headers=sent) as socket:
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
        assert socket.close_code == code


def waiting(product, card):
    return product.card(card["id"])["session"]["waiting"]


def test_a_terminal_that_nobody_looks_at_is_marked_when_its_program_asks_and_unmarked_when_somebody_looks(
    product, fresh, terminal
):
    client = prompt(terminal(product, fresh))
    client.type(r"sleep 2; printf '\033]9;Tests pas''sed\007'; sleep 30" + "\r")
    client.until("sleep 30")
    client.close()
    wait_for(lambda: waiting(product, fresh) == "Tests passed", 20, "the mark")
    terminal(product, fresh).until("# ")
    wait_for(lambda: waiting(product, fresh) == "", 20, "no mark")


def test_a_bell_while_somebody_looks_marks_nothing(product, fresh, terminal):
    client = prompt(terminal(product, fresh))
    client.type(r"printf '\007'; echo ra''ng" + "\r")
    client.until("rang")
    assert waiting(product, fresh) == ""


def test_people_see_who_is_here_who_types_and_who_raises_a_hand(product, card, terminal):
    one, two = prompt(terminal(product, card)), prompt(terminal(product, card))
    mine = one.until_message("welcome")["you"]
    assert (mine["kind"], mine["user"] is not None) == ("agent", True)
    assert mine["colour"]
    assert mine["initials"]
    one.type(" ")
    two.until_message("typing", id=mine["id"])
    two.until_message("typing", id=None)
    one.send(type="hand", raised=True)
    two.until_message("participants", participants=[{**mine, "hand": True}, two.last("welcome")["you"]])
    two.send(type="hand", raised=False, of=mine["id"])
    one.until_message("participants", participants=[{**mine, "hand": False}, two.last("welcome")["you"]])


def test_what_was_said_waits_for_who_comes_later_until_the_card_is_deleted(product, fresh, terminal):
    client = prompt(terminal(product, fresh))
    client.send(type="chat", text="try   this")
    said = client.until_message("chat", text="try this")
    client.send(type="chat", text="x" * (protocol.CHAT_TEXT + 1))
    assert "at most" in client.until_message("refused", about="chat")["reason"]
    client.close()
    wait_for(lambda: attaches(fresh["session"]["container"]) == 0, what="the hub let go")
    back = terminal(product, fresh)
    assert {"type": "chat", **back.until_message("chat_history")["messages"][0]} == said
    kept = product.data_dir / "terminals" / f"{fresh['session']['id']}.chat"
    assert kept.exists()
    product.api.delete(f"/cards/{fresh['id']}")
    wait_for(lambda: not kept.exists(), what="the chat gone with its card")
