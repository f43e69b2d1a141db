"""What members set by vote about payouts: how many treasurers approve one, and the terms of member accounts. Pure."""

from governance import state as governance
from governance.rules import parse
from ledger.book import Book
from ledger.policies import Policy, whole
from payouts import state
from payouts.capital_kept import TermsSet
from payouts.capital_terms import NONE, check_terms

APPROVERS_MAX = 100


def _check(book: Book, text: str) -> None:
    whole(text, 1, APPROVERS_MAX)


def _put(book: Book, text: str) -> None:
    """From the next computed payout on; those that are computed keep what they were computed under."""
    state.of(book).approvers = whole(text, 1, APPROVERS_MAX)


def _terms(book: Book) -> str:
    terms = state.of(book).capital_terms
    return terms[-1].text if terms else NONE


def _check_terms(book: Book, text: str) -> None:
    digests = dict.fromkeys((governance.current(book), governance.upcoming(book)))
    check_terms(text, [parse(governance.text_of(book, digest)) for digest in digests])


def _put_terms(book: Book, text: str) -> None:
    """For who leaves from now on, and for the close of the book year that is running; earlier terms stay known."""
    own = state.of(book)
    own.capital_terms.append(TermsSet(entry=book.size, since=book.received, runs=len(own.runs), text=text.strip()))


POLICIES = {
    "approvers": Policy(
        "how many treasurers must approve a payout", lambda book: str(state.of(book).approvers), _check, _put
    ),
    "capital": Policy("the terms of member accounts (TOML, or none)", _terms, _check_terms, _put_terms),
}
