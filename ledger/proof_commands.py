"""Commands of the ledger room: receipts, checkpoints, evidence, erasing."""

import click

from ledger.doors import Desk, command


@command("checkpoint")
def checkpoint(desk: Desk) -> None:
    """The signed head of the log: how many entries, their root, the log's signature."""
    head = desk.ledger.log.head()
    note = head.note.decode()
    desk.answer({"size": head.size, "root": head.root.hex(), "note": note}, note.rstrip("\n"))


@command("prove")
@click.argument("entry")
@click.option("--out", required=True, type=click.Path(file_okay=False), help="The folder for the proof.")
def prove(desk: Desk, entry: str, out: str) -> None:
    """Write an entry with all that proves it, and a program of one file that checks it without Tallystick."""
    from ledger.proving import write_proof

    data = write_proof(desk.ledger, entry, out)
    desk.answer(
        data,
        f"Wrote entry {data['entry']} and its proof to {out}.",
        f"Check it anywhere with Python and PyNaCl: python {out}/verify_receipt.py {out}",
    )


commands = (checkpoint, prove)
