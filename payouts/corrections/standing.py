"""What a computed period came to as it stands now: its run, or what its last amendment made of it. Pure."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from governance import state as governance
from governance.rule import BALANCE, Rule
from governance.rules import parse
from governance.run_facts import Line
from ledger.book import Book
from payouts.compute import Computed, as_written, computed_run, written
from payouts.corrections.correcting import names_of, period_of
from payouts.kept import Refund
from payouts.state import of
from payouts.sums import summed


class Amended(Struct, frozen=True, kw_only=True):
    """An amendment as it lies on the shelf: what it was made for, what the period comes to now, and the differences."""

    period: str
    number: int
    digest: str
    refunds: tuple[Refund, ...]
    late: tuple[str, ...]  # the sheets whose late work it takes in
    before: str  # digest of what stood before: the run, or the amendment before this one
    computed: Computed  # the period as it comes to now
    lines: tuple[Line, ...]  # by how much each line changed, without zeros
    debts: dict[str, dict[str, int]]  # by how much each debt of rounding changed
    open: dict[str, dict[str, int]]  # by how much each open claim changed
    withheld: dict[str, dict[str, int]]  # person -> authority -> how much more is withheld
    moved: dict[str, int]  # account of the books, as it is called now -> by how much more is kept there
    short: dict[str, int]  # the same -> what it lacked, which `result` bears; part of `moved`

    @property
    def went_back(self) -> int:
        """What its refunds came to."""
        return sum(one.amount for one in self.refunds)

    def onto_balance(self) -> dict[str, int]:
        """Person -> by how much more it put on the balance, net of what is withheld."""
        sums = on_account(self.lines, BALANCE)
        for person, parts in self.withheld.items():
            sums[person] = sums.get(person, 0) - sum(parts.values())
        return sums

    def people(self) -> dict[str, int]:
        """Person -> how much more, or less, the period gave them, wherever it lies; without zeros."""
        sums = summed((line.to, line.amount) for line in self.lines if line.account is not None)
        return {person: amount for person, amount in sums.items() if amount}


def write(found: Amended) -> bytes:
    """An amendment as it lies on the shelf."""
    return msgspec.msgpack.encode(found, enc_hook=written)


def amended(book: Book, name: str) -> Amended:
    """An amendment, by what people call it, with all it was worked out from."""
    data = book.shelf.get(of(book).amendments[name].document)
    found: Amended = msgspec.msgpack.decode(data, type=Amended, dec_hook=as_written)
    return found


def standing(book: Book, period: str, before: int | None = None) -> Computed:
    """What a computed period comes to after all its amendments, or after those before this entry."""
    names = [name for name in names_of(of(book), period) if before is None or of(book).amendments[name].entry < before]
    return amended(book, names[-1]).computed if names else computed_run(book, period)


def amendments(book: Book, period: str) -> list[Amended]:
    """All amendments of a period, oldest first."""
    return [amended(book, name) for name in names_of(of(book), period)]


def on_account(lines: Iterable[Line], account: str) -> dict[str, int]:
    """Person -> what these lines put on one of their accounts."""
    return summed((line.to, line.amount) for line in lines if line.account == account)


def rules_from(book: Book, entry: int) -> list[Rule]:
    """The rules of all runs since the last one up to this entry, each once, in the order they came."""
    runs = of(book).runs.values()
    since = max(run.entry for run in runs if run.entry <= entry)
    digests = dict.fromkeys(run.rule for run in runs if run.entry >= since)
    return [parse(governance.of(book).rules[digest].text) for digest in digests]


def year_of_amendment(book: Book, name: str, years: Mapping[str, str]) -> str:
    """The book year whose result and capital an amendment changes: its period's, or the next that was open then.

    `years` is the book year of every period of the calendar.
    """
    entry, first = of(book).amendments[name].entry, years[period_of(name)]
    closed = {year for year, run in of(book).years.items() if run.entry < entry}
    return next((year for year in sorted(set(years.values())) if year >= first and year not in closed), "9999")


def reasons_in_short(found: Amended) -> str:
    """What an amendment was made for: "a refund", "2 refunds and late work"."""
    count = len(found.refunds)
    refunds = [] if not count else ["a refund"] if count == 1 else [f"{count} refunds"]
    return " and ".join([*refunds, *(["late work"] if found.late else [])])
