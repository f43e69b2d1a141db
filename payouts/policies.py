"""What members set by vote about payouts: how many treasurers approve one. Pure."""

from ledger.book import Book
from ledger.policies import Policy, whole
from payouts import state

APPROVERS_MAX = 100


def _check(book: Book, text: str) -> None:
    whole(text, 1, APPROVERS_MAX)


def _put(book: Book, text: str) -> None:
    """From the next computed payout on; those that are computed keep what they were computed under."""
    state.of(book).approvers = whole(text, 1, APPROVERS_MAX)


POLICIES = {
    "approvers": Policy(
        "how many treasurers must approve a payout", lambda book: str(state.of(book).approvers), _check, _put
    ),
}
