"""Layers in real sessions: there at the start, changed while programs run, kept apart from what people wrote."""

from __future__ import annotations

import io
import tarfile

import pytest

from tests.layers_client import Layers, sh
from tests.product import docker, wait_for

TOOL = "/opt/vibenv/toolchain"
PACKAGE = """mkdir -p /tmp/p/DEBIAN /tmp/p/opt; echo mine > /tmp/p/opt/mine; printf \
  'Package: mine\\nVersion: 1\\nArchitecture: all\\nMaintainer: t <t@example.org>\\nDescription: t\\n' > /tmp/p/DEBIAN/control"""


@pytest.fixture(scope="module")
def layers(product):
    return Layers(product)


@pytest.fixture(scope="module")
def tool(layers):
    recipe = layers.recipe("toolchain", "tool", "one")
    layers.put_stack(recipe, policy="manual")
    return recipe


@pytest.fixture(scope="module")
def card(layers, tool):
    return layers.card()


def test_a_session_starts_with_the_profile_and_toolchains_of_its_stack(layers, tool, card):
    assert (
        sh(card, f"cat {TOOL}/tool/who; say; ls /opt/vibenv/profile/shell.sh")
        == "one\none\n/opt/vibenv/profile/shell.sh"
    )
    shown = layers.product.card(card["id"])["session"]["layers"]
    assert [(x["kind"], x["name"], x["runs"]) for x in shown] == [
        ("base", "debian", 1), ("toolchain", "tool", 1), ("profile", "default", 1)]  # fmt: skip


def test_an_update_changes_what_is_looked_up_and_no_process(layers, tool, card):
    docker(
        "exec",
        "-d",
        card["session"]["container"],
        "sh",
        "-c",
        f"exec 3<{TOOL}/tool/who; echo $$ >/tmp/pid; exec sleep 99",
    )
    layers.new_version(tool, "two")
    assert layers.runs(card, tool) == (1, 1, "")
    assert layers.api.post(f"/cards/{card['id']}/layers/update", json={}).status_code == 202
    layers.until_runs(card, tool, 2)
    assert (
        sh(card, "say; cat /proc/$(cat /tmp/pid)/fd/3; [ -d /proc/$(cat /tmp/pid) ] && echo alive") == "two\none\nalive"
    )
    back = layers.api.post(f"/cards/{card['id']}/layers/update", json={"recipe": tool, "version": 1})
    assert back.status_code == 202
    layers.until_runs(card, tool, 1)
    assert sh(card, "say") == "one"


def test_a_toolchain_is_added_to_a_running_session_and_taken_away(layers, card):
    more = layers.recipe("toolchain", "more", "more")
    assert layers.api.post(f"/cards/{card['id']}/layers", json={"recipe": more}).status_code == 202
    layers.until_runs(card, more, 1)
    assert sh(card, f"{TOOL}/more/bin/say") == "more"
    assert layers.api.delete(f"/cards/{card['id']}/layers/{more}").status_code == 202
    layers.until_runs(card, more, None)
    assert sh(card, f"ls {TOOL}/more") == ""


def test_a_restart_brings_another_base_and_keeps_what_was_written(layers, tool, card):
    sh(card, "echo mine > /workspace/note; echo own > /etc/own; echo 3 > /root/.profile-of-mine")
    sh(card, f"{PACKAGE}; dpkg-deb --build /tmp/p /tmp/p.deb && dpkg -i /tmp/p.deb")
    base = next(x["recipe"] for x in layers.product.card(card["id"])["session"]["layers"] if x["kind"] == "base")
    layers.edit(base, {"setup": "echo newer > /etc/base-says"})
    assert layers.api.post(f"/cards/{card['id']}/layers/update", json={}).status_code == 202
    layers.until_runs(card, tool, 2)
    assert layers.runs(card, base) == (1, 2, "")
    layers.restart(card)
    assert layers.runs(card, base) == (2, 2, "")
    assert sh(card, "cat /etc/base-says /workspace/note /etc/own; say") == "newer\nmine\nown\ntwo"
    assert (
        sh(card, "dpkg-query -Wf '${Version} ${db:Status-Status}' mine; cat /opt/mine; dpkg --audit")
        == "1 installedmine"
    )
    layers.restart(card)
    assert sh(card, "cat /etc/base-says /workspace/note; say") == "newer\nmine\ntwo"


