"""The same count with the names of the options in place of their numbers, so that a member can follow it. Pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from governance.voting import Outcome, count


def count_by_name(
    method: str, ballots: Sequence[Any], options: Sequence[str], names: Mapping[str, str], terms: Mapping[str, Any]
) -> Outcome:
    """Count as `count` does: winners and stages by label, and a transcript in which each option has its name.

    `names` are by label, each another. Ties are drawn by the labels, so that a lot falls as it always does.
    """
    labels = {name: label for label, name in names.items()}
    told = {what: _named(value, names) for what, value in terms.items() if what != "tie"}
    tie = terms.get("tie")
    if tie is not None:

        def by_label(tied: tuple[str, ...], history: Sequence[Mapping[str, Fraction]]) -> str:
            return names[tie(tuple(labels[one] for one in tied), history)]

        told["tie"] = by_label
    found = count(method, _named(ballots, names), _named(options, names), **told)
    return Outcome(
        winners=_named(found.winners, labels), stages=_named(found.stages, labels), transcript=found.transcript
    )


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """A value with every option in it called otherwise; numbers and other words stay."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list | tuple):
        return type(value)(_named(one, names) for one in value)
    if isinstance(value, dict):
        return {_named(one, names): _named(part, names) for one, part in value.items()}
    return value
