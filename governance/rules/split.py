"""Split: the pot is divided into parts, and every part has its place.

Each line names a part and where it goes: `"10%"`, `"1/3"`, or `"@name"` for a number members set. `">= 30%"` is
rounded up, so that "at least" is kept to the cent; everything else of that kind is rounded down. A part is of this
pot, of what is `left`, of the period's `receipts`, or of the `deals` among them. With `until` a line gives no more than
brings its account to a level. One line takes the rest.

Lines with `>=`, `<=`, another base or `until` are served first, in written order, as far as the money goes. Then the
plain parts and the rest share what is left; odd cents go to whom rounding has shortened most so far.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any

from msgspec import Struct

from governance.rule import CARRY, OWED, REST, RESULT, Account
from governance.rule_names import Known, Level
from governance.rule_values import Amount, Portion, RuleError, one_of, only, percent, rows
from governance.run_facts import Part
from governance.turn import Move, Outcome, Turn

LEFT, ALL = "what is left", "all of it"
"""What the line with the rest takes: beside others, and alone."""

BASES = ("pot", "left", "receipts", "deals")


class Line(Struct, frozen=True, kw_only=True):
    """One line: a part of a base for a place, perhaps up to a level. `part` None takes what is left."""

    part: Portion | None
    bound: str  # ">=", "<=" or ""
    of: str
    to: str
    until: Level | None

    @property
    def plain(self) -> bool:
        """A part of the pot without bound or level: it is rounded together with the rest."""
        return self.part is not None and not self.bound and self.of == "pot" and self.until is None

    def asked(self, turn: Turn, left: int) -> Fraction:
        """What the line asks for, exactly."""
        bases = {"pot": turn.amount, "left": left, "receipts": turn.facts.gross(), "deals": turn.facts.gross_of_deals()}
        return self.part.value * bases[self.of] if self.part else Fraction(left)

    def rounded(self, asked: Fraction) -> int:
        """At least rounds up, everything else down."""
        return ceil(asked) if self.bound == ">=" else floor(asked)

    def words(self) -> str:
        """The line as members say it."""
        until = f", {self.until.words()}" if self.until else ""
        return f"{self._asks()}{until}"

    def sentence(self) -> str:
        """The line with its place: "15% to reserve, until it holds 500.00"."""
        until = f", {self.until.words()}" if self.until else ""
        return f"{self._asks()} {'stays in the pot' if self.to == CARRY else 'to ' + self.to}{until}"

    def _asks(self) -> str:
        """What it asks for, without its place."""
        if self.part is None:
            return LEFT
        least = {">=": "at least ", "<=": "at most ", "": ""}[self.bound]
        base = {"pot": "", "left": " of what is left then", "receipts": " of the receipts", "deals": " of the deals"}
        return f"{least}{self.part.words()}{base[self.of]}"


class Split(Struct, frozen=True):
    """A pot that is divided into parts."""

    lines: tuple[Line, ...]

    @property
    def rest(self) -> Line:
        """The line that takes what is left."""
        return next(line for line in self.lines if line.part is None)

    def targets(self) -> tuple[str, ...]:
        """Every pot and account a line goes to."""
        return tuple(line.to for line in self.lines if line.to != CARRY)

    def amounts(self) -> tuple[Amount, ...]:
        """The levels that are amounts."""
        return tuple(line.until.amount for line in self.lines if line.until and line.until.amount)

    def sharing(self) -> None:
        """It names no people."""

    def run(self, turn: Turn) -> Outcome:
        """First the lines with a bound, a base or a level, in written order; then plain parts and the rest."""
        left, parts = turn.amount, list[Part]()
        for line in self.lines:
            if line.part is not None and not line.plain:
                part = _first(line, turn, left, _sum_to(parts, line.to))
                left -= part.amount
                parts.append(part)
        plain, debts = self._plain(turn, left)
        parts.extend(plain)
        places = {REST: self.rest.to}
        moves = tuple(Move(places.get(part.to, part.to), part.amount) for part in parts)
        return Outcome(moves=moves, parts=tuple(parts), debts=debts)

    def lose(self, turn: Turn) -> Outcome:
        """All lines in written order, the rest last; each takes at most what its account holds."""
        left, parts = turn.amount, list[Part]()
        for line in sorted(self.lines, key=lambda line: line.part is None):
            asked = line.asked(turn, left)
            amount = min(line.rounded(asked), left, turn.holds(line.to, _sum_to(parts, line.to)))
            left -= amount
            parts.append(Part(to=line.to, words=line.words(), exact=asked, amount=amount))
        if left:
            parts.append(Part(to=RESULT, words="what no account covers", exact=Fraction(left), amount=left))
        moves = tuple(Move(RESULT if part.to == CARRY else part.to, part.amount) for part in parts)
        return Outcome(moves=moves, parts=tuple(parts))

    def cannot_lose(self, accounts: Mapping[str, Account]) -> str:
        """A loss knows no levels, and takes nothing from what is owed."""
        if any(line.until for line in self.lines):
            return "A loss reaches this pot, and a loss has no `until`."
        owed = [to for to in self.targets() if to in accounts and accounts[to].kind == OWED]
        return f'A loss reaches this pot and would be taken from "{owed[0]}", which is owed.' if owed else ""

    def payable_from(self) -> None:
        """It gives nothing to people."""

    def words(self) -> tuple[str, ...]:
        """All lines as members say them, the rest last."""
        if len(self.lines) == 1:
            return ("is passed on", self.rest.sentence().replace(LEFT, ALL))
        lines = sorted(self.lines, key=lambda line: line.part is None)
        return ("is divided", *(line.sentence() for line in lines))

    def part_words(self, line: Line) -> str:
        """What one line takes, in words."""
        return ALL if len(self.lines) == 1 else line.words()

    def lost_words(self) -> tuple[str, ...]:
        """From where each part of a loss is taken, in written order, the rest last."""
        lines = sorted(self.lines, key=lambda line: line.part is None)
        said = (f"{self.part_words(line)} from {RESULT if line.to == CARRY else line.to}" for line in lines)
        return ("is taken from each place as far as it goes", *said)

    def _plain(self, turn: Turn, left: int) -> tuple[list[Part], Mapping[str, int]]:
        """The plain parts by place, scaled where they exceed what is left, and the rest, rounded together."""
        values: dict[str, Fraction] = {}
        said: dict[str, list[str]] = {}
        for line in self.lines:
            if line.plain and line.part:
                values[line.to] = values.get(line.to, Fraction(0)) + line.part.value
                said.setdefault(line.to, []).append(line.words())
        weights: dict[str, int | Fraction] = {to: value * turn.amount for to, value in values.items()}
        weights[REST] = max(Fraction(0), left - Fraction(sum(weights.values())))
        said[REST] = [f"what is left, {'in the pot' if self.rest.to == CARRY else 'to ' + self.rest.to}"]
        whole = sum(weights.values())
        if left == 0 or whole == 0:
            return [], {}
        cents = turn.cents(left, weights)
        return [
            Part(
                to=to,
                words=" and ".join(said[to]),
                exact=Fraction(weight * left) / whole,
                debt_before=turn.debt(to),
                debt_after=cents.debts[to],
                amount=cents.parts[to],
            )
            for to, weight in weights.items()
        ], cents.debts


def read(place: str, table: Mapping[str, Any], known: Known) -> Split:
    """The split a pot's table says. Raises RuleError, naming the pot."""
    only(place, table, ("split",))
    lines = tuple(_line(place, row, known) for row in rows(place, "split", table["split"]))
    if sum(line.part is None for line in lines) != 1:
        raise RuleError(place, "A split has exactly one line with the rest.", 'Give one line part = "rest".')
    whole = sum(line.part.value for line in lines if line.part and line.of == "pot" and not line.until)
    if whole > 1:
        raise RuleError(place, f"The parts add up to {percent(Fraction(whole))}, more than the whole.")
    return Split(lines)


def _line(place: str, row: Mapping[str, Any], known: Known) -> Line:
    to = known.target(place, "to", row.get("to"))
    if row.get("part") == REST:
        only(place, row, ("part", "to"))
        return Line(part=None, bound="", of="left", to=to, until=None)
    only(place, row, ("part", "to", "of", "until"))
    bound, part = _bounded(row.get("part"))
    return Line(
        part=known.portion(place, "part", part),
        bound=bound,
        of=one_of(place, "of", row.get("of", "pot"), BASES),
        to=to,
        until=known.level(place, row["until"], to) if "until" in row else None,
    )


def _bounded(part: Any) -> tuple[str, Any]:
    if isinstance(part, str) and part[:3] in (">= ", "<= "):
        return part[:2], part[3:]
    return "", part


def _first(line: Line, turn: Turn, left: int, given: int) -> Part:
    asked = line.asked(turn, left)
    room = turn.room(line.until, given) if line.until else left
    return Part(to=line.to, words=line.words(), exact=asked, amount=min(line.rounded(asked), left, room))


def _sum_to(parts: list[Part], to: str) -> int:
    return sum(part.amount for part in parts if part.to == to)
