"""Commands and files of a running session by the API, as programs use them."""

from __future__ import annotations

import base64
import io
import json
import tarfile

import pytest

from bench import usage
from tests.product import docker, wait_for


@pytest.fixture(scope="module")
def card(product):
    return product.running_card("Work")


@pytest.fixture(scope="module")
def at(product, card):
    """Calls a path of the card."""

    def call(method, path, **more):
        return product.api.request(method, f"/cards/{card['id']}/{path}", **more)

    return call


def execute(at, command, **more):
    answer = at("POST", "exec", json={"command": command, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def processes(card):
    return docker("top", card["session"]["container"], "-eo", "pid,args")


def test_a_command_tells_output_errors_and_exit_code_apart(at):
    ran = execute(at, 'echo "out $WHO in $PWD"; echo err >&2; cat; exit 3', env={"WHO": "me"}, stdin="fed", cwd="/tmp")
    assert (ran["exit_code"], ran["stdout"], ran["stderr"]) == (3, "out me in /tmp\nfed", "err\n")
    assert execute(at, ["echo", "a  b", "$HOME"])["stdout"] == "a  b $HOME\n"


def test_a_command_has_the_environment_of_the_sessions_shells(at):
    execute(
        at, "mkdir -p /opt/vibenv/toolchain/mine/bin && ln -sf /bin/true /opt/vibenv/toolchain/mine/bin/mytool || true"
    )
    assert execute(at, "pwd")["stdout"] == "/workspace\n"
    assert execute(at, ["no-such-program"])["exit_code"] == 127


def test_output_that_is_no_text_comes_as_bytes_too(at):
    ran = execute(at, "printf 'a\\377b'")
    assert base64.b64decode(ran["stdout_base64"]) == b"a\xffb"
    assert ran["stderr_base64"] is None


def test_a_flood_is_bounded_and_told(at):
    ran = execute(at, "yes | head -c 10000000; echo end")
    assert ran["truncated"]
    assert ran["omitted_bytes"] > 8_000_000
    assert ran["stdout"].endswith("end\n")
    assert len(ran["stdout"]) < 1_100_000


def test_a_command_that_takes_too_long_is_ended_with_its_children(at, card):
    ran = execute(at, "sleep 6543 & echo begun; sleep 6543", timeout_s=0.5)
    assert (ran["exit_code"], ran["timed_out"], ran["stdout"]) == (None, True, "begun\n")
    wait_for(lambda: "6543" not in processes(card), what="the end of the command")


def test_output_is_streamed_as_it_comes_and_hanging_up_ends_the_command(product, card):
    url, accept = f"/cards/{card['id']}/exec", {"Accept": "application/x-ndjson"}
    command = "echo first; echo bad >&2; sleep 7654"
    with product.api.stream("POST", url, json={"command": command}, headers=accept) as answer:
        lines = answer.iter_lines()
        got = {json.loads(next(lines))["stream"] for _ in range(2)}
    assert got == {"stdout", "stderr"}
    wait_for(lambda: "7654" not in processes(card), what="the end of the command")
    whole = product.api.post(url, json={"command": "echo a; exit 5"}, headers=accept).text.splitlines()
    assert [json.loads(line) for line in whole] == [
        {"stream": "stdout", "data": "a\n"},
        {"exit_code": 5, "timed_out": False},
    ]


def test_a_file_is_written_whole_and_read_in_parts(at):
    name, data = "deep/er/it's\na file.bin", bytes(range(256)) * 4000
    assert at("PUT", "file", params={"path": name, "mode": "750"}, content=data).status_code == 204
    whole = at("GET", "file", params={"path": name})
    assert whole.content == data
    assert (whole.headers["x-file-size"], whole.headers["x-file-mode"]) == (str(len(data)), "750")
    assert at("GET", "file", params={"path": name, "offset": 256_000, "limit": 3}).content == b"\x00\x01\x02"
    listed = at("GET", "dir", params={"path": "/workspace/deep/er"}).json()["entries"]
    assert [(entry["name"], entry["kind"], entry["size"]) for entry in listed] == [
        ("it's\na file.bin", "file", len(data))
    ]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("GET", "/etc", 409),
        ("GET", "/dev/zero", 409),
        ("PUT", "/etc", 409),
        ("PUT", "/proc/none", 409),
        ("GET", "", 422),
    ],
)
def test_what_a_file_system_refuses_is_told(at, method, path, status):
    answer = at(method, "file", params={"path": path}, content=b"x" if method == "PUT" else None)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_a_full_disk_leaves_what_was_there(at):
    execute(at, "printf kept > /dev/shm/file; head -c 1G /dev/zero > /dev/shm/fill")
    answer = at("PUT", "file", params={"path": "/dev/shm/file"}, content=bytes(1_000_000))
    assert answer.status_code == 409
    assert "space" in answer.json()["detail"]
    assert execute(at, "cat /dev/shm/file; rm /dev/shm/fill; ls -A /dev/shm")["stdout"] == "keptfile\n"


