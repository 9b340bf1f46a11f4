import configparser
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from vibenv_site.setup.processes import Plan, config, programs, redis_argv

PLAN = Plan(
    data_dir=Path("/data/my files 100%"),
    host="127.0.0.1",
    port=8123,
    redis_socket=Path("/data/redis.sock"),
    control_socket=Path("/data/supervisor.sock"),
)


def parsed(plan: Plan) -> configparser.ConfigParser:
    """The configuration as supervisord's own parser family reads it, `%%` included."""
    parser = configparser.ConfigParser()
    parser.read_string(config(plan))
    return parser


def test_every_process_restarts_at_once_and_is_never_given_up():
    parser = parsed(PLAN)
    for name in ("web", "worker", "beat", "redis"):
        section = parser[f"program:{name}"]
        assert (section["autorestart"], section["startsecs"]) == ("true", "0")
        assert int(section["startretries"]) > 1000
        assert int(section["stopwaitsecs"]) > 0


def test_commands_survive_the_configuration_file():
    parser = parsed(PLAN)
    for program in programs(PLAN):
        assert shlex.split(parser[f"program:{program.name}"]["command"]) == list(program.argv)


def test_logs_are_in_the_data_directory_and_bounded():
    section = parsed(PLAN)["program:web"]
    assert section["stdout_logfile"] == "/data/my files 100%/logs/web.log"
    assert int(section["stdout_logfile_maxbytes"]) > 0


def test_the_control_socket_is_private():
    assert parsed(PLAN)["unix_http_server"]["chmod"] == "0600"


def test_a_redis_of_the_users_is_not_started():
    assert "program:redis" not in parsed(replace(PLAN, redis_socket=None))


def test_redis_stops_after_its_users():
    parser = parsed(PLAN)
    assert int(parser["group:vibenv"]["priority"]) > int(parser["program:redis"]["priority"])


def test_redis_has_no_tcp_port_and_writes_nothing():
    argv = redis_argv(Path("/s"), Path("/d"))
    options = dict(zip(argv[1::2], argv[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--save"] == ""
    assert options["--appendonly"] == "no"
    assert options["--unixsocketperm"] == "700"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])
def test_web_listens_where_it_is_told(host: str):
    web = programs(replace(PLAN, host=host))[0]
    assert web.argv[web.argv.index("-b") + 1] == host


def test_a_registry_of_our_own_stops_after_its_users_and_any_other_is_not_started():
    parser = parsed(replace(PLAN, registry_config=Path("/data/registry.yml")))
    assert int(parser["group:vibenv"]["priority"]) > int(parser["program:registry"]["priority"])
    assert "program:registry" not in parsed(PLAN)
