"""What a book year's close takes out of member accounts by the terms: for who has left, and what revolves. Pure.

The amounts follow from what the year's own close said. Who has left is paid in equal parts: at each close what lies
there, divided by the parts that are left, rounded down, and the last takes the rest. What revolves is first in, first
out: whatever lies there and is more than the last n years put there. What has been lost or decided since lowers it.
"""

import hashlib
from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import Struct

from contributions.state import utc_day
from governance import state as governance
from governance.rule import BALANCE
from governance.rules import parse
from ledger import canonical, people
from ledger.book import Book
from payouts.approvers import needed_for
from payouts.capital.capital_kept import TermsSet
from payouts.capital.capital_moves import (
    Members,
    Redemption,
    Row,
    account_now,
    by_decision,
    lapsed_by_close,
    name_now,
    redeemed_by_close,
)
from payouts.capital.capital_terms import Terms, parse_terms
from payouts.corrections.amended_years import corrected_of
from payouts.departed.heirs import died_before
from payouts.kept import Run
from payouts.state import DoesNotTie, of, post
from payouts.sums import added, less
from payouts.taken_off import deductions
from payouts.taken_off.taking_off import advance_of, balance_of
from payouts.years.book_years import FOREVER, rules_since, years
from payouts.years.year_inputs import Named, backward, forward
from payouts.years.year_run import YearRun, computed_year

ALWAYS = "9999-99-99"
"""A book year after all."""


class Ruled(Struct, frozen=True, kw_only=True):
    """Terms of one account as they hold for somebody, and the vote they come from; `unvested` is named as today."""

    terms: Terms
    by: TermsSet


def redemption_due(book: Book) -> str | None:
    """The book year whose close takes something out of member accounts that nobody has computed; None for none."""
    own = of(book)
    if not own.capital_terms or not own.years:
        return None
    year = list(own.years)[-1]
    return year if year not in own.redemptions and compute_redemption(book, year).rows else None


def compute_redemption(book: Book, year: str) -> Redemption:
    """What a computed book year takes out, on the book as it stands. Changes nothing."""
    key = f"redeemed {year}"
    if key not in book.memo:
        rows, close = _rows(book, year), of(book).years[year].digest
        book.memo[key] = Redemption(
            year=year, digest=_digest(year, close, rows), runs=len(of(book).runs), rows=tuple(rows)
        )
    found: Redemption = book.memo[key]
    return found


def posted_redemption(book: Book, found: Redemption) -> dict[str, int]:
    """All accounts as they are after it. Changes nothing. Raises DoesNotTie where an account would be overdrawn."""
    accounts = dict(of(book).accounts)
    for row in found.rows:
        own = f"member:{row.account}:{row.person}"
        if row.lapsed:
            post(accounts, own, f"account:{row.into}", row.lapsed)
        take(accounts, own, row.person, row.due, row.advance)
        if accounts.get(own, 0) > 0:
            raise DoesNotTie("more is redeemed than lies on an account")
    if sum(accounts.values()):
        raise DoesNotTie("the accounts do not sum to zero")
    return accounts


def take(accounts: dict[str, int], own: str, person: str, amount: int, advance: int) -> None:
    """Money leaves a member account: what pays back an advance, and the rest for the balance."""
    if advance:
        post(accounts, own, advance_of(person), advance)
    if amount - advance:
        post(accounts, own, balance_of(person), amount - advance)


def note_set_off(book: Book, person: str, amount: int) -> None:
    """So much less of somebody's advances is open."""
    deductions.take(_open_advances(book, person), amount)


def open_advance(book: Book, person: str) -> int:
    """What somebody has still to give back of advances that nobody doubts, in minor units."""
    return sum(one.open for one in _open_advances(book, person))


def _open_advances(book: Book, person: str) -> list[deductions.Advance]:
    known = of(book).advances.get(person, ())
    return [one for one in known if one.open and not people.is_disputed(book.ledger, one.entry)]


