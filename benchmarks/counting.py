"""How long a count takes: 10,000 ballots on 6 options, laid together first, beside votelib with the same ballots."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from votelib.convert import ApprovalToSimpleVotes, RankedToCondorcetVotes  # type: ignore[import-untyped]
from votelib.evaluate.cardinal import STAR, ScoreVoting  # type: ignore[import-untyped]
from votelib.evaluate.condorcet import Schulze  # type: ignore[import-untyped]
from votelib.evaluate.core import Plurality  # type: ignore[import-untyped]
from votelib.evaluate.sequential import TransferableVoteSelector  # type: ignore[import-untyped]

from benchmarks.measure import wall
from benchmarks.row import Row, at_most, within
from governance.voting import count

BALLOTS = 10_000
OPTIONS = ("bakery", "garden", "library", "printers", "workshop", "as it is")
AIM_SECONDS, AIM_TIMES = 0.05, 1.5
SEATS = 3
TIMES = 7
Ballots = list[list[Any]]


def rows() -> list[Row]:
    """Every way of counting but yes and no, which is four additions."""
    chance = random.Random(11)
    ranked = _made(partial(_ranking, chance))
    scored = _made(lambda: {option: chance.randint(0, 5) for option in OPTIONS})
    approved = _made(lambda: [[option for option in OPTIONS if chance.random() < 0.4]])
    numbers = _made(lambda: chance.randint(0, 2_000))
    parts = _made(partial(_parts, chance))
    selector = TransferableVoteSelector(retainer=Plurality())
    return [
        *_beside("approval", approved, {}, lambda: _votelib_approval(approved)),
        *_beside("score", scored, {}, lambda: ScoreVoting("sum").evaluate(_score_votes(scored))),
        *_beside("star", scored, {}, lambda: STAR().evaluate(_score_votes(scored))),
        *_beside("cssd", ranked, {"default": "as it is"}, lambda: _votelib_schulze(ranked)),
        *_beside("irv", ranked, {}, lambda: selector.evaluate(_ranked_votes(ranked), 1)),
        *_beside("stv", ranked, {"seats": SEATS}, lambda: selector.evaluate(_ranked_votes(ranked), SEATS)),
        _alone("median", numbers, {"status_quo": 1_000}),
        _alone("pot", parts, {"status_quo": {"as it is": Fraction(1)}}),
    ]


def _beside(method: str, ballots: Ballots, terms: dict[str, Any], other: Callable[[], object]) -> list[Row]:
    ours = wall(partial(count, method, ballots, OPTIONS, **terms), TIMES)
    return [
        within(f"{method}: {BALLOTS:,} ballots", ours, AIM_SECONDS, "s"),
        at_most(f"{method}: beside the same by votelib", ours, wall(other, TIMES), "votelib", AIM_TIMES),
    ]


def _alone(method: str, ballots: Ballots, terms: dict[str, Any]) -> Row:
    ours = wall(partial(count, method, ballots, OPTIONS, **terms), TIMES)
    return within(f"{method}: {BALLOTS:,} ballots", ours, AIM_SECONDS, "s")


def _made(one: Callable[[], Any]) -> Ballots:
    return [[1, one()] for _ in range(BALLOTS)]


def _ranking(chance: random.Random) -> list[list[str]]:
    """From one to six options, none equal: votelib's count of transferable votes takes no others."""
    return [[option] for option in chance.sample(OPTIONS, chance.randint(1, len(OPTIONS)))]


def _parts(chance: random.Random) -> dict[str, Fraction]:
    """Whole percents."""
    cuts = sorted(chance.randint(0, 100) for _ in OPTIONS[1:])
    ends = zip([0, *cuts], [*cuts, 100], strict=True)
    return {option: Fraction(end - start, 100) for option, (start, end) in zip(OPTIONS, ends, strict=True)}


# Votelib takes ballots laid together already, so that laying them together is a part of its time too.


def _ranked_votes(ballots: Ballots) -> "Counter[tuple[str, ...]]":
    return _laid(ballots, lambda tiers: tuple([tier[0] for tier in tiers]))


def _score_votes(ballots: Ballots) -> "Counter[frozenset[tuple[str, int]]]":
    return _laid(ballots, lambda scores: frozenset(scores.items()))


def _votelib_approval(ballots: Ballots) -> Sequence[str]:
    votes = _laid(ballots, lambda tiers: frozenset(tiers[0]))
    found: Sequence[str] = Plurality().evaluate(ApprovalToSimpleVotes().convert(votes))
    return found


def _votelib_schulze(ballots: Ballots) -> Sequence[str]:
    found: Sequence[str] = Schulze().evaluate(RankedToCondorcetVotes().convert(_ranked_votes(ballots)))
    return found


def _laid(ballots: Ballots, form: Callable[[Any], Any]) -> "Counter[Any]":
    together: Counter[Any] = Counter()
    for number, ballot in ballots:
        together[form(ballot)] += number
    return together
