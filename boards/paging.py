"""Lists in parts. A place in a list is where one of its entries stands, not a count: what is inserted or removed meanwhile
shifts nothing. Clients take it as it is: `Link: <…>; rel="next"`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Final, Generic, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from engines.errors import InvalidInput

T = TypeVar("T", bound=Model)
MOST: Final = 200
DEFAULT: Final = 100
LOOKED_AT: Final = 200  # rows at once, where not all of them are wanted


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`after` is where it goes on; None at the end of the list."""

    rows: list[T]
    after: str | None


def page(
    rows: QuerySet[T],
    order: Sequence[str],
    *,
    after: str | None,
    limit: int | None,
    wanted: Callable[[T], bool] | None = None,
) -> Page[T]:
    """Up to `limit` rows of a list in `order` (as `order_by` takes it; the last field is unique), from `after` on.

    Without a limit all of them. `wanted` leaves out what the database cannot tell. Raises `InvalidInput`.
    """
    rows = rows.order_by(*order)
    if limit is not None and not 1 <= limit <= MOST:
        raise InvalidInput(f"limit: must be from 1 to {MOST}.")
    found: list[T] = []
    place = _read(after, rows.model, order) if after else None
    while True:
        batch = list(
            (rows.filter(_beyond(order, place)) if place else rows)[: limit and (LOOKED_AT if wanted else limit + 1)]
        )
        found += [row for row in batch if wanted is None or wanted(row)]
        if limit is None or len(found) > limit:
            break
        if wanted is None or len(batch) < LOOKED_AT:
            break
        place = _place(batch[-1], order)
    more = limit is not None and len(found) > limit
    found = found[:limit]
    return Page(found, _written(_place(found[-1], order)) if more else None)


def _name(field: str) -> str:
    return field.removeprefix("-")


def _place(row: Model, order: Sequence[str]) -> list[Any]:
    return [reduce(getattr, _name(field).split("__"), row) for field in order]


def _beyond(order: Sequence[str], place: list[Any]) -> Q:
    """Behind `place`: greater in the first field that differs, or smaller where that is descending."""
    beyond, same = Q(), Q()
    for field, value in zip(order, place, strict=True):
        comparison = "lt" if field.startswith("-") else "gt"
        beyond |= same & Q(**{f"{_name(field)}__{comparison}": value})
        same &= Q(**{_name(field): value})
    return beyond


def _written(place: list[Any]) -> str:
    text = json.dumps([each.isoformat() if isinstance(each, datetime) else each for each in place])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, model: type[Model], order: Sequence[str]) -> list[Any]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fields = [_field(model, _name(field)) for field in order]
        return [field.to_python(value) for field, value in zip(fields, place, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError) as error:
        raise InvalidInput("after: is no place in this list. Take it from the `Link` of the answer before.") from error


def _field(model: type[Model], path: str) -> Any:
    *through, last = path.split("__")
    for each in through:
        related = model._meta.get_field(each).related_model
        assert isinstance(related, type)  # noqa: S101  (for the type checker: an order goes through relations)
        model = related
    return model._meta.get_field(last)


def tell_next(request: HttpRequest, response: HttpResponse, cursor: str | int | None, name: str = "after") -> None:
    """Say where the list goes on: the same address with the parameter `name`. None: it ends here."""
    if cursor is None:
        return
    query = request.GET.copy()
    query[name] = str(cursor)
    response["Link"] = f'<{settings.PUBLIC_URL}{request.path}?{query.urlencode()}>; rel="next"'
