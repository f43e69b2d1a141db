"""When a ballot may be cast: the vote is open, the person is asked, and the ballot says something in it."""

from datetime import datetime
from fractions import Fraction
from typing import NoReturn

from governance import ballots
from governance.boxes import labels_of
from governance.days import DAY
from governance.part import BEFORE, OPEN, Proposal, of
from governance.profile import CONSENT
from governance.rules import parse
from governance.ruling import text_of
from governance.words import result_words
from ledger.book import Book
from ledger.entry import Entry
from ledger.errors import Refused

ENTRY_LATE = 7 * DAY
"""A ballot that was signed in time and comes later than so many ms after the end is refused, not kept as late."""


def known(book: Book, proposal: str) -> Proposal:
    """The proposal of this id, or Refused."""
    found = of(book).proposals.get(proposal)
    if found is None:
        raise Refused("There is no such proposal.", "`tally proposal list` shows them.")
    return found


def check_asked(proposal: Proposal, person: str) -> None:
    """Raise Refused unless this person has a vote here."""
    if person not in proposal.roll:
        raise Refused(_not_on_roll(proposal))
    if person in proposal.course.aside:
        raise Refused(f"You stand aside in proposal {proposal.number} (entry {proposal.course.aside[person]}).")
    if person in proposal.course.recused:
        raise Refused(f"Proposal {proposal.number} concerns you: you are recused and not asked.")
    if person in proposal.course.struck:
        raise Refused("You were expelled while this vote was open; your ballot was struck.")


def _not_on_roll(proposal: Proposal) -> str:
    asked = proposal.profile.electorate.removeprefix("role:")
    if asked != "members":
        return f"Proposal {proposal.number} asks those who were {asked} when it opened; its roll is fixed."
    return f"Proposal {proposal.number} opened before you were a member; its roll is fixed."


def check_open(proposal: Proposal, entry: Entry) -> None:
    """Raise Refused unless ballots are taken, or this one was signed while they were: then it is kept, as late."""
    if proposal.status != OPEN and not is_late(proposal, entry):
        refuse_closed(proposal)


def refuse_closed(proposal: Proposal) -> NoReturn:
    """Raise Refused, telling why no ballots are taken."""
    if proposal.status in BEFORE:
        raise Refused(f"Proposal {proposal.number} is not open yet.", "`tally proposal show` tells from when.")
    if not proposal.is_decided:
        raise Refused(f"Proposal {proposal.number} takes no ballots any more: it is {proposal.status}.")
    raise Refused(f"Proposal {proposal.number} is decided. {result_words(proposal)}.")


def is_late(proposal: Proposal, entry: Entry) -> bool:
    """Whether a ballot was signed before the end and received after it: it stays in the log and does not count."""
    ended = proposal.course.ended
    if ended is None or proposal.status == OPEN or entry.received > ended + ENTRY_LATE:
        return False
    return int(datetime.fromisoformat(entry.envelope.ts).timestamp()) * 1000 < ended


def check_ballot(book: Book, proposal: Proposal, choice: str) -> None:
    """Raise BadBallot or Refused unless this is how such a ballot is spelled."""
    if proposal.profile.method == CONSENT:
        raise Refused("This is decided by consent: nobody votes.", ballots.how_to(CONSENT))
    if proposal.profile.secrecy != "open":
        raise Refused(f"Proposal {proposal.number} takes {proposal.profile.secrecy} ballots alone.")
    check_spelled(book, proposal, choice)


def check_spelled(book: Book, proposal: Proposal, choice: str) -> None:
    """Raise BadBallot unless this is the one spelling of a ballot that has a meaning here."""
    wanted = ballots.spelled(proposal.profile, labels_of(proposal), choice)
    if wanted != choice:
        raise ballots.BadBallot(f"This ballot is spelled {wanted!r}.")
    if proposal.profile.method == "median" and choice != ballots.ABSTAIN:
        check_bounds(book, proposal, Fraction(choice))


def check_bounds(book: Book, proposal: Proposal, number: Fraction) -> None:
    """Raise Refused for a number that the rule does not allow."""
    ask = parse(text_of(book, proposal.replaces or "")).asks[proposal.terms.names[0]]
    if not ask.min.value <= number <= ask.max.value:
        raise Refused(f"The rule allows {ask.min.text} to {ask.max.text} here.", "Name a number between them.")
