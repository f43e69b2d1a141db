"""A period's payout, to the cent: the voted rule run over what is pinned. Anybody gets the same figures again.

The document that is signed for is canonical {period, rule, pin, lines, debts}, and {withheld, advances} where something
is taken off a share; its SHA-256 is the digest that treasurers approve. A rule may give pots and accounts names in any
letters, so they stand there as values only. The reasons (what came in, what each pot held, what everybody weighed) lie
beside it on the shelf.
"""

import hashlib
from fractions import Fraction
from typing import Any

import msgspec
from msgspec import Struct, field

from governance import state as governance
from governance.moving import of_pots
from governance.rule import BALANCE, HELD, Rule
from governance.rules import parse
from governance.run import run
from governance.run_facts import Facts, Line, Result
from ledger import canonical
from ledger.book import Book
from ledger.calendar import Period
from payouts.approvers import needed_for
from payouts.corrections.correcting import REFUNDED, refund_paper
from payouts.corrections.late_work import rules_then
from payouts.holding import hold, rename
from payouts.inputs import book_year, done_items, facts_of, place
from payouts.kept import Pin, Run
from payouts.state import AWAITING, DoesNotTie, by_person, of, of_kind, paper_id, post
from payouts.sums import summed
from payouts.taken_off.deductions import Deducted, net_balances, rows_of
from payouts.taken_off.taking_off import deductions, note_set_off, onto_balance, post_deductions

ENGINE = 1

SHORT = 2**1000
"""Numbers below this are written in decimals."""


class Computed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run with all it was worked out from: its pin, the facts the rule read, the lines and the reasons.

    The result is what the rule gives; `withheld` (person, authority) and `set_off` (person) are taken off it.
    """

    period: str
    rule: str
    digest: str
    pin: Pin
    facts: Facts
    result: Result
    withheld: dict[str, dict[str, int]] = field(default_factory=dict)
    set_off: dict[str, int] = field(default_factory=dict)

    @property
    def deducted(self) -> Deducted:
        """What is taken off the shares."""
        return Deducted(withheld=self.withheld, set_off=self.set_off)

    @property
    def balances(self) -> dict[str, int]:
        """Person -> the balance after the run, when all is taken off."""
        return net_balances(self.result.balances, self.deducted)


def compute(book: Book, period: Period) -> Computed:
    """The run of a pinned period on the book as it stands. Changes nothing."""
    if "computed" not in book.memo or book.memo["computed"].period != period.id:
        pin = of(book).pins[period.id]
        rule = parse(governance.of(book).rules[pin.rule].text)
        facts = facts_of(book, period, pin, rule)
        result = run(rule, facts)
        taken = deductions(book, period.id, onto_balance(result))
        book.memo["computed"] = Computed(
            period=period.id,
            rule=pin.rule,
            digest=digest(period.id, pin, result, taken),
            pin=pin,
            facts=facts,
            result=result,
            withheld=taken.withheld,
            set_off=taken.set_off,
        )
    found: Computed = book.memo["computed"]
    return found


def digest(period: str, pin: Pin, result: Result, taken: Deducted) -> str:
    """SHA-256 of canonical {period, rule, pin, lines, debts}, hex; debts are sorted rows [pot, id, debt].

    Where something is taken off, {withheld, advances} too: see `rows_of`.
    """
    document = {
        "period": period,
        "rule": pin.rule,
        "pin": {"size": pin.size, "root": pin.root},
        "lines": [line_fields(line) for line in result.lines],
        "debts": sorted([pot, who, debt] for pot, debts in result.debts.items() for who, debt in debts.items()),
    } | rows_of(taken)
    return hashlib.sha256(canonical.encode(document)).hexdigest()


def line_fields(line: Line) -> dict[str, Any]:
    """A line as it is signed for and shown: account only where money lies on a person's."""
    fields: dict[str, Any] = {"pot": line.pot, "to": line.to, "amount": line.amount}
    return fields if line.account is None else fields | {"account": line.account}


def settle(book: Book, period: Period, entry: int) -> None:
    """Post a run and remember what later runs and statements ask of it."""
    state, computed = of(book), compute(book, period)
    pin, result = state.pins.pop(period.id), computed.result
    rule = parse(governance.of(book).rules[pin.rule].text)
    state.accounts = posted(book, computed)
    note_set_off(book, period.id, computed.deducted)
    _remember(book, period, rule, result)
    rename(book, rule)
    hold(book, period.id, rule, computed.facts, result, lambda: done_items(book, period, rule, rules_then(book)), str)
    payees = given(result)
    needed, needed_by = needed_for(book, payees)
    papers = [paper_id(one.incoming, one.party, one.ref) for one in pin.money if one.ref]
    papers += [refund_paper(one.party, one.ref) for one in pin.refunds if one.ref]
    state.runs[period.id] = Run(
        entry=entry,
        rule=pin.rule,
        digest=computed.digest,
        document=book.keep(write(computed), papers),
        payees=payees,
        needed=needed,
        needed_by=needed_by,
    )


