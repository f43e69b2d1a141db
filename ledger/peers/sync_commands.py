"""Commands of the ledger room: the outbox, and the service."""

import click

commands: tuple[click.Command, ...] = ()
