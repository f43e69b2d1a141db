"""The lock of a sealed vote: its key is one that the log can open after the end, and the log has signed that it can."""

from governance import sealing
from governance.part import Proposal, of
from governance.profile import Profile
from governance.terms import Terms
from ledger import log_keys
from ledger.book import Book
from ledger.errors import Refused
from ledger.keys import verify


def check_lock(book: Book, profile: Profile, terms: Terms, at: int) -> None:
    """Raise Refused unless there is a lock exactly where ballots are sealed, and the log can open it."""
    lock = terms.sealing
    if profile.secrecy == "open":
        if lock is not None:
            raise Refused("Open ballots need no lock.", "Propose it anew.")
        return
    if terms.sunset is not None or profile.second_call or profile.challenge_hours:
        raise Refused(
            "A sealed or secret vote has no sunset, second call or challenge: what follows by itself cannot be sealed.",
            "Take an open profile, or leave these out.",
        )
    if lock is None:
        raise Refused("Sealed ballots need a lock that the log can open.", "Propose it with this copy of tally.")
    promised = sealing.promise(book.ledger.id, lock.nonce, lock.public)
    sound = verify(bytes.fromhex(lock.log), promised, bytes.fromhex(lock.sig))
    if lock.log not in log_keys.valid(book.ledger, at) or not sound:
        raise Refused("The log has not signed that it can open this lock.", "Propose it anew.")
    # What opens one vote is published at its end: a vote that ends sooner would open the ballots of another.
    if any(one.terms.sealing and one.terms.sealing.public == lock.public for one in _others(book, terms)):
        raise Refused("Another matter has this lock already.", "Propose it anew.")


def _others(book: Book, terms: Terms) -> list[Proposal]:
    """All matters but the one that was put on these very terms."""
    return [one for one in of(book).proposals.values() if one.terms is not terms]


def log_keys_needed(book: Book) -> set[str]:
    """The log's keys (hex) that are to open the ballots of votes that go on, or wait for it."""
    waiting = map(of(book).proposals.__getitem__, (*of(book).open, *of(book).pending))
    return {one.terms.sealing.log for one in waiting if one.terms.sealing is not None}
