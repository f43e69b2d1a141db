"""What a treasurer should see before approving a payout: whatever is out of the ordinary in it."""

from governance.rule import HELD
from ledger.book import Book
from ledger.names import Names
from payouts import state
from payouts.amounts import Amounts, people_words
from payouts.compute import Computed, computed_run
from payouts.figures import figures
from payouts.looking.anomalies import anomalies, new_accounts
from payouts.sums import summed
from payouts.taken_off.taking_off import onto_balance


def remarks(book: Book, names: Names, computed: Computed, say: Amounts) -> list[str]:
    """What is out of the ordinary in a run: caps and floors, pots that could not be shared, people new or left out.

    And what is unusual: shares, payment details, pairs.
    """
    return [
        *_pots(names, computed, say),
        *_held(names, computed, say),
        *_not_withheld(names, computed),
        *_people(book, names, computed),
        *anomalies(book, names, computed.period, say),
        *new_accounts(book, names, computed.period),
    ]


def _pots(names: Names, computed: Computed, say: Amounts) -> list[str]:
    said = []
    for step in computed.result.steps:
        held: dict[str, list[str]] = {}
        for part in step.parts:
            if part.weight is not None and part.words:
                held.setdefault(part.words, []).append(names.of(part.to))
        said += [f"{step.pot}: {', '.join(sorted(who))} {words}" for words, who in sorted(held.items())]
        if step.verb == "share" and step.amount > 0 and not any(part.weight is not None for part in step.parts):
            said.append(f"{step.pot}: nobody to share {say.full(step.amount)} with; it went to the rest")
        if step.amount < 0:
            said.append(f"{step.pot}: {say.full(step.amount)} is below zero, so nothing flowed from it")
    return said


def _held(names: Names, computed: Computed, say: Amounts) -> list[str]:
    """Whose money is held, and how much."""
    held = summed((line.to, line.amount) for line in computed.result.lines if line.account == HELD)
    said = ", ".join(sorted(f"{say.full(amount)} of {names.of(person)}" for person, amount in held.items()))
    return [f"held, since the work is disputed: {said}; tally work disputes"] if held else []


def _not_withheld(names: Names, computed: Computed) -> list[str]:
    """Of whom nothing is withheld in a run that withholds something of others: a new member, perhaps."""
    without = [one for one in onto_balance(computed.result) if one not in computed.withheld]
    if not computed.withheld or not without:
        return []
    return [f"nothing is withheld of {_named(names, without)}, though it is of others; tally withholding list"]


def _people(book: Book, names: Names, computed: Computed) -> list[str]:
    paid = figures(computed).paid
    runs = state.of(book).runs
    earlier = list(runs)[: list(runs).index(computed.period)]
    known = {person for period in earlier for person in runs[period].payees}
    worked = {item.who for item in computed.facts.items if item.age == 0 and not item.gift}
    said = []
    if new := [person for person in paid if person not in known] if earlier else []:
        said.append(f"first share ever: {_named(names, new)}")
    if left_out := [person for person in worked if person not in paid]:
        said.append(f"worked and got no share: {_named(names, left_out)}; tally why NAME {computed.period}")
    return said


def _named(names: Names, people: list[str]) -> str:
    return ", ".join(sorted((names.of(person) for person in people), key=str.casefold))


def before_words(book: Book, period: str, say: Amounts) -> list[str]:
    """The period before, so that a slip of the finger stands out; nothing for the first."""
    runs = list(state.of(book).runs)
    if runs.index(period) == 0:
        return []
    before = figures(computed_run(book, runs[runs.index(period) - 1]))
    people = f"{say.show(before.to_people)} to {people_words(len(before.people))}"
    return [f"The period before, {before.period}: income {say.full(before.income)}, {people}"]
