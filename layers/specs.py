"""What people write about a layer, read and checked: a recipe's `spec`, as the API, the page and `vibenv.toml` have it.

| kind | fields |
|---|---|
| base | `image` (any image), or `packages` (Debian's, besides the usual ones) and `setup` |
| profile | nothing (the default one), `git` and `ref`, or `files` (the digest of an upload); `setup` |
| toolchain | `use` (`python`, `node`, `go`, `rust`) and `version`, or `script` |
| project | `git` and `ref`, or `files`; `setup` (such as `npm ci`) |

Every kind but base also takes `network` (true), `timeout_s` and `size_limit_mb`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from engines.errors import InvalidInput
from layers.models import Kind

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+:~-]+)?")
IMAGE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]*")
GIT: Final = re.compile(r"(https?|ssh|git)://[^\s'\"]+|[\w.-]+@[\w.-]+:[^\s'\"]+")
REF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
FILES: Final = re.compile(r"[0-9a-f]{64}")
TOOLS: Final = ("python", "node", "go", "rust")
SCRIPT_LENGTH: Final = 20_000
MOST_PACKAGES: Final = 300
DAY_S: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a build."""

    network: bool = True
    timeout_s: int = 30 * 60
    size_limit_mb: int = 4096


@dataclass(frozen=True, slots=True)
class BaseSpec:
    image: str = ""
    packages: tuple[str, ...] = ()
    setup: str = ""


@dataclass(frozen=True, slots=True)
class ProfileSpec:
    git: str = ""
    ref: str = ""
    files: str = ""
    setup: str = ""
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class ToolchainSpec:
    use: str = ""
    version: str = ""
    script: str = ""
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class ProjectSpec:
    git: str = ""
    ref: str = ""
    files: str = ""
    setup: str = ""
    limits: Limits = Limits()


Spec = BaseSpec | ProfileSpec | ToolchainSpec | ProjectSpec
OF_KIND: Final[Mapping[str, type[Spec]]] = {
    Kind.BASE: BaseSpec,
    Kind.PROFILE: ProfileSpec,
    Kind.TOOLCHAIN: ToolchainSpec,
    Kind.PROJECT: ProjectSpec,
}


def check_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise InvalidInput("name: takes 1 to 40 small letters, digits and dashes, a letter first, such as `python`.")
    return name


def parse(kind: str, given: Mapping[str, Any]) -> Spec:
    """A spec of that kind. Raises `InvalidInput` whose message begins with the field."""
    reader = _READERS.get(kind)
    if reader is None:
        raise InvalidInput(f"kind: is one of {', '.join(_READERS)}.")
    fields = _Fields(given)
    spec = reader(fields)
    fields.no_others()
    return spec


def plain(spec: Spec) -> dict[str, Any]:
    """As it is stored and shown: without what says nothing."""
    found = asdict(spec)
    limits = found.pop("limits", {})
    usual = asdict(Limits())
    found |= {key: value for key, value in limits.items() if value != usual[key]}
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in found.items() if value not in ("", ())
    }


class _Fields:
    """The fields of a spec, each taken once."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._left = dict(given)

    def text(self, name: str, pattern: re.Pattern[str] | None = None, example: str = "") -> str:
        value = self._left.pop(name, None)
        if value is None or value == "":
            return ""
        if not isinstance(value, str) or (pattern and not pattern.fullmatch(value)):
            raise InvalidInput(f"{name}: takes text{f' such as `{example}`' if example else ''}.")
        return value

    def script(self, name: str) -> str:
        value = self.text(name)
        if len(value) > SCRIPT_LENGTH or "\0" in value:
            raise InvalidInput(f"{name}: takes a shell script of at most {SCRIPT_LENGTH} characters.")
        return value

    def words(self, name: str, pattern: re.Pattern[str], most: int, example: str) -> tuple[str, ...]:
        value = self._left.pop(name, None) or []
        good = isinstance(value, list | tuple) and len(value) <= most
        if not good or not all(isinstance(word, str) and pattern.fullmatch(word) for word in value):
            raise InvalidInput(f"{name}: takes a list of at most {most} names such as `{example}`.")
        return tuple(sorted(set(value)))

    def whole(self, name: str, usual: int, low: int, high: int) -> int:
        value = self._left.pop(name, None)
        if value is None:
            return usual
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise InvalidInput(f"{name}: takes a whole number from {low} to {high}.")
        return value

    def flag(self, name: str, usual: bool) -> bool:
        value = self._left.pop(name, None)
        if value is None:
            return usual
        if not isinstance(value, bool):
            raise InvalidInput(f"{name}: is true or false.")
        return value

    def limits(self) -> Limits:
        usual = Limits()
        return Limits(
            network=self.flag("network", usual.network),
            timeout_s=self.whole("timeout_s", usual.timeout_s, 1, DAY_S),
            size_limit_mb=self.whole("size_limit_mb", usual.size_limit_mb, 1, 100_000),
        )

    def no_others(self) -> None:
        for name in self._left:
            raise InvalidInput(f"{name}: is not known here; see the list of fields in docs/layers.md.")


def _base(fields: _Fields) -> BaseSpec:
    spec = BaseSpec(
        image=fields.text("image", IMAGE, "debian:12"),
        packages=fields.words("packages", PACKAGE, MOST_PACKAGES, "ripgrep"),
        setup=fields.script("setup"),
    )
    if spec.image and spec.packages:
        raise InvalidInput("packages: are for a base made of Debian's packages; install them in `setup` of an image.")
    return spec


def _source(fields: _Fields) -> tuple[str, str, str]:
    """`git`, `ref` and `files`."""
    git = fields.text("git", GIT, "https://example.org/me/project.git")
    ref = fields.text("ref", REF, "main")
    files = fields.text("files", FILES, "the digest that an upload answered with")
    if git and files:
        raise InvalidInput("files: and `git` are two sources; give one of them.")
    if ref and not git:
        raise InvalidInput("ref: names a branch, tag or commit of `git`; give that, too.")
    return git, ref, files


def _limits(fields: _Fields, fetched: str) -> Limits:
    """`fetched`: the field whose layer cannot be built without the network, if that is given."""
    limits = fields.limits()
    if fetched and not limits.network:
        raise InvalidInput(f"network: is what `{fetched}` is fetched by; allow it.")
    return limits


def _profile(fields: _Fields) -> ProfileSpec:
    git, ref, files = _source(fields)
    return ProfileSpec(git, ref, files, fields.script("setup"), _limits(fields, git and "git"))


def _toolchain(fields: _Fields) -> ToolchainSpec:
    use = fields.text("use", re.compile("|".join(TOOLS)), "python")
    version = fields.text("version", VERSION, "3.12")
    script = fields.script("script")
    if bool(use) == bool(script):
        raise InvalidInput(f"use: names one of {', '.join(TOOLS)}; or give a `script` that fills $PREFIX, not both.")
    if version and not use:
        raise InvalidInput("version: is for a ready-made toolchain; name one in `use`.")
    return ToolchainSpec(use, version, script, _limits(fields, use and "use"))


def _project(fields: _Fields) -> ProjectSpec:
    git, ref, files = _source(fields)
    if not git and not files:
        raise InvalidInput("git: or `files` says where the project's source is; give one of them.")
    return ProjectSpec(git, ref, files, fields.script("setup"), _limits(fields, git and "git"))


_READERS: Final[dict[str, Callable[[_Fields], Spec]]] = {
    Kind.BASE: _base,
    Kind.PROFILE: _profile,
    Kind.TOOLCHAIN: _toolchain,
    Kind.PROJECT: _project,
}
