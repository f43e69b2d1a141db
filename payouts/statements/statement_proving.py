"""What `tally verify` does with a statement's page: is the page what its data says, did the log sign it, is it true?

Three questions, each answered by itself. The page: made again from the data it carries, byte by byte. The log: receipt
and signed head, without the ledger. The figures: all of them worked out again from the log, as it was then. Only three
yeses are OK; what could not be asked here is said.
"""

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ledger import checkpoint, log_keys, receipt
from ledger.book import Book
from ledger.checkpoint import open_checkpoint
from ledger.doors import Desk
from ledger.entry import NAMESPACE, preimage, read_strictly, split_leaf
from ledger.errors import TallyError, VerificationFailed
from ledger.home import Known
from ledger.keys import key_id, verify
from ledger.names import Names
from ledger.note import divide
from ledger.opened import Ledger
from ledger.private import show
from ledger.receipt import Checked
from ledger.shelf import MemoryShelf
from payouts.pages.pdf import CannotDraw, NoTypst
from payouts.statements.locales import Written, written
from payouts.statements.statement_carried import Carried, Damaged, told
from payouts.statements.statement_making import Around, carry, drawn, made_here
from payouts.statements.statement_reading import FILE_MAX, Handed, read_page, words_of

OK, FAILED, INCOMPLETE = "OK", "FAILED", "INCOMPLETE"
COMPUTED = "payouts.computed"
CALLED = frozenset(["name", "could", "missing"])
"""What people are called: personal text, which may be erased since, or not be held here."""

ADVICE = {
    FAILED: "Do not rely on this page; `tally statement` writes a true one.",
    INCOMPLETE: "What could not be asked here stands above; ask again where it is at hand.",
}
RIGHT = "worked out again from the log as it was then, all are the same"
NAMELESS = "({})"  # what `ledger.names` shows of somebody whose name is not held
SHOWN_MAX = 10  # differences that are told


class NotProved(VerificationFailed):
    """A page that is not proved, or not wholly."""


class Answer(NamedTuple):
    """What came of one question: yes, no, or that it could not be asked (None); and why."""

    question: str
    yes: bool | None
    words: str
    differences: tuple[str, ...] = ()


def verify_page(desk: Desk, path: Path) -> None:
    """Check the page in a file and say what is proved. Raises NotProved unless all of it is."""
    with path.open("rb") as file:
        handed = read_page(file.read(FILE_MAX + 1))
    carried, said = handed.carried, told(handed.carried)
    answers = [_page(handed), _log(desk, carried)]
    if answers[-1].yes:
        answers.append(_figures(desk, carried))
    verdict = FAILED if any(one.yes is False for one in answers) else INCOMPLETE
    verdict = OK if len(answers) == 3 and all(one.yes for one in answers) else verdict
    amount = Written().money(said.total, said.currency)
    what = f"the statement of {show(said.name)} for {show(said.period)}, {amount}"
    lines = [line for one in answers for line in _lines(one)]
    checks = [one._asdict() | {"differences": list(one.differences)} for one in answers]
    data = {"verdict": verdict, "file": str(path), "statement": carried.statement, "checks": checks}
    head = f"{verdict}: {what}."
    desk.answer(data, *([head] if verdict == OK else []), *lines)
    if verdict != OK and desk.json:
        sys.exit(NotProved.exit_code)
    if verdict != OK:
        raise NotProved(head, ADVICE[verdict])


def _lines(one: Answer) -> list[str]:
    head = {True: "yes", False: "NO", None: "not asked"}[one.yes]
    more = [f"           {line}" for line in one.differences[:SHOWN_MAX]]
    left = len(one.differences) - SHOWN_MAX
    more += [f"           and {left} more"] if left > 0 else []
    return [f"{one.question:8} {head}: {one.words}", *more]


