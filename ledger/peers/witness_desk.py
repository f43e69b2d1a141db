"""What members do with witnesses at the desk: make one, let it watch a log, look once, serve, ask, take in."""

import sys
from pathlib import Path
from typing import Any

from ledger import clock, quorum
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.home import Known
from ledger.log import Unreachable
from ledger.note import open_note
from ledger.peers import add_checkpoint, asking, cosigned, watching
from ledger.peers.watching import Card, Signed
from ledger.peers.witness import Witness
from ledger.peers.witness_server import WitnessServer, serve
from ledger.places import is_afar, spelled
from ledger.policy import Policy
from ledger.private import show
from ledger.reading import text_in
from ledger.trust import evidence_folder


def make_at_desk(desk: Desk, name: str, lock: bool) -> None:
    """Make a witness and say how others come to rely on it."""
    phrase = desk.passphrase(f"A passphrase for the witness {name}: ", confirm=True) if lock else None
    card = watching.make(desk.home, name, phrase)
    path = watching.folder_of(desk.home, name) / watching.KEY
    how = (
        "Its key is locked; `tally witness serve` reads the passphrase from the file TALLY_PASSPHRASE_FILE names."
        if lock
        else f"Its key lies open in {path}, readable by you alone, so that it can sign unattended."
    )
    desk.answer(
        {"name": card.name, "vkey": card.vkey, "key": str(path), "locked": lock},
        f"Made the witness {card.name}. {how}",
        f"Its line in a policy: witness {card.name} {card.vkey}",
        "Let it watch a ledger of this home: tally witness follow; then, now and again: tally witness once",
    )


def follow_at_desk(desk: Desk, what: str | None, place: str | None, name: str | None, rehearsal: bool) -> None:
    """Let a witness watch a log: by verifier key, by slug, or the current ledger."""
    card = watching.pick(desk.home, name)
    if what is not None and "+" in what:
        log_vkey, here = what, place or ""
    else:
        desk.slug = what or desk.slug
        known = desk.ledger.known
        log_vkey, rehearsal = quorum.log_vkeys(desk.ledger.book.ledger)[-1], desk.ledger.book.ledger.rehearsal
        here = place or known.place
    if here and not is_afar(here):
        here = spelled(here)
    origin = watching.follow(desk.home, card, log_vkey, here, rehearsal)
    where = f" at {here}" if here else "; it signs what is handed to it"
    desk.answer(
        {"witness": card.name, "origin": origin, "vkeys": card.logs[origin].vkeys, "place": here},
        f"{card.name} watches {origin}{where}.",
    )


def _at_work(desk: Desk, name: str | None) -> Witness:
    card = watching.pick(desk.home, name)
    return watching.at_work(desk.home, card, desk.unlock(watching.folder_of(desk.home, card.name) / watching.KEY))


def look_at_desk(desk: Desk, name: str | None) -> None:
    """Look at every log that the witness watches, or at the ledger that was asked for."""
    witness = _at_work(desk, name)
    origins = [desk.home.ledger(desk.slug).origin] if desk.slug else sorted(witness.watched)
    if not origins or not set(origins) <= set(witness.watched):
        what = "that" if origins else "anything yet"
        raise Usage(f"{witness.name} does not watch {what}.", "Let it: tally witness follow [SLUG|VKEY].")
    desk.rehearsal = any(witness.watched[origin].rehearsal for origin in origins)
    signed = [
        one
        for origin in origins
        for one in watching.look(desk.home, witness, origin, _evidence_folder(desk, origin), _seen(desk, origin))
    ]
    lines = [line for one in signed for line in _signed_lines(desk, witness, one)]
    data = [
        {"origin": one.origin, "size": one.size, "line": one.line, "kept": not one.why, "why": one.why}
        for one in signed
    ]
    desk.answer({"witness": witness.name, "signed": data}, *(lines or ["Nothing is new since the last look."]))


def _signed_lines(desk: Desk, witness: Witness, one: Signed) -> list[str]:
    known = _known(desk, one.origin)
    said = f"{witness.name} signed {_head(one.size)} of {known.slug if known else one.origin}"
    if not one.why:
        return [f"{said}; the log has it."]
    desk.note(f"{said}; the log has not taken it: {show(one.why)}")
    desk.note("Hand this line to whoever keeps the log, for `tally witness take`:")
    return [one.line]


def _head(size: int) -> str:
    return f"the head of {size} {'entry' if size == 1 else 'entries'}"


def _seen(desk: Desk, origin: str) -> bytes | None:
    """The newest head of a log that this home itself has seen, if it knows the ledger."""
    known = _known(desk, origin)
    return desk.home.anchor(known.founding).note() if known else None


def _evidence_folder(desk: Desk, origin: str) -> Path:
    """Where evidence about this log goes: beside the rest of it if this home knows the ledger."""
    known = _known(desk, origin)
    return evidence_folder(desk.home, known) if known else desk.home.witnesses() / "evidence"


def _known(desk: Desk, origin: str) -> Known | None:
    return desk.home.known_as(origin=origin)


