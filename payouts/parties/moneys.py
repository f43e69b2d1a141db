"""What an entry about money says beside what the book keeps of it: foreign money, whose business it was, until when.

It is read from the entry itself, which is there for ever; the book need not hold it twice.
"""

from typing import Any

from msgspec import UNSET

from ledger import fact
from ledger.book import Book
from ledger.entry import read, split_leaf
from ledger.money import format_amount
from ledger.private import show
from payouts.correction_facts import Refunded
from payouts.facts import MoneyMoved, Received
from payouts.parties.foreign import Foreign, foreign_words, rate_text
from payouts.payee_facts import Billed

MEMBER, OTHER, UNSAID = "member", "other", ""


def said_of(book: Book, entry: int) -> MoneyMoved | Refunded | None:
    """The statement about money, or about a refund; None where this copy has no log to read it from."""
    if book.leaf_at is None:
        return None
    held: dict[int, MoneyMoved | Refunded | None] = book.memo.setdefault("moneys", {})
    if entry not in held:
        said = fact.read(read(split_leaf(book.leaf_at(entry))[0]), book.rooms)
        held[entry] = said if isinstance(said, MoneyMoved | Refunded) else None
    return held[entry]


def foreign_of(book: Book, entry: int) -> Foreign | None:
    """The foreign money of a statement, if it was any."""
    said = said_of(book, entry)
    return None if said is None or said.foreign is UNSET else said.foreign


def foreign_said(book: Book, entry: int) -> str:
    """In words, safe to show: "100.00 USD at 0.9213 (ECB, 2026-11-20)"; "" for money of our own."""
    found = foreign_of(book, entry)
    return show(foreign_words(found)) if found else ""


def business_of(book: Book, entry: int) -> str:
    """Whether a receipt was business with members or with others: "member", "other", "" where nobody said."""
    said = said_of(book, entry)
    return said.business if isinstance(said, Received) and said.business is not UNSET else UNSAID


def due_of(book: Book, entry: int) -> str | None:
    """Until when a bill is to be paid ("" for no day); None for what is no bill."""
    said = said_of(book, entry)
    return None if not isinstance(said, Billed) else "" if said.due is UNSET else said.due


def more_of(book: Book, entry: int) -> dict[str, Any]:
    """All of that as data; `said` is the same in words."""
    foreign, business, due = foreign_of(book, entry), business_of(book, entry), due_of(book, entry)
    words = [show(foreign_words(foreign))] if foreign else []
    words += [BUSINESS[business]] if business else []
    words += ["bill" + (f", due {due}" if due else "")] if due is not None else []
    return {
        "foreign": foreign_data(foreign) if foreign else None,
        "business": business or None,
        "due": due,
        "said": "; ".join(words),
    }


BUSINESS = {MEMBER: "member business", OTHER: "other business"}


def foreign_data(said: Foreign) -> dict[str, str]:
    """Foreign money as data: amount, currency, exact rate, where it stands and of which day."""
    return {
        "amount": format_amount(said.amount, said.exponent),
        "currency": said.currency,
        "rate": rate_text(said),
        "source": said.source,
        "date": said.date,
    }
