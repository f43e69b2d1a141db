"""Commands of the ledger room: the outbox, and the service."""

import click

from ledger.doors import Desk, command
from ledger.errors import Usage


@command("sync")
@click.option("--list", "list_", is_flag=True, help="Show what waits and what was refused; send nothing.")
@click.option("--drop", "number", type=int, metavar="N", help="Forget the refused statement of this number.")
def sync(desk: Desk, list_: bool, number: int | None) -> None:
    """Catch up with the ledger and send what was signed while it could not be reached."""
    from ledger.peers import syncing

    if list_ and number is not None:
        raise Usage("Either --list or --drop.")
    if list_:
        syncing.show(desk)
    elif number is not None:
        syncing.drop(desk, number)
    else:
        syncing.sync(desk)


@command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", default=8423, show_default=True, type=click.IntRange(0, 65_535), help="The port; 0 is any free."
)
@click.option(
    "--url", metavar="URL", help="Where people reach it, if a proxy stands before it: https://coop.example/ledger."
)
@click.option("--read-only", is_flag=True, help="Take nothing in.")
def serve(desk: Desk, host: str, port: int, url: str | None, read_only: bool) -> None:
    """Serve the ledger over HTTP: take in signed statements, hand out head, tiles and, to members, private words."""
    from ledger import serving

    serving.serve(desk, host, port, url, read_only)


commands: tuple[click.Command, ...] = (sync, serve)
