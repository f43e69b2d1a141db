"""What `tally verify` does at the desk: finds the ledger, shows progress, prints the verdict."""

import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ledger.book import Book
from ledger.doors import Desk, console
from ledger.errors import VerificationFailed
from ledger.verify import FAILED, OK, Verdict, verify


class NotOk(VerificationFailed):
    """The verdict was not OK."""


def verify_at_desk(desk: Desk, full: bool, at: str | None) -> None:
    """Verify the current ledger, or the one in another folder that says it is the same."""
    known = desk.home.ledger(desk.slug)
    folder = Path(at or known.place)
    anchor = None if full or at else desk.home.anchor(known.founding)
    with _progress() as progress:
        verdict, book = verify(str(folder), known, desk.rooms, progress, anchor)
    if verdict.verdict == OK and not (full or at):
        _compare_kept(desk, verdict, book)
    desk.rehearsal = book.ledger.rehearsal
    data = {"verdict": verdict.verdict} | msgspec.to_builtins(verdict)
    if verdict.verdict == OK and at:
        seen = desk.home.anchor(known.founding).read()
        if seen and seen[0] > verdict.entries:
            desk.note(f"It is older: this home has seen {seen[0]} entries, this copy ends after {verdict.entries}.")
    if verdict.verdict == OK:
        desk.answer(data | {"root": book.root}, sentence(verdict), f"Root {book.root}")
        return
    if desk.json:
        desk.answer(data)
        sys.exit(NotOk.exit_code)
    raise NotOk(sentence(verdict), "Compare with another member's copy.")


def _compare_kept(desk: Desk, verdict: Verdict, verified: Book) -> None:
    """What this home reads from day to day must be the very book that was verified."""
    kept = desk.ledger.book
    if kept.size == verified.size and encoded(kept) != encoded(verified):
        desk.ledger.forget()
        verdict.verdict = FAILED
        verdict.why = "the log is sound, but what this home had kept of it was not, and is thrown away now"


def encoded(book: Book) -> dict[str, bytes]:
    """What each room knows, as bytes: equal for books that know the same."""
    return {room: msgspec.msgpack.encode(part, order="deterministic") for room, part in book.parts.items()}


def sentence(verdict: Verdict) -> str:
    """The verdict as people read it."""
    if verdict.verdict == OK:
        words = f"{verdict.words} private texts" + (
            f", {verdict.words_gone} no longer held" if verdict.words_gone else ""
        )
        return (
            f"OK: {verdict.entries} entries, every signature, admission and proof; {words}; "
            f"{verdict.payouts} {'payout' if verdict.payouts == 1 else 'payouts'} computed again."
        )
    where = f" at entry {verdict.entry}" if verdict.entry is not None else ""
    return f"{verdict.verdict}{where}: {verdict.why.rstrip('.')}."


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
