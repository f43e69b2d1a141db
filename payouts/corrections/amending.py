"""An amendment: a computed period once more with what has changed since, and the differences posted today. Pure.

The period is run again under its own rule, from the facts it had then, with less received (a refund) or more work (late
work under `late = "true_up"`). What came to be otherwise moves today; later periods stay as they are. The document that
is signed for is canonical {amendment, before, rule, refunds, late, lines, debts}; `before` is the digest it follows on.
"""

import hashlib
from collections.abc import Mapping

from msgspec.structs import replace

from governance import state as governance
from governance.rule import HELD, INDIVISIBLE, OWED, RESULT, Rule
from governance.rules import parse
from governance.run import run
from governance.run_facts import Item, Line, Result, bounded
from ledger import canonical, people
from ledger.book import Book
from payouts.approvers import needed_for
from payouts.compute import Computed, account_of, line_fields
from payouts.corrections.amended_held import Keyed, hold_otherwise, settled_moves
from payouts.corrections.correcting import REFUNDED, amendment_name, less_refunds, names_of, refund_paper
from payouts.corrections.late_work import late_of, rules_then
from payouts.corrections.standing import Amended, rules_from, standing, write
from payouts.inputs import book_year, item_of, listed_for, paid_items, receipts_of
from payouts.kept import Pin, Refund, Run
from payouts.state import DoesNotTie, next_run, of, post
from payouts.sums import added, less, summed, summed_by_two
from payouts.taken_off.deductions import Deducted, rows_of, withheld_of
from payouts.taken_off.taking_off import balance_of, onto_balance, owed_withheld, rates_in
from payouts.years.year_inputs import forward, pots_named

OF_RESULT = f"account:{RESULT}"


def due_refunds(book: Book, period: str) -> list[Refund]:
    """The refunds of receipts that a period has taken in and that are to be amended now; none that is disputed.

    What was said after a period was pinned waits for the run of that period, however late that is computed.
    """
    own, ahead = of(book), next_run(book)
    before = own.pins[ahead.id].size if ahead is not None else book.size
    mine = (one for one in own.refunds if one.period == period and one.entry < before)
    return [one for one in mine if not people.is_disputed(book.ledger, one.entry)]


def due_late(book: Book, period: str) -> list[str]:
    """The later sheets whose work trues a period up now: up to that of the next run, which comes after it."""
    reached = {row.id for row in book.ledger.calendar[: len(of(book).runs) + 1]}
    return [sheet for sheet in of(book).late_due.get(period, ()) if sheet in reached]


def next_amendment(book: Book) -> str | None:
    """The oldest computed period that has something to amend; none while a book year waits to be computed."""
    own = of(book)
    if own.year_pins:
        return None
    waiting = {one.period for one in own.refunds} | own.late_due.keys()
    due = (period for period in own.runs if period in waiting)
    return next((period for period in due if due_late(book, period) or due_refunds(book, period)), None)


def amend(book: Book, period: str) -> Amended:
    """The next amendment of a period on the book as it stands. Changes nothing."""
    if "amended" not in book.memo or book.memo["amended"].period != period:
        book.memo["amended"] = _amend(book, period)
    found: Amended = book.memo["amended"]
    return found


