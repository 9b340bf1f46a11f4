"""Tools in the visible terminal: what an agent types there, everybody in it sees."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, Field

from boards import access
from sessions.work.commands import LONGEST_S
from sessions.work.keyboard import type_text
from sessions.work.run import run as run_in_terminal
from sessions.work.screen import Screen, screen
from sessions.work.wait import For
from sessions.work.wait import wait_for as wait_for_one
from vibenv_site.mcp.board_tools import CardName
from vibenv_site.mcp.caller import Ctx
from vibenv_site.mcp.place import at
from vibenv_site.mcp.tooling import lasting, tool

Terminal = Annotated[int, Field(ge=0, description="Which terminal of the session; 0 is the one that people look at.")]
Timeout = Annotated[float, Field(ge=0.1, le=LONGEST_S)]
SHOWN_BYTES: Final = 256 * 1024


class RunOut(BaseModel):
    """`exit_code` is null where it `timed_out` (then it goes on) and where the shell tells none. `ran` is false where the
    shell ran nothing, as with a syntax error. `seq` is where its output ends: give it to `wait_for`."""

    output: str
    exit_code: int | None
    timed_out: bool
    ran: bool
    omitted_bytes: int
    duration_s: float
    seq: int


class TypedOut(BaseModel):
    """`seq`: where the output stands; give it to `wait_for`, to wait for what comes of the keys."""

    seq: int


@tool("Run a command in the terminal")
async def run(
    command: Annotated[str, Field(description="One or several lines, as one would type them.")],
    card: CardName = "",
    terminal: Terminal = 0,
    timeout_s: Timeout = 120,
    *,
    wait_s: Annotated[float, Field(ge=0, le=LONGEST_S, description="For a prompt, and while a person types.")] = 10,
    interrupt: Annotated[bool, Field(description="End it by Ctrl-C when the time is up.")] = False,
    ctx: Ctx,
) -> RunOut:
    """Type a command into the terminal that people look at, wait for it, and get its output and exit code.

    State stays, as in any shell: `cd`, variables, activated environments. A session that sleeps is woken for it. Programs that
    fill the screen: `type`, `wait_for` and `read_screen` instead.
    """
    there = await at(ctx, card, terminal=terminal)
    async with lasting(ctx, there.board_id, lambda: "It goes on; `read_screen` shows how far it is."):
        ran = await run_in_terminal(
            there.place, there.actor, command, timeout_s=timeout_s, wait_s=wait_s, interrupt=interrupt
        )
    return RunOut(
        output=ran.output,
        exit_code=ran.exit_code,
        timed_out=ran.timed_out,
        ran=ran.ran,
        omitted_bytes=ran.omitted,
        duration_s=round(ran.duration_s, 3),
        seq=ran.last,
    )


@tool("Type keys into the terminal")
async def type(
    text: Annotated[str, Field(description="As it is, ahead of the keys.")] = "",
    keys: Annotated[list[str] | None, Field(description="By name: Enter, Tab, Escape, Up, PageDown, C-c, M-b…")] = None,
    enter: bool = False,
    card: CardName = "",
    terminal: Terminal = 0,
    *,
    ctx: Ctx,
) -> TypedOut:
    """Press keys, whatever runs there: answer a prompt, steer a program, end one by C-c. Then `wait_for`, and `read_screen`."""
    there = await at(ctx, card, terminal=terminal)
    return TypedOut(seq=await type_text(there.place, there.actor, text, enter=enter, keys=keys or []))


class LineOut(BaseModel):
    row: int
    text: str


class ScreenOut(BaseModel):
    """Rows and columns count from 0. With `since`, `changed` has the rows that differ from then, and `text` is null.
    `alternate`: a full-screen program has it."""

    text: str | None
    changed: list[LineOut] | None
    rows: int
    cols: int
    cursor_row: int
    cursor_column: int
    cursor_visible: bool
    alternate: bool
    title: str
    seq: int


class CameOut(BaseModel):
    """`what` came: text, regex, prompt, exit, bell, idle, or timeout. `line`: the one in which words were found."""

    what: str
    line: str
    exit_code: int | None
    seq: int


@tool("Read the screen", reads=True)
async def read_screen(
    card: CardName = "",
    terminal: Terminal = 0,
    since: Annotated[int | None, Field(description="The `seq` of a former answer: only what changed since.")] = None,
    *,
    ctx: Ctx,
) -> ScreenOut:
    """What the terminal shows just now, as text, with its cursor."""
    there = await at(ctx, card, access.Role.VIEWER, terminal)
    return screen_out(await screen(there.place, since))


def screen_out(seen: Screen) -> ScreenOut:
    changed = seen.changed
    return ScreenOut(
        text="\n".join(seen.lines).rstrip() if changed is None else None,
        changed=None if changed is None else [LineOut(row=row, text=seen.lines[row]) for row in changed],
        rows=seen.rows,
        cols=seen.cols,
        cursor_row=seen.row,
        cursor_column=seen.column,
        cursor_visible=seen.visible,
        alternate=seen.alternate,
        title=seen.title,
        seq=seen.seq,
    )


@tool("Wait for something in the terminal", reads=True)
async def wait_for(
    text: Annotated[str, Field(description="Words that are printed.")] = "",
    regex: Annotated[str, Field(description="The same as a pattern.")] = "",
    card: CardName = "",
    terminal: Terminal = 0,
    timeout_s: Annotated[float, Field(ge=0, le=LONGEST_S)] = 60,
    *,
    prompt: Annotated[bool, Field(description="The shell waits for a command.")] = False,
    exit: Annotated[bool, Field(description="A command ends.")] = False,
    bell: bool = False,
    idle_s: Annotated[float | None, Field(description="Nothing is printed for so long.")] = None,
    since: Annotated[int | None, Field(description="A `seq`: what was printed from there on counts, too.")] = None,
    ctx: Ctx,
) -> CameOut:
    """Wait until one of these comes, whichever is first: words, a prompt, the end of a command, a bell, silence."""
    there = await at(ctx, card, access.Role.VIEWER, terminal)
    wanted = For(text=text, regex=regex, prompt=prompt, exit=exit, bell=bell, idle_s=idle_s).checked()
    async with lasting(ctx, there.board_id, lambda: "It has not come yet."):
        came = await wait_for_one(there.place, wanted, timeout_s=timeout_s, since=since)
    return CameOut(what=came.what, line=came.line, exit_code=came.exit_code, seq=came.seq)
