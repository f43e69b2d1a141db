"""What payouts have to publish by now: periods that closed, and the payout of each, oldest first."""

from typing import Any

from ledger.book import Book
from payouts.compute import ENGINE, compute
from payouts.state import next_run, of


def turns(book: Book, _: int) -> list[tuple[str, dict[str, Any]]]:
    """The next thing to publish, if any: a period settled before the one after it is computed."""
    period = next_run(book)
    if period is None:
        return []
    pin = of(book).pins[period.id]
    if pin.published is None:
        return [("payouts.closed", {"period": period.id, "size": pin.size, "root": pin.root, "rule": pin.rule})]
    return [("payouts.computed", {"period": period.id, "engine": ENGINE, "digest": compute(book, period).digest})]
