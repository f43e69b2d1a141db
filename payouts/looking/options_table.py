"""The table beside a vote: rows for the viewer, every role and the whole; columns for what was paid and each option.

Under an amount stands by how much it is more or less than what was paid. At most four options stand side by side.
"""

from collections.abc import Sequence
from typing import Any

from ledger.looks import table
from ledger.private import show
from payouts.amounts import Amounts
from payouts.looking import concentration
from payouts.looking.options import Given, Option, Options, mine, roles_of, words
from payouts.looking.roles import EARLIER, NOT_BY_WORK

SIDE_BY_SIDE = 4
FEW = 4
"""Up to so many periods the viewer's pay is also shown period by period."""

Row = tuple[str, ...]
MEANING = "Gini: 0 where everybody gets the same, near 1 where one gets all; members who get nothing count too."
ROLES = {NOT_BY_WORK: "not by work", EARLIER: "for earlier claims"}


def drawn(found: Options, say: Amounts) -> Any:
    """All options as tables under the words that say what they are; only the words where nothing is computed yet."""
    from rich.console import Group  # noqa: PLC0415  only what draws pays for Rich
    from rich.text import Text  # noqa: PLC0415

    if not found.periods:
        return Text(words(found.periods))
    parts: list[Any] = [Text("\n".join([words(found.periods), *_titles(found.options)])), Text("")]
    for begin in range(0, len(found.options), SIDE_BY_SIDE):
        some = found.options[begin : begin + SIDE_BY_SIDE]
        heads = ("", f"{say.currency} paid", *(f"Option {option.label}" for option in some))
        parts += [table(heads, _rows(found, some, say), right=heads[1:]), Text("")]
    return Group(*parts, Text(MEANING))


def _titles(options: Sequence[Option]) -> list[str]:
    width = max((len(option.label) for option in options), default=0)
    return [f"  {option.label:<{width}}  {show(option.title)}" for option in options]


def _rows(found: Options, options: Sequence[Option], say: Amounts) -> list[Row]:
    roles = roles_of(found)
    paid, *under = (_figures(one, roles) for one in (found.together, *(option.together for option in options)))
    rows = [_row(head, amount, [one[head] for one in under], say) for head, amount in paid.items()]
    return [*_mine(found, options, say), *rows, *_spread(found.together, options)]


def _figures(one: Given, roles: Sequence[str]) -> dict[str, int]:
    """The figures of a column by the heads of their rows."""
    by_role = {ROLES.get(role, f"for {role}"): one.roles.get(role, 0) for role in roles}
    whole = {"people together": one.to_people, "accounts": one.accounts, "pots": one.pots, "sum": one.income}
    return by_role | whole


def _mine(found: Options, options: Sequence[Option], say: Amounts) -> list[Row]:
    """What I get: together and, of few periods, in each."""
    if found.viewer is None:
        return []
    rows = [_row("you", _own(found, found.together), [_own(found, option.together) for option in options], say)]
    for at, period in enumerate(found.periods) if 1 < len(found.periods) <= FEW else ():
        own = [_own(found, option.periods[at]) for option in options]
        rows.append(_row(f"  in {period}", _own(found, found.paid[at]), own, say))
    return rows


def _own(found: Options, one: Given) -> int:
    return mine(found, one) or 0


def _row(head: str, paid: int, under: Sequence[int], say: Amounts) -> Row:
    """A figure under every option, and under it the difference; no second line where none differs."""
    differ = any(amount != paid for amount in under)
    cells = [
        f"{say.show(amount)}\n{_difference(amount - paid, say)}" if differ else say.show(amount) for amount in under
    ]
    return (head, say.show(paid), *cells)


def _difference(amount: int, say: Amounts) -> str:
    return say.signed(amount) if amount else "same"


def _spread(was: Given, options: Sequence[Option]) -> list[Row]:
    """How concentrated it is; "–" where nobody gets anything."""
    given = [was, *(option.together for option in options)]
    tops, ginis = [concentration.top(one.people) for one in given], [concentration.gini(one.people) for one in given]
    return [
        ("top member's part", *("–" if part is None else concentration.percent(part) for part in tops)),
        ("Gini", *("–" if spread is None else concentration.digits(spread, 3) for spread in ginis)),
    ]
