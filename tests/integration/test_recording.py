"""Real terminals, recorded: what is in the file, when nothing may be, and what a killed process leaves."""

from __future__ import annotations

import json

import pytest

from tests.product import wait_for


def recordings(product, card):
    return product.api.get(f"/cards/{card['id']}/recordings").json()


def cast_of(product, recording):
    answer = product.api.get(f"/recordings/{recording['id']}/cast")
    if answer.status_code == 404 or not answer.text:  # its row is made first
        return {}, []
    assert answer.status_code == 200, answer.text
    header, *events = [json.loads(line) for line in answer.text.rstrip("\n").split("\n")]
    return header, events


def output_of(product, recording):
    return "".join(text for _, code, text in cast_of(product, recording)[1] if code == "o")


def recorded(product, card, text):
    """The latest recording, once `text` is in it."""

    def latest():
        found = recordings(product, card)
        return found and text in output_of(product, found[0]) and found[0]

    return wait_for(latest, what=f"a recording with {text!r}")


def test_what_a_terminal_prints_is_in_its_recording_with_commands_and_people(product, terminal):
    card = product.running_card("Recorded")
    typist = terminal(product, card, rows=30, cols=100)
    assert typist.until_message("recording", on=True)["input"] is False
    typist.until("# ")
    typist.type("echo lis''ted; (exit 3)\r")
    shown = typist.until("133;D;3")
    recording = recorded(product, card, "133;D;3")
    header, _ = cast_of(product, recording)
    assert (header["version"], header["title"]) == (2, "Recorded")
    assert output_of(product, recording).startswith(shown.decode())
    told = product.api.get(f"/recordings/{recording['id']}").json()
    assert told["card"] == card["id"]
    assert [(m["kind"], m["text"], m["exit_code"]) for m in told["marks"] if m["kind"] != "note"] == [
        ("command", "echo lis''ted; (exit 3)", None),
        ("end", "", 3),
    ]
    assert any("joined" in m["text"] for m in told["marks"])
    (hit,) = product.api.get(f"/cards/{card['id']}/recordings/search", params={"q": "LISTED"}).json()["hits"]
    assert (hit["recording"], hit["line"]) == (recording["id"], "listed")
    assert "listed\n" in product.api.get(f"/recordings/{recording['id']}/cast?format=txt").text
    part = product.api.get(f"/recordings/{recording['id']}/cast", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.text) == (206, '{"version"')
    history = product.api.get(f"/cards/{card['id']}/history").json()
    assert [entry["detail"]["recording"] for entry in history if entry["kind"] == "recording"] == [recording["id"]]


def test_a_board_that_records_nothing_writes_nothing_and_says_so(product, terminal):
    card = product.running_card("Private")
    board = product.board()["id"]
    typist = terminal(product, card)
    typist.until_message("recording", on=True)
    try:
        product.api.patch(f"/boards/{board}/recording", json={"output": False}).raise_for_status()
        typist.until_message("recording", on=False)
        typist.until("# ")
        typist.type("echo se''cret\r")
        typist.until("secret")
        typist.close()
        files = product.data_dir / "recordings" / card["session"]["id"]
        assert not any(b"secret" in path.read_bytes() for path in files.glob("*"))
    finally:
        product.api.patch(f"/boards/{board}/recording", json={"output": True}).raise_for_status()


def test_what_is_typed_is_recorded_only_where_the_board_says_so(product, terminal):
    card = product.running_card("Watched")
    board = product.board()["id"]
    typist = terminal(product, card)
    typist.until_message("recording", on=True, input=False)
    try:
        product.api.patch(f"/boards/{board}/recording", json={"input": True}).raise_for_status()
        typist.until_message("recording", input=True)
        typist.type("echo ty''ped\r")
        typist.until("typed")
        recording = recorded(product, card, "typed")
        assert recording["input"]
        _, events = cast_of(product, recording)
        assert "".join(text for _, code, text in events if code == "i") == "echo ty''ped\r"
        assert any(code == "m" and text.startswith("⌨ ") for _, code, text in events)
    finally:
        product.api.patch(f"/boards/{board}/recording", json={"input": False}).raise_for_status()


def test_a_secret_that_a_program_prints_is_not_in_the_recording(product, terminal):
    card = product.running_card("Careless")
    product.api.put(f"/cards/{card['id']}/secrets/API_KEY", json={"value": "hunter2-and-more"}).raise_for_status()
    typist = terminal(product, card)
    typist.until("# ")
    typist.type("until cat /run/vibenv/secrets/API_KEY 2>/dev/null; do sleep 0.1; done; echo; echo th''en\r")
    assert b"hunter2-and-more" in typist.until("then\r\n")
    recording = recorded(product, card, "then\r\n")
    assert "******" in output_of(product, recording)
    files = product.data_dir / "recordings" / card["session"]["id"]
    assert not any(b"hunter2" in path.read_bytes() for path in files.glob("*"))


def test_a_recording_is_gone_with_its_deletion_and_another_begins(product, terminal):
    card = product.running_card("Deleted from")
    typist = terminal(product, card)
    typist.until("# ")
    typist.type("echo fir''st\r")
    first = recorded(product, card, "first")
    product.api.delete(f"/recordings/{first['id']}").raise_for_status()
    assert product.api.get(f"/recordings/{first['id']}").status_code == 404
    assert recordings(product, card) == []
    typist.type("echo sec''ond\r")
    wait_for(lambda: typist.type("echo sec''ond\r") or recordings(product, card), what="another recording")
    assert recorded(product, card, "second")["id"] != first["id"]


def test_a_killed_web_process_leaves_a_readable_file_and_the_next_begins_another(breakable, terminal):
    card = breakable.running_card("Survives")
    typist = terminal(breakable, card)
    typist.until("# ")
    typist.type("echo be''fore\r")
    first = recorded(breakable, card, "before")
    breakable.kill("web")
    again = wait_for(lambda: reopened(terminal, breakable, card), what="the terminal again")
    again.type("echo af''ter\r")
    second = recorded(breakable, card, "after")
    assert second["id"] != first["id"]
    left = next(each for each in recordings(breakable, card) if each["id"] == first["id"])
    assert left["ended_at"] is not None
    assert "before" in output_of(breakable, left)
    assert "before" in output_of(breakable, second)  # what was on the screen when it began


def reopened(terminal, product, card):
    try:
        client = terminal(product, card)
        client.until("# ", timeout_s=5)
    except (OSError, AssertionError):
        return None
    return client


@pytest.mark.parametrize("size", ["1000000"])
def test_a_line_of_a_megabyte_and_garbage_break_nothing(product, terminal, size):
    card = product.running_card("Odd")
    typist = terminal(product, card)
    typist.until("# ")
    typist.type(f"head -c {size} /dev/zero | tr '\\0' x; head -c 5000 /dev/urandom; echo; echo th''en\r")
    typist.until("then\r\n")
    recording = recorded(product, card, "then\r\n")
    assert output_of(product, recording).count("x") >= int(size)