def _amend(book: Book, period: str) -> Amended:
    names, before = names_of(of(book), period), standing(book, period)
    rule, late = rule_of(book, before), tuple(due_late(book, period))
    keyed = late_items(book, period, late)
    refunds = due_refunds(book, period)
    pin = replace(before.pin, money=less_refunds(before.pin.money, refunds), refunds=[*before.pin.refunds, *refunds])
    facts = replace(
        before.facts, receipts=receipts_of(pin), items=_items(book, before, rule, pin, [item for _, item in keyed])
    )
    after = run(rule, facts)
    name, withheld = amendment_name(period, len(names) + 1), _withheld(book, before, after)
    found = Amended(
        period=period,
        number=len(names) + 1,
        digest="",
        refunds=tuple(refunds),
        late=late,
        before=of(book).amendments[names[-1]].digest if names else of(book).runs[period].digest,
        computed=Computed(
            period=period,
            rule=before.rule,
            digest="",
            pin=pin,
            facts=facts,
            result=after,
            withheld=withheld,
            set_off=before.set_off,
        ),
        lines=_differences(before.result, after),
        debts=added(after.debts, less(before.result.debts)),
        open=added(after.open, less(before.result.open)),
        withheld=added(withheld, less(before.withheld)),
        moved={},
        short={},
    )
    signed = digest(name, found)
    found = replace(found, digest=signed, computed=replace(found.computed, digest=signed))
    accounts, short = _posted(book, found, _changes(before.result, after), keyed)
    return replace(found, moved=_moved(of(book).accounts, accounts), short=short)


def _withheld(book: Book, before: Computed, after: Result) -> dict[str, dict[str, int]]:
    """Person -> authority -> what is withheld now: by the rates of the period, where the share on a balance changed.

    Advances that were set off stay so.
    """
    rates, then, now = rates_in(book, before.period), onto_balance(before.result), onto_balance(after)
    changed = {one for one in then.keys() | now.keys() if then.get(one, 0) != now.get(one, 0)}
    kept = {one: parts for one, parts in before.withheld.items() if one not in changed}
    return added(kept, {one: withheld_of(now.get(one, 0), rates.get(one, {})) for one in changed})


def late_items(book: Book, period: str, sheets: tuple[str, ...]) -> list[tuple[str, Item]]:
    """The late work of these sheets as the run of its own period would have read it; of what is disputed, the key."""
    then = rules_then(book)
    found = []
    for sheet in sheets:
        for quantity, key in late_of(book, period, sheet, then, book.size):
            rule = then(period)
            listed = listed_for(rule, then, quantity, period)
            own = rule.listed(quantity.role, quantity.kind)
            # What is weighed by the money that came in was divided when its period was pinned.
            if listed.when != "paid":
                other = None if listed == own else listed
                found.append((key, item_of(quantity, 0, book.ledger.exponent, other, bool(key))))
    return found


def _items(book: Book, before: Computed, rule: Rule, pin: Pin, late: list[Item]) -> tuple[Item, ...]:
    """The work of a run, with more of it, and with its deals paid by what stayed of their receipts."""
    exponent = book.ledger.exponent
    done = before.facts.items[: len(before.facts.items) - len(paid_items(exponent, rule, before.pin))]
    return (*done, *late, *paid_items(exponent, rule, pin))


def digest(name: str, found: Amended) -> str:
    """SHA-256 of the canonical document of an amendment, hex; debts are sorted rows [pot, id, difference]."""
    document = {
        "amendment": name,
        "before": found.before,
        "rule": found.computed.rule,
        "refunds": [[one.entry, one.amount] for one in found.refunds],
        "late": list(found.late),
        "lines": [line_fields(line) for line in found.lines],
        "debts": sorted([pot, who, debt] for pot, debts in found.debts.items() for who, debt in debts.items()),
    } | rows_of(Deducted(withheld=found.withheld, set_off={}))
    return hashlib.sha256(canonical.encode(document)).hexdigest()


def _differences(before: Result, after: Result) -> tuple[Line, ...]:
    """By how much each line changed."""
    signed = ((line, sign) for result, sign in ((after, 1), (before, -1)) for line in result.lines)
    sums = summed(((line.pot, line.to, line.account), sign * line.amount) for line, sign in signed)
    lines = [Line(pot=pot, to=to, account=account, amount=much) for (pot, to, account), much in sums.items() if much]
    return tuple(sorted(lines, key=lambda line: (line.pot, line.to, line.account or "")))


