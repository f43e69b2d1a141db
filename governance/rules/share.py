"""Share: the pot is shared among people, each by what they weigh; nobody is a cent off over the years.

Weights: `points` of the catalogue, `hours`, `equal`, `pay` received in the year so far, `thanks` from different others,
`deals` (to the sellers of those very deals), `claims` that are still open, or `capital` on member accounts. `roles` and
`circle` say which work is looked at, `who` who takes part; `look_back`, `half_life` or `balanced` how far back.

One rate holds for all: who weighs twice as much gets twice as much, but at least the `floor` and at most the `cap` or
`throttle` (so many times what this pot gave last time). What a cap frees is shared by the others, or goes to the rest
with `over = "rest"`. `rest` says where money goes that nobody may have. `minimum` changes no share: less waits on the
balance. `into` names the account of each person the share lies on. Money for disputed work is set aside as `held`.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import Any

from msgspec import Struct

from governance import among as taking_part
from governance.among import Among
from governance.rates import shares, shares_over, summed
from governance.rule import BALANCE, CARRY, HELD, MEMBER, OWED, REST, RESULT, Account
from governance.rule_names import Known
from governance.rule_values import Amount, Portion, RuleError, amount, factor, is_amount, one_of, only, text
from governance.run_facts import Part
from governance.turn import Cents, Move, Outcome, Turn
from governance.weights import Weighed, weigh, weigh_loss

OF_PAY = " of pay"
KEYS = (*taking_part.KEYS, "floor", "cap", "throttle", "over", "minimum", "into", "rest")


class Cap(Struct, frozen=True, kw_only=True):
    """The most one person gets: a part of the pot or of their pay (`portion`), or an amount."""

    portion: Portion | None
    of_pay: bool
    amount: Amount | None

    def of(self, turn: Turn, name: str) -> int:
        """The cap of one person in minor units, rounded down."""
        if self.amount:
            return self.amount.minor(turn.facts.exponent)
        whole = turn.facts.person(name).pay if self.of_pay else turn.amount
        return max(0, floor(self.portion.value * whole)) if self.portion else 0

    def words(self) -> str:
        """The cap as members say it."""
        if self.amount:
            return self.amount.text
        return f"{self.portion.words() if self.portion else ''} of {'their pay' if self.of_pay else 'the pot'}"


class Share(Struct, frozen=True, kw_only=True):
    """A pot that is shared among people."""

    among: Among
    floor: Amount | None
    cap: Cap | None
    throttle: Fraction | None
    over_rest: bool
    minimum: Amount | None
    into: tuple[tuple[str, Portion | None], ...]
    rest: str

    def targets(self) -> tuple[str, ...]:
        """Where money goes that nobody may have."""
        return () if self.rest == CARRY else (self.rest,)

    def amounts(self) -> tuple[Amount, ...]:
        """The floor, the cap and the minimum, as far as they are amounts."""
        named = (self.floor, self.cap.amount if self.cap else None, self.minimum)
        return tuple(amount for amount in named if amount)

    def sharing(self) -> Among:
        """Among whom it shares, and by what."""
        return self.among

    def run(self, turn: Turn) -> Outcome:
        """Who, weights, floors and caps, cents; then held for disputed work, then into accounts."""
        weighed = weigh(self.among, turn)
        if not turn.amount or not weighed.weights:
            return self._nobody(turn, weighed)
        caps = self._caps(turn, weighed)
        least = self.floor.minor(turn.facts.exponent) if self.floor else 0
        rated = shares_over if self.over_rest else shares
        exact = rated(turn.amount, weighed.weights, least, caps)
        rounded = _with_rest(turn.amount, exact)
        cents = turn.cents(turn.amount, rounded)
        said = {name: _held_at(exact[name], least, caps.get(name)) for name in exact}
        paid = {name: cents.parts[name] for name in exact}
        return Outcome(
            moves=(*self._moves(paid, weighed), Move(self.rest, cents.parts[REST])),
            parts=self._parts(turn, weighed, rounded, cents, said),
            debts=cents.debts,
            open=_open(turn, weighed, paid),
        )

    def lose(self, turn: Turn) -> Outcome:
        """Everybody bears their part as far as their account goes; what it lacks goes to the rest."""
        weighed = weigh_loss(self.among, turn)
        if not turn.amount or not weighed.weights:
            return self._rest_lost(turn, turn.amount, (), ())
        account = self.into[0][0]
        holds = {name: max(0, turn.members.get(account, {}).get(name, 0)) for name in weighed.weights}
        exact = shares_over(turn.amount, weighed.weights, 0, holds)
        rounded = _with_rest(turn.amount, exact)
        cents = turn.cents(turn.amount, rounded, sign=-1)
        said = {name: "all their account holds" if exact[name] == holds[name] else "" for name in exact}
        moves = tuple(Move(name, cents.parts[name], account) for name in exact)
        parts = self._parts(turn, weighed, rounded, cents, said)
        lost = self._rest_lost(turn, cents.parts[REST], moves, parts)
        return Outcome(moves=lost.moves, parts=lost.parts, debts=cents.debts)

    def cannot_lose(self, accounts: Mapping[str, Account]) -> str:
        """A loss is borne on one member account, and never by claims or what is owed."""
        if self.among.weight == "claims":
            return "A loss reaches this pot, and a loss is not shared by claims."
        personal = [name for name, _ in self.into]
        if len(personal) != 1 or personal[0] not in accounts or accounts[personal[0]].kind != MEMBER:
            return "A loss reaches this pot, so its `into` is one member account."
        if self.rest in accounts and accounts[self.rest].kind == OWED:
            return f'A loss reaches this pot and would be taken from "{self.rest}", which is owed.'
        return ""

    def payable_from(self) -> Amount | None:
        """The minimum a balance reaches before it is paid out."""
        return self.minimum

    def words(self) -> tuple[str, ...]:
        """Everything a member should know of it in one sentence."""
        rest = "stays in the pot" if self.rest == CARRY else f"goes to {self.rest}"
        return ("is shared among people", *self.among.words(), *self._limits(), f"what nobody may have {rest}")

    def lost_words(self) -> tuple[str, ...]:
        """From whose accounts a loss is taken."""
        own = f"from {self.into[0][0]} of each, as far as it goes"
        lacking = f"what their accounts lack from {RESULT if self.rest == CARRY else self.rest}"
        return ("is taken from people", *self.among.words(), own, lacking)

    def _limits(self) -> Iterator[str]:
        if self.floor:
            yield f"everybody gets at least {self.floor.text}"
        if self.cap:
            yield f"nobody gets more than {self.cap.words()}"
        if self.throttle:
            yield f"nobody gets more than {self.throttle} times what they got from it last time"
        if self.over_rest:
            yield "what is above that is not shared by the others"
        if self.minimum:
            yield f"less than {self.minimum.text} waits on the balance"
        if self.into != ((BALANCE, None),):
            parts = "".join(f"{part.words()} on {name}, " for name, part in self.into if part)
            yield f"it lies {parts}{'the rest ' if parts else ''}on {self.into[-1][0]} of each"

    def _caps(self, turn: Turn, weighed: Weighed) -> dict[str, int]:
        """The lowest cap of everybody who has one: cap, throttle, claims."""
        caps: dict[str, int] = {}
        for name in weighed.weights if self.cap or self.throttle or weighed.claims else ():
            last = turn.facts.person(name).last.get(turn.pot, 0)
            claim = weighed.claims.get(name)
            limits = [self.cap.of(turn, name)] if self.cap else []
            limits += [floor(self.throttle * last)] if self.throttle and last > 0 else []
            limits += [claim.once + claim.lasting] if claim else []
            if limits:
                caps[name] = min(limits)
        return caps

    def _moves(self, paid: Mapping[str, int], weighed: Weighed) -> Iterator[Move]:
        """Everybody's money: first what is disputed of it is held, then it goes into their accounts."""
        for name, whole in paid.items():
            held = 0
            if weighed.disputed.get(name):
                held = floor(whole * weighed.disputed[name])
                yield Move(name, held, HELD)
            left = whole - held
            if len(self.into) == 1:
                yield Move(name, left, self.into[0][0])
                continue
            for account, portion in self.into:
                given = floor((whole - held) * portion.value) if portion else left
                left -= given
                yield Move(name, given, account)

    def _parts(
        self,
        turn: Turn,
        weighed: Weighed,
        rounded: Mapping[str, int | Fraction],
        cents: Cents,
        said: Mapping[str, str],
    ) -> tuple[Part, ...]:
        remainder = f"what nobody may have, {'in the pot' if self.rest == CARRY else 'to ' + self.rest}"
        weights, debts = weighed.weights, turn.debts
        return tuple(
            Part(
                to=name,
                words=said.get(name, remainder),
                weight=_exactly(weights[name]) if name in weights else None,
                exact=_exactly(exact),
                debt_before=debts.get(name, 0),
                debt_after=cents.debts[name],
                amount=cents.parts[name],
            )
            for name, exact in rounded.items()
            if name != REST or exact
        )

    def _nobody(self, turn: Turn, weighed: Weighed) -> Outcome:
        """There is nothing, or nobody to share it with: all of it goes to the rest; claims are made all the same."""
        parts = (_nobody_there(turn.amount),) if turn.amount else ()
        return Outcome(moves=(Move(self.rest, turn.amount),), parts=parts, open=_open(turn, weighed, {}))

    def _rest_lost(self, turn: Turn, lost: int, moves: tuple[Move, ...], parts: tuple[Part, ...]) -> Outcome:
        """The rest of a loss: as far as its account goes; the year's result bears what nothing covers."""
        to = RESULT if self.rest == CARRY else self.rest
        borne = min(lost, turn.holds(to, 0))
        moves = (*moves, Move(to, borne), Move(RESULT, lost - borne))
        return Outcome(moves=moves, parts=parts or (_nobody_there(lost),))


