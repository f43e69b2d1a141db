"""What is handed out so that anybody can count a vote again: roll, profile, options, ballots, and the log's proofs.

Everything that a recount relies on is a statement that its author signed and the log vouches for; the rest (the roll
before it was published, who was at work in which role) is told as this ledger knows it. Pure.
"""

import base64
from bisect import bisect_left
from collections.abc import Iterator

from msgspec import Struct

from governance import rolls
from governance.boxes import meant_by_labels, scopes_of
from governance.consent_facts import WITHDRAW, Answered, Lifted, Objected
from governance.count_files import (
    ASSISTED,
    BALLOTS,
    CHECKPOINT,
    LATE,
    OPTIONS,
    PROFILE,
    PROPOSAL,
    ROLL,
    STATEMENTS,
    VKEY,
    LaterKey,
    Line,
    Options,
    Roll,
    Row,
    Through,
    Vote,
    lines_of,
    with_manifest,
    written,
)
from governance.count_leaves import Stated, brought, stated
from governance.course_facts import BallotSealed, BallotsMailed, BallotStruck, RollPublished, StoodAside, Unsealed
from governance.days import end_of
from governance.doubts import KINDS as BALLOT_KINDS
from governance.facts import BallotCast, Closed, Decided, Joined, TextPut, Voted
from governance.part import Proposal, of
from governance.profile import HOUR
from governance.ruling import text_of
from governance.voice_facts import Delegated
from ledger import assisting, lives
from ledger.assisted_facts import Contested
from ledger.book import Book
from ledger.fact import plain
from ledger.facts import Invited
from ledger.key_facts import KeyAdded, KeyRevoked, Reaffirmed, Vouched
from ledger.merkle import HashOf, consistency_path, inclusion_path

BALLOT = (Voted, BallotCast, BallotSealed)
ABOUT = (RollPublished, StoodAside, BallotStruck, Unsealed, Decided, Closed)
SAID_KINDS = (*BALLOT_KINDS, "governance.mailed", "governance.objected", "governance.lifted")
ABOUT_KINDS = (
    *("governance.opened", "governance.stood_aside", "governance.struck", "governance.unsealed"),
    *("governance.decided", "governance.closed", "governance.text", "governance.answered", "governance.delegated"),
    "ledger.invited",
)
DOUBT_KINDS = ("ledger.key_revoked", "ledger.contested", "ledger.reaffirmed")


class Shown(Struct, frozen=True):
    """The log as it is shown: its newest signed head, the key that signed it, and what proofs are made of."""

    size: int
    note: bytes
    vkey: str
    hash_of: HashOf


def files_of(book: Book, proposal: Proposal, log: Shown) -> dict[str, bytes]:
    """The files of the count of a vote that is over, by name. The log holds all that the book knows, or more."""
    held = held_of(book, proposal)
    said = list(_said(book, proposal))
    around = [_at(book, proposal.index), *_around(book, proposal, held)]
    around += _doubts(book, [*said, *around], _counted_of(proposal, held))
    later, bringing = _later_keys(book, proposal, [*said, *around])
    statements = {one.index: () for one in [*around, *bringing]}
    ballots = {one.index: _marks(one, held) for one in said}
    return with_manifest(
        {
            BALLOTS: lines_of(_line(book, log, index, marks) for index, marks in ballots.items()),
            STATEMENTS: lines_of(_line(book, log, index, marks) for index, marks in sorted(statements.items())),
            CHECKPOINT: log.note,
            VKEY: f"{log.vkey}\n".encode(),
            OPTIONS: written(_options(book, proposal)),
            PROFILE: written(proposal.profile),
            PROPOSAL: written(_vote(book, proposal, log, held, around)),
            ROLL: written(_roll(book, proposal, later)),
        }
    )


# What was said in the vote, and around it.


def _found(book: Book, kinds: tuple[str, ...], start: int, end: int) -> Iterator[Stated]:
    """The statements of these kinds, also those made with help, from one place of the log up to another."""
    for entry in lives.of_kinds(book, (*kinds, assisting.KIND), start, end):
        if assisting.inner_of(entry).envelope.kind in kinds:
            yield stated(entry)