def _changes(before: Result, after: Result) -> dict[str, int]:
    """By how much more the period left on each account of the books, in the names of its rule; without zeros."""
    held = []
    for one in (after, before):
        rows = {f"pot:{name}": amount for name, amount in one.carried.items()}
        rows |= {f"account:{name}": amount for name, amount in one.accounts.items()}
        rows |= {f"balance:{name}": amount for name, amount in one.balances.items()}
        rows |= {f"member:{name}:{who}": much for name, each in one.members.items() for who, much in each.items()}
        held.append(rows)
    changes = {name: held[0].get(name, 0) - held[1].get(name, 0) for name in held[0].keys() | held[1].keys()}
    return {name: changes[name] for name in sorted(changes) if changes[name]}


def _posted(
    book: Book, found: Amended, changes: Mapping[str, int], late: Keyed
) -> tuple[dict[str, int], dict[str, int]]:
    """All accounts as they are after an amendment, and what `result` makes good.

    Raises DoesNotTie unless the lines come to the difference of the two runs.
    """
    accounts, rule = dict(of(book).accounts), rule_of(book, found.computed)
    later = forward(rules_from(book, of(book).runs[found.period].entry))
    post(accounts, later("pot:income"), REFUNDED, found.went_back)
    for line in found.lines:
        post(accounts, later(f"pot:{line.pot}"), later(account_of(rule, line)), line.amount)
    wanted: dict[str, int] = {}
    for name, change in changes.items():
        wanted[later(name)] = wanted.get(later(name), 0) + change
    moved = _moved(of(book).accounts, accounts)
    if {name: change for name, change in wanted.items() if change} != {
        name: change for name, change in moved.items() if name != REFUNDED
    }:
        raise DoesNotTie("an amendment does not post the difference of its runs")
    for person, parts in found.withheld.items():
        for authority, more in parts.items():
            post(accounts, balance_of(person), owed_withheld(authority), more)
    for debit, credit, amount, _ in settled_moves(book, found.period, found.lines, late, later):
        post(accounts, debit, credit, amount)
    moved = _moved(of(book).accounts, accounts)
    short = _made_good(book, found, accounts, moved)
    if sum(accounts.values()):
        raise DoesNotTie("the accounts do not sum to zero")
    return accounts, short


def _made_good(book: Book, found: Amended, accounts: dict[str, int], moved: Mapping[str, int]) -> dict[str, int]:
    """Let `result` bear what accounts lack; answers how much for each.

    No account of the cooperative, and none on which a member's capital lies, goes below zero; a balance and what is
    owed to a party may: the next shares fill them up. What is indivisible loses no more than went back.
    """
    kinds = kinds_known(book)
    short: dict[str, int] = {}
    for name, change in sorted(moved.items()):
        bears = name.startswith("member:") or (name.startswith("account:") and name != OF_RESULT)
        bears = bears and _kind(kinds, name) != OWED
        lacks = min(max(accounts.get(name, 0), 0), -change)
        if bears and lacks > 0:
            short[name] = lacks
    for name, lacks in short.items():
        post(accounts, OF_RESULT, name, lacks)
    kept = [name for name in sorted(moved) if _kind(kinds, name) == INDIVISIBLE]
    lost = sum(-moved[name] - short.get(name, 0) for name in kept)
    for name in kept:
        back = min(max(0, -moved[name] - short.get(name, 0)), lost - found.went_back)
        if back > 0:
            post(accounts, OF_RESULT, name, back)
            short[name], lost = short.get(name, 0) + back, lost - back
    assert lost <= found.went_back, "an amendment takes from what is indivisible more than went back"
    return short


def kinds_known(book: Book) -> dict[str, str]:
    """The kind of every account that a rule of a run has declared, the newest last."""
    known: dict[str, str] = {}
    for digest in dict.fromkeys(one.rule for one in of(book).runs.values()):
        accounts = parse(governance.of(book).rules[digest].text).accounts
        known |= {name: account.kind for name, account in accounts.items()}
    return known


