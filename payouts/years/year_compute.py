"""A book year's close, to the cent: interest and tax go out of the result, and what is left is shared by the rule.

Anybody gets the same figures again. The document that is signed for is canonical {year, rule, pin, tax, authority,
interest, amount, lines, debts}, and where something is taken off a share {withheld, advances}; its SHA-256 is the
digest that treasurers approve. Pure.
"""

import hashlib
from collections.abc import Mapping

from msgspec.structs import replace

from governance import state as governance
from governance.rule import RESULT, Rule
from governance.rules import parse
from governance.run import LOSS, run
from governance.run_facts import Facts, Result
from ledger import canonical
from ledger.book import Book
from payouts.approvers import needed_for
from payouts.compute import Computed, account_of, line_fields, must_tie
from payouts.corrections.amended_years import corrected_in, counted_twice
from payouts.holding import hold
from payouts.kept import Run, YearPin
from payouts.state import AWAITING, OF_RESULT, by_person, of, of_kind, owed_name, post
from payouts.sums import added, less, total
from payouts.taken_off.deductions import Deducted, rows_of
from payouts.taken_off.taking_off import deductions, note_set_off, onto_balance, post_deductions
from payouts.years.book_years import Ended, ended, opening, rule_of, rules_since, runs_of, upheld_of
from payouts.years.year_inputs import (
    Named,
    backward,
    facts_of_year,
    forward,
    interest_of,
    keyed_items,
    pots_named,
    shared_of,
    uncollected_of,
)
from payouts.years.year_run import Members, YearRun, write

SURPLUS = "surplus"


def compute_year(book: Book, year: str) -> YearRun:
    """The run of a closed book year on the book as it stands. Changes nothing."""
    key = f"year {year}"
    if key not in book.memo:
        book.memo[key] = year_run(book, year, of(book).year_pins[year])
    found: YearRun = book.memo[key]
    return found


def pin_year(book: Book, year: str, entry: int, tax: int, authority: str) -> YearPin:
    """What a year that is closed now is pinned to."""
    return YearPin(entry=entry, size=book.size, root=book.root, rule=rule_of(book, year), tax=tax, authority=authority)


def year_run(book: Book, year: str, pin: YearPin) -> YearRun:
    """What a year comes to with this pin. Changes nothing."""
    rule, runs = rule_under(book, pin.rule), runs_of(book, year)
    then = backward(rule, rules_since(book, year))
    accounts = _named(of(book).accounts, then)
    before = of_kind(accounts, "account")
    opened = opening(book, year, rule)
    interest = interest_of(rule, opened)
    found = _ended(book, year, pin, rule, before.get(RESULT, 0))
    uncollected = uncollected_of(book, runs)
    amount = found.result + found.costs - pin.tax - total(interest) - sum(uncollected.values())
    start = _start(rule, amount)
    taken = _taken(_written_off(accounts, uncollected), year, pin, interest, found.costs, amount if start else 0)
    facts = replace(facts_of_year(book, year, runs, rule, then, taken), start=start or "income", amount=abs(amount))
    result = run(rule, facts) if start else _nothing(facts)
    corrected = corrected_in(book, year, then)
    # By the rates of its last period.
    off = deductions(book, runs[-1].period, onto_balance(result))
    return YearRun(
        year=year,
        periods=tuple(one.period for one in runs),
        digest=digest(year, pin, interest, amount, result, off, uncollected),
        pin=pin,
        opening=opened,
        shared=added(_by_runs(book, year, runs, then), corrected),
        corrected=corrected,
        interest=interest,
        left=found.result,
        costs=found.costs,
        amount=amount,
        start=start,
        accounts=before,
        members=by_person(of_kind(accounts, "member")),
        facts=facts,
        result=result,
        withheld=off.withheld,
        set_off=off.set_off,
        uncollected=uncollected,
    )


def _by_runs(book: Book, year: str, runs: list[Computed], then: Named) -> Members:
    """What the runs of a year put on member accounts by themselves, and what was upheld there."""
    again = counted_twice(book, year, then)
    return added(shared_of(runs, then), upheld_of(book, year, then), less(again))


def digest(
    year: str,
    pin: YearPin,
    interest: Members,
    amount: int,
    result: Result,
    taken: Deducted,
    uncollected: Mapping[str, int],
) -> str:
    """SHA-256 of the canonical document of a year, hex; interest is sorted rows [account, person, amount].

    Where balances of people who have left are written off, these are rows [person, amount].
    """
    document = {
        "year": year,
        "rule": pin.rule,
        "pin": {"size": pin.size, "root": pin.root},
        "tax": pin.tax,
        "authority": pin.authority,
        "interest": sorted([name, one, paid] for name, people in interest.items() for one, paid in people.items()),
        "amount": amount,
        "lines": [line_fields(line) for line in result.lines],
        "debts": sorted([pot, who, debt] for pot, debts in result.debts.items() for who, debt in debts.items()),
    } | rows_of(taken)
    if uncollected:
        document["uncollected"] = sorted([person, lacks] for person, lacks in uncollected.items())
    return hashlib.sha256(canonical.encode(document)).hexdigest()


