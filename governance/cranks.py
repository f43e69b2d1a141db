"""What governance has to publish by now: rolls of votes that opened, ballots that were struck, results."""

from typing import Any

from governance.course_facts import pinned
from governance.part import CLOSED, OPEN, Proposal, of
from governance.unsealing import opens_at
from ledger.book import Book
from ledger.fact import plain


def turns(book: Book, _: int) -> list[tuple[str, dict[str, Any]]]:
    """Statements that follow from the log and are not in it yet. The book is advanced to the instant given."""
    found: list[tuple[str, dict[str, Any]]] = []
    for proposal in of(book).proposals.values():
        course = proposal.course
        has_opened = course.size is not None and (proposal.status == OPEN or course.ended is not None)
        if has_opened and course.opened_said is None:
            found.append(("governance.opened", plain(pinned(book, proposal.id))))
        found += [
            ("governance.struck", {"proposal": proposal.id, "person": person})
            for person in sorted(course.struck.keys() - set(course.struck_said))
        ]
        if proposal.is_decided and proposal.published is None:
            found.append(result_of(proposal))
    return found


def result_of(proposal: Proposal) -> tuple[str, dict[str, Any]]:
    """Kind and body of the statement that publishes the result of a matter that is decided."""
    decision = proposal.course.decision
    kind = "governance.closed" if decision is None else "governance.decided"
    return kind, {"proposal": proposal.id, "outcome": plain(decision or proposal.result)}


def locked(book: Book, now: int) -> list[tuple[str, str]]:
    """(proposal, nonce) of each sealed vote that can be opened by now, by whoever has the log's key."""
    found = []
    for proposal in map(of(book).proposals.__getitem__, of(book).pending):
        lock = proposal.terms.sealing
        if proposal.status == CLOSED and lock is not None:
            since = opens_at(proposal)
            if since is not None and now >= since:
                found.append((proposal.id, lock.nonce))
    return found
