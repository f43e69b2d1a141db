"""What `tally repair` does at the desk: looks whether anything is damaged, asks, repairs, tells."""

from contextlib import closing
from pathlib import Path
from typing import Any

from ledger import beside, tail, trust
from ledger.doors import Desk
from ledger.errors import NoteError, Usage
from ledger.home import Known
from ledger.log import KEY, NoLedger, Reader
from ledger.note import divide
from ledger.peers.repairing import Repaired, repair
from ledger.places import is_afar, spelled
from ledger.private import show
from ledger.verify import OK, open_place, verify
from ledger.verifying import sentence


def repair_at_desk(desk: Desk, source: str, yes: bool) -> None:
    """Repair the current ledger from a copy, unless it is sound."""
    known = desk.home.ledger(desk.slug)
    folder = Path(known.place)
    if is_afar(known.place) or beside.stands(folder):
        raise Usage(
            "Only a ledger that lies in a folder of its own is repaired from a copy.",
            "Whoever runs the service or the database brings it back there.",
        )
    if spelled(source) == str(folder.absolute()):
        raise Usage("This is the damaged ledger itself.", "Name a copy of it.")
    if (sound := _sound(desk, known)) is not None:
        desk.answer({"repaired": False}, f"Nothing is damaged. {sound}")
        return
    desk.confirm(f"Build the ledger in {folder} anew from {source}? The damaged file is kept.", yes)
    anchor = desk.home.anchor(known.founding)
    with closing(open_place(source, known, None)) as reader:
        _must_be_of(known, reader, source)
        done = repair(known, anchor, reader, _kept(desk, known), desk.rooms, trust.evidence_folder(desk.home, known))
    desk.rehearsal = done.rehearsal
    desk.answer(_data(done), *_texts(done))
    if not (folder / KEY).exists():
        desk.note(f"{folder / KEY} is gone: until it is brought back, nothing can be recorded.")
    if done.aside:
        desk.note(
            f"The damaged file is {done.aside}. It may still hold private texts that are erased later: remove it when"
            " nobody needs to look into it any more."
        )


def _must_be_of(known: Known, copy: Reader, source: str) -> None:
    """Raise NoteError for a copy of another ledger; its signatures are for the repair to check."""
    note = copy.head().note
    if note and (origin := divide(note)[0].partition("\n")[0]) != known.origin:
        raise NoteError(f"{source} is of another ledger: {show(origin)}.", f"Name a copy of {known.slug}.")


def _sound(desk: Desk, known: Known) -> str | None:
    """The verdict on the ledger if it is OK: then there is nothing to repair."""
    anchor = desk.home.anchor(known.founding)
    try:
        verdict, book = verify(known.place, known, desk.rooms, lambda _done, _total: None, anchor)
    except NoLedger:
        return None
    desk.rehearsal = book.ledger.rehearsal
    return sentence(verdict) if verdict.verdict == OK else None


def _kept(desk: Desk, known: Known) -> dict[int, bytes]:
    """The newest leaves, which this home keeps for when its log is out of reach."""
    held = tail.load(desk.home.kept(known.founding, tail.FILE), desk.home.secret())
    return dict(enumerate(held.leaves, held.start)) if held else {}


def _data(done: Repaired) -> dict[str, Any]:
    return {
        "repaired": True,
        "size": done.size,
        "from_copy": done.copied,
        "root": done.root,
        "not_held": done.verdict.words_not_held,
        "damaged": str(done.aside) if done.aside else None,
    }


def _texts(done: Repaired) -> list[str]:
    own = done.size - done.copied
    rest = f", and the last {own} from what could still be read here" if own else ""
    lost = done.verdict.words_not_held
    texts = [f"Repaired: {done.copied} entries from the copy{rest}.", sentence(done.verdict)]
    if lost:
        what = "1 private text is" if lost == 1 else f"{lost} private texts are"
        texts.append(f"{what} in neither the copy nor the damaged file, and not here any more.")
    return [*texts, f"Root {done.root}"]
