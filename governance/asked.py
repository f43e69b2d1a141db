"""What is put before the members, as one thing: who puts it, the matter, its terms and texts, how it is decided."""

from collections.abc import Sequence

from msgspec import Struct

from governance.profile import Profile
from governance.terms import Matter, Terms
from ledger.errors import Refused


class Asked(Struct, frozen=True, kw_only=True):
    """A proposal before it is one. `texts` are the options, word for word."""

    by: str  # who puts it
    matter: Matter
    terms: Terms
    texts: Sequence[str]
    profile_name: str
    profile: Profile
    replaces: str | None


def only_texts(
    asked: Asked, what: str, *, person: bool = False, names: bool = False, money: bool = False, payout: bool = False
) -> None:
    """Raise Refused where something is said that has no meaning for this matter."""
    matter, terms = asked.matter, asked.terms
    strange = [
        not person and (matter.person, matter.role, matter.circle, matter.give) != (None, None, "", True),
        bool(terms.candidates) or terms.seats != 1,
        not names and bool(terms.names),
        not money and bool(terms.account or terms.amount or terms.party),
        not payout and bool(terms.period or terms.digest),
    ]
    if any(strange):
        raise Refused(f"A vote on a {what} names no person and no role, and nothing that belongs to another matter.")
