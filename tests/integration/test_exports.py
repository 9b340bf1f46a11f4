"""A session exported as one ordinary image: what `docker run` of it finds."""

from __future__ import annotations

import io
import secrets
import tarfile

import pytest

from tests.integration.test_layers_in_sessions import Layers, sh
from tests.product import docker, wait_for

LOOK = """
demo; cat /workspace/readme /workspace/mine; command -v git
ls /opt/vibenv/profile/shell.sh; bash -ic 'echo home: $VIBENV_HOME_OF_EXPORT' 2> /dev/null
"""


def folder(**files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content.encode()))
    return packed.getvalue()


@pytest.fixture
def layers(product):
    made = Layers(product)
    yield made
    for listed in made.api.get(f"/boards/{made.board['id']}/exports").json():
        made.api.delete(f"/boards/{made.board['id']}/exports/{listed['id']}")


def test_an_exported_session_has_all_its_layers_and_its_own_files(layers):
    api, board = layers.api, layers.board["id"]
    packed = {"file": ("project.tar", folder(readme="project\n"))}
    upload = api.post(f"/boards/{board}/uploads", files=packed).json()
    made = api.post(f"/boards/{board}/recipes", json={
        "kind": "project", "name": "app", "spec": {"files": upload["digest"]}})  # fmt: skip
    assert made.status_code == 201, made.text
    project = layers.ready(made.json()["id"], 1)
    script = 'mkdir -p $PREFIX/bin; printf "#!/bin/sh\\necho tool\\n" > $PREFIX/bin/demo; chmod 755 $PREFIX/bin/demo'
    made = api.post(f"/boards/{board}/recipes", json={"kind": "toolchain", "name": "demo", "spec": {"script": script}})
    layers.put_stack(project, layers.ready(made.json()["id"], 1))
    card = layers.card()
    sh(card, "echo mine > /workspace/mine; echo 'export VIBENV_HOME_OF_EXPORT=kept' >> ~/.bashrc")
    name = f"exported-{secrets.token_hex(4)}"
    asked = api.post(f"/boards/{board}/exports", json={"image": name, "card": card["id"]})
    assert asked.status_code == 202, asked.text
    image = f"vibenv-export/{name}:latest"
    assert (asked.json()["image"], asked.json()["state"]) == (image, "building")

    def ended():
        (found,) = api.get(f"/boards/{board}/exports").json()
        return found if found["state"] != "building" else None

    found = wait_for(ended, 60, "the export's end")
    assert found["state"] == "ready", (found, layers.product.logs())
    assert found["size_bytes"] > 1_000_000
    out = docker("run", "--rm", "--network=none", image, "sh", "-c", LOOK).splitlines()
    assert out == ["tool", "project", "mine", "/usr/bin/git", "/opt/vibenv/profile/shell.sh", "home: kept"]
    assert not [line for line in docker("images", "vibenv/session").splitlines() if "export" in line]
    assert api.delete(f"/boards/{board}/exports/{found['id']}").status_code == 204
    assert image not in docker("images", "--format", "{{.Repository}}:{{.Tag}}")
