"""Shapes of the API's requests and answers, for validation and the OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Schema

from boards import paging
from boards.layer_schemas import RecipeShort, StackOut
from boards.rules_schemas import RulesOut


class BoardIn(Schema):
    name: str


class ColumnIn(Schema):
    name: str
    role: str
    wip_limit: int | None = None


class ColumnPatch(Schema):
    name: str | None = None
    role: str | None = None
    wip_limit: int | None = None


class ColumnMoveIn(Schema):
    before: str | None = None


class AgentIn(Schema):
    """The agent on a card. A template has a command of its own; `command` is another one, for `sh`. Neither: none."""

    template: str = ""
    command: str = ""


class CardIn(Schema):
    title: str
    description: str = ""
    column: str | None = None
    agent: AgentIn = AgentIn()
    labels: list[str] = []
    assignees: list[str] = []
    due_on: date | None = None


class CardsQuery(Schema):
    column: str | None = None
    status: str | None = None
    label: str | None = None
    q: str | None = None
    after: str | None = None
    limit: int = paging.DEFAULT


class CopyIn(Schema):
    title: str | None = None
    column: str | None = None


class CardWas(Schema):
    """The values that an editing began with."""

    title: str | None = None
    description: str | None = None
    due_on: date | None = None
    labels: list[str] | None = None
    assignees: list[str] | None = None


class CardPatch(Schema):
    title: str | None = None
    description: str | None = None
    due_on: date | None = None
    labels: list[str] | None = None
    assignees: list[str] | None = None
    is_template: bool | None = None
    was: CardWas | None = None


class MoveIn(Schema):
    column: str
    before: str | None = None


class CardsIn(Schema):
    cards: list[str]


class BulkMoveIn(CardsIn):
    column: str
    before: str | None = None


class ListChangeIn(Schema):
    add: list[str] = []
    remove: list[str] = []


class BulkPatch(CardsIn):
    labels: ListChangeIn = ListChangeIn()
    assignees: ListChangeIn = ListChangeIn()


class LayerUpdateIn(Schema):
    recipe: int | None = None
    version: int | None = None


class LayerAddIn(Schema):
    recipe: int


class SessionsOut(Schema):
    sessions: int


class StepOut(Schema):
    name: str
    label: str
    detail: str
    started_at: datetime
    finished_at: datetime | None


class SessionLayerOut(Schema):
    """A layer of a session; what it runs and what it is to run, as version numbers.

    `held`: somebody chose it for this session, whatever its stack says. `pinned`: the version that its stack keeps to.
    """

    recipe: int
    kind: str
    name: str
    runs: int | None
    wants: int | None
    size_bytes: int | None
    held: bool
    pinned: int | None
    problem: str
    conflicts: list[str]


class NextOut(Schema):
    """What happens to a session by itself: `pause`, `stop`, `archive`, or `expire`, which archives it."""

    what: str
    at: datetime


class TerminalOut(Schema):
    """A terminal beside the session's main one. `kind`: shell or agent."""

    number: int
    name: str
    kind: str


class SessionOut(Schema):
    id: str
    name: str
    state: str
    status: str
    desired: str
    reason: str
    waiting: str
    container: str
    image: str
    wanted_at: datetime
    state_since: datetime
    steps: list[StepOut]
    layers: list[SessionLayerOut]
    without: list[int]  # recipes of the stack that somebody took away from this session
    restart_asked: bool
    next: NextOut | None
    idle_since: datetime | None
    expires_at: datetime | None
    terminals: list[TerminalOut]  # beside the main one
    restoring: bool  # it is being taken back to one of its snapshots
    place: int | None  # in the line for a start; 1 is next
    terminal_url: str


class AgentOut(Schema):
    """`state` of its latest run: wanted (starts with the session), starting, working, waiting (for somebody; `words` say
    what for), finished (with `exit_code`), failed (never began; `words` say why), ended (by somebody, or with the
    session); null before the first. `terminal` is the number of its own, null where there is none."""

    template: str
    command: str
    state: str | None
    paused: bool
    words: str
    exit_code: int | None
    terminal: int | None
    since: datetime | None


