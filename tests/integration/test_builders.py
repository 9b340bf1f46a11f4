"""What every builder must do. Each test builds something of its own; images go at the end."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest
from django.conf import settings as django_settings

from engines.docker import DockerEngine
from engines.errors import BuildError
from engines.protocol import WorkshopSpec
from layers import builds, compose, records, registry
from layers.builders.dagger import DaggerBuilder
from layers.builders.docker import DockerBuilder, workshop_name
from layers.builders.protocol import BaseRequest, Builder, BuildRequest, Built
from layers.models import Build, BuildState, Kind
from layers.progress import Progress
from tests.integration.engine_fixtures import clean, engine_address, eventually, spec

pytest_plugins = ["tests.integration.engine_fixtures", "tests.integration.registry_fixtures"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

PREFIX = "/opt/vibenv/toolchain/test"


@pytest.fixture(scope="module")
def engine(base_image: str) -> Iterator[DockerEngine]:
    """One for all of these tests: its network guard takes a second to come up."""
    made = DockerEngine(engine_address(), django_settings.INSTALLATION_ID)
    made.ensure_guard(base_image)
    yield made
    made.close()
    clean(django_settings.INSTALLATION_ID)


@pytest.fixture(params=["docker", "dagger"])
def builder(request: pytest.FixtureRequest, engine: DockerEngine) -> Builder:
    found: Builder = DockerBuilder(engine)
    if request.param == "dagger":
        if not django_settings.DAGGER_HOST:
            pytest.skip("no Dagger engine is named in VIBENV_DAGGER_HOST")
        request.getfixturevalue("running_registry")
        found = DaggerBuilder(engine)
    if why := found.missing():
        pytest.skip(f"the {request.param} builder cannot build here: {why}")
    return found


@pytest.fixture
def raw() -> Iterator[docker.APIClient]:
    with contextlib.closing(docker.APIClient(base_url=engine_address().url, version="auto")) as client:
        yield client


@pytest.fixture
def wanted(base_image: str, raw: docker.APIClient) -> Iterator[Callable[..., BuildRequest]]:
    """`wanted(script, …)`: a request that no other test makes."""
    images: list[str] = []

    def make(script: str, **changes: Any) -> BuildRequest:
        digest = secrets.token_hex(32)
        fields: dict[str, Any] = {
            "digest": digest,
            "kind": Kind.TOOLCHAIN,
            "name": "test",
            "image": f"vibenv/toolchain-test:{digest[:12]}",
            "base_image": base_image,
            "prefix": PREFIX,
            "script": script,
        }
        images.append(fields["image"])
        return BuildRequest(**{**fields, **changes})

    yield make
    for image in images:
        with contextlib.suppress(docker.errors.ImageNotFound):
            raw.remove_image(image, force=True)


@dataclass
class Bench:
    """Runs requests through one builder, with rows and logs as they are."""

    builder: Builder
    directory: Path
    cancelled: threading.Event = field(default_factory=threading.Event)

    def build(self, request: BuildRequest) -> Built:
        row = records.claim(request.digest, request.image, request.kind)
        assert row is not None
        with Progress(row, self.log_path(request), threading.Event(), self.cancelled) as progress:
            return self.builder.build(request, progress)

    def fails(self, request: BuildRequest) -> str:
        with pytest.raises(BuildError) as raised:
            self.build(request)
        return str(raised.value)

    def log_path(self, request: BuildRequest) -> Path:
        return self.directory / f"{request.digest}.log"

    def log(self, request: BuildRequest) -> str:
        path = self.log_path(request)
        return path.read_text() if path.exists() else ""


@pytest.fixture
def bench(builder: Builder, tmp_path: Path) -> Bench:
    return Bench(builder, tmp_path)


def tree(raw: docker.APIClient, image: str) -> dict[str, tarfile.TarInfo]:
    """All that is in an image, by path from `/`, without what the engine puts into every container."""
    container = raw.create_container(image, command=["true"])["Id"]
    try:
        exported = io.BytesIO(b"".join(raw.export(container)))
    finally:
        raw.remove_container(container)
    with tarfile.open(fileobj=exported) as archive:
        members = {f"/{member.name.rstrip('/')}": member for member in archive.getmembers()}
    return {path: member for path, member in members.items() if path.startswith("/opt")}


def nothing_left(engine: DockerEngine, raw: docker.APIClient, request: BuildRequest) -> None:
    assert engine.list_workshops() == []
    assert not engine.has_image(request.image)
    drafts = [tag for image in raw.images("vibenv/draft") for tag in image["RepoTags"] or []]
    assert not [tag for tag in drafts if django_settings.INSTALLATION_ID[:8] in tag]  # others build at the same time


# the tree -----------------------------------------------------------------------------------------------
def test_what_the_script_leaves_at_its_prefix_is_the_whole_image(bench: Bench, raw: Any, wanted: Any) -> None:
    request = wanted(
        """
        mkdir -p $PREFIX/bin $PREFIX/empty
        printf 'hello' > $PREFIX/bin/tool; chmod 751 $PREFIX/bin/tool
        ln -s tool $PREFIX/bin/link; ln $PREFIX/bin/tool $PREFIX/bin/hard
        chmod 700 $PREFIX/empty; echo some > $PREFIX/'a name'
        """
    )
    built = bench.build(request)
    found = tree(raw, request.image)
    inside = {path.removeprefix(PREFIX) for path in found if path.startswith(f"{PREFIX}/")}
    assert inside == {"/bin", "/bin/tool", "/bin/link", "/bin/hard", "/empty", "/a name"}
    assert set(found) - {PREFIX + path for path in inside} == {"/opt", "/opt/vibenv", "/opt/vibenv/toolchain", PREFIX}
    modes = [found[f"{PREFIX}/{name}"].mode & 0o7777 for name in ("bin/tool", "empty")]
    assert modes == [0o751, 0o700]
    assert found[f"{PREFIX}/bin/link"].linkname == "tool"
    assert {found[f"{PREFIX}/bin/{name}"].islnk() for name in ("tool", "hard")} == {True, False}
    assert built.image == request.image
    assert 10 <= built.size_bytes < 100_000
    assert len(raw.inspect_image(request.image)["RootFS"]["Layers"]) == 1


def test_a_script_has_its_environment_and_its_inputs(bench: Bench, raw: Any, wanted: Any, tmp_path: Path) -> None:
    source = tmp_path / "source.tar.gz"
    with tarfile.open(source, "w:gz") as tar:
        member = tarfile.TarInfo("sub/file")
        member.size = 5
        tar.addfile(member, io.BytesIO(b"input"))
    request = wanted(
        'cp /build/source/sub/file $PREFIX/; echo "colour: $COLOUR, here: $(pwd)"',
        inputs={"source": source},
        environment={"COLOUR": "red"},
    )
    bench.build(request)
    assert tree(raw, request.image)[f"{PREFIX}/file"].size == 5
    assert "colour: red, here: /build" in bench.log(request)


def test_what_the_base_has_at_the_prefix_is_not_in_the_layer(bench: Bench, raw: Any, wanted: Any) -> None:
    request = wanted("echo x > $PREFIX/own", prefix="/usr/share/misc", kind=Kind.PROJECT)
    bench.build(request)
    container = raw.create_container(request.image, command=["true"])["Id"]
    with tarfile.open(fileobj=io.BytesIO(b"".join(raw.export(container)))) as archive:
        names = {name for name in archive.getnames() if name.startswith("usr/share/misc/")}
    raw.remove_container(container)
    assert names == {"usr/share/misc/own"}


def test_what_is_written_elsewhere_is_told_and_has_no_effect(bench: Bench, raw: Any, wanted: Any) -> None:
    request = wanted("echo x > $PREFIX/in; mkdir /srv/more; echo y > /srv/more/out; echo z > /tmp/scratch")
    bench.build(request)
    assert "outside of the layer, not kept: /srv/more" in bench.log(request)
    assert "not kept: /tmp" not in bench.log(request)
    assert not any("out" in path for path in tree(raw, request.image))


def test_a_build_holds_no_capability(bench: Bench, wanted: Any) -> None:
    request = wanted("grep -E 'CapEff|NoNewPrivs' /proc/self/status; touch $PREFIX/x")
    bench.build(request)
    assert "CapEff:\t0000000000000000" in bench.log(request)
    assert "NoNewPrivs:\t1" in bench.log(request)


def test_a_build_by_docker_cannot_reach_the_host(engine: DockerEngine, wanted: Any, tmp_path: Path) -> None:
    """Dagger's engine has a network of its own, which we do not guard."""
    bench = Bench(DockerBuilder(engine), tmp_path)
    with socket.create_server(("0.0.0.0", 0)) as server:
        request = wanted(
            "gateway=$(ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p'); echo \"asking $gateway\"\n"
            'timeout 3 bash -c "exec 3<>/dev/tcp/$gateway/$PORT" || echo "no way to the host"; touch $PREFIX/x',
            environment={"PORT": str(server.getsockname()[1])},
        )
        bench.build(request)
    assert "asking 10." in bench.log(request)
    assert "no way to the host" in bench.log(request)


