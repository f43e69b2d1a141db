"""One run: money flows from where it comes in, pot by pot, until it lies on accounts.

A run takes in the start pot and every pot it can reach, each once, after all that feed it. A pot's amount is what it
carries and what flows in. At or below zero nothing flows from it, and the minus is carried. A loss runs the same way,
but is taken from the accounts: every figure of it is negative, and what the pots carry stays untouched.

No figure of a result is beyond 2^53 - 1: money is never more than what was booked, and open claims and rounding debts
that would be greater stop there.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from governance.rule import BALANCE, CARRY, Rule
from governance.rule_checks import check_decimals
from governance.rule_values import RuleError
from governance.run_facts import Facts, Line, Part, Result, Step, bounded
from governance.turn import Move, Outcome, Turn

LOSS = "loss"


def run(rule: Rule, facts: Facts) -> Result:
    """Compute one run. Raises RuleError for facts the rule cannot start from, or amounts the currency cannot have."""
    check_decimals(rule, facts.exponent)
    _check_start(rule, facts)
    state = _State.before(rule, facts)
    for name in rule.order(facts.start):
        if facts.start == LOSS:
            state.lose(name)
        else:
            state.share(name)
    return state.result()


def _check_start(rule: Rule, facts: Facts) -> None:
    start = facts.start
    if start not in ("income", "surplus", LOSS) or start not in rule.pots:
        raise RuleError("facts", f'The rule has no pot "{start}" to start from.')
    if start != "income" and facts.amount is None:
        raise RuleError("facts", f"A {start} is given as an amount.")
    if start == LOSS and (facts.amount or 0) <= 0:
        raise RuleError("facts", "A loss is a positive amount.")
    if start == "surplus" and (facts.amount or 0) < 0:
        raise RuleError("facts", "A surplus is not negative; what is lost is a loss.")


class _State(Struct, kw_only=True):
    """How everything stands while the run goes on; it alone is changed."""

    rule: Rule
    facts: Facts
    carried: dict[str, int]
    accounts: dict[str, int]
    members: dict[str, dict[str, int]]
    balances: dict[str, int]
    debts: dict[str, dict[str, int]]
    open: dict[str, dict[str, int]]
    inflows: dict[str, dict[str, int]]
    lines: dict[tuple[str, str, str | None], int]
    steps: list[Step]

    @classmethod
    def before(cls, rule: Rule, facts: Facts) -> "_State":
        """Everything as the facts say it stood."""
        return cls(
            rule=rule,
            facts=facts,
            carried=dict(facts.carried),
            accounts=dict(facts.accounts),
            members=_copied(facts.members),
            balances=dict(facts.balances),
            debts=_copied(facts.debts),
            open=_copied(facts.open),
            inflows={facts.start: _comes_in(facts)},
            lines={},
            steps=[],
        )

    def share(self, name: str) -> None:
        """One pot's turn: what it carries and what flowed in goes where its verb says."""
        carried = self.carried.pop(name, 0)
        amount = carried + sum(self._inflows(name).values())
        if amount < 0:
            self.carried[name] = amount
        turn = self._turn(name, max(0, amount))
        outcome = self.rule.pots[name].how.run(turn)
        self._settle(turn, outcome, 1)
        self._note(name, amount, carried, outcome.parts)

    def lose(self, name: str) -> None:
        """One pot's turn in a loss: so much is taken from where its verb says."""
        turn = self._turn(name, sum(self._inflows(name).values()))
        outcome = self.rule.pots[name].how.lose(turn)
        self._settle(turn, outcome, -1)
        self._note(name, -turn.amount, 0, tuple(_negative(part) for part in outcome.parts))

    def result(self) -> Result:
        """The state after the run, without zeros."""
        lines = [
            Line(pot=pot, to=to, account=account, amount=amount) for (pot, to, account), amount in self.lines.items()
        ]
        return Result(
            lines=tuple(sorted(lines, key=lambda line: (line.pot, line.to, line.account or ""))),
            carried=_nonzero(self.carried),
            accounts=_nonzero(self.accounts),
            members=_all_nonzero(self.members),
            balances=_nonzero(self.balances),
            debts=_all_nonzero(_all_bounded(self.debts)),
            open=_all_nonzero(_all_bounded(self.open)),
            steps=tuple(self.steps),
        )

    def _inflows(self, name: str) -> dict[str, int]:
        return self.inflows.get(name, {})

    def _turn(self, name: str, amount: int) -> Turn:
        return Turn(
            rule=self.rule, facts=self.facts, pot=name, amount=amount, accounts=self.accounts, members=self.members
        )

    def _settle(self, turn: Turn, outcome: Outcome, sign: int) -> None:
        """Move the money an outcome says; every unit of the pot goes somewhere, and none comes from nowhere."""
        amounts = [move.amount for move in outcome.moves]
        assert min(amounts, default=0) >= 0
        assert sum(amounts) == turn.amount
        pot, lines, balances = turn.pot, self.lines, self.balances
        for move, amount in zip(outcome.moves, amounts, strict=True):
            if amount and move.account == BALANCE:  # as nearly all are, and there may be a million of them
                place, to = (pot, move.to, BALANCE), move.to
                lines[place] = lines.get(place, 0) + sign * amount
                balances[to] = balances.get(to, 0) + sign * amount
            elif amount:
                self._move(pot, move, sign)
        self.debts.setdefault(turn.pot, {}).update(outcome.debts)
        if outcome.open is not None:
            self.open[turn.pot] = dict(outcome.open)

    def _move(self, pot: str, move: Move, sign: int) -> None:
        if move.to == CARRY and move.account is None:
            _add(self.carried, pot, move.amount)
            return
        amount = sign * move.amount
        _add(self.lines, (pot, move.to, move.account), amount)
        if move.account is not None:
            _add(self.members.setdefault(move.account, {}), move.to, sign * move.amount)
        elif move.to in self.rule.pots:
            # What a pot passes on in a loss is the loss itself, a positive amount still to be taken.
            _add(self.inflows.setdefault(move.to, {}), pot, move.amount)
        else:
            _add(self.accounts, move.to, sign * move.amount)

    def _note(self, name: str, amount: int, carried: int, parts: tuple[Part, ...]) -> None:
        sign = -1 if self.facts.start == LOSS else 1
        inflows = {sender: sign * each for sender, each in self._inflows(name).items()}
        verb = self.rule.pots[name].verb
        self.steps.append(Step(pot=name, verb=verb, amount=amount, carried=carried, inflows=inflows, parts=parts))


