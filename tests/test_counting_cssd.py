"""Ranked options against things as they are: quorum and ratio first, then one against one."""

from fractions import Fraction
from itertools import permutations
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.grouped import ranked
from governance.pairwise import Matrix, condorcet_winner, matrix, schulze
from governance.voting import count
from tests.drawn import OPTIONS, Election, elections, rankings


def prefer(option: str, many: int, against: int = 0, silent: int = 0) -> list[Any]:
    """Ballots that put an option above things as they are, below them, or say nothing."""
    return [[many, [[option], ["now"]]], [against, [["now"], [option]]], [silent, []]]


# Quorum and ratio.


def test_half_of_three_are_two() -> None:
    """A floor would make it one (OpenZeppelin)."""
    for many, winner in ((1, "now"), (2, "A")):
        found = count("cssd", prefer("A", many), ("A", "now"), default="now", quorum=Fraction(1, 2), roll=3)
        assert found.winners == (winner,)


def test_fifty_five_percent_of_a_hundred_are_fifty_five() -> None:
    """A float would make it fifty-six (Group Income)."""
    for many, winner in ((54, "now"), (55, "A")):
        found = count("cssd", prefer("A", many), ("A", "now"), default="now", quorum=Fraction(55, 100), roll=100)
        assert found.winners == (winner,)


def test_a_quorum_is_of_those_who_prefer_an_option_not_of_those_who_came() -> None:
    """Blank ballots, and those against, take part and help no option to a quorum."""
    terms: dict[str, Any] = {"default": "now", "quorum": Fraction(1, 2), "roll": 10}

    assert count("cssd", prefer("A", 4, silent=6), ("A", "now"), **terms).winners == ("now",)
    assert count("cssd", prefer("A", 4, against=3), ("A", "now"), **terms).winners == ("now",)
    assert count("cssd", prefer("A", 5), ("A", "now"), **terms).winners == ("A",)


def test_a_no_never_helps_an_option_over_its_quorum() -> None:
    terms: dict[str, Any] = {"default": "now", "quorum": Fraction(1, 2), "roll": 10}
    for many in range(11):
        for against in range(11 - many):
            before = count("cssd", prefer("A", many, against), ("A", "now"), **terms).winners
            after = count("cssd", prefer("A", many, against + 1), ("A", "now"), **terms).winners

            assert before == ("A",) or after == ("now",)


def test_a_quorum_above_one_is_a_number_of_ballots_and_without_a_roll_a_part_is_of_those_cast() -> None:
    for many, winner in ((43, "now"), (44, "A")):
        found = count("cssd", prefer("A", many), ("A", "now"), default="now", quorum=Fraction("43.24"))
        assert found.winners == (winner,)
    cast = count("cssd", prefer("A", 3, silent=3), ("A", "now"), default="now", quorum=Fraction(1, 2))
    assert cast.winners == ("A",)


def test_debians_quorum_is_three_halves_of_a_square_root_without_a_root() -> None:
    """Of 16 eligible it is 6 exactly, of 17 a little more."""
    assert count("cssd", prefer("A", 6), ("A", "now"), default="now", eligible=16).winners == ("A",)
    assert count("cssd", prefer("A", 6), ("A", "now"), default="now", eligible=17).winners == ("now",)


def test_a_ratio_is_reached_exactly_and_by_one_less_it_is_not() -> None:
    for ratio, against in ((Fraction(3), 2), (Fraction(3, 2), 4)):
        for many, winner in ((6, "A"), (5, "now")):
            found = count("cssd", prefer("A", many, against), ("A", "now"), default="now", ratios={"A": ratio})
            assert found.winners == (winner,)


def test_as_many_for_as_against_keeps_things_as_they_are() -> None:
    found = count("cssd", prefer("A", 4, 4), ("A", "now"), default="now")

    assert found.winners == ("now",)
    assert found.transcript[-1] == "Elected: now (every other option is dropped)."


def test_with_no_ballots_no_majority_is_reached_and_things_stay_as_they_are() -> None:
    """Nothing is at least three times nothing, and yet nobody wanted it."""
    assert count("cssd", [], ("A", "now"), default="now", ratios={"A": Fraction(3)}).winners == ("now",)
    assert count("cssd", [[5, []]], ("A", "now"), default="now").winners == ("now",)


def test_unlisted_options_are_equal_and_below_all_listed_also_the_default() -> None:
    figures = matrix(ranked([[3, [["A"]]], [2, [["B", "now"]]]], ("A", "B", "now")), ("A", "B", "now"))

    assert figures == {
        "A": {"A": 0, "B": 3, "now": 3},
        "B": {"A": 2, "B": 0, "now": 0},
        "now": {"A": 2, "B": 0, "now": 0},
    }


def test_a_quorum_of_one_is_everybody_not_one_ballot() -> None:
    terms: dict[str, Any] = {"default": "now", "quorum": Fraction(1), "roll": 3}

    assert count("cssd", prefer("A", 2), ("A", "now"), **terms).winners == ("now",)
    assert count("cssd", prefer("A", 3), ("A", "now"), **terms).winners == ("A",)