# failures -----------------------------------------------------------------------------------------------
def test_a_failing_script_says_how_and_leaves_nothing(bench: Bench, engine: Any, raw: Any, wanted: Any) -> None:
    request = wanted("echo fine; echo x > $PREFIX/half; echo 'no such thing' >&2; exit 7")
    said = bench.fails(request)
    assert "status 7: no such thing" in said
    assert "failed: " in bench.log(request)
    nothing_left(engine, raw, request)


def test_an_empty_prefix_is_a_failure(bench: Bench, engine: Any, raw: Any, wanted: Any) -> None:
    request = wanted("true")
    assert "left nothing" in bench.fails(request)
    nothing_left(engine, raw, request)


def test_a_hanging_script_is_ended(bench: Bench, engine: Any, raw: Any, wanted: Any) -> None:
    request = wanted("echo x > $PREFIX/x; sleep 1000", timeout_s=2)
    assert "did not end within 2 s" in bench.fails(request)
    nothing_left(engine, raw, request)


def test_a_script_that_writes_too_much_is_ended(bench: Bench, engine: Any, raw: Any, wanted: Any) -> None:
    request = wanted(
        'n=0; while :; do head -c 4000000 /dev/zero > "$PREFIX/$n"; n=$((n + 1)); sleep 0.1; done',
        size_limit_bytes=20 * 1024**2,
        timeout_s=60,
    )
    assert "its limit is 20 MB" in bench.fails(request)
    nothing_left(engine, raw, request)


