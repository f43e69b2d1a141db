"""Ballots as ABIF text: ranked or scored ballots in lines that a person can type.

    {"title": "Where to meet"}
    =Bus:[The old bus]        the short form of an option and its name
    3:Bus>Barn=Hall           three ballots: the bus first, then barn and hall equal
    2:Bus/5,Barn/3            two ballots with scores

Source: electowiki.org/wiki/ABIF. "#" begins a remark; "," between options without scores makes them equal; "*" may
stand for ":". A text holds ranked ballots or scored ones, not both.
"""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import DecodeError, Struct, json

from governance.grouped import offered, ranked, scored
from ledger.errors import Usage

Ballots = list[list[Any]]

_NAME = r'(\[[^\]]*\]|"[^"]*"|[^\s\[\]">=,/#:*]+)'
_DECLARED = re.compile(rf"=\s*{_NAME}\s*:\s*{_NAME}\s*(?:#.*)?")
_CAST = re.compile(r"([0-9]{1,9})\s*[:*]\s*(.*)")
_ENTRY = re.compile(rf"{_NAME}(?:\s*/\s*([0-9]{{1,9}}))?\s*")
_BARE = re.compile(r"[A-Za-z0-9_]+")
_MOST = 10**9 - 1
"""Scores and numbers of ballots have at most nine digits."""


class _Line(Struct, frozen=True):
    """A line of ballots: options as (what stands between it and the one before, option, score or None)."""

    at: int
    text: str
    number: int
    entries: tuple[tuple[str, str, int | None], ...]


def read_abif(text: str) -> tuple[str, tuple[str, ...], Ballots]:
    """(title, options, ballots): ballots are [[how many, [[tier], …]], …], or [[how many, {option: score}], …] where
    the text has scores. Options come in the order declared, then in the order they are named. Blank
    ballots alone are read as ranked ones. Usage names the line that cannot be read."""
    title, names, cast = "", dict[str, str](), list[_Line]()
    for at, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        bare = line.strip()
        if bare.startswith("{"):
            title = _title(at, bare, title)
        elif bare.startswith("="):
            _declare(at, bare, names)
        elif bare and not bare.startswith("#"):
            cast.append(_line(at, bare, names))
    has_scores = any(score is not None for line in cast for _, _, score in line.entries)
    read = _scores if has_scores else _tiers
    return title, tuple(dict.fromkeys(names.values())), [[line.number, read(line)] for line in cast]


def write_abif(title: str, options: Sequence[str], ballots: Sequence[Any]) -> str:
    """The text of an election by ranked or by scored ballots."""
    listed = offered(options)
    written = [pair for pair in ballots if pair[0]]
    has_scores = any(isinstance(ballot, dict) for _, ballot in written)
    if has_scores:
        scored(written, listed, _MOST)
    else:
        ranked(written, listed)
    short = _short(listed)
    lines = [json.encode({"title": title}).decode()] if title else []
    lines += [f"={short[option]}:[{option}]" for option in listed]
    for number, ballot in written:
        if has_scores:
            said = ",".join(f"{short[option]}/{score}" for option, score in ballot.items())
        else:
            said = ">".join("=".join(short[option] for option in tier) for tier in ballot if tier)
        lines.append(f"{number}:{said}")
    return "\n".join(lines) + "\n"


def _short(options: Sequence[str]) -> dict[str, str]:
    """What stands for each option in a line: itself where it is one plain word, else a number of its own."""
    found: dict[str, str] = {}
    for place, option in enumerate(options, 1):
        if "]" in option or len(option.splitlines()) > 1 or option != option.strip("\r\n"):
            raise Usage(f"{option!r} cannot be written in an ABIF text.", "Choose a name without ], on one line.")
        word = option if _BARE.fullmatch(option) else f"_{place}"
        while word in options and word != option:
            word = f"_{word}"
        found[option] = word
    return found


def _title(at: int, line: str, before: str) -> str:
    try:
        data = json.decode(line)
    except (DecodeError, RecursionError):
        raise _bad(at, line, 'What is in braces is JSON: {"title": "Where to meet"}.') from None
    title = data.get("title", before)
    if not isinstance(title, str):
        raise _bad(at, line, "A title is a text.")
    return title


def _declare(at: int, line: str, names: dict[str, str]) -> None:
    declared = _DECLARED.fullmatch(line)
    if declared is None:
        raise _bad(at, line, "An option is declared by its short form and its name: =Bus:[The old bus].")
    short, name = _plain(declared[1]), _plain(declared[2])
    if short in names or name in names.values():
        raise _bad(at, line, "Each option is declared once, before the ballots that name it.")
    names[short] = name


def _line(at: int, line: str, names: dict[str, str]) -> _Line:
    """One line of ballots; options that were not declared join the names."""
    cast = _CAST.fullmatch(line)
    if cast is None or not int(cast[1]):
        raise _bad(at, line, "A line is how many ballots there are, and the options: 3:Bus>Barn=Hall.")
    entries: list[tuple[str, str, int | None]] = []
    rest, between = cast[2], ""
    while rest and not rest.startswith("#"):
        entry = _ENTRY.match(rest)
        if entry is None or (entries and not between):
            raise _bad(at, line, 'Between options stands ">", "=" or ",": 3:Bus>Barn=Hall.')
        entries.append((between, _known(_plain(entry[1]), names), int(entry[2]) if entry[2] else None))
        rest = rest[entry.end() :]
        between = rest[:1] if rest[:1] in (">", "=", ",") else ""
        rest = rest[len(between) :].lstrip()
    if between:
        raise _bad(at, line, f"No option stands behind the last {between!r}.")
    if len({option for _, option, _ in entries}) < len(entries):
        raise _bad(at, line, "A ballot names each option once.")
    return _Line(at, line, int(cast[1]), tuple(entries))


def _known(said: str, names: dict[str, str]) -> str:
    """The option that a line means: by its short form, by its name, or a new one."""
    if said not in names and said not in names.values():
        names[said] = said
    return names.get(said, said)


def _tiers(line: _Line) -> list[list[str]]:
    tiers: list[list[str]] = []
    for between, option, _ in line.entries:
        if between in ("=", ","):
            tiers[-1].append(option)
        else:
            tiers.append([option])
    return tiers


def _scores(line: _Line) -> dict[str, int]:
    """The scores of a line, which must not contradict what stands between the options."""
    scores: dict[str, int] = {}
    before = 0
    for between, option, score in line.entries:
        if score is None:
            raise _bad(line.at, line.text, "Where one option of a text has a score, all have: 2:Bus/5,Barn/3.")
        if (between == ">" and before <= score) or (between == "=" and before != score):
            raise _bad(line.at, line.text, f"The score of {option} is at odds with the {between!r} before it.")
        scores[option] = before = score
    return scores


def _plain(name: str) -> str:
    return name[1:-1] if name[0] in '["' else name


def _bad(at: int, line: str, hint: str) -> Usage:
    return Usage(f"Line {at} of the ABIF text cannot be read: {line[:80]!r}.", hint)
