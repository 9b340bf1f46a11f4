"""Where layers come from, for real: a repository on a server that only the network leads to, uploads, a file in a repository."""

from __future__ import annotations

import contextlib
import io
import secrets
import subprocess
import tarfile
import time

import pytest

from tests.layers_client import Layers, sh
from tests.product import ROOT, wait_for

SERVER = "203.0.113.6"  # of a range kept for documentation
GATEWAY = "203.0.113.5"
REPOSITORY = f"git://{SERVER}/project.git"


@pytest.fixture(scope="module")
def git_server(tmp_path_factory):
    """A machine on the network that serves a repository, played by a network namespace; gives a function that runs git in it."""
    folder = tmp_path_factory.mktemp("git")
    key = secrets.token_hex(3)
    space, near, far = f"vbg-{key}", f"vbg{key}", f"vbh{key}"
    inside = ("ip", "netns", "exec", space)
    if subprocess.run(["ip", "netns", "add", space], capture_output=True, check=False).returncode:
        pytest.skip("a network namespace, in which the git server would be, cannot be made here")
    with contextlib.ExitStack() as stack:

        def run(*command):
            subprocess.run(command, check=True, capture_output=True)

        def git(*arguments):
            person = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "safe.directory=*")
            done = subprocess.run(
                ["git", *person, "-C", str(folder / "project.git"), *arguments],
                check=True, capture_output=True, text=True)  # fmt: skip
            return done.stdout.strip()

        stack.callback(subprocess.run, ["ip", "netns", "del", space], check=False)
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", space)
        stack.callback(subprocess.run, ["ip", "link", "del", near], check=False, capture_output=True)
        run("ip", "addr", "add", f"{GATEWAY}/30", "dev", near)
        run("ip", "link", "set", near, "up")
        run(*inside, "ip", "addr", "add", f"{SERVER}/30", "dev", far)
        run(*inside, "ip", "link", "set", far, "up")
        run(*inside, "ip", "route", "add", "default", "via", GATEWAY)
        (folder / "project.git").mkdir()
        git("init", "--quiet", "--initial-branch", "trunk")
        commit(git, folder, "one")
        git("tag", "-a", "v1", "-m", "the first")
        daemon = ["git", "daemon", "--export-all", f"--base-path={folder}", "--reuseaddr", str(folder)]
        server = subprocess.Popen([*inside, *daemon], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(server.wait)
        stack.callback(server.terminate)
        ask = ["git", "ls-remote", REPOSITORY]
        wait_for(lambda: subprocess.run(ask, capture_output=True, check=False).returncode == 0, 10, "the git server")
        yield git, folder


def commit(git, folder, says):
    (folder / "project.git" / "says").write_text(f"{says}\n")
    git("add", "says")
    git("commit", "--quiet", "-m", says)
    return git("rev-parse", "HEAD")


@pytest.fixture(scope="module")
def layers(product):
    return Layers(product)


def recipe(layers, kind, name, spec):
    made = layers.api.post(f"/boards/{layers.board['id']}/recipes", json={"kind": kind, "name": name, "spec": spec})
    assert made.status_code == 201, made.text
    return made.json()["id"]


def built(layers, number):
    """The recipe, when what was asked for has ended."""

    def ended():
        found = layers.api.get(f"/recipes/{number}").json()
        under_way = found["looking_up"] or (found["newest"] or {}).get("state") == "building"
        return not under_way and (found["newest"] or found["problem"]) and found

    return wait_for(ended, 60, "the build's end")


def again(layers, number):
    answer = layers.api.post(f"/recipes/{number}/build", json={})
    assert (answer.status_code, answer.json()) == (202, {"version": None})
    return built(layers, number)


@pytest.fixture(scope="module")
def project(layers, git_server):
    git, _ = git_server
    number = recipe(layers, "project", "project", {"git": REPOSITORY, "setup": "echo done > .set-up; git status"})
    found = built(layers, number)
    assert (found["latest"], found["problem"]) == (1, ""), found
    assert found["newest"]["commit"] == git("rev-parse", "HEAD")
    return number


def test_a_session_works_on_in_the_projects_repository(layers, git_server, project):
    git, _ = git_server
    layers.put_stack(project)
    card = layers.card()
    state = "git rev-parse HEAD; git branch --show-current; git remote get-url origin; git rev-parse @{u}; cat .set-up"
    head = git("rev-parse", "HEAD")
    assert sh(card, f"cd /workspace && {state}").split() == [head, "trunk", REPOSITORY, head, "done"]
    assert sh(card, "cd /workspace && git log --oneline | wc -l && git fetch && git status --porcelain says") == "1"


def test_a_branch_that_moved_is_a_new_version_and_one_that_did_not_is_none(layers, git_server, project):
    git, folder = git_server
    before = built(layers, project)["latest"]
    assert again(layers, project)["latest"] == before
    head = commit(git, folder, "two")
    found = again(layers, project)
    assert (found["latest"], found["newest"]["commit"]) == (before + 1, head)
    newest, older = layers.api.get(f"/recipes/{project}/versions").json()[:2]

    def listed():
        answer = layers.api.get(f"/versions/{older['id']}/diff/{newest['id']}").json()
        return answer["files"]["state"] == "ready" and answer

    found = wait_for(listed, 30, "the difference")
    assert f"+# commit {head}" in found["spec"]
    assert ("/workspace/says", "changed", 4, 4) in [tuple(entry.values()) for entry in found["files"]["entries"]]


def test_a_tag_is_its_commit_and_so_is_a_commit_that_no_branch_has_any_more(layers, git_server, project):
    git, folder = git_server
    tagged = git("rev-parse", "v1^{commit}")
    number = recipe(layers, "project", "tagged", {"git": REPOSITORY, "ref": "v1"})
    assert built(layers, number)["newest"]["commit"] == tagged
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    lost = commit(git, folder, "lost")
    git("reset", "--quiet", "--hard", "HEAD~1")
    layers.api.patch(f"/recipes/{number}", json={"spec": {"git": REPOSITORY, "ref": lost}})
    found = again(layers, number)
    assert (found["newest"]["state"], found["newest"]["commit"]) == ("ready", lost), found


def test_dotfiles_from_a_repository_are_in_the_home_of_sessions(layers, git_server, product):
    git, folder = git_server
    (folder / "project.git" / ".mytoolrc").write_text("colour = blue\n")
    git("add", ".mytoolrc")
    git("commit", "--quiet", "-m", "dotfiles")
    number = recipe(layers, "profile", "mine", {"git": REPOSITORY})
    assert built(layers, number)["latest"] == 1
    base = next(
        r["id"] for r in layers.api.get(f"/boards/{layers.board['id']}").json()["recipes"] if r["kind"] == "base"
    )
    stack = [{"recipe": base, "pinned": None}, {"recipe": number, "pinned": None}]
    assert layers.api.put(f"/boards/{layers.board['id']}/stack", json={"layers": stack}).status_code == 200
    assert sh(layers.card(), "cat ~/.mytoolrc; readlink ~/.mytoolrc").split("\n")[0] == "colour = blue"


def packed(**files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def costs_nothing(layers, number):
    """Whether building what did not change answers within 0.1 s."""

    newest = layers.api.get(f"/recipes/{number}").json()["newest"]["number"]

    def took():
        begun = time.monotonic()
        assert layers.api.post(f"/recipes/{number}/build", json={}).json()["version"]["number"] == newest
        return time.monotonic() - begun

    return min(took() for _ in range(5)) < 0.1


def test_an_uploaded_folder_is_a_project_and_a_file_makes_it_one(layers, product, tmp_path):
    uploads = f"/boards/{layers.board['id']}/uploads"
    bad = layers.api.post(uploads, files={"file": ("x.tar", b"no archive")})
    assert bad.status_code == 422
    assert "could not be unpacked" in bad.text
    kept = layers.api.post(uploads, files={"file": ("x.tar.gz", packed(hello=b"from afar"))})
    assert kept.status_code == 201, kept.text
    file = tmp_path / "vibenv.toml"
    file.write_text(f'[project]\nfiles = "{kept.json()["digest"]}"\nsetup = "cp hello again"\n')

    def vibenv(*arguments):
        command = ["./vibenv", "layers", *arguments, "--data-dir", str(product.data_dir), "--board", layers.board["id"]]
        return subprocess.run(command, cwd=ROOT, env=product.environment, text=True, capture_output=True, check=False)

    assert vibenv("apply", str(file)).returncode == 0
    recipes = layers.api.get(f"/boards/{layers.board['id']}").json()["recipes"]
    project = next(each["id"] for each in recipes if (each["kind"], each["name"]) == ("project", "project"))
    # the board may have an older version of it, with which a session would start meanwhile
    wait_for(lambda: layers.api.get(f"/recipes/{project}").json()["newest"]["state"] == "ready", 90, "the build")
    card = layers.card()
    assert sh(card, "cat /workspace/again; echo; ls /workspace").split() == ["from", "afar", "again", "hello"]
    done = vibenv("build", "project.project")
    assert (done.returncode, "Nothing changed" in done.stderr) == (0, True), done.stderr
    assert costs_nothing(layers, next(x["recipe"] for x in card["session"]["layers"] if x["kind"] == "project"))
    file.write_text("[project]\nfiles = 5\n")
    wrong = vibenv("apply", str(file))
    assert wrong.returncode != 0
    assert "vibenv.toml, line 2: project.files: takes text" in wrong.stderr