def answer_request(desk: Desk, path: str, name: str | None) -> None:
    """Answer one request that was written to a file or piped in: the signature line, or why there is none."""
    data = sys.stdin.buffer.read(add_checkpoint.BODY_MAX + 1) if path == "-" else Path(path).read_bytes()
    witness = _at_work(desk, name)
    line = witness.add_checkpoint(data)
    desk.answer({"witness": witness.name, "line": line}, line)


def serve_at_desk(desk: Desk, host: str, port: int, name: str | None) -> None:
    """Answer over HTTP until this process is stopped."""
    witness = _at_work(desk, name)
    for origin in sorted(witness.watched):
        witness.memory.last(origin)  # better to learn now that it cannot sign than from the first who asks
    server = _listening(host, port, witness, desk)
    at = f"http://{f'[{host}]' if ':' in host else host}:{server.server_address[1]}"
    logs = "1 log" if len(witness.watched) == 1 else f"{len(witness.watched)} logs"
    desk.note(f"{witness.name} answers at {at} for {logs}; stop it with Ctrl-C.")
    serve(server)
    desk.answer({"witness": witness.name, "url": at}, "Stopped.")


def _listening(host: str, port: int, witness: Witness, desk: Desk) -> WitnessServer:
    """The service at its address. Raises Usage where this machine cannot listen there."""
    try:
        return WitnessServer((host, port), witness, desk.note)
    except OSError as error:
        why = f"This machine cannot listen at {host}:{port}: {error.strerror or error}."
        raise Usage(why, "Choose another --port or --host.") from error


# What is there.


def card_data(desk: Desk, card: Card) -> dict[str, Any]:
    """A witness as data: its key, and of each log where it is and what was signed last."""
    memory = watching.memory(desk.home, card)
    logs = []
    for origin, watched in sorted(card.logs.items()):
        last = memory.last(origin)
        known = _known(desk, origin)
        logs.append(
            {
                "origin": origin,
                "ledger": known.slug if known else None,
                "vkeys": watched.vkeys,
                "place": watched.place,
                "size": last.size if last else None,
                "signed": _when(last.note, card.vkey) if last else None,
            }
        )
    return {"name": card.name, "vkey": card.vkey, "logs": logs}


def _when(note: bytes, vkey: str) -> int | None:
    """When a witness signed a head (seconds since 1970)."""
    return open_note(note, [vkey]).signatures[0].time


def card_lines(data: dict[str, Any]) -> list[str]:
    """The same in words."""
    lines = [f"{data['name']}  {data['vkey']}"]
    for log in data["logs"]:
        seen = "nothing signed yet"
        if log["size"] is not None:
            seen = f"{_head(log['size'])}, signed {clock.show(log['signed'] * 1000)}"
        where = log["place"] or "heads are handed to it"
        lines.append(f"  {log['ledger'] or log['origin']}: {seen} ({where})")
    return lines if data["logs"] else [*lines, "  watches nothing: tally witness follow"]


# For the log.


def _wanted(desk: Desk) -> Policy:
    wanted = quorum.in_force(desk.book.ledger)
    if wanted is None:
        raise Refused(
            "The cooperative has named no witnesses.", "Treasurers name them: tally witness policy require FILE."
        )
    return wanted


def ask_at_desk(desk: Desk) -> None:
    """Ask those that can be reached; tell who signed, who did not, and whether it is enough."""
    wanted, log, known = _wanted(desk), desk.ledger.log, desk.ledger.known
    asked = asking.Asking(
        log, cosigned.keeper(desk.ledger), desk.now, desk.home.kept(known.founding, "witnesses.json")
    ).ask(wanted)
    lines = [
        f"{one.name} signed {_head(one.size)}." if one.size is not None else f"{one.name} {one.why}." for one in asked
    ]
    data = [{"name": one.name, "size": one.size, "why": one.why} for one in asked]
    desk.answer({"asked": data}, *lines)


def request_at_desk(desk: Desk, old: int) -> None:
    """The newest head and the proof that it goes on from this size, as a witness reads it."""
    log = desk.ledger.log
    head = log.head()
    if old > head.size:
        raise Usage(f"This log has {head.size} entries, not {old}.", "A witness that signed more saw another log.")
    proof = log.consistency(old, head.size) if 0 < old < head.size else []
    text = add_checkpoint.write(old, proof, head.note).decode()
    desk.answer({"old": old, "size": head.size, "request": text}, text.rstrip("\n"))


def take_at_desk(desk: Desk, file: str) -> None:
    """Keep signatures from a file."""
    wanted, keep = _wanted(desk), cosigned.keeper(desk.ledger)
    try:
        taken = asking.take(desk.ledger.log, keep, wanted, text_in(file), desk.now)
    except asking.NotAnswered as error:
        raise Unreachable(f"The ledger's service is not there: it {error}.", "Try again later.") from error
    data = [{"name": one.name, "size": one.size} for one in taken]
    desk.answer({"taken": data}, *(f"Kept: {one.name} signed {_head(one.size or 0)}." for one in taken))
