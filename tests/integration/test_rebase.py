"""What a session wrote, over another base and another project: with Debian's real packages, and a real git."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from engines import current
from engines.docker import DockerEngine
from engines.protocol import Engine, SessionSpec
from layers import builds, compose
from layers.builders.protocol import BaseRequest
from layers.models import Build, BuildState
from layers.registry import Registry
from sessions import rebase
from sessions.models import Session
from sessions.rebase import Below
from tests.integration.engine_fixtures import clean, engine_address, spec
from tests.product import docker as docker_command

pytest_plugins = ["tests.integration.engine_fixtures", "tests.integration.registry_fixtures"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


@pytest.fixture
def engine(base_image: str, settings, tmp_path: Path) -> Iterator[Engine]:
    settings.DATA_DIR = tmp_path
    made = DockerEngine(engine_address(), django_settings.INSTALLATION_ID)
    made.ensure_guard(base_image)
    yield made
    made.close()
    clean(django_settings.INSTALLATION_ID)


class Life:
    """A session through its containers."""

    def __init__(self, engine: Engine, image: str) -> None:
        self.engine = engine
        self.session = Session(name=f"test-{secrets.token_hex(4)}", image=image)
        self.spec: SessionSpec = spec(image, name=self.session.container, session_id=self.session.pk)
        self.start(image)

    def start(self, image: str) -> None:
        self.session.image = image
        self.spec = spec(image, name=self.session.container, session_id=self.session.pk)
        self.engine.create(self.spec)
        self.engine.start(self.spec.name)

    def sh(self, script: str, fails: bool = False) -> str:
        done = self.engine.exec(self.spec.name, ["bash", "-c", script], 120)
        assert fails or done.exit_code == 0, (done.stdout + done.stderr).decode()
        return (done.stdout + done.stderr).decode().strip()

    def onto(self, old: Below, new: Below) -> rebase.Rebased:
        """Put it on other layers, and start it there."""
        commit = rebase.frozen(self.session, rebase.tag_of(self.session, secrets.token_hex(3)))
        found = rebase.rebased(self.session, commit, old, new)
        self.engine.destroy(self.spec.name)
        self.start(found.image)
        return found

    def images(self) -> list[str]:
        return [
            name for image in self.engine.list_images(f"vibenv/session:{self.session.pk}") for name in image.references
        ]


@pytest.fixture
def live(engine: Engine) -> Iterator[Callable[[str], Life]]:
    made: list[Life] = []

    def begin(image: str) -> Life:
        made.append(Life(engine, image))
        return made[-1]

    yield begin
    for life in made:
        engine.destroy(life.spec.name)
        for image in life.images():
            docker_command("rmi", "-f", image)


# `deb name version` installs a package of two files: /opt/<name>, and one that only this version has.
DEB = """deb() {
  rm -rf /tmp/deb; mkdir -p /tmp/deb/DEBIAN /tmp/deb/opt; echo $2 | tee /tmp/deb/opt/$1 > /tmp/deb/opt/$1-$2
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: t <t@example.org>\\nDescription: t\\n' $1 $2 \\
    > /tmp/deb/DEBIAN/control
  dpkg-deb --build /tmp/deb /tmp/t.deb && dpkg -i /tmp/t.deb && rm -r /tmp/deb /tmp/t.deb
} > /dev/null
"""
THING = "update-alternatives --install /usr/bin/thing thing"


@pytest.fixture
def bases(engine: Engine) -> Iterator[Callable[[str], Build]]:
    """`bases(script)` is the settings' base and what a script does to it."""
    made: list[Build] = []

    def make(script: str) -> Build:
        digest = secrets.token_hex(32)
        build = builds.request(BaseRequest(digest, f"vibenv/base-test:{digest[:12]}", setup=f"{DEB}{script}"))
        builds.run(build.pk)
        build.refresh_from_db()
        assert build.state == BuildState.READY, build.reason
        made.append(build)
        return build

    yield make
    for build in made:
        docker_command("rmi", "-f", build.image)