def settle_redemption(book: Book, year: str, entry: int) -> None:
    """Post it, and let treasurers approve it: nothing of it is payable before."""
    own, found = of(book), compute_redemption(book, year)
    own.accounts = posted_redemption(book, found)
    for row in found.rows:
        note_set_off(book, row.person, row.advance)
    payees = found.to_balances()
    needed, needed_by = needed_for(book, payees)
    own.redemptions[year] = Run(
        entry=entry,
        rule=own.years[year].rule,
        digest=found.digest,
        document=book.keep(msgspec.msgpack.encode(found), []),
        payees=payees,
        needed=needed,
        needed_by=needed_by,
    )


def _digest(year: str, close: str, rows: list[Row]) -> str:
    """SHA-256 of the canonical document that treasurers sign for, hex; `close` is the digest of the year's own run."""
    document = {"year": year, "close": close, "rows": [msgspec.to_builtins(row) for row in rows]}
    return hashlib.sha256(canonical.encode(document)).hexdigest()


# What the year left on the accounts.


def closing(book: Book, year: str) -> Members:
    """What lay on member accounts when a computed book year ended, its close included, before it took anything out."""
    found, span = computed_year(book, year), years(book)[year]
    lay = added(found.opening, found.shared, found.interest, _shares(found))
    return added(in_todays_names(book, year, lay), less(by_decision(book, span[0].start, span[-1].end)))


def put_there(book: Book, year: str, upto: str = ALWAYS) -> Members:
    """What a computed book year put on member accounts: by its periods, as interest, and as shares of its surplus.

    What amendments of its periods took back is less of this year's money, whenever that was; but those that belong to
    a year after `upto` are left out.
    """
    key = f"put by {year} {upto}"
    if key not in book.memo:
        periods = in_todays_names(book, year, computed_year(book, year).by_periods)
        book.memo[key] = added(periods, put_by_close(book, year), corrected_of(book, year, upto))
    put: Members = book.memo[key]
    return put


def put_by_close(book: Book, year: str) -> Members:
    """What the close of a computed book year alone put on member accounts: interest, and shares of its surplus."""
    found = computed_year(book, year)
    shares = {name: {one: paid for one, paid in each.items() if paid > 0} for name, each in _shares(found).items()}
    return in_todays_names(book, year, added(found.interest, shares))


def taken_out(book: Book, found: YearRun) -> tuple[Members, Members]:
    """What left member accounts in a book year and at its close: redeemed, and lapsed; in the names of its own rule."""
    span = years(book)[found.year]
    redeemed = added(by_decision(book, span[0].start, span[-1].end), redeemed_by_close(book, found.year))
    rule = parse(governance.of(book).rules[found.pin.rule].text)
    then = backward(rule, rules_since(book, found.year))
    return renamed(redeemed, then), renamed(lapsed_by_close(book, found.year), then)


def renamed(members: Members, named: Named) -> Members:
    """The same under other names of accounts."""
    return added(*({named(f"member:{name}:").removeprefix("member:")[:-1]: each} for name, each in members.items()))


def _shares(found: YearRun) -> Members:
    return {name: each for name, each in found.shares().items() if name != BALANCE}


def in_todays_names(book: Book, year: str, members: Members) -> Members:
    """Member accounts of a computed book year: from the names of a year's rule to those of today."""
    return renamed(members, forward(rules_since(book, year)))


# Who has left, since when, and by which terms.


def left_at(book: Book, person: str, until: int) -> int | None:
    """Since when somebody has left or died, in ms, as it was at an instant; None for whoever has not."""
    standings = [one for one in book.ledger.persons[person].standings if one[0] < until]
    if standings and standings[-1][1] == people.FORMER:
        return standings[-1][0]
    return died_before(book, person, until)


def whole_years(book: Book, person: str, until: int) -> int:
    """How many whole years somebody was a member up to an instant, each membership by itself, by dates in UTC."""
    standings = [one for one in book.ledger.persons[person].standings if one[0] < until]
    ends = [since for since, _ in standings[1:]] + [until]
    return sum(
        _years_between(since, end)
        for (since, standing), end in zip(standings, ends, strict=True)
        if standing == people.MEMBER
    )


def _years_between(since: int, end: int) -> int:
    first, last = date.fromisoformat(utc_day(since)), date.fromisoformat(utc_day(end))
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))


