"""What members set by vote about payouts: how many treasurers approve one, and what share is unusual. Pure."""

from ledger import people
from ledger.book import Book
from ledger.policies import Policy, whole
from payouts import state

APPROVERS_MAX = 100
UNUSUAL_MIN, UNUSUAL_MAX = 2, 100


def _check(book: Book, text: str) -> None:
    whole(text, 1, APPROVERS_MAX)


def _put(book: Book, text: str) -> None:
    """From the next computed payout on; those that are computed keep what they were computed under."""
    state.of(book).approvers = whole(text, 1, APPROVERS_MAX)


def _unreachable(book: Book, text: str) -> tuple[str, str]:
    """More treasurers than there are members could never approve anything; what stands in a log already stays."""
    wanted, there = whole(text, 1, APPROVERS_MAX), len(people.members(book.ledger))
    if wanted <= there:
        return "", ""
    members = "is 1 member" if there == 1 else f"are {there} members"
    return f"There {members}, so {wanted} treasurers could never approve a payout.", f"Propose at most {there}."


def _check_unusual(book: Book, text: str) -> None:
    whole(text, UNUSUAL_MIN, UNUSUAL_MAX)


def _put_unusual(book: Book, text: str) -> None:
    state.of(book).unusual = whole(text, UNUSUAL_MIN, UNUSUAL_MAX)


POLICIES = {
    "approvers": Policy(
        "how many treasurers must approve a payout",
        lambda book: str(state.of(book).approvers),
        _check,
        _put,
        _unreachable,
    ),
    "unusual": Policy(
        "from how many times the median on a share is pointed out before approval",
        lambda book: str(state.unusual(book)),
        _check_unusual,
        _put_unusual,
    ),
}
