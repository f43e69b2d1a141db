"""What the run of a book year is computed from: the work, the money and the people of all its periods. Pure.

The rule is the one of the year's first day. Where a later rule has given pots or accounts other names, their money is
read under the names that the year's rule has for them, and lies under the later names again when the year is computed.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import floor

from contributions import state as contributions
from governance.rule import BALANCE, HELD, Rule
from governance.run_facts import Facts, Item, Person, Thanks
from ledger.book import Book
from ledger.people import FORMER
from payouts.compute import Computed
from payouts.corrections.late_work import rules_then
from payouts.inputs import item_of, listed_for, paid_items, place, receipts_of
from payouts.state import by_person, lying, of, of_kind
from payouts.sums import added, summed
from payouts.years.year_late import work_of_year
from payouts.years.year_run import Members, computed_year

Named = Callable[[str], str]
"""An account of the books under another name."""


def forward(rules: list[Rule]) -> Named:
    """Where money under a name of the first of these rules lies after all the others, one after the other.

    Other names stay: also one that the last rule has for something else, though a rule between had dropped it.
    """

    def later(name: str) -> str:
        if not _knows(rules[0], name) or _knows(rules[-1], name):
            return name
        for rule in rules[1:]:
            name = place(name, rule)
        return name

    return later


def _knows(rule: Rule, name: str) -> bool:
    """Whether a rule has the pot or account that an account of the books is of."""
    kind, _, rest = name.partition(":")
    if kind == "pot":
        return rest in rule.pots
    return (rest if kind == "account" else rest.rpartition(":")[0]) in rule.accounts


def backward(rule: Rule, rules: list[Rule]) -> Named:
    """The name that a rule has for where money lies after the later ones."""
    later = forward(rules)
    heads = [f"pot:{name}" for name in rule.pots]
    heads += [f"member:{name}:" if rule.is_member(name) else f"account:{name}" for name in rule.accounts]
    before: dict[str, str] = {}
    for head in sorted(heads):
        if later(head) != head and later(head) not in heads:
            before.setdefault(later(head), head)

    def then(name: str) -> str:
        head, colon, person = name.rpartition(":")
        if name.startswith("member:"):
            return before.get(head + colon, head + colon) + person
        return before.get(name, name)

    return then


def facts_of_year(
    book: Book, year: str, runs: list[Computed], rule: Rule, then: Named, accounts: Mapping[str, int]
) -> Facts:
    """The facts of a year's run over these accounts of the books, already in the rule's names; all ages are 0."""
    state, sums, known = of(book), dict(accounts), runs[-1].pin.people
    members = by_person(of_kind(sums, "member"))
    return Facts(
        currency=book.ledger.currency,
        exponent=book.ledger.exponent,
        receipts=tuple(receipt for run in runs for receipt in receipts_of(run.pin)),
        carried=of_kind(sums, "pot"),
        accounts=of_kind(sums, "account"),
        # Who came after the year's end has no part in it, whatever lies on their accounts by now.
        members={name: {one: held[one] for one in held if one in known} for name, held in members.items()},
        balances={one: held for one, held in of_kind(sums, "balance").items() if one in known},
        debts=pots_named(state.debts, then),
        seed=year,
        people=_people(book, runs, then),
        items=tuple(item for _, item in keyed_items(book, runs, rule)),
        thanks=tuple(
            Thanks(giver=one.giver, to=one.to)
            for run in runs
            if run.period in contributions.of(book).sheets
            for one in contributions.sheet(book, run.period).thanks
        ),
        open=pots_named(state.open_claims, then),
    )


def pay_of(runs: list[Computed]) -> dict[str, int]:
    """What the runs of a year gave each person, wherever it lies, without what is held."""
    lines = (line for run in runs for line in run.result.lines)
    return summed((line.to, line.amount) for line in lines if line.account not in (None, HELD))


def uncollected_of(book: Book, runs: list[Computed]) -> dict[str, int]:
    """What cannot be collected: balances below zero of people who had left when the year ended and are not back."""
    left = {person for person, seen in runs[-1].pin.people.items() if seen.standing == FORMER}
    left &= {person for person, known in book.ledger.persons.items() if known.standing == FORMER}
    return {person: -held for person, held in sorted(lying(book, "balance").items()) if held < 0 and person in left}


def interest_of(rule: Rule, opening: Members) -> Members:
    """The interest of everybody: the rate of the account x what lay there when the year began, rounded down."""
    found: Members = {}
    for name, account in rule.accounts.items():
        rate = account.interest.value if account.interest is not None else Fraction(0)
        due = {one: floor(rate * held) for one, held in opening.get(name, {}).items() if held > 0}
        found[name] = {one: amount for one, amount in due.items() if amount}
    return added(found)


def shared_of(runs: list[Computed], then: Named) -> Members:
    """What the runs of a year put on member accounts, in the names of the year's rule."""
    put: Members = {}
    for run in runs:
        for line in run.result.lines:
            if line.account not in (None, BALANCE, HELD):
                name = then(f"member:{line.account}:").split(":", 1)[1].rstrip(":")
                into = put.setdefault(name, {})
                into[line.to] = into.get(line.to, 0) + line.amount
    return put


def keyed_items(book: Book, runs: list[Computed], rule: Rule) -> list[tuple[str, Item]]:
    """The work of all sheets of the year, weighed by its rule; late work of an earlier year by the rule of its date.

    With each piece that is disputed, which stands by itself, its key ("412.3").
    """
    periods, then, exponent = {run.period for run in runs}, rules_then(book), book.ledger.exponent
    found: list[tuple[str, Item]] = []
    for run in runs:
        found += [("", item) for item in paid_items(exponent, rule, run.pin)]
        if run.period not in contributions.of(book).sheets:
            continue
        for (quantity, key), _ in work_of_year(book, periods, run.period, then, book.size):
            of_year = quantity.period in periods
            listed = listed_for(rule, then, quantity, quantity.period if of_year else run.period)
            own = rule.listed(quantity.role, quantity.kind)
            if not quantity.early and listed.when != "paid":
                found.append((key, item_of(quantity, 0, exponent, None if listed == own else listed, bool(key))))
    return found


def _people(book: Book, runs: list[Computed], then: Named) -> dict[str, Person]:
    """Everybody as they stood when the last period was cut off, with the pay of the whole year."""
    state, pay = of(book), pay_of(runs)
    earlier = computed_year(book, list(state.years)[-1]).paid() if state.years else {}
    # A run of a period keeps what its own pots gave last; of pots that only a year reaches, the year before tells it.
    last, paid = pots_named(earlier | state.last, then), pots_named(state.paid, then)
    return {
        person: Person(
            standing=seen.standing,
            tenure=seen.tenure,
            left=seen.standing == "former",
            pay=pay.get(person, 0),
            last={pot: amounts[person] for pot, amounts in last.items() if person in amounts},
            paid={pot: amounts[person] for pot, amounts in paid.items() if person in amounts},
        )
        for person, seen in runs[-1].pin.people.items()
    }


def pots_named(nested: Mapping[str, Mapping[str, int]], then: Named) -> dict[str, dict[str, int]]:
    """What is kept per pot, under other names."""
    return added(*({then(f"pot:{pot}").removeprefix("pot:"): amounts} for pot, amounts in nested.items()))
