"""What `tally sync` does at the desk: catches up, sends what waits, and says what became of each statement."""

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ledger import clock
from ledger.anchor import one_at_a_time
from ledger.doors import Desk
from ledger.errors import NoKey, NotAMember, TallyError, Usage
from ledger.home import KeyFile
from ledger.key_choice import choose, id_of, signer
from ledger.keys import read_key
from ledger.log import Unreachable
from ledger.looks import table
from ledger.opened import Ledger
from ledger.outbox import Item, Outbox, outboxes
from ledger.pem import Locked
from ledger.record import key_lock, look_ahead
from ledger.sending import AWAY, Outcome, send, try_again

Row = dict[str, Any]


class StillWaiting(TallyError):
    """The log could not be reached; what was signed waits on."""

    exit_code = 75


def sync(desk: Desk) -> None:
    """Bring this home up to date, send what this person's keys have said, and tell what came of it."""
    ledger = desk.ledger
    if ledger.alone is not None:
        raise _still_waiting(desk, ledger.alone)
    if ledger.remote is not None:
        fetch_words(desk, ledger, ask=True)
    outcomes = [one for file in _mine(desk) for one in _sent(desk, file)]
    words = told(outcomes) or ["Nothing waits to be sent."]
    size = ledger.book.size
    data = {"size": size, "root": ledger.book.root, "outcomes": [_outcome_row(one) for one in outcomes]}
    data["left"] = rows(desk)
    desk.answer(data, *words, f"This home knows {size} entries, and has checked that they go on from what it knew.")
    _tell_others(desk)


def _sent(desk: Desk, file: KeyFile) -> list[Outcome]:
    ledger, key = desk.ledger, signer(desk, file)
    with one_at_a_time(key_lock(ledger, key.id)):
        outbox = ledger.outbox(key.id)
        outcomes: list[Outcome] = []
        try:
            ledger.refresh()
            outcomes += try_again(ledger, key, outbox)
            return outcomes + send(ledger, key, outbox, desk.clock_ok)
        except AWAY as error:
            for line in told(outcomes):
                desk.note(line)
            raise _still_waiting(desk, error) from error


def look_on(desk: Desk, ledger: Ledger) -> None:
    """The log is away: say as of when the answers are, and count in what the person at the desk has said since."""
    size, ahead = ledger.book.size, 0
    with suppress(NoKey, Usage):  # who only looks need not be anybody
        keys = [id_of(file) for file in desk.home.pick_keys(ledger.known.slug, desk.person)]
        ahead = look_ahead(ledger, keys)
    also = f", and with your {ahead} in the outbox" if ahead else ""
    desk.note(f"{ledger.alone.message if ledger.alone else ''} What follows is as of {size} entries{also}.")


def fetch_words(desk: Desk, ledger: Ledger, ask: bool) -> None:
    """Fetch the private words of new entries behind a URL; without `ask` only as a key that opens by itself."""
    remote, size = ledger.remote, ledger.log.head().size
    if remote is None or ledger.alone is not None or remote.words_upto() >= size:
        return
    try:
        file = choose(desk.home.pick_keys(ledger.known.slug, desk.person), ledger.book.ledger)
        if not ask and not _opens_by_itself(file):
            desk.note("Names and notes of newer entries come with: tally sync")
            return
        remote.fetch_words(ledger.book, signer(desk, file))
    except NotAMember:
        return  # whoever has asked to join has none yet
    except (NoKey, Usage):
        if ask:
            raise
    except Unreachable as error:
        desk.note(f"Names and notes of newer entries could not be fetched: {error.message}")
    ledger.__dict__.pop("names", None)


def _opens_by_itself(file: KeyFile) -> bool:
    """Whether nobody has to type anything for this key."""
    if file.agent or "TALLY_PASSPHRASE_FILE" in os.environ:
        return True
    try:
        read_key(file.path)
    except Locked:
        return False
    return True


def _still_waiting(desk: Desk, why: TallyError) -> StillWaiting:
    waiting = sum(len(outbox.waiting) for outbox in _outboxes(desk))
    return StillWaiting(f"{why.message} {statements(waiting)} on.", "Nothing is lost; run `tally sync` again later.")


def drop(desk: Desk, number: int) -> None:
    """Forget one refused statement of this person's for good."""
    ledger = desk.ledger
    files = _mine(desk)
    if not files:
        raise Usage("Nothing of yours lies in the outbox.", "`tally sync --list` shows what does.")
    for file in files:
        with one_at_a_time(key_lock(ledger, id_of(file))):
            outbox = ledger.outbox(id_of(file))
            if file is not files[-1] and not any(item.number == number for item in outbox.refused):
                continue
            item = outbox.drop(number)
        desk.answer(
            {"dropped": item.signed.id, "number": number},
            f"Dropped number {number} ({item.signed.envelope.kind}): it is not in the ledger and will not be sent.",
        )
        return


