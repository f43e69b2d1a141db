"""The treasurer's pack of a period: one new folder with every table, journal and bank file, each signed beside it.

The folder appears whole or not at all. It holds names, and account numbers where a file for the bank is in it: it is
written for the treasurer's eyes, and nothing of it leaves this machine by itself.
"""

import io
import json
import os
from pathlib import Path
from typing import Any

from rich.console import Console

from ledger import people
from ledger.doors import Desk
from ledger.errors import Refused, TallyError, Usage
from ledger.keys import Signer
from ledger.localtime import when
from ledger.private import show
from ledger.reading import text_in
from payouts import exports
from payouts.amounts import Amounts, amounts_of
from payouts.bank.exporting import remade
from payouts.books.file_signing import NAMESPACE, SIGNERS, signature_of, signers_line
from payouts.books.journal_desk import journal_of
from payouts.books.pack import Pack, pack_of
from payouts.books.report import csv_text
from payouts.books.sheets import Sheet
from payouts.books.whole_files import whole_folder
from payouts.books.workbook import workbook

JOURNALS = {"journal.hledger": "hledger", "journal.beancount": "beancount"}
SHOWN = ("summary", "cash", "owed", "reserve", "aging")
WIDTH = 100


def pack_at_desk(desk: Desk, period: str, out: str | None, template: str | None, with_names: bool) -> None:
    """Write the pack of a period into a new folder (treasurers)."""
    if out is None:
        raise Usage("Into which folder shall the pack be written?", "Say --out DIR; it is made.")
    signer, me = desk.me
    people.must_hold(desk.book.ledger, me, people.TREASURER)
    _must_be_free(Path(out))
    now, say = max(desk.now, desk.book.received), amounts_of(desk.book)
    pack = pack_of(desk.book, desk.names, period, now)
    bank, why_no_bank = _bank_file(desk, pack, template)
    name = f"M{me[:8]}"
    files = _tables(desk, pack, say) | _journals(desk, with_names) | bank
    files["summary.txt"] = _summary(desk, pack, say, name, sorted([*files, "summary.txt"]), why_no_bank)
    _written(Path(out), files, signer, name)
    data = _data(desk, pack, say, out, files, name, why_no_bank)
    said = [f"Wrote {len(files)} files to {out}, each with its signature."]
    said += [why_no_bank] if why_no_bank else []
    drawn = [part for one in SHOWN[:2] for part in (pack.sheet(one).drawn(say), "")]
    desk.answer(data, *drawn, *said, f"Check one: {_check_words(name)}")


def _tables(desk: Desk, pack: Pack, say: Amounts) -> dict[str, bytes]:
    files = {f"{one.name}.csv": _csv(one, say) for one in pack.sheets}
    files["pack.xlsx"] = workbook(pack.sheets, say, desk.book.received)
    tables = {one.name: one.plain(say) for one in pack.sheets}
    head = {"ledger": desk.book.ledger.id, "period": pack.period, "currency": say.currency, **_rests_on(desk)}
    files["pack.json"] = (json.dumps(head | tables, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def _csv(one: Sheet, say: Amounts) -> bytes:
    return csv_text(one.columns, one.plain(say), one.money).encode()


def _journals(desk: Desk, with_names: bool) -> dict[str, bytes]:
    made = journal_of(desk, with_names)
    return {file: exports.of(form)(made).encode() for file, form in JOURNALS.items()}


def _bank_file(desk: Desk, pack: Pack, template: str | None) -> tuple[dict[str, bytes], str]:
    """The newest file for the bank that pays this period, made again; or none, and why."""
    if pack.export is None:
        return {}, "No file for the bank was made for this period yet, so none is in the pack."
    try:
        data = remade(desk, pack.export, text_in(template) if template else "")
    except TallyError as error:
        return {}, f"The file for the bank cannot be made again here: {error.message} {error.hint}".rstrip()
    ending = {"csv": "csv", "nacha.ppd": "ach"}.get(pack.export.form, "xml")
    return {f"payments.{ending}": data}, ""


def _summary(desk: Desk, pack: Pack, say: Amounts, name: str, files: list[str], why_no_bank: str) -> bytes:
    """The page that says all of it in words, and how the files are checked."""
    rests, paper = _rests_on(desk), io.StringIO()
    page = Console(file=paper, width=WIDTH, no_color=True, highlight=False, markup=False, emoji=False)
    page.print(f"{show(desk.book.ledger.name)}: the treasurer's pack for {pack.period}")
    page.print(
        f"Made {when(desk.book, max(desk.now, desk.book.received))} from {rests['size']} entries of the log, root"
    )
    page.print(str(rests["root"]))
    for one in SHOWN:
        page.print(
            f"\n{one.capitalize()} ({say.currency})\n" if pack.sheet(one).rows else f"\n{one.capitalize()}: nothing"
        )
        if pack.sheet(one).rows:
            page.print(pack.sheet(one).drawn(say))
    page.print("\nFiles: " + ", ".join(files))
    if why_no_bank:
        page.print(why_no_bank)
    page.print(f"\nEach has its signature beside it. Check one:\n{_check_words(name)}")
    page.print(f"The key is that of {name}; `tally member show` says in the log whose it is.")
    return "\n".join(line.rstrip() for line in paper.getvalue().splitlines()).encode() + b"\n"


def _check_words(name: str) -> str:
    return f"ssh-keygen -Y verify -f {SIGNERS} -I {name} -n {NAMESPACE} -s run.csv.sig < run.csv"


def _rests_on(desk: Desk) -> dict[str, Any]:
    return {"size": desk.book.size, "root": desk.book.root}


def _written(out: Path, files: dict[str, bytes], signer: Signer, name: str) -> None:
    """The folder with all files and signatures; only its owner may read it."""
    with whole_folder(out, mode=0o700) as draft:
        for file, data in files.items():
            (draft / file).write_bytes(data)
            (draft / f"{file}.sig").write_bytes(signature_of(signer, data))
        (draft / SIGNERS).write_bytes(signers_line(signer, name))


def _must_be_free(out: Path) -> None:
    if os.path.lexists(out):
        raise Refused(f"There is something called {show(str(out))} already.", "Choose another name; it is made.")
    if not out.absolute().parent.is_dir():
        raise Usage(f"There is no folder for {show(str(out))}.", "Choose another place.")


def _data(
    desk: Desk, pack: Pack, say: Amounts, out: str, files: dict[str, bytes], name: str, why_no_bank: str
) -> dict[str, Any]:
    return {
        "report": "pack",
        "period": pack.period,
        "folder": out,
        "files": sorted(files),
        "signed_by": {"name": name, "namespace": NAMESPACE},
        "bank_file": why_no_bank or None,
        "currency": say.currency,
        "tables": {one.name: one.plain(say) for one in pack.sheets},
        **_rests_on(desk),
    }
