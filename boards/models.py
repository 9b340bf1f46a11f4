"""Rows of boards: what people arrange, and who they are to it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from boards.palette import Colour
from sessions.ids import new_id


class Board(models.Model):
    """`version` counts every change by one: a page that sees a gap knows that it missed something."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    version = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    # what its cards' sessions are made of, unless a card has a stack of its own
    stack = models.OneToOneField("layers.Stack", null=True, on_delete=models.SET_NULL, related_name="+")
    rules: models.JSONField = models.JSONField(
        default=dict
    )  # when its sessions sleep; what is not here is the installation's
    recording = models.BooleanField(default=True)  # whether its terminals are recorded
    record_input = models.BooleanField(default=False)  # and what is typed in them, by whom
    members: models.ManyToManyField = models.ManyToManyField(  # type: ignore[type-arg]
        settings.AUTH_USER_MODEL, through="Member", related_name="boards"
    )

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person's place in a board. A viewer looks; an editor changes cards and types; an owner also decides who is in."""

    class Role(models.TextChoices):
        OWNER = "owner"
        EDITOR = "editor"
        VIEWER = "viewer"

    board = models.ForeignKey(Board, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    role = models.CharField(max_length=8, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "user"], name="one_place_each")]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.board_id}"


class Column(models.Model):
    """`role` says what being in the column means for a card's session; `wip_limit` how many cards may be in it."""

    class Role(models.TextChoices):
        BACKLOG = "backlog"
        ACTIVE = "active"
        DONE = "done"

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="columns")
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=8, choices=Role.choices)
    wip_limit = models.PositiveSmallIntegerField(null=True)
    rank = models.CharField(max_length=200)

    class Meta:
        ordering = ["rank", "id"]

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """A coloured word that cards of a board can bear."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=40)
    colour = models.CharField(max_length=8, choices=Colour.choices)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["board", "name"], name="one_label_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Card(models.Model):
    """A vibenv. `version` is the board's at its latest change. An archived one is in no column that people see.

    Labels, assignees and counts stand in the row itself: they are read with every card, a thousand at a time and for
    each event, and seldom changed. Whoever deletes a label or removes a member takes its id out of the cards.
    """

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="cards")
    column = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="cards")
    rank = models.CharField(max_length=200)
    version = models.PositiveBigIntegerField(default=0)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    session = models.OneToOneField("vibenv_sessions.Session", on_delete=models.PROTECT, related_name="card")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True)
    label_ids: models.JSONField = models.JSONField(default=list)  # of `Label.id`
    assignee_ids: models.JSONField = models.JSONField(default=list)  # of `str(User.pk)`
    due_on = models.DateField(null=True)
    is_template = models.BooleanField(default=False)
    rules: models.JSONField = models.JSONField(default=dict)  # when its session sleeps; what is not here is the board's
    forked_from = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="forks")
    agent: models.JSONField = models.JSONField(default=dict)  # `template` and `command` of the one that works on it
    question_count = models.PositiveIntegerField(default=0)  # of those that nobody answered yet
    comment_count = models.PositiveIntegerField(default=0)
    file_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["rank", "id"]
        indexes = [models.Index(fields=["column", "rank"])]

    def __str__(self) -> str:
        return self.title


class ShareLink(models.Model):
    """A way into one card's terminal and nothing else, kept as a hash. Revoking it deletes the row."""

    class Role(models.TextChoices):
        WATCH = "watch"
        TYPE = "type"

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="links")
    role = models.CharField(max_length=8, choices=Role.choices)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.role} link of {self.card_id}"


class Comment(models.Model):
    """What somebody said about a card, in Markdown."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"comment on {self.card_id}"


class Mention(models.Model):
    """Somebody named in a comment, and when they have seen it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mentioned_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.comment_id}"


class Profile(models.Model):
    """How a person appears to others. Without one, both are made from the name."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE)
    colour = models.CharField(max_length=8, choices=Colour.choices)
    initials = models.CharField(max_length=3)

    def __str__(self) -> str:
        return f"profile of {self.user_id}"


class LoginSession(AbstractBaseSession):
    """A browser that somebody is logged in with, or a guest's. The key is kept as a hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="logins")
    browser = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"login of {self.user_id}"


class Invite(models.Model):
    """A link that makes whoever uses it a member of a board, until it expires or is revoked (deleted); kept as a hash."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="invites")
    role = models.CharField(max_length=8, choices=Member.Role.choices)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"invite to {self.board_id} as {self.role}"


class ApiToken(models.Model):
    """A bearer token: its user's rights, or fewer, kept as a hash.

    `board` and `card` are all that it reaches, where they are given; `verbs` groups of `boards.verbs`, none: all of them.
    """

    class Kind(models.TextChoices):
        PERSON = "person"  # made by hand
        CLI = "cli"  # of a command line that logged in
        AGENT = "agent"  # of the agent on a card

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PERSON)
    token_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4, blank=True)  # its last characters
    board = models.ForeignKey(Board, null=True, on_delete=models.CASCADE, related_name="tokens")
    card = models.ForeignKey(Card, null=True, on_delete=models.CASCADE, related_name="tokens")
    verbs: models.JSONField = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class DeviceLogin(models.Model):
    """A command line that asks to be logged in: whoever is logged in, and is shown `user_code`, says yes or no."""

    device_hash = models.CharField(max_length=64, unique=True)
    user_code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=45, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)  # who said yes
    refused = models.BooleanField(default=False)
    sealed_token = models.TextField(blank=True)  # until it was fetched
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"login of {self.name}"


class KeptAnswer(models.Model):
    """What a request with an idempotency key was answered, for whoever sends it again. `status` is 0 while it runs."""

    key_hash = models.CharField(max_length=64, unique=True)  # of the caller and the key
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=80, blank=True)
    body = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"answer {self.status}"


class Question(models.Model):
    """What an agent asks people, until somebody answers or it is withdrawn."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField()
    options: models.JSONField = models.JSONField(default=list)  # of texts; an answer need not be one of them
    asked_by = models.CharField(max_length=150)
    kind = models.CharField(max_length=8, default="agent")  # of who asked: human, guest, agent
    created_at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"question on {self.card_id}"


class Secret(models.Model):
    """A value that a board's or one card's sessions get and nobody can read again."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id, editable=False)
    board = models.ForeignKey(Board, null=True, on_delete=models.CASCADE, related_name="secrets")
    card = models.ForeignKey(Card, null=True, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=64)
    sealed = models.TextField()
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["board", "name"], name="one_secret_of_a_name_on_a_board"),
            models.UniqueConstraint(fields=["card", "name"], name="one_secret_of_a_name_on_a_card"),
            models.CheckConstraint(
                condition=models.Q(board=None) ^ models.Q(card=None), name="a_secret_is_a_boards_or_a_cards"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LoginLink(models.Model):
    """A one-time way in, kept as a hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"login of {self.user_id}"
