"""Rows of sessions: the session itself, its history, and the steps of its latest start."""

from __future__ import annotations

from typing import Any

from django.db import models

from sessions.ids import new_id
from sessions.states import Desired, State


class Session(models.Model):
    """The running, sleeping or archived workspace of a card.

    `state` is written by `sessions.transitions` alone, `desired` by `sessions.lifecycle`.
    """

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    name = models.CharField(max_length=48, unique=True)
    # what the engine knows it by: its own id, or that of the container it adopted, whose labels cannot be changed
    key = models.CharField(max_length=24, unique=True, editable=False)
    engine = models.CharField(max_length=64, default="local")
    # which recipes it is made of; none: the base of the settings alone
    stack = models.ForeignKey("layers.Stack", null=True, on_delete=models.SET_NULL, related_name="sessions")
    restart_asked = models.BooleanField(default=False)  # stop it and start it again, with what it wants of its layers
    image = models.CharField(max_length=255, blank=True)
    container_id = models.CharField(max_length=64, blank=True)  # the engine's id of the container that has its files
    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    desired = models.CharField(max_length=12, choices=Desired.choices, default=Desired.STOPPED)
    reason = models.TextField(blank=True)
    log = models.TextField(blank=True)
    wanted_at = models.DateTimeField(null=True)
    state_since = models.DateTimeField(auto_now_add=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # the claim of whoever reconciles it now, and when a failed step may be tried again
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    # when it may start, and for whom: a start waits in line until then (`admission`)
    wanted_by = models.CharField(max_length=150, blank=True)
    admitted_at = models.DateTimeField(null=True)
    place = models.PositiveIntegerField(null=True)  # in that line, as it was last told; 1 is next
    # its files: the snapshot that its container was made from; the one that it is to be taken to; the id of a container
    # whose work is in an image that this row names already, and which goes before anything else is done
    stands_on = models.ForeignKey("Snapshot", null=True, on_delete=models.SET_NULL, related_name="+")
    starts_from = models.ForeignKey("Snapshot", null=True, on_delete=models.PROTECT, related_name="awaited_by")
    discards = models.CharField(max_length=64, blank=True)
    # when it falls asleep, and what was seen of that (`rules`, `sleep`, `activity`)
    rules: models.JSONField = models.JSONField(default=dict)  # of `Rules`, where they differ from the installation's
    idle_since = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    secrets_given = models.CharField(max_length=64, blank=True)  # which start of its container has which (`secrets`)

    class Meta:
        indexes = [models.Index(fields=["desired", "state"])]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = self.key or self.pk
        super().save(*args, **kwargs)

    @property
    def container(self) -> str:
        return f"vibenv-{self.name}"

    def take_name(self, name: str) -> None:
        """Bear another name; raises `IntegrityError` when it is another's."""
        self.name = name
        self.save(update_fields=["name"])

    @property
    def status(self) -> str:
        """What people are told: the observed state seen in the light of the desired one."""
        if self.desired == Desired.DELETED:
            return "deleting"
        if self.state == State.FAILED:
            return "failed"
        if self.desired == Desired.RUNNING:
            return "running" if self.state == State.RUNNING else "starting"
        return FALLING_ASLEEP.get((self.desired, self.state), str(self.state))

    @property
    def starts_now(self) -> bool:
        """Its container runs, and its shell is about to."""
        if self.desired != Desired.RUNNING or self.state != State.STARTING or not self.container_id:
            return False
        return self.started_at is not None and self.wanted_at is not None and self.started_at >= self.wanted_at

    @property
    def converged(self) -> bool:
        """Nothing is left to do, as far as the database knows."""
        return self.state in AT_REST[Desired(self.desired)] and not self.starts_from_id and not self.discards


AWAKE = (State.PREPARING, State.STARTING, State.RUNNING)
FALLING_ASLEEP: dict[tuple[str, str], str] = {
    **{
        (desired, state): "stopping"
        for desired in (Desired.PAUSED, Desired.STOPPED, Desired.ARCHIVED)
        for state in AWAKE
    },
    (Desired.STOPPED, State.PAUSED): "stopping",
    (Desired.ARCHIVED, State.PAUSED): "archiving",
    (Desired.ARCHIVED, State.ASLEEP): "archiving",
}
AT_REST = {
    Desired.RUNNING: {State.RUNNING, State.FAILED},
    Desired.PAUSED: {State.PAUSED, State.NEW, State.ASLEEP, State.ARCHIVED, State.FAILED},
    Desired.STOPPED: {State.NEW, State.ASLEEP, State.ARCHIVED, State.FAILED},
    Desired.ARCHIVED: {State.NEW, State.ARCHIVED, State.FAILED},
    Desired.DELETED: set[State](),
}


class Snapshot(models.Model):
    """What a session wrote, frozen as one layer above what it stood on. Written by `sessions.snapshots` alone.

    `made_of` and `layers` are what it stood on: digests as `ContainerStatus.made_of`, and of each layer that it ran its
    recipe, version and whether it was held.
    """

    class State(models.TextChoices):
        MAKING = "making"  # asked for
        KEPT = "kept"  # an image on the engine, from which sessions can start
        READY = "ready"  # in the registry too, and read back from there
        FAILED = "failed"  # `problem` says why

    class Kind(models.TextChoices):
        ASKED = "asked"  # by somebody
        SCHEDULED = "scheduled"
        VANISH = "vanish"  # before its container was removed
        RESTORE = "restore"  # before the session was taken to another one
        FORK = "fork"  # for another session to start from

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="snapshots")
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="children")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.MAKING)
    problem = models.TextField(blank=True)
    note = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    frozen_at = models.DateTimeField(null=True)
    size_bytes = models.PositiveBigIntegerField(null=True)  # of its own layer
    digest = models.CharField(max_length=80, blank=True)  # of its manifest in the registry
    made_of = models.TextField(blank=True)
    layers: models.JSONField = models.JSONField(default=list)
    files: models.JSONField = models.JSONField(default=list)  # names of those given to the session that lie in it
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} snapshot of {self.session_id}"

    @property
    def image(self) -> str:
        """Its name on the engine and in the registry."""
        return f"vibenv/snapshot:{self.pk}".lower()


