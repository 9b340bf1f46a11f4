"""What a git reference means now: asked in a container of ours, never on this machine.

So a recipe can reach no more than a session can, and uses no key that happens to lie on this machine.
"""

from __future__ import annotations

import re
import secrets
import shlex
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from engines.current import engine
from engines.errors import BuildError, EngineError
from engines.protocol import Limits, WorkshopSpec
from layers import builder, trust
from layers.builders import docker, script
from layers.commits import Commit
from layers.models import Recipe

TIMEOUT_S: Final = 60
MOST_OUTPUT: Final = 4 * 1024**2
LINE: Final = re.compile(r"^([0-9a-f]{40,64})\t(\S+)$", re.MULTILINE)
HEAD: Final = re.compile(r"^ref: refs/heads/(\S+)\tHEAD$", re.MULTILINE)
COMMIT: Final = re.compile(r"[0-9a-f]{40}")
NAME: Final = "-lookup-"  # in the names of the containers
NEVER_ASK: Final = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=20"}


def under_way() -> bool:
    """Whether some reference may be being looked up now."""
    return Recipe.objects.filter(looked_up_since__gt=timezone.now() - timedelta(seconds=2 * TIMEOUT_S)).exists()


def look_up(git: str, ref: str) -> Commit:
    """The commit of a branch, a tag, a commit's own id, or the repository's usual branch. Raises `BuildError`."""
    if COMMIT.fullmatch(ref):
        return Commit(ref)
    return read(_ask(git, ref), git, ref)


def read(answer: str, git: str, ref: str) -> Commit:
    """From what `git ls-remote --symref` says."""
    found = {name: commit for commit, name in LINE.findall(answer)}
    if not ref:
        head = HEAD.search(answer)
        if "HEAD" not in found:
            raise BuildError(f"git: the repository {git} has no commits yet. Push something, then build again.")
        return Commit(found["HEAD"], head[1] if head else "")
    if f"refs/heads/{ref}" in found:
        return Commit(found[f"refs/heads/{ref}"], ref)
    for tag in (f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}"):
        if tag in found:
            return Commit(found[tag])
    raise BuildError(f"ref: the repository {git} has no branch or tag {ref}. Check its spelling, then build again.")


def _ask(git: str, ref: str) -> str:
    wanted = shlex.join([ref, f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/tags/{ref}^{{}}"] if ref else ["HEAD"])
    command = f"timeout {TIMEOUT_S} git ls-remote --symref -- {shlex.quote(git)} {wanted} 2>&1"
    image = builder.target().image
    if not engine().has_image(image):
        raise BuildError("The base image, from which git is asked, is not there yet. Build again when it is.")
    engine().ensure_guard(image)
    bundle = trust.bundle()
    trusted = dict.fromkeys(script.TRUST, script.CERTIFICATES) if bundle else {}
    workshop = engine().open_workshop(
        WorkshopSpec(
            name=f"vibenv-build-{settings.INSTALLATION_ID[:8]}{NAME}{secrets.token_hex(4)}",
            image=image,
            command=("sh", "-c", command),
            environment={**NEVER_ASK, **trusted, "HOME": "/root", "LANG": "C.UTF-8"},
            limits=Limits(memory_bytes=512 * 1024**2),
        )
    )
    try:
        if bundle:
            workshop.put("/", docker.archive({script.CERTIFICATES: bundle.read_text()}))
        said = b""
        for data in workshop.run(docker.TICK_S):
            said = (said + data)[:MOST_OUTPUT]
        status = workshop.ended().exit_code
    except EngineError as error:
        raise BuildError(str(error)) from error
    finally:
        workshop.close()
    answer = said.decode(errors="replace").replace("\r", "")
    if status:
        raise BuildError(_refused(git, status, answer))
    return answer


def _refused(git: str, status: int, said: str) -> str:
    if status == 124:
        return f"git: {git} did not answer within {TIMEOUT_S} s. Check its address, and that a session can reach it."
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "it said nothing")
    return f"git: {git} could not be read: {last[:300].rstrip('.')}. Check its address, and that it can be read without a login."
