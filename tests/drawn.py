"""Elections drawn by chance for the properties that every way of counting has."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct

from governance.voting import Outcome, count
from governance.voting.yes_no import CHOICES

OPTIONS = ("A", "B", "C", "D")


class Election(Struct, frozen=True):
    """What is counted, and how."""

    method: str
    ballots: list[Any]
    options: tuple[str, ...]
    terms: dict[str, Any]

    def outcome(self, **terms: Any) -> Outcome:
        """What comes out, with these terms besides its own."""
        return count(self.method, self.ballots, self.options, **self.terms, **terms)


@st.composite
def rankings(draw: st.DrawFn, options: tuple[str, ...] = OPTIONS, equal: bool = True) -> list[list[str]]:
    """Some of the options in some order, now and then some of them equal."""
    order = draw(st.permutations(options))[: draw(st.integers(0, len(options)))]
    tiers: list[list[str]] = []
    for option in order:
        if tiers and equal and draw(st.integers(0, 4)) == 0:
            tiers[-1].append(option)
        else:
            tiers.append([option])
    return tiers


@st.composite
def splits(draw: st.DrawFn, options: tuple[str, ...] = OPTIONS) -> dict[str, Fraction]:
    """Parts that make exactly one."""
    weights = draw(st.lists(st.integers(0, 9), min_size=len(options), max_size=len(options)).filter(any))
    parts = [Fraction(weight, sum(weights)) for weight in weights]
    return {option: part for option, part in zip(options, parts, strict=True) if part}


scores = st.dictionaries(st.sampled_from(OPTIONS), st.integers(0, 5))
approvals = st.lists(st.sampled_from(OPTIONS), unique=True).map(lambda chosen: [chosen])
numbers = st.one_of(st.integers(-20, 20), st.fractions(min_value=-3, max_value=3, max_denominator=6))
said = st.sampled_from(CHOICES).map(lambda choice: [[choice]])
status_quo = st.fixed_dictionaries({}, optional={"status_quo": st.sampled_from(OPTIONS)})
hurdles = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"default": st.just("D")},
        optional={
            "ratios": st.dictionaries(st.sampled_from("ABC"), st.sampled_from([Fraction(3), Fraction(3, 2)])),
            "quorum": st.sampled_from([Fraction(1, 2), Fraction(2, 3), Fraction(3)]),
            "roll": st.integers(0, 20),
            "eligible": st.integers(0, 9),
        },
    ),
)

METHODS: dict[str, tuple[Any, tuple[str, ...], Any]] = {
    "approval": (approvals, OPTIONS, status_quo),
    "cssd": (rankings(), OPTIONS, hurdles),
    "irv": (rankings(), OPTIONS, status_quo),
    "median": (numbers, (), st.fixed_dictionaries({}, optional={"status_quo": numbers})),
    "pot": (splits(), OPTIONS, st.fixed_dictionaries({}, optional={"status_quo": splits()})),
    "score": (scores, OPTIONS, status_quo),
    "star": (scores, OPTIONS, status_quo),
    "stv": (
        rankings(),
        OPTIONS,
        st.fixed_dictionaries({"seats": st.integers(1, 3)}, optional={"overvote": st.just("skip")}),
    ),
    "yes-no": (said, CHOICES, st.fixed_dictionaries({}, optional={"roll": st.integers(30, 60)})),
}
"""For each way of counting: its ballots, its options, its terms."""


@st.composite
def elections(draw: st.DrawFn, method: str) -> Election:
    """A small election by this method: small ones tie often."""
    ballot, options, terms = METHODS[method]
    ballots = draw(st.lists(st.tuples(st.integers(0, 3), ballot).map(list), max_size=8))
    return Election(method, ballots, options, draw(terms))


def renamed(value: Any, names: dict[str, str]) -> Any:
    """The same ballots, terms or winners with every option called by another's name."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        return {renamed(key, names): renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(renamed(inner, names) for inner in value)
    return value
