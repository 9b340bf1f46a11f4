"""Which card, board or column somebody means by a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from sessions.ids import ALPHABET, slug
from vibenv_site.cli.client import Api, quoted
from vibenv_site.cli.errors import NOT_FOUND, USAGE, ApiError, CliError
from vibenv_site.cli.output import one_line

Json = dict[str, Any]
ID_LETTERS: Final = 12
CONTAINER: Final = "vibenv-"
LISTED: Final = 10


def board(api: Api, name: str | None = None) -> Json:
    """A board of the list, by id, name or the beginning of a name; without one the only one, or the first."""
    boards: list[Json] = api.all("/boards")
    if not boards:
        raise CliError("You are a member of no board.", "Ask for an invitation, or make one on the page.", NOT_FOUND)
    if name is None:
        return boards[0]
    found = _best(boards, name, _board_tests(name))
    if not found:
        known = ", ".join(each["name"] for each in boards)
        raise CliError(f"There is no board {name}; there is {one_line(known)}.", "", NOT_FOUND)
    return _one(found, name, "board", lambda each: each["name"])


def _board_tests(name: str) -> list[Callable[[Json], bool]]:
    low = name.casefold()
    return [
        lambda each: each["id"] == name,
        lambda each: each["name"] == name,
        lambda each: each["name"].casefold() == low,
        lambda each: each["name"].casefold().startswith(low),
    ]


def whole_board(api: Api, name: str | None = None) -> Json:
    """The same with its columns and cards."""
    return dict(api.get(f"/boards/{board(api, name)['id']}"))


def column(whole: Json, name: str) -> Json:
    """A column by id, name or role."""
    low = name.casefold()
    tests: list[Callable[[Json], bool]] = [
        lambda each: each["id"] == name,
        lambda each: each["name"].casefold() == low,
        lambda each: each["role"] == low,
    ]
    found = _best(whole["columns"], name, tests)
    if not found:
        known = ", ".join(one_line(each["name"]) for each in whole["columns"])
        raise CliError(f"There is no column {name} on {one_line(whole['name'])}; it has {known}.", "", NOT_FOUND)
    return found[0]  # of several with one role, the first


def card(api: Api, name: str, board_name: str | None = None) -> Json:
    """The card that `name` means: its id or address, title, container or session, or the beginning of one, if that is unique."""
    found = find(api, name, board_name)
    if found is None:
        where = f" on {board_name}" if board_name else ""
        raise CliError(f"There is no card {name}{where}.", "`vibenv ls` lists them.", NOT_FOUND)
    return found


def find(api: Api, name: str, board_name: str | None = None, whole_titles: bool = False) -> Json | None:
    """The same, None where there is none. `whole_titles`: the beginning of one is not enough."""
    direct = _by_id(api, _id_of(name))
    if direct is not None:
        return direct
    cards = list(cards_of(api, board_name))
    found = _best(cards, name, _card_tests(name, whole_titles))
    if not found:
        archived = [each for listed in _boards(api, board_name) for each in api.all(f"/boards/{listed['id']}/archive")]
        found = _best(archived, name, _card_tests(name, whole_titles))
    return _one(found, name, "card", lambda each: each["title"]) if found else None


def cards_of(api: Api, board_name: str | None = None) -> Iterator[Json]:
    """All cards of a board, or of all boards, in their order; each with its `board_name` and `column_name`."""
    boards = _boards(api, board_name)
    for listed in boards:
        whole = api.get(f"/boards/{listed['id']}")
        for each in whole["columns"]:
            for found in each["cards"]:
                yield found | {"board_name": whole["name"], "column_name": each["name"], "column_role": each["role"]}
    if not boards:
        yield from _of_a_cards_token(api)


def _of_a_cards_token(api: Api) -> Iterator[Json]:
    """Whose token is for one card sees no board; its session leads there."""
    for row in api.get("/sessions")["sessions"]:
        found = api.get(f"/cards/{row['card']}")
        yield found | {"board_name": row["board_name"], "column_name": "", "column_role": row["column_role"]}


def _boards(api: Api, name: str | None) -> list[Json]:
    return [board(api, name)] if name else api.all("/boards")


def _id_of(name: str) -> str:
    """What may be a card's id: of an address its part after `/c/`."""
    parts = [part for part in urlsplit(name).path.split("/") if part]
    if "://" in name or name.startswith("/c/"):
        return parts[parts.index("c") + 1] if "c" in parts[:-1] else ""
    return name if len(name) == ID_LETTERS and set(name) <= set(ALPHABET) else ""


def _by_id(api: Api, card_id: str) -> Json | None:
    if not card_id:
        return None
    try:
        return dict(api.get(f"/cards/{quoted(card_id)}"))
    except ApiError as error:
        if error.code == NOT_FOUND:
            return None
        raise


def _card_tests(name: str, whole_titles: bool) -> list[Callable[[Json], bool]]:
    low, plain = name.casefold(), name.removeprefix(CONTAINER)
    tests: list[Callable[[Json], bool]] = [
        lambda each: each["title"] == name,
        lambda each: each["title"].casefold() == low,
    ]
    if whole_titles:
        return tests
    return [
        *tests,
        lambda each: _session_name(each) == plain,
        lambda each: slug(each["title"]) == plain,
        lambda each: bool(low) and (each["title"].casefold().startswith(low) or _session_name(each).startswith(plain)),
        lambda each: len(name) > 3 and each["id"].startswith(name),
    ]


def _session_name(each: Json) -> str:
    return str(each["session"]["name"]) if each["session"] else slug(each["title"])


def _best(of: list[Json], name: str, tests: list[Callable[[Json], bool]]) -> list[Json]:
    """What passes the first test that anything passes."""
    for test in tests if name else []:
        if found := [each for each in of if test(each)]:
            return found
    return []


def _one(found: list[Json], name: str, what: str, title: Callable[[Json], str]) -> Json:
    if len(found) == 1:
        return found[0]
    lines = [f"  {each['id']}  {one_line(title(each))}" for each in found[:LISTED]]
    lines += [f"  … and {len(found) - LISTED} more"] if len(found) > LISTED else []
    raise CliError(f"{name} may be {len(found)} {what}s. Name one by its id:", "\n".join(lines), USAGE)
