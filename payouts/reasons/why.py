"""Why somebody got this amount: from what came in, pot by pot, by the clauses of the rule, to the cent.

The answer is data; `why_tree.py` draws it. Its shares add up to what the payout says, and to the balance.
"""

from collections.abc import Callable, Mapping
from typing import Any

from governance import state as governance
from governance.rule import BALANCE, Rule
from governance.rule_words import sentence_in
from governance.rules import parse
from governance.run_facts import Result, Step
from ledger.book import Book
from ledger.names import Look, Names
from ledger.private import show
from payouts.amounts import Amounts, amounts_of
from payouts.approving import run_named
from payouts.bank.payable import least_of, payable
from payouts.compute import Computed, computed_run
from payouts.corrections.amendment_showing import corrected_into, corrections_before, corrections_of
from payouts.corrections.amendment_words import refund_data
from payouts.figures import Figures, figures
from payouts.kept import Money
from payouts.parties.moneys import foreign_said
from payouts.reasons.why_nothing import early_data, why_nothing
from payouts.reasons.why_share import share_data
from payouts.reasons.why_work import Weighing
from payouts.showing import rule_data
from payouts.taken_off.deductions_words import bank_data
from payouts.times import row_named


def why_data(book: Book, names: Names, words: Look, person: str, period: str) -> dict[str, Any]:
    """Everything behind what a person got in a period. Raises Refused where there is no payout yet."""
    run, row = run_named(book, period), row_named(book, period)
    computed, say = computed_run(book, period), amounts_of(book)
    rule = parse(governance.of(book).rules[run.rule].text)

    def weighing(pot: str) -> Weighing:
        among = rule.pots[pot].how.sharing()
        assert among is not None
        return Weighing(
            book=book, period=row, computed=computed, rule=rule, among=among, person=person, say=say, words=words
        )

    shares, nothing = shares_of(computed.result, rule, person, weighing)
    found = figures(computed)
    total, later = found.paid.get(person, 0), corrected_into(book, person, period)
    corrected = found.balances.get(person, 0) + later.get(BALANCE, 0)
    after = {"corrections": say.plain(later.get(BALANCE, 0)), "corrected": say.plain(corrected)}
    assert sum(found.people.get(person, {}).get(share["pot"], 0) for share in shares) == total, "shares are missing"
    return {
        "name": names.of(person),
        "id": person,
        "period": period,
        "currency": say.currency,
        "total": say.plain(total),
        "rule": rule_data(book, period),
        "income": income_data(book, names, computed, say, found),
        "pots": path(rule, computed.result, [share["pot"] for share in shares] or [one["pot"] for one in nothing], say),
        "shares": shares,
        "nothing": nothing,
        "early": early_data(book, say, words, person, period),
        "bank": bank_data(book, names, found, person, say, payable(corrected, least_of(book, period)(person))) | after,
        "lies_on": _lies_on(computed, person, later, say, found),
        "corrections": corrections_of(book, person, period, say),
        "corrections_before": corrections_before(book, person, period, say),
    }


def shares_of(
    result: Result, rule: Rule, person: str, weighing: Callable[[str], Weighing]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The person's shares in the order of the run, and why other pots gave nothing."""
    shares, nothing = [], []
    for step in result.steps:
        if rule.pots[step.pot].how.sharing() is None:
            continue
        part = next((one for one in step.parts if one.to == person and one.weight is not None), None)
        if part is None:
            nothing.append({"pot": step.pot, "why": why_nothing(weighing(step.pot), step)})
        else:
            shares.append(share_data(weighing(step.pot), step, part))
    return shares, nothing


def income_data(book: Book, names: Names, computed: Computed, say: Amounts, found: Figures) -> dict[str, Any]:
    """What came in and was spent, entry by entry."""
    money = computed.pin.money
    return {
        "received": [_money(book, names, one, say) for one in money if one.incoming],
        "went_back": [refund_data(names, one, say) for one in computed.pin.refunds],
        "spent": [_money(book, names, one, say) for one in money if not one.incoming],
        "total_received": say.plain(found.received),
        "total_spent": say.plain(found.spent),
        "income": say.plain(found.income),
    }


def _money(book: Book, names: Names, one: Money, say: Amounts) -> dict[str, Any]:
    return {
        "entry": one.entry,
        "party": names.of(one.party),
        "ref": show(one.ref),
        "booked": one.booked,
        "amount": say.plain(one.amount),
        "foreign": foreign_said(book, one.entry),
    }


def path(rule: Rule, result: Result, ends: list[str], say: Amounts) -> list[dict[str, Any]]:
    """The pots that money passed on its way to these, in the order of the run, each with its clause and its parts."""
    wanted = set(ends)
    for step in reversed(result.steps):
        if step.pot in wanted:
            wanted |= {sender for sender in step.inflows if sender in rule.pots}
    return [_pot(rule, step, say) for step in result.steps if step.pot in wanted]


def _pot(rule: Rule, step: Step, say: Amounts) -> dict[str, Any]:
    return {
        "pot": step.pot,
        "verb": step.verb,
        "clause": sentence_in(rule, step.pot),
        "carried": say.plain(step.carried),
        "inflows": [{"from": sender, "amount": say.plain(amount)} for sender, amount in step.inflows.items()],
        "amount": say.plain(step.amount),
        "parts": [
            {
                "to": part.to,
                "words": part.words,
                "exact": say.exact(part.exact),
                "amount": say.plain(part.amount),
            }
            for part in step.parts
            if part.weight is None
        ],
    }


def _lies_on(
    computed: Computed, person: str, corrections: Mapping[str, int], say: Amounts, found: Figures
) -> list[dict[str, Any]]:
    """The person's accounts: what lay there, what this run put there, what lies there now. The balance always.

    `corrections` is what amendments of this period changed there since, `corrected` what that makes of it.
    """
    facts, result, put = computed.facts, computed.result, found.into.get(person, {})
    rows = []
    for account in sorted(
        {BALANCE, *put, *corrections, *(name for name, held in facts.members.items() if person in held)}
    ):
        before = facts.balances if account == BALANCE else facts.members.get(account, {})
        after = computed.balances if account == BALANCE else result.members.get(account, {})
        opening, shares, closing = before.get(person, 0), put.get(account, 0), after.get(person, 0)
        taken = computed.deducted.of(person) if account == BALANCE else 0
        assert opening + shares - taken == closing, "the account does not roll forward"
        later = corrections.get(account, 0)
        sums = {"opening": opening, "shares": shares, "closing": closing}
        sums |= {"corrections": later, "corrected": closing + later}
        sums |= {"taken": taken} if account == BALANCE else {}
        rows.append({"account": account} | {name: say.plain(amount) for name, amount in sums.items()})
    return rows