def _at(book: Book, index: int) -> Stated:
    return stated(lives.entry_at(book, index))


def _said(book: Book, proposal: Proposal) -> Iterator[Stated]:
    """The ballots, also late ones, or the objections of a decision by consent."""
    for one in _found(book, SAID_KINDS, proposal.size, book.size):
        if isinstance(one.fact, Lifted):
            if one.fact.objection in proposal.course.objections:
                yield one
        elif isinstance(one.fact, (*BALLOT, BallotsMailed, Objected)) and one.fact.proposal == proposal.id:
            yield one


def _marks(one: Stated, held: int) -> tuple[str, ...]:
    late = (LATE,) if isinstance(one.fact, BALLOT) and one.index >= held else ()
    return (*late, *((ASSISTED,) if one.is_assisted else ()))


def _around(book: Book, proposal: Proposal, held: int) -> Iterator[Stated]:
    """What a count rests on: texts, the invitation, new versions, who votes for whom, what was published."""
    first = _at(book, proposal.index).fact
    invitation = first.invitation if isinstance(first, Joined) else ""
    objections = {one for before in ancestry(book, proposal) for one in before.course.objections}
    for one in _found(book, ABOUT_KINDS, 0, book.size):
        fact = one.fact
        if isinstance(fact, TextPut):
            wanted = one.entry.id in proposal.options
        elif isinstance(fact, Invited):
            wanted = one.entry.id == invitation
        elif isinstance(fact, Answered):
            wanted = fact.objection in objections and fact.how != WITHDRAW
        elif isinstance(fact, Delegated):
            wanted = one.index < held and _may_carry(proposal, one.author, fact)
        else:
            assert isinstance(fact, ABOUT)
            wanted = fact.proposal == proposal.id
        if wanted:
            yield one


def _may_carry(proposal: Proposal, who: str, fact: Delegated) -> bool:
    """Whether this says, or ends, that somebody votes for another in this vote."""
    counts = proposal.course.moved and proposal.profile.delegation_cap
    return bool(counts) and who in proposal.voters and scopes_of(proposal)[fact.scope] == fact.of


def _doubts(book: Book, found: list[Stated], held: int) -> list[Stated]:
    """What was said before the end about stolen keys, by those whose statements count here."""
    authors = {one.author for one in found} | {one.entry.author for one in found}
    doubts = [
        one
        for one in _found(book, DOUBT_KINDS, 0, held)
        if one.author in authors and not (isinstance(one.fact, KeyRevoked) and one.fact.suspect_from is None)
    ]
    robbed = {one.author for one in doubts if isinstance(one.fact, KeyRevoked)}
    added = [one for one in _found(book, (lives.KEY_ADDED,), 0, held if robbed else 0) if one.author in robbed]
    assert all(isinstance(one.fact, Contested | KeyRevoked | Reaffirmed | KeyAdded) for one in [*doubts, *added])
    return [*doubts, *added]


def ancestry(book: Book, proposal: Proposal) -> list[Proposal]:
    """The matter that was put, what opened by itself after it, and at last this one."""
    found = [proposal]
    while found[0].course.before:
        found.insert(0, of(book).proposals[found[0].course.before])
    return found


# Keys that are not on the roll.


def _later_keys(book: Book, proposal: Proposal, found: list[Stated]) -> tuple[list[LaterKey], list[Stated]]:
    """Keys that signed something here and are not on the roll; and the statements that brought them."""
    on_roll = {public for row in rolls.rows(book, proposal) for public in row["keys"]}
    later: dict[str, LaterKey] = {}
    bringing: list[Stated] = []
    ahead = list(found)
    while ahead:
        for key in _signers(book, ahead.pop()):
            known = book.ledger.keys[key]
            if known.public not in on_roll and known.public not in later:
                later[known.public] = LaterKey(person=known.person, key=known.public, entry=known.since)
                by = _brought_by(book, known.public, known.since, bool(known.vouched))
                bringing += by
                ahead += by
    return sorted(later.values(), key=lambda one: (one.entry, one.key)), bringing


