"""Votes of the first form, as ledgers hold them from before there were terms: yes or no by the roll, without proxies.

Joining is decided so to this day. What is put forward since then is counted by `tally.py`. Pure.
"""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from governance.profile import YES_NO, Profile
from governance.tally import Result, Votes, needed_of
from governance.voting import Outcome, count
from governance.voting.yes_no import CHOICES, QUORUMS


def can_decide(profile: Profile) -> bool:
    """Whether a profile asks for nothing that votes of this form do not know: they would pass it by."""
    plain = (profile.method, profile.secrecy, profile.electorate) == (YES_NO, "open", "members")
    later = (profile.notice_days, profile.extension_hours, profile.challenge_hours, profile.roll_min)
    return (
        plain
        and profile.quorum.kind in QUORUMS
        and not any(later)
        and profile.second_call is None
        and not profile.role_majorities
    )


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


def votes_of(roll: Iterable[str], ballots: dict[str, str]) -> Votes:
    """How many of the roll said what."""
    return Counter(ballots[person] for person in roll if person in ballots)


def needed(profile: Profile, roll: int, votes: Votes) -> int:
    """How many must say yes, given who voted so far."""
    return needed_of(profile, roll, votes["yes"], votes["no"], votes["abstain"])


def sentence(profile: Profile, result: Result) -> str:
    """The result in one sentence: "Passed: 14 for, 3 against, 2 abstained of 26; needed 14"."""
    votes = Counter({"yes": result.yes, "no": result.no, "abstain": result.abstain})
    return _outcome(profile, result.roll, votes).transcript[-1]


def decided_early(profile: Profile, roll: list[str], ballots: dict[str, str]) -> bool:
    """Whether the ballots at hand decide it, however those vote who have not yet (see `is_settled`)."""
    votes = votes_of(roll, ballots)
    silent = len(roll) - votes.total()
    ends = [votes, *(votes + Counter({choice: silent}) for choice in CHOICES)]
    return len({_outcome(profile, len(roll), end).winners for end in ends}) == 1


def _outcome(profile: Profile, roll: int, votes: Votes) -> Outcome:
    ballots: list[Any] = [(number, [[choice]]) for choice, number in sorted(votes.items()) if number]
    return count(
        YES_NO,
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
