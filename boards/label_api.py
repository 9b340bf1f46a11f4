"""The HTTP API of labels: a thin adapter over `labels` and `access`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from boards import access, labels
from boards.caller import FAULTS, user_of
from boards.present import label_json
from boards.schemas import LabelIn, LabelOut, LabelPatch

router = Router(tags=["labels"])


@router.post("/boards/{board_id}/labels", response={201: LabelOut, **FAULTS})
def create_label(request: HttpRequest, board_id: str, new: LabelIn) -> Any:
    """A label of this board; at most 50, of different names. Without a colour it gets one."""
    board = access.board_of(user_of(request), board_id, access.Role.EDITOR)
    return Status(201, label_json(labels.create(board, name=new.name, colour=new.colour)))


@router.patch("/labels/{label_id}", response={200: LabelOut, **FAULTS})
def edit_label(request: HttpRequest, label_id: str, patch: LabelPatch) -> Any:
    """Change name or colour; what is left out stays."""
    label = access.label_by_id(user_of(request), label_id, access.Role.EDITOR)
    return label_json(labels.edit(label, name=patch.name, colour=patch.colour))


@router.delete("/labels/{label_id}", response={204: None, **FAULTS})
def delete_label(request: HttpRequest, label_id: str) -> Any:
    """Remove a label, also from every card that bears it."""
    labels.delete(access.label_by_id(user_of(request), label_id, access.Role.EDITOR))
    return Status(204, None)
