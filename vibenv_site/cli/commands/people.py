"""Commands about who one is, and whom one lets in."""

from __future__ import annotations

from typing import Any

import click

from vibenv_site.cli.commands.common import any_board_option, data_dir_option, json_option, name_argument, remote


@click.command()
@click.argument("url", required=False)
@click.option("--profile", metavar="NAME", help="What to call it (default: the host's name).")
@click.option("--with-token", is_flag=True, help="Read a token from standard input instead of asking a browser.")
@data_dir_option
def login(url: str | None, profile: str | None, with_token: bool, data_dir: str | None) -> None:
    """Log in to the vibenv at URL, for the commands of this machine: a browser says yes to it.

    Without URL print a fresh one-time login link of the vibenv that runs here, to open in a browser.
    """
    if url is None:
        from vibenv_site.cli import login as command

        click.echo(command.link(data_dir))
        return
    from vibenv_site.cli import device

    device.login(url, profile, with_token)


@click.command()
@click.option("--profile", metavar="NAME", help="Which login (default: the one in use).")
def logout(profile: str | None) -> None:
    """Forget a login, and end its token on the server."""
    from vibenv_site.cli import device

    device.logout(profile)


@click.command()
@json_option
@remote
def whoami(api: Any, *, as_json: bool) -> None:
    """Say which vibenv commands go to, and who one is there."""
    from vibenv_site.cli import device

    device.whoami(api, as_json)


@click.command()
@click.argument("name", required=False)
def profile(name: str | None) -> None:
    """List the logins of this machine, or use another one."""
    from vibenv_site.cli import device

    device.profiles(name)


@click.group()
def token() -> None:
    """Tokens for programs and agents: what they may, where, and for how long."""


@token.command("ls")
@json_option
@remote
def list_tokens(api: Any, *, as_json: bool) -> None:
    """List your tokens that work."""
    from vibenv_site.cli import access_tokens

    access_tokens.listed(api, as_json)


@token.command("create")
@click.argument("name")
@click.option("--board", metavar="NAME", help="For this board alone.")
@click.option("--card", metavar="NAME", help="For this card alone.")
@click.option(
    "--verbs",
    default="",
    metavar="A,B",
    help="Only these groups: look, type, cards, sessions, ask, share, layers, admin.",
)
@click.option("--expires", default=None, metavar="30m|12h|7d", help="When it ends by itself (default: never).")
@click.option(
    "--kind", type=click.Choice(["person", "cli", "agent"]), default="person", show_default=True, help="Who shows it."
)
@json_option
@remote
def create_token(
    api: Any,
    *,
    name: str,
    board: str | None,
    card: str | None,
    verbs: str,
    expires: str | None,
    kind: str,
    as_json: bool,
) -> None:
    """Make a token, and print it. It can be read here only."""
    from vibenv_site.cli import access_tokens

    wanted = access_tokens.Wanted(name, board, card, verbs, expires, kind)
    access_tokens.create(api, wanted, as_json)


@token.command("rm")
@click.argument("token_id", metavar="ID")
@remote
def revoke_token(api: Any, *, token_id: str) -> None:
    """End a token now; what is open by it closes."""
    from vibenv_site.cli import access_tokens

    access_tokens.revoke(api, token_id)


@click.command()
@name_argument
@any_board_option
@click.option("--type", "role", flag_value="type", help="Guests may type (default: they watch).")
@click.option("--expires", default="24h", show_default=True, metavar="30m|12h|7d", help="When it ends by itself.")
@json_option
@remote
def share(api: Any, *, name: str, board: str | None, role: str | None, expires: str, as_json: bool) -> None:
    """Make a link to a card's terminal and nothing else, and print it. Whoever has it needs no account."""
    from vibenv_site.cli import access_tokens, names

    access_tokens.share(api, names.card(api, name, board), role or "watch", expires, as_json)


COMMANDS = (login, logout, whoami, profile, token, share)
