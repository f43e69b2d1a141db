"""A member keeps an eye on a log: the witnesses of this home, the logs they watch, and one look at one of them.

A witness has a key of its own, in a folder of its own, that signs nothing but heads. To look at a log is to fetch its
newest head, to see that it goes on from the head signed last, to sign it, and to hand the signature to the log. Heads
that other witnesses have signed meanwhile are signed too, so that those who look at different times sign the same.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct, field

from ledger import evidence, log_keys
from ledger.anchor import write_durably
from ledger.clock import now
from ledger.contradiction import Evidence, Rollback
from ledger.errors import NoKey, NoteError, Refused, Usage
from ledger.home import Home, Known, slugged
from ledger.keys import PUBLIC_SIZE, Signer, new_key, write_key
from ledger.log import Head, Log, Reader
from ledger.note import COSIGNATURE, ED25519, cosign, divide, open_note, parse_vkey, vkey
from ledger.peers import add_checkpoint, cosigned
from ledger.peers.add_checkpoint import NotByTheLog
from ledger.peers.witness import Watched, Witness
from ledger.peers.witness_state import Memory
from ledger.verify import open_place

KEY, CARD = "key.pem", "witness.json"
TRIES = 5


class Card(Struct, kw_only=True):
    """What a home notes about one of its witnesses: its name, its verifier key, the logs it watches by origin."""

    name: str
    vkey: str
    logs: dict[str, Watched] = field(default_factory=dict)


class Signed(Struct, frozen=True, kw_only=True):
    """A head that a witness has signed, its line, and why the log has not taken that ("": it has)."""

    origin: str
    size: int
    line: str
    why: str


def folder_of(home: Home, name: str) -> Path:
    """Where a witness has its key and its card."""
    return home.witnesses() / slugged(name)


def make(home: Home, name: str, passphrase: str | None) -> Card:
    """A new witness of this home, its key locked or open. Raises Refused where there is one of that name."""
    folder = folder_of(home, name)
    if folder.exists():
        raise Refused(f"There is a witness {name} in this home already.", "Choose another name.")
    key = new_key()
    try:
        cosign("", name, key, 0)
        parse_vkey(own := vkey(name, key.public, COSIGNATURE))
    except NoteError as error:
        raise Usage(error.message, error.hint) from error
    folder.mkdir(mode=0o700, parents=True)
    write_key(folder / KEY, key, passphrase)
    Memory(home.witness_memory(name), own).create()
    card = Card(name=name, vkey=own)
    write_card(home, card)
    return card


def cards(home: Home) -> list[Card]:
    """The witnesses of this home, by name."""
    return [_read(path) for path in sorted(home.witnesses().glob(f"*/{CARD}"))]


def pick(home: Home, name: str | None) -> Card:
    """The witness of that name, or the only one there is."""
    found = cards(home)
    if name is not None:
        found = [one for one in found if one.name.casefold() == name.casefold()]
    if not found:
        what = f"There is no witness{f' {name}' if name else ''} in this home."
        raise NoKey(what, "Make one: tally witness new --name NAME.")
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise Usage("There are several witnesses in this home.", f"Say which with --name; there are: {names}.")
    return found[0]


def write_card(home: Home, card: Card) -> None:
    """Keep a card."""
    data = json.dumps(msgspec.to_builtins(card), indent=1).encode()
    write_durably(folder_of(home, card.name) / CARD, data)


def _read(path: Path) -> Card:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Card)
    except msgspec.DecodeError as error:
        raise NoKey(f"{path} cannot be read: {error}.", "Bring it back from a copy.") from error


def memory(home: Home, card: Card) -> Memory:
    """What this witness has signed so far."""
    return Memory(home.witness_memory(card.name), card.vkey)


def at_work(home: Home, card: Card, key: Signer) -> Witness:
    """The witness with its key. Raises NoKey if that is not the one its card names."""
    if vkey(card.name, key.public, COSIGNATURE) != card.vkey:
        raise NoKey(f"The key of the witness {card.name} is not the one it was made with.", "Bring it back.")
    return Witness(card.name, key, card.logs, memory(home, card), lambda watched: now(watched.rehearsal))


# Which logs.


def follow(home: Home, card: Card, log_vkey: str, place: str, rehearsal: bool) -> str:
    """Watch a log, known by its verifier key, at a place ("": others bring its heads); answers its origin."""
    key = parse_vkey(log_vkey)
    if key.kind != ED25519:
        raise Usage(f"{log_vkey} is the key of a witness, not of a log.", "`tally witness request` names a log's.")
    before = card.logs.get(key.name)
    if before is not None and log_vkey not in before.vkeys:
        raise Refused(
            f"{card.name} watches {key.name} under another key.",
            "A change of the log's key is followed by `tally witness once`. If it is another log, stop watching the "
            "first: tally witness unfollow.",
        )
    vkeys = before.vkeys if before else [log_vkey]
    card.logs[key.name] = Watched(vkeys, place, rehearsal)
    write_card(home, card)
    return key.name


def unfollow(home: Home, card: Card, origin: str) -> None:
    """Watch a log no more. What was signed of it stays remembered."""
    if card.logs.pop(origin, None) is None:
        raise Usage(f"{card.name} does not watch {origin}.", "`tally witness show` tells what it watches.")
    write_card(home, card)


# One look.


def look(home: Home, witness: Witness, origin: str, evidence_folder: Path, seen: bytes | None = None) -> list[Signed]:
    """Sign what is new in a log, and hand it over. Raises Diverged, the evidence kept, if the log tells two pasts.

    `seen` is the newest head that the member who keeps the witness has seen; the witness signs nothing against it.
    """
    watched = witness.watched[origin]
    if not watched.place:
        raise Usage(f"{witness.name} does not know where {origin} is.", "Say it: tally witness follow VKEY PLACE.")
    known = Known(slug="", place=watched.place, origin=origin, log_key="0" * 2 * PUBLIC_SIZE, founding="")
    log, signed = open_place(watched.place, known, None), []
    try:
        for _ in range(TRIES):
            head = log.head()
            _follow_keys(home, witness, origin, log, head)
            if seen and (found := _contradiction(seen, head, log, witness.watched[origin].vkeys)):
                raise evidence.stop(evidence_folder, found)
            signed += list(_sign(witness, origin, log, head, evidence_folder))
            # A log that grew meanwhile keeps no signatures under the head that was the newest.
            if not isinstance(log, Log) or log.head().size == head.size:
                break
    finally:
        log.close()
    return signed


def _sign(witness: Witness, origin: str, log: Reader, head: Head, folder: Path) -> Iterator[Signed]:
    """Sign the heads above the last one: those that others have signed, and the newest."""
    for one, lines in _heads(log, head):
        last = witness.memory.last(origin)
        if last and one.size < last.size and one is not head:
            continue
        found = last and evidence.between(last.note, one.note, log, witness.watched[origin].vkeys)
        if found:
            raise evidence.stop(folder, found)
        if not _own(witness, one, lines):
            line = _line(witness, last, one, log)
            yield Signed(origin=origin, size=one.size, line=line, why=cosigned.hand_over(log, one.size, line))


def _contradiction(seen: bytes, head: Head, log: Reader, vkeys: list[str]) -> Evidence | None:
    """What shows that a head tells another past than one seen elsewhere; a place may well be behind that."""
    with suppress(NoteError, evidence.Undecided):
        found = evidence.between(seen, head.note, log, vkeys)
        return None if isinstance(found, Rollback) else found
    return None


def _line(witness: Witness, last: Head | None, head: Head, log: Reader) -> str:
    """This witness's line under a head that goes on from its last one."""
    size = last.size if last else 0
    if last and head.size == size and (before := _own(witness, last, _lines(last))):
        return before  # it was signed, and never reached the log
    proof = log.consistency(size, head.size) if 0 < size < head.size else []
    return witness.add_checkpoint(add_checkpoint.write(size, proof, head.note))


