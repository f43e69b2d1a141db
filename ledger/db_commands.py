"""Commands of the ledger room: where the log is stored."""

import click

commands: tuple[click.Command, ...] = ()
