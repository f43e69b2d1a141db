"""Plays one run of the simulator again and tells what happens: `python -m tests.simulator SEED [STEPS]`."""

import sys
import tempfile
from pathlib import Path

from tests.simulator.world import play

STEPS = 120


def main() -> None:
    """Play the run of the seed that was typed."""
    seed, steps = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else STEPS
    with tempfile.TemporaryDirectory() as folder:
        world = play(seed, Path(folder), steps, lambda line: print(line, flush=True))
    print(f"all truths hold: {world.service.first.published} entries")


if __name__ == "__main__":
    main()
