"""Recordings of cards' terminals: whether there are any, and who may watch them."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from boards import events
from boards.models import Board, Card
from sessions.models import Recording
from sessions.present import iso
from sessions.recording import cast, policy
from sessions.recording.policy import Policy
from sessions.recording.store import path_of

MOST_MARKS = 5000


def policy_of(session_id: str) -> Policy:
    """For `sessions.recording`: as the card's board has it."""
    card = (
        Card.objects.filter(session=session_id)
        .select_related("board")
        .only("title", "board__recording", "board__record_input")
        .first()
    )
    if card is None:
        return policy.NOTHING
    board = card.board
    return Policy(output=board.recording, input=board.recording and board.record_input, title=card.title)


@transaction.atomic
def change_board(board: Board, *, output: bool | None, input: bool | None) -> Board:
    """Whether the board's terminals are recorded from now on; what was recorded stays."""
    events.lock(board.pk)
    board = Board.objects.get(pk=board.pk)
    board.recording = board.recording if output is None else output
    board.record_input = board.record_input if input is None else input
    board.save(update_fields=["recording", "record_input"])
    events.board_changed(board.pk)
    sessions = list(board.cards.values_list("session_id", flat=True))
    transaction.on_commit(lambda: policy.changed(sessions))
    return board


def recording_json(recording: Recording) -> dict[str, Any]:
    """Shape: `RecordingOut`."""
    return {
        "id": recording.pk,
        "terminal": recording.terminal,
        "started_at": iso(recording.started_at),
        "ended_at": iso(recording.ended_at),
        "duration_s": recording.duration_s,
        "size_bytes": recording.size_bytes,
        "cut": recording.cut,
        "input": recording.input,
    }


def marks_json(recording: Recording) -> list[dict[str, Any]]:
    """What happened in it, in order. Shape: `MarkOut`."""
    try:
        found = [mark for mark, _ in zip(cast.marks(path_of(recording)), range(MOST_MARKS), strict=False)]
    except FileNotFoundError:
        return []
    return [_mark_json(mark) for mark in found]


def _mark_json(mark: cast.Event) -> dict[str, Any]:
    ends, code = cast.exit_code_of(mark.text)
    if ends:
        return {"at_s": mark.at, "kind": "end", "text": "", "exit_code": code}
    if mark.text.startswith(cast.COMMAND):
        return {"at_s": mark.at, "kind": "command", "text": mark.text.removeprefix(cast.COMMAND), "exit_code": None}
    return {"at_s": mark.at, "kind": "note", "text": mark.text, "exit_code": None}
