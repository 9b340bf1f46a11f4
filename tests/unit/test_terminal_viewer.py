import asyncio
import contextlib
import json
import time

import pytest

from sessions.protocol import CREDIT, GRACE_S
from sessions.terminal.history import History
from sessions.terminal.messages import BadMessage, parse
from sessions.terminal.typing_queue import TypingQueue
from sessions.terminal.viewer import Viewer


def made(role="type"):
    frames = []

    async def deliver(frame):
        frames.append(frame)

    async def hang_up(code, reason):
        frames.append((code, reason))

    who = {"id": "v", "user": "1", "name": "V", "kind": "human", "role": role, "colour": "red", "initials": "V"}
    return Viewer(who, deliver, hang_up), frames


async def drained(viewer):
    """Run the pump until it waits for more: everything queued is then delivered."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(viewer.pump(), 0.05)


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "v.ring")


async def test_frames_leave_in_order(history):
    viewer, frames = made()
    history.append(b"past")
    viewer.show(history.screen(), history.epoch)
    history.append(b"live")
    viewer.output(b"live", history.seq)
    await drained(viewer)
    assert json.loads(frames[0])["bytes"] == 4
    assert frames[1:] == [b"past", b"live"]


async def test_a_viewer_without_credit_is_sent_no_more_and_costs_no_memory(history):
    viewer, frames = made()
    for _ in range(100):
        data = b"x" * 65_536
        history.append(data)
        viewer.output(data, history.seq)
    await drained(viewer)
    assert sum(len(f) for f in frames) <= CREDIT
    assert viewer.behind_since is not None


async def test_one_that_acknowledges_in_time_misses_nothing(history):
    viewer, frames = made()
    for n in range(20):
        data = bytes([65 + n]) * 65_536
        history.append(data)
        viewer.output(data, history.seq)
    viewer.acknowledge(viewer.sent, history)
    await drained(viewer)
    assert b"".join(frames) == history.since(0)


async def test_one_that_is_far_behind_catches_up_in_parts_and_never_gets_stuck(history):
    viewer, frames = made()
    for n in range(30):
        data = bytes([65 + n]) * 65_536
        history.append(data)
        viewer.output(data, history.seq)
    assert viewer.behind_since is not None
    for _ in range(4):
        viewer.acknowledge(viewer.sent, history)
    await drained(viewer)
    assert b"".join(frames) == history.since(0)
    assert viewer.behind_since is None


async def test_one_that_acknowledges_late_is_skipped_forward(history):
    viewer, frames = made()
    for _ in range(40):
        history.append(b"x" * 65_536)
        viewer.output(b"x" * 65_536, history.seq)
    assert viewer.behind_since is not None
    viewer.behind_since = time.monotonic() - GRACE_S - 0.01
    history.append(b"the end")
    viewer.acknowledge(viewer.sent, history)
    await drained(viewer)
    screen = next(json.loads(f) for f in frames if isinstance(f, str))
    assert screen["reset"]
    assert screen["seq"] == history.seq
    assert frames[-1].endswith(b"the end")


async def test_an_acknowledgement_of_more_than_was_sent_gives_no_more_credit(history):
    viewer, _ = made()
    viewer.acknowledge(10**12, history)
    assert viewer.acked == 0


async def test_input_is_written_in_order_and_what_was_not_is_known():
    viewer, _ = made()
    written, told = [], []
    queue = TypingQueue(lambda who, count: told.append((who, count)))

    async def write(data):
        if data == b"fails":
            raise OSError
        written.append(data)

    for piece in (b"a", b"b", b"fails", b"c"):
        queue.put(viewer, piece)
    await queue.run(write)
    assert written == [b"a", b"b"]
    assert told == [(viewer, 1), (viewer, 1)]
    assert queue.clear() == [(viewer, 6)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nonsense", "JSON object"),
        ("[]", "JSON object"),
        ("{}", "type"),
        ('{"type":"shout"}', "type"),
        ('{"type":"hello","rows":1,"cols":80}', "rows"),
        ('{"type":"hello","rows":24,"cols":"80"}', "cols"),
        ('{"type":"hello","rows":24,"cols":80,"epoch":"e"}', "seq"),
        ('{"type":"resize","rows":24,"cols":100000}', "cols"),
        ('{"type":"ack","seq":-1}', "seq"),
        ('{"type":"ack","seq":true}', "seq"),
        ('{"type":"answer","data":5}', "data"),
        ('{"type":"ping","id":"x"}', "id"),
        ('{"type":"hand"}', "raised"),
        ('{"type":"hand","raised":1}', "raised"),
        ('{"type":"chat"}', "text"),
        ('{"type":"chat","text":["x"]}', "text"),
        (json.dumps({"type": "answer", "data": "x" * 20_000}), "at most"),
    ],
)
def test_it_rejects_bad_messages_naming_the_field(text, names):
    with pytest.raises(BadMessage, match=names):
        parse(text)
