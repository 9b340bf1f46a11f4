"""What `vibenv doctor` finds: one function for each thing, none of which changes anything or raises."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from engines.address import EngineAddress
from engines.errors import VibenvError
from vibenv_site import environment
from vibenv_site.setup import (
    assets,
    data_dir,
    engine,
    live_update,
    needs,
    node,
    paths,
    programs,
    registry,
    running,
    supervisor,
)

Status = Literal["ok", "optional", "missing"]
TOO_OLD = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """`missing` stops vibenv; `optional` costs something. `cost` and `mend` are empty for what is well."""

    name: str
    status: Status
    found: str
    cost: str = ""
    mend: str = ""


def all_of(path: Path) -> list[Finding]:
    """Everything, in the order in which it is needed."""
    where = _address()
    info = _info(where)
    return [
        python(),
        environment_of_python(),
        the_data_dir(path),
        disk(path),
        the_engine(where, info),
        isolation(info),
        network_guard(path, where, info),
        made_ahead(path, where, info),
        live_updates(where, info),
        base_image(where, info),
        debootstrap(where, info),
        builder(path),
        redis(),
        the_registry(path),
        front_end(),
        node_js(),
        *(for_tests(need) for need in needs.TESTS),
        processes(path),
    ]


def python() -> Finding:
    version = platform.python_version()
    if sys.version_info < TOO_OLD:
        return Finding("Python", "missing", version, "nothing runs", "install Python 3.11 or newer")
    return Finding("Python", "ok", version)


def environment_of_python() -> Finding:
    if importlib.util.find_spec("pytest") is None:
        return Finding(
            "Test packages", "optional", "not in .venv", "no tests and checks", "installed by `./vibenv test`"
        )
    return Finding("Test packages", "ok", "in .venv")


def the_data_dir(path: Path) -> Finding:
    if not path.exists():
        return Finding("Data directory", "ok", f"{path} (made at the first start)")
    owner = path.stat().st_uid
    if owner != os.getuid():
        whose = data_dir.user_name(owner)
        return Finding("Data directory", "missing", f"{path} is {whose}'s", "vibenv cannot start", "--data-dir DIR")
    return Finding("Data directory", "ok", str(path))


def disk(path: Path) -> Finding:
    there = next(p for p in (path, *path.parents) if p.exists())
    free = shutil.disk_usage(there).free
    found = f"{data_dir.size(free)} free"
    if free < data_dir.ALWAYS_FREE_BYTES:
        return Finding("Disk", "missing", found, "vibenv cannot start", "make room, or --data-dir DIR")
    if free < data_dir.BUILD_FREE_BYTES:
        return Finding("Disk", "optional", found, "the base image cannot be built", "make room for 2 GB")
    return Finding("Disk", "ok", found)


def _address() -> EngineAddress | str:
    try:
        return engine.find()
    except VibenvError as error:
        return str(error)


def _info(where: EngineAddress | str) -> dict[str, Any]:
    return _ask(where, "/info")


def _ask(where: EngineAddress | str, path: str) -> dict[str, Any]:
    try:
        return {} if isinstance(where, str) else engine.ask(where, path)
    except OSError:
        return {}


def the_engine(where: EngineAddress | str, info: dict[str, Any]) -> Finding:
    cost = "no session can start"
    if isinstance(where, str):
        return Finding("Engine", "missing", "no usable address", cost, where)
    if info.get("ServerVersion"):
        return Finding("Engine", "ok", f"Docker {info['ServerVersion']} at {where.url}")
    if programs.find("dockerd") is None and engine.may_start(where):
        mend = "`./vibenv up` installs it as root, else: sudo apt-get install -y docker.io"
    elif engine.may_start(where):
        mend = "`./vibenv up` starts it as root, else: sudo systemctl start docker"
    else:
        mend = f"start it, or change what names it ({where.source})"
    return Finding("Engine", "missing", f"none answers at {where.url}", cost, mend)


def isolation(info: dict[str, Any]) -> Finding:
    if not info:
        return Finding("Isolation", "optional", "unknown: no engine answers", "not checked", "mend the engine first")
    found = f"kernel {info.get('KernelVersion')}, cgroup v{info.get('CgroupVersion', '1')}"
    seccomp = any("seccomp" in option for option in info.get("SecurityOptions") or [])
    lacking = [] if seccomp else ["seccomp"]
    lacking += [word for word in ("MemoryLimit", "PidsLimit", "CpuCfsQuota") if not info.get(word)]
    if lacking:
        cost = "sessions would not be contained, so none starts"
        mend = "use a kernel and an engine that have it"
        return Finding("Isolation", "missing", f"{found}, without {', '.join(lacking)}", cost, mend)
    return Finding("Isolation", "ok", f"{found}, seccomp, limits on memory, CPU and processes")


def made_ahead(path: Path, where: EngineAddress | str, info: dict[str, Any]) -> Finding:
    """What runs for the next new sessions."""
    most = environment.count("VIBENV_POOL_SIZE", 3, "a whole number")
    if not most:
        cost = "a new session takes about half a second longer"
        return Finding("Made ahead", "optional", "nothing: off", cost, "unset VIBENV_POOL_SIZE")
    label = f"vibenv.installation={_installation(path)}"
    filters = quote(json.dumps({"label": [label], "name": ["^/vibenv-pool-"], "status": ["running"]}))
    found: Any = _ask(where, f"/containers/json?filters={filters}") if info and _installation(path) else []
    count = len(found) if isinstance(found, list) else 0
    return Finding("Made ahead", "ok", f"{count} of {most} containers for new sessions")


def _installation(path: Path) -> str:
    """Empty where there is none yet."""
    try:
        return (path / "installation-id").read_text().strip()
    except OSError:
        return ""


def live_updates(where: EngineAddress | str, info: dict[str, Any]) -> Finding:
    """A real try would make a container, so the kernel and the engine's capabilities are looked at."""
    if not info:
        return Finding("Live updates", "optional", "unknown: no engine answers", "not checked", "mend the engine first")
    local = not isinstance(where, str) and engine.may_start(where)
    if why := live_update.refusal(info, live_update.bounding_of_engine() if local else None):
        cost = "a newer profile or toolchain comes into a session at its next start"
        return Finding(
            "Live updates", "optional", f"not possible: {why}", cost, "use Linux 6.5 or newer on x86-64 or ARM"
        )
    return Finding("Live updates", "ok", "profile and toolchains change under running sessions")


