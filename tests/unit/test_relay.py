"""The relay without a container: its script runs here, and curl's part is taken by sockets and an HTTP client."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

from sessions.relay import relay as relays
from sessions.relay.channel import Channel
from sessions.relay.frames import LARGEST_BYTES, MOST_CHANNELS, WINDOW_BYTES, BadFrame, Frame, Kind, Reader
from sessions.relay.relay import Relay
from tests.product import free_port, wait_for

TOKEN = {"Authorization": "Bearer secret"}


class Process:
    """What `Engine.begin` gives, of a process that runs here."""

    def __init__(self, process):
        self.process = process

    async def read(self):
        data = await self.process.stdout.read(65536)
        return (1, data) if data else None

    async def write(self, data):
        self.process.stdin.write(data)
        await self.process.stdin.drain()

    def close(self):
        self.process.stdin.close()


class App:
    """Counts what it is sent; its answers are as long as is asked for."""

    def __init__(self):
        self.scopes, self.disconnected = [], 0

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        count = 0
        while (message := await receive())["type"] == "http.request":
            count += len(message["body"])
            if not message["more_body"]:
                break
        if scope["path"].endswith("/waits"):
            assert (await receive())["type"] == "http.disconnect"
            self.disconnected += 1
            return
        parts = int(scope["query_string"] or 0)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-count", str(count).encode())]})
        for number in range(parts):
            await send({"type": "http.response.body", "body": bytes([number % 256]) * 65536, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def relay(tmp_path, monkeypatch):
    port = free_port()
    arguments = [str(port), str(tmp_path / "api.sock"), str(tmp_path / "pid")]

    async def begun(_):
        process = await asyncio.create_subprocess_exec(
            "perl", "-e", relays.SCRIPT, "--", *arguments, stdin=-1, stdout=-1
        )
        processes.append(process)
        return Process(process)

    processes = []
    monkeypatch.setattr(relays, "_begun", begun)
    made = Relay("vibenv-test", App())
    made.port, made.path = port, arguments[1]
    running = asyncio.create_task(made.run())
    await asyncio.wait_for(made.listens.wait(), 10)
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    for process in processes:
        assert await asyncio.wait_for(process.wait(), 10) in {0, -9}  # it ends with its input


@pytest.fixture
async def client(relay):
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{relay.port}", headers=TOKEN, timeout=20, limits=limits
    ) as made:
        yield made


async def test_only_the_api_is_there_and_only_with_a_token(relay, client):
    assert (await client.get("/api/v1/boards")).status_code == 200
    assert (await client.post("/mcp")).status_code == 200
    for path in (
        "/",
        "/api/v1/device",
        "/api/v1/%64evice/token",
        "/healthz",
        "/mcp/x",
        "/api/v2/x",
        "/login/",
        "/static/x",
    ):
        assert (await client.get(path)).status_code == 404, path
    without = await client.get("/api/v1/boards", headers={"Authorization": ""})
    assert (without.status_code, without.headers["www-authenticate"]) == (401, "Bearer")
    assert (
        await client.post("/api/v1/x", content=b"x" * 10**6, headers={"Authorization": "Basic x"})
    ).status_code == 401
    assert len(relay._app.scopes) == 2


async def test_what_is_ours_to_say_is_not_taken_from_a_session(relay, client):
    told = {
        "Host": "elsewhere",
        "Origin": "https://elsewhere",
        "Cookie": "a=b",
        "X-Forwarded-For": "1.2.3.4",
        "X-Own": "1",
    }
    await client.get("/api/v1/a%20b?c=d", headers=told)
    (scope,) = relay._app.scopes
    headers = dict(scope["headers"])
    assert headers[b"host"] == b"127.0.0.1:8000"
    assert headers[b"x-own"] == b"1"
    assert not headers.keys() & {b"origin", b"cookie", b"x-forwarded-for"}
    assert (scope["path"], scope["query_string"], scope["client"][0]) == ("/api/v1/a b", b"c=d", "vibenv-test")


async def test_much_goes_whole_in_both_directions(client):
    sent = await client.post("/api/v1/up", content=b"x" * 20_000_000)
    assert sent.headers["x-count"] == "20000000"
    got = await client.get("/api/v1/down?200")
    assert got.content == b"".join(bytes([number % 256]) * 65536 for number in range(200))


async def test_many_are_served_at_once_and_who_reads_nothing_holds_up_nobody(relay, client):
    deaf = socket.create_connection(("127.0.0.1", relay.port))
    deaf.sendall(b"GET /api/v1/down?2000 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n")
    answers = await asyncio.gather(*(client.get(f"/api/v1/{number}") for number in range(2 * MOST_CHANNELS)))
    assert {answer.status_code for answer in answers} == {200}
    assert relay._out.qsize() < 100  # of the 130 MB for the deaf one, a window at most is under way
    deaf.close()


async def test_an_application_hears_that_its_client_is_gone(relay):
    quitter = socket.create_connection(("127.0.0.1", relay.port))
    quitter.sendall(b"GET /api/v1/waits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n")
    await asyncio.to_thread(wait_for, lambda: relay._app.scopes)
    quitter.close()
    await asyncio.to_thread(wait_for, lambda: relay._app.disconnected and not relay._channels)


async def test_it_is_there_as_a_socket_file_and_survives_what_is_no_http(relay):
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=relay.path), headers=TOKEN) as client:
        assert (await client.get("http://vibenv/api/v1/boards")).status_code == 200
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        writer.write(b"\x00\xff garbage\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()
        assert (await client.get("http://vibenv/api/v1/boards")).status_code == 200


async def test_the_next_one_ends_the_former_and_takes_its_place(relay, client, tmp_path):
    former = int((tmp_path / "pid").read_text())
    again = Relay("vibenv-test", relay._app)
    running = asyncio.create_task(again.run())
    await asyncio.wait_for(again.listens.wait(), 10)
    assert int((tmp_path / "pid").read_text()) != former
    assert (await client.get("/api/v1/boards")).status_code == 200
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_frames_are_read_however_they_are_cut():
    frames = [Frame(Kind.OPENED, 7), Frame(Kind.DATA, 7, b"x" * LARGEST_BYTES), Frame(Kind.ALIVE)]
    whole = b"".join(frame.packed() for frame in frames)
    for size in (1, 5, 9, 10_000, len(whole)):
        reader = Reader()
        cut = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert [frame for part in cut for frame in reader.feed(part)] == frames


@pytest.mark.parametrize("bad", [b"\xff" + b"\0" * 8, Frame(Kind.DATA, 1).packed()[:5] + b"\xff" * 4])
def test_what_is_no_frame_is_refused(bad):
    with pytest.raises(BadFrame):
        list(Reader().feed(bad))


async def test_a_channel_takes_no_more_than_its_window():
    channel = Channel(1, lambda _: None)
    channel.came(b"x" * WINDOW_BYTES)
    with pytest.raises(BadFrame):
        channel.came(b"x")