def test_policies_say_when_a_newer_version_comes(layers, tool, card):
    assert (layers.runs(card, tool), sh(card, "say")) == ((2, 2, ""), "two")
    layers.new_version(tool, "three")
    layers.restart(card)
    assert layers.runs(card, tool) == (2, 2, ""), "manual: only when somebody says so"
    layers.put_stack(tool, policy="at_start")
    layers.restart(card)
    assert (layers.runs(card, tool), sh(card, "say; cat /workspace/note")) == ((3, 3, ""), "three\nmine")
    layers.put_stack(tool, policy="live")
    layers.new_version(tool, "four")
    layers.until_runs(card, tool, 4)
    assert sh(card, "say") == "four"


def test_one_call_updates_all_sessions_of_a_board_and_no_read_fails_meanwhile(layers, tool, card):
    layers.put_stack(tool, policy="manual")
    cards = [card, *(layers.card() for _ in range(3))]
    reading = f"while [ ! -e /tmp/stop ]; do cat {TOOL}/tool/who > /dev/null || echo x >> /tmp/failed; echo >> /tmp/reads; done"
    for each in cards:
        docker("exec", "-d", each["session"]["container"], "sh", "-c", reading)
    layers.new_version(tool, "five")
    answer = layers.api.post(f"/boards/{layers.board['id']}/layers/update")
    assert (answer.status_code, answer.json()) == (202, {"sessions": len(cards)})
    for each in cards:
        layers.until_runs(each, tool, 5)
        assert (
            sh(each, "touch /tmp/stop; say; [ -s /tmp/reads ] && [ ! -e /tmp/failed ] && echo none-failed")
            == "five\nnone-failed"
        )
    ours = f"label=vibenv.installation={(layers.product.data_dir / 'installation-id').read_text().strip()}"
    assert not docker("ps", "-aq", "--filter", "label=vibenv.helper=swap", "--filter", ours)


def test_a_newer_project_leaves_what_a_session_edited_and_shows_the_conflict(layers):
    def source(**files):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content.encode()))
        sent = layers.api.post(f"/boards/{layers.board['id']}/uploads", files={"file": ("p.tar", buffer.getvalue())})
        assert sent.status_code == 201, sent.text
        return {"files": sent.json()["digest"]}

    made = layers.api.post(f"/boards/{layers.board['id']}/recipes", json={
        "kind": "project", "name": "app", "spec": source(a="1", b="1"), "build": True})  # fmt: skip
    assert made.status_code == 201, made.text
    project = layers.ready(made.json()["id"], 1)
    layers.put_stack(project)
    card = layers.card()
    sh(card, "printf mine > /workspace/a")
    layers.edit(project, source(a="2", b="2"))
    layers.restart(card)
    shown = next(x for x in layers.product.card(card["id"])["session"]["layers"] if x["recipe"] == project)
    assert (shown["runs"], shown["problem"], shown["conflicts"]) == (2, "", ["/workspace/a"])
    assert sh(card, "cd /workspace; cat a b .vibenv/incoming/a") == "mine22"
    layers.api.delete(f"/cards/{card['id']}")


def test_what_a_session_left_on_the_engine_goes_with_it(layers, card):
    name = f"vibenv/session:{card['session']['id']}*"
    assert docker("images", "-q", "--filter", f"reference={name}")
    assert layers.api.delete(f"/cards/{card['id']}").status_code == 202
    wait_for(lambda: not docker("images", "-q", "--filter", f"reference={name}"), 20, "its images gone")
