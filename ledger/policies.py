"""What the founding said about the cooperative, and members set by vote under a name: its name, witnesses, days.

Each room has such a list in its `policies.py`: how a value is read, when it may be set (raises Refused), how it is set.
Values are texts, as they stand in what was voted on. Pure.
"""

from collections.abc import Callable

from msgspec import Struct

from ledger.assisting import CONTEST_DAYS
from ledger.book import Book
from ledger.errors import Refused, Usage
from ledger.witness_facts import POLICY_MAX, check_keys

NAME_MAX = 200
DAYS_MAX = 60
NONE = "none"


class Policy(Struct, frozen=True):
    """Something that members set by name."""

    what: str  # in a few words, for a list
    read: Callable[[Book], str]
    check: Callable[[Book, str], None]
    put: Callable[[Book, str], None]
    # Why nobody should propose a value that a log may hold: what, and what to do. Asked before anybody signs.
    unwise: Callable[[Book, str], tuple[str, str]] | None = None
    spelled: Callable[[Book, str], str] = lambda _, text: text.strip()  # a value as `read` gives it back


def whole(text: str, least: int, most: int) -> int:
    """The whole number in a text. Raises Refused where it is none, or out of bounds."""
    words = text.strip()
    if not (words.isascii() and words.isdigit() and least <= int(words) <= most):
        raise Refused(f"{words!r} is no number from {least} to {most}.")
    return int(words)


def _check_name(book: Book, text: str) -> None:
    if not 1 <= len(text.strip()) <= NAME_MAX or "\n" in text.strip():
        raise Refused(f"A name is one line of at most {NAME_MAX} letters.")


def _put_name(book: Book, text: str) -> None:
    book.ledger.name = text.strip()


def _check_days(book: Book, text: str) -> None:
    whole(text, 1, DAYS_MAX)


def _put_days(book: Book, text: str) -> None:
    book.ledger.contest_days = whole(text, 1, DAYS_MAX)


def _check_witnesses(book: Book, text: str) -> None:
    if text.strip() == NONE:
        return
    if len(text) > POLICY_MAX:
        raise Refused(f"A policy on witnesses has at most {POLICY_MAX} letters.")
    try:
        check_keys(book, text)
    except Usage as error:
        raise Refused(error.message, error.hint) from error


def _put_witnesses(book: Book, text: str) -> None:
    state = book.ledger
    state.policy = "" if text.strip() == NONE else text
    state.policy_since, state.policy_said = book.size, {}


POLICIES = {
    "name": Policy("what the cooperative is called", lambda book: book.ledger.name, _check_name, _put_name),
    "contest-days": Policy(
        "how long what was said with help may be contested",
        lambda book: str(book.ledger.contest_days or CONTEST_DAYS),
        _check_days,
        _put_days,
    ),
    "witnesses": Policy(
        "who must have seen a payout (C2SP tlog-policy, or none)",
        lambda book: book.ledger.policy or NONE,
        _check_witnesses,
        _put_witnesses,
    ),
}
