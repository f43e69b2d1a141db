"""Ranked options against things as they are: an option must first beat the default, then the others one against one.

Debian's way (Constitution A.6, cloneproof Schwartz sequential dropping): options that too few prefer to the default
are dropped; of the rest wins whom nobody beats; and where they beat one another in a circle, its weakest defeat is
taken back until somebody is unbeaten. Everything is compared by whole numbers.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

from governance.counted import ballots_cast, elected, listing, no_result
from governance.grouped import offered, ranked
from governance.hurdles import Hurdles, check_terms
from governance.pairwise import Matrix, beats, matrix
from governance.tied import Tie, Ties
from governance.voting import Outcome

Defeats = frozenset[tuple[str, str]]
"""Pairs (winner, loser)."""
Stages = list[dict[str, Fraction]]


def count(
    ballots: Sequence[Any],
    options: Sequence[str],
    *,
    default: str | None = None,
    ratios: Mapping[str, Fraction] | None = None,
    quorum: Fraction | int = 0,
    roll: int | None = None,
    eligible: int | None = None,
    tie: Tie | None = None,
) -> Outcome:
    """`ratios` says how many must prefer an option to the default for each one who prefers the default (1 where it
    says nothing). `quorum` up to 1 is the part of `roll` (of the ballots cast, without a roll) that must prefer it,
    above 1 the number of ballots; `eligible` asks for 3/2 of its square root, as Debian does. The first stage is how
    many prefer each option to the default; each further one, how many of those left an option beats."""
    listed, ratios = offered(options), ratios or {}
    check_terms(listed, default, ratios, quorum, (roll, eligible))
    found = ranked(ballots, listed)
    cast = sum(found.values())
    figures = matrix(found, listed)
    told = [f"{ballots_cast(cast)}, one against one:", *_pairs(figures)]
    stages: Stages = []
    left = listed
    if default is not None:
        stages.append({option: Fraction(row[default]) for option, row in figures.items() if option != default})
        asked = cast if roll is None else roll
        hurdles = Hurdles(default=default, ratios=ratios, quorum=quorum, roll=asked, eligible=eligible)
        left = _remaining(hurdles, figures, told)
    elif not any(map(any, (row.values() for row in figures.values()))):
        return Outcome(winners=(), stages=(), transcript=(*told, no_result("nobody prefers anything")))
    best = _unbeaten(left, figures, stages, told)
    choice = Ties(tie).elect(best, stages)
    winners = () if choice.option is None else (choice.option,)
    how = "every other option is dropped" if left == (default,) else choice.why
    told.append(elected(winners, how) if winners else no_result(choice.why))
    return Outcome(winners=winners, stages=tuple(stages), transcript=tuple(told))


def _pairs(figures: Matrix) -> list[str]:
    """The figures of each pair once: under the option that beats the other, or under both where they are equal."""
    told = []
    for one, row in figures.items():
        beaten = [f"{other} ({row[other]} : {figures[other][one]})" for other in figures if beats(figures, one, other)]
        equal = [
            f"{other} ({row[other]} each)" for other in figures if other != one and row[other] == figures[other][one]
        ]
        parts = [f"beats {', '.join(beaten)}"] if beaten else []
        parts += [f"is equal to {', '.join(equal)}"] if equal else []
        told.append(f"{one} {' and '.join(parts) or 'beats nobody'}.")
    return told


def _remaining(hurdles: Hurdles, figures: Matrix, told: list[str]) -> tuple[str, ...]:
    """The default, and all that are not dropped against it."""
    faults = {option: hurdles.fault(option, figures) for option in figures}
    told += [f"{option} is dropped: {why}." for option, why in faults.items() if why]
    return tuple(option for option, why in faults.items() if not why)


def _unbeaten(left: Sequence[str], figures: Matrix, stages: Stages, told: list[str]) -> tuple[str, ...]:
    """Who wins: one, or several that tie."""
    defeats = frozenset((one, other) for one, other in permutations(left, 2) if beats(figures, one, other))
    while True:
        stages.append({one: Fraction(sum(one == winner for winner, _ in defeats)) for one in left})
        best = schwartz_set(left, defeats)
        among = frozenset((winner, loser) for winner, loser in defeats if winner in best and loser in best)
        if not among:
            told.append(f"Unbeaten among {listing(left)}: {listing(best)}.")
            return best
        dropped = _weakest(among, figures)
        told.append(f"A circle among {listing(best)}: the weakest defeat is taken back, {_said(dropped, figures)}.")
        defeats -= dropped


def schwartz_set(left: Sequence[str], defeats: Defeats) -> tuple[str, ...]:
    """All who beat, along a chain of defeats, everybody that beats them along one."""
    reached = {one: _reached(one, defeats) for one in left}
    return tuple(one for one in left if all(other in reached[one] or one not in reached[other] for other in left))


def _reached(start: str, defeats: Defeats) -> set[str]:
    """Everybody whom `start` beats by a chain of defeats."""
    found: set[str] = set()
    looking = [start]
    while looking:
        winner = looking.pop()
        new = {loser for one, loser in defeats if one == winner} - found
        found |= new
        looking += new
    return found


def _weakest(among: Defeats, figures: Matrix) -> Defeats:
    """The defeats with the fewest votes for the winner and, of those, the most for the loser: all that are equal."""
    strength = {pair: (figures[pair[0]][pair[1]], -figures[pair[1]][pair[0]]) for pair in among}
    least = min(strength.values())
    return frozenset(pair for pair in among if strength[pair] == least)


def _said(defeats: Defeats, figures: Matrix) -> str:
    """Defeats in the order the options are listed."""
    return ", ".join(
        f"{one} over {other} ({figures[one][other]} : {figures[other][one]})"
        for one, other in permutations(figures, 2)
        if (one, other) in defeats
    )
