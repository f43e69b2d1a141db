"""What `tally proposal recount` does: an exported vote is checked, counted again, and it is said what that rests on."""

import os
from pathlib import Path

from governance.count_files import LATE, is_export
from governance.course_facts import BallotStruck
from governance.figures import Row
from governance.matters.text import shortened
from governance.outcomes import as_data
from governance.profile import CONSENT
from governance.recounting import Recounted
from governance.recounting import recount as counted_again
from governance.telling import tell
from ledger.doors import Desk
from ledger.errors import Usage


def recount(desk: Desk, folder: str) -> None:
    """Count again from an exported folder alone. Raises NotRecounted where something is wrong."""
    files = _files_in(Path(folder))
    if not is_export(files):
        raise Usage(f"{folder} is no exported count.", "Make one: tally proposal count NUMBER --export DIR.")
    found = counted_again(files)
    tell(desk, _data(found), [f"PASS: {found.outcome.sentence}.", *_matter(found), *_checked(found), *_limits(found)])


def _files_in(folder: Path) -> dict[str, bytes]:
    """The files of a folder by name; what is no file is there as nothing, and so is all of a folder of other files."""
    try:
        found = sorted(os.scandir(folder), key=lambda one: one.name)
    except OSError as error:
        raise Usage(f"{folder} cannot be read: {error.strerror}.", "Name a folder with an exported count.") from error
    wanted = is_export(one.name for one in found)
    return {one.name: Path(one.path).read_bytes() if wanted and one.is_file() else b"" for one in found}


def _data(found: Recounted) -> Row:
    vote, leaves = found.export.vote, found.export.leaves
    return as_data(found.outcome) | {
        "pass": True,
        "result": f"{found.outcome.sentence}.",
        "number": vote.number,
        "id": vote.id,
        "ledger": vote.ledger,
        "options": _options(found),
        "ballots": len(leaves.said),
        "late": _late(found),
        "statements": len(leaves.statements),
        "roll": len(found.export.roll.roll),
        "roll_published": vote.roll_said,
        "published": vote.published,
        "as_told": _as_told(found),
        "origin": found.head.origin,
        "size": found.head.size,
        "root": found.head.root.hex(),
        "vkey": found.vkey,
    }


def _options(found: Recounted) -> dict[str, str]:
    """What each label means, in short: a text, somebody's id, the name of a number."""
    texts = dict(found.export.options.texts)
    listed = ((label, texts.get(meant, meant)) for label, meant in found.export.options.labels)
    return {label: shortened(meant) if meant else "things stay as they are" for label, meant in listed}


def _matter(found: Recounted) -> list[str]:
    vote, texts = found.export.vote, found.export.options.texts
    lines = [f"matter     proposal {vote.number}, {vote.matter.sort}, by {vote.profile}"]
    if any(meant for _, meant in found.export.options.labels):
        return [*lines, *(f"option {label:<4}{meant}" for label, meant in _options(found).items())]
    return [*lines, *(f"text       {shortened(text)}" for _, text in texts)]


def _late(found: Recounted) -> list[int]:
    return [one.index for one, marks in found.export.leaves.said if LATE in marks]


def _checked(found: Recounted) -> list[str]:
    vote, leaves = found.export.vote, found.export.leaves
    return [
        _said(found),
        f"around     {len(leaves.statements)} statements, each signed by its author",
        f"roll       {len(found.export.roll.roll)}, {_published(vote.roll_said)}",
        f"result     {_published(vote.published)}",
        f"proved by  a head of {found.head.size} entries that the log {found.head.origin} signed",
    ]


def _said(found: Recounted) -> str:
    """What members said, in a line."""
    many, course = len(found.export.leaves.said), found.proposal.course
    if found.export.profile.method == CONSENT:
        return f"objections {len(course.objections)}, each signed by its author, and received while they could be"
    if found.export.profile.secrecy == "secret":
        counts = f"{len(course.opened)} count, each of another key of the ring"
        return f"ballots    {len(course.mailed)} that the mailbox published; {counts}"
    late = len(_late(found))
    more = f"; {late} came after it and do not count" if late else ""
    return f"ballots    {many}, each signed by its author, and received between the opening and the end{more}"


def _published(entry: int | None) -> str:
    return "as exported: nobody has published it" if entry is None else f"as published in entry {entry}"


def _as_told(found: Recounted) -> list[str]:
    """What no statement in the files shows."""
    roll = found.export.roll
    facts = [one.fact for one in found.export.leaves.statements]
    said = {fact.person for fact in facts if isinstance(fact, BallotStruck)}
    told = {
        "who was expelled meanwhile": not roll.struck.keys() <= said,
        "who is at work in which role": bool(roll.roles),
        "which key of each member is on the ring": bool(roll.ring),
    }
    return [what for what, holds in told.items() if holds]


def _limits(found: Recounted) -> list[str]:
    """What these files alone cannot show."""
    size, told = found.head.size, _as_told(found)
    return [
        *([f"as told    {', '.join(told)}: these files say so, and no statement in them"] if told else []),
        "That no ballot was left out can only be seen in the whole log: `tally verify` a copy of it. With"
        f" {size} entries it has the root {found.head.root.hex()}.",
        f"Compare the log's key with the one in your invitation: {found.vkey}",
    ]
