"""The command line: `vibenv COMMAND`. Each command's work is in a module of its own."""

from __future__ import annotations

import sys

import click

from engines.errors import VibenvError

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

data_dir_option = click.option(
    "--data-dir", metavar="DIR", help="Where everything is kept (default: the XDG data directory)."
)
yes_option = click.option("--yes", is_flag=True, help="Install what is missing without asking.")
passed_on = {"ignore_unknown_options": True, "help_option_names": []}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """A board where each card is a throw-away, isolated workspace with a live, shared terminal."""


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@data_dir_option
@yes_option
def up(host: str, port: int, data_dir: str | None, yes: bool) -> None:
    """Set up what is missing, and run vibenv until Ctrl-C. Sessions go on after it."""
    from vibenv_site.cli import up as command

    sys.exit(command.run(host, port, data_dir, yes))


@cli.command()
@data_dir_option
def login(data_dir: str | None) -> None:
    """Print a fresh one-time login link of the vibenv that runs."""
    from vibenv_site.cli import login as command

    click.echo(command.link(data_dir))


@cli.command(context_settings=passed_on)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Set up for and run all tests, on SQLite and again on PostgreSQL. ARGUMENTS go to pytest.

    With ARGUMENTS that choose tests only SQLite is used; --database=both|sqlite|postgresql says otherwise.
    """
    from vibenv_site.cli import testing as command

    sys.exit(command.run(list(arguments)))


@cli.command()
def check() -> None:
    """Run the linters, the type checks of both languages, and the unit tests."""
    from vibenv_site.cli import check as command

    sys.exit(command.run())


@cli.command()
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


@cli.command()
@click.option("--force", is_flag=True, help="From nothing, even when nothing changed.")
def build(force: bool) -> None:
    """Build the front end."""
    from vibenv_site.cli import build as command

    command.run(force)


@cli.group()
def layers() -> None:
    """What sessions start from: base, profile, toolchains, project."""


@layers.command()
@data_dir_option
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@click.option("--all", "everything", is_flag=True, help="Also what was built within the last hour.")
def collect(data_dir: str | None, dry_run: bool, everything: bool) -> None:
    """Remove versions, images, volumes and uploads that no stack, session or recipe uses."""
    from vibenv_site.cli import collecting as command

    sys.exit(command.run(data_dir, dry_run, everything))


board_option = click.option("--board", metavar="NAME", help="A board's name or id (default: the first one).")
json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")


@layers.command("ls")
@data_dir_option
@board_option
@json_option
def list_layers(data_dir: str | None, board: str | None, as_json: bool) -> None:
    """List a board's recipes, from the top of a stack to its bottom."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(data_dir, board).ls(as_json))


@layers.command()
@click.argument("name")
@data_dir_option
@board_option
@json_option
def show(name: str, data_dir: str | None, board: str | None, as_json: bool) -> None:
    """Show a recipe and its versions. NAME is that of the recipe, or KIND.NAME."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(data_dir, board).show(name, as_json))


@layers.command("build")
@click.argument("name")
@click.option("--why", default="", help="Others read it beside the version.")
@click.option("--fresh", is_flag=True, help="Although nothing changed.")
@data_dir_option
@board_option
def build_layer(name: str, why: str, fresh: bool, data_dir: str | None, board: str | None) -> None:
    """Build what a recipe says now, and follow the log; 1 when it fails."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(data_dir, board).build(name, why, fresh))


@layers.command()
@click.argument("name")
@click.argument("number", required=False, type=int)
@click.option("--follow", is_flag=True, help="Until the build ends.")
@data_dir_option
@board_option
def log(name: str, number: int | None, follow: bool, data_dir: str | None, board: str | None) -> None:
    """Print the log of a version's build, by default the newest one's."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(data_dir, board).log(name, number, follow))


@layers.command()
@click.argument("name")
@data_dir_option
@board_option
def cancel(name: str, data_dir: str | None, board: str | None) -> None:
    """End the build of a recipe's newest version."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(data_dir, board).cancel(name))


@layers.command()
@click.argument("name")
@click.argument("was", type=int)
@click.argument("now", type=int)
@data_dir_option
@board_option
def diff(name: str, was: int, now: int, data_dir: str | None, board: str | None) -> None:
    """Say what changed between two versions: recipe, size, files."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(data_dir, board).diff(name, was, now))


@layers.command()
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@data_dir_option
@board_option
def apply(file: str, dry_run: bool, data_dir: str | None, board: str | None) -> None:
    """Make the board's stack what a vibenv.toml says, and build what changed. FILE may be - for standard input."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(data_dir, board).apply(file, dry_run))


@layers.command("export")
@click.option("--image", default="", help="Its name (made from the moment when none is given).")
@data_dir_option
@board_option
def export_stack(image: str, data_dir: str | None, board: str | None) -> None:
    """Make one ordinary image of the board's stack, and print its name."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(data_dir, board).export(image))


@cli.group()
def create() -> None:
    """Make something that others can use."""


@create.command()
@data_dir_option
@yes_option
def launcher(data_dir: str | None, yes: bool) -> None:
    """Build the base image if need be, publish it to the registry, and print its reference."""
    from vibenv_site.cli import launcher as command

    click.echo(command.create(data_dir, yes))


@cli.command(context_settings=passed_on)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands, for developers: `vibenv manage shell`."""
    from django.core.management import execute_from_command_line

    from vibenv_site.cli import environ

    environ.redis_socket(environ.chosen_data_dir(None))
    execute_from_command_line(["vibenv manage", *arguments])


def main() -> None:
    """Run a command; errors that people can be told are told, in red, with exit code 1."""
    try:
        cli(prog_name="vibenv", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except VibenvError as error:
        from vibenv_site.cli.show import Screen

        Screen().error(str(error))
        sys.exit(EXIT_FAILED)


if __name__ == "__main__":
    main()
