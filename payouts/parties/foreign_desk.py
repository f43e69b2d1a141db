"""Money as it is typed in another currency: "100.00 USD", with its rate or with what the bank made of it."""

from typing import Any

from msgspec import Struct, to_builtins

from ledger.canonical import INT_MAX
from ledger.doors import Desk
from ledger.errors import Usage
from ledger.money import parse_amount
from ledger.private import show
from ledger.spans import parse_day
from payouts.bank.iban import looks_like_iban
from payouts.parties.currencies import decimals
from payouts.parties.foreign import Foreign, counted, parse_rate, rate_of

BANK = "bank"
"""The source of a rate that follows from what the bank booked."""
HOW = 'Say --rate 0.9213 --rate-source "ECB", or what the bank made of it: --booked-as AMOUNT.'


class Rated(Struct, frozen=True, kw_only=True):
    """What was typed about a rate."""

    rate: str | None = None
    rate_source: str | None = None
    rate_date: str | None = None
    booked_as: str | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing was."""
        return not (self.rate or self.rate_source or self.rate_date or self.booked_as)


def money_typed(desk: Desk, text: str, rated: Rated, booked: str) -> tuple[int, dict[str, Any] | None]:
    """What was typed, in the ledger's smallest units, and how it is stated where it was in another currency.

    Raises Usage, also for a currency that is not in use, a rate of nothing, and a rate that is missing.
    """
    ledger = desk.book.ledger
    said, _, currency = text.strip().partition(" ")
    currency = currency.strip().upper() or ledger.currency
    if currency == ledger.currency:
        if not rated.is_empty:
            raise Usage(f"{currency} is the ledger's own currency and needs no rate.", "Leave the rate out.")
        return parse_amount(said, ledger.exponent), None
    theirs = decimals(currency)
    amount = parse_amount(said, theirs)
    if amount == 0:
        return 0, None
    if (rated.rate is None) == (rated.booked_as is None):
        raise Usage(f"{show(text)} is not in {ledger.currency}, so one rate is needed.", HOW)
    if rated.booked_as is not None:
        here = parse_amount(rated.booked_as, ledger.exponent)
        rate = rate_of(amount, theirs, here, ledger.exponent)
    else:
        rate = parse_rate(rated.rate or "")
        here = counted(amount, theirs, rate, ledger.exponent)
    if here == 0 or max(here, rate.numerator, rate.denominator) > INT_MAX:
        raise Usage(f"{show(text)} comes to no amount that this ledger can count.", "Compare the rate.")
    foreign = Foreign(
        currency=currency,
        exponent=theirs,
        amount=amount,
        rate=(rate.numerator, rate.denominator),
        source=_source(rated),
        date=_day(desk, rated.rate_date or booked),
    )
    return here, to_builtins(foreign)


def _source(rated: Rated) -> str:
    source = " ".join((rated.rate_source or (BANK if rated.booked_as else "")).split())
    if not source:
        raise Usage("A rate has a source.", 'Say where it stands: --rate-source "ECB".')
    if looks_like_iban(source):
        raise Usage(
            "The source of a rate is not the place for an account number.", "It would stand in the log for ever."
        )
    return source


def _day(desk: Desk, text: str) -> str:
    on = parse_day(text, desk.today)
    if on > desk.today:
        raise Usage(f"{on} lies in the future.", "A rate is of a day that has come.")
    return on.isoformat()
