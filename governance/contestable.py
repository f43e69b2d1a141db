"""Ballots cast with help, while their persons may still say that they are not theirs: nothing final rests on them.

They end no vote early. What passes at the end of a vote by them alone waits until they can be contested no more, and
is then counted without those that were. The same for votes that go through others by a word said with help. Pure.
"""

from collections import defaultdict
from collections.abc import Collection

from msgspec.structs import replace

from governance.boxes import box_of
from governance.outcomes import counted
from governance.part import DECIDED, Proposal, of
from governance.tally import Box
from ledger.book import Book
from ledger.entry import Entry


def mark(book: Book, proposal: Proposal, said: Entry) -> None:
    """Note whether the ballot that counts from now on for its author was cast with help."""
    if said.id in book.ledger.assisted:
        proposal.course.assisted[said.author] = said.index
    else:
        proposal.course.assisted.pop(said.author, None)


def own_box(book: Book, proposal: Proposal, at: int) -> Box:
    """The box without what was cast with help."""
    return replace(box_of(book, proposal, at), ballots=proposal.own_ballots)


def waits(book: Book, proposal: Proposal, at: int) -> bool:
    """Let it wait where what may still be contested could change what a vote has come to; tells whether it does."""
    ended = proposal.closes if proposal.course.ended is None else proposal.course.ended
    until = {one.index: one.until for one in book.ledger.assisted.values() if one.until > ended}
    entries = until.keys() & _entries(proposal)
    if not entries or not _rests_on(book, proposal, entries):
        return False
    proposal.status, proposal.course.waits = DECIDED, max(at, *(until[one] for one in entries))
    of(book).pending.append(proposal.id)
    return True


def strike(book: Book, proposal: Proposal) -> None:
    """What was said with help and nobody stands by is out of a vote that waited."""
    helped = {one.index for one in book.ledger.assisted.values()}
    left = without(proposal, helped & {*book.ledger.disputed.values()})
    proposal.ballots, proposal.course.named = left.ballots, left.course.named


def without(proposal: Proposal, entries: Collection[int]) -> Proposal:
    """The vote as if these entries had not been said."""
    course = proposal.course
    ballots = {one: said for one, said in proposal.ballots.items() if course.assisted.get(one) not in entries}
    named = {one: other for one, other in course.named.items() if other.index not in entries}
    return replace(proposal, ballots=ballots, course=replace(course, named=named))


def _entries(proposal: Proposal) -> set[int]:
    """The entries by which ballots lie in the box with help, or go through others."""
    cast = {entry for person, entry in proposal.course.assisted.items() if person in proposal.ballots}
    return cast | {one.index for one in proposal.course.named.values()}


def _rests_on(book: Book, proposal: Proposal, entries: Collection[int]) -> bool:
    """Whether it passes, and would not, or not as it does, without all of these, or without those that say the same.

    Only what says the same is contested together by whoever wants another result, so a helper cannot hide what a
    few ballots bring about behind others that say the contrary.
    """
    found = _result(book, proposal)
    alike: defaultdict[str, set[int]] = defaultdict(set)
    for person, entry in proposal.course.assisted.items():
        alike[proposal.ballots.get(person, "")].add(entry)
    for one in proposal.course.named.values():
        alike[proposal.ballots.get(one.to, "")].add(one.index)
    some = [entries, *({*entries} & one for one in alike.values())]
    return found[0] and any(_result(book, without(proposal, one)) != found for one in some)


def _result(book: Book, proposal: Proposal) -> tuple[bool, tuple[str, ...]]:
    decision = counted(book, proposal).decision
    return decision.passed, getattr(decision, "winners", ())
