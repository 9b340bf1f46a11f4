"""The HTTP API of columns: a thin adapter over `columns` and `access`."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Status

from boards import access, columns
from boards.caller import FAULTS, user_of
from boards.present import column_json
from boards.schemas import ColumnIn, ColumnMoveIn, ColumnOut, ColumnPatch

router = Router(tags=["columns"])


@router.post("/boards/{board_id}/columns", response={201: ColumnOut, **FAULTS})
def add_column(request: HttpRequest, board_id: str, new: ColumnIn) -> Any:
    """A column after all others. `wip_limit` bounds how many cards may be in it; null is no bound."""
    board = access.board_of(user_of(request), board_id, access.Role.EDITOR)
    column = columns.add(board, name=new.name, role=new.role, wip_limit=new.wip_limit)
    return Status(201, column_json(column))


@router.patch("/columns/{column_id}", response={200: ColumnOut, **FAULTS})
def edit_column(request: HttpRequest, column_id: str, patch: ColumnPatch) -> Any:
    """Change name, role or limit; what is left out stays. A column with cards becomes or ceases to be active only when empty."""
    column = access.column_by_id(user_of(request), column_id, access.Role.EDITOR)
    given = patch.dict(exclude_unset=True)
    with transaction.atomic():
        if given.get("role") is not None:
            column = columns.change_role(column, given["role"])
        if given.get("name") is not None:
            column = columns.rename(column, given["name"])
        if "wip_limit" in given:
            column = columns.limit(column, given["wip_limit"])
    return column_json(column)


@router.post("/columns/{column_id}/move", response={200: ColumnOut, **FAULTS})
def move_column(request: HttpRequest, column_id: str, to: ColumnMoveIn) -> Any:
    """Ahead of the column `before`, or to the end."""
    column = access.column_by_id(user_of(request), column_id, access.Role.EDITOR)
    before = access.column_of(column.board, to.before) if to.before else None
    return column_json(columns.move(column, before))


@router.delete("/columns/{column_id}", response={204: None, **FAULTS})
def delete_column(request: HttpRequest, column_id: str) -> Any:
    """Remove an empty column. A board keeps an active column, and one that is not."""
    columns.delete(access.column_by_id(user_of(request), column_id, access.Role.EDITOR))
    return Status(204, None)
