"""The example card of a new board: it teaches the first drag."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from boards import actions
from boards.models import Board, Card

TITLE = "Drag me to Active"
DESCRIPTION = (
    "A workspace of your own starts in about a second. Drag it back and it stops, its files kept.\n\n"
    "Press G to put an agent on it: it works in there too, on what the card says, and asks you when it is stuck."
)


@transaction.atomic
def create_board(name: str, user: User) -> Board:
    """A board with its first columns and the example."""
    board = actions.create_board(name, user)
    actions.create_card(board, user, title=TITLE, description=DESCRIPTION)
    return board


def is_example(card: Card) -> bool:
    """As it came, and never started: nothing is lost with it."""
    return (card.title, card.description, card.session.wanted_at, card.file_count, card.comment_count) == (
        TITLE,
        DESCRIPTION,
        None,
        0,
        0,
    )


@transaction.atomic
def delete_board(board: Board, user: User) -> None:
    """As `actions.delete_board`; an example that nobody touched does not keep a board."""
    cards = list(board.cards.select_related("session")[:2])
    if len(cards) == 1 and is_example(cards[0]):
        actions.delete_card(cards[0], user=user)
    actions.delete_board(board, user)
