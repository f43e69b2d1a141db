"""How a matter is decided: who is asked, how many must agree, for how long. Signed data, pinned when a vote opens.

Fractions are pairs of integers and are compared by multiplying across; nothing is divided where a vote is decided.
"""

from fractions import Fraction
from typing import Annotated

import msgspec
from msgspec import Meta

from governance import voting
from governance.voting.yes_no import QUORUMS
from ledger.entry import Natural
from ledger.errors import Refused
from ledger.fact import Piece

Positive = Annotated[int, Meta(ge=1, le=1_000_000)]
HOUR = 3_600_000


class Quorum(Piece, frozen=True):
    """How many must take part, or support: none, or at least a fraction of the roll and a fixed number."""

    kind: str
    number: Natural
    fraction: tuple[Natural, Positive]


class Profile(Piece, frozen=True):
    """One way of deciding. Later ways fill the fields that this copy knows only one value of."""

    method: str
    electorate: str
    base: str
    threshold: tuple[Natural, Positive]
    strict: bool
    quorum: Quorum
    notice_days: Natural
    length_hours: Positive
    early: bool  # decided as soon as no further ballot can change it
    extension_hours: Natural
    second_call: Quorum | None
    tie: str
    challenge_hours: Natural
    secrecy: str


_NO_QUORUM = Quorum(kind="none", number=0, fraction=(0, 1))
_PLAIN = Profile(
    method="yes-no",
    electorate="members",
    base="roll",
    threshold=(1, 2),
    strict=True,
    quorum=_NO_QUORUM,
    notice_days=0,
    length_hours=7 * 24,
    early=False,
    extension_hours=0,
    second_call=None,
    tie="status-quo",
    challenge_hours=0,
    secrecy="open",
)
PRESETS = {
    "simple-majority": _PLAIN,
    "two-thirds": msgspec.structs.replace(_PLAIN, threshold=(2, 3), strict=False, length_hours=14 * 24),
    "joining": msgspec.structs.replace(_PLAIN, length_hours=14 * 24, early=True),
}
"""The ways of deciding a cooperative begins with."""

_RUNNABLE = {
    "method": tuple(voting.names()),
    "electorate": ("members",),
    "base": ("roll", "cast", "for+against"),
    "notice_days": (0,),
    "extension_hours": (0,),
    "second_call": (None,),
    "tie": ("status-quo",),
    "challenge_hours": (0,),
    "secrecy": ("open",),
}


def check(name: str, profile: Profile) -> None:
    """Raise Refused for a profile that this copy of the program could not run to its end."""
    for part, values in _RUNNABLE.items():
        if getattr(profile, part) not in values:
            raise Refused(f"Profile {name}: {part} can be {' or '.join(map(str, values))} in this copy of tally.")
    if profile.quorum.kind not in QUORUMS:
        raise Refused(f"Profile {name}: the quorum can be {', '.join(QUORUMS)}.")
    threshold = Fraction(*profile.threshold)
    if threshold > 1 or (threshold == 1 and profile.strict) or Fraction(*profile.quorum.fraction) > 1:
        raise Refused(f"Profile {name} asks for more than everybody.")


def sentence(profile: Profile) -> str:
    """What the profile asks for, in words."""
    share = f"{profile.threshold[0]}/{profile.threshold[1]}"
    whose = {"roll": "the roll", "cast": "the ballots cast", "for+against": "those for and against"}[profile.base]
    more = "more than" if profile.strict else "at least"
    days, hours = divmod(profile.length_hours, 24)
    length = f"{days} days" if not hours else f"{profile.length_hours} hours"
    early = ", earlier once nothing can change it" if profile.early else ""
    return f"{more} {share} of {whose}, within {length}{early}"
