"""Why somebody got this of a book year: interest, and the share of each pot down to the work that it weighs.

The same answer as for a period, over all periods of the year; its parts add up to what the close put on each account.
"""

from typing import Any

from governance import state as governance
from governance.looks import version
from governance.rule import BALANCE, Rule
from ledger.book import Book
from ledger.names import Look, Names
from payouts.amounts import Amounts, amounts_of
from payouts.capital.capital_compute import taken_out
from payouts.compute import Computed
from payouts.reasons.why import path, shares_of
from payouts.reasons.why_work import Weighing
from payouts.years.book_years import runs_of, years
from payouts.years.tax_words import tax_data
from payouts.years.year_compute import rule_under
from payouts.years.year_run import YearRun, computed_year
from payouts.years.year_showing import capital_data
from payouts.years.year_words import outcome_words, result_words, run_of_year


def why_year(book: Book, names: Names, words: Look, person: str, year: str) -> dict[str, Any]:
    """Everything behind what a person got of a book year. Raises Refused where it is not computed."""
    run, say = run_of_year(book, year), amounts_of(book)
    found, rule = computed_year(book, year), rule_under(book, run.rule)
    shares, nothing = shares_of(found.result, rule, person, _weighing(book, words, found, rule, person, say))
    given = found.given().get(person, 0)
    interest = {name: each[person] for name, each in found.interest.items() if person in each}
    got = sum(line.amount for line in found.result.lines if line.account is not None and line.to == person)
    assert got + sum(interest.values()) == given, "shares of the year are missing"
    return {
        "name": names.of(person),
        "id": person,
        "year": year,
        "currency": say.currency,
        "rule": {"number": governance.of(book).rules[run.rule].number, "words": version(book, run.rule)},
        "result": result_words(found, say),
        "outcome": outcome_words(found, say),
        **tax_data(book, names, year, say),
        "interest": [_interest(found, rule, person, name, say) for name in sorted(interest)],
        "pots": _path(rule, found, [one["pot"] for one in shares or nothing], say),
        "shares": shares,
        "nothing": nothing,
        "total": say.plain(given),
        "lies_on": _lies_on(found, person, say),
        "capital": [row for row in capital_data(names, found, say, taken_out(book, found)) if row["id"] == person],
    }


def _path(rule: Rule, found: YearRun, ends: list[str], say: Amounts) -> list[dict[str, Any]]:
    """The pots that money passed; the first has it from the year's result."""
    pots = path(rule, found.result, ends, say)
    for inflow in (one for pot in pots if pot["pot"] == found.start for one in pot["inflows"]):
        inflow["from"] = "the year's result"
    return pots


def _weighing(book: Book, words: Look, found: YearRun, rule: Rule, person: str, say: Amounts) -> Any:
    """What weighs a person in a pot: the facts of the year's run, and the sheets and money of all its periods."""
    runs = tuple(runs_of(book, found.year))
    whole = Computed(
        period=found.year,
        rule=found.pin.rule,
        digest=found.digest,
        pin=runs[-1].pin,
        facts=found.facts,
        result=found.result,
    )

    def weighing(pot: str) -> Weighing:
        among = rule.pots[pot].how.sharing()
        assert among is not None
        return Weighing(
            book=book,
            period=years(book)[found.year][-1],
            computed=whole,
            rule=rule,
            among=among,
            person=person,
            say=say,
            words=words,
            runs=runs,
        )

    return weighing


def _interest(found: YearRun, rule: Rule, person: str, account: str, say: Amounts) -> dict[str, str]:
    portion = rule.accounts[account].interest
    return {
        "account": account,
        "rate": portion.words() if portion is not None else "0%",
        "opening": say.plain(found.opening[account][person]),
        "amount": say.plain(found.interest[account][person]),
    }


def _lies_on(found: YearRun, person: str, say: Amounts) -> list[dict[str, Any]]:
    """The person's accounts that the close moved: what lay there, interest, shares, what lay there after it."""
    share, rows = found.shares(), []
    moved = {name for nested in (share, found.interest) for name, each in nested.items() if person in each}
    for account in sorted(moved):
        before = found.facts.balances if account == BALANCE else found.members.get(account, {})
        after = found.result.balances if account == BALANCE else found.result.members.get(account, {})
        sums = {
            "opening": before.get(person, 0),
            "interest": found.interest.get(account, {}).get(person, 0),
            "shares": share.get(account, {}).get(person, 0),
            "taken": found.deducted.of(person) if account == BALANCE else 0,
        }
        closing = sums["opening"] + sums["interest"] + sums["shares"] - sums["taken"]
        assert closing == after.get(person, 0) - sums["taken"], "the account does not roll on"
        sums["closing"] = closing
        rows.append({"account": account} | {name: say.plain(amount) for name, amount in sums.items()})
    return rows
