"""The HTTP API of boards and cards: a thin adapter over `actions` and `access`."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query, Status

from boards import (
    access,
    actions,
    agents,
    archive,
    card_lists,
    copies,
    editing,
    idempotency,
    markdown,
    problems,
    welcome,
)
from boards.agent_api import router as agents_router
from boards.bulk_api import router as bulk_router
from boards.caller import FAULTS, Bearer, Login, user_of
from boards.column_api import router as columns_router
from boards.comment_api import router as comments_router
from boards.device_api import router as devices_router
from boards.event_api import router as events_router
from boards.export_api import router as exports_router
from boards.file_api import router as files_router
from boards.invite_api import router as invites_router
from boards.label_api import router as labels_router
from boards.layer_api import router as layers_router
from boards.link_api import router as links_router
from boards.me_api import router as me_router
from boards.member_api import router as members_router
from boards.overview_api import router as overview_router
from boards.paging import page, tell_next
from boards.present import board_json, card_json
from boards.question_api import router as questions_router
from boards.recording_api import router as recordings_router
from boards.rules_api import router as rules_router
from boards.schemas import (
    BoardIn,
    BoardItem,
    BoardOut,
    CardIn,
    CardOut,
    CardPatch,
    CardsQuery,
    CopyIn,
    DescriptionOut,
    LogOut,
    MarkdownIn,
    MoveIn,
    OvertakenOut,
)
from boards.secret_api import router as secrets_router
from boards.session_layer_api import router as session_layers_router
from boards.session_life_api import router as session_life_router
from boards.stack_api import router as stacks_router
from boards.terminal_api import router as terminals_router
from boards.text import checked
from boards.token_api import router as tokens_router
from boards.work_api import router as work_router
from engines.errors import InvalidInput

api = NinjaAPI(
    title="vibenv",
    version="1",
    description="Boards, cards and their sessions. Send `Authorization: Bearer <token>`; "
    "the owner's token is in the data directory's `owner-token`.",
    auth=[Bearer(), Login(csrf=True)],
    urls_namespace="api",
)
problems.install(api)
api.add_decorator(idempotency.keeps_answers, mode="view")
api.add_router("", columns_router)
api.add_router("", bulk_router)
api.add_router("", overview_router)
api.add_router("", labels_router)
api.add_router("", links_router)
api.add_router("", comments_router)
api.add_router("", questions_router)
api.add_router("", agents_router)
api.add_router("", files_router)
api.add_router("", members_router)
api.add_router("", invites_router)
api.add_router("", me_router)
api.add_router("", layers_router)
api.add_router("", stacks_router)
api.add_router("", session_layers_router)
api.add_router("", session_life_router)
api.add_router("", exports_router)
api.add_router("", rules_router)
api.add_router("", tokens_router)
api.add_router("", events_router)
api.add_router("", terminals_router)
api.add_router("", devices_router)
api.add_router("", work_router)
api.add_router("", recordings_router)
api.add_router("", secrets_router)


@api.get("/boards", response={200: list[BoardItem], **FAULTS}, tags=["boards"])
def list_boards(
    request: HttpRequest, response: HttpResponse, after: str | None = None, limit: int | None = None
) -> Any:
    """The boards you are a member of, the oldest first. With `limit` in parts: the `Link` of an answer leads on."""
    found = page(access.boards_of(user_of(request)), ("created_at", "id"), after=after, limit=limit)
    tell_next(request, response, found.after)
    return [{"id": b.pk, "name": b.name, "version": b.version} for b in found.rows]


@api.post("/boards", response={201: BoardOut, **FAULTS}, tags=["boards"])
def create_board(request: HttpRequest, new: BoardIn) -> Any:
    """A board with the columns Backlog, Active and Done, and an example card."""
    return Status(201, board_json(welcome.create_board(new.name, user_of(request))))


@api.get("/boards/{board_id}", response={200: BoardOut, **FAULTS}, tags=["boards"])
def read_board(request: HttpRequest, board_id: str) -> Any:
    """A board with its columns and cards, in order."""
    return board_json(access.board_of(user_of(request), board_id))


@api.patch("/boards/{board_id}", response={200: BoardOut, **FAULTS}, tags=["boards"])
def rename_board(request: HttpRequest, board_id: str, patch: BoardIn) -> Any:
    """Give a board another name."""
    return board_json(actions.rename_board(access.board_of(user_of(request), board_id, access.Role.EDITOR), patch.name))


@api.delete("/boards/{board_id}", response={204: None, **FAULTS}, tags=["boards"])
def delete_board(request: HttpRequest, board_id: str) -> Any:
    """Remove a board that has no cards (but perhaps the untouched example), and is not your only one."""
    user = user_of(request)
    welcome.delete_board(access.board_of(user, board_id, access.Role.OWNER), user)
    return Status(204, None)


@api.get("/boards/{board_id}/cards", response={200: list[CardOut], **FAULTS}, tags=["cards"])
def list_cards(request: HttpRequest, response: HttpResponse, board_id: str, given: Query[CardsQuery]) -> Any:
    """The board's cards but for archived ones, from left to right, in parts: the `Link` of an answer leads on.

    `column` is an id, a name or a role; `status` that of the session, such as `running`; `label` an id or a name; `q` a
    part of title or description. `limit` is at most 200.
    """
    board = access.board_of(user_of(request), board_id)
    wanted = card_lists.Filter(given.column, given.status, given.label, given.q)
    found = card_lists.listed(board, wanted, after=given.after, limit=given.limit)
    tell_next(request, response, found.after)
    return [card_json(card) for card in found.rows]


@api.post("/boards/{board_id}/cards", response={201: CardOut, **FAULTS}, tags=["cards"])
def create_card(request: HttpRequest, board_id: str, new: CardIn) -> Any:
    """A card at the end of a column (by default the first)."""
    user = user_of(request)
    board = access.board_of(user, board_id, access.Role.EDITOR)
    card = actions.create_card(
        board,
        user,
        title=new.title,
        description=new.description,
        column=access.column_of(board, new.column) if new.column else None,
        label_ids=editing.labels_of(board, new.labels),
        assignee_ids=editing.assignees_of(board, new.assignees),
        due_on=new.due_on,
        agent=agents.given(new.agent.template, new.agent.command),
    )
    return Status(201, card_json(card))


@api.get("/cards/{card_id}", response={200: CardOut, **FAULTS}, tags=["cards"])
def read_card(request: HttpRequest, card_id: str) -> Any:
    """A card and its session."""
    return card_json(access.card_of(user_of(request), card_id))


@api.patch("/cards/{card_id}", response={200: CardOut, **FAULTS, 409: OvertakenOut}, tags=["cards"])
def edit_card(request: HttpRequest, card_id: str, patch: CardPatch) -> Any:
    """Change what is given; what is left out stays.

    With `was` (the values that the editing began with) nothing is overwritten that somebody else changed meanwhile:
    a title, description or due date that differs is refused with 409 and the card as it is now; of labels and
    assignees only what you added and removed is applied.
    """
    given = patch.dict(exclude_unset=True)
    was = given.pop("was", None)
    fields = {name: value for name, value in given.items() if value is not None or name == "due_on"}
    card = access.card_of(user_of(request), card_id, access.Role.EDITOR)
    return card_json(editing.edit_card(card, cast(editing.Fields, fields), cast(editing.Fields, was)))


@api.delete("/cards/{card_id}", response={202: None, **FAULTS}, tags=["cards"])
def delete_card(request: HttpRequest, card_id: str) -> Any:
    """Remove the card with its container and all files in it. Cannot be undone."""
    user = user_of(request)
    actions.delete_card(access.card_of(user, card_id, access.Role.EDITOR), user=user)
    return Status(202, None)


@api.post("/cards/{card_id}/move", response={202: CardOut, **FAULTS}, tags=["cards"])
def move_card(request: HttpRequest, card_id: str, to: MoveIn) -> Any:
    """Into an active column: its session starts. Out of one: it stops and keeps its files; into a done one, as a snapshot."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    column = access.column_of(card.board, to.column)
    before = column.cards.filter(pk=to.before, archived_at=None).first() if to.before else None
    if to.before and before is None:
        raise InvalidInput("before: is not a card of that column; leave it out to move to the end.")
    return Status(202, card_json(actions.move_card(card, column, before, user=user)))


