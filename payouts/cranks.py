"""What payouts have to publish by now: periods that closed, payouts, amendments, and book years, oldest first."""

from typing import Any

from ledger.book import Book
from payouts.amending import amend, next_amendment
from payouts.compute import ENGINE, compute
from payouts.state import next_run, of
from payouts.year_compute import compute_year


def turns(book: Book, _: int) -> list[tuple[str, dict[str, Any]]]:
    """The next thing to publish, if any: a period settled before the one after it is computed."""
    for year in of(book).year_pins:
        return [("payouts.year_computed", {"year": year, "engine": ENGINE, "digest": compute_year(book, year).digest})]
    if (amended := next_amendment(book)) is not None:
        found = amend(book, amended)
        said = {"period": amended, "number": found.number, "engine": ENGINE, "digest": found.digest}
        return [("payouts.amended", said)]
    period = next_run(book)
    if period is None:
        return []
    pin = of(book).pins[period.id]
    if pin.published is None:
        return [("payouts.closed", {"period": period.id, "size": pin.size, "root": pin.root, "rule": pin.rule})]
    return [("payouts.computed", {"period": period.id, "engine": ENGINE, "digest": compute(book, period).digest})]
