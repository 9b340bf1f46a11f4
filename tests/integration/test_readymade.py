"""Layers that come with vibenv, and layers of people's own sources: built for real, and used in a session."""

from __future__ import annotations

import contextlib
import io
import secrets
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from engines.docker import DockerEngine
from engines.errors import EngineError
from engines.protocol import LayerMount
from layers import builds, compose, hooks, library, lookup, mounts, tasks, uploads
from layers.commits import Commit
from layers.models import Build, BuildState, LayerVersion, Recipe
from tests.integration.engine_fixtures import Running, clean, engine_address, spec
from tests.product import wait_for

pytest_plugins = ["tests.integration.engine_fixtures"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def engine(base_image: str) -> Iterator[DockerEngine]:
    made = DockerEngine(engine_address(), django_settings.INSTALLATION_ID)
    made.ensure_guard(base_image)
    yield made
    made.close()
    clean(django_settings.INSTALLATION_ID)


@pytest.fixture(autouse=True)
def own_data_dir(settings, tmp_path: Path, engine: DockerEngine) -> None:
    settings.DATA_DIR = tmp_path
    settings.REGISTRY = "off"


@pytest.fixture
def built() -> Iterator[Callable[..., LayerVersion]]:
    """`built(kind, spec)` is a version of a new recipe, with its build ended."""

    def make(kind: str, given: dict[str, Any], name: str = "it") -> LayerVersion:
        recipe = library.create("board", kind, name, given, actor="me")
        if library.build(recipe, asked_by="me") is None:
            tasks.look_up(recipe.pk, "me", "", False)
        recipe.refresh_from_db()
        assert not recipe.problem, recipe.problem
        version = library.latest(recipe, ready=False)
        assert version is not None
        builds.run(version.build_id)
        version.build.refresh_from_db()
        return version

    return make


@pytest.fixture
def session(engine: DockerEngine, base_image: str) -> Iterator[Callable[..., Running]]:
    """A session with profile and toolchains mounted as they are in one."""
    volumes: list[str] = []
    running: list[Running] = []

    def start(*versions: LayerVersion) -> Running:
        layers: list[LayerMount] = [mounts.mount_of(version) for version in versions]
        for layer, version in zip(layers, versions, strict=True):
            assert version.build.state == BuildState.READY, version.build.reason
            engine.ensure_layer(layer, version.build.image)
            volumes.append(layer.volume)
        wanted = spec(base_image, layers=layers)
        engine.create(wanted)
        engine.start(wanted.name)
        running.append(Running(engine, wanted))
        return running[-1]

    yield start
    for each in running:
        engine.destroy(each.name)
    for volume in volumes:
        with contextlib.suppress(EngineError):  # others may have it, too: it is one for each content
            engine.remove_layer(volume)


def login(session: Running, script: str) -> str:
    """What a login shell prints."""
    done = session.engine.exec(session.name, ["bash", "-lc", script], 120)
    assert done.exit_code == 0, (done.stdout + done.stderr).decode()
    return done.stdout.decode().strip()


USES = {
    "node": ("node -e 'console.log(6 * 7)'; npm --version | cut -d. -f2 | wc -l", "42\n1"),
    "python": ("uv venv -q /tmp/v && /tmp/v/bin/python -c 'import ssl, sqlite3; print(6 * 7)'", "42"),
    "go": ("cd /tmp; printf 'package main\\nfunc main() {println(42)}' > a.go; go run a.go 2>&1", "42"),
    "rust": ("cd /tmp; echo 'fn main() {print!(\"{}\", 6 * 7)}' > a.rs; rustc a.rs && ./a", "42"),
}


@pytest.mark.parametrize("tool", USES)
def test_a_ready_made_toolchain_works_in_a_session(tool: str, built: Any, session: Any) -> None:
    script, wanted = USES[tool]
    running = session(built("toolchain", {"use": tool}, tool))
    assert login(running, script) == wanted
    assert login(running, f"touch /opt/vibenv/toolchain/{tool}/x 2>&1 || true").endswith("Read-only file system")


def test_the_default_profile_marks_prompts_and_commands_and_lets_the_persons_own_files_win(
    built: Any, session: Any
) -> None:
    running = session(built("profile", {}, "default"))
    running.sh("mkdir -p /root/.config/git && echo mine > /root/.inputrc; cd /workspace && git init -qb main .")
    typed = "cd /workspace\\nfalse\\necho hi\\nexit\\n"
    done = running.sh(f"printf '{typed}' | TERM=xterm-256color script -qc 'bash -l' /dev/null").stdout.decode()
    for mark in (
        "\x1b]133;A\x1b\\",
        "\x1b]133;B\x1b\\",
        "\x1b]133;C\x1b\\hi",
        "\x1b]133;D;1\x1b\\",
        "/workspace\x1b\\",
    ):
        assert mark in done, repr(done)
    assert "main" in done
    assert login(running, "cat ~/.inputrc; git config pull.ff; echo $0") == "mine\nonly\nbash"
    assert (
        login(running, "git config --global user.name Ann && git config user.name; git config pull.ff") == "Ann\nonly"
    )
    assert "133;" not in login(running, "true; echo plain")


def test_a_folder_of_dotfiles_becomes_a_profile(built: Any, session: Any, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in (
            (".vimrc", b"set nu\n"),
            ("README", b"x"),
            (".config/app/conf", b"y\n"),
            (".bashrc", b"echo from-dotfiles\n"),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    buffer.seek(0)
    version = built("profile", {"files": uploads.keep(buffer).digest}, "mine")
    running = session(version)
    first = running.sh("script -qc 'bash -lic true' /dev/null").stdout
    assert b"from-dotfiles" in first
    shown = running.sh("cat ~/.vimrc ~/.config/app/conf; ls ~/README; touch ~/.config/app/more && echo kept")
    assert shown.stdout == b"set nu\ny\nkept\n"


INSTALLED_LATER = """apt-get update -qq && apt-get install -qqy zsh > /dev/null || exit 77
printf 'cd /workspace\nfalse\necho hi\nexit\n' | TERM=xterm-256color script -qc 'zsh -i' /dev/null"""


def test_zsh_has_the_profile_too_where_it_comes_later(built: Any, session: Any) -> None:
    done = session(built("profile", {}, "default")).sh(INSTALLED_LATER)
    if done.exit_code == 77:
        pytest.skip("Debian's mirror cannot be reached from here")
    shown = done.stdout.decode()
    for mark in ("\x1b]133;A\x1b\\", "\x1b]133;C\x1b\\hi", "\x1b]133;D;1\x1b\\", "/workspace\x1b\\"):
        assert mark in shown, repr(shown)
    assert "no matches found" not in shown


def test_an_image_that_vibenv_did_not_make_gets_the_hooks_as_its_session_starts(session: Any) -> None:
    running = session()
    unmade = "rm -rf /etc/vibenv /etc/profile.d/zz-vibenv.sh && sed -i '/vibenv.shell/d' /etc/bash.bashrc"
    tool = "mkdir -p /opt/vibenv/toolchain/x/bin && printf '#!/bin/sh\necho works' > /opt/vibenv/toolchain/x/bin/it"
    running.sh(f"{unmade} && {tool} && chmod +x /opt/vibenv/toolchain/x/bin/it")
    running.sh(hooks.at_start())
    assert login(running, "it") == "works"
    assert running.sh(hooks.at_start() + "grep -c vibenv.shell /etc/bash.bashrc").stdout == b"1\n"


# a repository on the internet ---------------------------------------------------------------------------
ADDRESS = "198.51.100.7"


@pytest.fixture(scope="module")
def git_server(tmp_path_factory: pytest.TempPathFactory, engine: DockerEngine) -> Iterator[Path]:
    """A git daemon at an address that is none of this machine's: in a network namespace that packets are routed to."""
    folder, name = tmp_path_factory.mktemp("git"), f"vg{secrets.token_hex(3)}"
    here, there = f"{name}a", f"{name}b"
    steps = [
        f"ip netns add {name}",
        f"ip link add {here} type veth peer name {there} netns {name}",
        f"ip addr add 198.51.100.1/24 dev {here}",
        f"ip link set {here} up",
        f"ip -n {name} addr add {ADDRESS}/24 dev {there}",
        f"ip -n {name} link set {there} up",
        f"ip -n {name} route add default via 198.51.100.1",
    ]
    server = None
    try:
        for step in steps:
            done = subprocess.run(step.split(), capture_output=True, check=False)
            if done.returncode:
                pytest.skip(f"no network namespace can be made here: {done.stderr.decode()}")
        daemon = ["git", "daemon", "--reuseaddr", "--export-all", f"--base-path={folder}", f"--listen={ADDRESS}"]
        server = subprocess.Popen(["ip", "netns", "exec", name, *daemon], stderr=subprocess.DEVNULL)
        yield folder
    finally:
        if server is not None:
            server.terminate()
            server.wait()
        subprocess.run(["ip", "link", "del", here], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def commit(repository: Path, name: str, content: str) -> str:
    """A commit on main of a repository, made where it is missing; its id."""
    run = ["git", "-C", str(repository), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    if not repository.exists():
        subprocess.run(["git", "init", "-qb", "main", str(repository)], check=True)
    (repository / name).write_text(content)
    subprocess.run([*run, "add", "."], check=True)
    subprocess.run([*run, "commit", "-qm", name], check=True)
    return subprocess.run([*run, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


def test_a_project_is_a_commit_of_a_repository_and_a_moved_branch_is_a_new_version(
    git_server: Path, built: Any, engine: DockerEngine, base_image: str
) -> None:
    first = commit(git_server / "p", "a", "one")
    address = f"git://{ADDRESS}/p"
    assert wait_for(lambda: lookup.look_up(address, "")) == Commit(first, "main")
    version = built("project", {"git": address, "ref": "main", "setup": "cat a > made"}, "project")
    assert (version.build.state, version.commit) == (BuildState.READY, first), version.build.reason
    recipe = Recipe.objects.get()
    tasks.look_up(recipe.pk, "me", "", False)
    assert library.latest(recipe, ready=False).number == 1  # type: ignore[union-attr]
    second = commit(git_server / "p", "b", "two")
    tasks.look_up(recipe.pk, "me", "", False)
    newest = library.latest(recipe, ready=False)
    assert newest is not None
    assert (newest.number, newest.commit) == (2, second)
    base = Build(kind="base", digest="0" * 64, image=base_image, state=BuildState.READY)
    wanted = spec(compose.image_for(base, version.build))
    engine.create(wanted)
    engine.start(wanted.name)
    seen = Running(engine, wanted).sh("cat made; git -c safe.directory='*' status -sb; git log --format=%H")
    assert seen.stdout.decode().split() == ["one##", "main...origin/main", "??", "made", first], seen.stderr
    engine.destroy(wanted.name)


@pytest.mark.parametrize(
    ("path", "ref", "said"),
    [("/none", "", "could not be read"), ("/p", "nothing", "no branch or tag nothing")],
)
def test_a_source_that_is_not_there_says_so(git_server: Path, path: str, ref: str, said: str) -> None:
    commit(git_server / "p", "c", secrets.token_hex(4))
    recipe = library.create(
        "board", "project", "p", {"git": f"git://{ADDRESS}{path}", **({"ref": ref} if ref else {})}, actor="me"
    )
    assert library.build(recipe, asked_by="me") is None
    tasks.look_up(recipe.pk, "me", "", False)
    recipe.refresh_from_db()
    assert said in recipe.problem
    assert not LayerVersion.objects.exists()


def test_a_source_on_this_machine_or_in_the_cloud_is_out_of_reach(built: Any) -> None:
    for host in ("127.0.0.1:1", "169.254.169.254"):
        recipe = library.create("board", "project", f"p{secrets.token_hex(3)}", {"git": f"http://{host}/x"}, actor="me")
        library.build(recipe, asked_by="me")
        tasks.look_up(recipe.pk, "me", "", False)
        recipe.refresh_from_db()
        assert "could not be read" in recipe.problem or "did not answer" in recipe.problem
