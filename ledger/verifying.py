"""What `tally verify` does at the desk: finds the place, shows progress, prints the verdict."""

import sys
import time
from collections.abc import Callable
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from ledger import evidence, log_keys, trust
from ledger.book import Book
from ledger.doors import Desk, console
from ledger.errors import TallyError, VerificationFailed
from ledger.home import Known
from ledger.peers import copies
from ledger.places import is_afar, spelled
from ledger.verified import Verified
from ledger.verify import FAILED, INCOMPLETE, OK, Verdict, open_place, verify

ADVICE = {
    FAILED: "Compare with another member's copy; `tally repair --from COPY` refills a damaged ledger from a sound one.",
    INCOMPLETE: "This is no verdict on the rest: try again when all of it can be read.",
}


class NotOk(VerificationFailed):
    """The verdict was not OK."""


def verify_at_desk(desk: Desk, full: bool, place: str | None) -> None:
    """Verify the current ledger, or what lies at another place and says it is the same."""
    known = _meant(desk, place)
    is_own = place is None or spelled(place) == spelled(known.place)
    if is_own and is_afar(known.place):
        desk.ledger  # noqa: B018  (opening a ledger behind a URL brings this home's copy of it up)
    at = str(desk.home.folder(known)) if is_own or place is None else spelled(place)
    kept = _kept(desk, known, at, full)
    with _progress() as progress:
        anchor = desk.home.anchor(known.founding)
        verdict, book = verify(at, known, desk.rooms, progress, anchor if is_own else None, kept)
    if kept:
        kept.close()
    if verdict.verdict == OK and is_own and not full:
        _compare_daily(desk, verdict, book)
    desk.rehearsal = book.ledger.rehearsal
    if verdict.verdict != INCOMPLETE and verdict.entry is None:
        _compare_seen(desk, known, at, verdict, is_own)
    data = {"verdict": verdict.verdict} | msgspec.to_builtins(verdict)
    if verdict.verdict == OK:
        desk.answer(data | {"root": book.root}, sentence(verdict), *before(verdict), f"Root {book.root}")
        return
    if desk.json:
        desk.answer(data)
        sys.exit(NotOk.exit_code)
    raise NotOk(sentence(verdict), _advice(verdict))


def _meant(desk: Desk, place: str | None) -> Known:
    """The ledger to verify: a copy that this home made is of what it was made of, all else of the current one."""
    if place is not None and not desk.slug and Path(spelled(place)) in copies.listed(desk.home):
        held = copies.read(Path(spelled(place)))
        if held:
            mine = desk.home.ledgers()[0].values()
            return next((one for one in mine if one.founding == held.founding), held.known(held.source))
    return desk.home.ledger(desk.slug)


def _advice(verdict: Verdict) -> str:
    if verdict.verdict == FAILED and verdict.since and verdict.entry is None and not verdict.hint:
        return "`tally verify --full` reads all of it and names the first bad entry."
    return verdict.hint or ADVICE[verdict.verdict]


def _kept(desk: Desk, known: Known, place: str, full: bool) -> Verified | None:
    try:
        kept = Verified(desk.home, known.founding, place, desk.rooms)
    except OSError:
        return None  # a home that may not be written to keeps nothing
    if full:
        kept.forget()
    return kept


def _compare_seen(desk: Desk, known: Known, at: str, verdict: Verdict, is_own: bool) -> None:
    """What lies there is of the past that this home has seen, if shorter perhaps; otherwise evidence is kept."""
    anchor = desk.home.anchor(known.founding)
    seen = anchor.read()
    if seen is None:
        return
    if verdict.verdict == OK and not is_own and verdict.entries < seen[0]:
        desk.note(f"It is older: this home has seen {seen[0]} entries, this copy ends after {verdict.entries}.")
        return
    with suppress(TallyError), closing(open_place(at, known, None)) as log:
        if seen[0] <= log.head().size and log.hash_of(0, seen[0]) == seen[1]:
            return
        if verdict.verdict == OK:
            verdict.verdict = FAILED
            verdict.why = f"it tells another past than the one this home saw at size {seen[0]}"
        keys = log_keys.vkeys(known.origin, [known.log_key, *known.log_keys_before])
        remembered = anchor.note()
        found = evidence.between(remembered, log.head().note, log, keys) if remembered else None
        if found is not None:
            verdict.hint = evidence.stop(trust.evidence_folder(desk.home, known), found).hint


