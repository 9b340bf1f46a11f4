"""The containers of sessions: idempotent verbs on deterministic names."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from engines.docker import hardening, labels, names
from engines.docker.client import Client
from engines.docker.errors import Conflict, Missing, translated
from engines.docker.networks import Networks
from engines.docker.stale import Stale
from engines.errors import EngineError, NameTaken
from engines.protocol import ContainerStatus, LayerMount, Observed, Process, SessionSpec, Usage

STATES: Final = {
    "created": Observed.CREATED,
    "running": Observed.RUNNING,
    "restarting": Observed.RUNNING,
    "paused": Observed.PAUSED,
    "exited": Observed.EXITED,
    "dead": Observed.EXITED,
    "removing": Observed.EXITED,
}
ALIVE: Final = {Observed.RUNNING, Observed.PAUSED}
ASKED_AT_ONCE: Final = 24
INFO_AGE_S: Final = 60.0
RESERVED_S: Final = 5.0  # a name can be taken so long before its container can be seen


@dataclass(frozen=True, slots=True)
class FirstProcess:
    """`pid` as the engine's host counts."""

    container_id: str
    pid: int


class Containers:
    """Containers of one installation on one engine."""

    def __init__(self, client: Client, installation: str, networks: Networks) -> None:
        self._client = client
        self._installation = installation
        self._networks = networks
        self.stale = Stale(client, installation)
        self._info: tuple[float, dict[str, Any]] = (0.0, {})

    # make ---------------------------------------------------------------------------------------------
    def create(self, spec: SessionSpec) -> ContainerStatus:
        swap_limit = self.require_seccomp()
        own_labels = labels.for_session(self._installation, spec)
        network = self._networks.ensure(spec.session_id, own_labels)
        asked = hardening.host_config(spec.limits, network, spec.layers)
        deadline = time.monotonic() + RESERVED_S
        while True:
            try:
                container_id = self._create(spec, own_labels, asked)
                return self._verified(container_id, asked, swap_limit)
            except Conflict:
                adopted = self._adopt(spec)
                if adopted or time.monotonic() > deadline:
                    break
                time.sleep(0.02)
        if not adopted:
            raise EngineError(f"The name {spec.name} is held by a container that is being removed. Try again.")
        return adopted

    def _verified(self, container_id: str, asked: dict[str, Any], swap_limit: bool) -> ContainerStatus:
        details = self._details(container_id)
        try:
            hardening.verify(details, asked, swap_limit)
        except EngineError:
            self._remove(container_id)
            self._networks.remove(asked["NetworkMode"])
            raise
        return _status(details)

    def _create(self, spec: SessionSpec, own_labels: dict[str, str], asked: dict[str, Any]) -> str:
        config = {
            "Image": spec.image,
            "Hostname": spec.hostname,
            "Cmd": names.waiting(spec.command) if spec.anonymous else list(spec.command),
            "Entrypoint": [],  # an image's own entrypoint must not stand between us and the terminal
            "Env": [f"{key}={value}" for key, value in spec.environment.items()],
            "WorkingDir": spec.workdir,
            "Tty": False,
            "OpenStdin": False,
            "Labels": {**own_labels, labels.MADE_OF: spec.made_of, labels.ANONYMOUS: "1" if spec.anonymous else ""},
            "HostConfig": asked,
            "NetworkingConfig": {"EndpointsConfig": {asked["NetworkMode"]: {}}},
        }
        with translated(f"make the container {spec.name}"):
            answer = self._client.raw.create_container_from_config(config, spec.name)
        return str(answer["Id"])

    def _adopt(self, spec: SessionSpec) -> ContainerStatus | None:
        """Keep what exists, even with another image or limits: it holds somebody's work.

        None where the name is taken but nothing is there: it is being made or removed by another caller.
        """
        try:
            details = self._ours(spec.name)
        except Missing:
            return None
        except NameTaken:
            self._networks.remove(self._networks.name(spec.session_id))
            raise
        owner = details["Config"]["Labels"][labels.SESSION]
        if owner != spec.session_id:
            raise NameTaken(
                f"The container {spec.name} belongs to another session ({owner}). Delete its card or rename this one."
            )
        return self._safe(details)

    @staticmethod
    def _safe(details: Mapping[str, Any]) -> ContainerStatus:
        """Of one that has all protections."""
        status = _status(details)
        if unsafe := hardening.unsafe_fields(details):
            raise EngineError(
                f"The container {status.name} lacks protections ({', '.join(unsafe)}) and is not used. "
                f"Save its files with `docker cp`, then remove it with `docker rm -f {status.name}`.",
                permanent=True,
            )
        return status

    def require_seccomp(self) -> bool:
        """Refuse an engine without system call filter; returns whether it can limit swap."""
        asked_at, info = self._info
        if time.monotonic() - asked_at > INFO_AGE_S:
            with translated("say what it can do"):
                info = self._client.api.info()
            self._info = (time.monotonic(), info)
        options = info.get("SecurityOptions") or []
        if not any(o.startswith("name=seccomp") and "profile=unconfined" not in o for o in options):
            raise EngineError(
                "The container engine has no seccomp filter in force, so sessions would not be isolated. "
                "Use an engine and a kernel with seccomp (`docker info` shows it).",
                permanent=True,
            )
        return bool(info.get("SwapLimit"))

    def rename(self, name: str, new_name: str) -> ContainerStatus:
        try:
            details = self._ours(name)
        except Missing:
            return self._safe(self._ours(new_name))  # it was renamed already
        status = dataclasses.replace(self._safe(details), name=new_name)
        try:
            with translated(f"give {name} the name {new_name}"):
                self._client.api.rename(status.container_id, new_name)
        except Conflict as error:
            raise NameTaken(f"A container named {new_name} exists already. Remove it, or rename the card.") from error
        return status

    # run ----------------------------------------------------------------------------------------------
    def start(self, name: str) -> None:
        details = self._ours(name)
        status = _status(details)
        if status.state is Observed.RUNNING:
            return
        if status.state is Observed.PAUSED:
            self._unpause(name, status.container_id)
            return
        try:
            self._start(name, status.container_id)
        except (Missing, Conflict) as error:
            if "network" not in str(error).lower():
                raise
            self._networks.ensure(status.session_id, _own_labels(details))
            self._networks.reconnect(status.container_id, status.session_id)
            self._start(name, status.container_id)

    def _start(self, name: str, container_id: str) -> None:
        def start() -> None:
            with translated(f"start {name}"):
                self._client.api.start(container_id)

        self.stale.cured(container_id, start)

    def _unpause(self, name: str, container_id: str) -> None:
        try:
            with translated(f"unpause {name}"):
                self._client.api.unpause(container_id)
        except EngineError:
            if self.inspect(name).state is Observed.PAUSED:
                raise

    def pause(self, name: str) -> None:
        status = _status(self._ours(name))
        if status.state is Observed.PAUSED:
            return
        try:
            with translated(f"pause {name}"):
                self._client.api.pause(status.container_id)
        except EngineError:
            if self.inspect(name).state is not Observed.PAUSED:
                raise

    def stop(self, name: str, timeout_s: int) -> None:
        try:
            status = _status(self._ours(name))
            if status.state is Observed.PAUSED:
                self._unpause(name, status.container_id)
            if status.state in (Observed.RUNNING, Observed.PAUSED):
                with translated(f"stop {name}"):
                    self._client.api.stop(status.container_id, timeout=timeout_s)
        except Missing:
            return

    def destroy(self, name: str, session_id: str) -> None:
        with contextlib.suppress(Missing):
            status = _status(self._ours(name))
            self._remove(status.container_id)
            session_id = session_id or status.session_id
        if session_id:
            self._networks.remove(self._networks.name(session_id))
        self._networks.remove_of(name)

    def _remove(self, container_id: str) -> None:
        """A removal that another caller has begun is waited for: success must mean gone."""
        try:
            with translated(f"remove {container_id[:12]}"):
                self._client.api.remove_container(container_id, v=True, force=True)
        except Missing:
            return
        except Conflict as conflict:
            if "already in progress" not in conflict.explanation:
                raise
            with translated(f"remove {container_id[:12]}"):
                self._wait_removed(container_id)

    def _wait_removed(self, container_id: str) -> None:
        try:
            with translated("wait for a removal"):
                self._client.api.wait(container_id, condition="removed", timeout=20)
        except Missing:
            return

    # look ---------------------------------------------------------------------------------------------
    def inspect(self, name: str) -> ContainerStatus:
        try:
            return _status(self._ours(name))
        except Missing:
            return ContainerStatus(name=name, session_id="", state=Observed.ABSENT)

    def list(self) -> Sequence[ContainerStatus]:
        wanted = [f"{labels.INSTALLATION}={self._installation}", labels.SESSION]
        with translated("list containers"):
            rows = self._client.api.containers(all=True, filters={"label": wanted})
        return [_row_status(row) for row in rows if row["Labels"][labels.SESSION]]

    def first_process(self, name: str) -> FirstProcess | None:
        """Of one that runs."""
        try:
            details = self._ours(name)
        except Missing:
            return None
        running = _status(details).state is Observed.RUNNING
        return FirstProcess(details["Id"], int(details["State"]["Pid"])) if running else None

    def processes(self, name: str) -> Sequence[Process]:
        with translated(f"list the processes of {name}"):
            table = self._client.api.top(self.id_of(name), ps_args="-eo pid,args")
        return [Process(pid=int(row[0]), command=row[1]) for row in table["Processes"] or []]

    def usage(self, name: str) -> Usage:
        return self._usage(self.id_of(name))

    def usages(self, names: Sequence[str]) -> Mapping[str, Usage]:
        """Engines before version 25 answer at their next tick, of which there is one a second: so all are asked at once."""
        wanted = set(names)
        alive = [each for each in self.list() if each.name in wanted and each.state in ALIVE]

        def ask(status: ContainerStatus) -> tuple[str, Usage] | None:
            try:
                return status.name, self._usage(status.container_id)
            except Missing:
                return None

        with ThreadPoolExecutor(ASKED_AT_ONCE) as threads:
            return dict(answer for answer in threads.map(ask, alive) if answer)

    def _usage(self, container_id: str) -> Usage:
        with translated(f"say what {container_id[:12]} uses"):
            stats = self._client.raw.stats(container_id, stream=False, one_shot=True)
        return _usage(stats)

    def logs(self, name: str, tail: int) -> str:
        with translated(f"read the log of {name}"):
            output: bytes = self._client.api.logs(self.id_of(name), tail=tail)
        return output.decode(errors="replace")

    def id_of(self, name: str) -> str:
        """The id of our container of that name. Raises `Missing`, or `NameTaken` for somebody else's."""
        return str(self._ours(name)["Id"])

    def _ours(self, name: str) -> dict[str, Any]:
        details = self._details(name)
        labels.require_ours(details, self._installation, name)
        return details

    def _details(self, name_or_id: str) -> dict[str, Any]:
        with translated(f"look at {name_or_id}"):
            return dict(self._client.api.inspect_container(name_or_id))