def network_guard(path: Path, where: EngineAddress | str, info: dict[str, Any]) -> Finding:
    cost = "sessions can reach this machine's services and each other"
    if not environment.flag("VIBENV_NETWORK_GUARD", True):
        return Finding("Network guard", "optional", "off", cost, "unset VIBENV_NETWORK_GUARD")
    installation = _installation(path)[:8]
    guard = _ask(where, f"/containers/vibenv-guard-{installation}/json") if info and installation else {}
    on = bool(guard.get("State", {}).get("Running"))
    return Finding("Network guard", "ok", "in force" if on else "comes into force with the first session")


def base_image(where: EngineAddress | str, info: dict[str, Any]) -> Finding:
    if not info:
        return Finding("Base image", "optional", "unknown: no engine answers", "not checked", "mend the engine first")
    named = environment.text("VIBENV_BASE_IMAGE")
    filters = quote(json.dumps({"reference": [named or "vibenv/base"]}))
    images: Any = _ask(where, f"/images/json?filters={filters}")
    tags = [tag for image in images or [] for tag in image.get("RepoTags") or []]
    if tags:
        return Finding("Base image", "ok", ", ".join(tags))
    if named:
        return Finding(
            "Base image", "optional", f"{named} not here", "the first session waits", "pulled by `./vibenv up`"
        )
    return Finding("Base image", "optional", "not built", "the first session waits for it", "built by `./vibenv up`")


