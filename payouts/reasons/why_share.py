"""One person's part in one pot that is shared: what they weigh, the exact share, its rounding, to the cent.

Everything can be redone by calculator from what is answered here; where it could not, an assertion fails.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from contributions import state as contributions
from governance.rule_values import spelled
from governance.run_facts import Part, Step, bounded
from governance.weights import fade, given, let_in, weights_of
from payouts.amounts import number
from payouts.inputs import parts_of
from payouts.reasons.why_work import Weighing, comes_to, data_of, receipt_data, work_rows

MEASURES = {
    "points": "points",
    "hours": "hours",
    "equal": "heads",
    "pay": "pay in the book year so far",
    "thanks": "thanks from different people",
    "deals": "of the deals that were paid",
    "claims": "of open claims",
    "capital": "of capital",
}
BEHIND = "(money × points that they lie behind)"
ONCE, UNTIL_PAID = "once", "until paid"
IN_MONEY = ("pay", "deals", "claims", "capital")


def share_data(at: Weighing, step: Step, part: Part) -> dict[str, Any]:
    """A person's share of a pot, with everything that leads to it. Amounts are plain decimals."""
    # Towards nothing: of a loss, less is taken.
    weight, down = part.weight or Fraction(0), int(part.exact)
    return {
        "pot": step.pot,
        "measure": BEHIND if at.among.balanced else MEASURES[at.among.weight],
        "weight": weight_words(at, weight),
        "together": weight_words(at, _whole(at, step).together),
        "people": sum(one.weight is not None for one in step.parts),
        "weighing": _weighing(at, step, weight),
        "rate": _rate(at, step, part),
        "held_at": "all that was claimed" if part.words and at.among.weight == "claims" else part.words,
        "exact": at.say.exact(part.exact),
        "exact_fraction": spelled(part.exact / 10**at.say.exponent),
        "rounded_down": at.say.plain(down),
        "cent": at.say.plain(part.amount - down),
        "rounding": at.say.drift(part.debt_after - part.debt_before),
        "drift_before": at.say.drift(part.debt_before),
        "drift_after": at.say.drift(part.debt_after),
        "amount": at.say.plain(part.amount),
        "into": _into(at, step.pot, part),
    }


def weight_words(at: Weighing, weight: Fraction) -> str:
    """A weight as people read it: in money where it is money."""
    if not at.among.balanced and at.among.weight not in IN_MONEY:
        return number(weight)
    exact = at.say.exact(weight)
    return spelled(weight / 10**at.say.exponent) if exact.endswith("…") else exact


def _into(at: Weighing, pot: str, part: Part) -> dict[str, str]:
    """On which of the person's accounts the share came to lie."""
    lines = [line for line in at.computed.result.lines if (line.pot, line.to) == (pot, at.person) and line.account]
    assert sum(line.amount for line in lines) == part.amount, "the lines are not the share"
    return {str(line.account): at.say.plain(line.amount) for line in lines}


def _weighing(at: Weighing, step: Step, weight: Fraction) -> dict[str, Any]:
    """Where the weight comes from: rows of work, receipts, or a figure that needs no more words."""
    if at.among.balanced:
        return _balanced(at, step, weight)
    if at.among.weight == "claims":
        return _claims(at, step, weight)
    if at.among.by_items:
        rows = work_rows(at)
        assert comes_to(rows) == weight, "the work shown is not the work that was weighed"
        return {"work": data_of(rows)}
    if at.among.weight == "thanks":
        return {"thanks": _thanks(at, weight)}
    return {"receipts": _receipts(at)} if at.among.weight == "deals" else {}


def _thanks(at: Weighing, weight: Fraction) -> list[dict[str, Any]]:
    """Each giver's latest thanks to the person, with what it weighs."""
    latest: dict[str, tuple[int, int]] = {}
    for age, sheet in at.sheets():
        for one in reversed(contributions.sheet(at.book, sheet).thanks) if at.among.within(age) else ():
            if one.to == at.person:
                latest.setdefault(one.giver, (age, one.entry))
    half = at.among.half_life
    weighs = {giver: fade(age, half) if half else Fraction(1) for giver, (age, _) in latest.items()}
    assert sum(weighs.values()) == weight, "the thanks shown are not those that were weighed"
    return [
        {"from": giver, "entry": latest[giver][1], "age": latest[giver][0], "weighs": spelled(weighs[giver])}
        for giver in sorted(latest, key=lambda one: latest[one][1])
    ]


