"""What a new installation starts with. Harmless when repeated."""

from __future__ import annotations

import os
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction

from boards import tokens, welcome
from boards.models import ApiToken, Board
from layers import stacks
from sessions.models import Session

OWNER = "owner"
TOKEN_FILE = "owner-token"  # noqa: S105  (a file's name)


def owner() -> User:
    """The person who holds this installation; logs in by link only."""
    user, made = User.objects.get_or_create(username=OWNER, defaults={"is_superuser": True, "is_staff": True})
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


@transaction.atomic
def prepare(data_dir: Path) -> None:
    """Owner, first board with a card to try, and the owner's API token in `data_dir`/owner-token (mode 0600)."""
    user = owner()
    if not Board.objects.exists():
        welcome.create_board("My board", user)
    _stacks()
    _token_file(data_dir / TOKEN_FILE, user)


def _stacks() -> None:
    """Boards that were made before there were stacks."""
    for board in Board.objects.filter(stack=None):
        board.stack = stacks.make_default(board.pk)
        board.save(update_fields=["stack"])
        Session.objects.filter(card__board=board, stack=None).update(stack=board.stack)


def _token_file(path: Path, user: User) -> None:
    if path.exists() and tokens.user_of(path.read_text().strip()):
        path.chmod(0o600)
        return
    ApiToken.objects.filter(user=user, name=TOKEN_FILE).delete()
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(tokens.issue(user, TOKEN_FILE) + "\n")
    draft.replace(path)