# The whole of it.


def test_of_two_defeats_with_as_many_votes_the_one_with_more_votes_against_it_is_the_weaker() -> None:
    """A over B is 4 : 3 and B over C 4 : 2: only the first is taken back, and nobody beats B any longer."""
    ballots = [[1, [["A"], ["B"], ["C"]]], [3, [["B"], ["C"], ["A"]]], [3, [["A"]]], [2, [["C"]]]]
    found = count("cssd", ballots, "ABC")

    assert "A circle among A, B and C: the weakest defeat is taken back, A over B (4 : 3)." in found.transcript
    assert found.winners == ("B",)


def as_the_note_says(figures: Matrix, default: str | None, ratios: dict[str, Fraction]) -> set[str]:
    """The count once more, written down step by step, with Warshall's closure."""
    left = [
        a
        for a in figures
        if default in (None, a)
        or (
            figures[a][default] > figures[default][a]
            and Fraction(figures[a][default]) >= ratios.get(a, Fraction(1)) * figures[default][a]
        )
    ]
    defeats = {(a, b) for a in left for b in left if figures[a][b] > figures[b][a]}
    while True:
        chain = set(defeats)
        for k in left:
            chain |= {(a, b) for a in left for b in left if (a, k) in chain and (k, b) in chain}
        best = {a for a in left if all((a, b) in chain or (b, a) not in chain for b in left)}
        inside = [(a, b) for a, b in defeats if {a, b} <= best]
        if not inside:
            return best
        weakest = min((figures[a][b], -figures[b][a]) for a, b in inside)
        defeats -= {(a, b) for a, b in inside if (figures[a][b], -figures[b][a]) == weakest}


@given(st.data())
@settings(max_examples=300)
def test_the_count_is_that_of_the_constitution(data: st.DataObject) -> None:
    election = data.draw(elections("cssd"))
    terms = {key: election.terms[key] for key in ("default", "ratios") if key in election.terms}
    found = Election("cssd", election.ballots, OPTIONS, terms).outcome()
    figures = matrix(ranked(election.ballots, OPTIONS), OPTIONS)
    best = as_the_note_says(figures, terms.get("default"), terms.get("ratios", {}))

    if any(any(row.values()) for row in figures.values()) or "default" in terms:
        assert set(found.winners) == (best if len(best) == 1 else set())
    else:
        assert found.winners == ()


def drawn(chance: Random, options: str, most: int, alike: int = 5) -> list[Any]:
    """Ballots that rank some of the options, none equal."""
    return [
        [chance.randint(1, alike), [[option] for option in chance.sample(options, chance.randint(1, len(options)))]]
        for _ in range(chance.randint(1, most))
    ]


def test_the_default_wins_only_where_every_other_option_was_dropped() -> None:
    chance = Random(4)
    kept = 0
    for _ in range(3_000):
        found = count("cssd", drawn(chance, "ABCD", 7), "ABCD", default="D")
        dropped = sum(" is dropped: " in line for line in found.transcript)
        kept += dropped < 3

        assert (found.winners == ("D",)) == (dropped == 3)
    assert kept > 1_000


def test_whoever_beats_every_other_option_wins() -> None:
    chance = Random(5)
    found = 0
    for _ in range(2_000):
        ballots = drawn(chance, "ABCDE", 9)
        champion = condorcet_winner(matrix(ranked(ballots, "ABCDE"), "ABCDE"))
        if champion is not None:
            found += 1
            assert count("cssd", ballots, "ABCDE").winners == (champion,)
    assert found > 500


def equally_strong(figures: Matrix) -> bool:
    """Whether two defeats have the same number of votes for the winner: then the two methods may differ."""
    strengths = [figures[a][b] for a, b in permutations(figures, 2) if figures[a][b] > figures[b][a]]
    return len(set(strengths)) < len(strengths)


def test_strongest_paths_agree_where_no_two_defeats_are_equally_strong() -> None:
    chance = Random(6)
    same = other = 0
    for kinds, alike in ((9, 3), (30, 50)) * 1_500:
        ballots = drawn(chance, "ABCD", kinds, alike)
        figures = matrix(ranked(ballots, "ABCD"), "ABCD")
        agree = as_the_note_says(figures, None, {}) == set(schulze(figures)[0])
        if equally_strong(figures):
            other += not agree
        else:
            same += 1
            assert agree
    assert same > 500
    assert 0 < other < 400


@given(st.lists(st.tuples(st.integers(1, 3), rankings()).map(list), min_size=1, max_size=6))
def test_the_whole_order_names_every_option_once_and_its_best_are_outdone_by_nobody(ballots: list[Any]) -> None:
    figures = matrix(ranked(ballots, OPTIONS), OPTIONS)
    order = schulze(figures)

    assert sorted(option for tier in order for option in tier) == sorted(OPTIONS)
    if champion := condorcet_winner(figures):
        assert order[0] == (champion,)


def test_nobody_beats_every_other_where_there_is_no_other() -> None:
    assert condorcet_winner(matrix({}, ("A",))) is None
