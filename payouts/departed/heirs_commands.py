"""Commands for when a member has died: who inherits, who agrees, what they were given."""

import click

from ledger.doors import Desk, command, group

_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@command("name")
@click.argument("name")
@click.argument("heirs", metavar="HEIR=PART...", nargs=-1, required=True)
@_YES
def heirs_name(desk: Desk, name: str, heirs: tuple[str, ...], yes: bool) -> None:
    """Say that a member has died and who inherits, as "Farah=1/2" (a treasurer or a steward)."""
    from payouts.departed.heirs_desk import name_at_desk

    name_at_desk(desk, name, heirs, yes)


@command("agree")
@click.argument("name")
@_YES
def heirs_agree(desk: Desk, name: str, yes: bool) -> None:
    """Agree to the heirs that were named for a member (two treasurers and a steward in all)."""
    from payouts.departed.heirs_desk import agree_at_desk

    agree_at_desk(desk, name, yes)


@command("list")
def heirs_list(desk: Desk) -> None:
    """Whose heirs are named, from when on that holds, and what they were given."""
    from payouts.departed.heirs_desk import list_at_desk

    list_at_desk(desk)


heirs_group = group("heirs", "When a member has died.", heirs_name, heirs_agree, heirs_list)