def ruled(book: Book, account: str, at: int, before: int) -> Ruled | None:
    """The terms of an account at an instant (ms), or the first ones after; only of votes before an entry."""
    found = None
    for number, one in enumerate(of(book).capital_terms):
        if one.entry > before:
            break
        terms = _named_now(book, number).get(account)
        if one.since <= at:
            found = Ruled(terms=terms, by=one) if terms else None
        elif found is None and terms:
            return Ruled(terms=terms, by=one)
    return found


def _named_now(book: Book, number: int) -> dict[str, Terms]:
    """The terms of a vote, the first of them 0, by the names that accounts have today."""
    key = f"terms {number}"
    if key not in book.memo:
        one, found = of(book).capital_terms[number], {}
        for account, terms in parse_terms(one.text).items():
            into = name_now(book, f"account:{terms.unvested}", one.runs).removeprefix("account:")
            found[account_now(book, account, one.runs)] = msgspec.structs.replace(terms, unvested=into)
        book.memo[key] = found
    named: dict[str, Terms] = book.memo[key]
    return named


# The rows.


def _rows(book: Book, year: str) -> list[Row]:
    own, pinned = of(book), _pinned(book, year)
    if not any(one.entry <= pinned for one in own.capital_terms):
        return []
    end, rows = years(book)[year][-1].end, list[Row]()
    advances = {person: open_advance(book, person) for person in own.advances}
    for account, held in sorted(closing(book, year).items()):
        for person, amount in sorted(held.items()):
            left = left_at(book, person, end) if person in book.ledger.persons else None
            by = ruled(book, account, end - 1 if left is None else left, pinned)
            row = _row(book, year, by, account, person, amount, left) if by and amount > 0 else None
            if row is not None:
                row = _as_it_lies(own.accounts, row, by.terms, advances) if by else row
                rows.append(row)
    return rows


def _row(book: Book, year: str, by: Ruled, account: str, person: str, held: int, left: int | None) -> Row | None:
    """What the terms take out of one account; None where they take nothing."""
    terms, part, parts, lapsed = by.terms, 0, 0, 0
    if left is not None:
        closes = closes_since(book, year, by, left)
        if closes == 0 and by.by.since <= left:
            taken = by_decision(book, 0, FOREVER).get(account, {}).get(person, 0)
            lapsed = held - terms.vested(held, whole_years(book, person, left), taken)
    if left is not None and terms.redeemed is not None:
        parts = max(1, terms.redeemed)
        part = min(closes + 1, parts)
        due = (held - lapsed) // (parts - part + 1)
    else:
        due = max(0, held - lapsed - _lately(book, year, terms, account, person)) if terms.revolve else 0
    if not due and not lapsed:
        return None
    return Row(
        account=account, person=person, held=held, due=due, advance=0, lapsed=lapsed,
        into=terms.unvested if lapsed else "", part=part, parts=parts,
    )  # fmt: skip


def closes_since(book: Book, year: str, by: Ruled, left: int) -> int:
    """How many closes there were since somebody left, or since there were terms, before this one."""
    spans = years(book)
    ended = [one for one in of(book).years if one < year and spans[one][-1].end > left]
    return sum(_pinned(book, one) >= by.by.entry for one in ended)


def _pinned(book: Book, year: str) -> int:
    """The entry that closed a computed book year."""
    key = f"pinned {year}"
    if key not in book.memo:
        book.memo[key] = computed_year(book, year).pin.entry
    entry: int = book.memo[key]
    return entry


def _lately(book: Book, year: str, terms: Terms, account: str, person: str) -> int:
    """What the last years, this one included, put on an account: that stays."""
    assert terms.revolve
    computed = [one for one in of(book).years if one <= year][-terms.revolve :]
    return sum(put_there(book, one, year).get(account, {}).get(person, 0) for one in computed)


def _as_it_lies(accounts: Mapping[str, int], row: Row, terms: Terms, advances: dict[str, int]) -> Row:
    """No more than lies on the account by now; of what is redeemed, an open advance is taken first."""
    lies = max(0, -accounts.get(f"member:{row.account}:{row.person}", 0))
    lapsed = min(row.lapsed, lies)
    due = min(row.due, lies - lapsed)
    advance = min(due, max(0, advances.get(row.person, 0))) if terms.set_off else 0
    advances[row.person] = advances.get(row.person, 0) - advance
    return msgspec.structs.replace(row, due=due, lapsed=lapsed, advance=advance)
