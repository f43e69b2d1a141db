"""Thousands of elections counted by other programs too: votelib and starvote; where they differ, this file says why.

They answer a tie with NotImplementedError, with a Tie or with an error of their own. Such elections are passed over:
here the count's own steps (looking back) or the rule for ties go on.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations
from random import Random
from typing import Any

import starvote
from votelib.convert import ApprovalToSimpleVotes, RankedToCondorcetVotes
from votelib.evaluate.cardinal import ScoreVoting
from votelib.evaluate.condorcet import CondorcetWinner, Schulze
from votelib.evaluate.core import Plurality, Tie
from votelib.evaluate.sequential import TransferableVoteSelector

from governance.grouped import ranked
from governance.pairwise import Matrix, condorcet_winner, matrix, schulze, strongest_paths
from governance.voting import count, stv

OPTIONS = "ABCDE"
Votes = dict[Any, int]


def rankings(seed: int, elections: int, equal: bool = False) -> Iterator[list[Any]]:
    """Elections with ballots that rank some of the options."""
    chance = Random(seed)
    for _ in range(elections):
        options = OPTIONS[: chance.randint(2, 5)]
        yield [[chance.randint(1, 6), _tiers(chance, options, equal)] for _ in range(chance.randint(1, 12))]


def _tiers(chance: Random, options: str, equal: bool) -> list[list[str]]:
    tiers: list[list[str]] = []
    for option in chance.sample(options, chance.randint(1, len(options))):
        if tiers and equal and chance.random() < 0.25:
            tiers[-1].append(option)
        else:
            tiers.append([option])
    return tiers


def named(ballots: list[Any]) -> tuple[str, ...]:
    """The options that stand on a ballot: the other programs know of no others."""
    return tuple(sorted({option for _, tiers in ballots for tier in tiers for option in tier}))


def as_votes(ballots: list[Any]) -> Votes:
    """Ranked ballots in votelib's form."""
    votes: Votes = {}
    for number, tiers in ballots:
        form = tuple(tier[0] if len(tier) == 1 else frozenset(tier) for tier in tiers)
        votes[form] = votes.get(form, 0) + number
    return votes


# One against one, and strongest paths.


def test_votelib_finds_the_same_figures_of_all_pairs_and_the_same_who_beats_everybody() -> None:
    for ballots in rankings(1, 3_000, equal=True):
        options = named(ballots)
        figures = matrix(ranked(ballots, options), options)
        theirs = RankedToCondorcetVotes().convert(as_votes(ballots))

        assert {pair: figures[pair[0]][pair[1]] for pair in permutations(options, 2) if figures[pair[0]][pair[1]]} == {
            pair: number for pair, number in theirs.items() if number
        }
        if len(options) > 1:
            champion = condorcet_winner(figures)
            assert CondorcetWinner().evaluate(theirs) == ([champion] if champion and theirs else [])


def test_votelib_finds_the_same_strongest_paths_and_the_same_first_of_the_order() -> None:
    single = 0
    for ballots in rankings(2, 3_000, equal=True):
        options = named(ballots)
        figures = matrix(ranked(ballots, options), options)
        theirs = RankedToCondorcetVotes().convert(as_votes(ballots))
        paths = strongest_paths(figures)

        assert all(
            paths[one][other] == Schulze.widest_paths(theirs).get((one, other), 0)
            for one, other in permutations(options, 2)
        )
        first, *_ = schulze(figures)
        best = Schulze().evaluate(theirs)
        if len(first) == 1 and len(options) > 1:
            single += 1
            assert best == [first[0]]
        elif best:
            # Where nobody outdoes several, votelib takes the one of them with the most wins, or says Tie.
            assert (best[0] <= set(first)) if isinstance(best[0], Tie) else (best[0] in first)
    assert single > 1_500


def equally_strong(figures: Matrix) -> bool:
    strengths = [figures[a][b] for a, b in permutations(figures, 2) if figures[a][b] > figures[b][a]]
    return len(set(strengths)) < len(strengths)


def test_dropping_weakest_defeats_elects_whom_votelib_elects_by_strongest_paths() -> None:
    """Unless two defeats are equally strong: then one drops both at once, and the other weighs paths."""
    compared = explained = 0
    for ballots in rankings(3, 3_000):
        options = named(ballots)
        figures = matrix(ranked(ballots, options), options)
        best = Schulze().evaluate(RankedToCondorcetVotes().convert(as_votes(ballots)))
        ours = count("cssd", ballots, options).winners
        if len(options) < 2 or not best or isinstance(best[0], Tie) or not ours:
            continue
        compared += 1
        if ours != (best[0],):
            explained += 1
            assert equally_strong(figures)
    assert compared > 2_000
    assert explained < compared // 50