def test_a_quick_script_that_writes_too_much_makes_no_layer(bench: Bench, engine: Any, raw: Any, wanted: Any) -> None:
    request = wanted("head -c 3000000 /dev/zero > $PREFIX/big", size_limit_bytes=2 * 1024**2)
    assert "its limit is 2 MB" in bench.fails(request)
    nothing_left(engine, raw, request)


def test_without_network_it_is_said_so(bench: Bench, wanted: Any) -> None:
    request = wanted("curl -sS http://example.org/ > $PREFIX/page", network=False)
    said = bench.fails(request)
    assert "Could not resolve" in said
    assert "network = false" in said


def test_a_missing_base_image_is_named(bench: Bench, engine: Any, raw: Any, wanted: Any) -> None:
    request = wanted("true", base_image="localhost:1/vibenv/nowhere:1")
    assert "localhost:1/vibenv/nowhere:1" in bench.fails(request)
    nothing_left(engine, raw, request)


def test_a_silent_build_can_be_cancelled(bench: Bench, engine: Any, raw: Any, wanted: Any) -> None:
    request = wanted("echo begun; sleep 1000")
    failed: list[str] = []
    thread = threading.Thread(target=lambda: failed.append(bench.fails(request)))
    thread.start()
    eventually(lambda: "begun" in bench.log(request))
    bench.cancelled.set()
    thread.join(timeout=20)
    assert failed == ["It was cancelled."]
    nothing_left(engine, raw, request)


