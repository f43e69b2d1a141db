"""A vote counted again from the files of its export alone: every leaf, every signature, the roll, and the result.

Nothing but the files is asked: no ledger, no home, no key. The counting itself is the code that counts in the ledger.
Pure.
"""

from msgspec import Struct

from governance import rolls
from governance.count_files import (
    BALLOTS,
    CHECKPOINT,
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
    written,
)
from governance.count_leaves import Stated, check_leaves, name_of, of_fact
from governance.course_facts import BallotStruck, RollPublished
from governance.facts import Closed, Decided
from governance.outcomes import Outcome, counted
from governance.part import Proposal
from governance.profile import Profile, digest
from governance.profile import check as check_profile
from governance.recounted_box import fill
from governance.recounted_vote import Export, check_named, rebuilt
from ledger import canonical
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import NoteError, ProofError, TallyError
from ledger.fact import plain
from ledger.merkle import check_consistency


class Recounted(Struct, frozen=True, kw_only=True):
    """A count that came to what was said, and what it rests on."""

    export: Export
    vkey: str  # of the log whose head vouches for every leaf
    head: Checkpoint
    proposal: Proposal
    outcome: Outcome


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
    vkey = files[VKEY].decode("utf-8", errors="replace").removesuffix("\n")
    head = _head(files, vkey, vote)
    # Where a ballot was changed it is named, before its file is.
    leaves = check_leaves(files, vote.ledger, roll, head)
    check_listed(manifest, files, BALLOTS, STATEMENTS)
    profile, options = read(files, PROFILE, Profile), read(files, OPTIONS, Options)
    check_profile(vote.profile, profile)
    export = Export(vote=vote, profile=profile, options=options, roll=roll, leaves=leaves)
    book, proposal = rebuilt(export)
    _check_roll(export)
    check_named(export, book, proposal)
    fill(export, book, proposal)
    outcome = counted(book, proposal)
    _check_result(export, outcome)
    return Recounted(export=export, vkey=vkey, head=head, proposal=proposal, outcome=outcome)


def _head(files: Files, vkey: str, vote: Vote) -> Checkpoint:
    """The signed head, once the log that it is of goes on from the end of the vote."""
    try:
        head = open_checkpoint(files[CHECKPOINT], vkey)
        path = list(map(bytes.fromhex, vote.path))
        check_consistency(vote.held, head.size, bytes.fromhex(vote.root), head.root, path)
    except NoteError as error:
        raise NotRecounted(CHECKPOINT, error.message.rstrip(".")) from error
    except ProofError as error:
        raise NotRecounted(PROPOSAL, "the log did not have this root when the vote ended") from error
    return head


def _check_roll(export: Export) -> None:
    """Raise NotRecounted unless roll, recused and profile are those that were published, where somebody has done so."""
    vote, roll = export.vote, export.roll
    rows = [plain(row) for row in roll.roll]
    said = RollPublished(
        proposal=vote.id, roll=rolls.root(rows), size=len(rows), recused=roll.recused, profile=digest(export.profile)
    )
    published = {one.index: fact for one, fact in of_fact(export.leaves.statements, RollPublished)}
    for index, fact in published.items():
        if fact.profile != said.profile:
            raise NotRecounted(PROFILE, f"it is not the profile that entry {index} published")
        if fact != said:
            raise NotRecounted(ROLL, f"it is not the roll that entry {index} published")
    if list(published) != ([] if vote.roll_said is None else [vote.roll_said]):
        raise NotRecounted(STATEMENTS, "the statement that published the roll is not the one it should be")
    for one, struck in of_fact(export.leaves.statements, BallotStruck):
        if struck.proposal != vote.id or struck.person not in roll.struck:
            raise NotRecounted(ROLL, f"it does not strike whom entry {one.index} strikes")
    _check_ring(export)


def _check_ring(export: Export) -> None:
    """Each who is asked stands in the ring once at most, with a key of the roll, in the order of the roll."""
    rows = iter([row for row in export.roll.roll if row.person not in export.roll.recused])
    for key in export.roll.ring:
        if not any(key in row.keys for row in rows):
            raise NotRecounted(ROLL, f"the key {key[:16]} of its ring is of none who is asked")
    if export.roll.ring and export.profile.secrecy != "secret":
        raise NotRecounted(ROLL, "only a secret vote has a ring")


def _check_result(export: Export, outcome: Outcome) -> None:
    """Raise NotRecounted unless the count comes to what the export says, and to what somebody has published."""
    vote = export.vote
    if written(outcome.decision) != canonical.encode(vote.result):
        raise NotRecounted(PROPOSAL, f"its result is not what these ballots come to: {outcome.sentence}")
    said = export.leaves.statements
    published: list[tuple[Stated, Decided | Closed]] = [*of_fact(said, Decided), *of_fact(said, Closed)]
    for one, fact in published:
        if (fact.proposal, fact.outcome) != (vote.id, outcome.decision):
            raise NotRecounted(name_of(STATEMENTS, one.index), f"it publishes another result than: {outcome.sentence}")
    if [one.index for one, _ in published] != ([] if vote.published is None else [vote.published]):
        raise NotRecounted(STATEMENTS, "the statement that published the result is not the one it should be")