# Transferable votes. Votelib counts the pile of exhausted ballots among the options when it looks for the weakest, so
# that a large pile lets it exclude two at once; Plurality as its `retainer` looks at the options alone.

SELECTOR = TransferableVoteSelector(retainer=Plurality())


def by_votelib(ballots: list[Any], seats: int) -> list[str] | None:
    """Whom votelib elects, or None where it meets a tie."""
    try:
        found: list[str] = SELECTOR.evaluate(as_votes(ballots), seats)
    except NotImplementedError:
        return None
    return found


def test_votelib_elects_the_same_by_instant_runoff() -> None:
    compared = 0
    for ballots in rankings(4, 4_000):
        ours = count("irv", ballots, named(ballots)).winners
        theirs = by_votelib(ballots, 1)
        if ours and theirs is not None:
            compared += 1
            assert list(ours) == theirs
    assert compared > 2_000


def never_two_surpluses(whole: stv.Detailed) -> bool:
    """Votelib passes on all surpluses of a stage at once; the Scottish rules one after another, so that who is
    elected by the first gets nothing of the second."""
    return all(sum(votes > whole.quota for votes in stage.votes.values()) < 2 for stage in whole.stages)


def never_a_hair_below(whole: stv.Detailed) -> bool:
    """Votelib cuts nothing, so that a vote which comes to the quota exactly there may be cut just below it here."""
    hair = Fraction(1, 10**30)
    return not any(0 < whole.quota - votes < hair for stage in whole.stages for votes in stage.votes.values())


def test_votelib_elects_the_same_for_several_seats_where_next_to_nothing_is_cut() -> None:
    compared = 0
    chance = Random(6)
    for ballots in rankings(5, 4_000):
        options = named(ballots)
        seats = chance.randint(1, 3)
        if len(options) <= seats:
            continue
        whole = stv.detailed(ballots, options, seats=seats, places=40)
        theirs = by_votelib(ballots, seats)
        if whole.winners and theirs is not None and never_two_surpluses(whole) and never_a_hair_below(whole):
            compared += 1
            assert set(whole.winners) == set(theirs)
    assert compared > 1_000


# Approval, score, STAR.


def sheets(seed: int, elections: int) -> Iterator[list[Any]]:
    """Elections with ballots that score every option."""
    chance = Random(seed)
    for _ in range(elections):
        options = OPTIONS[: chance.randint(2, 5)]
        yield [
            [chance.randint(1, 4), {option: chance.randint(0, 5) for option in options}]
            for _ in range(chance.randint(1, 8))
        ]


def best_of(theirs: list[Any]) -> tuple[str, ...]:
    """Their winner in our form: () for a tie."""
    return () if not theirs or isinstance(theirs[0], Tie) else (theirs[0],)


def test_votelib_elects_the_same_by_approval() -> None:
    chance = Random(7)
    for _ in range(2_000):
        ballots = [
            [chance.randint(1, 4), [[option for option in OPTIONS if chance.random() < 0.5]]]
            for _ in range(chance.randint(1, 8))
        ]
        votes: Votes = {}
        for number, tiers in ballots:
            votes[frozenset(tiers[0])] = votes.get(frozenset(tiers[0]), 0) + number

        theirs = Plurality().evaluate(ApprovalToSimpleVotes().convert(votes))
        assert count("approval", ballots, OPTIONS).winners == best_of(theirs)


def test_votelib_elects_the_same_by_score() -> None:
    for ballots in sheets(8, 2_000):
        options = tuple(ballots[0][1])
        votes: Votes = {}
        for number, scores in ballots:
            votes[frozenset(scores.items())] = votes.get(frozenset(scores.items()), 0) + number
        if any(any(scores.values()) for _, scores in ballots):  # with no points at all nobody has voted here
            assert count("score", ballots, options).winners == best_of(ScoreVoting("sum").evaluate(votes))


def at_most_two_tie(totals: dict[str, Fraction]) -> bool:
    """Among those who could come to the runoff: of three or more with equal points starvote keeps another number."""
    second = sorted(totals.values(), reverse=True)[1]
    return all(sum(total == points for total in totals.values()) < 3 for points in totals.values() if points >= second)


def test_starvote_elects_the_same_by_star() -> None:
    compared = ties = 0
    for ballots in sheets(9, 3_000):
        options = tuple(ballots[0][1])
        found = count("star", ballots, options)
        if not any(found.stages[0].values()) or not at_most_two_tie(found.stages[0]):
            continue
        compared += 1
        each = [scores for number, scores in ballots for _ in range(number)]
        try:
            theirs = tuple(starvote.star_voting(each, tiebreaker=None))
        except starvote.UnbreakableTieError:
            theirs = ()
        ties += not theirs
        assert found.winners == theirs
    assert compared > 2_000
    assert ties > 20
