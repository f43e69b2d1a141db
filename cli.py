"""The `tally` command: it names the four rooms, nothing else."""

import gc

from ledger.doors import run

ROOMS = ("ledger", "contributions", "governance", "payouts")


def main() -> None:
    """Run the command that was typed."""
    try:
        run(ROOMS)
    finally:
        # The process ends here; searching the whole book for cycles on the way out would take a third of its time.
        gc.freeze()
