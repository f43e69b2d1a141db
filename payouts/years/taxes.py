"""The tax of a book year as it is known by now: what the close stated, what a treasurer set right since, what is owed.

A close is never changed. What was wrong in it is borne by the result of the year that is open when that is said. Pure.
"""

from msgspec import Struct

from ledger.book import Book
from payouts.bank.paying import LIVE
from payouts.kept import TaxCorrected
from payouts.state import of, owed_name
from payouts.years.year_run import computed_year


class Tax(Struct, frozen=True, kw_only=True):
    """The tax of a computed book year, in minor units: all of it, to whom ("" for nobody), and what is owed still."""

    tax: int
    authority: str
    owed: int
    waiting: int = 0  # made payable to the authority, and not through the bank yet

    @property
    def paid(self) -> int:
        """What was paid of it and did not come back, or is to be paid now."""
        return self.tax - self.owed


def corrections(book: Book, year: str) -> list[TaxCorrected]:
    """What was said of the tax of a year after its close, oldest first."""
    return of(book).tax_corrected.get(year, [])


def tax_of(book: Book, year: str) -> Tax:
    """The tax of a computed book year as it is known by now."""
    said = corrections(book, year)
    if said:
        tax, authority = said[-1].tax, said[-1].authority
    else:
        pin = computed_year(book, year).pin
        tax, authority = pin.tax, pin.authority
    account = owed_name(year, authority)
    waiting = _waiting(book, authority, account)
    return Tax(tax=tax, authority=authority, owed=-of(book).accounts.get(account, 0), waiting=waiting)


def _waiting(book: Book, authority: str, account: str) -> int:
    """What was made payable from an account and is not paid yet: to be paid, or on its way."""
    bills = list(of(book).bills.get(authority, ()))
    for payment in of(book).payments.values():
        bills += payment.bills if payment.status in LIVE else []
    return sum(one.amount for one in bills if one.account == account)


def borne(book: Book, year: str, entry: int) -> list[TaxCorrected]:
    """The corrections that a book year bears which is closed with this entry: those since the close before it."""
    earlier = [computed_year(book, one).pin.entry for one in of(book).years if one < year]
    since = max(earlier, default=-1)
    return [one for said in of(book).tax_corrected.values() for one in said if since < one.entry < entry]