# builds asked for ---------------------------------------------------------------------------------------
@pytest.fixture
def own_data_dir(settings: Any, tmp_path: Path, base_image: str) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_an_unchanged_build_builds_nothing(engine: Any, wanted: Any, own_data_dir: Path) -> None:
    request = wanted("echo x > $PREFIX/x")
    build = builds.request(request)
    assert build.state == BuildState.BUILDING
    assert builds.run(build.pk)
    began = time.monotonic()
    again = builds.request(request)
    assert time.monotonic() - began < 0.1
    assert (again.pk, again.state, again.builder) == (build.pk, BuildState.READY, builds.choose.choose().builder.name)
    assert again.size_bytes
    assert not builds.run(build.pk)
    assert "Built by" in builds.log_path(build).read_text()


def test_an_image_that_the_engine_lost_is_built_again(engine: Any, raw: Any, wanted: Any, own_data_dir: Path) -> None:
    request = wanted("echo x > $PREFIX/x")
    build = builds.request(request)
    builds.run(build.pk)
    raw.remove_image(request.image)
    assert builds.request(request).state == BuildState.BUILDING
    assert builds.run(build.pk)
    assert engine.has_image(request.image)


def test_an_image_that_the_registry_has_is_pulled_instead(
    engine: Any, raw: Any, wanted: Any, own_data_dir: Path, running_registry: Any
) -> None:
    where = registry.current()
    assert where is not None
    request = wanted("echo $PREFIX > $PREFIX/x")
    build = builds.request(request)
    builds.run(build.pk)
    compose.ensure_published(where, request.image)
    raw.remove_image(request.image)
    builds.request(request)
    assert builds.run(build.pk)
    assert engine.has_image(request.image)
    assert "from the registry" in builds.log_path(build).read_text()


def test_two_requests_at_once_build_once(engine: Any, wanted: Any, own_data_dir: Path) -> None:
    request = wanted("echo begun; echo x > $PREFIX/x; sleep 2")
    build = builds.request(request)
    thread = threading.Thread(target=builds.run, args=(build.pk,))
    thread.start()
    eventually(lambda: builds.log_path(build).exists() and "begun" in builds.log_path(build).read_text())
    joined = builds.request(request)
    assert joined.pk == build.pk
    assert not builds.run(joined.pk)
    thread.join()
    assert Build.objects.get(pk=build.pk).state == BuildState.READY


def test_a_build_under_way_is_cancelled_within_seconds(engine: Any, raw: Any, wanted: Any, own_data_dir: Path) -> None:
    request = wanted("echo begun; sleep 1000")
    build = builds.request(request)
    thread = threading.Thread(target=builds.run, args=(build.pk,))
    thread.start()
    eventually(lambda: builds.log_path(build).exists() and "begun" in builds.log_path(build).read_text())
    builds.cancel(build)
    thread.join(timeout=15)
    found = Build.objects.get(pk=build.pk)
    assert (found.state, found.reason) == (BuildState.CANCELLED, "It was cancelled.")
    nothing_left(engine, raw, request)


def test_a_workshop_that_nobody_is_in_is_swept_away(
    engine: Any, base_image: str, wanted: Any, own_data_dir: Path
) -> None:
    requests = [wanted("true"), wanted("true")]
    for request in requests:
        engine.open_workshop(WorkshopSpec(workshop_name(request.digest), base_image, ("sleep", "1000")))
    alive = records.claim(requests[0].digest, requests[0].image, Kind.TOOLCHAIN)
    assert alive is not None
    builds.clear()
    assert engine.list_workshops() == [workshop_name(requests[0].digest)]
    records.fail(alive, "over")
    builds.clear()
    assert engine.list_workshops() == []


