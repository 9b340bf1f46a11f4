"""From what people wrote to what a builder is asked for. Pure, but for where uploads lie."""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from layers import builder, readymade, trust, uploads
from layers.builders.protocol import BaseRequest, BuildRequest
from layers.commits import Commit
from layers.models import Kind
from layers.mounts import prefix_of
from layers.requests import AnyRequest
from layers.specs import BaseSpec, ProfileSpec, ProjectSpec, Spec, ToolchainSpec

MIB: Final = 1024**2
FILES: Final = "files"  # the input that an upload is
GIT_NEEDS: Final = "git: its reference was not looked up yet"


def plan(kind: Kind, name: str, spec: Spec, *, commit: Commit | None = None, fresh: str = "") -> AnyRequest | None:
    """What to build; None for the base of the settings. A git source wants its `commit`.

    `fresh` is any text: one that was not given before has it built again although nothing changed.
    """
    if isinstance(spec, BaseSpec):
        return _base(name, spec, fresh)
    return _layer(kind, name, spec, _script(spec, commit), fresh)


def _base(name: str, spec: BaseSpec, fresh: str) -> BaseRequest | None:
    if spec == BaseSpec():
        return None
    below = spec.image or builder.target().digest
    digest = _digest([Kind.BASE, below, list(spec.packages), spec.setup, _fresh(fresh)])
    return BaseRequest(
        digest=digest,
        image=_image(Kind.BASE, name, digest),
        source=spec.image,
        packages=spec.packages,
        setup=spec.setup,
        trust=trust.bundle(),
    )


def _layer(
    kind: Kind, name: str, spec: ProfileSpec | ToolchainSpec | ProjectSpec, script: str, fresh: str
) -> BuildRequest:
    prefix, inputs, limits = prefix_of(kind, name), _inputs(spec), spec.limits
    decides = [kind, prefix, script, sorted(inputs), getattr(spec, "files", ""), limits.network, _fresh(fresh)]
    digest = _digest(decides)
    return BuildRequest(
        digest=digest,
        kind=kind,
        name=name,
        image=_image(kind, name, digest),
        base_image=builder.target().image,
        prefix=prefix,
        script=script,
        inputs=inputs,
        environment=settings.PACKAGE_REGISTRIES,
        trust=trust.bundle(),
        network=limits.network,
        size_limit_bytes=limits.size_limit_mb * MIB,
        timeout_s=limits.timeout_s,
    )


def _fresh(fresh: str) -> list[str]:
    return [fresh] if fresh else []


def _digest(decides: list[Any]) -> str:
    content = json.dumps([*decides, platform.machine()], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _image(kind: Kind, name: str, digest: str) -> str:
    return f"vibenv/{kind.value}-{name}:{digest[:12]}"


def _inputs(spec: Spec) -> Mapping[str, Path]:
    files = getattr(spec, "files", "")
    return {FILES: uploads.path_of(files)} if files else {}


def _script(spec: ProfileSpec | ToolchainSpec | ProjectSpec, commit: Commit | None) -> str:
    if isinstance(spec, ToolchainSpec):
        return spec.script or readymade.toolchain(spec.use, spec.version)
    if isinstance(spec, ProfileSpec):
        if not spec.git and not spec.files:
            return readymade.profile(spec.setup)
        return readymade.dotfiles(_source(spec, commit, '"$PREFIX/dotfiles"'), spec.setup)
    lines = [_source(spec, commit, '"$PREFIX"'), 'cd "$PREFIX"', spec.setup]
    return "\n".join(line for line in lines if line)


def _source(spec: ProfileSpec | ProjectSpec, commit: Commit | None, to: str) -> str:
    if spec.files:
        return f"mkdir -p {to}\ncp -a /build/{FILES}/. {to}/"
    if commit is None:
        raise ValueError(GIT_NEEDS)
    onto = f"-B {shlex.quote(commit.branch)}" if commit.branch else "--detach"
    lines = [
        "git config --global --add safe.directory '*'",
        f"git clone --no-checkout -- {shlex.quote(spec.git)} {to}",
        # A branch may have been moved since: what it was then is on no branch of the clone.
        f"git -C {to} cat-file -e {commit.id} 2> /dev/null || git -C {to} fetch --quiet origin {commit.id}",
        f"git -C {to} checkout --quiet {onto} {commit.id}",
    ]
    if commit.branch:
        lines.append(f"git -C {to} branch --quiet --set-upstream-to origin/{shlex.quote(commit.branch)} || true")
    lines.append(f"if [ -f {to}/.gitmodules ]; then git -C {to} submodule update --init --recursive; fi")
    return "\n".join(lines)