def _comes_in(facts: Facts) -> dict[str, int]:
    """What flows into the start pot, by what it is."""
    if facts.amount is not None:
        return {"amount": facts.amount}
    return _nonzero({"receipts": facts.gross(), "refunds": -facts.refunds, "costs": -facts.costs})


def _negative(part: Part) -> Part:
    return replace(part, exact=Fraction(-part.exact), amount=-part.amount)


def _add(amounts: dict[Any, int], key: Any, amount: int) -> None:
    amounts[key] = amounts.get(key, 0) + amount


def _copied(nested: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {name: dict(inner) for name, inner in nested.items()}


def _all_bounded(nested: Mapping[str, Mapping[str, int]]) -> dict[str, Mapping[str, int]]:
    return {name: _bounded(inner) for name, inner in nested.items()}


def _bounded(amounts: Mapping[str, int]) -> Mapping[str, int]:
    greatest, least = max(amounts.values(), default=0), min(amounts.values(), default=0)
    if bounded(greatest) == greatest and bounded(least) == least:
        return amounts
    return {who: bounded(number) for who, number in amounts.items()}


def _nonzero(amounts: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in amounts.items() if amount}


def _all_nonzero(nested: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    kept = {name: _nonzero(inner) for name, inner in nested.items()}
    return {name: inner for name, inner in kept.items() if inner}