def _page(handed: Handed) -> Answer:
    """Is what is printed what is carried? Only the very programs that made it can tell."""
    carried = handed.carried
    here = made_here(carried, handed.form)
    if carried.made_by != here:
        other = ", ".join(f"{name} {version or 'none'}" for name, version in sorted(carried.made_by.items()))
        own = ", ".join(f"{name} {version or 'none'}" for name, version in sorted(here.items()))
        return Answer(
            "Page", None, f"it says it was made by {show(other)}; here is {own}. Trust only the figures below"
        )
    try:
        again = drawn(carried, handed.form)
    except NoTypst as error:
        return Answer("Page", None, f"{error.message} Trust only the figures below")
    except CannotDraw as error:
        return Answer("Page", False, show(error.message))
    if again == handed.file:
        return Answer("Page", True, "made again from its data, it is the same, byte by byte")
    differ = tuple(_other_words(handed, again)) or ("its words read the same; the file was changed in another way",)
    return Answer("Page", False, "made again from its data, it is another page", differ)


def _other_words(handed: Handed, again: bytes) -> Iterator[str]:
    """The lines that differ, first as they stand in the file, then as its data says."""
    pair = words_of(handed.form, handed.file), words_of(handed.form, again)
    for line in difflib.unified_diff(*pair, n=0, lineterm=""):
        if line.startswith("-") and not line.startswith("---"):
            yield f"printed: {show(line[1:])[:160]}"
        elif line.startswith("+") and not line.startswith("+++"):
            yield f"by data: {show(line[1:])[:160]}"


def _log(desk: Desk, carried: Carried) -> Answer:
    """Did the log take in the entry that computed the payout, and sign the head?"""
    known = _known(desk, carried)
    try:
        vkeys = _vkeys(desk, known) if known else carried.log_keys
        checked = check_receipt(carried, vkeys)
    except TallyError as error:
        return Answer("Log", False, error.message.rstrip("."))
    words = f"entry {checked.index} computed it; the log signed a head of {checked.checkpoint.size} entries with it"
    if known is None:
        keys = ", ".join(map(show, vkeys))
        return Answer("Log", True, f"{words}, by a key that only this page names. Compare it: {keys}")
    return Answer("Log", True, words)


def _known(desk: Desk, carried: Carried) -> Known | None:
    """The ledger that the page speaks of, if this home knows it."""
    return desk.home.known_as(origin=carried.checkpoint.partition("\n")[0])


def _vkeys(desk: Desk, known: Known) -> tuple[str, ...]:
    """The keys of a log that this home knows: all it has had, as far as the home can tell."""
    try:
        keys = log_keys.chain(_opened(desk, known).book.ledger)
    except (TallyError, OSError):
        keys = (known.log_key, *known.log_keys_before)
    return tuple(log_keys.vkeys(known.origin, keys))


def check_receipt(carried: Carried, vkeys: tuple[str, ...]) -> Checked:
    """Check receipt, head, and that the entry is that of the statement. Raises NoteError, ProofError or Damaged."""
    said, data = told(carried), carried.entry.encode()
    checked = receipt.check(receipt.parse(carried.receipt.encode()), data, *vkeys)
    head = open_checkpoint(carried.checkpoint.encode(), *vkeys)
    envelope = read_strictly(data)
    body = msgspec.json.decode(envelope.body)
    public = bytes.fromhex(carried.author_key)
    fits = key_id(public) == envelope.key and verify(public, preimage(NAMESPACE, data), checked.signature)
    if not fits:
        raise Damaged("The signature of whoever computed the payout does not fit.")
    if (head.size, head.root) != (checked.checkpoint.size, checked.checkpoint.root):
        raise Damaged("The receipt is under another head than the one on the page.")
    stated = (envelope.kind, body.get("period"), body.get("digest"), checked.index)
    if stated != (COMPUTED, said.period, said.computed.digest, said.computed.entry):
        raise Damaged("The entry in this page did not compute this payout.")
    if carried.written < checked.received:
        raise Damaged("It says it was written before the payout was computed.")
    return checked