class SessionEvent(models.Model):
    """What happened to a session. Moves of the state machine are in the same transaction as the move: history and outbox in one.

    `old` and `new` are of those of kind `state`; `detail` is what else there is to say of the others (`history`).
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="history")
    kind = models.CharField(max_length=12, default="state")
    old = models.CharField(max_length=12, blank=True)
    new = models.CharField(max_length=12, blank=True)
    reason = models.TextField(blank=True)
    actor = models.CharField(max_length=150)
    detail: models.JSONField = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.kind} {self.old} to {self.new}"


class PoolContainer(models.Model):
    """A container that runs and is nobody's yet; or of whom it has become, until that session runs. Written by `pool` alone."""

    class State(models.TextChoices):
        MAKING = "making"
        READY = "ready"
        CLAIMED = "claimed"

    key = models.CharField(primary_key=True, max_length=24, default=new_id, editable=False)
    fingerprint = models.CharField(max_length=64)
    stack = models.ForeignKey("layers.Stack", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.MAKING)
    image = models.CharField(max_length=255)
    made_of = models.TextField(blank=True)
    container_id = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    session = models.ForeignKey(Session, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["fingerprint", "state"])]
        # one is made at a time: whoever makes this row may
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="making"), name="one_is_made_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"


class PoolDemand(models.Model):
    """Why the pool has containers of a stack: a session was new and adopted one or did not, or its board was opened."""

    class Kind(models.TextChoices):
        HIT = "hit"
        MISS = "miss"
        OPENED = "opened"

    stack = models.ForeignKey("layers.Stack", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} of {self.stack_id}"


