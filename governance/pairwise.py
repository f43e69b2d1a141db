"""One against one: how many prefer each option to each other, who beats everybody, and the whole order of them.

Source: Schulze, Social Choice and Welfare 36 (2011), strongest paths by winning votes.
"""

from collections.abc import Mapping, Sequence
from itertools import permutations

from governance.grouped import Tiers

Matrix = dict[str, dict[str, int]]
"""matrix[a][b] is how many ballots have a in an earlier tier than b, or list a and not b."""


def matrix(found: Mapping[Tiers, int], options: Sequence[str]) -> Matrix:
    """The figures of all pairs, from ranked ballots laid together (`governance.grouped.ranked`)."""
    figures = {one: dict.fromkeys(options, 0) for one in options}
    for (one, below), number in _above(found, options).items():
        row = figures[one]
        for place, other in enumerate(options):
            if below >> place & 1:
                row[other] += number
    return figures


def _above(found: Mapping[Tiers, int], options: Sequence[str]) -> dict[tuple[str, int], int]:
    """How many put an option above a set of others: in the number that stands for the set, bit k is option k.

    Many ballots share these, so that a large vote is read quickly.
    """
    bit = {option: 1 << place for place, option in enumerate(options)}
    everybody = (1 << len(options)) - 1
    above: dict[tuple[str, int], int] = {}
    for tiers, number in found.items():
        below = everybody
        for tier in tiers:
            for option in tier:
                below -= bit[option]
            for option in tier:
                above[option, below] = above.get((option, below), 0) + number
    return above


def beats(figures: Matrix, one: str, other: str) -> bool:
    """Whether more ballots prefer `one` to `other` than the other way round."""
    return figures[one][other] > figures[other][one]


def condorcet_winner(figures: Matrix) -> str | None:
    """Who beats every other option one against one; None where nobody does, or there is nobody to beat."""
    for one in figures:
        if len(figures) > 1 and all(beats(figures, one, other) for other in figures if other != one):
            return one
    return None


def strongest_paths(figures: Matrix) -> Matrix:
    """For each pair the strength of the strongest chain of defeats: that of its weakest link, in winning votes."""
    paths: Matrix = {
        one: {other: row[other] if beats(figures, one, other) else 0 for other in figures}
        for one, row in figures.items()
    }
    for middle in figures:
        for one, other in permutations(figures, 2):
            if middle not in (one, other):
                through = min(paths[one][middle], paths[middle][other])
                paths[one][other] = max(paths[one][other], through)
    return paths


def schulze(figures: Matrix) -> Tiers:
    """The whole order by strongest paths, the best first; options that none of the others outdoes share a tier.

    For the page of a result only: who wins is said by `governance.voting.cssd`, and where strengths are exactly
    equal the two may differ.
    """
    paths = strongest_paths(figures)
    left, order = list(figures), []
    while left:
        first = tuple(one for one in left if all(paths[one][other] >= paths[other][one] for other in left))
        order.append(first)
        left = [one for one in left if one not in first]
    return tuple(order)
