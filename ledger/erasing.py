"""What `tally erase` does: finds the text that is meant, shows it once more, asks, and says that it is gone.

The words and their salt go with the entry that says so, in one transaction; then the files beside the database are
cleared of them. What was decided and paid stays as it was: nothing that counts reads a personal text.
"""

from typing import Any, NamedTuple

from ledger import erasure
from ledger.book import Book
from ledger.doors import Desk
from ledger.entry import entry_id, split_leaf
from ledger.erase_facts import BASES, texts
from ledger.errors import Usage
from ledger.private import show
from ledger.proving import entry_index


class Place(NamedTuple):
    """One personal text: its entry and its JSON pointer there, and the entry that erased it, if one did."""

    at: int
    pointer: str
    by: int | None

    @property
    def field(self) -> str:
        """The plain name of the field: note, evidence, name."""
        return self.pointer.rpartition("/")[2]

    @property
    def entry(self) -> str:
        """The entry as people spell it: 412, or 412.3 for a text of its third item."""
        numbers = [name for name in self.pointer.split("/") if name.isdigit()]
        return f"{self.at}.{int(numbers[-1]) + 1}" if numbers else str(self.at)


def erase_at_desk(desk: Desk, wanted: str, field: str | None, basis: str | None, yes: bool) -> None:
    """Erase one text, or say which there are."""
    if desk.book.leaf_at is None and desk.ledger.alone is not None:
        raise desk.ledger.alone
    place = _meant(desk.book, wanted, field)
    if place.by is not None:
        # Whoever asks again may have been told that a file could not be cleared.
        desk.ledger.log.scrub()
        desk.answer(_data(place), f"The {place.field} of {place.entry} is gone already, erased by entry {place.by}.")
        return
    if basis not in BASES:
        what = f"{show(basis)} is no reason for an erasure." if basis else "An erasure needs its reason."
        raise Usage(what, f"Say --basis with one of: {', '.join(BASES)}.")
    held = desk.ledger.log.private_many([(place.at, place.pointer)]).get((place.at, place.pointer))
    if not yes:
        desk.show_aside(f"{place.field} of {place.entry}: {show(held) if held else '(not held here)'}")
    desk.confirm(f"Erase it for good, here and in every copy, because {BASES[basis]}?", yes)
    entry_bytes, _, _ = split_leaf(desk.ledger.log.entry(place.at))
    body = {"entry": entry_id(entry_bytes), "index": place.at, "field": place.pointer, "basis": basis}
    by = desk.record(erasure.KIND, body).entry.index
    desk.answer(
        _data(place._replace(by=by)) | {"basis": basis},
        f"Erased the {place.field} of {place.entry} (entry {by}): words and salt are gone from this ledger.",
        "Copies remove it when they next sync; backups and printed pages are for you to look after.",
    )


def _data(place: Place) -> dict[str, Any]:
    return {"text": place.entry, "index": place.at, "field": place.field, "pointer": place.pointer, "by": place.by}


def _meant(book: Book, wanted: str, field: str | None) -> Place:
    """The one text that is meant. Raises Usage with a list of what there is where that is not clear."""
    index = entry_index(wanted, book.size)
    there = [Place(index, pointer, by) for pointer, by in texts(book, index).items()]
    found = [one for one in there if ("." not in wanted or one.entry == wanted) and field in (None, one.field)]
    if not there:
        raise Usage(f"Entry {index} holds no personal text.", "`tally work list` shows what was written where.")
    if len(found) != 1 or field is None:
        asked = f"{wanted} with --field {field}" if field else wanted
        why = "names no personal text" if not found else "does not say which text is meant"
        raise Usage(f"{asked} {why}.", f"There are: {_listed(there)}.")
    return found[0]


def _listed(there: list[Place]) -> str:
    some = [f"{one.entry} --field {one.field}{'' if one.by is None else ' (erased)'}" for one in there[:12]]
    return ", ".join(some) + (f", and {len(there) - 12} more" if len(there) > 12 else "")
