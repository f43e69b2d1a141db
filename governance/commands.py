"""Commands of the governance room: join, and what its other files of commands hold."""

import click

from governance.proposal_commands import proposal
from governance.propose_commands import propose
from governance.share_rule_commands import rule
from governance.voice_commands import delegation, profile, vote, votes
from ledger.doors import Desk, command


@command("join")
@click.argument("file")
@click.option("--name", metavar="NAME", help="What you are called, where it is not the name you were invited under.")
def join(desk: Desk, file: str, name: str | None) -> None:
    """Join a cooperative with an invitation.

    FILE holds the invitation; "-" reads it from a pipe.
    """
    from governance.joining import join

    join(desk, file, name)


commands = (join, rule, propose, proposal, vote, votes, delegation, profile)
