"""Who has the most wins: the end of a count by approval or by score."""

from collections.abc import Mapping
from fractions import Fraction

from governance.counted import ballots_cast, elected, figures, no_result
from governance.tied import Ties
from governance.voting import Outcome


def highest(totals: Mapping[str, int], cast: int, called: str, ties: Ties) -> Outcome:
    """The outcome of a count in one stage. `called` is what is counted, "approvals" or "points"."""
    stage = {option: Fraction(total) for option, total in totals.items()}
    told = [f"{ballots_cast(cast)}, {called}: {figures(totals)}."]
    top = max(totals.values())
    if not top:
        winners = ties.no_votes()
        told.append(elected(winners, "nobody voted for anything") if winners else no_result("nobody voted"))
        return Outcome(winners=winners, stages=(stage,), transcript=tuple(told))
    choice = ties.elect([option for option, total in totals.items() if total == top], (stage,))
    if choice.option is None:
        return Outcome(winners=(), stages=(stage,), transcript=(*told, no_result(choice.why)))
    how = f"{top} {called}" + (f": {choice.why}" if choice.why else "")
    return Outcome(winners=(choice.option,), stages=(stage,), transcript=(*told, elected((choice.option,), how)))
