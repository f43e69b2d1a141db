"""What people read about keys: how each stands, who asks to replace whose, and what is disputed."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from ledger import lives
from ledger.book import Book
from ledger.errors import TallyError
from ledger.localtime import iso, when
from ledger.looks import table
from ledger.names import Names
from ledger.sshsig import fingerprint
from ledger.state import Recovery, State

Row = dict[str, Any]
SHOWN = 19  # of a fingerprint in a table: enough to tell keys apart and to name one


def key_rows(book: Book, names: Names, here: dict[str, str]) -> list[Row]:
    """Every key, by person, oldest first; `here` says where the secret of a public key lies ("here", "agent")."""
    state = book.ledger
    doubted = _doubted(book)
    rows = [
        {
            "id": key_id,
            "fingerprint": fingerprint(bytes.fromhex(key.public)),
            "person": names.of(key.person),
            "since": key.since,
            "until": key.until,
            "state": "live" if lives.is_live(key) else f"ended: {key.ended}",
            "suspect_from": key.suspect,
            "disputed": doubted.get(key_id, []),
            "paper": key.paper,
            "statements": key.seq + 1,
            "here": key.public in here,
            "where": here.get(key.public, ""),
            "added_by": fingerprint(bytes.fromhex(state.keys[key.added_by].public)) if key.added_by else None,
            "vouched_by": [names.of(person) for person in key.vouched],
        }
        for key_id, key in state.keys.items()
    ]
    return sorted(rows, key=lambda row: (row["person"].casefold(), row["since"]))


def _doubted(book: Book) -> dict[str, list[int]]:
    """The disputed entries by the key that signed them; none where the log cannot be reached to tell."""
    found: dict[str, list[int]] = {}
    with suppress(TallyError):
        for index in sorted(book.ledger.disputed.values()):
            found.setdefault(lives.entry_at(book, index).key, []).append(index)
    return found


def key_table(rows: list[Row]) -> Any:
    """The rows as a table; `--json` and `tally member show` have whole fingerprints."""
    cells = [
        (
            row["person"],
            f"{row['fingerprint'][:SHOWN]}…",
            str(row["since"]) if row["until"] is None else f"{row['since']} to {row['until']}",
            row["state"],
            str(row["statements"]),
            "yes" if row["where"] == "here" else row["where"],
            _remarks(row),
        )
        for row in rows
    ]
    return table(("Whose", "Key", "Since entry", "State", "Statements", "Here", ""), cells)


def _remarks(row: Row) -> str:
    said = ["paper"] if row["paper"] else []
    said += ["added by another key"] if row["added_by"] else []
    said += [f"vouched for by {', '.join(row['vouched_by'])}"] if row["vouched_by"] else []
    said += [f"{len(row['disputed'])} disputed: {_spelled(row['disputed'])}"] if row["disputed"] else []
    return "; ".join(said)


def _spelled(entries: list[int]) -> str:
    shown = ", ".join(map(str, entries[:5]))
    return f"{shown} …" if len(entries) > 5 else shown


def new_here(state: State, here: Iterable[str]) -> list[str]:
    """The fingerprints of those public keys that the ledger does not know, nor was ever asked to take in."""
    known = {key.public for key in state.keys.values()} | {one.public for one in state.recoveries.values()}
    return sorted(fingerprint(bytes.fromhex(public)) for public in here if public not in known)


def new_lines(fingerprints: list[str]) -> list[str]:
    """The same in lines."""
    return [f"{one} lies here, but the ledger does not know it: tally key add {one[:SHOWN]}" for one in fingerprints]


def recovery_rows(book: Book, names: Names) -> list[Row]:
    """Every key that waits to replace a person's keys."""
    return [
        {
            "id": key_id,
            "fingerprint": fingerprint(bytes.fromhex(one.public)),
            "person": names.of(one.person),
            "vouched_by": [names.of(member) for member in lives.vouching(book.ledger, one)],
            "needed": lives.needed(book.ledger, one),
            "due": iso(book, one.due),
            "vetoed": one.vetoed,
        }
        for key_id, one in book.ledger.recoveries.items()
    ]


def recovery_lines(book: Book, names: Names) -> list[str]:
    """The same in lines."""
    return [
        f"{names.of(one.person)} asks for the new key {fingerprint(bytes.fromhex(one.public))}:"
        f" {waiting_words(book, one)}."
        for one in book.ledger.recoveries.values()
    ]


def waiting_words(book: Book, recovery: Recovery) -> str:
    """How far a recovery is: "2 of 3 members have vouched", "it takes effect on …"."""
    have, need = len(lives.vouching(book.ledger, recovery)), lives.needed(book.ledger, recovery)
    said = f"{have} of {need} {'member has' if need == 1 else 'members have'} vouched"
    said += f" since the veto of entry {recovery.vetoed}" if recovery.vetoed is not None else ""
    return said if recovery.due is None else f"{said}; it takes effect {when(book, recovery.due)}"


def warnings(book: Book, names: Names, person: str) -> list[str]:
    """What a person must know before she signs: somebody asks to replace her keys."""
    found = []
    for one in book.ledger.recoveries.values():
        if one.person == person:
            by = ", ".join(names.of(member) for member in one.vouches) or "nobody"
            no = "" if one.vetoed is not None else " If that was not you: tally key veto"
            key = fingerprint(bytes.fromhex(one.public))
            found.append(
                f"Somebody asks to replace all your keys by {key}, vouched for by {by}: {waiting_words(book, one)}.{no}"
            )
    return found
