"""The ballot box of a vote filled again from what its members said: what could be said, and when; what counts. Pure."""

from governance import contestable, first_form, sealing, tally
from governance.casting import check_spelled
from governance.consent_facts import Lifted, Objected
from governance.consenting import consented
from governance.count_files import ASSISTED, BALLOTS, LATE, PROPOSAL, ROLL, STATEMENTS, NotRecounted
from governance.count_leaves import Stated, name_of, of_fact
from governance.course_facts import BallotSealed, BallotsMailed, Unsealed
from governance.facts import BallotCast, Voted
from governance.outcomes import counted
from governance.part import CLOSED, RENEWAL, Objection, Proposal
from governance.profile import CONSENT, HOUR, YES_NO, Profile
from governance.recounted_vote import Export, contested_since, first_ballots
from governance.unsealing import check_mail_time, check_opening_time, unseal
from ledger.book import Book
from ledger.errors import TallyError
from ledger.fact import Fact


def fill(export: Export, book: Book, proposal: Proposal) -> None:
    """Lay into the box what counts, once everything that was said could be said. Raises NotRecounted."""
    for one, marks in export.leaves.said:
        _check_said(export, book, proposal, one, marks)
    _take(export, book, proposal)
    _check_end(export, book, proposal)
    proposal.course.ended = export.vote.ended
    if export.profile.method == CONSENT:
        proposal.course.decision = consented(proposal, book.ledger.disputed, _has_author(export, book))
    elif export.profile.secrecy != "open":
        _open(export, book, proposal)
    if export.vote.counted != export.vote.held:
        _strike(export, book, proposal)


def _strike(export: Export, book: Book, proposal: Proposal) -> None:
    """Take out what was contested after the end of a vote that passed, and waited for this."""
    if export.vote.counted < export.vote.held or not counted(book, proposal).decision.passed:
        raise NotRecounted(PROPOSAL, "nothing had to wait until nobody could contest it any more")
    left = contestable.without(proposal, contested_since(export))
    proposal.ballots, proposal.course.named = left.ballots, left.course.named


# What could be said.


def _check_said(export: Export, book: Book, proposal: Proposal, one: Stated, marks: tuple[str, ...]) -> None:
    """Raise NotRecounted unless this could be said, by this person, at this time."""
    why = _fault(export, book, proposal, one) or _time_fault(export, one)
    late = isinstance(one.fact, Voted | BallotCast | BallotSealed) and one.index >= export.vote.held
    is_so = (*((LATE,) if late else ()), *((ASSISTED,) if one.is_assisted else ()))
    if not why and marks != is_so:
        why = f"it is marked {', '.join(marks) or 'as usual'}, but is {', '.join(is_so) or 'as usual'}"
    if why:
        raise NotRecounted(name_of(BALLOTS, one.index), why)


def _fault(export: Export, book: Book, proposal: Proposal, one: Stated) -> str:
    """Why this is nothing that is said in this vote; "" where it is."""
    fact, kind = one.fact, _kind_of(export.profile)
    if isinstance(fact, Lifted):
        return "" if kind is Objected else "nobody objects in this vote"
    if getattr(fact, "proposal", None) != export.vote.id:
        return "it is of another vote"
    if type(fact) is not kind:
        return "it is not how members vote in this vote"
    if isinstance(fact, BallotsMailed):
        return ""
    if one.author not in proposal.roll:
        return "its author is not on the roll"
    if one.author in proposal.course.recused:
        return "its author was recused"
    if isinstance(fact, Voted | BallotCast):
        return _spelling_fault(book, proposal, fact.choice)
    return ""


def _kind_of(profile: Profile) -> type[Fact]:
    if profile.method == CONSENT:
        return Objected
    if profile.secrecy != "open":
        return BallotSealed if profile.secrecy == "sealed" else BallotsMailed
    return Voted if profile.method == YES_NO else BallotCast


def _spelling_fault(book: Book, proposal: Proposal, choice: str) -> str:
    try:
        check_spelled(book, proposal, choice)
    except TallyError as error:
        return f"it says nothing that counts: {error.message.rstrip('.')}"
    return ""


def _time_fault(export: Export, one: Stated) -> str:
    """Why this came at another time than it had to; "" where it came in time. Late ballots come after the end."""
    vote, received = export.vote, one.entry.received
    if one.index < vote.size or one.index <= vote.first or received < vote.opened:
        return "it came before the vote opened"
    if isinstance(one.fact, BallotsMailed):
        return "" if one.index >= vote.held and received >= vote.ended else "it was published before the end"
    # A vote that nothing can change any more ends with the ballot that settles it.
    in_time = received <= vote.ended if _is_early(export) else received < vote.ended
    if one.index < vote.held:
        return "" if in_time else "it came after the end, and is counted"
    if received < vote.ended:
        return "it came before the end, and is not counted"
    return "it came after the end" if isinstance(one.fact, Objected | Lifted) else ""


