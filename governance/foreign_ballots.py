"""Ballots in the formats of other programs: those of a vote are written, and those of a file are counted. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from governance.abif import read_abif, write_abif
from governance.ballots import RANKED, grouped
from governance.blt import read_blt, write_blt
from governance.voting import Outcome, count
from ledger.errors import Usage

BLT, ABIF = "blt", "abif"
SCORED = ("score", "star")
METHODS = (*RANKED, "approval", *SCORED)
_BLT_BEGINS = re.compile(r"(?:\s|#[^\n]*\n)*[0-9]+[ \t]+[0-9]+\s")


# Written.


def written(form: str, title: str, method: str, seats: int, names: Mapping[str, str], ballots: Iterable[str]) -> str:
    """The ballots of a vote (as spelled) in BLT or ABIF; `names` are what its options are called, by label.

    Abstentions are left out. Raises Usage where the format cannot say what members of this vote say.
    """
    if method not in METHODS or (form == BLT and method not in RANKED):
        raise Usage(
            f"Ballots of the method {method} cannot be written as {form.upper()}.",
            "BLT holds ranked ballots; ABIF holds ranked ones, approvals and points.",
        )
    called = _sayable(names)
    options = list(called.values())
    said = [[number, _renamed(ballot, called)] for number, ballot in grouped(method, ballots)]
    if form == BLT:
        return write_blt(_plain(title), seats, options, said)
    if method == "approval":
        said = [[number, dict.fromkeys(ballot[0], 1)] for number, ballot in said]
    return write_abif(title, options, said)


def _sayable(names: Mapping[str, str]) -> dict[str, str]:
    """Names that both formats can hold, each another: where two are alike all have their labels before them."""
    plain = {label: _plain(name) for label, name in names.items()}
    if len(set(plain.values())) == len(plain) and all(plain.values()):
        return plain
    return {label: f"{label} {name}".strip() for label, name in plain.items()}


def _plain(name: str) -> str:
    return " ".join(name.replace('"', "'").replace("[", "(").replace("]", ")").split())


def _renamed(ballot: Any, names: Mapping[str, str]) -> Any:
    if isinstance(ballot, dict):
        return {names[option]: score for option, score in ballot.items()}
    return [[names[option] for option in tier] for tier in ballot]


# Read and counted.


class Election(Struct, frozen=True, kw_only=True):
    """What a file holds: ballots as [[how many, ballot], …], by ranks or by points. BLT tells the seats too."""

    form: str
    title: str
    seats: int | None
    options: tuple[str, ...]
    ballots: Sequence[Any]

    @property
    def is_scored(self) -> bool:
        """Whether its ballots give points."""
        return any(isinstance(ballot, dict) for _, ballot in self.ballots)


def read(text: str) -> Election:
    """The election in a BLT or ABIF text, told apart by how it begins. Raises Usage, naming the line."""
    if _BLT_BEGINS.match(text.removeprefix("\ufeff")):
        title, seats, options, ballots = read_blt(text)
        return Election(form=BLT, title=title, seats=seats, options=options, ballots=ballots)
    title, options, ballots = read_abif(text)
    if not ballots:
        raise Usage("This text holds no ballots.", "A BLT text begins with two numbers; ABIF has lines like 3:A>B=C.")
    return Election(form=ABIF, title=title, seats=None, options=options, ballots=ballots)


def counted(election: Election, method: str, seats: int | None) -> tuple[str, Outcome]:
    """(method, outcome). Without a method BLT is counted by stv, ABIF by cssd. Ties stay open: no log draws a lot."""
    chosen = method or ("stv" if election.form == BLT else "cssd")
    if chosen not in METHODS:
        raise Usage(f"Files are not counted by {chosen!r}.", f"There are: {', '.join(METHODS)}.")
    if seats is not None and chosen != "stv":
        raise Usage(f"Only stv fills several seats, and this is counted by {chosen}.", "Leave --seats out.")
    terms: dict[str, Any] = {}
    ballots = election.ballots
    if chosen == "stv":
        terms = {"seats": seats or election.seats or 1}
    elif chosen in SCORED:
        terms = {"top": max([5, *(score for _, ballot in ballots for score in _points(ballot, chosen))])}
    if chosen == "approval" and any(isinstance(ballot, list) and len(ballot) > 1 for _, ballot in ballots):
        raise Usage(
            "Some of these ballots rank options, and approval counts no ranks.", "Approvals are one rank: 3:A=B."
        )
    if election.is_scored and chosen in RANKED:
        ballots = [[number, _ranks(ballot)] for number, ballot in ballots]
    return chosen, count(chosen, ballots, election.options, **terms)


def _points(ballot: Any, method: str) -> Iterable[int]:
    if not isinstance(ballot, dict):
        raise Usage(f"These ballots give no points, and {method} counts points.", "Count them by cssd, irv or stv.")
    return ballot.values()


def _ranks(ballot: Any) -> list[list[str]]:
    """A ballot with points as one by ranks: the most points first, equal points in one rank."""
    if not isinstance(ballot, dict):
        return list(ballot)
    return [[one for one in ballot if ballot[one] == score] for score in sorted(set(ballot.values()), reverse=True)]