def debootstrap(where: EngineAddress | str, info: dict[str, Any]) -> Finding:
    if programs.find("debootstrap"):
        return Finding("debootstrap", "ok", "there")
    if environment.text("VIBENV_BASE_IMAGE") or base_image(where, info).status == "ok":
        return Finding("debootstrap", "ok", "not needed: there is a base image")
    return Finding(
        "debootstrap",
        "optional",
        "not installed",
        "without an image registry no base image can be built",
        "`./vibenv up` installs it as root, else: sudo apt-get install -y debootstrap",
    )


def builder(path: Path) -> Finding:
    """Settings are read only where they make nothing: an installation that has started once."""
    if not (path / "installation-id").exists():
        return Finding(
            "Layer builder",
            "ok",
            f"chosen at the first start (VIBENV_BUILDER={environment.text('VIBENV_BUILDER', 'auto')})",
        )
    import django  # noqa: PLC0415

    django.setup()
    from layers.builders import choose  # noqa: PLC0415  (models, which need Django)

    choice = choose.choose()
    found = f"{choice.builder.name} ({choice.why})"
    if choice.missing:
        mend = "mend that, or set VIBENV_BUILDER=auto"
        return Finding("Layer builder", "optional", f"{found}: {choice.missing}", "no layer can be built", mend)
    return Finding("Layer builder", "ok", found)


def redis() -> Finding:
    if environment.text("VIBENV_REDIS_URL"):
        return Finding("Redis", "ok", "the one of VIBENV_REDIS_URL")
    program = programs.find("redis-server")
    if program is None:
        mend = "`./vibenv up` installs it as root, else: sudo apt-get install -y redis-server"
        return Finding("Redis", "missing", "not installed", "vibenv cannot start", mend)
    return Finding("Redis", "ok", f"{version([program, '--version'])}, started by `./vibenv up`")


def version(argv: list[str]) -> str:
    """The first line of what a program says of itself, without its tail of build details."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return "does not run"
    line = (done.stdout or done.stderr).strip().splitlines()[:1]
    return line[0].partition(" sha=")[0].strip() if line else "there"


def the_registry(path: Path) -> Finding:
    address = environment.registry(path)
    cost = "a changed base is copied under each project, and no session's own files can be laid over another base"
    if address.lower() == registry.OFF:
        return Finding("Registry", "optional", "none is to be used", cost, "unset VIBENV_REGISTRY")
    if registry.answers(address):
        return Finding("Registry", "ok", f"answers at {address}")
    local = registry.LOCAL.match(address)
    mend = "`./vibenv up` starts one" if local else "start it, or change VIBENV_REGISTRY"
    return Finding("Registry", "optional", f"none answers at {address}", cost, mend)


def front_end() -> Finding:
    if assets.built():
        return Finding("Front end", "ok", "built")
    return Finding("Front end", "optional", "not built", "the first start takes longer", "built by `./vibenv up`")


def node_js() -> Finding:
    try:
        found = node.find()
    except VibenvError as error:
        status: Status = "optional" if assets.built() else "missing"
        return Finding("Node.js", status, "none of use", "the front end cannot be built", str(error))
    return Finding("Node.js", "ok", f"{found.version} at {found.node}")


def for_tests(need: needs.Need) -> Finding:
    if programs.has(need):
        return Finding(need.package, "ok", programs.find(need.program) or "there" if need.program else "there")
    mend = f"`./vibenv test` installs it as root, else: sudo apt-get install -y {need.package}"
    return Finding(need.package, "optional", "not installed", f"for tests only: {need.purpose}", mend)


def processes(path: Path) -> Finding:
    up = running.read(path) if path.is_dir() and running.is_locked(path) else None
    if up is None:
        return Finding("Processes", "ok", "not running: ./vibenv up")
    states = supervisor.states(paths.socket_path(path, "supervisor.sock"))
    shown = ", ".join(f"{s.name} {s.pid if s.state == 'running' else s.state}" for s in states)
    return Finding("Processes", "ok", f"{up.url}: up {up.pid}, {shown or 'still starting'}")
