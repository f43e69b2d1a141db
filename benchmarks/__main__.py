"""`make bench`: a table of ratios, each beside what bounds it, and the same as JSON in benchmarks/results.json."""

import json
import sys
from pathlib import Path

from rich.console import Console

from benchmarks import (
    appending,
    balances,
    commands,
    counting,
    deciding,
    folding,
    git_peer,
    impact,
    paying,
    postgres,
    proofs,
    statements,
    storage,
    verifying,
    years,
)
from benchmarks.row import Row
from ledger.looks import table


def main() -> None:
    """Run every bench, or those that are named."""
    benches = {
        "commands": commands.rows,
        "verify": verifying.rows,
        "proofs": proofs.rows,
        "storage": storage.rows,
        "append": appending.rows,
        "git": git_peer.rows,
        "count": counting.rows,
        "decide": deciding.rows,
        "fold": folding.rows,
        "pay": paying.rows,
        "years": years.rows,
        "balances": balances.rows,
        "impact": impact.rows,
        "statements": statements.rows,
        "postgres": postgres.rows,
    }
    wanted = sys.argv[1:] or list(benches)
    rows: list[Row] = []
    console = Console(stderr=True)
    for name in wanted:
        console.print(f"{name} …")
        rows += benches[name]()
    cells = [
        (row.what, row.measured, row.beside, row.ratio, row.aim, {True: "yes", False: "NO", None: ""}[row.reached])
        for row in rows
    ]
    heads = ("What", "Measured", "Beside", "Ratio", "Aim", "Reached")
    Console(width=150).print(table(heads, cells, right=("Measured", "Beside", "Ratio")))
    Path(__file__).with_name("results.json").write_text(json.dumps([row.fields() for row in rows], indent=1) + "\n")


main()