def _own_labels(details: Mapping[str, Any]) -> dict[str, str]:
    keys = (labels.INSTALLATION, labels.SESSION, labels.NAME)
    return {key: details["Config"]["Labels"][key] for key in keys}


def _status(details: Mapping[str, Any]) -> ContainerStatus:
    state = details["State"]
    observed = STATES[state["Status"]]
    return ContainerStatus(
        name=details["Name"].lstrip("/"),
        session_id=details["Config"]["Labels"][labels.SESSION],
        state=observed,
        container_id=details["Id"],
        exit_code=state["ExitCode"] if observed is Observed.EXITED else None,
        oom_killed=bool(state.get("OOMKilled")),
        image=details["Config"]["Image"],
        layers=tuple(LayerMount(m["Source"], m["Target"]) for m in details["HostConfig"].get("Mounts") or ()),
        made_of=details["Config"]["Labels"].get(labels.MADE_OF, ""),
        anonymous=bool(details["Config"]["Labels"].get(labels.ANONYMOUS)),
    )


def _usage(stats: Mapping[str, Any]) -> Usage:
    """Of the engine's answer, in which everything is left out that a container has none of."""
    memory = stats.get("memory_stats") or {}
    details = memory.get("stats") or {}
    droppable = details.get("inactive_file", details.get("total_inactive_file", 0))  # control groups of version 2 and 1
    return Usage(
        cpu_seconds=stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
        memory_bytes=max(0, memory.get("usage", 0) - droppable),
        pids=(stats.get("pids_stats") or {}).get("current", 0),
    )


def _row_status(row: Mapping[str, Any]) -> ContainerStatus:
    exited = re.match(r"Exited \((\d+)\)", row["Status"])
    return ContainerStatus(
        name=next(name.lstrip("/") for name in row["Names"]),
        session_id=row["Labels"][labels.SESSION],
        state=STATES[row["State"]],
        container_id=row["Id"],
        exit_code=int(exited[1]) if exited else None,
    )
