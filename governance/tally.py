"""From ballots to a result: who was asked, who said what, and whether that is enough."""

from collections import Counter
from fractions import Fraction
from typing import Annotated, Any

from msgspec import Meta

from governance.profile import Profile
from governance.voting import Outcome, count
from ledger.entry import Natural
from ledger.fact import Piece

CHOICES = ("yes", "no", "abstain")


class Result(Piece):
    """The outcome of a vote as it is published: figures, whether it passed, and the sentence."""

    passed: bool
    yes: Natural
    no: Natural
    abstain: Natural
    roll: Natural
    sentence: Annotated[str, Meta(max_length=500)]


def tally(profile: Profile, roll: list[str], ballots: dict[str, str]) -> Result:
    """The result of these ballots; only people on the roll have one."""
    votes = Counter(ballots[person] for person in roll if person in ballots)
    outcome = _outcome(profile, len(roll), votes)
    return Result(
        passed=outcome.winners == ("yes",),
        yes=votes["yes"],
        no=votes["no"],
        abstain=votes["abstain"],
        roll=len(roll),
        sentence=outcome.transcript[-1],
    )


def decided_early(profile: Profile, roll: list[str], ballots: dict[str, str]) -> bool:
    """Whether it passes however the others vote, or fails however they vote."""
    votes = Counter(ballots[person] for person in roll if person in ballots)
    silent = len(roll) - votes.total()
    results = {
        _outcome(profile, len(roll), votes + Counter({choice: silent})).winners for choice in CHOICES
    }
    results.add(_outcome(profile, len(roll), votes).winners)
    return len(results) == 1


def _outcome(profile: Profile, roll: int, votes: Counter[str]) -> Outcome:
    ballots: list[Any] = [(number, [[choice]]) for choice, number in sorted(votes.items()) if number]
    return count(
        profile.method,
        ballots,
        CHOICES,
        roll=roll,
        base=profile.base,
        threshold=Fraction(*profile.threshold),
        strict=profile.strict,
        quorum=profile.quorum.kind,
        quorum_fraction=Fraction(*profile.quorum.fraction),
        quorum_number=profile.quorum.number,
    )