def _compare_daily(desk: Desk, verdict: Verdict, verified: Book) -> None:
    """What this home reads from day to day must be the very book that was verified."""
    daily = desk.ledger.book
    if daily.size == verified.size and encoded(daily) != encoded(verified):
        desk.ledger.forget()
        verdict.verdict = FAILED
        verdict.why = "the log is sound, but what this home had kept of it was not, and is thrown away now"
        verdict.hint = "Whatever you read here lately may have been wrong; from now on it is built anew from the log."


def encoded(book: Book) -> dict[str, bytes]:
    """What each room knows, as bytes: equal for books that know the same."""
    return {room: msgspec.msgpack.encode(part, order="deterministic") for room, part in book.parts.items()}


def sentence(verdict: Verdict) -> str:
    """The verdict as people read it."""
    if verdict.verdict == OK:
        if verdict.since == verdict.entries:
            return f"OK: no new entries after the first {verdict.since}."
        return f"OK: {_read(verdict)}, every signature, admission and proof; {_texts(verdict)}; {_computed(verdict)}."
    where = f" at entry {verdict.entry}" if verdict.entry is not None else ""
    return f"{verdict.verdict}{where}: {verdict.why.rstrip('.')}."


def _read(verdict: Verdict) -> str:
    new = verdict.entries - verdict.since
    if not verdict.since:
        return f"{verdict.entries} entries"
    return f"{new} new {'entry' if new == 1 else 'entries'} after the first {verdict.since}"


def _texts(verdict: Verdict) -> str:
    """How many private texts were checked, and where the others are."""
    parts = [f"{verdict.words} private {'text' if verdict.words == 1 else 'texts'}"]
    if verdict.words_erased:
        by = ", ".join(map(str, verdict.erased_by))
        parts.append(f"{verdict.words_erased} erased by {'entry' if len(verdict.erased_by) == 1 else 'entries'} {by}")
    if verdict.words_not_held:
        parts.append(f"{verdict.words_not_held} not held here")
    return ", ".join(parts)


def _computed(verdict: Verdict) -> str:
    return f"{verdict.payouts} {'payout' if verdict.payouts == 1 else 'payouts'} computed again"


def before(verdict: Verdict) -> tuple[str, ...]:
    """What an incremental verdict rests on, as people read it; nothing when all of the log was read."""
    if not verdict.since:
        return ()
    rest = "The entry before that" if verdict.since == 1 else f"The {verdict.since} entries before that"
    were = "was" if verdict.since == 1 else "were"
    return (f"{rest} {were} verified here earlier and still give the same root; --full reads all of them again.",)


@contextmanager
def _progress() -> Any:
    """A bar on stderr for what takes more than a second, in a terminal; nothing otherwise."""
    began = time.monotonic()
    bar: dict[str, Any] = {}

    def show(done: int, total: int) -> None:
        if not sys.stderr.isatty() or (not bar and time.monotonic() - began < 1):
            return
        if not bar:
            from rich.progress import Progress  # noqa: PLC0415  only a long verification draws a bar

            bar["of"] = Progress(console=console(err=True), transient=True)
            bar["of"].start()
            bar["task"] = bar["of"].add_task("Verifying", total=total)
        bar["of"].update(bar["task"], completed=done)

    step: Callable[[int, int], None] = show
    try:
        yield step
    finally:
        if bar:
            bar["of"].stop()