def rule_under(book: Book, digest: str) -> Rule:
    """The rule of this digest."""
    return parse(governance.of(book).rules[digest].text)


def posted_year(book: Book, computed: YearRun) -> dict[str, int]:
    """All accounts as they are after a year's close. Changes nothing.

    Raises DoesNotTie unless the postings come to the state in which the rule's own run ends.
    """
    rule, rules = rule_under(book, computed.pin.rule), rules_since(book, computed.year)
    accounts = _named(of(book).accounts, backward(rule, rules))
    amount = computed.amount if computed.start else 0
    accounts = _written_off(accounts, computed.uncollected)
    accounts = _taken(accounts, computed.year, computed.pin, computed.interest, computed.costs, amount)
    if amount:
        post(accounts, AWAITING, f"pot:{computed.start}", amount)
    for line in computed.result.lines:
        post(accounts, f"pot:{line.pot}", account_of(rule, line), line.amount)
    must_tie(accounts, _with_newcomers(computed, accounts))
    post_deductions(accounts, onto_balance(computed.result), computed.deducted)
    return _named(accounts, forward(rules))


def settle_year(book: Book, year: str, entry: int) -> None:
    """Post a year's close and remember what later runs ask of it. Its pay belongs to no later year."""
    state, computed = of(book), compute_year(book, year)
    later = forward(rules_since(book, year))
    needed, needed_by = needed_for(book, computed.given())
    state.accounts = posted_year(book, computed)
    note_set_off(book, computed.periods[-1], computed.deducted)
    state.debts = pots_named(computed.result.debts, later)
    state.open_claims = pots_named(computed.result.open, later)
    state.paid = added(state.paid, pots_named(computed.paid(), later))
    rule, runs = rule_under(book, computed.pin.rule), runs_of(book, year)
    hold(book, year, rule, computed.facts, computed.result, lambda: keyed_items(book, runs, rule), later)
    del state.year_pins[year]
    state.years[year] = Run(
        entry=entry,
        rule=computed.pin.rule,
        digest=computed.digest,
        document=book.keep(write(computed), []),
        payees=computed.given(),
        needed=needed,
        needed_by=needed_by,
    )


def _ended(book: Book, year: str, pin: YearPin, rule: Rule, lies: int) -> Ended:
    """What a year ended with, as its rule shares it; `lies` is what lies in `result` by now."""
    found = ended(book, year, pin.entry)
    if not rule.pots.keys() & {SURPLUS, LOSS}:
        # Under a rule that shares no years, its periods go on making good what they lacked.
        found = replace(found, costs=0)
    # Of a result that is positive, members may have decided to spend some since: no more is shared than is there.
    return replace(found, result=min(found.result, max(lies, 0))) if found.result > 0 else found


def _start(rule: Rule, amount: int) -> str:
    """The pot in which an amount starts; "" where the rule has none, and it stays in the result."""
    start = SURPLUS if amount > 0 else LOSS
    return start if amount and start in rule.pots else ""


def _written_off(accounts: Mapping[str, int], uncollected: Mapping[str, int]) -> dict[str, int]:
    """The accounts after the result bore what people who have left got too much."""
    after = dict(accounts)
    for person, lacks in uncollected.items():
        post(after, OF_RESULT, f"balance:{person}", lacks)
    return after


def _taken(
    accounts: Mapping[str, int], year: str, pin: YearPin, interest: Members, costs: int, amount: int
) -> dict[str, int]:
    """The accounts after the close took costs, tax, interest and the amount out of the result."""
    after = dict(accounts)
    if costs:
        # The year bears what its income could not; a later run that bore it meanwhile has it back.
        post(after, OF_RESULT, "pot:income", -costs)
    if pin.tax:
        post(after, OF_RESULT, owed_name(year, pin.authority), pin.tax)
    for name, people in interest.items():
        for person, paid in people.items():
            post(after, OF_RESULT, f"member:{name}:{person}", paid)
    if amount:
        post(after, OF_RESULT, AWAITING, amount)
    return after


def _named(accounts: Mapping[str, int], named: Named) -> dict[str, int]:
    """All accounts under other names; of two made one, the sum."""
    sums: dict[str, int] = {}
    for name, amount in accounts.items():
        sums[named(name)] = sums.get(named(name), 0) + amount
    return {name: amount for name, amount in sums.items() if amount}


def _nothing(facts: Facts) -> Result:
    """The state after a close that starts no pot."""
    return Result(
        lines=(),
        carried=_nonzero(facts.carried),
        accounts=_nonzero(facts.accounts),
        members=added(facts.members),
        balances=_nonzero(facts.balances),
        debts=facts.debts,
        open=facts.open,
        steps=(),
    )


def _nonzero(amounts: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in amounts.items() if amount}


def _with_newcomers(computed: YearRun, accounts: dict[str, int]) -> Result:
    """The run's end with the accounts of those who came after the year, of which it knows nothing."""
    known, result = computed.facts.people, computed.result
    balances = {one: held for one, held in of_kind(accounts, "balance").items() if one not in known}
    members = by_person(of_kind(accounts, "member"))
    others = {name: {one: held[one] for one in held if one not in known} for name, held in members.items()}
    return replace(result, balances={**result.balances, **balances}, members=added(result.members, others))
