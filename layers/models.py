"""What has been built, or is being built."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Kind(models.TextChoices):
    BASE = "base"


class BuildState(models.TextChoices):
    """A version can be used only when `ready`; one that is `building` under a lease that ran out is nobody's."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class LayerVersion(models.Model):
    """One numbered version of a layer: the build of one recipe, known by the digest of all that goes into it."""

    kind = models.CharField(max_length=16, choices=Kind.choices)
    number = models.PositiveIntegerField(help_text="counts the versions of a kind from 1")
    digest = models.CharField(max_length=64)
    image = models.CharField(max_length=255, help_text="image reference on the engine")
    state = models.CharField(max_length=16, choices=BuildState.choices, default=BuildState.BUILDING)
    reason = models.TextField(blank=True, help_text="why it failed, and what to do")
    progress = models.PositiveSmallIntegerField(null=True, help_text="0 to 100; null where nobody can tell")
    progress_text = models.CharField(max_length=200, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, help_text="token of the builder at work")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "digest"], name="layers_one_version_per_digest"),
            models.UniqueConstraint(fields=["kind", "number"], name="layers_numbers_are_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} ({self.state})"
