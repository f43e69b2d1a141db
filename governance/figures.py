"""How a vote stands in figures: who cast a ballot, how many are for it, how many that takes, and what it asks for."""

from typing import Any

from msgspec.structs import replace

from governance import first_form
from governance.boxes import box_of
from governance.matters import profile as profile_change
from governance.part import DRAFT, NOTICE, OPEN, Proposal
from governance.profile import CONSENT, PLAIN_QUORUM, YES_NO, Profile, wanted
from governance.profile_words import UNOPPOSED, quorum_words, sentence
from governance.tally import QUORUM, Counted, decide
from ledger.book import Book

Row = dict[str, Any]


def so_far(book: Book, proposal: Proposal) -> Counted | None:
    """What a count would come to now; None where nobody may know that yet, or it is not open."""
    if proposal.status != OPEN or proposal.profile.secrecy != "open" or not proposal.course.moved:
        return None
    if proposal.profile.method == CONSENT:
        return None
    box = box_of(book, proposal, book.until)
    counted = decide(box)
    if proposal.profile.method == YES_NO or counted.decision.reason != QUORUM:
        return counted
    # While the quorum is missing no option can win; which one is in front is asked without it.
    found = decide(replace(box, profile=replace(box.profile, quorum=PLAIN_QUORUM)))
    support, quorum = wanted(proposal.profile.quorum, len(proposal.voters))
    present = found.decision.yes if support else found.decision.present
    return replace(found, decision=replace(found.decision, quorum=quorum, present=present))


def figures(book: Book, proposal: Proposal) -> Row:
    """The votes so far, and how many are needed of how many; of sealed votes only how many took part."""
    if not proposal.course.moved:
        return _first_form_figures(proposal)
    course, now = proposal.course, so_far(book, proposal)
    found = course.decision or (now.decision if now else None)
    cast = found.cast if found else _cast(proposal)
    return {
        "yes": found.yes if found else None,
        "no": found.no if found else None,
        "abstain": found.abstain if found else None,
        "cast": cast,
        "carried": found.carried if found else 0,
        "roll": len(proposal.voters),
        "recused": len(course.recused) + len(course.aside),
        "struck": len(course.struck),
        "needed": found.needed if found else 0,
        "quorum": found.quorum if found else _quorum(proposal),
        "present": found.present if found else cast,
    }


def _cast(proposal: Proposal) -> int | None:
    """How many have cast a ballot; of a secret vote nobody can say."""
    if proposal.profile.secrecy == "secret":
        return None
    return len(proposal.course.boxes if proposal.profile.secrecy == "sealed" else proposal.ballots)


def _quorum(proposal: Proposal) -> int:
    """How many must take part of those who are asked; 0 where nobody is asked yet, or nobody votes."""
    asked = proposal.status != DRAFT and proposal.status != NOTICE and proposal.profile.method != CONSENT
    return wanted(proposal.profile.quorum, len(proposal.voters))[1] if asked else 0


def _first_form_figures(proposal: Proposal) -> Row:
    votes = first_form.votes_of(proposal.voters, proposal.ballots)
    return {
        "yes": votes["yes"],
        "no": votes["no"],
        "abstain": votes["abstain"],
        "cast": votes.total(),
        "carried": 0,
        "roll": len(proposal.voters),
        "recused": 0,
        "struck": len(proposal.course.struck),
        "needed": first_form.needed(proposal.profile, len(proposal.voters), votes),
        "quorum": 0,
        "present": votes.total(),
    }


def needed_words(book: Book, proposal: Proposal, votes: Row) -> str:
    """How many must be for it, as "5 of 8"; "so far" where that depends on how many vote."""
    if not votes["needed"]:
        return ""
    also = also_of(book, proposal)
    by_votes = any(one.base != "roll" for one in (proposal.profile, also) if one)
    return f"{votes['needed']} of {votes['roll']}{' so far' if by_votes and proposal.status == OPEN else ''}"


def also_of(book: Book, proposal: Proposal) -> Profile | None:
    """The new profile whose threshold this decision must reach too; None where there is none."""
    return profile_change.also(book, proposal) if proposal.matter.sort == "profile" else None


def asks_words(book: Book, proposal: Proposal) -> str:
    """What must be reached for it and within which time, in words."""
    return sentence(proposal.profile, also_of(book, proposal))


def quorum_asked(profile: Profile) -> str:
    """Its quorum in words; "" where there is none, or where what it asks for has named it already."""
    named = profile.quorum.kind == "none" or profile.method in (CONSENT, *UNOPPOSED)
    return "" if named else f"quorum: {quorum_words(profile.quorum)}"