def read(place: str, table: Mapping[str, Any], known: Known) -> Share:
    """The share a pot's table says. Raises RuleError, naming the pot."""
    only(place, table, KEYS)
    among = taking_part.read(place, table, known)
    if "rest" not in table:
        raise RuleError(place, "A share says where its rest goes.", 'Add rest = "carry", a pot or an account.')
    if "over" in table:
        one_of(place, "over", table["over"], (REST,))
    return Share(
        among=among,
        floor=amount(place, "floor", table["floor"]) if "floor" in table else None,
        cap=_cap(place, table["cap"], known) if "cap" in table else None,
        throttle=factor(place, "throttle", table["throttle"]) if "throttle" in table else None,
        over_rest="over" in table,
        minimum=amount(place, "minimum", table["minimum"]) if "minimum" in table else None,
        into=known.into(place, table.get("into", BALANCE)),
        rest=known.target(place, "rest", table["rest"]),
    )


def _cap(place: str, value: Any, known: Known) -> Cap:
    if is_amount(value):
        return Cap(portion=None, of_pay=False, amount=Amount(value))
    said = text(place, "cap", value)
    of_pay = said.endswith(OF_PAY)
    portion = known.portion(place, "cap", said.removesuffix(OF_PAY))
    return Cap(portion=portion, of_pay=of_pay, amount=None)


def _exactly(number: int | Fraction) -> Fraction:
    return _whole(number) if isinstance(number, int) else number


_whole = lru_cache(maxsize=1_000)(Fraction)  # where all weigh the same, one number for all


def _with_rest(total: int, exact: Mapping[str, Fraction]) -> dict[str, int | Fraction]:
    """The exact shares and, named rest, the remainder: they are rounded together."""
    return {**exact, REST: total - summed(exact.values())}


def _held_at(exact: Fraction, least: int, cap: int | None) -> str:
    if cap is not None and exact == cap:
        return "held at the cap"
    return "raised to the floor" if least and exact == least else ""


def _open(turn: Turn, weighed: Weighed, paid: Mapping[str, int]) -> dict[str, int] | None:
    """What stays open: payments cover `once` claims first, and what is unpaid of those lapses."""
    if not weighed.claims:
        return None
    after = dict(turn.facts.open.get(turn.pot, {}))
    for name, claim in weighed.claims.items():
        after[name] = claim.lasting - max(0, paid.get(name, 0) - claim.once)
    return after


def _nobody_there(whole: int) -> Part:
    return Part(to=REST, words="nobody to share with", exact=Fraction(whole), amount=whole)
