"""The tax of a book year in words and as data: what was said at its close, set right since, borne for earlier years."""

from typing import Any

from ledger.book import Book
from ledger.names import Names
from ledger.private import show
from payouts.amounts import Amounts
from payouts.kept import TaxCorrected
from payouts.state import of
from payouts.years.taxes import borne, corrections, tax_of
from payouts.years.year_run import computed_year


def tax_data(book: Book, names: Names, year: str, say: Amounts) -> dict[str, Any]:
    """The tax as it is known by now, what led to it, and what this year bears of the tax of earlier ones."""
    known = tax_of(book, year)
    return {
        "tax_now": say.plain(known.tax),
        "tax_owed": say.plain(known.owed),
        "tax_corrections": [_corrected(names, one, say) for one in corrections(book, year)],
        "bears": [{"year": of_year} | _corrected(names, one, say) for of_year, one in _borne(book, year)],
    }


def _corrected(names: Names, one: TaxCorrected, say: Amounts) -> dict[str, Any]:
    sums = {"tax": one.tax, "more": one.more, "refunded": one.refunded}
    said = {"entry": one.entry, "authority": names.of(one.authority), "ref": show(one.ref)}
    return said | {name: say.plain(amount) for name, amount in sums.items()}


def _borne(book: Book, year: str) -> list[tuple[str, TaxCorrected]]:
    bears = borne(book, year, computed_year(book, year).pin.entry)
    return [(other, one) for other, said in of(book).tax_corrected.items() for one in said if one in bears]


def tax_lines(book: Book, names: Names, year: str, say: Amounts) -> list[str]:
    """The same in lines under a book year."""
    known, lines = tax_of(book, year), []
    for one in corrections(book, year):
        paper = f", {show(one.ref)}" if one.ref else ""
        back = f", {say.full(one.refunded)} came back" if one.refunded else ""
        lines.append(
            f"Tax       set right to {say.full(one.tax)} ({say.signed(one.more)}{back}{paper}; entry {one.entry})"
        )
    if known.authority:
        lines.append(f"Tax       {say.full(known.owed)} owed still to {names.of(known.authority)}")
    for of_year, one in _borne(book, year):
        if one.more:
            what = f"{say.full(abs(one.more))} {'more' if one.more > 0 else 'less'} tax of {of_year}"
            lines.append(f"Bears     {what}, set right in entry {one.entry}; it is in the result above")
    return lines
