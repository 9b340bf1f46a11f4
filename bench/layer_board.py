"""A board whose layers are made for a bench: recipes of a name of their own, versions, stacks, running cards."""

from __future__ import annotations

import io
import secrets
import tarfile
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.product import Product, docker_names, wait_for

TOOLCHAIN = "/opt/vibenv/toolchain"
BUILD_S = 900
FILES = 64


class LayerBoard:
    """`tag` is in the names of all its recipes, so that what is left of them can be found."""

    def __init__(self, product: Product, tag: str) -> None:
        self.product, self.tag = product, tag
        self.board = self._post("/boards", {"name": f"bench {tag} {secrets.token_hex(2)}"}, 201)
        self._columns = {str(c["role"]): str(c["id"]) for c in self.board["columns"]}
        self.given = [r["id"] for r in self.recipes() if r["kind"] in ("base", "profile")]
        self.policy = "manual"

    def _post(self, path: str, body: dict[str, Any], status: int) -> dict[str, Any]:
        answer = self.product.api.post(path, json=body)
        if answer.status_code != status:
            raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")
        return dict(answer.json())

    def recipes(self) -> list[dict[str, Any]]:
        return list(self.product.api.get(f"/boards/{self.board['id']}/recipes").json())

    # recipes --------------------------------------------------------------------------------------------
    def recipe(self, kind: str, name: str, spec: dict[str, Any]) -> int:
        """Built and ready."""
        wanted = {"kind": kind, "name": f"{name}-{self.tag}", "spec": spec, "build": True}
        made = int(self._post(f"/boards/{self.board['id']}/recipes", wanted, 201)["id"])
        self._ready(made, 1)
        return made

    def version(self, recipe: int, spec: dict[str, Any]) -> dict[str, Any]:
        """The next one, ready."""
        self.product.api.patch(f"/recipes/{recipe}", json={"spec": spec}).raise_for_status()
        number = int(self._post(f"/recipes/{recipe}/build", {}, 202)["version"]["number"])
        return self._ready(recipe, number)

    def _ready(self, recipe: int, number: int) -> dict[str, Any]:
        def ready() -> bool:
            found = self.product.api.get(f"/recipes/{recipe}").json()
            if found["newest"] and found["newest"]["state"] in ("failed", "cancelled"):
                raise RuntimeError(f"{found['name']}: {found['newest']['reason']}\n{self.product.logs()}")
            return bool(found["latest"] == number)

        wait_for(ready, BUILD_S, f"version {number} of recipe {recipe}")
        return self.newest(recipe)

    def newest(self, recipe: int) -> dict[str, Any]:
        return dict(self.product.api.get(f"/recipes/{recipe}/versions").json()[0])

    def unchanged_builds_s(self, recipe: int, times: int) -> list[float]:
        """How long the API takes to find that nothing is to be built."""
        number, found = self.newest(recipe)["number"], []
        for _ in range(times):
            began = time.monotonic()
            answer = self._post(f"/recipes/{recipe}/build", {}, 202)
            found.append(time.monotonic() - began)
            if answer["version"]["number"] != number:
                raise RuntimeError("an unchanged recipe was built again")
        return found

    def upload(self, files: dict[str, bytes]) -> str:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        answer = self.product.api.post(
            f"/boards/{self.board['id']}/uploads", files={"file": ("folder.tar", packed.getvalue())}
        )
        return str(answer.raise_for_status().json()["digest"])

    def stack(self, *recipes: int) -> None:
        """The base and profile of every board, and these."""
        layers = [{"recipe": recipe, "pinned": None} for recipe in (*self.given, *recipes)]
        answer = self.product.api.put(
            f"/boards/{self.board['id']}/stack", json={"policy": self.policy, "layers": layers}
        )
        answer.raise_for_status()

    # cards ----------------------------------------------------------------------------------------------
    def start(self, count: int = 1) -> list[dict[str, Any]]:
        """Running cards, all asked for at once."""
        wanted = [self._post(f"/boards/{self.board['id']}/cards", self._new(), 201)["id"] for _ in range(count)]
        for card in wanted:
            session = self.product.until(card, "running", "failed", timeout_s=300)
            if session["status"] == "failed":
                raise RuntimeError(f"{session['reason']}\n{self.product.logs()}")
        return [self.product.card(card) for card in wanted]

    def _new(self) -> dict[str, str]:
        return {"title": f"bench {secrets.token_hex(4)}", "column": self._columns["active"]}

    def launch_s(self) -> float:
        """From the wish to the running container, by the server's clock; the card is deleted then."""
        (card,) = self.start()
        session = card["session"]
        running = max(_moment(step["finished_at"]) for step in session["steps"])
        self.delete([card])
        return running - _moment(session["wanted_at"])

    def delete(self, cards: Sequence[dict[str, Any]]) -> None:
        for card in cards:
            self.product.api.delete(f"/cards/{card['id']}")
        containers = {str(card["session"]["container"]) for card in cards}
        wait_for(lambda: not containers & set(docker_names()), 120, "the containers gone")

    # updates --------------------------------------------------------------------------------------------
    def update_all_s(self, recipe: int, number: int, sessions: int) -> float:
        """From the call to every session running that version, and nothing else that it wants."""
        began = time.monotonic()
        told = self._post(f"/boards/{self.board['id']}/layers/update", {}, 202)
        if told["sessions"] != sessions:
            raise RuntimeError(f"{told['sessions']} sessions instead of {sessions}")
        wait_for(lambda: self._run(recipe, number) == sessions, 120, f"{sessions} sessions at version {number}")
        return time.monotonic() - began

    def _run(self, recipe: int, number: int) -> int:
        board = self.product.api.get(f"/boards/{self.board['id']}").json()
        sessions = [card["session"] for column in board["columns"] for card in column["cards"] if card["session"]]
        layers = [layer for s in sessions for layer in s["layers"] if layer["recipe"] == recipe]
        if problems := [layer["problem"] for layer in layers if layer["problem"]]:
            raise RuntimeError(problems[0])
        return sum(layer["runs"] == layer["wants"] == number for layer in layers)

    def swap_s(self, card: dict[str, Any], recipe: int, number: int) -> float:
        """One session to one version, forward or back."""
        began = time.monotonic()
        self._post(f"/cards/{card['id']}/layers/update", {"recipe": recipe, "version": number}, 202)

        def there() -> bool:
            layers = self.product.card(card["id"])["session"]["layers"]
            return any(x["recipe"] == recipe and x["runs"] == x["wants"] == number for x in layers)

        wait_for(there, 60, f"version {number} in the session")
        return time.monotonic() - began


def big(megabytes: int, mark: str) -> dict[str, Any]:
    """A toolchain of so much that no two builds have in common, and a program that says which it is."""
    each = megabytes * 1024 * 1024 // FILES
    return {
        "script": f"""
mkdir -p "$PREFIX/bin" "$PREFIX/data"
for n in $(seq {FILES}); do head -c {each} /dev/urandom > "$PREFIX/data/$n"; done
printf '#!/bin/sh\\necho {mark}\\n' > "$PREFIX/bin/bench-tool"; chmod 755 "$PREFIX/bin/bench-tool"
echo {mark} > "$PREFIX/who"
""",
        "network": False,
    }


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
