"""The sentences of a count: figures and results as members read them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction


def listing(names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def figures(votes: Mapping[str, int | Fraction]) -> str:
    """ "A 42, B 26": the most first, and equal ones in the order listed."""
    return ", ".join(f"{option} {votes[option]}" for option in most_first(votes))


def most_first(votes: Mapping[str, int | Fraction]) -> list[str]:
    """Options by their votes, the most first; equal ones in the order listed."""
    return sorted(votes, key=lambda option: -votes[option])


def decimal(units: int, places: int) -> str:
    """Units of 10^-places as they are written: 2900000 units of five places are "29.00000"."""
    whole, part = divmod(units, 10**places)
    return f"{whole}.{part:0{places}}" if places else str(whole)


def ballots_cast(number: int) -> str:
    """ "1 ballot", "5 ballots"."""
    return f"{number} ballot{'' if number == 1 else 's'}"


def elected(winners: Sequence[str], how: str = "") -> str:
    """The last line where somebody or something is elected: "Elected: A and B (how)."."""
    return f"Elected: {listing(winners)}{f' ({how})' if how else ''}."


def no_result(why: str) -> str:
    """The last line where the count alone elects nobody."""
    return f"No result: {why}."