def _signers(book: Book, one: Stated) -> list[str]:
    """The ids of the keys that signed: the author's or helper's, and the witness's."""
    witnesses = [proof.key for proof in one.proofs]
    return [one.entry.key, *(key for key, known in book.ledger.keys.items() if known.public in witnesses)]


def _brought_by(book: Book, public: str, since: int, is_vouched: bool) -> list[Stated]:
    if not is_vouched:
        return [_at(book, since)]
    vouched = _found(book, ("ledger.vouched",), 0, since + 1)
    return [one for one in vouched if isinstance(one.fact, Vouched) and (one.fact.person, public) in brought(one)]


# The files.


def held_of(book: Book, proposal: Proposal) -> int:
    """How many entries the log had when the vote ended."""
    if proposal.course.held is not None:
        return proposal.course.held
    if proposal.closes == proposal.opened + proposal.profile.length_hours * HOUR:
        return bisect_left(range(book.size), proposal.closes, key=lambda index: _received(book, index))
    # It ended early: with its last ballot, or with a word that made one count again.
    again = _found(book, DOUBT_KINDS[-1:], proposal.index, book.size)
    ends = [proposal.index, *(one.index for one in _said(book, proposal))]
    return max(*ends, *(one.index for one in again if one.entry.received == proposal.closes), 0) + 1


def _counted_of(proposal: Proposal, held: int) -> int:
    return held if proposal.course.counted is None else proposal.course.counted


def _received(book: Book, index: int) -> int:
    return lives.entry_at(book, index).received


def _line(book: Book, log: Shown, index: int, marks: tuple[str, ...]) -> Line:
    assert book.leaf_at is not None
    proof = inclusion_path(index, log.size, log.hash_of)
    leaf = base64.b64encode(book.leaf_at(index)).decode()
    return Line(index=index, leaf=leaf, proof=tuple(one.hex() for one in proof), marks=marks)


def _options(book: Book, proposal: Proposal) -> Options:
    return Options(
        labels=meant_by_labels(proposal),
        texts=tuple((one, of(book).texts[one]) for one in proposal.options),
        replaced=text_of(book, proposal.replaces or "") if proposal.matter.sort == "number" else "",
    )


def _roll(book: Book, proposal: Proposal, later: list[LaterKey]) -> Roll:
    course = proposal.course
    return Roll(
        roll=tuple(Row(person=row["person"], keys=tuple(row["keys"])) for row in rolls.rows(book, proposal)),
        recused=tuple(course.recused),
        struck=course.struck,
        roles={role: tuple(persons) for role, persons in course.roles.items()},
        ring=tuple(course.ring),
        later=tuple(later),
    )


def _vote(book: Book, proposal: Proposal, log: Shown, held: int, around: list[Stated]) -> Vote:
    course = proposal.course
    ended = proposal.closes if course.ended is None else course.ended
    return Vote(
        ledger=book.ledger.id,
        number=proposal.number,
        id=proposal.id,
        first=proposal.index,
        follows=tuple(one.course.why for one in ancestry(book, proposal)[1:]),
        matter=proposal.matter,
        terms=proposal.terms,
        profile=proposal.profile_name,
        replaces=proposal.replaces,
        opened=proposal.opened,
        size=proposal.size,
        ended=ended,
        held=held,
        counted=_counted_of(proposal, held),
        root=log.hash_of(0, held).hex(),
        path=tuple(one.hex() for one in consistency_path(held, log.size, log.hash_of)),
        delegations=tuple(
            Through(person=person, to=named.to, entry=named.index) for person, named in sorted(course.named.items())
        ),
        lapsed=tuple(one.index for one in around if _has_lapsed(book, one, ended)),
        result=plain(course.decision or proposal.result),
        roll_said=course.opened_said,
        published=proposal.published,
    )


def _has_lapsed(book: Book, one: Stated, ended: int) -> bool:
    """Whether somebody was let vote for another until a day that was over when the vote ended."""
    until = one.fact.until if isinstance(one.fact, Delegated) else None
    return until is not None and end_of(book, until) <= ended
