"""Yes, no or abstain: it passes when enough say yes, and more than say no.

A ballot is one tier with one choice, [["yes"]]. Abstentions count for taking part only, never for or against; a
tied vote keeps things as they are. Source: thresholds of written resolutions (Companies Act 2006, s. 282 and 288),
compared by integers: `yes * den > num * base` (strict) or `>=`.
"""

from collections.abc import Sequence
from fractions import Fraction

from governance.voting import Outcome
from ledger.errors import Usage

CHOICES = ("yes", "no", "abstain")
QUORUMS = ("none", "participation", "support")


def count(
    ballots: Sequence[tuple[int, Sequence[Sequence[str]]]],
    options: Sequence[str] = CHOICES,
    *,
    roll: int | None = None,
    base: str = "roll",
    threshold: Fraction = Fraction(1, 2),
    strict: bool = True,
    quorum: str = "none",
    quorum_fraction: Fraction = Fraction(0),
    quorum_number: int = 0,
) -> Outcome:
    """Winners is ("yes",) when it passes and ("no",) when things stay as they are. `roll` is how many were asked;
    where nobody says, those who cast a ballot."""
    tally = _added_up(ballots, options)
    roll = sum(tally.values()) if roll is None else roll
    yes, no, abstained = tally["yes"], tally["no"], tally["abstain"]
    need = needed(base_of(base, roll, yes, no, abstained), threshold, strict)
    if quorum not in QUORUMS:
        raise Usage(f"{quorum!r} is no quorum.", f"There are: {', '.join(QUORUMS)}.")
    present = yes if quorum == "support" else yes + no + abstained
    wanted = 0 if quorum == "none" else max(quorum_number, needed(roll, quorum_fraction, strict=False))
    why = ""
    if present < wanted:
        why = f" (quorum: {present} of {wanted})"
    elif yes >= need and yes <= no:
        why = " (not more for than against)"
    passed = yes >= need and not why
    figures = f"{yes} for, {no} against, {abstained} abstained of {roll}; needed {need}"
    return Outcome(
        winners=("yes",) if passed else ("no",),
        stages=({choice: Fraction(number) for choice, number in tally.items()},),
        transcript=(f"{'Passed' if passed else 'Failed'}: {figures}{why}",),
    )


def _added_up(ballots: Sequence[tuple[int, Sequence[Sequence[str]]]], options: Sequence[str]) -> dict[str, int]:
    tally = dict.fromkeys(CHOICES, 0)
    for number, tiers in ballots:
        if len(tiers) != 1 or len(tiers[0]) != 1 or tiers[0][0] not in set(options) & set(CHOICES):
            raise Usage("A ballot here says yes, no or abstain.")
        tally[tiers[0][0]] += number
    return tally


def base_of(base: str, roll: int, yes: int, no: int, abstained: int) -> int:
    """Of how many the threshold is a fraction: of the roll, of the ballots cast, or of those for and against."""
    bases = {"roll": roll, "cast": yes + no + abstained, "for+against": yes + no}
    if base not in bases:
        raise Usage(f"{base!r} is nothing a threshold can be a fraction of.", f"There are: {', '.join(bases)}.")
    return bases[base]


def needed(base: int, threshold: Fraction, strict: bool) -> int:
    """The least number of yes votes that reaches the threshold: at least the fraction, or more than it when strict."""
    whole, part = divmod(threshold.numerator * base, threshold.denominator)
    return whole + 1 if strict or part else whole
