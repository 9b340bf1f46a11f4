"""Tools in the visible terminal: what an agent types there, everybody in it sees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Final

from pydantic import BaseModel, Field

from boards import access, work
from sessions.terminal.actor import Actor
from sessions.work.commands import LONGEST_S
from sessions.work.keyboard import type_text
from sessions.work.place import Place
from sessions.work.run import run as run_in_terminal
from vibenv_site.mcp.board_tools import CardName
from vibenv_site.mcp.caller import Ctx, caller, find_card, in_db
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


@dataclass(frozen=True, slots=True)
class At:
    """A terminal, and who is there: by MCP an agent, whosever token it has, so that people have right of way."""

    place: Place
    actor: Actor
    board_id: str


async def at(ctx: Ctx, named: str, terminal: int, need: access.Role = access.Role.EDITOR) -> At:
    card = await in_db(find_card, caller(ctx).user, named, need)
    place, actor = await work.reach(caller(ctx).user, card.pk, need, terminal=terminal)
    return At(place, replace(actor, kind="agent"), card.board_id)


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
    there = await at(ctx, card, terminal)
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
    there = await at(ctx, card, terminal)
    return TypedOut(seq=await type_text(there.place, there.actor, text, enter=enter, keys=keys or []))