def _figures(desk: Desk, carried: Carried) -> Answer:
    """Is every figure what the log comes to?"""
    known = _known(desk, carried)
    if known is None:
        return Answer(
            "Figures", None, "this home does not know the ledger; whether they are true only the log can tell"
        )
    try:
        ledger = _opened(desk, known)
        found = _again(desk, ledger, carried)
    except (TallyError, OSError) as error:
        why = error.message.rstrip(".") if isinstance(error, TallyError) else "the ledger cannot be read"
        failed = isinstance(error, VerificationFailed)
        return Answer("Figures", False if failed else None, why)
    held, again = _bare(carried), _bare(found)
    differ = tuple(_differences("", held, again, frozenset()))
    if differ and _is_but_names(ledger, held, again):
        return Answer("Figures", True, f"{RIGHT}, names apart, which are not all held here")
    if differ:
        return Answer("Figures", False, "the log comes to others", differ)
    return Answer("Figures", True, RIGHT)


def _is_but_names(ledger: Ledger, held: dict[str, Any], again: dict[str, Any]) -> bool:
    """Whether two pages differ only in what people are called, because some name is not held here or was not there.

    The member's own name must be the same unless it is the very one that is lacking.
    """
    if any(_differences("", held, again, CALLED)):
        return False
    own = held["statement"]["name"], again["statement"]["name"]
    if own[0] != own[1]:
        return NAMELESS.format(again["statement"]["id"][:8]) in own
    text = str(held["statement"])
    nameless = [(NAMELESS.format(person[:8]), ledger.names.of(person)) for person in ledger.book.ledger.persons]
    return any(lacking == name or lacking in text for lacking, name in nameless)


def _opened(desk: Desk, known: Known) -> Ledger:
    """The ledger at hand, as it lies there; the one of the desk where it is that."""
    if "ledger" not in desk.__dict__:
        desk.slug = known.slug
    if desk.ledger.known.origin != known.origin:
        raise TallyError("Another ledger is open at this desk.")
    return desk.ledger


def _again(desk: Desk, ledger: Ledger, carried: Carried) -> Carried:
    """What such a page would carry, from the log up to the head it shows. Raises NotProved where the log is another."""
    head = checkpoint.parse(divide(carried.checkpoint.encode())[0])
    log, size = ledger.log, head.size
    if size > ledger.book.size:
        raise TallyError(f"the ledger here ends after {ledger.book.size} entries, the page rests on {size}")
    if carried.written > max(desk.now, ledger.book.received):
        raise NotProved("it says it was written at a time that has not come")
    if log.hash_of(0, size) != head.root:
        raise NotProved(
            "the log here tells another past than the page; `tally checkpoint compare` proves which log lied"
        )
    book = Book(desk.rooms, MemoryShelf())
    book.root_at, book.leaf_at = ledger.book.root_at, log.entry
    for leaf in log.entries(0, size):
        book.fold(*split_leaf(leaf))
    book.advance(max(carried.written, book.received))
    said = told(carried)
    entry = split_leaf(log.entry(said.computed.entry))[0].decode()
    common = Around(said.period, carried.written, entry, carried.receipt, carried.checkpoint)
    names = Names(book, log.private_many)
    if said.id not in book.ledger.persons:
        raise NotProved("nobody in the ledger has the id on this page")
    return carry(book, names, desk.words, said.id, common, written(carried.locale), "")


def _bare(carried: Carried) -> dict[str, Any]:
    """What is compared: everything but by what programs it was made."""
    held: dict[str, Any] = msgspec.to_builtins(carried)
    del held["made_by"]
    return held


def _differences(at: str, one: Any, other: Any, but: frozenset[str]) -> Iterator[str]:
    """Where two values differ, in words, down to the single figure."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            if key not in but:
                yield from _differences(f"{at} {key}".strip(), one.get(key), other.get(key), but)
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True), 1):
            yield from _differences(f"{at} {place}", *pair, but)
    elif one != other:
        yield f"{show(at)}: {_short(one)} on the page, {_short(other)} by the log"


def _short(value: Any) -> str:
    return show(str(value))[:80]
