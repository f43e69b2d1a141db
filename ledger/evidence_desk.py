"""What `tally evidence` does: checks a file of evidence on any machine, and lists what this home and its log have kept.

Whoever looks into trouble must not be stopped by it: the ledger is opened as it lies there, without asking whether it
goes on from what this home has seen.
"""

from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from ledger import clock, log_keys
from ledger.anchor import write_durably
from ledger.contradiction import Proved, Signed, TwoStatements, check, read, write
from ledger.doors import Desk
from ledger.entry import entry_id, read_strictly, split_leaf
from ledger.entry import read as read_entry
from ledger.errors import TallyError, Usage
from ledger.opened import Ledger
from ledger.private import show
from ledger.trust import evidence_folder

Refused = tuple[int, str, bytes, bytes]
"""What a log kept: when (ms), why it was refused, the entry, its signature."""


def verify_file(desk: Desk, file: str) -> None:
    """Say what a file of evidence proves. Raises NoEvidence if it proves nothing."""
    proved = check(read(Path(file).read_bytes()))
    desk.answer(_data(proved), *_lines(desk, proved))


def list_at_desk(desk: Desk) -> None:
    """What this home wrote down as evidence, and what the log refused because it contradicts it."""
    files = [{"file": str(path), "kind": _kind_of(path)} for path in _files(desk)]
    refused: list[dict[str, Any]] = []
    with suppress(TallyError), _as_it_lies(desk) as ledger:
        refused = [_row(number, one) for number, one in enumerate(ledger.log.evidence(), 1)]
    lines = [f"{one['kind']:15} {one['file']}" for one in files]
    lines += [f"refused {row['number']:<7} {row['at']}  {row['id'][:16]}…  {row['why']}" for row in refused]
    desk.answer({"files": files, "refused": refused}, *(lines or ["No evidence is kept here."]))


def show_at_desk(desk: Desk, wanted: str, out: str | None) -> None:
    """One piece: a file of evidence, or a statement the log refused, by its number in the list."""
    if not (wanted.isascii() and wanted.isdigit()):
        verify_file(desk, wanted)
        return
    with _as_it_lies(desk) as ledger:
        kept = dict(enumerate(ledger.log.evidence(), 1))
        if int(wanted) not in kept:
            raise Usage(f"The log keeps no refused statement {wanted}.", "`tally evidence list` shows what there is.")
        found = _against(ledger, kept[int(wanted)])
    proved = check(found)
    if out:
        write_durably(Path(out), write(found), 0o644)
    written = [f"Wrote the evidence to {out}."] if out else []
    desk.answer(
        _row(int(wanted), kept[int(wanted)])
        | {"entries": [one.entry for one in (found.first, found.second)], "out": out}
        | _data(proved),
        *_lines(desk, proved),
        *written,
    )


def _against(ledger: Ledger, refused: Refused) -> TwoStatements:
    """A refused statement beside the one that stands in the log under the same key and number."""
    _, _, data, signature = refused
    envelope = read_strictly(data)
    for leaf in ledger.log.entries(0, ledger.book.size):
        entry_bytes, other, _ = split_leaf(leaf)
        stands = read_entry(entry_bytes)
        if (stands.key, stands.seq) == (envelope.key, envelope.seq):
            return TwoStatements(
                key=ledger.book.ledger.keys[envelope.key].public,
                first=Signed(entry=entry_bytes.decode(), sig=other.hex()),
                second=Signed(entry=data.decode(), sig=signature.hex()),
            )
    raise TallyError(
        "The statement that this one contradicts is not in the log.", "`tally verify` tells what is wrong."
    )


def _as_it_lies(desk: Desk) -> "closing[Ledger]":
    return closing(Ledger(desk.home, desk.home.ledger(desk.slug), desk.rooms))


def _files(desk: Desk) -> list[Path]:
    known, current = desk.home.ledgers()
    wanted = desk.slug or current
    return sorted(evidence_folder(desk.home, known[wanted]).glob("*.json")) if wanted in known else []


def _kind_of(path: Path) -> str:
    """The kind of evidence in a file, or that it is none any more."""
    try:
        return check(read(path.read_bytes())).kind
    except TallyError:
        return "damaged"


def _row(number: int, refused: Refused) -> dict[str, Any]:
    at, why, data, _ = refused
    return {"number": number, "at": clock.claim(at), "why": show(why), "id": entry_id(data)}


def _data(proved: Proved) -> dict[str, Any]:
    return {"kind": proved.kind, "proved": proved.stands_alone, "keys": list(proved.keys), "says": list(proved.says)}


def _lines(desk: Desk, proved: Proved) -> list[str]:
    head = "PROVED, whoever shows it" if proved.stands_alone else "SHOWN, but not proved by this alone"
    role = "It accuses" if proved.stands_alone else "It speaks of"
    keys = [f"{role} the key {key}" for key in proved.keys]
    known = _known_logs(desk)
    own = [f"That is the log of {known[key]}, as this home knows it." for key in proved.keys if key in known]
    compare = "Compare that key with the one you know: a log's with other members, a member's in `tally key list`."
    return [f"{head} ({proved.kind}):", *(f"  {line}" for line in proved.says), *keys, *(own or [compare])]


def _known_logs(desk: Desk) -> dict[str, str]:
    """The ledgers of this home by each verifier key of their log; none where the home cannot be read."""
    found: dict[str, str] = {}
    with suppress(TallyError):
        for slug, one in desk.home.ledgers()[0].items():
            found |= dict.fromkeys(log_keys.vkeys(one.origin, [one.log_key, *one.log_keys_before]), slug)
    return found
