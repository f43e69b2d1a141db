"""Texts that were put down and that no proposal names yet: how many of them one member may leave lying."""

from collections.abc import Iterable

from governance.part import of
from ledger.book import Book
from ledger.errors import Refused

LOOSE_MAX = 50
"""Texts of one member that no proposal names: each stays in the log, and in everybody's book, for ever."""


def check_loose(book: Book, person: str, many: int = 1) -> None:
    """Raise Refused where so many more texts of this member would lie there for nothing."""
    if sum(1 for by in of(book).loose.values() if by == person) + many > LOOSE_MAX:
        raise Refused(
            f"{LOOSE_MAX} texts of yours are named by no proposal.",
            "Propose one of them: a text that is in the log already is not recorded again.",
        )


def named(book: Book, texts: Iterable[str | None]) -> None:
    """A proposal names these texts (ids of their entries) from now on."""
    for text in texts:
        of(book).loose.pop(text or "", None)
