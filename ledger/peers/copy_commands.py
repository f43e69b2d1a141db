"""Commands of the ledger room: copies."""

import click

commands: tuple[click.Command, ...] = ()
