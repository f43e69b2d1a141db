"""Fill: one place after another is filled, in written order; the last takes what is left.

Each line but the last has one limit: `up_to = "500.00"`, so much in every run, or `until`, as much as brings its
account to a level. A line takes what there is, up to its limit; the next begins where it is full. How the money came
in, in one sum or in many, makes no difference to a level.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from msgspec import Struct

from governance.rule import CARRY, Account
from governance.rule_names import Known, Level
from governance.rule_values import Amount, RuleError, amount, only, rows
from governance.run_facts import Part
from governance.turn import Move, Outcome, Turn


class Line(Struct, frozen=True, kw_only=True):
    """One place, with an amount a run or a level; with neither, it takes what is left."""

    to: str
    up_to: Amount | None
    until: Level | None

    def limit(self, turn: Turn, left: int, given: int) -> int:
        """The most this line takes now."""
        if self.until:
            return turn.room(self.until, given)
        return self.up_to.minor(turn.facts.exponent) if self.up_to else left

    def words(self) -> str:
        """The line as members say it."""
        if self.until:
            return self.until.words()
        return f"up to {self.up_to.text}" if self.up_to else "what is left"


class Fill(Struct, frozen=True):
    """A pot that fills one place after another."""

    lines: tuple[Line, ...]

    def targets(self) -> tuple[str, ...]:
        """Every pot and account a line goes to."""
        return tuple(line.to for line in self.lines if line.to != CARRY)

    def amounts(self) -> tuple[Amount, ...]:
        """The limits and levels that are amounts."""
        levels = (line.until.amount if line.until else line.up_to for line in self.lines)
        return tuple(level for level in levels if level)

    def sharing(self) -> None:
        """It names no people."""

    def run(self, turn: Turn) -> Outcome:
        """Each line takes what is left up to its limit."""
        left, parts = turn.amount, list[Part]()
        for line in self.lines:
            given = sum(part.amount for part in parts if part.to == line.to)
            taken = min(line.limit(turn, left, given), left)
            left -= taken
            parts.append(Part(to=line.to, words=line.words(), exact=Fraction(taken), amount=taken))
        return Outcome(moves=tuple(Move(part.to, part.amount) for part in parts), parts=tuple(parts))

    def lose(self, turn: Turn) -> Outcome:
        """Never: a rule whose loss reaches a fill is refused."""
        raise RuleError(turn.pot, self.cannot_lose({}))

    def cannot_lose(self, _accounts: Mapping[str, Account]) -> str:
        """A fill has limits, and a loss has none."""
        return "A loss reaches this pot, and a loss cannot be taken by a fill."

    def payable_from(self) -> None:
        """It gives nothing to people."""

    def words(self) -> tuple[str, ...]:
        """All lines as members say them."""
        first = [f"{'this pot' if line.to == CARRY else line.to} {line.words()}" for line in self.lines[:-1]]
        to = self.lines[-1].to
        last = f"what is left {'stays in the pot' if to == CARRY else 'to ' + to}"
        return ("fills one place after another", *first, last)

    def lost_words(self) -> tuple[str, ...]:
        """None: no loss reaches it."""
        return ()


def read(place: str, table: Mapping[str, Any], known: Known) -> Fill:
    """The fill a pot's table says. Raises RuleError, naming the pot."""
    only(place, table, ("fill",))
    lines = tuple(_line(place, row, known) for row in rows(place, "fill", table["fill"]))
    if not lines or lines[-1].up_to or lines[-1].until:
        raise RuleError(place, "A fill ends with a line without a limit, which takes what is left.")
    if any(not line.up_to and not line.until for line in lines[:-1]):
        raise RuleError(place, "Every line of a fill but the last has a limit: up_to or until.")
    return Fill(lines)


def _line(place: str, row: Mapping[str, Any], known: Known) -> Line:
    only(place, row, ("to", "up_to", "until"))
    to = known.target(place, "to", row.get("to"))
    if "up_to" in row and "until" in row:
        raise RuleError(place, "A line of a fill has one limit, up_to or until, not both.")
    return Line(
        to=to,
        up_to=amount(place, "up_to", row["up_to"]) if "up_to" in row else None,
        until=known.level(place, row["until"], to) if "until" in row else None,
    )
