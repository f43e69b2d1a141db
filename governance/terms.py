"""What is put before the members, and on which terms: signed by who proposes it, and never edited afterwards."""

from typing import Annotated

import msgspec
from msgspec import Meta

from governance.profile import Positive
from ledger.entry import Hex64, Natural, PersonId
from ledger.fact import Day, Piece
from ledger.facts import Circle, Hex128, Name

Ratio = tuple[Positive, Positive]


class Matter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is decided: "join", "rule", "role" or "text". What has no meaning for the sort is null, "" and true."""

    sort: Name
    person: PersonId | None
    role: Name | None
    circle: Circle
    give: bool


class Sealing(Piece, frozen=True):
    """The lock of a sealed vote: a key that the log can open, and the log's signature that it can."""

    nonce: Hex64
    public: Hex64
    log: Hex64  # the log's key that signed
    sig: Hex128


class Terms(Piece, frozen=True, omit_defaults=True):
    """On which terms a matter is put: what is left out has no meaning for it, or is the usual."""

    draft: bool = False  # it waits until its author announces it
    topic: Name | None = None  # what it is about, for those who vote for others; its sort unless said
    recused: Annotated[tuple[PersonId, ...], Meta(max_length=200)] = ()  # whom it concerns: they are not asked
    ratios: Annotated[tuple[Ratio, ...], Meta(max_length=20)] = ()  # per option: so many for each one against
    candidates: Annotated[tuple[PersonId, ...], Meta(max_length=50)] = ()  # of an election
    seats: Annotated[int, Meta(ge=1, le=49)] = 1
    names: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...], Meta(max_length=20)] = ()
    account: Annotated[str, Meta(max_length=60)] = ""  # money is spent from this one
    amount: Natural = 0
    party: PersonId | None = None
    period: Annotated[str, Meta(pattern=r"^[0-9A-Z-]*\Z", max_length=12)] = ""  # the payout that the members approve
    digest: Hex64 | None = None
    review: Day | None = None  # when it is looked at again
    sunset: Day | None = None  # when it ends, unless the members renew it
    fallback: Hex64 | None = None  # the text that holds then; else what held before
    sealing: Sealing | None = None
