"""The base layer's recipe and the claims on its build."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from engines.errors import BuildError
from layers import base, builder, debootstrap, records
from layers.models import Build, BuildState
from layers.progress import Progress
from layers.recipes import BASE
from layers.signals import base_changed


def test_the_digest_covers_recipe_and_machine() -> None:
    assert BASE.digest("x86_64") == BASE.digest("x86_64")
    assert BASE.digest("x86_64") != BASE.digest("aarch64")
    for change in ({"suite": "other"}, {"packages": ("bash",)}, {"setup": "true"}):
        assert dataclasses.replace(BASE, **change).digest() != BASE.digest()


def test_the_dockerfile_has_every_package() -> None:
    assert all(package in BASE.dockerfile() for package in BASE.packages)


def test_a_named_image_is_used_as_it_is(settings: Any) -> None:
    settings.BASE_IMAGE = "registry.example/team/base:3"
    wanted = builder.target()
    assert (wanted.image, wanted.named) == ("registry.example/team/base:3", True)


def test_percentages_only_rise() -> None:
    count = debootstrap._Count()
    words = ["Retrieving"] * 120 + ["Extracting"] * 60 + (["Unpacking"] * 60 + ["Configuring"] * 60) * 2
    seen = [count.percent(word) for word in words]
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 84)


@pytest.mark.django_db(transaction=True)
class TestClaims:
    def test_one_builder_at_a_time(self) -> None:
        first = records.claim("d1", "image:1")
        assert first is not None
        assert records.claim("d1", "image:1") is None
        assert records.is_being_built(first)

    def test_the_claim_of_a_killed_builder_runs_out(self) -> None:
        dead = records.claim("d1", "image:1")
        assert dead is not None
        Build.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert not records.is_being_built(records.find("d1"))
        living = records.claim("d1", "image:1")
        assert living is not None
        assert not records.renew(dead)
        assert records.renew(living)

    def test_a_builder_that_lost_its_claim_changes_nothing(self) -> None:
        dead = records.claim("d1", "image:1")
        assert dead is not None
        Build.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        records.claim("d1", "image:1")
        records.finish(dead)
        records.fail(dead, "too late")
        found = records.find("d1")
        assert found is not None
        assert (found.state, found.reason) == (BuildState.BUILDING, "")

    def test_a_failed_build_says_why_and_can_be_tried_again(self) -> None:
        version = records.claim("d1", "image:1")
        assert version is not None
        records.fail(version, "The disk is full.")
        found = records.find("d1")
        assert found is not None
        assert (found.state, found.reason, found.lease) == (BuildState.FAILED, "The disk is full.", "")
        again = records.claim("d1", "image:1")
        assert again is not None
        assert again.reason == ""

    def test_progress_is_told_at_most_once_a_second(self, tmp_path: Path) -> None:
        version = records.claim("d1", "image:1")
        assert version is not None
        told: list[Any] = []

        def receive(**news: Any) -> None:
            told.append(news)

        base_changed.connect(receive)
        with Progress(version, tmp_path / "log", threading.Event()) as progress:
            for percent in range(50):
                progress.say(percent, f"at {percent}")
                progress.line(f"line {percent}")
        base_changed.disconnect(receive)
        assert len(told) == 1
        assert (tmp_path / "log").read_text().count("line") == 50

    def test_a_lost_claim_ends_the_build(self, tmp_path: Path) -> None:
        version = records.claim("d1", "image:1")
        assert version is not None
        lost = threading.Event()
        with Progress(version, tmp_path / "log", lost) as progress:
            lost.set()
            with pytest.raises(BuildError, match="took over"):
                progress.line("more")


@pytest.mark.django_db
class TestResolve:
    @pytest.fixture(autouse=True)
    def no_engine(self, settings: Any, tmp_path: Path) -> Iterator[None]:
        """An engine that does not answer: what is known must come from the database."""
        from engines import current

        current.reset()
        base.forget()
        settings.DOCKER_HOST = f"unix://{tmp_path}/nobody.sock"
        yield
        current.reset()
        base.forget()

    def test_a_dead_engine_is_told_and_nothing_raised(self) -> None:
        found = base.resolve()
        assert found.state == "missing"
        assert "did not answer" in found.detail

    def test_what_was_ready_stays_so(self) -> None:
        wanted = builder.target()
        version = records.claim(wanted.digest, wanted.image)
        assert version is not None
        records.finish(version)
        assert base.resolve().state == "ready"

    def test_a_build_is_told_with_its_progress(self) -> None:
        wanted = builder.target()
        version = records.claim(wanted.digest, wanted.image)
        assert version is not None
        records.report(version, 43, "unpacking git")
        found = base.resolve()
        assert (found.state, found.progress) == ("building", 43)
        assert found.detail == "Building the base image: 43 % unpacking git"
