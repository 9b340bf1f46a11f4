"""All verbs there are: which group a token names to have them, and how REST, the CLI and MCP call them.

A verb without a command or a tool of its own is offered by the general ones: `vibenv api METHOD PATH`, and the tool `api`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

Group = Literal["look", "type", "cards", "sessions", "ask", "share", "layers", "admin"]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
IN_WORDS: Final[dict[Group, str]] = {
    "look": "Read boards, cards, files and screens",
    "type": "Type and run commands in sessions, write files",
    "cards": "Create, edit, move and comment on cards",
    "sessions": "Start, sleep, snapshot, fork and restore sessions",
    "ask": "Ask people questions, and answer them",
    "share": "Make share links and invites, and manage members",
    "layers": "Change and build layers",
    "admin": "Everything else: tokens, secrets, settings, deleting boards",
}


@dataclass(frozen=True, slots=True)
class Verb:
    """`operations` as the OpenAPI document names them. One that is `personal` is about the whole account: no token of a
    single board or card has it. One that `makes_cards` is nothing for a token of one card."""

    name: str
    group: Group
    operations: tuple[str, ...]
    cli: str = ""
    tool: str = ""
    personal: bool = False
    makes_cards: bool = False


def _verb(name: str, group: Group, *operations: str, cli: str = "", tool: str = "") -> Verb:
    return Verb(name, group, operations, cli, tool)


def _personal(name: str, group: Group, *operations: str, cli: str = "") -> Verb:
    return Verb(name, group, operations, cli, personal=True)


VERBS: Final[tuple[Verb, ...]] = (
    # boards
    _verb("list boards", "look", "GET /boards", tool="list_boards"),
    _personal("create board", "cards", "POST /boards"),
    _verb("read board", "look", "GET /boards/{board_id}", cli="ls"),
    _verb("rename board", "admin", "PATCH /boards/{board_id}"),
    _verb("delete board", "admin", "DELETE /boards/{board_id}"),
    _verb("add column", "admin", "POST /boards/{board_id}/columns"),
    _verb("edit column", "admin", "PATCH /columns/{column_id}"),
    _verb("move column", "admin", "POST /columns/{column_id}/move"),
    _verb("delete column", "admin", "DELETE /columns/{column_id}"),
    _verb("create label", "admin", "POST /boards/{board_id}/labels"),
    _verb("edit label", "admin", "PATCH /labels/{label_id}"),
    _verb("delete label", "admin", "DELETE /labels/{label_id}"),
    _verb("read rules", "look", "GET /boards/{board_id}/rules"),
    _verb("change board rules", "admin", "PATCH /boards/{board_id}/rules"),
    # cards
    _verb("list cards", "look", "GET /boards/{board_id}/cards", cli="ls", tool="list_cards"),
    _verb("read archive", "look", "GET /boards/{board_id}/archive", cli="ls"),
    _verb("create card", "cards", "POST /boards/{board_id}/cards", cli="launch", tool="create_card"),
    _verb("edit cards", "cards", "POST /boards/{board_id}/cards/edit"),
    _verb("move cards", "cards", "POST /boards/{board_id}/cards/move"),
    _verb("archive cards", "cards", "POST /boards/{board_id}/cards/archive"),
    _verb("restore cards", "cards", "POST /boards/{board_id}/cards/restore"),
    _verb("delete cards", "cards", "POST /boards/{board_id}/cards/delete"),
    _verb("read card", "look", "GET /cards/{card_id}", tool="read_card"),
    _verb("edit card", "cards", "PATCH /cards/{card_id}", tool="edit_card"),
    _verb("delete card", "cards", "DELETE /cards/{card_id}", cli="rm"),
    _verb("move card", "cards", "POST /cards/{card_id}/move", cli="done", tool="move_card"),
    Verb("copy card", "cards", ("POST /cards/{card_id}/copy",), makes_cards=True),
    _verb("archive card", "cards", "POST /cards/{card_id}/archive"),
    _verb("bring card back", "cards", "POST /cards/{card_id}/restore"),
    _verb("read description", "look", "GET /cards/{card_id}/description"),
    _verb("render markdown", "look", "POST /boards/{board_id}/markdown"),
    _verb("read comments", "look", "GET /cards/{card_id}/comments"),
    _verb("comment", "cards", "POST /cards/{card_id}/comments", tool="comment"),
    _verb("see comments", "cards", "POST /cards/{card_id}/comments/seen"),
    _verb("edit comment", "cards", "PATCH /cards/{card_id}/comments/{comment_id}"),
    _verb("delete comment", "cards", "DELETE /cards/{card_id}/comments/{comment_id}"),
    _verb("list files", "look", "GET /cards/{card_id}/files"),
    _verb("attach file", "cards", "POST /cards/{card_id}/files"),
    _verb("read attached file", "look", "GET /cards/{card_id}/files/{file_id}"),
    _verb("remove file", "cards", "DELETE /cards/{card_id}/files/{file_id}"),
    # work in a session
    _verb("exec", "type", "POST /cards/{card_id}/exec", cli="exec", tool="exec"),
    _verb("run", "type", "POST /cards/{card_id}/run", cli="run", tool="run"),
    _verb("type", "type", "POST /cards/{card_id}/type", cli="type", tool="type"),
    _verb("read screen", "look", "GET /cards/{card_id}/screen", cli="screen", tool="read_screen"),
    _verb("wait", "look", "POST /cards/{card_id}/wait", tool="wait_for"),
    _verb("read file", "look", "GET /cards/{card_id}/file", tool="read_file"),
    _verb("write file", "type", "PUT /cards/{card_id}/file", tool="write_file"),
    _verb("list directory", "look", "GET /cards/{card_id}/dir"),
    _verb("apply patch", "type", "POST /cards/{card_id}/patch", tool="apply_patch"),
    _verb("diff", "look", "GET /cards/{card_id}/diff", tool="diff"),
    _verb("download tree", "look", "GET /cards/{card_id}/tar", cli="cp"),
    _verb("upload tree", "type", "PUT /cards/{card_id}/tar", cli="cp"),
    # agents
    _verb("list agent templates", "look", "GET /agent-templates", cli="agent"),
    _verb("put agent", "sessions", "PUT /cards/{card_id}/agent", cli="agent"),
    _verb("start agent", "sessions", "POST /cards/{card_id}/agent/start", cli="agent"),
    _verb("stop agent", "sessions", "POST /cards/{card_id}/agent/stop", cli="agent"),
    _verb("pause agents", "sessions", "POST /cards/{card_id}/agent/pause", cli="agent"),
    _verb("let agents go on", "sessions", "POST /cards/{card_id}/agent/resume", cli="agent"),
    # questions
    _verb("ask", "ask", "POST /cards/{card_id}/questions", cli="ask", tool="ask_human"),
    _verb("list questions", "look", "GET /cards/{card_id}/questions", cli="answer"),
    _verb("read question", "look", "GET /questions/{question_id}", cli="ask"),
    _verb("answer", "ask", "POST /questions/{question_id}/answer", cli="answer"),
    _verb("withdraw question", "ask", "DELETE /questions/{question_id}", cli="ask"),
    # sessions
    _verb("follow board", "look", "GET /boards/{board_id}/events"),
    _verb("follow card", "look", "GET /cards/{card_id}/events"),
    _verb("list sessions", "look", "GET /sessions"),
    _verb("start", "sessions", "POST /cards/{card_id}/start", cli="resume", tool="launch"),
    _verb("sleep", "sessions", "POST /cards/{card_id}/sleep", cli="sleep", tool="sleep"),
    _verb("list terminals", "look", "GET /cards/{card_id}/terminals", cli="terminals"),
    _verb("open terminal", "sessions", "POST /cards/{card_id}/terminals", cli="terminals"),
    _verb("rename terminal", "sessions", "PATCH /cards/{card_id}/terminals/{number}"),
    _verb("close terminal", "sessions", "DELETE /cards/{card_id}/terminals/{number}", cli="terminals"),
    _verb("restart", "sessions", "POST /cards/{card_id}/restart"),
    _verb("list secrets", "look", "GET /boards/{board_id}/secrets", "GET /cards/{card_id}/secrets"),
    _verb("set secret", "admin", "PUT /boards/{board_id}/secrets/{name}", "PUT /cards/{card_id}/secrets/{name}"),
    _verb(
        "delete secret", "admin", "DELETE /boards/{board_id}/secrets/{name}", "DELETE /cards/{card_id}/secrets/{name}"
    ),
    _verb("extend", "sessions", "POST /cards/{card_id}/extend"),
    _verb("change card rules", "sessions", "PATCH /cards/{card_id}/rules"),
    _verb("list snapshots", "look", "GET /cards/{card_id}/snapshots", cli="snapshot"),
    _verb("snapshot", "sessions", "POST /cards/{card_id}/snapshots", cli="snapshot", tool="snapshot"),
    _verb("edit snapshot", "sessions", "PATCH /snapshots/{snapshot_id}"),
    _verb("delete snapshot", "sessions", "DELETE /snapshots/{snapshot_id}"),
    _verb("restore snapshot", "sessions", "POST /snapshots/{snapshot_id}/restore", cli="restore", tool="restore"),
    Verb("fork", "sessions", ("POST /cards/{card_id}/fork",), "fork", "fork", makes_cards=True),
    _verb("read lineage", "look", "GET /cards/{card_id}/lineage"),
    _verb("read history", "look", "GET /cards/{card_id}/history"),
    _verb("list recordings", "look", "GET /cards/{card_id}/recordings", cli="recordings"),
    _verb("search recordings", "look", "GET /cards/{card_id}/recordings/search", cli="recordings"),
    _verb("read recording", "look", "GET /recordings/{recording_id}"),
    _verb("download recording", "look", "GET /recordings/{recording_id}/cast", cli="recordings"),
    _verb("delete recording", "sessions", "DELETE /recordings/{recording_id}"),
    _verb("read board recording", "look", "GET /boards/{board_id}/recording"),
    _verb("change board recording", "admin", "PATCH /boards/{board_id}/recording"),
    _verb("read log", "look", "GET /cards/{card_id}/log", cli="logs"),
    # layers
    _verb("list recipes", "look", "GET /boards/{board_id}/recipes", cli="layers ls"),
    _verb("read catalogue", "look", "GET /boards/{board_id}/recipes/catalogue"),
    _verb("create recipe", "layers", "POST /boards/{board_id}/recipes"),
    _verb("read recipe", "look", "GET /recipes/{recipe_id}", cli="layers show"),
    _verb("edit recipe", "layers", "PATCH /recipes/{recipe_id}"),
    _verb("delete recipe", "layers", "DELETE /recipes/{recipe_id}"),
    _verb("build recipe", "layers", "POST /recipes/{recipe_id}/build", cli="layers build"),
    _verb("list versions", "look", "GET /recipes/{recipe_id}/versions", cli="layers show"),
    _verb("read version", "look", "GET /versions/{version_id}"),
    _verb("read build log", "look", "GET /versions/{version_id}/log", cli="layers log"),
    _verb("follow build", "look", "GET /versions/{version_id}/events"),
    _verb("cancel build", "layers", "POST /versions/{version_id}/cancel", cli="layers cancel"),
    _verb("compare versions", "look", "GET /versions/{version_id}/diff/{other_id}", cli="layers diff"),
    _verb("upload folder", "layers", "POST /boards/{board_id}/uploads"),
    _verb("read stack file", "look", "GET /boards/{board_id}/vibenv-toml"),
    _verb("apply stack file", "layers", "POST /boards/{board_id}/vibenv-toml", cli="layers apply"),
    _verb("read stack", "look", "GET /boards/{board_id}/stack"),
    _verb("change stack", "layers", "PUT /boards/{board_id}/stack"),
    _verb("list exports", "look", "GET /boards/{board_id}/exports", cli="layers export"),
    _verb("export", "layers", "POST /boards/{board_id}/exports", cli="layers export"),
    _verb("delete export", "layers", "DELETE /boards/{board_id}/exports/{export_id}"),
    _verb("read card's stack", "look", "GET /cards/{card_id}/stack"),
    _verb("change card's stack", "layers", "PUT /cards/{card_id}/stack"),
    _verb("drop card's stack", "layers", "DELETE /cards/{card_id}/stack"),
    _verb("update layers of board", "layers", "POST /boards/{board_id}/layers/update"),
    _verb("add layer", "sessions", "POST /cards/{card_id}/layers"),
    _verb("update layers", "sessions", "POST /cards/{card_id}/layers/update"),
    _verb("remove layer", "sessions", "DELETE /cards/{card_id}/layers/{recipe_id}"),
    # people
    _verb("list links", "share", "GET /cards/{card_id}/links"),
    _verb("share", "share", "POST /cards/{card_id}/links", cli="share", tool="share"),
    _verb("revoke link", "share", "DELETE /cards/{card_id}/links/{link_id}"),
    _verb("list members", "look", "GET /boards/{board_id}/members"),
    _verb("change role", "share", "PATCH /boards/{board_id}/members/{user_id}"),
    _verb("remove member", "share", "DELETE /boards/{board_id}/members/{user_id}"),
    _verb("list invites", "share", "GET /boards/{board_id}/invites"),
    _verb("invite", "share", "POST /boards/{board_id}/invites"),
    _verb("revoke invite", "share", "DELETE /boards/{board_id}/invites/{invite_id}"),
    # oneself
    _verb("read me", "look", "GET /me", cli="whoami"),
    _verb("list mentions", "look", "GET /me/mentions"),
    _personal("change me", "admin", "PATCH /me"),
    _personal("change password", "admin", "POST /me/password"),
    _personal("list logins", "admin", "GET /me/logins"),
    _personal("log out elsewhere", "admin", "DELETE /me/logins"),
    _personal("revoke login", "admin", "DELETE /me/logins/{login_id}"),
    _personal("begin login", "admin", "POST /device", cli="login"),
    _personal("fetch login", "admin", "POST /device/token"),
    _verb("list tokens", "admin", "GET /tokens", cli="token ls"),
    _verb("create token", "admin", "POST /tokens", cli="token create"),
    _verb("revoke token", "admin", "DELETE /tokens/{token_id}", cli="token rm"),
)

PARAMETER = re.compile(r"<[^>]*>|\{[^}]*\}")
# Operations that anybody may call: who logs in is nobody yet.
WITHOUT_A_CALLER: Final = frozenset({"POST /device", "POST /device/token"})


def plain(operation: str) -> str:
    """With its parameters' names left out: a route of Django's and a path of the OpenAPI document are the same so."""
    return PARAMETER.sub("{}", operation)


_BY_OPERATION: Final = {plain(operation): verb for verb in VERBS for operation in verb.operations}


def of_operation(method: str, path: str) -> Verb | None:
    """The verb of `POST` and `/cards/{card_id}/run`, or of the route `/cards/<card_id>/run`."""
    return _BY_OPERATION.get(plain(f"{method.upper()} {path}"))


def of_tool(tool: str) -> Verb | None:
    """The verb that an MCP tool is; None for the general one, and for what is none of ours."""
    return next((verb for verb in VERBS if tool and verb.tool == tool), None)


def grouped() -> Iterator[tuple[Group, list[Verb]]]:
    for group in GROUPS:
        yield group, [verb for verb in VERBS if verb.group == group]
