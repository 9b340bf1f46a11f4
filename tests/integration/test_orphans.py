"""What nobody owns is found and removed, on a real engine; what somebody owns, or another installation's, stays."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from engines import current
from engines.docker import DockerEngine, holders, labels
from engines.protocol import Belonging, WorkshopSpec
from layers import compose, keep, lookup
from layers.registry import Registry
from sessions import orphans, rebase
from sessions.models import Session, Snapshot
from sessions.terminal.ring import ring_path
from tests.integration.engine_fixtures import clean, engine_address, spec
from tests.product import ROOT, Product, docker

pytest_plugins = ["tests.integration.engine_fixtures", "tests.integration.registry_fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    current.reset()
    yield
    clean(django_settings.INSTALLATION_ID)


@pytest.fixture
def tagged(base_image: str) -> Iterator[Callable[[str], str]]:
    """`tagged(name)` gives the base image another name, which is gone at the end."""
    made: list[str] = []

    def tag(name: str) -> str:
        docker("tag", base_image, name)
        made.append(name)
        return name

    yield tag
    for name in made:
        subprocess.run(["docker", "rmi", name], capture_output=True, check=False)


def found() -> set[str]:
    return {orphan.name for orphan in orphans.find(grace_s=0)}


def ended_process() -> str:
    """The holder that a killed worker was."""
    with subprocess.Popen(["sleep", "60"]) as process:
        holder = holders.of(process.pid)
        assert holders.lives(holder)
        process.kill()
    return holder


def test_containers_networks_and_files_of_sessions_that_are_gone_are_removed_and_no_others(base_image: str) -> None:
    row = Session.objects.create(name="stays")
    kept, left = spec(base_image, session_id=row.pk), spec(base_image)
    other = DockerEngine(engine_address(), "f" * 32)
    foreign = spec(base_image)
    engine = current.engine()
    for one, wanted in ((engine, kept), (engine, left), (other, foreign)):
        one.create(wanted)
    Session.objects.filter(pk=row.pk).update(container_id=engine.inspect(kept.name).container_id, state="asleep")
    for session in (row.pk, left.session_id):
        ring_path(session).parent.mkdir(parents=True, exist_ok=True)
        ring_path(session).touch()
    try:
        network = f"vibenv-{django_settings.INSTALLATION_ID[:8]}-{left.session_id}"
        expected = {left.name, network, f"terminals/{left.session_id}.ring"}
        assert found() >= expected
        assert orphans.find() == [], "all of it may be in the making"
        done = orphans.remove(orphans.find(grace_s=0))
        assert (done.kept, {orphan.name for orphan in done.removed} >= expected) == ([], True)
        assert found() == set()
        assert engine.inspect(kept.name).container_id
        assert other.inspect(foreign.name).container_id
        assert ring_path(row.pk).exists()
    finally:
        other.destroy(foreign.name)
        other.close()
        ring_path(row.pk).unlink()


def test_a_second_container_and_a_network_without_one_go_once_nobody_works_at_the_session(base_image: str) -> None:
    row = Session.objects.create(name="twice", state="asleep")
    first, second = spec(base_image, session_id=row.pk), spec(base_image, session_id=row.pk)
    engine = current.engine()
    made = engine.create(first)
    engine.create(second)
    later = timezone.now() + timezone.timedelta(seconds=60)
    Session.objects.filter(pk=row.pk).update(container_id=made.container_id, lease="held", lease_until=later)
    assert found() == set()
    Session.objects.filter(pk=row.pk).update(lease="", lease_until=None)
    assert found() == {second.name}
    orphans.remove(orphans.find(grace_s=0))
    docker("rm", "-f", first.name)
    assert found() == set(), "what was asleep in it is told at its next start"
    Session.objects.filter(pk=row.pk).update(container_id="", state="new")
    assert found() == {f"vibenv-{django_settings.INSTALLATION_ID[:8]}-{row.pk}"}
    orphans.remove(orphans.find(grace_s=0))
    assert found() == set()


def test_what_a_killed_builder_left_is_found_though_the_engine_finished_it_later(
    base_image: str, tagged: Callable[[str], str]
) -> None:
    engine = current.engine()
    name = f"vibenv-build-{django_settings.INSTALLATION_ID[:8]}-abcdef123456"
    draft = tagged(f"vibenv/draft:{name}")
    tagged("vibenv/draft:vibenv-build-00000000-abcdef123456")
    assert found() == {draft}
    asking = name.replace("-abcdef", f"{lookup.NAME}abcdef")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lookup, "under_way", lambda: True)
        workshop = engine.open_workshop(WorkshopSpec(asking, base_image, ("true",)))
        tagged(f"vibenv/draft:{asking}")
        assert found() == {draft}, "the other one is being made"
    assert f"vibenv/draft:{asking}" in found()
    assert asking in found()
    assert orphans.remove(orphans.find(grace_s=0)).kept == []
    assert found() == set()
    workshop.close()


def test_drafts_and_helpers_of_a_killed_process_are_found_and_those_of_a_living_one_are_not(
    base_image: str, tagged: Callable[[str], str]
) -> None:
    ours, ended = django_settings.INSTALLATION_ID[:8], ended_process()
    left = tagged(f"vibenv/snapshot-draft:{ours}.{ended}.0a1b")
    tagged(f"vibenv/snapshot-draft:{ours}.{holders.mine()}.0a1b")
    tagged(f"vibenv/snapshot-draft:00000000.{ended}.0a1b")
    given = {**labels.for_helper(django_settings.INSTALLATION_ID, "files"), labels.HOLDER: ended}
    options = [word for key, value in given.items() for word in ("--label", f"{key}={value}")]
    helper = docker("create", "--network", "none", *options, base_image).strip()
    with current.engine().open_image(base_image):
        kinds = sorted((orphan.kind, orphan.name) for orphan in orphans.find(grace_s=0))
        assert [kind for kind, _ in kinds] == ["container", "image"]
        assert kinds[1][1] == left
        assert orphans.remove(orphans.find(grace_s=0)).kept == []
        assert found() == set()
    assert helper not in docker("ps", "-aq", "--no-trunc")


def test_of_a_sessions_own_images_the_one_that_its_row_names_stays(base_image: str) -> None:
    engine = current.engine()
    row = Session.objects.create(name="own", state="asleep")
    wanted = spec(base_image, session_id=row.pk)
    engine.create(wanted)
    stands, former = rebase.tag_of(row, "stands"), rebase.tag_of(row, "former")
    gone, foreign = "vibenv/session:gone-1", "vibenv/session:foreign-1"
    owned = {compose.FROZEN: django_settings.INSTALLATION_ID}
    for name in (stands, former, gone):
        engine.snapshot(wanted.name, name, owned)
    engine.snapshot(wanted.name, foreign, {compose.FROZEN: "f" * 32})
    Session.objects.filter(pk=row.pk).update(image=stands)
    try:
        assert found() == {former, gone}
        orphans.remove(orphans.find(grace_s=0))
        assert found() == set()
        assert engine.has_image(stands)
        assert engine.has_image(foreign)
    finally:
        for name in (stands, foreign):
            engine.remove_image(name)


def test_snapshots_without_a_row_go_from_engine_and_registry_unless_another_is_the_same(
    base_image: str, registry: Registry
) -> None:
    engine = current.engine()
    row = Session.objects.create(name="kept", state="asleep")
    wanted = spec(base_image, session_id=row.pk)
    engine.create(wanted)
    Session.objects.filter(pk=row.pk).update(container_id=engine.inspect(wanted.name).container_id)
    stays, gone, same = (Snapshot.objects.create(session=row, kind="asked", author="alice") for _ in range(3))
    owned = {compose.FROZEN: django_settings.INSTALLATION_ID, compose.BELOW: "1"}
    engine.snapshot(wanted.name, stays.image, owned)
    engine.tag_image(stays.image, same.image)
    engine.snapshot(wanted.name, gone.image, {**owned, "one": "more"})
    for snapshot in (stays, gone, same):
        Snapshot.objects.filter(pk=snapshot.pk).update(state="ready", digest=keep.keep(snapshot.image).digest)
    assert found() == set()
    left = sorted([("image", gone.image), ("image", same.image), ("registry", gone.image)])
    for snapshot in (gone, same):
        snapshot.delete()
    done = orphans.remove(orphans.find(grace_s=0))
    assert sorted((orphan.kind, orphan.name) for orphan in done.removed) == left, "a manifest is another one's, too"
    assert done.kept == []
    engine.remove_image(stays.image)
    keep.fetch(stays.image)
    Session.objects.all().delete()
    orphans.remove(orphans.find(grace_s=0))
    assert found() == set()
    assert registry.tags("vibenv/snapshot") == []


def test_one_is_removed_by_what_it_is_and_not_by_its_name(base_image: str) -> None:
    engine = current.engine()
    wanted = spec(base_image)
    engine.create(wanted)
    seen = [each for each in engine.belongings(sizes=True) if each.kind == "session"]
    assert [(each.name, each.owner) for each in seen] == [(wanted.name, wanted.session_id)]
    assert isinstance(seen[0].size_bytes, int)
    engine.destroy(wanted.name)
    again = engine.create(wanted)
    engine.remove_belonging(seen[0])
    assert engine.inspect(wanted.name).container_id == again.container_id
    engine.remove_belonging(Belonging("network", "0" * 64, "none", 0.0, None))


def test_the_command_line_lists_and_removes_them(product: Product, base_image: str) -> None:
    installation = (product.data_dir / "installation-id").read_text().strip()
    left = f"vibenv/draft:vibenv-build-{installation[:8]}-abcdef123456"
    docker("tag", base_image, left)
    command = ["./vibenv", "doctor", "--orphans", "--data-dir", str(product.data_dir)]

    def doctor(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *more], text=True, capture_output=True, check=False, env=product.environment, cwd=ROOT
        )

    listed = doctor("--json")
    assert (listed.returncode, [each["name"] for each in json.loads(listed.stdout)]) == (1, [left])
    removed = doctor("--remove", "--yes")
    assert (removed.returncode, left in removed.stdout, "Removed: 1 thing" in removed.stderr) == (0, True, True)
