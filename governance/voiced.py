"""Who votes for a member in a vote that is open, as a count would have it now."""

from msgspec import Struct

from governance.boxes import carried_now, covering, lets_others
from governance.looks import said_words
from governance.part import OPEN, Proposal, of
from ledger.book import Book
from ledger.names import Names


class Voice(Struct, frozen=True, kw_only=True):
    """Whom she named here, and through whom and with which ballot she is counted as it stands: "" for nobody."""

    to: str
    voter: str = ""
    choice: str = ""  # as it is spelled; "" while it is sealed
    words: str


def voice_of(book: Book, names: Names, proposal: Proposal, person: str) -> Voice | None:
    """How this member's voice is cast through another; None where she votes herself, or named nobody for this."""
    course, profile, now = proposal.course, proposal.profile, book.until
    if proposal.status != OPEN or not course.moved or not lets_others(profile) or profile.secrecy == "secret":
        return None
    if person not in proposal.voters or person in proposal.ballots or person in course.boxes:
        return None
    said = covering(book, of(book).delegations.get(person, []), proposal, now)
    if said is None:
        return None
    who, voter = names.of(said.to), carried_now(book, proposal, now).get(person, "")
    if voter:
        choice = proposal.ballots.get(voter, "")
        return Voice(to=said.to, voter=voter, choice=choice, words=_carried(names, proposal, who, voter, choice))
    return Voice(to=said.to, words=_not_carried(book, proposal, person, said.to, who))


def _carried(names: Names, proposal: Proposal, who: str, voter: str, choice: str) -> str:
    has = f"has voted {said_words(proposal, choice)}" if choice else "has cast a sealed ballot"
    if names.of(voter) == who:
        return f"{who} votes for you here unless you do, and {has}"
    return f"{who} lets {names.of(voter)} vote here, who {has}: that counts for you too unless you vote"


def _not_carried(book: Book, proposal: Proposal, person: str, to: str, who: str) -> str:
    """Why nobody votes for her so far."""
    if to not in proposal.voters:
        aside = "stands aside" if to in proposal.course.aside else "is not asked"
        return f"{who} {aside} here and cannot vote for you: vote yourself to be counted"
    if person not in carried_now(book, proposal, book.until, besides=[to]):
        cap = proposal.profile.delegation_cap
        most = f"at most {cap} other{'s' if cap > 1 else ''}"
        return f"{who} may vote for {most} here, and others named {who} before you: vote yourself to be counted"
    return f"{who} votes for you here unless you do, and has not voted yet"
