"""What an option must reach against things as they are before it is compared with the others.

Source: Debian Constitution A.6, steps 2 and 3; all comparisons by whole numbers.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from msgspec import Struct

from governance.grouped import one_of
from governance.pairwise import Matrix
from governance.voting.yes_no import needed
from ledger.errors import Usage


class Hurdles(Struct, frozen=True, kw_only=True):
    """The default option, how many must prefer an option to it for each one who prefers it (`ratios`, 1 where it says
    nothing), and the quorum: up to 1 the part of `roll` that must prefer the option to the default, above 1 the number
    of ballots; `eligible` asks for 3/2 of its square root, as Debian does."""

    default: str
    ratios: Mapping[str, Fraction]
    quorum: Fraction | int
    roll: int
    eligible: int | None

    def fault(self, option: str, figures: Matrix) -> str:
        """Why the option is dropped; "" where it stays."""
        if option == self.default:
            return ""
        better, worse = figures[option][self.default], figures[self.default][option]
        return self._too_few(better) or self._too_weak(option, better, worse)

    def _too_few(self, better: int) -> str:
        bar = Fraction(self.quorum)
        base = self.roll if bar <= 1 else 1
        if better * bar.denominator < bar.numerator * base:
            wanted = needed(base, bar, strict=False)
            return f"{better} prefer it to {self.default}, and the quorum is {wanted}"
        # The square of 3/2 of the square root of n is 9/4 of n.
        if self.eligible is not None and 4 * better * better < 9 * self.eligible:
            return f"{better} prefer it to {self.default}, fewer than 3/2 of the square root of {self.eligible}"
        return ""

    def _too_weak(self, option: str, better: int, worse: int) -> str:
        ratio = Fraction(self.ratios.get(option, 1))
        if better > worse and better * ratio.denominator >= ratio.numerator * worse:
            return ""
        wanted = "more must prefer it than not" if ratio == 1 else f"it needs {ratio} times as many"
        return f"{better} prefer it to {self.default}, {worse} prefer {self.default} to it, and {wanted}"


def check_terms(
    options: Sequence[str],
    default: str | None,
    ratios: Mapping[str, Fraction],
    quorum: Fraction | int,
    counts: Sequence[int | None],
) -> None:
    """Usage for terms that name no option, or mean nothing; `counts` are the roll and the number of those eligible."""
    if default is None:
        if ratios or quorum or counts[-1] is not None:
            raise Usage("A quorum or a ratio compares with the default option, and none is named.", "Name `default`.")
        return
    one_of(options, default, "The default")
    for option, ratio in ratios.items():
        one_of(options, option, "A ratio is given for")
        if option == default:
            raise Usage("The default option needs no ratio.", "Leave it out.")
        if not _exact(ratio) or ratio <= 0:
            raise Usage(f"{ratio!r} is no ratio.", "Give a fraction above 0.")
    if not _exact(quorum) or quorum < 0:
        raise Usage(f"{quorum!r} is no quorum.", "Give a fraction of the roll, or a number of ballots.")
    if any(number is not None and (type(number) is not int or number < 0) for number in counts):
        raise Usage("A roll is a whole number of people.")


def _exact(number: object) -> bool:
    return isinstance(number, int | Fraction) and not isinstance(number, bool)
