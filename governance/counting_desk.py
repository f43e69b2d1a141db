"""What `tally proposal count` and `tally` do: a vote that is over is counted or handed out; ballots of a file too."""

from pathlib import Path
from typing import Any

from governance import evidence_of_count, foreign_ballots
from governance.count_files import BALLOTS, STATEMENTS
from governance.looks import numbered, options, outcome_words, standing_words, status_words, title
from governance.next_steps import closed_steps
from governance.outcomes import as_data, counted
from governance.part import CLOSED, OPEN, Proposal
from governance.telling import tell
from ledger.anchor import write_durably
from ledger.doors import Desk
from ledger.errors import Refused
from ledger.localtime import when
from ledger.log_keys import vkeys
from ledger.proving import signed_by
from ledger.reading import text_in

# A vote of the ledger.


def count(desk: Desk, number: int, folder: str | None, ballots: str | None) -> None:
    """Count a vote that is over, round by round; write what a recount needs; or print its ballots in another format."""
    proposal = numbered(desk.book, number)
    _must_be_over(desk, proposal)
    named = options(desk.book, desk.names, proposal)
    outcome = counted(desk.book, proposal, {label: f"({label}) {said.rstrip('.')}" for label, said in named.items()})
    text = _in_format(desk, proposal, ballots, named) if ballots else ""
    written = _export(desk, proposal, Path(folder)) if folder else []
    if ballots:
        desk.answer({"number": number, "format": ballots, "ballots": text, "out": folder}, text.rstrip("\n"))
        for line in written:
            desk.note(line)
        return
    data = as_data(outcome) | {"number": number, "id": proposal.id, "options": named, "out": folder}
    # The last line of a count calls what won by its label; people read names.
    result = f"{outcome_words(desk.book, desk.names, proposal)}."
    head = f"Proposal {number}, {title(desk.book, desk.names, proposal)}."
    tell(desk, data | {"result": result}, [head, *outcome.transcript[:-1], result, *written])


def _must_be_over(desk: Desk, proposal: Proposal) -> None:
    """Raise Refused unless the vote was counted: nobody is told a count before its time."""
    if proposal.is_decided:
        return
    number = proposal.number
    if proposal.status == OPEN:
        raise Refused(
            f"Proposal {number} is open until {when(desk.book, proposal.closes)}; nobody counts before.",
            f"It stands so: {standing_words(desk.book, desk.names, proposal)}.",
        )
    steps = closed_steps(desk.book, proposal) if proposal.status == CLOSED else []
    raise Refused(f"Proposal {number} was not counted: it is {status_words(desk.book, proposal)}.", " ".join(steps))


def _in_format(desk: Desk, proposal: Proposal, form: str, named: dict[str, str]) -> str:
    """The ballots that were counted, those cast through others too, in BLT or ABIF."""
    course = proposal.course
    direct = {person: proposal.ballots[person] for person in proposal.voters if person in proposal.ballots}
    through = [direct[voter] for voter in course.carried.values()]
    called = title(desk.book, desk.names, proposal)
    said = [*direct.values(), *through, *course.opened]
    return foreign_ballots.written(form, called, proposal.profile.method, proposal.terms.seats, named, said)


def _export(desk: Desk, proposal: Proposal, folder: Path) -> list[str]:
    """Write the files of a count into a new folder; in words, what lies there now."""
    ledger = desk.ledger
    if ledger.alone is not None:
        raise ledger.alone
    head = ledger.log.shown()
    log = evidence_of_count.Shown(
        size=head.size,
        note=head.note,
        vkey=vkeys(ledger.known.origin, [signed_by(ledger)])[0],
        hash_of=ledger.log.hashing(),
    )
    files = evidence_of_count.files_of(desk.book, proposal, log)
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise Refused(f"{folder} is there already.", "Name a new folder.") from error
    for name, data in files.items():
        write_durably(folder / name, data, 0o644)
    many, more = (files[name].count(b"\n") for name in (BALLOTS, STATEMENTS))
    return [
        f"Wrote the count to {folder}: {many} ballots, {more} statements, and the log's proof of each.",
        "Persons are ids in it: besides the texts that were voted on, no file holds a name or a private word.",
        f"Anybody counts again with it alone: tally proposal recount {folder}",
    ]


# From a file of another program.


def count_file(desk: Desk, file: str, method: str, seats: int | None) -> None:
    """Count the ballots of a BLT or ABIF file."""
    election = foreign_ballots.read(text_in(file))
    chosen, outcome = foreign_ballots.counted(election, method, seats)
    many = sum(number for number, _ in election.ballots)
    data: dict[str, Any] = {
        "title": election.title,
        "format": election.form,
        "method": chosen,
        "options": list(election.options),
        "ballots": many,
        "winners": list(outcome.winners),
        "stages": [{option: str(total) for option, total in stage.items()} for stage in outcome.stages],
        "transcript": list(outcome.transcript),
    }
    head = f"{election.title or 'No title'}: {many} ballots, counted by {chosen}."
    tell(desk, data, [head, *outcome.transcript])