# bases --------------------------------------------------------------------------------------------------
@pytest.fixture
def wanted_base(raw: docker.APIClient) -> Iterator[Callable[..., BaseRequest]]:
    images: list[str] = []

    def make(**changes: Any) -> BaseRequest:
        digest = secrets.token_hex(32)
        images.append(f"vibenv/base-test:{digest[:12]}")
        return BaseRequest(digest, images[-1], **changes)

    yield make
    for image in images:
        with contextlib.suppress(docker.errors.ImageNotFound):
            raw.remove_image(image, force=True)


def built_base(request: BaseRequest) -> Build:
    build = builds.request(request)
    assert builds.run(build.pk)
    build.refresh_from_db()
    return build


def test_a_base_of_ones_own_runs_sessions(
    engine: Any, raw: Any, base_image: str, wanted_base: Any, own_data_dir: Path
) -> None:
    build = built_base(wanted_base(setup="echo hello > /etc/greeting; chown www-data /srv"))
    assert (build.state, build.kind) == (BuildState.READY, Kind.BASE), build.reason
    mine, theirs = raw.inspect_image(build.image), raw.inspect_image(base_image)
    assert mine["RootFS"]["Layers"][:-1] == theirs["RootFS"]["Layers"]
    assert {key: mine["Config"][key] for key in ("Env", "Cmd", "WorkingDir")} == {
        key: theirs["Config"][key] for key in ("Env", "Cmd", "WorkingDir")
    }
    session = spec(build.image)
    engine.create(session)
    engine.start(session.name)
    seen = engine.exec(
        session.name, ["sh", "-c", "cat /etc/greeting; stat -c %U /srv; ls -d /build; cat /proc/1/status"]
    )
    assert seen.stdout.startswith(b"hello\nwww-data\n")
    assert b"CapEff:\t0000000000000000" in seen.stdout
    assert b"No such file" in seen.stderr
    assert engine.list_workshops() == []
    engine.destroy(session.name)


def test_a_base_without_dtach_is_refused(engine: Any, raw: Any, wanted_base: Any, own_data_dir: Path) -> None:
    build = built_base(wanted_base(setup="rm /usr/bin/dtach"))
    assert build.state == BuildState.FAILED
    assert "install it in `setup`" in build.reason
    assert not engine.has_image(build.image)


BUILDER = """
import sys, json
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from layers import builds, requests
from layers.models import Build
Build.objects.update(lease_until="2000-01-01T00:00Z")  # a dead builder's lease, run out early for the test
build = builds.request(requests.from_json(json.loads(sys.argv[1])))
print(build.pk, flush=True)
while not builds.run(build.pk):
    pass
build.refresh_from_db()
print(build.state, build.reason, flush=True)
"""


def test_a_killed_builder_leaves_nothing_usable_and_the_next_one_builds(
    engine: Any, raw: Any, wanted: Any, tmp_path: Path
) -> None:
    import json

    from layers import requests

    request = wanted("echo x > $PREFIX/x; echo begun; sleep 2")
    (tmp_path / "installation-id").write_text(django_settings.INSTALLATION_ID)
    environment = {key: value for key, value in os.environ.items() if key != "VIBENV_DATABASE_URL"}
    environment["VIBENV_DATA_DIR"] = str(tmp_path)
    command = [sys.executable, "-c", BUILDER, json.dumps(requests.to_json(request))]
    log = tmp_path / "logs" / "layers" / f"{request.digest}.log"

    first = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    eventually(lambda: log.exists() and "begun" in log.read_text())
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert not engine.has_image(request.image)
    assert engine.list_workshops() == [workshop_name(request.digest)]

    second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=True)
    assert second.stdout.split()[1:] == ["ready"], second.stdout + second.stderr
    assert engine.has_image(request.image)
    assert engine.list_workshops() == []
