"""The command about balances that nobody claims."""

from ledger.doors import Desk, command, group


@command("list")
def unclaimed_list(desk: Desk) -> None:
    """Balances of people who have left that could not be paid: since when, and when they go where members voted."""
    from payouts.departed.unclaimed_desk import list_at_desk

    list_at_desk(desk)


unclaimed_group = group("unclaimed", "Balances that nobody claims.", unclaimed_list)
