"""Recipes, what was built of them, and which of it sessions run on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Kind(models.TextChoices):
    """The layers below a session's own, from the bottom up."""

    BASE = "base"
    PROJECT = "project"
    TOOLCHAIN = "toolchain"
    PROFILE = "profile"


class BuildState(models.TextChoices):
    """A build can be used only when `ready`; one that is `building` under a lease that ran out is nobody's."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Build(models.Model):
    """What one digest was built to. Two recipes of the same content share it."""

    kind = models.CharField(max_length=16, choices=Kind.choices)
    digest = models.CharField(max_length=64, help_text="SHA-256 of all that decides what is built")
    image = models.CharField(max_length=255, help_text="image reference on the engine")
    builder = models.CharField(max_length=16, blank=True, help_text="docker or dagger; empty for a base")
    state = models.CharField(max_length=16, choices=BuildState.choices, default=BuildState.BUILDING)
    reason = models.TextField(blank=True, help_text="why it failed, and what to do")
    progress = models.PositiveSmallIntegerField(null=True, help_text="0 to 100; null where nobody can tell")
    progress_text = models.CharField(max_length=200, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    cancel_asked = models.BooleanField(default=False)
    request: models.JSONField = models.JSONField(
        default=dict, help_text="what the builder is asked for; empty for a base"
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="begun since it was asked for")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, help_text="token of the builder at work")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "digest"], name="layers_one_build_per_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]} ({self.state})"


class Recipe(models.Model):
    """How a layer is made. `spec` is what people wrote, as `layers.specs` reads it."""

    scope = models.CharField(max_length=32, help_text="whose it is: a board's id")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=40, help_text="a slug; of a toolchain also its directory's name")
    spec: models.JSONField = models.JSONField(default=dict)
    looked_up_since = models.DateTimeField(null=True, help_text="since when its git reference is being looked up")
    problem = models.TextField(blank=True, help_text="why the latest build that was asked for could not even begin")
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["kind", "name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "kind", "name"], name="layers_one_recipe_of_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class LayerVersion(models.Model):
    """One numbered version of a recipe: what it said then, and what was built of it."""

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(help_text="counts a recipe's versions from 1")
    build = models.ForeignKey(Build, on_delete=models.PROTECT, related_name="versions")
    spec: models.JSONField = models.JSONField(default=dict)
    commit = models.CharField(max_length=64, blank=True, help_text="what its git reference meant then")
    asked_by = models.CharField(max_length=150, blank=True)
    why = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recipe", "number"], name="layers_numbers_are_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.recipe} {self.number}"


class Stack(models.Model):
    """Which recipes sessions are made of. A board has one; a card can have one of its own instead."""

    class Policy(models.TextChoices):
        """When a newer version comes into a session: when somebody says so, at its next start, or at once."""

        MANUAL = "manual"
        AT_START = "at_start"
        LIVE = "live"

    scope = models.CharField(max_length=32, help_text="the board's id")
    policy = models.CharField(max_length=16, choices=Policy.choices, default=Policy.AT_START)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"stack {self.pk} of {self.scope}"


class StackLayer(models.Model):
    """A recipe in a stack; `pinned` keeps it at one version, else the latest that is ready."""

    stack = models.ForeignKey(Stack, on_delete=models.CASCADE, related_name="layers")
    recipe = models.ForeignKey(Recipe, on_delete=models.PROTECT, related_name="used_in")
    pinned = models.ForeignKey(LayerVersion, null=True, on_delete=models.SET_NULL, related_name="pinned_in")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stack", "recipe"], name="layers_a_recipe_once_in_a_stack"),
        ]

    def __str__(self) -> str:
        return f"{self.recipe} in {self.stack_id}"


class Export(models.Model):
    """A stack made, or being made, into one ordinary image."""

    scope = models.CharField(max_length=32, help_text="the board's id")
    image = models.CharField(max_length=255, help_text="its name on the engine")
    layers: models.JSONField = models.JSONField(default=list, help_text="ids of builds, from the bottom up")
    container = models.CharField(max_length=64, blank=True, help_text="a session's, whose own files are to be in it")
    state = models.CharField(max_length=16, choices=BuildState.choices, default=BuildState.BUILDING)
    reason = models.TextField(blank=True)
    size_bytes = models.BigIntegerField(null=True)
    asked_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True, help_text="token of the worker that makes it")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.image} ({self.state})"
