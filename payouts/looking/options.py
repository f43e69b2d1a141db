"""What every option of a vote would have paid: to me, for every role, to people, accounts and pots; how concentrated.

Every option is its rule, run over the last closed periods by the code that pays. In every period and under every option
people, accounts and pots together get the period's income to the cent (pots less where what they carried is paid), so
the differences to what was paid add up to nothing.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from governance import state as governance
from governance.rule import Rule
from governance.rules import parse
from ledger.book import Book
from ledger.names import Names
from ledger.people import MEMBER
from payouts.amounts import Amounts
from payouts.looking import concentration
from payouts.looking.reruns import Closed, Ran, as_it_was, closed, rerun
from payouts.looking.roles import EARLIER, NOT_BY_WORK, by_role


class Given(Struct, frozen=True, kw_only=True):
    """What one period, or several together, gave under one rule, in minor units."""

    income: int
    people: dict[str, int]  # everybody who got something, and every member
    accounts: int
    pots: int  # by how much they hold more; below 0 where more was paid than came in
    roles: dict[str, int]

    @property
    def to_people(self) -> int:
        """All that people got."""
        return sum(self.people.values())


class Option(Struct, frozen=True, kw_only=True):
    """One option of the vote, with what it would have given: period by period, and together."""

    label: str
    title: str
    periods: list[Given]
    together: Given


class Options(Struct, frozen=True, kw_only=True):
    """All options over the same periods, and what was paid; `viewer` None: nobody these periods know."""

    periods: list[str]
    rules: list[int]  # number of the version that each period was paid by
    viewer: str | None
    paid: list[Given]
    together: Given
    options: list[Option]


def tried(book: Book, options: Sequence[tuple[str, str]], viewer: str | None, periods: int) -> Options:
    """The options (label, text of the rule) over the last `periods` closed periods. Raises RuleError."""
    found = closed(book, periods)
    paid = [given(one, as_it_was(book, one)) for one in found]
    known = any(viewer in one.computed.facts.people for one in found)
    return Options(
        periods=[one.period.id for one in found],
        rules=[governance.of(book).rules[one.computed.rule].number for one in found],
        viewer=viewer if known else None,
        paid=paid,
        together=together(paid),
        options=[_option(book, label, parse(text), found, paid) for label, text in options],
    )


def _option(book: Book, label: str, rule: Rule, found: list[Closed], paid: list[Given]) -> Option:
    periods = [given(one, rerun(book, one, rule)) for one in found]
    for was, one in zip(paid, periods, strict=True):
        assert sum(differences(was, one)) == 0, "the option and the run do not share the same money"
    return Option(label=label, title=rule.title, periods=periods, together=together(periods))


def given(one: Closed, ran: Ran) -> Given:
    """What a run gave; it ties to the period's income to the cent."""
    sums = {"accounts": 0, "pots": 0}
    people = {person: 0 for person, known in ran.facts.people.items() if known.standing == MEMBER}
    for (sort, name), amount in ran.gains().items():
        if sort == "people":
            people[name] = amount
        else:
            sums[sort] += amount
    found = Given(income=one.income, people=people, roles=by_role(ran, one.computed.pin), **sums)
    assert found.to_people + found.accounts + found.pots == found.income, "the run does not tie to its income"
    assert sum(found.roles.values()) == found.to_people, "the roles together are not what people got"
    return found


def differences(was: Given, one: Given) -> list[int]:
    """By how much everybody, the accounts and the pots would have got more; what one gets others do not."""
    people = sorted(was.people.keys() | one.people.keys())
    changes = [one.people.get(person, 0) - was.people.get(person, 0) for person in people]
    return [*changes, one.accounts - was.accounts, one.pots - was.pots]


def together(found: Sequence[Given]) -> Given:
    """All periods as one."""
    return Given(
        income=sum(one.income for one in found),
        people=_added([one.people for one in found]),
        accounts=sum(one.accounts for one in found),
        pots=sum(one.pots for one in found),
        roles=_added([one.roles for one in found]),
    )


def _added(found: Sequence[dict[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in found:
        for name, amount in one.items():
            sums[name] = sums.get(name, 0) + amount
    return sums


def roles_of(found: Options) -> list[str]:
    """Every role that was paid for or would have been, by name; not by work and earlier claims last."""
    named = set(found.together.roles).union(*(option.together.roles for option in found.options))
    return sorted(named, key=lambda role: (role in (NOT_BY_WORK, EARLIER), role))


def words(periods: Sequence[str]) -> str:
    """What is compared, in a sentence."""
    if not periods:
        return "No period is computed yet, so nobody can say what each option would have paid."
    if len(periods) == 1:
        return f"What each option would have given in {periods[0]}, on the work and money of that period:"
    named = ", ".join(periods) if len(periods) <= 4 else f"the {len(periods)} periods {periods[0]} to {periods[-1]}"
    return f"What each option would have given in {named}, each on its own work and money:"


# As data.


def options_data(found: Options, names: Names, say: Amounts) -> dict[str, Any]:
    """The options as data; `payouts.panels.options_impact` says how it reads."""
    roles = roles_of(found)
    paid = zip(found.rules, _periods(found, found.paid, roles, say), strict=True)
    return {
        "words": words(found.periods),
        "currency": say.currency,
        "paid": [row | {"rule": number} for number, row in paid],
        "options": [
            {
                "label": option.label,
                "title": option.title,
                "periods": _periods(found, option.periods, roles, say),
                "together": _compared(found, option.together, roles, names, say),
            }
            for option in found.options
        ],
    }


def mine(found: Options, one: Given) -> int | None:
    """What the viewer got; None where nobody is looking whom these periods know."""
    return None if found.viewer is None else one.people.get(found.viewer, 0)


def _periods(found: Options, given: Sequence[Given], roles: Sequence[str], say: Amounts) -> list[dict[str, Any]]:
    rows = []
    for period, one in zip(found.periods, given, strict=True):
        own = mine(found, one)
        rows.append(
            {
                "period": period,
                "income": say.plain(one.income),
                "people": say.plain(one.to_people),
                "accounts": say.plain(one.accounts),
                "pots": say.plain(one.pots),
                "mine": None if own is None else say.plain(own),
                "roles": {role: say.plain(one.roles.get(role, 0)) for role in roles},
            }
        )
    return rows


def _compared(found: Options, one: Given, roles: Sequence[str], names: Names, say: Amounts) -> dict[str, Any]:
    """An option beside what was paid, all periods together."""

    def beside(paid: int, under: int) -> dict[str, str]:
        return {"paid": say.plain(paid), "under": say.plain(under), "difference": say.plain(under - paid)}

    was = found.together
    before, own = mine(found, was), mine(found, one)
    return {
        "mine": None if before is None or own is None else beside(before, own),
        "roles": [{"role": role} | beside(was.roles.get(role, 0), one.roles.get(role, 0)) for role in roles],
        "people": beside(was.to_people, one.to_people),
        "accounts": beside(was.accounts, one.accounts),
        "pots": beside(was.pots, one.pots),
        "sum": beside(was.income, one.income),
        "concentration": {"before": _concentration(was, names), "after": _concentration(one, names)},
    }


def _concentration(one: Given, names: Names) -> dict[str, Any]:
    part, spread, first = concentration.top(one.people), concentration.gini(one.people), concentration.first(one.people)
    return {
        "people": len(one.people),
        "top": None if part is None else concentration.percent(part),
        "top_name": None if first is None else names.of(first),
        "gini": None if spread is None else concentration.digits(spread, 3),
    }
