"""What governance has to publish by now: the result of every vote that has closed."""

from typing import Any

import msgspec

from governance.state import of
from ledger.book import Book


def turns(book: Book, _: int) -> list[tuple[str, dict[str, Any]]]:
    """Statements that follow from the log and are not in it yet. The book is advanced to the instant given."""
    return [
        ("governance.closed", {"proposal": proposal.id, "outcome": msgspec.to_builtins(proposal.result)})
        for proposal in of(book).proposals.values()
        if proposal.result is not None and proposal.published is None
    ]
