"""What people do with a matter beside voting: announce, withdraw, object, answer, challenge, tell the outcome."""

from typing import Any

from governance.consenting import standing_in
from governance.looks import consequence, life_line, numbered, row, standing_words, status_words, title
from governance.part import Objection
from governance.proposing import put_text
from governance.telling import tell
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.private import Text
from ledger.reading import text_in


def announce(desk: Desk, number: int) -> None:
    """A draft is put before the members."""
    _say(desk, number, "governance.announced", {}, "It is announced")


def waive(desk: Desk, number: int) -> None:
    """Shorter notice is enough for this member."""
    _say(desk, number, "governance.waived", {}, "You said that shorter notice is enough")


def withdraw(desk: Desk, number: int) -> None:
    """The matter is taken back."""
    _say(desk, number, "governance.withdrawn", {}, "You took it back")


def stand_aside(desk: Desk, number: int) -> None:
    """The member keeps out of it."""
    _say(desk, number, "governance.stood_aside", {}, "You stand aside: you are not counted among those who are asked")


def object_to(desk: Desk, number: int, text: str, harm: str) -> None:
    """A reasoned objection."""
    for words, what in ((text, "objection"), (harm, "harm")):
        if not any(letter.isspace() for letter in words.strip()):
            raise Usage(f"One word is no {what}.", "Say what speaks against it, and which harm it would do to our aim.")
    body = {"text": Text(text), "harm": Text(harm)}
    _say(desk, number, "governance.objected", body, "Your objection stands until it is answered or you lift it")


def challenge(desk: Desk, number: int, why: str) -> None:
    """All shall vote again."""
    _say(desk, number, "governance.challenged", {"why": Text(why)}, "You ask that all vote again")


def outcome(desk: Desk, number: int, text: str) -> None:
    """What came of it, in words."""
    _say(desk, number, "governance.outcome_told", {"text": Text(text)}, "The outcome is told")


def _say(desk: Desk, number: int, kind: str, body: dict[str, Any], words: str) -> None:
    proposal = numbered(desk.book, number)
    recorded = desk.record(kind, {"proposal": proposal.id} | body)
    _tell(desk, number, f"{words} (entry {recorded.entry.index}).", {"recorded": recorded.entry.index})


def _tell(desk: Desk, number: int, words: str, more: dict[str, Any]) -> None:
    proposal = numbered(desk.book, number)
    lines = [
        f"Proposal {number}, {title(desk.book, desk.names, proposal)}: {status_words(desk.book, proposal)}.",
        words,
        *consequence(desk.book, desk.names, proposal),
    ]
    data = row(desk.book, desk.names, proposal) | more
    stands = standing_words(desk.book, desk.names, proposal)
    tell(desk, data | {"stands": stands, "life": life_line(desk.book, proposal)}, lines)


def lift(desk: Desk, number: int, entry: int | None) -> None:
    """The member takes an objection back."""
    proposal = numbered(desk.book, number)
    mine = {
        one: held for one, held in standing_in(proposal, desk.book.ledger.disputed).items() if held.by == desk.whoami
    }
    found = _chosen(mine, entry, "of yours")
    recorded = desk.record("governance.lifted", {"objection": found}).entry.index
    _tell(desk, number, f"Your objection stands no more (entry {recorded}).", {"recorded": recorded})


def answer(desk: Desk, number: int, how: str, file: str | None, entry: int | None) -> None:
    """The proposer answers: with a new version, or by withdrawing."""
    if (file is None) != (how == "withdraw"):
        raise Usage("A new version stands in a file; withdrawing has none.", "Say: tally proposal answer N amend FILE")
    proposal = numbered(desk.book, number)
    if proposal.by != desk.whoami:
        raise Refused("The proposer answers objections.")
    found = _chosen(standing_in(proposal, desk.book.ledger.disputed), entry, "here")
    options = [] if file is None else [put_text(desk, text_in(file).strip())]
    body = {"objection": found, "how": how, "options": options}
    recorded = desk.record("governance.answered", body).entry.index
    _tell(desk, number, f"Answered (entry {recorded}).", {"recorded": recorded})


def _chosen(standing: dict[str, Objection], entry: int | None, whose: str) -> str:
    """The objection that is meant: the only one, or the one of this entry."""
    if entry is not None:
        standing = {one: held for one, held in standing.items() if held.index == entry}
    if len(standing) != 1:
        listed = ", ".join(str(held.index) for held in standing.values()) or "none"
        raise Usage(f"Objections that stand {whose}: {listed}.", "Say which with --objection ENTRY.")
    return next(iter(standing))
