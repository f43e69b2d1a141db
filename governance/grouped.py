"""Ballots as they are counted: equal ones laid together, each looked at once, none with a choice that was not offered.

A ranked ballot is a list of tiers, the best first; options of a tier are equal, and those not listed are equal to
one another and below all that are. A scored ballot gives options numbers. Ballots come as [[how many, ballot], …].
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec import msgpack

from ledger.errors import Usage

Tiers = tuple[tuple[str, ...], ...]
Paper = tuple[str, ...]
"""Options one after another, the best first: what is left of a ranked ballot where equal ranks say nothing."""

_bytes_of = msgpack.Encoder().encode
_TEXTS, _WHOLE = frozenset([str]), frozenset([int])
_SHAPE = "Ballots are given as [[how many, ballot], …]."


def offered(options: Sequence[str]) -> tuple[str, ...]:
    """The options in the order listed; Usage where there are none, or one is there twice or is no text."""
    listed = tuple(options)
    if not listed:
        raise Usage("There is nothing to choose from.", "Give at least one option.")
    if any(not isinstance(option, str) or not option for option in listed):
        raise Usage("An option is named by a text.", "Give each a name.")
    if twice := _first_twice(listed):
        raise Usage(f"The option {twice!r} is listed twice.", "List each option once.")
    return listed


def one_of(options: Sequence[str], option: str, what: str) -> None:
    """Usage where `option`, called `what` in the terms of a count, was not offered."""
    if option not in options:
        raise Usage(f"{what} {option!r} is not among the options.", f"There are: {', '.join(options)}.")


def together(ballots: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Each ballot that was cast once, with how many are written alike."""
    numbers, sheets = apart(ballots)
    try:
        written = list(map(_bytes_of, sheets))
    except (TypeError, ValueError, OverflowError):
        raise Usage("A ballot cannot be read.", _SHAPE) from None
    many: dict[bytes, int] = {}
    for alike, number in zip(written, numbers, strict=True):
        many[alike] = many.get(alike, 0) + number
    one = dict(zip(written, sheets, strict=True))
    return ((number, one[alike]) for alike, number in many.items() if number)


def apart(ballots: Sequence[Any]) -> tuple[Sequence[int], Sequence[Any]]:
    """How many there are of each, and the ballots; Usage where that is not what is there."""
    try:
        numbers, sheets = zip(*ballots, strict=True) if ballots else ((), ())
    except (TypeError, ValueError):
        raise Usage("These are no ballots.", _SHAPE) from None
    if not _WHOLE.issuperset(map(type, numbers)) or min(numbers, default=0) < 0:
        raise Usage("How many ballots there are is a whole number.", _SHAPE)
    return numbers, sheets


def ranked(ballots: Sequence[Any], options: Sequence[str]) -> dict[Tiers, int]:
    """How many ranked each way; a blank ballot is ()."""
    known = frozenset(options)
    found: dict[Tiers, int] = {}
    for number, ballot in together(ballots):
        tiers = _tiers(ballot, known)
        found[tiers] = found.get(tiers, 0) + number
    return found


def approved(ballots: Sequence[Any], options: Sequence[str]) -> dict[frozenset[str], int]:
    """How many approved of each set: a ballot is one tier, or a list of options, or {option: 1}."""
    known = frozenset(options)
    found: dict[frozenset[str], int] = {}
    for number, ballot in together(ballots):
        chosen = frozenset(_chosen(ballot, known))
        found[chosen] = found.get(chosen, 0) + number
    return found


def scored(ballots: Sequence[Any], options: Sequence[str], top: int) -> dict[tuple[int, ...], int]:
    """How many gave each row of scores, one for each option in the order listed; a score not given is 0."""
    if type(top) is not int or top < 1:
        raise Usage(f"{top!r} cannot be the highest score.", "Give a whole number above 0.")
    known, nothing = frozenset(options), (0,) * len(options)
    found: dict[tuple[int, ...], int] = {}
    for number, ballot in together(ballots):
        if not isinstance(ballot, dict):
            raise Usage(f"{ballot!r} gives no scores.", "A ballot here is {option: score}.")
        _only(ballot, known)
        row = tuple(map(ballot.get, options, nothing))
        if not _WHOLE.issuperset(map(type, row)) or min(row) < 0 or max(row) > top:
            raise Usage(f"{ballot!r} gives other scores.", f"Scores are whole numbers from 0 to {top}.")
        found[row] = found.get(row, 0) + number
    return found


def papers(found: Mapping[Tiers, int], overvote: str = "exhaust") -> dict[Paper, int]:
    """Ranked ballots as papers with one option a rank. Equal ranks end the paper ("exhaust") or are left out ("skip");
    () is a paper without a usable preference."""
    if overvote not in _OVERVOTES:
        raise Usage(f"{overvote!r} does not say what equal ranks mean.", f"There are: {', '.join(_OVERVOTES)}.")
    read = _OVERVOTES[overvote]
    left: dict[Paper, int] = {}
    for tiers, number in found.items():
        paper = read(tiers)
        left[paper] = left.get(paper, 0) + number
    return left


def _until_equal(tiers: Tiers) -> Paper:
    equal = next((place for place, tier in enumerate(tiers) if len(tier) > 1), len(tiers))
    return tuple([tier[0] for tier in tiers[:equal]])


def _without_equal(tiers: Tiers) -> Paper:
    return tuple([tier[0] for tier in tiers if len(tier) == 1])


_OVERVOTES: dict[str, Callable[[Tiers], Paper]] = {"exhaust": _until_equal, "skip": _without_equal}


def _tiers(ballot: Any, known: frozenset[str]) -> Tiers:
    """One ranked ballot, tiers without options left out and options of a tier in one order."""
    if not _is_list(ballot) or not all(map(_is_list, ballot)):
        raise Usage(f"{ballot!r} ranks nothing.", "A ranked ballot is [[best options], [next options], …].")
    _only([option for tier in ballot for option in tier], known)
    return tuple([tuple(tier) if len(tier) == 1 else tuple(sorted(tier)) for tier in ballot if tier])


def _chosen(ballot: Any, known: frozenset[str]) -> Collection[str]:
    if isinstance(ballot, dict):
        if any(type(mark) is not int or mark not in (0, 1) for mark in ballot.values()):
            raise Usage(f"{ballot!r} approves of nothing.", "A ballot here gives an option 1, or leaves it out.")
        _only(ballot, known)
        return [option for option, mark in ballot.items() if mark]
    if not _is_list(ballot):
        raise Usage(f"{ballot!r} approves of nothing.", "A ballot here is a list of options.")
    if len(ballot) == 1 and _is_list(ballot[0]):
        ballot = ballot[0]
    _only(ballot, known)
    found: Sequence[str] = ballot
    return found


def _only(named: Collection[Any], known: frozenset[str]) -> None:
    """Usage where a ballot names an option that is not there, or one option twice."""
    if _TEXTS.issuperset(map(type, named)) and known.issuperset(named) and len(set(named)) == len(named):
        return
    for option in named:
        if type(option) is not str or option not in known:
            raise Usage(f"A ballot names {option!r}, which is no option.", f"There are: {', '.join(sorted(known))}.")
    if twice := _first_twice(named):
        raise Usage(f"A ballot names {twice!r} twice.", "An option stands on a ballot once.")


def _first_twice(named: Collection[str]) -> str | None:
    if len(set(named)) == len(named):
        return None
    return next(option for option, times in Counter(named).items() if times > 1)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
