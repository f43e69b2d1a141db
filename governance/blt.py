"""Ballots as BLT text, which most programs that count transferable votes read and write.

    4 2              options, seats
    -2               option 2 has withdrawn
    3 1 3=4 0        three ballots: 1 first, then 3 and 4 equal; "-" is a rank left blank
    0
    "Ana"            the options in their order, then the title

Source: Hill, Wichmann, Woodall (1987), with the equal and blank ranks of OpaVote. "#" begins a remark.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from governance.grouped import offered, one_of, ranked
from ledger.errors import Usage

Ballots = list[list[Any]]
Lines = Iterator[tuple[int, str]]

_QUOTED = re.compile(r'"([^"]*)"\s*(?:#.*)?')
_NUMBERS = re.compile(r"-?[0-9]{1,9}(?:\s+-?[0-9]{1,9})*")
_RANKS = re.compile(r"[1-9][0-9]{0,8}(?:\s+(?:-|[1-9][0-9]{0,8}(?:=[1-9][0-9]{0,8})*))*\s+0")


def read_blt(text: str) -> tuple[str, int, tuple[str, ...], Ballots]:
    """(title, seats, options, ballots) with ballots as [[how many, [[tier], …]], …]. Options that have withdrawn are
    in neither. Usage names the line that cannot be read."""
    lines = _lines(text)
    at, first = _next(lines, "the number of options and of seats")
    size, seats = _pair(at, first)
    withdrawn: set[int] = set()
    rankings: list[tuple[int, int, list[list[int]]]] = []
    for at, line in lines:
        if line == "0":
            break
        if line.startswith("-"):
            withdrawn |= _withdrawn(at, line, size)
        else:
            rankings.append((at, *_ranking(at, line, size)))
    else:
        raise Usage("The BLT text ends before the ballots do.", 'After the last ballot there is a line with "0".')
    names, title = _names(lines, size)
    ballots: Ballots = [
        [number, [tier for ranks in ranking if (tier := [names[rank - 1] for rank in ranks if rank not in withdrawn])]]
        for at, number, ranking in rankings
    ]
    return title, seats, tuple(name for rank, name in enumerate(names, 1) if rank not in withdrawn), ballots


def write_blt(
    title: str, seats: int, options: Sequence[str], ballots: Sequence[Any], withdrawn: Sequence[str] = ()
) -> str:
    """The text of an election by ranked ballots; `withdrawn` are those of the options that have withdrawn."""
    listed = offered(options)
    ranked(ballots, listed)
    if seats < 1:
        raise Usage(f"There cannot be {seats} seats.", "Give at least one.")
    for option in withdrawn:
        one_of(listed, option, "The withdrawn")
    rank = {option: str(number) for number, option in enumerate(listed, 1)}
    lines = [f"{len(listed)} {seats}"]
    lines += [f"-{rank[option]}" for option in withdrawn]
    for number, tiers in ballots:
        if number:
            ranks = ["=".join(rank[option] for option in tier) for tier in tiers if tier]
            lines.append(" ".join([str(number), *ranks, "0"]))
    return "\n".join([*lines, "0", *map(_quoted, (*listed, title))]) + "\n"


def _lines(text: str) -> Lines:
    """Lines with something on them, with their numbers and without remarks."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        bare = line.strip() if line.lstrip().startswith('"') else line.partition("#")[0].strip()
        if bare:
            yield number, bare


def _next(lines: Lines, what: str) -> tuple[int, str]:
    found = next(lines, None)
    if found is None:
        raise Usage(f"The BLT text ends before {what}.", "Give the whole file.")
    return found


def _bad(at: int, line: str, hint: str) -> Usage:
    return Usage(f"Line {at} of the BLT text cannot be read: {line[:80]!r}.", hint)


def _pair(at: int, line: str) -> tuple[int, int]:
    numbers = [int(word) for word in line.split()] if _NUMBERS.fullmatch(line) else []
    if len(numbers) != 2 or min(numbers) < 1:
        raise _bad(at, line, 'The first line is the number of options and the number of seats, "4 2".')
    return numbers[0], numbers[1]


def _withdrawn(at: int, line: str, size: int) -> set[int]:
    numbers = [-int(word) for word in line.split()] if _NUMBERS.fullmatch(line) else [0]
    if not all(1 <= number <= size for number in numbers):
        raise _bad(at, line, f'Options that have withdrawn are numbers from -1 to -{size}, "-2".')
    return set(numbers)


def _ranking(at: int, line: str, size: int) -> tuple[int, list[list[int]]]:
    if not _RANKS.fullmatch(line):
        raise _bad(at, line, 'A ballot is how many there are, the options ranked, and 0: "3 1 2=4 0".')
    number, *ranks, _ = line.split()
    tiers = [[int(one) for one in rank.split("=")] for rank in ranks if rank != "-"]
    named = [one for tier in tiers for one in tier]
    if len(set(named)) < len(named) or any(one > size for one in named):
        raise _bad(at, line, f"A ballot names each option once, and there are {size} options.")
    return int(number), tiers


def _names(lines: Lines, size: int) -> tuple[list[str], str]:
    """The names of all options, and the title ("" where there is none)."""
    found: list[str] = []
    for at, line in lines:
        quoted = _QUOTED.fullmatch(line)
        if quoted is None or len(found) > size:
            raise _bad(at, line, "After the ballots come the names of the options and the title, each in quotes.")
        if quoted[1] in found[:size] and len(found) < size:
            raise _bad(at, line, "Each option has a name of its own.")
        found.append(quoted[1])
    if len(found) < size:
        raise Usage(f"The BLT text names {len(found)} of its {size} options.", "Give the name of each, in quotes.")
    return found[:size], found[size] if len(found) > size else ""


def _quoted(name: str) -> str:
    if '"' in name or len(name.splitlines()) > 1 or name != name.strip("\r\n"):
        raise Usage(f"{name!r} cannot be written in a BLT text.", "Choose a name without quotes, on one line.")
    return f'"{name}"'
