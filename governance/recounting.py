"""A vote counted again from the files of its export alone: every leaf, every signature, every rule, and the result.

Nothing but the files is asked: no ledger, no home, no key. The counting itself is the code that counts in the ledger.
Pure.
"""

from collections.abc import Iterable
from fractions import Fraction

from msgspec import Struct

from governance import first_form, rolls, sealing, tally
from governance.boxes import box_of
from governance.casting import check_spelled
from governance.consent_facts import Lifted, Objected
from governance.consenting import consented
from governance.count_files import (
    ASSISTED,
    BALLOTS,
    CHECKPOINT,
    LATE,
    LISTED,
    OPTIONS,
    PROFILE,
    PROPOSAL,
    ROLL,
    STATEMENTS,
    VKEY,
    Files,
    NotRecounted,
    Options,
    Roll,
    Vote,
    check_listed,
    check_names,
    read,
)
from governance.count_leaves import Stated, check_leaves, name_of, of_fact
from governance.course_facts import BallotSealed, BallotsMailed, BallotStruck, RollPublished, Unsealed
from governance.facts import BallotCast, Closed, Decided, Voted
from governance.part import CLOSED, Objection, Proposal
from governance.profile import CONSENT, HOUR, YES_NO, Profile, digest
from governance.profile import check as check_profile
from governance.recounted_vote import Export, check_named, first_ballots, rebuilt
from governance.tally import Decision, Result
from governance.unsealing import check_mail_time, check_opening_time, unseal
from ledger.book import Book
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import NoteError, ProofError, TallyError
from ledger.fact import plain
from ledger.merkle import check_consistency


class Recounted(Struct, frozen=True, kw_only=True):
    """A count that came to what was said, and what it rests on."""

    export: Export
    proposal: Proposal
    head: Checkpoint
    outcome: Outcome
    roll_said: int | None  # the entry that published the roll
    result_said: int | None


def recount(files: Files) -> Recounted:
    """Count again. Raises NotRecounted, naming the first file or ballot that does not fit."""
    try:
        return _recount(files)
    except NotRecounted:
        raise
    except TallyError as error:
        raise NotRecounted("these files", error.message.rstrip(".")) from error


def _recount(files: Files) -> Recounted:
    manifest = check_names(files)
    check_listed(manifest, files, *(name for name in LISTED if name not in (BALLOTS, STATEMENTS)))
    vote, roll = read(files, PROPOSAL, Vote), read(files, ROLL, Roll)
    head = _head(files, vote)
    # Where a ballot was changed it is named, before its file is.
    leaves = check_leaves(files, vote.ledger, roll, head)
    check_listed(manifest, files, BALLOTS, STATEMENTS)
    profile, options = read(files, PROFILE, Profile), read(files, OPTIONS, Options)
    check_profile(vote.profile, profile)
    export = Export(vote=vote, profile=profile, options=options, roll=roll, leaves=leaves)
    book, proposal = rebuilt(export)
    roll_said = _check_roll(export)
    check_named(export, book, proposal)
    for one, marks in leaves.said:
        _check_said(export, book, proposal, one, marks)
    _fill(export, book, proposal)
    _check_end(export, book, proposal)
    outcome = _counted(export, book, proposal)
    return Recounted(
        export=export,
        proposal=proposal,
        head=head,
        outcome=outcome,
        roll_said=roll_said,
        result_said=_check_result(export, outcome),
    )


def _head(files: Files, vote: Vote) -> Checkpoint:
    """The signed head, once the log that it is of goes on from the end of the vote."""
    try:
        head = open_checkpoint(files[CHECKPOINT], files[VKEY].decode("utf-8", errors="replace").rstrip("\n"))
        path = list(map(bytes.fromhex, vote.path))
        check_consistency(vote.held, head.size, bytes.fromhex(vote.root), head.root, path)
    except NoteError as error:
        raise NotRecounted(CHECKPOINT, error.message.rstrip(".")) from error
    except ProofError as error:
        raise NotRecounted(PROPOSAL, "the log did not have this root when the vote ended") from error
    return head


# Who was asked.


def _check_roll(export: Export) -> int | None:
    """The entry that published the roll and the profile, once it says these; None where nobody has."""
    vote, roll = export.vote, export.roll
    rows = [plain(row) for row in roll.roll]
    said = RollPublished(
        proposal=vote.id,
        roll=rolls.root(rows),
        size=len(rows),
        recused=roll.recused,
        profile=digest(export.profile),
    )
    published = of_fact(export.leaves.statements, RollPublished)
    for one in published:
        if one.fact != said:
            raise NotRecounted(
                ROLL, f"it is not the roll, or {PROFILE} not the profile, published in entry {one.index}"
            )
    if [one.index for one in published] != [*([vote.roll_said] if vote.roll_said is not None else [])]:
        raise NotRecounted(STATEMENTS, "the statement that published the roll is not there")
    for one in of_fact(export.leaves.statements, BallotStruck):
        if isinstance(one.fact, BallotStruck) and (one.fact.proposal != vote.id or one.fact.person not in roll.struck):
            raise NotRecounted(ROLL, f"it does not strike whom entry {one.index} strikes")
    _check_ring(export)
    return vote.roll_said


def _check_ring(export: Export) -> None:
    """Each who is asked stands in the ring once at most, with a key of the roll, in the order of the roll."""
    rows = iter(row for row in export.roll.roll if row.person not in export.roll.recused)
    for key in export.roll.ring:
        if not any(key in row.keys for row in rows):
            raise NotRecounted(ROLL, f"the key {key[:16]} of its ring is none of those who are asked")
    if bool(export.roll.ring) and export.profile.secrecy != "secret":
        raise NotRecounted(ROLL, "only a secret vote has a ring")


# What it comes to.


def _counted(export: Export, book: Book, proposal: Proposal) -> Outcome:
    outcome = counted(book, proposal)
    if plain(outcome.decision) != export.vote.result:
        raise NotRecounted(PROPOSAL, f"these ballots give another result than it says: {outcome.sentence}")
    return outcome


def _check_result(export: Export, outcome: Outcome) -> int | None:
    """The entry that published the result, once it is this one; None where nobody has."""
    published = of_fact(export.leaves.statements, Decided) + of_fact(export.leaves.statements, Closed)
    for one in published:
        fact = one.fact
        if isinstance(fact, Decided | Closed) and (fact.proposal, fact.outcome) != (export.vote.id, outcome.decision):
            raise NotRecounted(name_of(STATEMENTS, one.index), f"it publishes another result than {outcome.sentence}")
    said = [*([export.vote.published] if export.vote.published is not None else [])]
    if [one.index for one in published] != said:
        raise NotRecounted(STATEMENTS, "the statement that published the result is not there")
    return export.vote.published
