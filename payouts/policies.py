"""What members set by vote about payouts: approvals, what is unusual, terms of accounts, unclaimed balances. Pure."""

from governance import state as governance
from governance.rule import Rule
from governance.rules import parse
from ledger import people
from ledger.book import Book
from ledger.policies import Policy, whole
from payouts import approvers, state
from payouts.capital.capital_kept import TermsSet
from payouts.capital.capital_terms import NONE, check_terms
from payouts.departed.unclaimed import check_policy, parse_policy, policy_text

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


def _terms(book: Book) -> str:
    terms = state.of(book).capital_terms
    return terms[-1].text if terms else NONE


def _check_terms(book: Book, text: str) -> None:
    check_terms(text, _rules(book))


def _rules(book: Book) -> list[Rule]:
    """The rule in force, and the one that members have decided comes next."""
    digests = dict.fromkeys((governance.current(book), governance.upcoming(book)))
    return [parse(governance.text_of(book, digest)) for digest in digests]


def _put_terms(book: Book, text: str) -> None:
    """For who leaves from now on, and for the close of the book year that is running; earlier terms stay known."""
    own = state.of(book)
    own.capital_terms.append(TermsSet(entry=book.size, since=book.received, runs=len(own.runs), text=text.strip()))


def _check_unclaimed(book: Book, text: str) -> None:
    check_policy(text, _rules(book))


def _put_unclaimed(book: Book, text: str) -> None:
    """The clock of a balance starts at the first cut-off after that; without a policy nothing is watched."""
    own = state.of(book)
    own.unclaimed = parse_policy(text, len(own.runs))
    own.quiet = own.quiet if own.unclaimed is not None else {}


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
    "capital": Policy("the terms of member accounts (TOML, or none)", _terms, _check_terms, _put_terms),
    "unclaimed": Policy(
        "when balances of who has left are unclaimed, and where they go",
        lambda book: policy_text(state.of(book).unclaimed),
        _check_unclaimed,
        _put_unclaimed,
    ),
}
