"""How many treasurers must approve a run: one number for all, or more of them from an amount on. Pure.

Members write "2", or "1, 2 from 5000.00, 3 from 20000.00": one below 5,000.00, two from there on, three from 20,000.00.
The amount of a run is what it gives people in all, wherever that comes to lie; of a loss, what it takes from them. How
many are needed is fixed when a run is computed, and no later vote changes it.
"""

import re
from collections.abc import Iterable, Mapping

from ledger import people
from ledger.book import Book
from ledger.errors import Refused, Usage
from ledger.money import format_amount, parse_amount
from ledger.policies import whole
from payouts.state import of

APPROVERS_MAX = 100

Steps = list[tuple[int, int]]
"""(from this amount on, so many), ascending in both."""

_STEP = re.compile(r"\s*(\S+)\s+from\s+(\S+)\s*")


def read(book: Book) -> str:
    """What holds, as members write it."""
    return written(of(book).approvers, of(book).approver_steps, book.ledger.exponent)


def written(base: int, steps: Iterable[tuple[int, int]], exponent: int) -> str:
    """A number of approvers with its steps: "1, 2 from 5000.00"."""
    return ", ".join([str(base), *(f"{count} from {format_amount(amount, exponent)}" for amount, count in steps)])


def spelled(book: Book, text: str) -> str:
    """A value as it will be read back: "1,2 from 5000" is "1, 2 from 5000.00". Raises Refused for what is none."""
    base, steps = parsed(text, book.ledger.exponent)
    return written(base, steps, book.ledger.exponent) if steps else text.strip()


def check(book: Book, text: str) -> None:
    """Refuse what is no such value, and a step that no treasurers could ever reach."""
    _, steps = parsed(text, book.ledger.exponent)
    there = len(people.members(book.ledger))
    if steps and steps[-1][1] > there:
        raise Refused(
            f"{steps[-1][1]} treasurers could never approve a payout: {there} are members.", "Write a smaller number."
        )


def put(book: Book, text: str) -> None:
    """From the next computed run on; those that are computed keep what they were computed under."""
    of(book).approvers, of(book).approver_steps = parsed(text, book.ledger.exponent)


def parsed(text: str, exponent: int) -> tuple[int, Steps]:
    """How many below the first step, and the steps. Raises Refused, naming the step that is not right."""
    # A comma that groups the digits of an amount has no blank after it and a digit on each side: 5,000.00.
    first, *later = re.split(r",(?![0-9]{3}(?![0-9]))", text)
    base, steps = whole(first, 1, APPROVERS_MAX), Steps()
    for part in later:
        amount, count = _step(part, exponent)
        before, least = steps[-1] if steps else (0, base)
        if amount <= before:
            raise Refused(f'"{part.strip()}" does not come after the amount before it.', _HINT)
        if count <= least:
            raise Refused(f'"{part.strip()}" asks for no more treasurers than the amounts below it.', _HINT)
        steps.append((amount, count))
    return base, steps


_HINT = "Write it like this: 1, 2 from 5000.00, 3 from 20000.00."


def _step(part: str, exponent: int) -> tuple[int, int]:
    found = _STEP.fullmatch(part)
    if found is None:
        raise Refused(f'"{part.strip()}" does not say how many treasurers from which amount on.', _HINT)
    try:
        return parse_amount(found[2], exponent), whole(found[1], 1, APPROVERS_MAX)
    except Usage as error:
        raise Refused(error.message, error.hint) from error


def amount_of(payees: Mapping[str, int]) -> int:
    """What a run gives people in all, or takes from them, in minor units."""
    return sum(map(abs, payees.values()))


def needed_for(book: Book, payees: Mapping[str, int]) -> tuple[int, str]:
    """How many treasurers must approve a run that gives people this, and by which steps; "" where one number holds."""
    own, amount = of(book), amount_of(payees)
    reached = [count for least, count in own.approver_steps if least <= amount]
    return (reached[-1] if reached else own.approvers), (read(book) if own.approver_steps else "")
