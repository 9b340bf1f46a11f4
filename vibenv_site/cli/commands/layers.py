"""`vibenv layers …`."""

from __future__ import annotations

import sys
from typing import Any

import click

from vibenv_site.cli.commands.common import board_option, data_dir_option, json_option, remote


@click.group()
def layers() -> None:
    """What sessions start from: base, profile, toolchains, project."""


@layers.command()
@data_dir_option
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@click.option("--all", "everything", is_flag=True, help="Also what was built within the last hour.")
def collect(data_dir: str | None, dry_run: bool, everything: bool) -> None:
    """Remove versions, images, volumes and uploads that no stack, session or recipe uses. On this machine."""
    from vibenv_site.cli import collecting as command

    sys.exit(command.run(data_dir, dry_run, everything))


@layers.command("ls")
@board_option
@json_option
@remote
def list_layers(api: Any, *, board: str | None, as_json: bool) -> None:
    """List a board's recipes, from the top of a stack to its bottom."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(api, board).ls(as_json))


@layers.command()
@click.argument("name")
@board_option
@json_option
@remote
def show(api: Any, *, name: str, board: str | None, as_json: bool) -> None:
    """Show a recipe and its versions. NAME is that of the recipe, or KIND.NAME."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(api, board).show(name, as_json))


@layers.command("build")
@click.argument("name")
@click.option("--why", default="", help="Others read it beside the version.")
@click.option("--fresh", is_flag=True, help="Although nothing changed.")
@board_option
@remote
def build_layer(api: Any, *, name: str, why: str, fresh: bool, board: str | None) -> None:
    """Build what a recipe says now, and follow the log; 1 when it fails."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(api, board).build(name, why, fresh))


@layers.command()
@click.argument("name")
@click.argument("number", required=False, type=int)
@click.option("--follow", is_flag=True, help="Until the build ends.")
@board_option
@remote
def log(api: Any, *, name: str, number: int | None, follow: bool, board: str | None) -> None:
    """Print the log of a version's build, by default the newest one's."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(api, board).log(name, number, follow))


@layers.command()
@click.argument("name")
@board_option
@remote
def cancel(api: Any, *, name: str, board: str | None) -> None:
    """End the build of a recipe's newest version."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(api, board).cancel(name))


@layers.command()
@click.argument("name")
@click.argument("was", type=int)
@click.argument("now", type=int)
@board_option
@remote
def diff(api: Any, *, name: str, was: int, now: int, board: str | None) -> None:
    """Say what changed between two versions: recipe, size, files."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(api, board).diff(name, was, now))


@layers.command()
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@board_option
@remote
def apply(api: Any, *, file: str, dry_run: bool, board: str | None) -> None:
    """Make the board's stack what a vibenv.toml says, and build what changed. FILE may be - for standard input."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(api, board).apply(file, dry_run))


@layers.command("export")
@click.option("--image", default="", help="Its name (made from the moment when none is given).")
@board_option
@remote
def export_stack(api: Any, *, image: str, board: str | None) -> None:
    """Make one ordinary image of the board's stack, and print its name."""
    from vibenv_site.cli.layering import Layers

    sys.exit(Layers(api, board).export(image))


COMMANDS = (layers,)
