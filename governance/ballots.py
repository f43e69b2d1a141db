"""A ballot as people write it, in one line: `yes`, `2>1=3>0`, `1,3`, `1=5,2=3`, `2.5%`, `1=60%,2=40%`.

Options are called by their numbers as they are listed; 0 is "keep things as they are". One meaning has one spelling:
what is signed is the spelling that `spelled` gives.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any

from msgspec import Meta

from governance.profile import CONSENT, YES_NO, Profile
from governance.voting.yes_no import CHOICES
from ledger.errors import Usage

ABSTAIN = "abstain"
KEEP = "0"
"""The option "keep things as they are"."""
RANKED = ("cssd", "irv", "stv")
SINGLE_FILE = ("irv", "stv")
"""Ways of voting in which no two options share a rank."""
LENGTH_MAX = 500
Spelled = Annotated[str, Meta(pattern=r"^[a-z0-9=>,/]+\Z", max_length=LENGTH_MAX)]
"""A ballot as it is signed."""


class BadBallot(Usage):
    """A ballot that cannot be understood, or says something that has no meaning in this vote."""


def spelled(profile: Profile, options: Sequence[str], text: str) -> str:
    """The one spelling of what this ballot says. Raises BadBallot, telling how to write one."""
    words = "".join(text.split()).casefold()
    if profile.method == CONSENT:
        raise BadBallot("This is decided by consent: nobody votes.", how_to(CONSENT))
    if profile.method == YES_NO:
        if words not in CHOICES:
            raise BadBallot(f"{text!r} is no choice here.", f"Say {', '.join(CHOICES)}.")
        return words
    if words == ABSTAIN:
        return words
    if not words or len(words) > LENGTH_MAX:
        raise BadBallot("The ballot is empty or too long.", how_to(profile.method))
    return _READERS[profile.method](profile, options, words)


def _ranking(profile: Profile, options: Sequence[str], words: str) -> str:
    # A shell takes an unquoted ">" for itself; a comma says the same.
    tiers = [tier.split("=") for tier in words.replace(",", ">").split(">")]
    named = [_option(options, one, profile.method) for tier in tiers for one in tier]
    _once(named, profile.method)
    if profile.method in SINGLE_FILE and any(len(tier) > 1 for tier in tiers):
        raise BadBallot("In this way of voting no two options share a rank.", how_to(profile.method))
    return ">".join("=".join(sorted(tier, key=options.index)) for tier in tiers)


def _approved(profile: Profile, options: Sequence[str], words: str) -> str:
    named = [_option(options, one, profile.method) for one in words.split(",")]
    _once(named, profile.method)
    return ",".join(sorted(named, key=options.index))


def _points(profile: Profile, options: Sequence[str], words: str) -> str:
    given = _pairs(options, words, profile.method)
    for one, score in given.items():
        if not (score.isascii() and score.isdigit()) or int(score) > profile.top:
            raise BadBallot(f"Option {one} gets {score!r}.", f"Points are whole numbers from 0 to {profile.top}.")
    return ",".join(f"{one}={int(given[one])}" for one in options if one in given)


def _number(_profile: Profile, _options: Sequence[str], words: str) -> str:
    return str(number_in(words))


def _division(profile: Profile, options: Sequence[str], words: str) -> str:
    given = {one: number_in(part) for one, part in _pairs(options, words, profile.method).items()}
    if sum(given.values()) != 1:
        raise BadBallot(f"The parts come to {sum(given.values())}, not to the whole.", how_to(profile.method))
    return ",".join(f"{one}={given[one]}" for one in options if given.get(one))


_READERS: Mapping[str, Callable[[Profile, Sequence[str], str], str]] = {
    **dict.fromkeys(RANKED, _ranking),
    "approval": _approved,
    "score": _points,
    "star": _points,
    "median": _number,
    "pot": _division,
}


def number_in(text: str) -> Fraction:
    """The number in a text: "2.5%", "1/40", "12". Raises BadBallot."""
    body = text.removesuffix("%")
    parts = body.split("/")
    digits = [part.replace(".", "", 1) if place == 0 else part for place, part in enumerate(parts)]
    if len(parts) > 2 or not all(one.isascii() and one.isdigit() and len(one) <= 15 for one in digits):
        raise BadBallot(f"{text!r} is no number.", "Write 2.5%, 1/40 or 12.")
    if len(parts) == 2 and (not int(parts[1]) or "." in parts[0]):
        raise BadBallot(f"{text!r} is no fraction.", "Write 1/40.")
    found = Fraction(body.rstrip(".") or "0") if body[:1] != "." else Fraction("0" + body)
    return found / 100 if body != text else found


def _pairs(options: Sequence[str], words: str, method: str) -> dict[str, str]:
    pairs = [part.partition("=")[::2] for part in words.split(",")]
    named = [_option(options, one, method) for one, _ in pairs]
    _once(named, method)
    return dict(zip(named, (value for _, value in pairs), strict=True))


def _option(options: Sequence[str], one: str, method: str) -> str:
    if one not in options:
        raise BadBallot(f"There is no option {one!r} here.", f"There are {', '.join(options)}. {how_to(method)}")
    return one


def _once(named: Sequence[str], method: str) -> None:
    if len(set(named)) != len(named):
        raise BadBallot("An option stands there twice.", how_to(method))


def how_to(method: str) -> str:
    """How a ballot is written in this way of voting."""
    return {
        YES_NO: "Say yes, no or abstain.",
        "approval": "Name all that are good enough: 1,3.",
        "score": "Give points: 1=5,2=3; what is not named gets 0.",
        "star": "Give points: 1=5,2=3; what is not named gets 0.",
        "cssd": 'Rank them, the best first: "2>1=3>0"; others come last.',
        "irv": 'Rank them, the best first: "2>1>0"; others get nothing.',
        "stv": 'Rank them, the best first: "2>1>3"; others get nothing.',
        "median": "Name the number: 2.5%.",
        "pot": "Divide the whole: 1=60%,2=40%.",
        CONSENT: "Object with tally proposal object, or say nothing.",
    }[method]


def typed(method: str, number: int) -> str:
    """What is typed to answer proposal `number` in this way of voting."""
    if method == CONSENT:
        return f'tally proposal object {number} "what speaks against it" --harm "to what"'
    return f"tally vote {number} {'yes|no|abstain' if method == YES_NO else f'BALLOT. {how_to(method)}'}"


# What the counts read.


def grouped(method: str, ballots: Iterable[str]) -> list[tuple[int, Any]]:
    """Equal ballots together, in a fixed order, as the counting functions read them; abstentions are left out."""
    sums = Counter(ballots)
    return [(number, read(method, one)) for one, number in sorted(sums.items()) if one != ABSTAIN]


def read(method: str, ballot: str) -> Any:
    """A spelled ballot as its way of counting reads it."""
    if method in RANKED:
        return [tier.split("=") for tier in ballot.split(">")]
    if method == "approval":
        return [ballot.split(",")]
    if method == "median":
        return Fraction(ballot)
    pairs = dict(part.split("=") for part in ballot.split(","))
    return {one: Fraction(part) if method == "pot" else int(part) for one, part in pairs.items()}


def prefers(method: str, ballot: str, one: str, other: str) -> int:
    """1 where this ballot would rather have the one, -1 where the other, 0 where it says neither."""
    if ballot == ABSTAIN:
        return 0
    said = read(method, ballot)
    if method in RANKED:
        ranks = {option: place for place, tier in enumerate(said) for option in tier}
        left, right = (-ranks.get(option, len(said)) for option in (one, other))
    elif method == "approval":
        left, right = (int(option in said[0]) for option in (one, other))
    else:
        left, right = (said.get(option, 0) for option in (one, other))
    return (left > right) - (left < right)
