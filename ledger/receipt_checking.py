"""What `tally receipt` does: shows the receipt of an entry, and checks one that somebody hands over, without the log.

A receipt is checked against the log's key as this home pinned it, the entry it is for, and the author's own signature,
which lies in the receipt. The entry comes from a file, from beside the receipt, or from the ledger this home has.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ledger import clock, log_keys, receipt, sshsig
from ledger.checkpoint import parse
from ledger.doors import Desk
from ledger.entry import NAMESPACE, Envelope, entry_id, preimage, read_strictly, split_leaf
from ledger.errors import TallyError, Usage, VerificationFailed
from ledger.home import Known
from ledger.keys import key_id, verify
from ledger.note import divide
from ledger.opened import Ledger
from ledger.proving import entry_index
from ledger.receipts_kept import kept
from ledger.sshsig import fingerprint


class NotChecked(VerificationFailed):
    """A receipt that does not check, or for which something needed is not at hand."""


class Checking(NamedTuple):
    """A receipt as it lies there, and what this home can lay beside it."""

    path: Path
    receipt: receipt.Receipt
    vkeys: tuple[str, ...]
    pinned: bool
    ledger: Ledger | None


def show_receipt(desk: Desk, wanted: str, out: str | None, own: bool) -> tuple[dict[str, Any], str]:
    """The receipt of an entry, fresh from the log or as it came when this home made the statement; data and text."""
    ledger = desk.ledger
    index = entry_index(wanted, ledger.log.head().size)
    name = entry_id(split_leaf(ledger.log.entry(index))[0])
    text = kept(desk.home, ledger.known, name) if own else ledger.log.receipt(index)
    if text is None:
        raise Usage(f"No receipt of entry {index} was kept here.", "Without --kept the log makes a new one.")
    if out:
        Path(out).write_bytes(text)
    data = {"entry": index, "id": name, "receipt": text.decode(), "out": out}
    return data, f"Wrote the receipt of entry {index} to {out}." if out else text.decode().rstrip("\n")


def check_receipt(desk: Desk, file: str, entry_file: str | None, given: str | None) -> tuple[dict[str, Any], list[str]]:
    """What a receipt proves, as data and as lines. Raises VerificationFailed with the reason if it proves nothing."""
    path = Path(file)
    parsed = receipt.parse(path.read_bytes())
    origin = parse(divide(parsed.checkpoint)[0]).origin
    known = _known(desk, origin) if given is None else None
    ledger = _reachable(desk, known)
    try:
        vkeys, pinned = _vkeys(path, known, ledger, given)
        return _check(Checking(path, parsed, vkeys, pinned, ledger), entry_file)
    finally:
        if ledger is not None:
            ledger.close()


def _check(at: Checking, entry_file: str | None) -> tuple[dict[str, Any], list[str]]:
    data = _entry(at, entry_file)
    envelope = read_strictly(data)
    checked = receipt.check(at.receipt, data, *at.vkeys)
    public = _public_key(at, envelope)
    if not verify(public, preimage(NAMESPACE, data), checked.signature):
        raise NotChecked("The author's signature in this receipt does not fit the entry.")
    author = at.ledger.names.of(envelope.author) if at.ledger else envelope.author
    known: dict[str, Any] = {
        "entry": checked.index,
        "id": entry_id(data),
        "kind": envelope.kind,
        "author": envelope.author,
        "key": fingerprint(public),
        "received": _instant(checked.received),
        "origin": checked.checkpoint.origin,
        "size": checked.checkpoint.size,
        "root": checked.checkpoint.root.hex(),
        "pinned": at.pinned,
    }
    lines = [
        f"OK: the log {checked.checkpoint.origin} took in this statement as entry {checked.index}.",
        f"statement  {envelope.kind}, by {author}, {known['id']}",
        f"signed by  {known['key']}",
        f"received   {known['received']}, as the log says",
        f"proved by  a head of {checked.checkpoint.size} entries that the log signed",
    ]
    if not at.pinned:
        lines.append(f"Compare the log's key with the one in your invitation: {', '.join(at.vkeys)}")
    return known, lines


def _instant(ms: int) -> str:
    try:
        return clock.claim(ms)
    except (ValueError, OverflowError, OSError) as error:
        raise NotChecked("The time of receipt in this receipt is impossible.") from error


def _known(desk: Desk, origin: str) -> Known | None:
    """The ledger of that name, if this home knows it."""
    return desk.home.ledger(desk.slug) if desk.slug is not None else desk.home.known_as(origin=origin)


def _reachable(desk: Desk, known: Known | None) -> Ledger | None:
    """The ledger this home knows, where it can be read now; a receipt is checked without it too."""
    if known is None:
        return None
    with suppress(TallyError, OSError):
        ledger = Ledger(desk.home, known, desk.rooms)
        if ledger.book.size:
            return ledger
        ledger.close()
    return None


def _vkeys(path: Path, known: Known | None, ledger: Ledger | None, given: str | None) -> tuple[tuple[str, ...], bool]:
    """The log's keys and whether this home pinned them: told by hand, by what it knows, or only by a file beside."""
    if given is not None:
        return (given.strip(),), True
    if known is not None:
        keys = log_keys.chain(ledger.book.ledger) if ledger else (known.log_key,)
        return log_keys.vkeys(known.origin, keys), True
    beside = path.parent / "log.vkey"
    if not beside.is_file():
        raise Usage("This home does not know the log that gave this receipt.", "Tell its key: --vkey NAME+ID+KEY.")
    return (beside.read_text(encoding="utf-8", errors="replace").strip(),), False


def _entry(at: Checking, entry_file: str | None) -> bytes:
    """The bytes of the entry that the receipt is for."""
    beside = at.path.parent / "entry.json"
    if entry_file is not None:
        return Path(entry_file).read_bytes()
    if beside.is_file():
        return beside.read_bytes()
    if at.ledger is not None and at.receipt.index < at.ledger.log.head().size:
        with suppress(TallyError):
            return split_leaf(at.ledger.log.entry(at.receipt.index))[0]
    raise Usage("The entry that this receipt is for is not at hand.", "Name its file with --entry FILE.")


def _public_key(at: Checking, envelope: Envelope) -> bytes:
    """The key that the entry names: from the ledger, or from the signature file beside. A key's id is its hash."""
    if at.ledger is not None and envelope.key in at.ledger.book.ledger.keys:
        return bytes.fromhex(at.ledger.book.ledger.keys[envelope.key].public)
    beside = at.path.parent / "entry.json.sig"
    if beside.is_file():
        public = sshsig.dearmor(beside.read_text(encoding="utf-8", errors="replace"))[0]
        if key_id(public) == envelope.key:
            return public
    raise NotChecked(
        "The log's part checks, but the author's key is not at hand, so that the author's signature cannot be checked.",
        "Lay entry.json.sig beside the receipt, as `tally prove` writes it.",
    )
