"""How a matter is decided: who is asked, how many must agree, for how long. Signed data, pinned when a vote opens.

Fractions are pairs of integers and are compared by multiplying across; nothing is divided where a vote is decided.
"""

import hashlib
from collections.abc import Collection
from fractions import Fraction
from math import isqrt
from typing import Annotated

from msgspec import Meta

from governance import voting
from ledger import canonical
from ledger.entry import Natural
from ledger.errors import Refused
from ledger.fact import Piece, plain
from ledger.facts import Name

Positive = Annotated[int, Meta(ge=1, le=1_000_000)]
Pair = tuple[Natural, Positive]
ProfileName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*\Z", max_length=40)]
HOUR = 3_600_000

CONSENT = "consent"
YES_NO = "yes-no"
NUMBERS = ("median", "pot")
"""Ways of voting whose ballots and results are numbers."""


class Quorum(Piece, frozen=True):
    """How many must take part, or support: none, or at least a fraction of the roll and a fixed number.

    participation, support: at least the fraction of the roll, and the number. fixed: the number. max, min: the
    greater or the lesser of the two. sqrt: 3/2 of the square root of the roll must support (Debian Constitution A.6).
    """

    kind: str
    number: Natural
    fraction: Pair


class Profile(Piece, frozen=True, omit_defaults=True):
    """One way of deciding. Fields with a usual value came later; where it is meant they are left out."""

    method: str
    electorate: str  # "members", or "role:NAME": the members who hold that role
    base: str  # of what the threshold is a fraction: roll, cast, for+against
    threshold: Pair
    strict: bool
    quorum: Quorum
    notice_days: Natural  # clear days: neither that of the notice nor that of the opening
    length_hours: Positive
    early: bool  # decided as soon as no further ballot can change it
    extension_hours: Natural  # once, where the quorum was first reached shortly before the end
    second_call: Quorum | None  # where the quorum was missed: asked once more, with this one
    tie: str  # "status-quo" or "lot"
    challenge_hours: Natural
    secrecy: str  # "open", "sealed" or "secret"
    extension_window_hours: Positive = 24
    waiver: Pair | None = None  # so many of the members may say that shorter notice is enough
    ratio: Pair = (1, 1)  # so many must prefer an option to things as they are for each one against (cssd)
    top: Annotated[int, Meta(ge=1, le=100)] = 5  # the highest score
    challengers: Natural = 0  # so many members make the others vote again
    delegation_cap: Annotated[int, Meta(ge=0, le=1000)] = 5  # for how many others one may vote; 0: for nobody
    delegated_quorum: bool = True  # whether who votes through another takes part
    roll_min: Natural = 0  # with fewer asked there is no vote
    role_majorities: bool = False  # a rule that moves money between roles fails where most of a role are against
    entrenched: bool = False  # missing the quorum there is no second call
    decides: tuple[Name, ...] = ()  # the sorts of matters it may decide; none: all
    fallback: Name | None = None  # the profile of the vote where consent was not found


PLAIN_QUORUM = Quorum(kind="none", number=0, fraction=(0, 1))
PLAIN = Profile(
    method=YES_NO,
    electorate="members",
    base="roll",
    threshold=(1, 2),
    strict=True,
    quorum=PLAIN_QUORUM,
    notice_days=0,
    length_hours=7 * 24,
    early=False,
    extension_hours=0,
    second_call=None,
    tie="status-quo",
    challenge_hours=0,
    secrecy="open",
)

QUORUMS = ("none", "participation", "support", "fixed", "max", "min", "sqrt")
_CHOICES: dict[str, Collection[str]] = {
    "method": (*voting.names(), CONSENT),
    "base": ("roll", "cast", "for+against"),
    "tie": ("status-quo", "lot"),
    "secrecy": ("open", "sealed", "secret"),
}
DAYS_MAX = 366
SECRET_ROLL = (5, 200)
"""Fewer would give one another away; more would take long to check."""


def check(name: str, profile: Profile) -> None:
    """Raise Refused for a profile that contradicts itself, or that nobody could fulfil."""
    for why, hint in _faults(profile):
        raise Refused(f"Profile {name}: {why}.", hint)