def posted(book: Book, computed: Computed) -> dict[str, int]:
    """All accounts after a run: what a new rule gives another place, the income, every line, what is taken off.

    Changes nothing. Raises DoesNotTie unless the postings come to the state in which the rule's own run ends.
    """
    rule = parse(governance.of(book).rules[computed.rule].text)
    accounts = dict(of(book).accounts)
    for name, amount in of(book).accounts.items() if rule.moved else ():
        if place(name, rule) != name:
            post(accounts, name, place(name, rule), -amount)
    post(accounts, AWAITING, REFUNDED, sum(one.amount for one in computed.pin.refunds))
    post(accounts, AWAITING, "pot:income", inflow(computed.pin))
    for line in computed.result.lines:
        post(accounts, f"pot:{line.pot}", account_of(rule, line), line.amount)
    must_tie(accounts, computed.result)
    post_deductions(accounts, onto_balance(computed.result), computed.deducted)
    return accounts


def must_tie(accounts: dict[str, int], result: Result) -> None:
    """Both ways to the same figures: the postings, and the state the rule's own run ends in."""
    if of_kind(accounts, "pot") != result.carried:
        raise DoesNotTie("the pots do not hold what the run left in them")
    if of_kind(accounts, "account") != result.accounts:
        raise DoesNotTie("the accounts are not those of the run")
    if by_person(of_kind(accounts, "member")) != result.members:
        raise DoesNotTie("the member accounts are not those of the run")
    if of_kind(accounts, "balance") != result.balances:
        raise DoesNotTie("the balances are not those of the run")
    if sum(accounts.values()):
        raise DoesNotTie("the accounts do not sum to zero")


def account_of(rule: Rule, line: Line) -> str:
    """The account that a line's money comes to lie on."""
    if line.account is None:
        return f"pot:{line.to}" if line.to in rule.pots else f"account:{line.to}"
    return f"balance:{line.to}" if line.account == BALANCE else f"member:{line.account}:{line.to}"


def inflow(pin: Pin) -> int:
    """What a period took in, less what went back of it and what it spent."""
    return sum(one.amount if one.incoming else -one.amount for one in pin.money)


def given(result: Result) -> dict[str, int]:
    """What the run gave each person, wherever it came to lie."""
    return summed((line.to, line.amount) for line in result.lines if line.account is not None)


def _remember(book: Book, period: Period, rule: Rule, result: Result) -> None:
    state = of(book)
    state.debts = {pot: dict(debts) for pot, debts in result.debts.items()}
    state.open_claims = {pot: dict(claims) for pot, claims in result.open.items()}
    year = book_year(book, period)
    if year != state.year:
        state.year, state.pay = year, {}
    state.last, state.paid = {}, of_pots(state.paid, rule)
    pay = state.pay
    for line in result.lines:
        if line.account is None or line.account == HELD:
            continue
        to, amount = line.to, line.amount
        last, paid = state.last.setdefault(line.pot, {}), state.paid.setdefault(line.pot, {})
        last[to], paid[to], pay[to] = last.get(to, 0) + amount, paid.get(to, 0) + amount, pay.get(to, 0) + amount


def write(computed: Computed) -> bytes:
    """A run with its reasons, as it lies on the shelf."""
    return msgspec.msgpack.encode(computed, enc_hook=written)


def read(data: bytes) -> Computed:
    """A run with its reasons, from the shelf."""
    return msgspec.msgpack.decode(data, type=Computed, dec_hook=as_written)


def written(number: Fraction) -> str:
    """A fraction as it lies on the shelf: "1/3", or in hex, "0x1f…/0x2b…", where it is long."""
    numerator, denominator = number.as_integer_ratio()
    if -SHORT < numerator < SHORT and denominator < SHORT:
        return str(numerator) if denominator == 1 else f"{numerator}/{denominator}"
    # Sums of many parts of deals pass 4,300 digits, and Python writes no longer numbers but in hex.
    return f"{numerator:#x}/{denominator:#x}"


def as_written(kind: type[Fraction], text: str) -> Fraction:
    numerator, _, denominator = text.partition("/")
    return kind(int(numerator, 0), int(denominator or "1", 0))


def computed_run(book: Book, period: str) -> Computed:
    """The run of a computed period with its reasons; the last one that was asked for is at hand."""
    document = of(book).runs[period].document
    if "run" not in book.memo or book.memo["run"][0] != document:
        book.memo["run"] = (document, read(book.shelf.get(document)))
    found: Computed = book.memo["run"][1]
    return found
