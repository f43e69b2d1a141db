"""What treasurers and members do with the policy on witnesses at the desk: look at it, try one, put one into force."""

import sys
from pathlib import Path
from typing import Any

from ledger import people, policy, quorum
from ledger.book import Book
from ledger.doors import Desk
from ledger.errors import NoteError
from ledger.names import Names
from ledger.peers.cosigned import of_ledger
from ledger.policy import Policy
from ledger.private import show
from ledger.witness_facts import WitnessesNamed, agreeing, needed


def show_at_desk(desk: Desk) -> None:
    """The policy that holds, what treasurers want instead, and the newest head that fulfils it."""
    state = desk.book.ledger
    wanted = quorum.in_force(state)
    data: dict[str, Any] = {
        "policy": state.policy,
        "since": state.policy_since,
        "asks": policy.in_words(wanted) if wanted else "nobody",
        "said": _said(desk.book, desk.names),
        "head": _newest(desk, wanted) if wanted else None,
    }
    desk.answer(data, *_show_lines(data))


def _said(book: Book, names: Names) -> list[dict[str, Any]]:
    said = sorted(book.ledger.policy_said.items(), key=lambda one: one[1][1])
    return [{"name": names.of(who), "entry": entry, "policy": text} for who, (text, entry) in said]


def _newest(desk: Desk, wanted: Policy) -> dict[str, Any] | None:
    note, judged = quorum.newest(desk.book, wanted, of_ledger(desk.ledger), -1)
    return {"size": judged.head.size, "by": sorted(judged.times), "enough": note is not None} if judged else None


def _show_lines(data: dict[str, Any]) -> list[str]:
    lines = ["No witnesses are asked for: a payout is approved without them."]
    if data["policy"]:
        lines = [data["policy"].rstrip("\n"), ""]
        lines.append(f"Holds since entry {data['since']}: a payout is approved once {data['asks']} have seen it.")
        head = data["head"]
        if head is None:
            lines.append("No witness has signed a head yet: tally witness ask, tally witness once.")
        else:
            much = "" if head["enough"] else "; that is not enough"
            lines.append(f"Newest signed head: {head['size']} entries, by {', '.join(head['by']) or 'nobody'}{much}.")
    for one in data["said"]:
        what = f"wants another policy:\n{one['policy'].rstrip()}" if one["policy"] else "wants that none holds."
        lines.append(f"{one['name']} (entry {one['entry']}) {what}")
    return lines


def check_at_desk(desk: Desk, file: str, head: str | None) -> None:
    """Read a policy, say what it asks for, and judge a head by it."""
    wanted = policy.parse(_bytes_in(file))
    data: dict[str, Any] = {
        "witnesses": list(wanted.witnesses),
        "groups": list(wanted.groups),
        "asks": policy.in_words(wanted),
        "head": None,
    }
    lines = [f"The policy is in order: {len(wanted.witnesses)} witnesses; it asks for {show(data['asks'])}."]
    vkeys = [one.vkey for one in wanted.logs]
    if head is not None or desk.home.ledgers()[0]:
        notes = [_bytes_in(head)] if head is not None else of_ledger(desk.ledger)[-1:]
        vkeys = vkeys or list(quorum.log_vkeys(desk.book.ledger))
        for note in notes:
            data["head"], line = _judged(wanted, note, vkeys)
            lines.append(line)
    desk.answer(data, *lines)


def _judged(wanted: Policy, note: bytes, vkeys: list[str]) -> tuple[dict[str, Any], str]:
    try:
        judged = policy.cosigned(wanted, note, vkeys)
    except NoteError as error:
        raise NoteError(f"The head does not check: {error.message}", error.hint) from error
    enough = policy.is_enough(wanted, judged.times)
    by = show(", ".join(judged.times)) or "none of them"
    verdict = "fulfils it" if enough else "does not fulfil it"
    data = {"size": judged.head.size, "by": sorted(judged.times), "enough": enough}
    return data, f"The head of {judged.head.size} entries {verdict}: signed by {by}."


def _bytes_in(path: str) -> bytes:
    return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()


def require_at_desk(desk: Desk, text: str, yes: bool) -> None:
    """Say which policy shall hold, and tell whether it does."""
    _, me = desk.me
    said = WitnessesNamed(policy=text)
    people.must_speak(desk.book.ledger, me, "ledger.witnesses")
    said.check_by(desk.book, me)
    asks = policy.in_words(policy.parse(text.encode())) if text else "nobody"
    desk.confirm(f"From now on a payout is approved once {asks} have seen the log?", yes)
    entry = desk.record("ledger.witnesses", {"policy": text}).entry.index
    state = desk.book.ledger
    holds = state.policy == text and state.policy_since == entry
    have, need = len(agreeing(desk.book, text)), needed(desk.book)
    line = f"It holds from now on (entry {entry}): {asks} must have seen the log before a payout is approved."
    if not holds:
        line = f"Said (entry {entry}). {have} of {need} treasurers want it; it holds once another says the same."
    desk.answer({"entry": entry, "holds": holds, "asks": asks, "have": have, "need": need}, line)