def _claims(at: Weighing, step: Step, weight: Fraction) -> dict[str, Any]:
    """What was open from before, what is claimed anew, summed up by life and rounded down, and what lapses of it."""
    opened, rows = at.computed.facts.open.get(step.pot, {}).get(at.person, 0), work_rows(at)
    lives = {row.life: [one for one in rows if one.life == row.life] for row in rows}
    new = {life: floor(comes_to(of) * 10**at.say.exponent) for life, of in lives.items()}
    counted = bounded(new.get(ONCE, 0)) + bounded(opened + new.get(UNTIL_PAID, 0))
    assert counted == weight, "the claims shown are not those that were weighed"
    return {
        "work": data_of(rows),
        "open_before": at.say.plain(opened),
        "claimed": {life: at.say.exact(Fraction(amount)) for life, amount in new.items()},
        "lapsed": at.say.exact(Fraction(opened + sum(new.values()) - counted)),
    }


def _balanced(at: Weighing, step: Step, weight: Fraction) -> dict[str, Any]:
    """How far somebody lies behind: all this pot ever gives × own points − what it gave × all points."""
    facts, found = at.computed.facts, at.tallies()
    people = let_in(at.among, facts, found)
    before = given(facts, step.pot, step.amount, people, weights_of(found, people))
    rows = work_rows(at)
    own = comes_to(rows)
    assert before.behind(at.person, own) == weight, "the weight shown is not the one that was shared by"
    return {
        "work": data_of(rows),
        "balanced": {
            "ever": at.say.plain(before.ever),
            "own": number(own),
            "all": number(before.weight),
            "given_before": at.say.plain(before.to.get(at.person, 0)),
        },
    }


def _receipts(at: Weighing) -> list[dict[str, Any]]:
    """The receipts of deals that the person sold, with the person's part."""
    rows = []
    for pin, money in ((pinned, one) for _, pinned in at.pins() for one in pinned.money if one.incoming):
        parts = parts_of(pin, money)
        part = sum((value for seller, value in parts.items() if seller.person == at.person), Fraction(0))
        if part:
            rows.append(receipt_data(at, money, part))
    return rows


def _rate(at: Weighing, step: Step, part: Part) -> dict[str, Any] | None:
    """How a weight becomes money, for all who are neither held at a cap nor raised to a floor; None for who is.

    `base` × own weight ÷ `free` is the exact share: the whole pot by all weights; or, where others are held at a
    cap or a floor, what is left without them by the weights of the others.
    """
    found = _whole(at, step)
    # Where floors exceed the pot, shares follow the floors and not the weights: there is no one rate.
    if part.words or not part.weight or len(found.rates) != 1:
        return None
    (rate,) = found.rates
    whole = rate * found.together == step.amount
    free = found.together if whole else found.moving
    return {
        "base": at.say.exact(rate * free),
        "base_fraction": spelled(rate * free / 10**at.say.exponent),
        "free": weight_words(at, free),
        "fixed": at.say.exact(step.amount - rate * free),
        "as_if_uncapped": whole and any(one.weight and one.words for one in step.parts),
    }


class Whole(NamedTuple):
    """What all parts of a pot come to: their weights, those that nothing holds, and the rates of these."""

    together: Fraction
    moving: Fraction
    rates: frozenset[Fraction]


def _whole(at: Weighing, step: Step) -> Whole:
    """The same for everybody, so it is worked out once for a book."""
    key = f"whole {at.computed.digest} {step.pot}"
    if key not in at.book.memo:
        moving = [one for one in step.parts if one.weight and not one.words]
        rates = frozenset(one.exact / one.weight for one in moving if one.weight)
        at.book.memo[key] = Whole(_sum(step.parts), _sum(moving), rates)
    found: Whole = at.book.memo[key]
    return found


def _sum(parts: Iterable[Part]) -> Fraction:
    return sum((one.weight for one in parts if one.weight), Fraction(0))