def show(desk: Desk) -> None:
    """List what waits and what was refused, of every key of this home."""
    found = rows(desk)
    if not found:
        desk.answer({"outbox": []}, "Nothing waits to be sent.")
        return
    cells = [(str(row["number"]), row["whose"], row["kind"], row["since"], row["state"]) for row in found]
    desk.answer({"outbox": found}, table(("No", "Whose", "What", "Since", "State"), cells, right=("No",)))


def rows(desk: Desk) -> list[Row]:
    """Every statement of this home that the log does not have."""
    keys, found = desk.ledger.book.ledger.keys, []
    for outbox in _outboxes(desk):
        key = keys.get(outbox.key)
        whose = desk.names.of(key.person) if key else f"({outbox.key[:8]})"
        found += [_row(whose, item) for item in (*outbox.waiting, *outbox.refused)]
    return found


def _row(whose: str, item: Item) -> Row:
    return {
        "number": item.number,
        "whose": whose,
        "kind": item.signed.envelope.kind,
        "id": item.signed.id,
        "since": clock.claim(item.at),
        "state": f"refused: {item.why}" if item.why else "waits to be sent",
        "refused": item.why,
        "words": [kept.words for kept in item.signed.words.values()],
    }


def told(outcomes: Sequence[Outcome]) -> list[str]:
    """What became of statements that waited, a sentence each; that one was signed anew matters if it got in."""
    refused = {one.number for one in outcomes if one.refused is not None}
    return [_told(one) for one in outcomes if not (one.was and one.number in refused)]


def _told(one: Outcome) -> str:
    what = f"Number {one.number} of your outbox ({one.kind})"
    if one.recorded is not None:
        return f"{what} is in the ledger as entry {one.recorded.entry.index}."
    if one.refused is not None:
        return (
            f"{what} was refused: {one.refused.message} {one.refused.hint}".strip()
            + f" It stays listed; forget it with: tally sync --drop {one.number}"
        )
    return (
        f"{what} was signed anew, with the same content, because its place after your earlier statements was taken "
        f"or given up: {one.was[:16]}… is now {one.id[:16]}…. If you do not sign elsewhere with this key, say so to "
        "the others: somebody else may have it."
    )


def _outcome_row(one: Outcome) -> Row:
    return {
        "number": one.number,
        "id": one.id,
        "was": one.was or None,
        "kind": one.kind,
        "entry": one.recorded.entry.index if one.recorded else None,
        "refused": f"{one.refused.message} {one.refused.hint}".strip() if one.refused else None,
    }


def queued(ledger: Ledger, key: str, count: int, is_told: bool) -> tuple[Row, str]:
    """Why a command's statements wait (unless that was told), where, and what to do: as data and in words."""
    why = ledger.alone.message if ledger.alone is not None else ""
    outbox = ledger.outbox(key)
    waiting = len(outbox.waiting)
    held = "What you said is" if count == 1 else f"All {count} statements are"
    reason = "" if is_told else f" {why}"
    words = (
        f"Queued: {held.lower()} signed and kept in this home, but not yet in the ledger.{reason}\n"
        f"{statements(waiting)} in your outbox (tally sync --list). Send with: tally sync"
    )
    return {"waiting": waiting, "why": why, "outbox": str(outbox.path), "hint": "tally sync"}, words


def statements(count: int) -> str:
    """How many wait: "1 statement waits"."""
    return "1 statement waits" if count == 1 else f"{count} statements wait"


def _outboxes(desk: Desk) -> list[Outbox]:
    ledger = desk.ledger
    return outboxes(ledger.home.kept(ledger.known.founding, ""))


def _mine(desk: Desk) -> list[KeyFile]:
    """The keys of the person at the desk that have something in their outbox."""
    full = {outbox.key for outbox in _outboxes(desk)}
    if not full:
        return []
    return [file for file in desk.home.pick_keys(desk.ledger.known.slug, desk.person) if id_of(file) in full]


def _tell_others(desk: Desk) -> None:
    """A word about what others whose keys lie in this home have not sent."""
    names = {id_of(file): file.name for file in desk.home.keys(desk.ledger.known.slug)}
    mine = {id_of(file) for file in _mine(desk)}
    for outbox in _outboxes(desk):
        if outbox.key not in mine and outbox.waiting:
            whose = names.get(outbox.key, outbox.key[:8])
            desk.note(f"{statements(len(outbox.waiting))} of {whose}: tally sync --as {whose}")
