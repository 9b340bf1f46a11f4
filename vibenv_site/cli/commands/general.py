"""The API as it is, MCP, and shells' completion."""

from __future__ import annotations

import sys
from typing import Any

import click

from vibenv_site.cli.commands.common import remote


@click.command("api")
@click.argument("method", type=click.Choice(["GET", "POST", "PUT", "PATCH", "DELETE"], case_sensitive=False))
@click.argument("path")
@click.option(
    "-f", "--field", "fields", multiple=True, metavar="KEY=VALUE", help="Of the body, or of the query of a GET."
)
@click.option("--input", "source", metavar="FILE", help="The body from a file; - for standard input.")
@click.option("--paginate", "pages", is_flag=True, help="All pages of a list, as one.")
@remote
def call_api(api: Any, *, method: str, path: str, fields: tuple[str, ...], source: str | None, pages: bool) -> None:
    """Call the API, and print what it answers. PATH is one such as /boards; see /api/v1/docs.

    -f KEY=VALUE gives text, numbers, true, false or null, KEY:=JSON anything, KEY=@FILE a file's text.
    """
    from vibenv_site.cli import raw

    sys.exit(raw.call(api, method.upper(), path, fields=fields, source=source, pages=pages))


@click.command("mcp")
@click.option("--profile", metavar="NAME", help="Which login (default: the one in use).")
@click.option("--data-dir", metavar="DIR", help="The vibenv that runs here in this data directory.")
def serve_mcp(profile: str | None, data_dir: str | None) -> None:
    """Serve MCP on standard input and output, for agents that start their servers as programs.

    It passes all on to the vibenv that you are logged in to. docs/mcp.md says how to add it to the usual agents.
    """
    from vibenv_site.cli import config, mcp

    sys.exit(mcp.run(lambda: config.target(profile, data_dir)))


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "nushell"]))
def completion(shell: str) -> None:
    """Print what completes vibenv's commands in a shell.

    \b
    bash:     vibenv completion bash > ~/.local/share/bash-completion/completions/vibenv
    zsh:      vibenv completion zsh > "${fpath[1]}/_vibenv"
    fish:     vibenv completion fish > ~/.config/fish/completions/vibenv.fish
    nushell:  vibenv completion nushell | save -f ~/.config/nushell/vibenv.nu; then `source` that in config.nu
    """
    from vibenv_site.cli import completing
    from vibenv_site.cli.main import cli

    click.echo(completing.script(cli, shell))


COMMANDS = (call_api, serve_mcp, completion)
