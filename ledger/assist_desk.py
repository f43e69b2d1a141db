"""What `tally assist …` and `--for` do: a helper writes down what somebody asked for, a witness signs, it is recorded.

The witness signs at the helper's device, or on another one: then the words travel there and back in a file.
"""

import os
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ledger import people
from ledger.assisted_facts import JOINING, LEFT, Act, SaidWithHelp
from ledger.assisting import KIND
from ledger.doors import Desk
from ledger.entry import Hex64, PersonId, consent
from ledger.errors import NoKey, Refused, Usage
from ledger.fact import plain, read, stated
from ledger.facts import Proof
from ledger.key_choice import choose, person_of, signer
from ledger.keys import Signer
from ledger.lives import entry_at
from ledger.localtime import when
from ledger.looks import table
from ledger.names import proper
from ledger.private import Text, show
from ledger.reading import text_in

CONTEST = "tally assist contest"
_TOGETHER = "Who joins with help has a helper and a witness at one device: name a member whose key lies here."


class Slip(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What travels to a witness and back: a statement for somebody else, and in the end the witness's consent."""

    tally: Annotated[str, Meta(pattern=r"^assist-v1\Z")]
    ledger: Hex64
    helper: PersonId
    body: dict[str, Any]
    proofs: tuple[Proof, ...] = ()


class _Unsigned(Struct):
    """What a witness reads of a statement."""

    person: PersonId
    act: Act
    how: str
    paper: Hex64


def say_for(desk: Desk, person: str, kind: str, body: dict[str, Any], helped: dict[str, Any]) -> int | None:
    """Say this for somebody, with a witness; the entry, or None where it was written for a witness elsewhere."""
    whole = _whole(person, kind, body, helped)
    if helped.get("out"):
        _write(desk, helped["out"], whole)
        return None
    return desk.record(KIND, whole, consenting=(_witness(desk, helped),)).entry.index


def _whole(person: str, kind: str, body: dict[str, Any], helped: dict[str, Any]) -> dict[str, Any]:
    """The statement around what is said, before a witness has signed it."""
    paper = helped.get("paper")
    if not paper:
        raise Usage("What is said for somebody rests on a paper.", "Say --paper FILE: the signed paper, or notes.")
    return {
        "person": person,
        "act": {"kind": kind, "body": body},
        "how": helped.get("how") or "paper",
        "paper": sha256(_bytes_of(paper)).hexdigest(),
        "name": None,
        "proofs": [],
    }


def _bytes_of(paper: str) -> bytes:
    try:
        return Path(paper).read_bytes()
    except OSError as error:
        raise Usage(f"The paper {paper} cannot be read: {error.strerror}.") from error


def _witness(desk: Desk, helped: dict[str, Any]) -> Signer:
    """The witness's key, which lies in this home."""
    name = helped.get("witness")
    if not name:
        raise Usage("What is said for somebody has a witness.", "Say --witness NAME, or --out FILE to have it signed.")
    files = [one for one in desk.home.keys(desk.ledger.known.slug) if one.name.casefold() == name.casefold()]
    if not files:
        elsewhere = "Say --out FILE, and let the witness sign it elsewhere." if "out" in helped else _TOGETHER
        raise NoKey(f"No key of {name} lies in this home.", elsewhere)
    file = choose(files, desk.book.ledger)
    person_of(desk.book, file)
    return signer(desk, file)


def _write(desk: Desk, out: str, body: dict[str, Any]) -> None:
    slip = Slip(tally="assist-v1", ledger=desk.book.ledger.id, helper=desk.whoami, body=body)
    _save(out, slip)
    desk.answer(
        {"file": out, "recorded": False},
        f"Wrote it to {out}. Nothing is recorded yet.",
        f"The witness signs it:  tally assist sign {out} --out signed.json     Then:  tally assist hand-in signed.json",
    )


def _save(out: str, slip: Slip) -> None:
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Usage(f"{out} cannot be written: {error.strerror}.", "Name a new file.") from error
    with open(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(slip), indent=1) + b"\n")


def _read(desk: Desk, file: str) -> Slip:
    try:
        slip = msgspec.json.decode(text_in(file), type=Slip, strict=True)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Usage("This file is nothing that was written for a witness.", "Ask the helper for it again.") from error
    if slip.ledger != desk.book.ledger.id:
        raise Refused("This was written for another ledger.")
    return slip


def sign(desk: Desk, file: str, out: str, yes: bool) -> None:
    """Witness what a helper has written."""
    slip = _read(desk, file)
    key, me = desk.me
    if me in (slip.helper, slip.body["person"]):
        raise Refused("The helper, the witness and the person are three people.")
    body, names = _said(slip), desk.names
    who = names.of(body.person)
    words = f"{who}: {_words(desk, body.act)}"
    desk.note(f"{names.of(slip.helper)} says this for {who} ({body.how}; paper {body.paper[:8]}):\n  {words}")
    desk.confirm("Do you witness that this is what was said?", yes)
    message = consent(slip.ledger, KIND, slip.helper, slip.body)
    proof = Proof(key=key.public.hex(), sig=key.sign(message).hex())
    _save(out, msgspec.structs.replace(slip, proofs=(proof,)))
    desk.answer({"file": out}, f"Signed. Give {out} back to {names.of(slip.helper)}:  tally assist hand-in {out}")


