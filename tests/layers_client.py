"""A board's layers for tests, by the API: recipes that are tiny scripts, a stack, cards with sessions."""

from __future__ import annotations

import secrets

from tests.product import docker, wait_for


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


def sh(card, script):
    return docker("exec", card["session"]["container"], "sh", "-c", script).strip()
