"""Layers in real sessions: there at the start, changed while programs run, kept apart from what people wrote."""

from __future__ import annotations

import secrets

import pytest

from tests.product import docker, wait_for

TOOL = "/opt/vibenv/toolchain"


class Layers:
    """A board of its own, whose recipes are tiny scripts."""

    def __init__(self, product):
        self.product, self.api = product, product.api
        self.board = self.api.post("/boards", json={"name": f"layers {secrets.token_hex(3)}"}).json()

    def recipe(self, kind, name, says):
        made = self.api.post(f"/boards/{self.board['id']}/recipes", json={
            "kind": kind, "name": name, "spec": self.spec(says), "build": True})  # fmt: skip
        assert made.status_code == 201, made.text
        return self.ready(made.json()["id"], 1)

    @staticmethod
    def spec(says):
        script = (
            f'mkdir -p $PREFIX/bin; echo {says} > $PREFIX/who; printf "#!/bin/sh\\necho {says}\\n" > $PREFIX/bin/say'
        )
        return {"script": f"{script}; chmod 755 $PREFIX/bin/say"}

    def new_version(self, recipe, says):
        self.edit(recipe, self.spec(says))

    def edit(self, recipe, spec):
        assert self.api.patch(f"/recipes/{recipe}", json={"spec": spec}).status_code == 200
        answer = self.api.post(f"/recipes/{recipe}/build", json={})
        assert answer.status_code == 202, answer.text
        self.ready(recipe, answer.json()["version"]["number"])

    def ready(self, recipe, number):
        def there():
            found = self.api.get(f"/recipes/{recipe}").json()
            assert found["newest"]["state"] != "failed", found
            return found["latest"] == number

        wait_for(there, 60, f"version {number}")
        return recipe

    def put_stack(self, *more, policy="at_start"):
        kept = [{"recipe": r["id"], "pinned": None} for r in self.api.get(f"/boards/{self.board['id']}").json()["recipes"]
                if (r["kind"], r["name"]) in {("base", "debian"), ("profile", "default")}]  # fmt: skip
        layers = [*kept, *({"recipe": recipe, "pinned": None} for recipe in more)]
        put = self.api.put(f"/boards/{self.board['id']}/stack", json={"policy": policy, "layers": layers})
        assert put.status_code == 200, put.text

    def card(self):
        active = next(c["id"] for c in self.board["columns"] if c["role"] == "active")
        made = self.api.post(
            f"/boards/{self.board['id']}/cards", json={"title": f"l {secrets.token_hex(3)}", "column": active}
        )
        self.product.until(made.json()["id"], "running", "failed", timeout_s=90)
        card = self.product.card(made.json()["id"])
        assert card["session"]["status"] == "running", (card["session"], self.product.logs())
        return card

    def restart(self, card):
        container = card["session"]["container"]
        before = docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container)
        assert self.api.post(f"/cards/{card['id']}/restart").status_code == 202

        def again():
            session = self.product.card(card["id"])["session"]
            return session["status"] == "running" and not session["restart_asked"] and before != docker(
                "inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container)  # fmt: skip

        wait_for(again, 40, "running again")

    def runs(self, card, recipe):
        """The numbers that a recipe runs and wants in a session, and its problem."""
        layers = self.product.card(card["id"])["session"]["layers"]
        found = [(x["runs"], x["wants"], x["problem"]) for x in layers if x["recipe"] == recipe]
        return found[0] if found else None

    def until_runs(self, card, recipe, number):
        wanted = (number, number, "") if number else None
        wait_for(lambda: self.runs(card, recipe) == wanted, 20, f"version {number} in the session")


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


def sh(card, script):
    return docker("exec", card["session"]["container"], "sh", "-c", script).strip()


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
    base = next(x["recipe"] for x in layers.product.card(card["id"])["session"]["layers"] if x["kind"] == "base")
    layers.edit(base, {"setup": "echo newer > /etc/base-says"})
    assert layers.api.post(f"/cards/{card['id']}/layers/update", json={}).status_code == 202
    layers.until_runs(card, tool, 2)
    assert layers.runs(card, base) == (1, 2, "")
    layers.restart(card)
    assert layers.runs(card, base) == (2, 2, "")
    assert sh(card, "cat /etc/base-says /workspace/note /etc/own; say") == "newer\nmine\nown\ntwo"
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


def test_what_a_session_left_on_the_engine_goes_with_it(layers, card):
    name = f"vibenv/session:{card['session']['id']}*"
    assert docker("images", "-q", "--filter", f"reference={name}")
    assert layers.api.delete(f"/cards/{card['id']}").status_code == 202
    wait_for(lambda: not docker("images", "-q", "--filter", f"reference={name}"), 20, "its images gone")
