"""Why somebody has no part in a pot, in words: they were not let in, or nothing they did weighs there.

And, beside any share, the work that weighs nothing because it was done too early.
"""

from fractions import Fraction
from typing import Any

from contributions import state as contributions
from governance.run import LOSS
from governance.run_facts import Person, Step
from ledger.book import Book
from ledger.names import Look
from payouts.amounts import Amounts, number
from payouts.reasons.why_work import Weighing, pieces_data


def why_nothing(at: Weighing, step: Step) -> str:
    """The first reason that holds."""
    facts, person = at.computed.facts, at.person
    if step.amount <= 0 and not (step.amount and facts.start == LOSS):
        return "the pot held nothing to share"
    if person not in facts.everyone():
        known = at.book.ledger.persons.get(person)
        joined = known is not None and known.standings[0][0] < at.period.cut
        of = "last period of the year" if at.runs else "period"
        return f"not {'admitted by the members' if joined else 'known to the ledger'} when the {of} was cut off"
    return (
        _not_let_in(at, facts.person(person))
        or _no_work(at)
        or _no_weight(at, step)
        or "nothing that this pot shares by falls to them"
    )


def early_data(book: Book, say: Amounts, words: Look, person: str, period: str) -> dict[str, Any] | None:
    """The person's work in a period's sheet that is dated too early to weigh, and from when on work does; else None."""
    if period not in contributions.of(book).sheets:
        return None
    found = {
        key: work
        for key, work in contributions.pieces(book, period).items()
        if work.who == person and not work.gift and contributions.is_early(book, work)
    }
    if not found:
        return None
    weighs_from = contributions.first_day(book, person)
    began = "the first period" if weighs_from == book.ledger.calendar[0].first else "their standing"
    return {"weighs_from": weighs_from, "began": began, "pieces": pieces_data(say, words, found)}


def _not_let_in(at: Weighing, person: Person) -> str:
    who = at.among.who
    if person.left and not who.leavers:
        return "had left the cooperative, and the rule shares with those who stay"
    if who.standing and person.standing not in who.standing:
        return f"was {person.standing or 'a stranger'}; the rule shares with {' or '.join(who.standing)}"
    if who.tenure and not who.tenure.allows(person.tenure):
        return f"had a tenure of {person.tenure} periods; the rule wants {who.tenure.text}"
    own = at.own()
    hours = Fraction(own.hours if own else 0)
    if who.hours and not who.hours.allows(hours):
        return f"had {number(hours)} hours that count here; the rule wants {who.hours.text}"
    return ""


def _no_work(at: Weighing) -> str:
    """No chosen work, where work is what counts; with a word about work that was there and does not count."""
    named = at.among.roles is not None or at.among.circle is not None
    if not (at.among.by_items or named) or at.own():
        return ""
    roles = f" as {', '.join(at.among.roles)}" if at.among.roles else ""
    circle = f" in the circle {at.among.circle}" if at.among.circle else ""
    return f"no work{roles}{circle} that counts{_other_work(at)}"


def _disputed(at: Weighing) -> int:
    """How many pieces of the person's work were left out since nobody stood by them then, and still wait."""
    waiting = contributions.of(at.book).work.items()
    mine = (key for key, work in waiting if work.who == at.person and work.date <= at.period.last)
    return sum(contributions.is_disputed(at.book, key) for key in mine)


def _other_work(at: Weighing) -> str:
    if at.computed.period not in contributions.of(at.book).sheets:
        return ""
    sheet = contributions.sheet(at.book, at.computed.period)
    mine = [one for one in sheet.quantities if one.who == at.person]
    said = []
    if disputed := _disputed(at):
        said.append(f"{disputed} disputed, until they are reaffirmed: tally key reaffirm")
    if gifts := sum(one.items for one in mine if one.gift):
        said.append(f"{gifts} given as a gift")
    if early := sum(one.items for one in mine if one.early):
        said.append(f"{early} dated before the first period or before joining")
    if others := sorted({f"{one.role}/{one.kind}" for one in mine if not one.gift and not one.early}):
        said.append(f"what there was: {', '.join(others)}")
    return f" ({'; '.join(said)})" if said else ""


def _no_weight(at: Weighing, step: Step) -> str:
    if at.among.weight == "deals":
        return "no deal that was paid is theirs"
    if at.among.weight == "capital":
        return "no capital on their account"
    if at.among.weight == "pay":
        return "no pay in this book year before"
    if at.among.weight == "thanks":
        return "nobody thanked them in the time that counts"
    if at.among.balanced:
        return f"they had their part of all that {step.pot} ever gave already"
    return f"what they did has no {at.among.weight} in this rule" if at.among.by_items else ""
