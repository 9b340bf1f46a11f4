"""The processes of a running vibenv, and the supervisor's configuration that keeps them running. Pure."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vibenv_site.setup import paths

LOG_BYTES = 5 * 1024**2
LOG_BACKUPS = 3
SERVERS = {"redis", "registry"}


@dataclass(frozen=True, slots=True)
class Program:
    """One process. It is sent TERM to stop, and KILL after `stop_s` seconds."""

    name: str
    argv: Sequence[str]
    stop_s: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the configuration is made from."""

    data_dir: Path
    host: str
    port: int
    redis_socket: Path | None  # None: a Redis of the user's
    control_socket: Path
    open_files: int = 1024
    registry_config: Path | None = None  # None: the registry is none of our processes


def programs(plan: Plan) -> list[Program]:
    python = sys.executable
    celery = [python, "-m", "celery", "-A", "vibenv_site.celery"]
    found = [
        Program(
            "web",
            # Verbosity 0: an access log would hold one-time login links. -1: terminals stay open for days.
            [
                *(python, "-m", "daphne", "-b", plan.host, "-p", str(plan.port), "--verbosity", "0"),
                *("--websocket_timeout", "-1", "--application-close-timeout", "3"),
                "vibenv_site.asgi:application",
            ],
            8,
        ),
        Program(
            "worker",
            [
                *(*celery, "worker", "--pool", "threads", "--concurrency", "8"),
                *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
            ],
            8,  # a longer task is taken up again by the next worker
        ),
        Program("beat", [*celery, "beat", "--pidfile", ""], 5),
    ]
    if plan.redis_socket is not None:
        found.append(Program("redis", redis_argv(plan.redis_socket, plan.data_dir), 5))
    if plan.registry_config is not None:
        found.append(Program("registry", ["docker-registry", "serve", str(plan.registry_config)], 5))
    return found


def redis_argv(socket: Path, data_dir: Path) -> list[str]:
    """A Redis on a private Unix socket, with no TCP port and nothing kept on disk."""
    return [
        *("redis-server", "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(data_dir)),
    ]


def config(plan: Plan) -> str:
    """supervisord's configuration file."""
    logs = paths.logs(plan.data_dir)
    all_programs = programs(plan)
    clients = [p.name for p in all_programs if p.name not in SERVERS]
    sections = [
        _section("unix_http_server", file=str(plan.control_socket), chmod="0600"),
        _section(
            "supervisord",
            nodaemon="true",
            silent="true",
            logfile=str(logs / "supervisor.log"),
            logfile_maxbytes=str(LOG_BYTES),
            logfile_backups="1",
            pidfile=str(plan.data_dir / "supervisor.pid"),
            childlogdir=str(logs),
            directory=str(paths.ROOT),
            minfds=str(plan.open_files),
            identifier="vibenv",
        ),
        _section(
            "rpcinterface:supervisor",
            **{"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
        ),
        # A group stops together, and the last group first: servers go when nobody needs them any more.
        _section("group:vibenv", programs=",".join(clients), priority="20"),
        *(_program(program, logs) for program in all_programs),
    ]
    return "\n".join(sections)


def _program(program: Program, logs: Path) -> str:
    return _section(
        f"program:{program.name}",
        command=shlex.join(program.argv),
        priority="10",
        autorestart="true",
        startsecs="0",  # a process that dies is back at once, however young it was, and never given up
        startretries="1000000",
        stopsignal="TERM",
        stopwaitsecs=str(program.stop_s),
        killasgroup="true",
        redirect_stderr="true",
        stdout_logfile=str(logs / f"{program.name}.log"),
        stdout_logfile_maxbytes=str(LOG_BYTES),
        stdout_logfile_backups=str(LOG_BACKUPS),
    )


def _section(name: str, **values: str) -> str:
    lines = [f"{key} = {value.replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])
