"""The `tally` command: it names the four rooms, nothing else."""

from ledger.doors import run

ROOMS = ("ledger", "contributions", "governance", "payouts")


def main() -> None:
    """Run the command that was typed."""
    run(ROOMS)