class SessionLayer(models.Model):
    """A layer of a session: the version it runs, and the one it is to run.

    They differ while an update is under way, or waits for the next start. No `runs`: it is to be added; no `wants`: it is
    to be taken away. `problem` says why what it wants could not be given yet, `conflicts` names files (at most 100) of
    which the session's own stayed although the layer's changed, too. `held`: somebody chose it for this session, be it a
    version, a layer more or one less; neither a start nor a newer version changes that.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="layers")
    recipe = models.ForeignKey("layers.Recipe", on_delete=models.CASCADE, related_name="in_sessions")
    runs = models.ForeignKey("layers.LayerVersion", null=True, on_delete=models.CASCADE, related_name="run_by")
    wants = models.ForeignKey("layers.LayerVersion", null=True, on_delete=models.CASCADE, related_name="wanted_by")
    held = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    conflicts: models.JSONField = models.JSONField(default=list)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["session", "recipe"], name="one_layer_of_a_recipe")]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.recipe_id}"


class SessionStep(models.Model):
    """A step of the latest start, shown while it runs."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=24)
    detail = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["session", "name"], name="one_step_of_a_name")]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.name}"


class SessionFile(models.Model):
    """A file that people gave to a session. It lies in the data directory, and is copied into each container once.

    Written by `sessions.files` alone.
    """

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=120)
    size_bytes = models.PositiveBigIntegerField()
    added_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    container_id = models.CharField(max_length=64, blank=True)  # the container that it was last copied into
    problem = models.CharField(max_length=300, blank=True)  # why it could not be copied into that one

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["session", "name"], name="one_file_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Terminal(models.Model):
    """A further terminal of a session, beside its main one, which has no row and the number 0. Written by `terminals` alone.

    `command` is for `sh -c`; without one it is the session's shell.
    """

    class Kind(models.TextChoices):
        SHELL = "shell"
        AGENT = "agent"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="terminals")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SHELL)
    command = models.TextField(blank=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="one_terminal_of_a_number")]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.name}"


class AgentRun(models.Model):
    """An agent at work in a session, from when it was wanted. Written by `agents` alone.

    `words` say what it waits for, or what went wrong; `exit_code` is the program's own.
    """

    class State(models.TextChoices):
        WANTED = "wanted"
        STARTING = "starting"
        WORKING = "working"
        WAITING = "waiting"  # for somebody
        FINISHED = "finished"
        FAILED = "failed"  # it never began
        ENDED = "ended"  # by somebody, or with the session

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="agent_runs")
    terminal = models.ForeignKey(Terminal, null=True, on_delete=models.SET_NULL, related_name="+")
    template = models.CharField(max_length=32, blank=True)
    command = models.TextField()
    task: models.JSONField = models.JSONField(default=dict)  # what it is to do: the card's title, description, address
    state = models.CharField(max_length=8, choices=State.choices, default=State.WANTED)
    paused = models.BooleanField(default=False)
    words = models.CharField(max_length=300, blank=True)
    exit_code = models.IntegerField(null=True)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    state_since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"agent of {self.session_id} ({self.state})"


class SessionSecret(models.Model):
    """What a session's processes find in `/run/vibenv/secrets`. `origin` says who gave it: board, card or agent."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=64)
    sealed = models.TextField()
    origin = models.CharField(max_length=8)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["session", "name"], name="one_secret_of_a_name")]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.name}"


class Recording(models.Model):
    """A terminal's output from a shell's beginning to its end, kept as a file (`recording`)."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="recordings")
    terminal = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    duration_s = models.FloatField(default=0)
    cut = models.BooleanField(default=False)  # its bound was reached before its end
    input = models.BooleanField(default=False)  # what was typed is in it

    class Meta:
        ordering = ["-started_at", "id"]

    def __str__(self) -> str:
        return f"recording of {self.session_id}"