# What counts.


def _take(export: Export, book: Book, proposal: Proposal) -> None:
    """The box as it was at the end: of each person the last ballot that somebody stood by."""
    course, disputed = proposal.course, book.ledger.disputed
    if not export.is_moved:
        proposal.ballots = first_ballots(export, book)
    for one, _ in export.leaves.said:
        fact = one.fact
        if isinstance(fact, BallotsMailed):
            course.mailed += fact.boxes
            course.mailed_at = one.entry.received if course.mailed_at is None else course.mailed_at
        elif isinstance(fact, Objected):
            course.objections[one.entry.id] = Objection(by=one.author, index=one.index)
        elif isinstance(fact, Lifted):
            _lift(proposal, fact.objection, one)
        elif one.index < export.vote.held and one.entry.id not in disputed:
            _lay(proposal, one)
    if not _has_author(export, book):
        proposal.ballots, course.boxes, course.ring = {}, {}, []


def _lay(proposal: Proposal, one: Stated) -> None:
    """This ballot replaces an earlier one of the same person."""
    proposal.course.assisted.pop(one.author, None)
    if one.is_assisted:
        proposal.course.assisted[one.author] = one.index
    if isinstance(one.fact, Voted | BallotCast):
        proposal.ballots[one.author] = one.fact.choice
    elif isinstance(one.fact, BallotSealed):
        proposal.course.boxes[one.author] = one.fact.box


def _lift(proposal: Proposal, objection: str, one: Stated) -> None:
    found = proposal.course.objections.get(objection)
    if found is None or found.by != one.author:
        raise NotRecounted(name_of(BALLOTS, one.index), "it takes back an objection that is not its author's")
    found.lifted = one.index


def _has_author(export: Export, book: Book) -> bool:
    """Whether somebody stood by the statement that the vote goes back to; a renewal opens whoever stands by it."""
    return RENEWAL in export.vote.follows or export.first.entry.id not in book.ledger.disputed


# Its end.


def _usual_ends(export: Export) -> tuple[int, int]:
    """The instants (ms) at which the vote ends where nothing settles it before: without and with its extension."""
    end = export.vote.opened + export.profile.length_hours * HOUR
    return end, end + export.profile.extension_hours * HOUR


def _is_early(export: Export) -> bool:
    return export.profile.early and export.vote.ended not in _usual_ends(export)


def _check_end(export: Export, book: Book, proposal: Proposal) -> None:
    """Raise NotRecounted unless the vote could open and end when it is said to have."""
    vote, first, ends = export.vote, export.first, _usual_ends(export)
    began = (first.entry.received, first.index)
    if not began[0] <= vote.opened <= vote.ended or not began[1] <= vote.size <= vote.held:
        raise NotRecounted(PROPOSAL, "the vote ends before it opens")
    if not export.is_moved and (vote.opened, vote.size) != began:
        raise NotRecounted(PROPOSAL, f"the vote opened with entry {first.index}, and it says another instant")
    early = _is_early(export) and vote.ended < ends[1] and _is_settled(export, book, proposal)
    if vote.ended not in ends and not early:
        raise NotRecounted(PROPOSAL, "the vote did not end when its profile says")
    if any(at > vote.ended for at in export.roll.struck.values()):
        raise NotRecounted(ROLL, "somebody is struck after the end")


def _is_settled(export: Export, book: Book, proposal: Proposal) -> bool:
    """Whether nothing could change the result any more, since a statement of that very instant."""
    vote = export.vote
    if all(one.entry.received != vote.ended for one in export.leaves.all if one.index < vote.held):
        return False
    if export.is_moved:
        return tally.is_settled(contestable.own_box(book, proposal, vote.ended))
    return first_form.decided_early(export.profile, proposal.voters, proposal.own_ballots)


def _open(export: Export, book: Book, proposal: Proposal) -> None:
    """Open the sealed ballots with what was published after the end."""
    opening, lock = of_fact(export.leaves.statements, Unsealed), proposal.terms.sealing
    if len(opening) != 1 or lock is None:
        raise NotRecounted(STATEMENTS, "nothing opens the sealed ballots")
    one, fact = opening[0]
    where = name_of(STATEMENTS, one.index)
    if fact.proposal != proposal.id or one.index < export.vote.held:
        raise NotRecounted(where, "it does not open the ballots of this vote after its end")
    if not sealing.matches(bytes.fromhex(fact.secret), bytes.fromhex(lock.public)):
        raise NotRecounted(where, "it does not open the ballots of this vote")
    proposal.status, proposal.course.secret = CLOSED, fact.secret
    check_opening_time(proposal, one.entry.received)
    for mailed, _ in export.leaves.said:
        if isinstance(mailed.fact, BallotsMailed):
            check_mail_time(proposal, mailed.entry.received)
    unseal(book, proposal)
