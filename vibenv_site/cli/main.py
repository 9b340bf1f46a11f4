"""The command line: `vibenv COMMAND`. Commands are in `commands/`, by what they are about; the work of each is in a module
of its own, imported when it is called for.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from engines.errors import VibenvError
from vibenv_site.cli.commands import agents, cards, general, layers, people, setup, terminal
from vibenv_site.cli.errors import FAILED, INTERRUPTED

GROUPS: tuple[tuple[str, tuple[click.Command, ...]], ...] = (
    ("Cards and their sessions", cards.COMMANDS),
    ("In a terminal", terminal.COMMANDS),
    ("Agents and people", agents.COMMANDS),
    ("Who you are, and whom you let in", people.COMMANDS),
    ("Everything else", (*layers.COMMANDS, *general.COMMANDS)),
    ("This machine's vibenv", setup.COMMANDS),
)


class Commands(click.Group):
    """A group that lists its commands by what they are about."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        width = max(len(str(command.name)) for _, commands in GROUPS for command in commands)
        for title, commands in GROUPS:
            limit = formatter.width - 6 - width
            with formatter.section(title):
                formatter.write_dl([(str(each.name).ljust(width), each.get_short_help_str(limit)) for each in commands])


def _version(_: click.Context, __: click.Parameter, wanted: bool) -> None:
    if wanted:
        from vibenv_site.settings import VERSION

        click.echo(VERSION)
        raise click.exceptions.Exit


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
def cli() -> None:
    """A board where each card is a throw-away, isolated workspace with a live, shared terminal."""


for _, _commands in GROUPS:
    for _command in _commands:
        cli.add_command(_command)


def main() -> None:
    """Run a command; errors that people can be told are told, in red, with their exit code."""
    try:
        result: Any = cli(prog_name="vibenv", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # nobody reads on; nor is Python to try once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except VibenvError as error:
        _tell(error)
        sys.exit(getattr(error, "code", FAILED))
    sys.exit(result if isinstance(result, int) else 0)


def _tell(error: VibenvError) -> None:
    from vibenv_site.cli.output import coloured

    what, _, todo = str(error).partition("\n")
    click.echo(click.style(f"vibenv: {what}", fg="red", bold=True), err=True, color=coloured(err=True))
    if todo:
        click.echo(todo, err=True, color=coloured(err=True))


if __name__ == "__main__":
    main()