class CardOut(Schema):
    id: str
    board: str
    column: str
    rank: str
    version: int
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    labels: list[str]
    assignees: list[str]
    due_on: date | None
    is_template: bool
    rules: dict[str, int]  # its own, of when its session sleeps
    comments: int
    files: int
    questions: int  # that nobody answered yet
    agent: AgentOut | None
    asks: str  # the oldest of them, in words; empty where there is none
    stack: int | None
    forked_from: str | None
    url: str
    session: SessionOut | None


class MovedOut(CardOut):
    refused: str  # why it stayed; empty where it moved


class ColumnOut(Schema):
    id: str
    name: str
    role: str
    wip_limit: int | None
    cards: list[CardOut]


class LabelOut(Schema):
    id: str
    name: str
    colour: str


class LabelIn(Schema):
    name: str
    colour: str | None = None


class LabelPatch(Schema):
    name: str | None = None
    colour: str | None = None


class PersonOut(Schema):
    id: str
    name: str
    colour: str
    initials: str


class MemberOut(PersonOut):
    username: str
    role: str


class MemberPatch(Schema):
    role: str


class InviteIn(Schema):
    role: str
    expires_in_s: int = 7 * 24 * 60 * 60


class InviteOut(Schema):
    id: str
    role: str
    used: int
    created_at: datetime
    expires_at: datetime


class NewInviteOut(InviteOut):
    url: str


class MeOut(PersonOut):
    username: str
    has_password: bool


class MePatch(Schema):
    name: str | None = None
    initials: str | None = None
    colour: str | None = None


class PasswordIn(Schema):
    current: str = ""
    new: str


class LoginOut(Schema):
    id: str
    browser: str
    address: str
    created_at: datetime
    seen_at: datetime
    current: bool


class BoardRecordingOut(Schema):
    """Whether what a board's terminals print is recorded, and what is typed in them."""

    output: bool
    input: bool


class BoardOut(Schema):
    id: str
    name: str
    version: int
    recipes: list[RecipeShort]
    stack: StackOut
    rules: RulesOut
    recording: BoardRecordingOut
    labels: list[LabelOut]
    members: list[MemberOut]
    columns: list[ColumnOut]


class BoardItem(Schema):
    id: str
    name: str
    version: int


class LinkIn(Schema):
    role: str
    expires_in_s: int = 24 * 60 * 60


class LinkOut(Schema):
    id: str
    role: str
    created_at: datetime
    expires_at: datetime


class NewLinkOut(LinkOut):
    url: str


class CommentIn(Schema):
    text: str


class CommentOut(Schema):
    id: str
    author: PersonOut | None
    text: str
    html: str
    created_at: datetime
    edited_at: datetime | None


class MentionOut(Schema):
    comment: str
    card: str
    title: str
    board: str
    author: PersonOut | None
    excerpt: str
    created_at: datetime


class QuestionIn(Schema):
    text: str
    options: list[str] = []


class AnswerIn(Schema):
    answer: str


class QuestionOut(Schema):
    """`open` until it has an `answer`, or was withdrawn. `kind` of who asked: human, guest or agent."""

    id: str
    card: str
    text: str
    options: list[str]
    asked_by: str
    kind: str
    created_at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None
    withdrawn_at: datetime | None
    open: bool


class FileOut(Schema):
    id: str
    name: str
    size_bytes: int
    added_by: str
    created_at: datetime
    path: str
    in_session: bool
    problem: str


class DescriptionOut(Schema):
    html: str


class MarkdownIn(Schema):
    text: str


class LogOut(Schema):
    log: str


class Problem(Schema):
    """RFC 9457, `application/problem+json`; `detail` is written for people."""

    type: str
    title: str
    status: int
    detail: str


class OvertakenOut(Problem):
    """Of an edit with `was`: which `fields` somebody else changed meanwhile, and the card as it is now."""

    fields: list[str] = []
    card: CardOut | None = None