def _faults(profile: Profile) -> list[tuple[str, str]]:
    """What is wrong with a profile: why, and what to write instead."""
    found = [
        (f"{part} cannot be {getattr(profile, part)!r}", f"It can be {', '.join(choices)}.")
        for part, choices in _CHOICES.items()
        if getattr(profile, part) not in choices
    ]
    role = profile.electorate.removeprefix("role:")
    if profile.electorate != "members" and (role == profile.electorate or not role.isidentifier()):
        found.append((f"nobody can be asked as {profile.electorate!r}", "Write members, or role:treasurer."))
    for quorum in (profile.quorum, *([profile.second_call] if profile.second_call else [])):
        if quorum.kind not in QUORUMS:
            found.append((f"the quorum cannot be {quorum.kind!r}", f"It can be {', '.join(QUORUMS)}."))
    return found + _beyond_all(profile) + _at_odds(profile)


def _beyond_all(profile: Profile) -> list[tuple[str, str]]:
    threshold = Fraction(*profile.threshold)
    quorums = [profile.quorum, *([profile.second_call] if profile.second_call else [])]
    shares = [Fraction(*one.fraction) for one in quorums] + [Fraction(*profile.waiver or (0, 1))]
    if threshold > 1 or (threshold == 1 and profile.strict) or any(share > 1 for share in shares):
        return [("it asks for more than everybody", "Fractions are at most 1/1.")]
    if not Fraction(*profile.ratio):
        return [("the ratio is 0", "Write 1/1 where more for than against is enough.")]
    hours = (profile.length_hours, profile.extension_hours, profile.extension_window_hours, profile.challenge_hours)
    if profile.notice_days > DAYS_MAX or max(hours) > 24 * DAYS_MAX:
        return [("it takes years", f"Notice, vote, extension and challenge take at most {DAYS_MAX} days each.")]
    return []


def _at_odds(profile: Profile) -> list[tuple[str, str]]:
    """Parts that do not go together."""
    found = []
    if bool(profile.challengers) != bool(profile.challenge_hours):
        found.append(("challengers and challenge_hours go together", "Give both, or neither."))
    if profile.method == CONSENT and (profile.fallback is None or profile.secrecy != "open"):
        found.append(("consent is open, and needs a fallback", "Name the profile of the vote that follows."))
    if profile.method != CONSENT and profile.fallback is not None:
        found.append(("only consent has a fallback", "Leave it out."))
    if profile.early and (profile.method != YES_NO or profile.secrecy != "open" or profile.role_majorities):
        found.append(("only an open yes-no vote without role majorities ends early", "Write early = false."))
    if profile.secrecy == "secret" and (profile.delegation_cap or profile.role_majorities or profile.extension_hours):
        found.append(("a secret ballot knows no proxies, roles or extension", "Write delegation_cap = 0."))
    if profile.secrecy == "sealed" and profile.extension_hours and _supports(profile.quorum):
        found.append(("sealed ballots tell only who took part", "Take a quorum of participation, or no extension."))
    if profile.entrenched and profile.second_call:
        found.append(("what is entrenched has no second call", "Leave second_call out."))
    return found


def _supports(quorum: Quorum) -> bool:
    return quorum.kind in ("support", "sqrt")


def wanted(quorum: Quorum, roll: int) -> tuple[bool, int]:
    """(whether support is counted, or else taking part; how many of a roll there must be)."""
    part = least(roll, Fraction(*quorum.fraction), strict=False)
    numbers = {
        "none": 0,
        "participation": max(quorum.number, part),
        "support": max(quorum.number, part),
        "fixed": quorum.number,
        "max": max(quorum.number, part),
        "min": min(quorum.number, part),
        "sqrt": _three_halves_of_root(roll),
    }
    return _supports(quorum), numbers[quorum.kind]


def least(base: int, threshold: Fraction, strict: bool) -> int:
    """The least number that reaches a fraction of the base: at least it, or more than it when strict."""
    whole, part = divmod(threshold.numerator * base, threshold.denominator)
    return whole + 1 if strict or part else whole


def _three_halves_of_root(roll: int) -> int:
    """The least v with 4 v^2 >= 9 n: three halves of the square root of n, without ever taking it."""
    root = isqrt(9 * roll)
    least_even = (root + 1) // 2
    return least_even if 4 * least_even * least_even >= 9 * roll else least_even + 1


def digest(profile: Profile) -> str:
    """What a profile is called in signed statements: SHA-256 of its canonical bytes, hex."""
    return hashlib.sha256(canonical.encode(plain(profile))).hexdigest()
