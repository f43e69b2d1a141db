"""From ballots to a result: who was asked, who said what, and whether that is enough."""

from collections import Counter
from fractions import Fraction
from typing import Any

from governance.profile import Profile
from governance.voting import Outcome, count, yes_no
from governance.voting.yes_no import CHOICES
from ledger.entry import Natural
from ledger.fact import Piece

Votes = Counter[str]


class Result(Piece, frozen=True):
    """The outcome of a vote as it is published: figures alone, since words may be put better one day."""

    passed: bool
    yes: Natural
    no: Natural
    abstain: Natural
    roll: Natural
    needed: Natural


def tally(profile: Profile, roll: list[str], ballots: dict[str, str]) -> Result:
    """The result of these ballots; only people on the roll have one."""
    votes = votes_of(roll, ballots)
    return Result(
        passed=_outcome(profile, len(roll), votes).winners == ("yes",),
        yes=votes["yes"],
        no=votes["no"],
        abstain=votes["abstain"],
        roll=len(roll),
        needed=needed(profile, len(roll), votes),
    )


def votes_of(roll: list[str], ballots: dict[str, str]) -> Votes:
    """How many of the roll said what."""
    return Counter(ballots[person] for person in roll if person in ballots)


def needed(profile: Profile, roll: int, votes: Votes) -> int:
    """How many must say yes, given who voted so far."""
    base = yes_no.base_of(profile.base, roll, votes["yes"], votes["no"], votes["abstain"])
    return yes_no.needed(base, Fraction(*profile.threshold), profile.strict)


def sentence(profile: Profile, result: Result) -> str:
    """The result in one sentence: "Passed: 14 for, 3 against, 2 abstained of 26; needed 14"."""
    votes = Counter({"yes": result.yes, "no": result.no, "abstain": result.abstain})
    return _outcome(profile, result.roll, votes).transcript[-1]


def decided_early(profile: Profile, roll: list[str], ballots: dict[str, str]) -> bool:
    """Whether the ballots at hand decide it, however those vote who have not yet.

    Nobody helps a proposal more than all the silent saying yes, and nobody harms it more than all of them saying
    no or, where a quorum is missing, nothing; so it is enough to look at these ends.
    """
    votes = votes_of(roll, ballots)
    silent = len(roll) - votes.total()
    ends = [votes, *(votes + Counter({choice: silent}) for choice in CHOICES)]
    return len({_outcome(profile, len(roll), end).winners for end in ends}) == 1


def _outcome(profile: Profile, roll: int, votes: Votes) -> Outcome:
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
