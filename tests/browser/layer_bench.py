"""A board's layers, by the API: what tests of pages begin with and look up."""

from __future__ import annotations

import io
import secrets
import zipfile
from typing import Any

from tests.product import Product, wait_for

Json = dict[str, Any]


def script(word: str) -> str:
    hello = f"printf '#!/bin/sh\\necho {word}\\n' > $PREFIX/bin/hello"
    return f"mkdir -p $PREFIX/bin; {hello}; chmod +x $PREFIX/bin/hello; echo made {word}"


class Bench:
    """The board's layers, by the API."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.board = product.board()["id"]
        self.stack = product.api.get(f"/boards/{self.board}/stack").json()
        self.url = f"{product.url}/b/{self.board}/layers"

    def recipes(self) -> list[Json]:
        found: list[Json] = self.product.api.get(f"/boards/{self.board}/recipes").json()
        return found

    def of(self, name: str) -> Json:
        return next(recipe for recipe in self.recipes() if recipe["name"] == name)

    def ready(self, name: str, number: int) -> Json:
        return wait_for(lambda: (found := self.of(name))["latest"] == number and found)

    def toolchain(self, word: str) -> Json:
        """A new one, built and in the board's stack."""
        return self._put("toolchain", {"script": script(word)})

    def project(self, files: dict[str, str]) -> Json:
        """The same, of files that are uploaded."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as folder:
            for name, text in files.items():
                folder.writestr(name, text)
        given = {"file": ("project.zip", packed.getvalue())}
        made = self.product.api.post(f"/boards/{self.board}/uploads", files=given).raise_for_status().json()
        return self._put("project", {"files": made["digest"]})

    def _put(self, kind: str, spec: Json) -> Json:
        name = f"t{secrets.token_hex(4)}"
        new = {"kind": kind, "name": name, "spec": spec}
        self.product.api.post(f"/boards/{self.board}/recipes", json=new).raise_for_status()
        recipe = self.ready(name, 1)
        layers = [*self.stack["layers"], {"recipe": recipe["id"]}]
        self.product.api.put(f"/boards/{self.board}/stack", json={"layers": layers}).raise_for_status()
        return recipe

    def renew(self, recipe: Json, word: str) -> None:
        changes = {"spec": {"script": script(word)}, "build": True}
        self.product.api.patch(f"/recipes/{recipe['id']}", json=changes).raise_for_status()
        self.ready(recipe["name"], recipe["latest"] + 1)

    def runs(self, card: Json, recipe: Json) -> int | None:
        layers = self.product.api.get(f"/cards/{card['id']}").json()["session"]["layers"]
        return next((layer["runs"] for layer in layers if layer["recipe"] == recipe["id"]), None)