@api.post("/cards/{card_id}/copy", response={201: CardOut, **FAULTS}, tags=["cards"])
def copy_card(request: HttpRequest, card_id: str, given: CopyIn) -> Any:
    """A new card with its description, labels, assignees and attached files: right after it, or at the end of `column`."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    column = access.column_of(card.board, given.column) if given.column else None
    made = copies.copy_card(card, user=user, title=given.title, column=column)
    return Status(201, card_json(made))


@api.post("/cards/{card_id}/start", response={202: CardOut, **FAULTS}, tags=["cards"])
def start_card(request: HttpRequest, card_id: str) -> Any:
    """Start an active card again: after it slept, after a failure, or after its shell ended."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    return Status(202, card_json(actions.start_card(card, user=user)))


@api.post("/cards/{card_id}/archive", response={202: CardOut, **FAULTS}, tags=["cards"])
def archive_card(request: HttpRequest, card_id: str) -> Any:
    """Off the board: its session stops, its files are kept."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    return Status(202, card_json(archive.archive(card, user=user)))


@api.post("/cards/{card_id}/restore", response={202: CardOut, **FAULTS}, tags=["cards"])
def restore_card(request: HttpRequest, card_id: str) -> Any:
    """Back to where it was archived from; in an active column its session starts."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    return Status(202, card_json(archive.restore(card, user=user)))


@api.get("/boards/{board_id}/archive", response={200: list[CardOut], **FAULTS}, tags=["cards"])
def read_archive(
    request: HttpRequest, response: HttpResponse, board_id: str, after: str | None = None, limit: int | None = None
) -> Any:
    """The board's archived cards, the latest first; with `limit` in parts."""
    found = card_lists.archived(access.board_of(user_of(request), board_id), after=after, limit=limit)
    tell_next(request, response, found.after)
    return [card_json(card) for card in found.rows]


@api.get("/cards/{card_id}/description", response={200: DescriptionOut, **FAULTS}, tags=["cards"])
def read_description(request: HttpRequest, card_id: str) -> Any:
    """The description, which is Markdown, as safe HTML."""
    return {"html": markdown.to_html(access.card_of(user_of(request), card_id).description)}


@api.post("/boards/{board_id}/markdown", response={200: DescriptionOut, **FAULTS}, tags=["cards"])
def render_markdown(request: HttpRequest, board_id: str, given: MarkdownIn) -> Any:
    """What a text would look like on a card of this board: Markdown to safe HTML. Nothing is kept."""
    access.board_of(user_of(request), board_id)
    return {"html": markdown.to_html(checked("text", given.text, 20_000, empty=True))}


@api.get("/cards/{card_id}/log", response={200: LogOut, **FAULTS}, tags=["cards"])
def read_log(request: HttpRequest, card_id: str) -> Any:
    """What is known of the latest failed start."""
    return {"log": access.card_of(user_of(request), card_id).session.log}
