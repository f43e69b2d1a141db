"""Commands of the ledger room: where the log is stored."""

import click

from ledger.doors import Desk, command, group


@command("setup")
@click.argument("url")
@click.option("--run", is_flag=True, help="Run it, as the privileged user in the address; otherwise it is only shown.")
@click.option("--app-login", "logins", multiple=True, metavar="NAME", help="A user that tally logs in as; may repeat.")
def setup(desk: Desk, url: str, run: bool, logins: tuple[str, ...]) -> None:
    """Make a PostgreSQL database ready for ledgers: its tables, guards and roles, as SQL."""
    from ledger.beside import checked
    from ledger.places import postgres
    from ledger.postgres_schema import setup as statements

    url, sql = checked(url), statements(logins)
    if run:
        postgres("postgres_making").run_setup(url, sql)
        desk.answer({"run": True, "logins": logins}, "The database is ready: tally init NAME --db URL")
    else:
        desk.answer({"run": False, "sql": sql}, sql)
        desk.note("Nothing was changed. Run this as a privileged user, or repeat the command with --run.")


@command("move")
@click.option("--to", required=True, metavar="URL|sqlite", help="postgresql://USER@HOST/DATABASE, or the word sqlite.")
def move(desk: Desk, to: str) -> None:
    """Move the log into a PostgreSQL database, or back into its folder; entries, roots and receipts stay the same."""
    from ledger.places import postgres

    known = desk.home.ledger(desk.slug)
    moved = postgres("moving").move_log(known, to)
    data = {"moved": moved, "to": to, "entries": desk.ledger.log.head().size, "root": desk.ledger.log.head().root.hex()}
    there = f"{data['entries']} entries, root {data['root']}"
    desk.answer(data, f"Moved to {to}: {there}" if moved else f"The log is there already: {there}")
    if moved:
        desk.note("Every home that shares this ledger's folder finds it there. Nothing can be added to the old log.")


commands: tuple[click.Command, ...] = (group("db", "The database that holds the log.", setup, move),)
