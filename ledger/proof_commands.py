"""Commands of the ledger room: receipts, checkpoints, evidence, erasing."""

from typing import Any

import click

from ledger.doors import Desk, command, group

_FILE = click.Path(exists=True, dir_okay=False)


@command("checkpoint")
def checkpoint(desk: Desk) -> None:
    """The signed head of the log: how many entries, their root, the log's signature, the witnesses'."""
    head = desk.ledger.log.shown()
    if not head.note and desk.ledger.alone is not None:
        raise desk.ledger.alone
    note = head.note.decode()
    desk.answer({"size": head.size, "root": head.root.hex(), "note": note}, note.rstrip("\n"))


@command("compare")
@click.argument("a", type=_FILE)
@click.argument("b", type=_FILE)
@click.option("--at", metavar="PLACE", help="A copy of the log that can tell: a folder, tiles, or their address.")
@click.option("--vkey", metavar="KEY|FILE", help="The log's key (name+id+key), where this home does not know it.")
def checkpoint_compare(desk: Desk, a: str, b: str, at: str | None, vkey: str | None) -> None:
    """Whether one of two signed heads goes on from the other; if not, the log told two pasts and evidence is written.

    A and B are files: a checkpoint, a receipt, or an answer with --json that holds a checkpoint, like a statement.
    """
    from ledger.comparing import compare_at_desk
    from ledger.peers.following import vkey_in

    compare_at_desk(desk, a, b, at, vkey_in(vkey) if vkey else None)


@command("show")
@click.argument("entry")
@click.option("--out", type=click.Path(dir_okay=False), help="The file for the receipt.")
@click.option("--kept", is_flag=True, help="The one that came when you said it here, not a new one.")
def receipt_show(desk: Desk, entry: str, out: str | None, kept: bool) -> None:
    """The receipt of an entry: that the log took it in, at which place and when."""
    from ledger.receipt_checking import show_receipt

    data, text = show_receipt(desk, entry, out, kept)
    desk.answer(data, text)


@command("check")
@click.argument("file", type=_FILE)
@click.option("--entry", type=_FILE, help="The entry it is for; else entry.json beside it, or this home's ledger.")
@click.option("--vkey", metavar="KEY|FILE", help="The log's key (name+id+key), where this home does not know it.")
def receipt_check(desk: Desk, file: str, entry: str | None, vkey: str | None) -> None:
    """Check a receipt: the log's signature, the entry's place, its author's signature, the time. Needs no network."""
    from ledger.peers.following import vkey_in
    from ledger.receipt_checking import check_receipt

    data, lines = check_receipt(desk, file, entry, vkey_in(vkey) if vkey else None)
    desk.answer(data, *lines)


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


@command("verify")
@click.argument("file", type=_FILE)
def evidence_verify(desk: Desk, file: str) -> None:
    """What a file of evidence proves, and against which key. Needs no ledger: any machine will do."""
    from ledger.evidence_desk import verify_file

    verify_file(desk, file)


@command("list")
def evidence_list(desk: Desk) -> None:
    """What this home wrote down as evidence, and statements the log refused because they contradict others."""
    from ledger.evidence_desk import list_at_desk

    list_at_desk(desk)


@command("show")
@click.argument("what", metavar="FILE|NUMBER")
@click.option("--out", type=click.Path(dir_okay=False), help="Write a refused statement's evidence to this file.")
def evidence_show(desk: Desk, what: str, out: str | None) -> None:
    """One piece of evidence, by its file or by its number in the list."""
    from ledger.evidence_desk import show_at_desk

    show_at_desk(desk, what, out)


@command("erase")
@click.argument("entry")
@click.option("--field", metavar="NAME", help="Which text: note, evidence, name. Without it, the texts are listed.")
@click.option("--basis", metavar="REASON", help="Why: one of the reasons above.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(desk: Desk, entry: str, field: str | None, basis: str | None, yes: bool) -> None:
    """Erase a personal text for good: words and salt go, a signed note that it happened stays.

    ENTRY is 412, or 412.3 for the third item of entry 412. The author of a text, the person it is about and
    treasurers may erase it. Nothing that was counted or paid changes.

    \b
    Reasons (Article 17 of the GDPR, and the writer's own mistake):
      no-longer-needed   it is no longer needed for what it was written for
      consent-withdrawn  the person withdrew the consent it rested on
      objection          the person objects, and nothing weighs more
      unlawful           it should never have been written down
      legal-duty         a law demands it
      child              it is about a child
      mistake            it was written by mistake, or in the wrong place

    Every store and copy removes the words and their salt; backups are for you to look after.
    """
    from ledger.erasing import erase_at_desk

    erase_at_desk(desk, entry, field, basis, yes)


def _family(alone: click.Command, *commands: click.Command) -> click.Group:
    """A command that does something by itself and has others under its name."""

    @click.pass_context
    def first(context: click.Context, /, **given: Any) -> None:
        if context.invoked_subcommand is None and alone.callback is not None:
            alone.callback(**given)

    return click.Group(
        alone.name,
        commands=list(commands),
        help=alone.help,
        params=alone.params,
        callback=first,
        invoke_without_command=True,
    )


commands = (
    _family(checkpoint, checkpoint_compare),
    group("receipt", "Proofs that the log took a statement in.", receipt_show, receipt_check),
    prove,
    group(
        "evidence",
        "What proves that a log or a member told two stories.",
        evidence_verify,
        evidence_list,
        evidence_show,
    ),
    erase,
)
