"""Shapes of requests and answers about work in a session."""

from __future__ import annotations

from typing import Annotated

from ninja import Field, Schema

from sessions.work.commands import LONGEST_S


class ExecIn(Schema):
    """`command`: a list of arguments, or a text for a shell. Without `cwd`: /workspace."""

    command: list[str] | str
    cwd: str = ""
    env: dict[str, str] = {}
    stdin: str = ""
    stdin_base64: str = ""
    timeout_s: Annotated[float, Field(ge=0.1, le=LONGEST_S)] = 60.0


class ExecOut(Schema):
    """`exit_code` is null where it took too long and was ended. What is no UTF-8 is replaced in the texts, and whole in
    the `_base64` fields. Of each stream at most 1 MiB is given: its beginning and its end."""

    exit_code: int | None
    stdout: str
    stderr: str
    stdout_base64: str | None
    stderr_base64: str | None
    timed_out: bool
    truncated: bool
    omitted_bytes: int
    duration_s: float


class RunIn(Schema):
    """`wait_s`: for how long it may wait for its turn and for a prompt; `interrupt`: end it by Ctrl-C at `timeout_s`."""

    command: str
    terminal: int = 0
    timeout_s: Annotated[float, Field(ge=0.1, le=LONGEST_S)] = 60.0
    wait_s: Annotated[float, Field(ge=0, le=LONGEST_S)] = 10.0
    interrupt: bool = False


class RunOut(Schema):
    """`exit_code` is null where it `timed_out`, and where the shell tells none. `ran` is false where the shell ran nothing:
    its words are the `output`. `seq_from` and `seq_to` number its bytes in the terminal's output."""

    output: str
    exit_code: int | None
    timed_out: bool
    ran: bool
    truncated: bool
    omitted_bytes: int
    duration_s: float
    seq_from: int
    seq_to: int


class TypeIn(Schema):
    """`text` as it is, then `keys` by name (Enter, Tab, Escape, Up, C-c, M-b, …), then Enter where `enter` is true."""

    text: str = ""
    keys: list[str] = []
    enter: bool = False
    terminal: int = 0


class TypedOut(Schema):
    """`seq`: the number of the output's next byte, from which to wait for what comes of it."""

    seq: int


class ChangedLine(Schema):
    row: int
    text: str


class ScreenOut(Schema):
    """Rows and columns count from 0. With `since`, `changed` has the lines that differ from then, and `lines` is null."""

    rows: int
    cols: int
    lines: list[str] | None
    changed: list[ChangedLine] | None
    cursor_row: int
    cursor_column: int
    cursor_visible: bool
    alternate: bool
    title: str
    seq: int


class WaitIn(Schema):
    """Any of text, regex, prompt, exit (a command's end), bell and idle_s (silence); what comes first. With `since`, what
    was printed from that number on counts, too."""

    text: str = ""
    regex: str = ""
    prompt: bool = False
    exit: bool = False
    bell: bool = False
    idle_s: float | None = None
    timeout_s: Annotated[float, Field(ge=0, le=LONGEST_S)] = 60.0
    since: int | None = None
    terminal: int = 0


class WaitOut(Schema):
    """`what` came: text, regex, prompt, exit, bell, idle, or timeout. `line`: the one in which words were found."""

    what: str
    line: str
    exit_code: int | None
    seq: int


class EntryOut(Schema):
    """`kind` is file, directory, link or other; `modified` seconds since 1970; `target` a link's."""

    name: str
    kind: str
    size: int
    mode: str
    modified: float
    target: str


class DirOut(Schema):
    entries: list[EntryOut]
    truncated: bool


class PatchIn(Schema):
    """A unified diff, as `git diff` and `diff -u` make it."""

    patch: str
    cwd: str = "/workspace"


class PatchOut(Schema):
    files: list[str]


class DiffOut(Schema):
    """Of at most 1 MiB; of a longer one its beginning and its end."""

    diff: str
    truncated: bool
    omitted_bytes: int
