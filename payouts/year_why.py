"""Why somebody got this of a book year: interest, and the share of each pot down to the work that it weighs."""

from fractions import Fraction
from typing import Any

from governance.among import Among
from governance.rule import MINUTE, Rule
from governance.rule_values import spelled
from governance.rule_words import sentence_in
from governance.run_facts import Item, Part, Step
from governance.weights import worth
from ledger.book import Book
from ledger.names import Names
from payouts.amounts import Amounts, amounts_of, number, readable
from payouts.why_share import BEHIND, IN_MONEY, MEASURES
from payouts.year_compute import rule_under
from payouts.year_run import YearRun, computed_year
from payouts.year_showing import capital_data
from payouts.year_words import outcome_words, result_words, run_of_year


def why_year(book: Book, names: Names, person: str, year: str) -> dict[str, Any]:
    """Everything behind what a person got of a book year. Raises Refused where it is not computed."""
    run, say = run_of_year(book, year), amounts_of(book)
    found, rule = computed_year(book, year), rule_under(book, run.rule)
    amounts, reasons = _shares(found, rule, person, say)
    given = found.given().get(person, 0)
    interest = {name: each[person] for name, each in found.interest.items() if person in each}
    assert sum(amounts.values()) + sum(interest.values()) == given, "shares of the year are missing"
    return {
        "name": names.of(person),
        "id": person,
        "year": year,
        "currency": say.currency,
        "result": result_words(found, say),
        "outcome": outcome_words(found, say),
        "interest": [_interest(found, rule, person, name, say) for name in sorted(interest)],
        "shares": reasons["shares"],
        "nothing": reasons["nothing"],
        "total": say.plain(given),
        "capital": [row for row in capital_data(names, found, say) if row["id"] == person],
    }


def _shares(
    found: YearRun, rule: Rule, person: str, say: Amounts
) -> tuple[dict[str, int], dict[str, list[dict[str, Any]]]]:
    """What each pot gave in minor units; and the same with reasons, and the pots that gave nothing."""
    amounts: dict[str, int] = {}
    data: dict[str, list[dict[str, Any]]] = {"shares": [], "nothing": []}
    for step in found.result.steps:
        among = rule.pots[step.pot].how.sharing()
        if among is None:
            continue
        part = next((one for one in step.parts if one.to == person and one.weight is not None), None)
        if part is None:
            data["nothing"].append({"pot": step.pot, "why": _why_nothing(found, step, among, person)})
        else:
            amounts[step.pot] = part.amount
            data["shares"].append(_share(found, rule, step, part, among, say))
    return amounts, data


def _why_nothing(found: YearRun, step: Step, among: Among, person: str) -> str:
    if not step.amount:
        return "the pot held nothing to share"
    if person not in found.facts.everyone():
        return "not known to the ledger when the year ended"
    return f"no {MEASURES[among.weight]} in this year, or the rule does not let them in"


def _share(found: YearRun, rule: Rule, step: Step, part: Part, among: Among, say: Amounts) -> dict[str, Any]:
    """A person's share of a pot: the weight and the work behind it, the exact share, and its rounding."""
    together = sum((one.weight for one in step.parts if one.weight), Fraction(0))
    return {
        "pot": step.pot,
        "clause": sentence_in(rule, step.pot),
        "held": say.plain(step.amount),
        "measure": BEHIND if among.balanced else MEASURES[among.weight],
        "weight": _weight(among, part.weight or Fraction(0), say),
        "together": _weight(among, together, say),
        "held_at": part.words,
        "work": _work(found, rule, part.to, among, say),
        "exact": say.exact(part.exact),
        "rounding": say.drift(part.debt_after - part.debt_before),
        "amount": say.plain(part.amount),
    }


def _weight(among: Among, weight: Fraction, say: Amounts) -> str:
    """A weight as people read it: in money where it is money."""
    return spelled(weight / 10**say.exponent) if among.weight in IN_MONEY and not among.balanced else number(weight)


def _work(found: YearRun, rule: Rule, person: str, among: Among, say: Amounts) -> list[dict[str, str]]:
    """The work of the year that a share by work looks at: quantity, and what it weighs."""
    if not among.by_items:
        return []
    sums: dict[tuple[str, str, str], tuple[Fraction, Fraction]] = {}
    for item in among.chosen(found.facts):
        if item.who == person and not item.gift:
            quantity, weight = sums.get(_sort(rule, item), (Fraction(0), Fraction(0)))
            kind = item.listed or rule.listed(item.role, item.kind)
            weighs = Fraction(worth(among, item, kind, say.exponent))
            sums[_sort(rule, item)] = (quantity + item.qty, weight + weighs)
    return [
        {"role": role, "kind": kind, "unit": unit, "quantity": number(qty), "weighs": _weight(among, weight, say)}
        for (role, kind, unit), (qty, weight) in sorted(sums.items())
    ]


def _sort(rule: Rule, item: Item) -> tuple[str, str, str]:
    kind = item.listed or rule.listed(item.role, item.kind)
    return item.role, item.kind, "h" if kind.per[1] == MINUTE or item.kind == "hour" else ""


def _interest(found: YearRun, rule: Rule, person: str, account: str, say: Amounts) -> dict[str, str]:
    portion = rule.accounts[account].interest
    return {
        "account": account,
        "rate": portion.words() if portion is not None else "0%",
        "opening": say.plain(found.opening[account][person]),
        "amount": say.plain(found.interest[account][person]),
    }


def why_lines(data: dict[str, Any]) -> list[str]:
    """The same in lines, each of which can be redone by calculator from those below it."""
    lines = [f"{data['name']}, book year {data['year']}: {data['total']} {data['currency']}"]
    lines += [f"The year: {data['result']}", f"  {data['outcome']}"]
    for one in data["interest"]:
        lines.append(f"Interest {one['amount']}: {one['rate']} of {one['opening']} on {one['account']}, rounded down")
    for share in data["shares"]:
        lines += _share_lines(share)
    lines += [f"Nothing from {one['pot']}: {one['why']}" for one in data["nothing"]]
    for row in data["capital"]:
        sums = f"{row['opening']} + {row['periods']} of the periods + {row['interest']} interest + {row['share']} share"
        lines.append(f"On {row['account']}: {sums} = {row['closing']}")
    return lines


def _share_lines(share: dict[str, Any]) -> list[str]:
    of = f"{readable(share['weight'])} of {readable(share['together'])} {share['measure']}"
    lines = [f"From {share['pot']} {share['amount']}: {of}, of {share['held']}", f"  {share['clause']}"]
    for row in share["work"]:
        lines.append(f"  {row['quantity']}{row['unit']} {row['role']}/{row['kind']} weigh {readable(row['weighs'])}")
    held = f", {share['held_at']}" if share["held_at"] else ""
    return [*lines, f"  exactly {share['exact']}{held}; rounding {share['rounding']}"]
