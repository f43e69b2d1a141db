"""What members set by vote about payouts: how many treasurers approve one, and what share is unusual. Pure."""

from ledger import people
from ledger.book import Book
from ledger.policies import Policy, whole
from payouts import approvers, state

UNUSUAL_MIN, UNUSUAL_MAX = 2, 100


def _unreachable(book: Book, text: str) -> tuple[str, str]:
    """More treasurers than there are members could never approve anything; what stands in a log already stays."""
    base, steps = approvers.parsed(text, book.ledger.exponent)
    wanted, there = steps[-1][1] if steps else base, len(people.members(book.ledger))
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
        "how many treasurers must approve a payout (2; or 1, 2 from 5000.00)",
        approvers.read,
        approvers.check,
        approvers.put,
        unwise=_unreachable,
        spelled=approvers.spelled,
    ),
    "unusual": Policy(
        "from how many times the median on a share is pointed out before approval",
        lambda book: str(state.unusual(book)),
        _check_unusual,
        _put_unusual,
    ),
}
