"""Tools about what is in a session: commands beside its terminal, files, patches."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final

from pydantic import BaseModel, Field

from boards import access
from engines.errors import InvalidInput
from sessions.work import commands, files, patches
from vibenv_site.mcp.board_tools import CardName
from vibenv_site.mcp.caller import Ctx
from vibenv_site.mcp.place import at
from vibenv_site.mcp.tooling import lasting, tool

KIB: Final = 1024
USUAL_BYTES: Final = 64 * KIB  # of output: more would be dear to read
VIEWER: Final = access.Role.VIEWER
Path = Annotated[str, Field(description="In the session; a relative one is in /workspace.")]
Output = Annotated[int, Field(ge=KIB, le=1024 * KIB, description="Of a longer output its beginning and its end.")]


class ExecOut(BaseModel):
    """`exit_code` is null where it took too long and was ended. `omitted_bytes` are left out of the middle of the output."""

    exit_code: int | None
    stdout: str
    stderr: str
    timed_out: bool
    omitted_bytes: int
    duration_s: float


class FileOut(BaseModel):
    """A part of a file: `text`, or `base64` of what is no UTF-8; from `offset` on, of `size` bytes in all."""

    text: str | None = None
    base64: str | None = None
    offset: int
    size: int
    mode: str


class WrittenOut(BaseModel):
    path: str
    bytes: int


class PatchedOut(BaseModel):
    files: list[str]


class DiffOut(BaseModel):
    diff: str
    omitted_bytes: int


@tool("Run a process of its own")
async def exec(
    command: Annotated[str | list[str], Field(description="A text for a shell, or a list of arguments.")],
    card: CardName = "",
    *,
    cwd: Annotated[str, Field(description="Empty: /workspace.")] = "",
    env: dict[str, str] | None = None,
    stdin: str = "",
    timeout_s: Annotated[float, Field(ge=0.1, le=commands.LONGEST_S)] = 60,
    max_output: Output = USUAL_BYTES,
    ctx: Ctx,
) -> ExecOut:
    """Run a command that nobody sees, and get its output, errors and exit code apart. For what people should follow: `run`.

    A session that sleeps is woken for it. When the time is up it is ended, with all that it started.
    """
    ask = commands.Ask(command, cwd, env or {}, stdin.encode(), timeout_s).checked()
    there = await at(ctx, card)
    async with lasting(ctx, there.board_id, lambda: "It goes on."):
        ended = await commands.execute(there.place, ask, max_output)
    return ExecOut(
        exit_code=ended.exit_code,
        stdout=ended.stdout.decode(errors="replace"),
        stderr=ended.stderr.decode(errors="replace"),
        timed_out=ended.timed_out,
        omitted_bytes=ended.omitted,
        duration_s=round(ended.duration_s, 3),
    )


@tool("Read a file", reads=True)
async def read_file(
    path: Path,
    card: CardName = "",
    offset: Annotated[int, Field(ge=0, description="In bytes.")] = 0,
    limit: Annotated[int, Field(ge=1, le=files.FILE_BYTES, description="In bytes.")] = 256 * KIB,
    *,
    ctx: Ctx,
) -> FileOut:
    """A file of the session, or a part of it. Larger trees: `exec` with tar, or the API's `/cards/…/tar`."""
    place = (await at(ctx, card, VIEWER)).place
    found = await files.read(place, path, offset, limit)
    return FileOut(**files.text_or_base64(found.data), offset=found.offset, size=found.size, mode=found.mode)


@tool("Write a file", destroys=True, again=True)
async def write_file(
    path: Path,
    text: str = "",
    card: CardName = "",
    base64_data: Annotated[str, Field(description="Instead of `text`, of what is none.")] = "",
    mode: Annotated[str, Field(description="Octal, as 755; empty: as it was, or as usual.")] = "",
    *,
    ctx: Ctx,
) -> WrittenOut:
    """Write a file of at most 16 MiB, whole or not at all; directories on the way are made. For a small change: `apply_patch`."""
    try:
        data = base64.b64decode(base64_data, validate=True) if base64_data else text.encode()
    except binascii.Error as wrong:
        raise InvalidInput("base64_data: is no base64.") from wrong
    place = (await at(ctx, card)).place
    await files.write(place, path, data, mode)
    return WrittenOut(path=path, bytes=len(data))


@tool("Apply a patch", destroys=True)
async def apply_patch(
    patch: Annotated[str, Field(description="A unified diff, as `git diff` makes it.")],
    card: CardName = "",
    cwd: Annotated[str, Field(description="What its paths are relative to.")] = "/workspace",
    *,
    ctx: Ctx,
) -> PatchedOut:
    """Change files by a patch: all of it or, where it does not fit, nothing; then it says what does not."""
    place = (await at(ctx, card)).place
    return PatchedOut(files=await patches.apply(place, patch, cwd))


@tool("What was changed", reads=True)
async def diff(
    card: CardName = "",
    cwd: Annotated[str, Field(description="In the repository.")] = "/workspace",
    *,
    ctx: Ctx,
) -> DiffOut:
    """What was changed in a repository of the session since its last commit, new files included."""
    place = (await at(ctx, card, VIEWER)).place
    found = await patches.diff(place, cwd)
    return DiffOut(diff=found.text, omitted_bytes=found.omitted)
