"""Commands that set up, run and look after a vibenv on this machine."""

from __future__ import annotations

import sys

import click

from vibenv_site.cli.commands.common import board_option, data_dir_option, passed_on, yes_option


def _from_a_checkout() -> None:
    """What sets up or tests a vibenv takes more than the packages that pip installs."""
    from vibenv_site.cli.errors import CliError
    from vibenv_site.setup.paths import ROOT

    if not (ROOT / "vibenv").is_file():
        raise CliError(
            "This vibenv was installed by pip, which is for commands that go to one.", "Run ./vibenv in a checkout."
        )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@data_dir_option
@yes_option
def up(host: str, port: int, data_dir: str | None, yes: bool) -> None:
    """Set up what is missing, and run vibenv until Ctrl-C. Sessions go on after it."""
    from vibenv_site.cli import up as command

    _from_a_checkout()
    sys.exit(command.run(host, port, data_dir, yes))


@click.command(context_settings=passed_on)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Set up for and run all tests, on SQLite and again on PostgreSQL. ARGUMENTS go to pytest.

    With ARGUMENTS that choose tests only SQLite is used; --database=both|sqlite|postgresql says otherwise.
    """
    from vibenv_site.cli import testing as command

    _from_a_checkout()
    sys.exit(command.run(list(arguments)))


@click.command()
def check() -> None:
    """Run the linters, the type checks of both languages, and the unit tests."""
    from vibenv_site.cli import check as command

    _from_a_checkout()
    sys.exit(command.run())


@click.command()
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--orphans", is_flag=True, help="List what is left of sessions and builds that are gone.")
@click.option("--remove", is_flag=True, help="With --orphans: remove it, after asking.")
@click.option("--yes", is_flag=True, help="With --remove: do not ask.")
def doctor(data_dir: str | None, as_json: bool, orphans: bool, remove: bool, yes: bool) -> None:
    """Say what is there, what is missing, what lacking it costs, and how to mend it."""
    if remove and not orphans:
        raise click.UsageError("--remove goes with --orphans.")
    if orphans:
        from vibenv_site.cli import orphaned

        sys.exit(orphaned.run(data_dir, as_json, remove, yes))
    from vibenv_site.cli import doctor as command

    sys.exit(command.run(data_dir, as_json))


@click.command()
@click.option("--force", is_flag=True, help="From nothing, even when nothing changed.")
def build(force: bool) -> None:
    """Build the front end."""
    from vibenv_site.cli import build as command

    _from_a_checkout()
    command.run(force)


@click.group()
def create() -> None:
    """Make something that others can use."""


@create.command()
@data_dir_option
@yes_option
def launcher(data_dir: str | None, yes: bool) -> None:
    """Build the base image if need be, publish it to the registry, and print its reference."""
    from vibenv_site.cli import launcher as command

    _from_a_checkout()
    click.echo(command.create(data_dir, yes))


@click.command("remote-launch")
@click.argument("name")
@board_option
@data_dir_option
@click.option("--command", default="bash -l", show_default=True, help="What runs in it.")
def remote_launch(name: str, board: str | None, data_dir: str | None, command: str) -> None:
    """Open the stack of card NAME, or of the board, in Dagger's own terminal: no session, and nothing is kept.

    On the machine where the vibenv is; it need not run, the registry must. Wants Dagger's command line.
    """
    from vibenv_site.cli import remote

    remote.launch(name, board, data_dir, command)


@click.command(context_settings=passed_on)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands, for developers: `vibenv manage shell`."""
    from django.core.management import execute_from_command_line

    from vibenv_site.cli import environ

    environ.redis_socket(environ.chosen_data_dir(None))
    execute_from_command_line(["vibenv manage", *arguments])


COMMANDS = (up, test, check, doctor, build, create, remote_launch, manage)
