"""What payouts have to publish by now: periods that closed, payouts, amendments, and book years, oldest first."""

from typing import Any

from ledger.book import Book
from payouts.capital.capital_compute import compute_redemption, redemption_due
from payouts.compute import ENGINE, compute
from payouts.corrections.amending import amend, next_amendment
from payouts.departed.heirs import inherited
from payouts.departed.unclaimed import to_move, to_notice
from payouts.state import next_run, of
from payouts.years.year_compute import compute_year


def turns(book: Book, now: int) -> list[tuple[str, dict[str, Any]]]:
    """The next thing to publish, if any: a period settled before the one after it is computed."""
    for naming, amount in inherited(book, now):
        return [("payouts.inherited", {"naming": naming, "amount": amount})]
    for person, amount in to_notice(book, now):
        return [("payouts.unclaimed_noticed", {"person": person, "amount": amount})]
    for person, amount in to_move(book, now):
        return [("payouts.unclaimed", {"person": person, "amount": amount})]
    redeemed = redemption_due(book)
    if redeemed is not None:
        digest = compute_redemption(book, redeemed).digest
        return [("payouts.redeemed", {"year": redeemed, "engine": ENGINE, "digest": digest})]
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
