"""Work that members object to: what of it a run weighs, what it holds back, and when a dispute is settled. Pure.

The work stands when whoever disputed it takes that back; it is struck when whoever did it agrees. Otherwise two
stewards decide who are neither of the two; where there are not two, more than half of the other members.
"""

from typing import NamedTuple

from msgspec.structs import replace

from contributions import state
from contributions.disputed import Dispute
from contributions.state import Quantity
from ledger import people
from ledger.book import Book

STEWARD = "steward"
STEWARDS = 2


class Part(NamedTuple):
    """A quantity of a sheet as a run takes it: one piece that is disputed (with its key), or all that is not."""

    quantity: Quantity
    key: str = ""

    @property
    def disputed(self) -> bool:
        """Whether its money is held."""
        return bool(self.key)


def parts_of(book: Book, period: str, before: int) -> list[Part]:
    """A sheet's quantities as they were before this entry: disputed pieces by themselves, struck ones left out."""
    if not state.of(book).disputes:
        return [Part(one) for one in state.sheet(book, period).quantities]
    rest = {_group(one): one for one in state.sheet(book, period).quantities}
    found: list[Part] = []
    for key, is_open in apart(book, period, before).items():
        (piece,) = state.summed(book, {key: state.pieces(book, period)[key]})
        whole = rest[_group(piece)]
        rest[_group(piece)] = replace(whole, qty=whole.qty - piece.qty, items=whole.items - 1)
        found += [Part(piece, key)] if is_open else []
    return [Part(one) for one in rest.values() if one.qty] + found


def apart(book: Book, period: str, before: int) -> dict[str, bool]:
    """The pieces of a sheet that are not simply weighed: key -> whether the dispute was open before this entry."""
    known = state.of(book).disputes
    found = {key: one for key, one in sorted(known.items()) if one.sheet == period and one.entry < before}
    return {key: one.was_open(before) for key, one in found.items() if one.was_open(before) or not one.upheld}


def _group(one: Quantity) -> tuple[str, ...]:
    early, gift = str(one.early), str(one.gift)
    return (one.who, one.role, one.kind, one.circle, gift, early, one.period, one.unit)


def verdict(book: Book, one: Dispute) -> bool | None:
    """What becomes of a dispute by what was said so far: True, the work stands; None: it is not settled yet."""
    said = {who: word for who, (word, entry) in one.said.items() if not people.is_disputed(book.ledger, entry)}
    if said.get(one.by) is True:
        return True
    if said.get(one.who) is False:
        return False
    if one.who in said and is_alone(book, one):
        return True
    others = deciding(book, one)
    needed = STEWARDS if _stewards(book, one) else len(others) // 2 + 1
    for upheld in (True, False):
        if sum(said.get(who) is upheld for who in others) >= needed:
            return upheld
    return None


def is_alone(book: Book, one: Dispute) -> bool:
    """Whether whoever did the work is the only member left: nobody else is there to decide."""
    return people.members(book.ledger) == [one.who]


def deciding(book: Book, one: Dispute) -> list[str]:
    """Who decides a dispute where the two do not settle it: stewards, or all other members; sorted."""
    return _stewards(book, one) or [who for who in people.members(book.ledger) if who not in (one.by, one.who)]


def _stewards(book: Book, one: Dispute) -> list[str]:
    """The stewards who are neither of the two; nobody where there are too few of them."""
    found = [
        who
        for who in people.members(book.ledger)
        if who not in (one.by, one.who) and people.holds(book.ledger, who, STEWARD)
    ]
    return found if len(found) >= STEWARDS else []
