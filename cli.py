"""The `tally` command: it names the four rooms, nothing else."""

import gc
import sys

ROOMS = ("ledger", "contributions", "governance", "payouts")


def main() -> None:
    """Run the command that was typed."""
    # A command makes many objects and hardly any cycles, so it need not look for them every 700 objects.
    gc.set_threshold(50_000)
    try:
        from ledger.doors import run  # noqa: PLC0415  (whoever stops it while it loads reads a sentence too)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; nothing was recorded.\n")
        sys.exit(130)
    try:
        run(ROOMS)
    finally:
        # The process ends here; searching the whole book for cycles on the way out would take a third of its time.
        gc.freeze()
