"""Commands about cards and the lives of their sessions."""

from __future__ import annotations

from typing import Any

import click

from vibenv_site.cli.commands.common import agreed, any_board_option, board_option, json_option, name_argument, remote

timeout = click.option(
    "--timeout", "timeout_s", default=600.0, show_default=True, metavar="SECONDS", help="How long to wait at most."
)


@click.command("ls")
@board_option
@click.option("--all", "everything", is_flag=True, help="Of all boards, archived cards too.")
@json_option
@remote
def list_cards(api: Any, *, board: str | None, everything: bool, as_json: bool) -> None:
    """List cards with their sessions."""
    from vibenv_site.cli import cards

    cards.listed(api, board, everything, as_json)


@click.command()
@name_argument
@board_option
@click.option("--description", default=None, help="What it is about, in Markdown; an agent's task.")
@click.option("--column", default=None, metavar="NAME", help="Which active column (default: the first).")
@click.option(
    "--agent", default=None, metavar="TEMPLATE|COMMAND", help="Who is to work on it, in a terminal of its own."
)
@click.option("--attach", "attached", is_flag=True, help="Go into its terminal once it runs.")
@timeout
@json_option
@remote
def launch(
    api: Any,
    *,
    name: str,
    board: str | None,
    description: str | None,
    column: str | None,
    agent: str | None,
    attached: bool,
    timeout_s: float,
    as_json: bool,
) -> None:
    """Run the session of a card, which is made when there is none of that title.

    Prints the card's address and the name of its container; the steps as they come on standard error.
    """
    from vibenv_site.cli import launching

    wanted = launching.Wanted(name, board, description, column, agent)
    card = launching.launch(api, wanted, timeout_s)
    launching.tell(api, card, as_json)
    if attached:
        from vibenv_site.cli.attach.command import attach

        raise SystemExit(attach(api, card))


@click.command()
@name_argument
@any_board_option
@click.option("--pause", "how", flag_value="pause", help="Keep its processes.")
@click.option("--stop", "how", flag_value="stop", help="Keep its files (the default).")
@click.option("--archive", "how", flag_value="archive", help="Keep a snapshot alone.")
@json_option
@remote
def sleep(api: Any, *, name: str, board: str | None, how: str | None, as_json: bool) -> None:
    """Put a session to sleep."""
    from vibenv_site.cli import cards

    cards.sleep(api, name, board, how or "stop", as_json)


@click.command()
@name_argument
@any_board_option
@timeout
@json_option
@remote
def resume(api: Any, *, name: str, board: str | None, timeout_s: float, as_json: bool) -> None:
    """Wake a session up, and wait until it runs."""
    from vibenv_site.cli import launching

    launching.tell(api, launching.resume(api, name, board, timeout_s), as_json)


@click.command()
@name_argument
@any_board_option
@json_option
@remote
def done(api: Any, *, name: str, board: str | None, as_json: bool) -> None:
    """Move a card to Done: it is kept as a snapshot, and its container goes."""
    from vibenv_site.cli import cards

    cards.done(api, name, board, as_json)


@click.command("rm")
@name_argument
@any_board_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@remote
def remove(api: Any, *, name: str, board: str | None, yes: bool) -> None:
    """Delete a card with its container, its snapshots and all files in them. Cannot be undone."""
    from vibenv_site.cli import cards, names
    from vibenv_site.cli.output import one_line

    card = names.card(api, name, board)
    if not agreed(f"Delete “{one_line(card['title'])}” with all that is in it?", yes):
        raise click.Abort
    cards.remove(api, card)


@click.command()
@name_argument
@any_board_option
@click.option("--title", default=None, help="The new card's title.")
@click.option("--snapshot", default=None, metavar="ID", help="From this snapshot (default: from what it is now).")
@click.option("--column", default=None, metavar="NAME", help="Where the new card goes; in an active column it starts.")
@json_option
@remote
def fork(
    api: Any,
    *,
    name: str,
    board: str | None,
    title: str | None,
    snapshot: str | None,
    column: str | None,
    as_json: bool,
) -> None:
    """Make a card beside it with all that its session wrote. Prints its address."""
    from vibenv_site.cli import cards, names

    cards.fork(api, names.card(api, name, board), title=title, snapshot=snapshot, column=column, as_json=as_json)


@click.command()
@name_argument
@any_board_option
@click.option("--note", default="", help="What it is of.")
@click.option("--ls", "listing", is_flag=True, help="List those that there are.")
@click.option("--wait/--no-wait", default=True, help="Until it was read back from the registry (default), or not.")
@json_option
@remote
def snapshot(api: Any, *, name: str, board: str | None, note: str, listing: bool, wait: bool, as_json: bool) -> None:
    """Keep a session as it is now; it goes on meanwhile. Prints the snapshot's id."""
    from vibenv_site.cli import names, snapshots

    card = names.card(api, name, board)
    if listing:
        snapshots.listed(api, card, as_json)
    else:
        snapshots.take(api, card, note, wait, as_json)


@click.command()
@name_argument
@click.argument("snapshot", required=False)
@any_board_option
@json_option
@remote
def restore(api: Any, *, name: str, snapshot: str | None, board: str | None, as_json: bool) -> None:
    """Take a session back to SNAPSHOT (its id, or the beginning of its note), or to its latest one.

    What it is now is kept as another snapshot first.
    """
    from vibenv_site.cli import snapshots

    snapshots.restore(api, name, snapshot, board, as_json)


COMMANDS = (list_cards, launch, sleep, resume, done, remove, fork, snapshot, restore)