def _kind(kinds: Mapping[str, str], name: str) -> str:
    """The kind of an account of the cooperative; "" for all else."""
    head, _, rest = name.partition(":")
    return kinds.get(rest, "") if head == "account" else ""


def rule_of(book: Book, computed: Computed) -> Rule:
    """The rule of a period."""
    return parse(governance.of(book).rules[computed.rule].text)


def _moved(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """By how much more is kept or owed on each account, without zeros."""
    changes = {name: before.get(name, 0) - after.get(name, 0) for name in sorted(before.keys() | after.keys())}
    return {name: change for name, change in changes.items() if change}


# What it changes in the book.


def settle_amendment(book: Book, period: str, entry: int) -> None:
    """Post an amendment and remember what later runs ask of it."""
    state, found = of(book), amend(book, period)
    for name, more in found.moved.items():
        state.accounts[name] = state.accounts.get(name, 0) - more
    state.accounts = {name: amount for name, amount in state.accounts.items() if amount}
    state.refunds = [one for one in state.refunds if one not in found.refunds]
    if left := [sheet for sheet in state.late_due.pop(period, ()) if sheet not in found.late]:
        state.late_due[period] = left
    later = forward(rules_from(book, state.runs[period].entry))
    late = late_items(book, period, found.late)
    _remember(book, found, [*settled_moves(book, period, found.lines, late, later)])
    hold_otherwise(book, found, rule_of(book, found.computed), late, later)
    payees = {person: amount for person, amount in found.people().items() if amount > 0}
    needed, needed_by = needed_for(book, payees)
    papers = [refund_paper(one.party, one.ref) for one in found.refunds if one.ref]
    state.amendments[amendment_name(period, found.number)] = Run(
        entry=entry,
        rule=found.computed.rule,
        digest=found.digest,
        document=book.keep(write(found), papers),
        payees=payees,
        needed=needed,
        needed_by=needed_by,
        approved=None if gains(book, found) else entry,
    )


def gains(book: Book, found: Amended) -> bool:
    """Whether anybody's account, or what is owed to a party, rises by it: then treasurers approve it."""
    kinds = kinds_known(book)
    return any(
        more > 0 and (name.startswith(("balance:", "member:")) or _kind(kinds, name) == OWED)
        for name, more in found.moved.items()
    )


def _remember(book: Book, found: Amended, settled: list[tuple[str, str, int, Line]]) -> None:
    state = of(book)
    later = forward(rules_from(book, state.runs[found.period].entry))
    state.debts = _bounded(added(state.debts, pots_named(found.debts, later)))
    # A claim that was paid meanwhile is not open once more below nothing.
    claims = _bounded(added(state.open_claims, pots_named(found.open, later)))
    state.open_claims = added({pot: {who: max(0, much) for who, much in each.items()} for pot, each in claims.items()})
    given = _given(found, settled)
    state.paid = added(state.paid, pots_named(given, later))
    if found.period == list(state.runs)[-1]:
        state.last = added(state.last, given)
    rows = {row.id: row for row in book.ledger.calendar}
    if book_year(book, rows[found.period]) == state.year:
        state.pay = added({"": state.pay}, *({"": each} for each in given.values())).get("", {})


def _given(found: Amended, settled: list[tuple[str, str, int, Line]]) -> dict[str, dict[str, int]]:
    """Pot -> person -> how much more or less it gave, nothing held; but of work that stands what was held."""
    rows = [(line.pot, line.to, line.amount) for line in found.lines if line.account not in (None, HELD)]
    for debit, credit, amount, line in settled:
        if balance_of(line.to) in (debit, credit):
            rows.append((line.pot, line.to, amount if credit == balance_of(line.to) else -amount))
    return summed_by_two(rows)


def _bounded(nested: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {pot: {who: bounded(number) for who, number in each.items()} for pot, each in nested.items()}