def test_a_patch_is_applied_whole_or_not_at_all(at):
    execute(at, "mkdir -p /workspace/p && cd /workspace/p && git init -q && printf 'one\\ntwo\\n' > a && git add a"
                " && git -c user.name=n -c user.email=e commit -qm m && printf 'one\\nzwei\\n' > a && echo new > b")  # fmt: skip
    diff = at("GET", "diff", params={"path": "/workspace/p"}).json()["diff"]
    assert "+zwei" in diff
    assert "+new" in diff
    assert execute(at, "git status --porcelain", cwd="/workspace/p")["stdout"] == " M a\n?? b\n"
    execute(at, "git checkout -q a && rm b", cwd="/workspace/p")
    patched = at("POST", "patch", json={"patch": diff, "cwd": "/workspace/p"})
    assert patched.json() == {"files": ["a", "b"]}
    assert execute(at, "cat a b", cwd="/workspace/p")["stdout"] == "one\nzwei\nnew\n"
    again = at("POST", "patch", json={"patch": diff.replace("+new", "+other"), "cwd": "/workspace/p"})
    assert again.status_code == 409
    assert any("a" in line for line in again.json()["conflicts"])
    assert execute(at, "cat a b", cwd="/workspace/p")["stdout"] == "one\nzwei\nnew\n"


def test_a_patch_cannot_leave_its_directory(at):
    patch = "--- /dev/null\n+++ b/../outside\n@@ -0,0 +1 @@\n+x\n"
    assert at("POST", "patch", json={"patch": patch, "cwd": "/workspace/p"}).status_code == 409
    assert execute(at, "ls /workspace/outside")["exit_code"] != 0


def test_a_tree_goes_down_and_up_as_a_tar_stream(at):
    execute(
        at,
        "mkdir -p /workspace/t/sub && head -c 30000000 /dev/urandom > /workspace/t/sub/big && ln -s sub /workspace/t/l",
    )
    down = at("GET", "tar", params={"path": "/workspace/t"})
    with tarfile.open(fileobj=io.BytesIO(down.content)) as archive:
        assert sorted(archive.getnames()) == ["t", "t/l", "t/sub", "t/sub/big"]
    up = at("PUT", "tar", params={"path": "/tmp/copy"}, content=down.content)
    assert up.status_code == 204, up.text
    assert execute(at, "diff -r /workspace/t /tmp/copy/t && readlink /tmp/copy/t/l")["stdout"] == "sub\n"
    assert at("GET", "tar", params={"path": "/none"}).status_code == 404
    assert at("PUT", "tar", params={"path": "/tmp/bad"}, content=b"garbage" * 1000).status_code == 409


def test_large_trees_go_through_little_memory_however_slow_their_reader_is(product, at, card):
    execute(
        at, "rm -rf /workspace/t /tmp/copy; mkdir -p /workspace/l && head -c 60000000 /dev/zero > /workspace/l/zeros"
    )
    web = usage.Meter(usage.listening(product.port))
    url, query, taken = f"/cards/{card['id']}/tar", {"path": "/workspace/l"}, []
    with product.api.stream("GET", url, params=query, timeout=60) as answer:
        parts = answer.iter_raw()
        taken.append(next(parts))
        assert wait_for(lambda: "tar -cf" in processes(card), what="the packing that waits for its reader")
        assert web.read().growth_bytes < 25 * 1024**2
        taken += parts
    data = b"".join(taken)
    assert len(data) > 60_000_000
    assert at("PUT", "tar", params={"path": "/tmp/large"}, content=data, timeout=60).status_code == 204
    assert web.read().growth_bytes < 35 * 1024**2
    assert execute(at, "stat -c %s /tmp/large/l/zeros; rm -rf /tmp/large /workspace/l")["stdout"] == "60000000\n"


def test_a_call_wakes_a_session_that_sleeps_and_says_so_where_it_cannot(product):
    card = product.running_card()
    product.api.post(f"/cards/{card['id']}/sleep", json={"how": "stop"})
    product.until(card["id"], "asleep")
    woken = product.api.post(f"/cards/{card['id']}/exec", json={"command": "echo up"}, timeout=60)
    assert woken.json()["stdout"] == "up\n", woken.text
    product.move(card["id"], "backlog")
    product.until(card["id"], "asleep")
    refused = product.api.post(f"/cards/{card['id']}/exec", json={"command": "true"})
    assert refused.status_code == 409
    assert "active column" in refused.json()["detail"]