def test_packages_and_edits_of_a_session_stay_over_a_newer_base(
    registry: Registry, bases: Callable[[str], Build], live: Callable[[str], Life]
) -> None:
    old = bases("deb one 1; deb two 1; deb three 1; echo old > /etc/both; echo x > /etc/theirs")
    new = bases(
        "deb one 2; deb two 2; deb three 2; deb more 1; echo theirs > /etc/both; echo new > /etc/newer; rm -f /etc/theirs; "
        f"useradd -rm newcomer; {THING} /opt/one 10"
    )
    life = live(old.image)
    life.sh("apt-get update && apt-get install -y --no-install-recommends jq && apt-get remove -y nano")
    life.sh(f"{DEB} apt-mark hold one; deb two 3; dpkg -P three; useradd -r mine; {THING} /opt/two 20")
    life.sh("echo mine > /etc/both; echo kept > /root/kept; rm /etc/issue")
    found = life.onto(Below(old), Below(new))
    assert (found.conflicts, found.told) == ((), "")
    assert life.sh("dpkg --audit; apt-get -qq check; dpkg -V jq one two more libc6 | grep -v /usr/share/ || true") == ""
    states = life.sh(
        "dpkg-query -Wf '${Package} ${Version} ${Status}\\n' one two more; dpkg-query -W three", fails=True
    )
    assert states.splitlines() == [
        *("more 1 install ok installed", "one 2 hold ok installed", "two 3 install ok installed"),
        "dpkg-query: no packages found matching three",
    ]
    assert "config-files" in life.sh("dpkg-query -Wf '${Status}' nano")
    assert life.sh("ls /opt").split() == ["more", "more-1", "one", "one-2", "two", "two-3"]
    assert life.sh("jq -n 1; cat /etc/newer /etc/both /root/kept").split() == ["1", "new", "mine", "kept"]
    assert life.sh("ls /etc/issue /etc/theirs /bin/nano", fails=True).count("No such file") == 3
    assert life.sh("stat -c %U:%G /home/newcomer; id -un $(id -u mine)").split() == ["newcomer:newcomer", "mine"]
    assert life.sh("readlink -f /usr/bin/thing; update-alternatives --list thing").split() == [
        *("/opt/two", "/opt/one", "/opt/two")
    ]
    # and back again, with what it wrote since
    life.sh("echo later > /root/later")
    life.onto(Below(new), Below(old))
    assert life.sh("jq -n 1; cat /root/kept /root/later; dpkg --audit; ls /opt").split() == [
        *("1", "kept", "later", "one", "one-1", "two", "two-3")
    ]
    assert life.sh("getent passwd mine | cut -d: -f1") == "mine"


GIT = "git -c user.name=t -c user.email=t@example.org -c init.defaultBranch=main"


@pytest.fixture
def project(engine: Engine, base_image: str) -> Iterator[Callable[[str], Build]]:
    """`project(script)` is what a script leaves at /workspace."""
    made: list[str] = []

    def make(script: str) -> Build:
        digest = secrets.token_hex(32)
        image = f"vibenv/project-test:{digest[:12]}"
        docker_command(
            "run", "--name", image[-12:], "--network=none", base_image, "sh", "-ec", f"cd /workspace; {script}"
        )
        docker_command("commit", image[-12:], f"{image}-all")
        docker_command("rm", image[-12:])
        text = f"FROM scratch\nCOPY --from={image}-all /workspace /workspace"
        list(current.engine().build_image(text, image, {}))
        made.extend([image, f"{image}-all"])
        return Build.objects.create(kind="project", digest=digest, image=image, state=BuildState.READY)

    yield make
    for image in made:
        docker_command("rmi", "-f", image)


FIRST = f"{GIT} init -q .; mkdir g; printf 'one\\n' | tee a b c d g/h > /dev/null; git add .; {GIT} commit -qm 1"
SECOND = f"{FIRST}; echo two > a; echo two > b; rm -r c g; echo new > e; git add .; {GIT} commit -qam 2"


def test_a_newer_project_takes_nothing_of_the_sessions_and_shows_where_they_collide(
    registry: Registry, layer: Callable[..., Build], live: Callable[[str], Life], project: Callable[[str], Build]
) -> None:
    base, first = layer("base", {}), project(FIRST)
    second = project(SECOND)
    life = live(compose.image_for(base, first))
    life.sh("cd /workspace; echo mine > b; echo mine > d; echo own > f; touch a c g/h; rm -rf .vibenv")
    life.sh("cd /workspace; git config user.name me; git add d; git stash list; git status")
    found = life.onto(Below(base, first), Below(base, second))
    assert (found.conflicts, found.kept_project, found.told) == (("/workspace/b",), False, "")
    assert life.sh("cd /workspace; cat a b d e f .vibenv/incoming/b").splitlines() == (
        ["two", "mine", "mine", "new", "own", "two"]
    )
    assert life.sh("cd /workspace; ls; git config user.name").split() == ["a", "b", "d", "e", "f", "me"]
    assert life.sh("cd /workspace; git log --format=%s; git status --short").splitlines() == [
        *("2", "1", " M b", " M d", "?? f")
    ]


def test_what_misses_a_package_of_the_former_base_is_told(
    registry: Registry, layer: Callable[..., Build], bases: Callable[[str], Build], live: Callable[[str], Life]
) -> None:
    old = bases("deb one 1")
    life = live(old.image)
    life.sh(DEB.replace("Description", "Depends: one\\nDescription") + "deb own 1")
    found = life.onto(Below(old), Below(layer("base", {})))
    assert found.told == rebase.TOLD["vibenv: check"]
    assert life.sh("cat /opt/own; dpkg --audit; apt-get -qq check || ls /opt", fails=True).splitlines()[0] == "1"


def test_a_project_is_not_changed_under_commits_of_a_session(
    registry: Registry, layer: Callable[..., Build], live: Callable[[str], Life], project: Callable[[str], Build]
) -> None:
    base, first = layer("base", {}), project(FIRST)
    second = project(SECOND)
    life = live(compose.image_for(base, first))
    life.sh(f"cd /workspace; echo mine > b; git config --global --add safe.directory '*'; {GIT} commit -qam mine")
    found = life.onto(Below(base, first), Below(base, second))
    assert found.kept_project
    assert "git pull" in found.told
    assert life.sh("cd /workspace; git log --format=%s; cat a b; git status --short; git fsck").splitlines()[:4] == [
        *("mine", "1", "one", "mine")
    ]
