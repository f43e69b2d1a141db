"""Recognition that carried no money: thanks, gifts, and hours that no pot of the rule weighs, person by person. Pure.

It is seen and named; nothing is paid for it. Thanks are left out where the rule shares by thanks.
"""

from collections.abc import Sequence

from msgspec import Struct, field

from contributions import state as contributions
from contributions.state import Quantity
from governance.among import Among
from governance.rule import MINUTE, Kind
from governance.weights import worth
from ledger.book import Book
from payouts.corrections.late_work import rules_then
from payouts.inputs import item_of, listed_for
from payouts.looking.reruns import Closed, as_it_was

Alike = tuple[str, str, str, str, str]


class Seen(Struct, kw_only=True):
    """What one person gave or was thanked for, over some periods."""

    thanks: int = 0
    givers: set[str] = field(default_factory=set)  # who thanked
    gift_minutes: int = 0
    gift_pieces: int = 0
    unweighed_minutes: int = 0  # of work that is no gift


def recognised(book: Book, runs: Sequence[Closed]) -> dict[str, Seen]:
    """Person -> what carried no money in these periods; without those of whom there is nothing to say."""
    found: dict[str, Seen] = {}
    then = rules_then(book)
    for one in runs:
        if one.period.id not in contributions.of(book).sheets:
            continue
        rule, sheet = as_it_was(book, one).rule, contributions.sheet(book, one.period.id)
        among = [sharing for pot in rule.pots.values() if (sharing := pot.how.sharing())]
        if all(sharing.weight != "thanks" for sharing in among):
            for thanks in sheet.thanks:
                seen = found.setdefault(thanks.to, Seen())
                seen.thanks += 1
                seen.givers.add(thanks.giver)
        weighed: dict[Alike, bool] = {}
        for quantity in sheet.quantities:
            alike = (quantity.role, quantity.kind, quantity.circle, quantity.unit, quantity.period)
            if alike not in weighed:
                listed = listed_for(rule, then, quantity, one.period.id)
                weighed[alike] = _weighs(book, among, quantity, listed)
            _add(found, quantity, weighed[alike] and not quantity.early)
    return found


def _weighs(book: Book, among: Sequence[Among], quantity: Quantity, listed: Kind) -> bool:
    """Whether any pot shares by such work."""
    exponent = book.ledger.exponent
    item = item_of(quantity, 0, exponent, listed)
    return listed.when == "paid" or any(
        share.by_items and share.looks_at(item) and bool(worth(share, item, listed, exponent)) for share in among
    )


def _add(found: dict[str, Seen], quantity: Quantity, weighs: bool) -> None:
    timed = quantity.unit == MINUTE
    if quantity.gift:
        seen = found.setdefault(quantity.who, Seen())
        seen.gift_minutes += quantity.qty if timed else 0
        seen.gift_pieces += 0 if timed else quantity.items
    elif timed and not weighs:
        found.setdefault(quantity.who, Seen()).unweighed_minutes += quantity.qty