def _heads(log: Reader, head: Head) -> list[tuple[Head, list[str]]]:
    """The heads that other witnesses have signed and the newest, by size, and the lines under each."""
    signed = cosigned.heads(log)
    earlier = [(one, lines) for one, lines in signed if one.size < head.size]
    return [*earlier, (head, [line for one, lines in signed if one.size == head.size for line in lines])]


def _own(witness: Witness, head: Head, lines: list[str]) -> str | None:
    """The line of this witness under a head, if there is one that checks."""
    for line in lines:
        with suppress(NoteError):
            open_note(f"{divide(head.note)[0]}\n{line}\n".encode(), [witness.vkey])
            return line
    return None


def _lines(head: Head) -> list[str]:
    return divide(head.note)[1]


def _follow_keys(home: Home, witness: Witness, origin: str, log: Reader, head: Head) -> None:
    """Where no key this witness knows has signed the head, the log itself may hand over to another one."""
    watched = witness.watched[origin]
    request = add_checkpoint.read(add_checkpoint.write(0, [], head.note))
    try:
        add_checkpoint.signed(request.note, watched.vkeys)
    except NotByTheLog:
        pinned = {parse_vkey(one).public.hex() for one in watched.vkeys}
        heirs = log_keys.heirs(pinned, log.entries(0, head.size))
        vkeys = sorted(log_keys.vkeys(origin, heirs))
        add_checkpoint.signed(request.note, vkeys)
        card = pick(home, witness.name)
        watched.vkeys = card.logs[origin].vkeys = vkeys
        write_card(home, card)
