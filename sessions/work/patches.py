"""Changes to a session's files as patches: applied whole or not at all; what was changed, as a diff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engines.errors import InvalidInput, PolicyRejected
from sessions.work.commands import Ask, execute
from sessions.work.errors import PatchRefused
from sessions.work.files import CALM, path_of
from sessions.work.place import Place

PATCH_BYTES: Final = 4 * 1024**2
TIMEOUT_S: Final = 60.0

# `git apply` works without a repository, too, and changes nothing unless all fits. A directory within a repository is
# taken for itself, or what is outside of it would be passed over in silence. Wrong counts in a hunk's head are common.
APPLY: Final = """\
cd -- "$1" || exit 21
command -v git > /dev/null || { echo "git is not installed in this session" >&2; exit 22; }
t=$(mktemp) && m=$(mktemp) || exit 21
trap 'rm -f "$t" "$m"' EXIT
cat > "$t"
export GIT_CEILING_DIRECTORIES="${PWD%/*}"
p=1
grep -q '^diff --git \\|^--- \\(a/\\|/dev/null\\)' "$t" || p=0
if git apply -p$p --whitespace=nowarn --numstat -z "$t" > "$m" 2> /dev/null; then more=; else more=--recount; fi
git apply -p$p --whitespace=nowarn $more "$t" && git apply -p$p $more --numstat "$t"
"""
# Of a copy of the index, in which new files are noted: the session's own stays as it is.
DIFF: Final = """\
cd -- "$1" || exit 21
command -v git > /dev/null || { echo "git is not installed in this session" >&2; exit 22; }
top=$(git rev-parse --show-toplevel 2> /dev/null) || { echo "It is in no git repository" >&2; exit 23; }
cd "$top" || exit 21
i=$(mktemp) || exit 21
trap 'rm -f "$i" "$i.lock"' EXIT
cp -- "$(git rev-parse --git-path index)" "$i" 2> /dev/null || rm -f "$i"
export GIT_INDEX_FILE="$i" GIT_OPTIONAL_LOCKS=0
git add --intent-to-add --all . 2> /dev/null
base=$(git rev-parse -q --verify HEAD) || base=$(git hash-object -t tree /dev/null)
git --no-pager -c core.quotepath=off diff --no-color --no-ext-diff "$base" --
"""


@dataclass(frozen=True, slots=True)
class Diff:
    """Against the last commit, new files included. `omitted` bytes are left out of its middle."""

    text: str
    omitted: int


async def apply(place: Place, patch: str, cwd: str = "/workspace") -> list[str]:
    """Apply a unified diff; gives the paths that it changed. Raises `PatchRefused`, `InvalidInput`."""
    data = patch.encode()
    if not patch.strip() or len(data) > PATCH_BYTES:
        raise InvalidInput(f"patch: takes a unified diff of at most {PATCH_BYTES // 1024**2} MiB.")
    data = data if data.endswith(b"\n") else data + b"\n"
    argv = ["sh", "-c", APPLY, "sh", path_of(cwd)]
    done = await execute(place, Ask(argv, environment=CALM, stdin=data, timeout_s=TIMEOUT_S, raw=True))
    said = [line.removeprefix("error: ") for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
    if done.timed_out:
        raise PatchRefused(f"The patch took longer than {TIMEOUT_S:g} s.", said)
    if done.exit_code != 0:
        raise PatchRefused(f"The patch does not fit, and nothing was changed: {'; '.join(said[:5])}.", said[:100])
    return [line.split("\t", 2)[2] for line in done.stdout.decode(errors="replace").splitlines() if "\t" in line]


async def diff(place: Place, cwd: str = "/workspace") -> Diff:
    """Raises `PolicyRejected` where there is no repository."""
    argv = ["sh", "-c", DIFF, "sh", path_of(cwd)]
    done = await execute(place, Ask(argv, environment=CALM, timeout_s=TIMEOUT_S, raw=True))
    if done.exit_code != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1] if said else "it took too long"
        raise PolicyRejected(f"There is no diff of {cwd}: {why}.")
    return Diff(done.stdout.decode(errors="replace"), done.omitted)
