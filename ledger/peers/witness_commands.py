"""Commands of the ledger room: witnesses."""

import click

commands: tuple[click.Command, ...] = ()