def _said(slip: Slip) -> _Unsigned:
    """What a slip states, before a witness has signed it."""
    try:
        return msgspec.convert(slip.body, _Unsigned)
    except msgspec.ValidationError as error:
        raise Usage("This file is nothing that was written for a witness.", "Ask the helper for it again.") from error


def _words(desk: Desk, act: Act) -> str:
    """What is said, in words where its kind has some."""
    said = stated(act.kind, msgspec.json.encode(act.body), desk.book.rooms)
    return show(said.in_words(desk.book, desk.names))


def hand_in(desk: Desk, file: str) -> None:
    """Record what a witness has signed."""
    slip = _read(desk, file)
    if slip.helper != desk.whoami or not slip.proofs:
        raise Refused("This was not written by you, or no witness has signed it.")
    body = slip.body | {"proofs": plain(slip.proofs)}
    entry = desk.record(KIND, body).entry.index
    desk.answer({"entry": entry}, *told(desk, entry))


def told(desk: Desk, entry: int) -> list[str]:
    """What was recorded for whom, and until when it may be contested."""
    held = next(one for one in desk.book.ledger.assisted.values() if one.index == entry)
    who = desk.names.of(held.person)
    return [
        f"Recorded for {who} (entry {entry}), witnessed by {desk.names.of(held.witness)}.",
        f"{who} may contest it until {when(desk.book, held.until)}:  {CONTEST} {entry}",
    ]


def join(desk: Desk, name: str, helped: dict[str, Any]) -> None:
    """Somebody without a device asks to join."""
    name, person = proper(name), os.urandom(16).hex()
    if desk.names.is_taken(name):
        raise Refused(f"Somebody is called {name} already.", "Take another name.")
    body = _whole(person, JOINING, {"helper": desk.whoami}, helped) | {"name": Text(name)}
    entry = desk.record(KIND, body, consenting=(_witness(desk, helped),)).entry.index
    lines = told(desk, entry)
    standing = desk.book.ledger.persons[person].standing
    admitted = f"{name} is a member." if standing == people.MEMBER else "The members decide: tally votes"
    desk.answer({"entry": entry, "person": person, "standing": standing}, *lines, admitted)


def leave(desk: Desk, name: str, helped: dict[str, Any]) -> None:
    """Somebody leaves who has no device at hand."""
    entry = say_for(desk, desk.names.person(name), LEFT, {}, helped)
    if entry is not None:
        until = "Until then nothing changes; if nobody contests it, the membership ends by itself."
        desk.answer({"entry": entry}, *told(desk, entry), until)


def leave_oneself(desk: Desk, yes: bool) -> None:
    """A member leaves."""
    _, me = desk.me
    if people.treasurers(desk.book.ledger) == [me] and len(people.members(desk.book.ledger)) > 1:
        desk.note("You are the only treasurer: without you nobody books money until the members have voted one in.")
    desk.confirm(f"Leave {desk.book.ledger.name}?", yes)
    entry = desk.record(LEFT, {}).entry.index
    lines = [f"You have left (entry {entry}). Your work, votes and receipts stay; what lies on your balance is yours."]
    desk.answer({"entry": entry}, *lines)


def list_assisted(desk: Desk) -> None:
    """What was said for others, newest last."""
    names, state = desk.names, desk.book.ledger
    rows: list[dict[str, Any]] = [
        {
            "entry": one.index,
            "person": names.of(one.person),
            "what": one.kind,
            "words": _words(desk, _act_of(desk, one.index)),
            "helper": names.of(one.helper),
            "witness": names.of(one.witness),
            "until": when(desk.book, one.until),
            "contested": people.is_disputed(state, entry),
        }
        for entry, one in state.assisted.items()
    ]
    cells = [
        (str(one["entry"]), one["person"], one["words"], f"{one['helper']}, {one['witness']}", _state(one))
        for one in rows
    ]
    heads = ("Entry", "For", "What", "Helper, witness", "Contestable")
    if not cells:
        desk.answer({"assisted": rows}, "Nothing was said for anybody.")
        return
    mine = [f"What was said for you you may contest:  {CONTEST} ENTRY"]
    desk.answer({"assisted": rows}, table(heads, cells, right=("Entry",)), *mine)


def _act_of(desk: Desk, entry: int) -> Act:
    """What was said in this entry."""
    said = read(entry_at(desk.book, entry).envelope, desk.book.rooms)
    assert isinstance(said, SaidWithHelp)
    return said.act


def _state(row: dict[str, Any]) -> str:
    return "contested" if row["contested"] else f"until {row['until']}"


def contest(desk: Desk, entry: int) -> None:
    """What others recorded counts no more: the person says so."""
    found = [one for one, held in desk.book.ledger.assisted.items() if held.index == entry]
    if not found:
        raise Usage(f"Entry {entry} was not said for anybody.", "`tally assist list` shows what was.")
    recorded = desk.record("ledger.contested", {"entry": found[0]}).entry.index
    lines = [f"Contested (entry {recorded}): what entry {entry} says for you counts no more."]
    desk.answer({"entry": recorded, "contested": entry}, *lines)
