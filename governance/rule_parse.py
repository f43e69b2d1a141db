"""From the text members vote on to the rule: every table is read once, and everything unclear is refused.

Where a rule is wrong in several places, the one named does not depend on the order it was written in.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from governance.rule import (
    HOUR,
    KINDS_OF_ACCOUNT,
    MEMBER,
    MINUTE,
    MONEY,
    PIECE,
    RESERVED,
    RESULT,
    Account,
    Ask,
    Kind,
    Pot,
    Rule,
    Verb,
)
from governance.rule_checks import check_whole
from governance.rule_names import Known
from governance.rule_values import (
    WHOLE_MAX,
    Float,
    Portion,
    RuleError,
    amount,
    check_name,
    few,
    is_amount,
    one_of,
    only,
    portion,
    shown,
    table,
    text,
    whole,
)

SECTIONS = ("accounts", "ask", "points", "moved")
LATE = ("next_period", "true_up", "reject")

RULE_MAX = 60_000
"""Characters of a rule: as many as a text that is put down before the members may have."""

DEPTH_MAX = 8
"""A line's `until` in a list in a pot lies five deep."""

DOTS_MAX = 500
"""Dots in one line; reading a key of ever more parts takes ever longer for each."""

Path = tuple[str, ...]
Reader = Callable[[str, Mapping[str, Any], Known], Verb]

_PER_TIME = re.compile(r"([0-9]{1,9})([hm])")
_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([^\s=\[{,#][^=]*)=")
_LINE = re.compile(r"line ([0-9]+)")
_TWICE = re.compile(r"Duplicate inline table key '(.+)'")


def parse_with(text: str, readers: Mapping[str, Reader]) -> Rule:
    """The rule a TOML text says, with these verbs. Raises RuleError, which names the place."""
    document = _document(text)
    _check_values(document)
    for name in sorted(document):
        _check_key(name, document[name])
    accounts, asks = _table(document, "accounts"), _table(document, "ask")
    read_asks = {name: _ask(f"ask.{name}", value) for name, value in sorted(asks.items())}
    now = {name: ask.now for name, ask in read_asks.items()}
    rule_accounts = {name: _account(f"accounts.{name}", value, now) for name, value in sorted(accounts.items())}
    points = {role: _role(f"points.{role}", kinds) for role, kinds in sorted(_table(document, "points").items())}
    # Together too: the points of a day's work are added up exactly, and every kind may bring its own denominator.
    few("points", "kinds of work", [kind for kinds in points.values() for kind in kinds])
    tables = {name: value for name, value in sorted(document.items()) if name not in (*SECTIONS, "title", "late")}
    few("rule", "pots", tables)
    _check_names(tables, rule_accounts)
    known = Known(accounts=rule_accounts, pots=tables.keys(), asks=now, roles=points.keys())
    rule = Rule(
        title=_title(document),
        late=one_of("late", "late", document.get("late", LATE[0]), LATE),
        accounts=rule_accounts,
        asks=read_asks,
        points=points,
        pots={name: _pot(name, value, known, readers) for name, value in tables.items()},
        moved={old: _moved(old, new, known) for old, new in sorted(_table(document, "moved").items())},
    )
    check_whole(rule)
    return rule


def _document(text: str) -> dict[str, Any]:
    _check_text(text)
    try:
        return tomllib.loads(text, parse_float=Float)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(_place_of_fault(text, str(error)), f"This is not TOML: {error}.") from error
    except RecursionError as error:
        raise RuleError("rule", "Its lists and tables are nested too deep.") from error
    except ValueError as error:
        raise RuleError("rule", "A number or date in it cannot be one.") from error


def _check_text(text: str) -> None:
    """Refuse at a glance what would take long to read, or cannot be written to a file."""
    if len(text) > RULE_MAX:
        raise RuleError("rule", f"It has {len(text):,} characters; at most {RULE_MAX:,} are read.", "Write it shorter.")
    if any(line.count(".") > DOTS_MAX for line in text.split("\n")):
        raise RuleError("rule", f"A line of it has more than {DOTS_MAX} dots.", "Write it on several lines.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RuleError("rule", "It holds half a character that no program can show.") from error


def _place_of_fault(text: str, fault: str) -> str:
    """The table that a fault in a broken text belongs to, as well as its line tells."""
    found, twice = _LINE.search(fault), _TWICE.match(fault)
    line = int(found[1]) if found else len(text.splitlines())
    header: list[str] = []
    path: list[str] = []
    for row in text.splitlines()[:line]:
        if found := _HEADER.fullmatch(row):
            header = path = _keys(found[1])
        elif found := _KEY.match(row):
            path = header + _keys(found[1])
    path = [*path, twice[1]] if twice else path
    return _place(tuple(path)) if path else f"line {line}"


def _keys(dotted: str) -> list[str]:
    return [key.strip().strip("\"'") for key in dotted.split(".")]


def _place(path: Path) -> str:
    """A pot by its name; of the other tables, the entry: `points.care`, `accounts.carry`, `ask.rate`."""
    return ".".join(path[:2]) if path[0] in SECTIONS else path[0]


def _check_values(document: Mapping[str, Any]) -> None:
    faults = sorted(_faults(document))
    if faults:
        path, why, hint = faults[0]
        raise RuleError(_place(path), f"{shown(path[-1])} {why}.", hint)


def _faults(document: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Where numbers have a point or are too great, or tables lie too deep; lines of a list count as their list."""
    ahead: list[tuple[Path, Any, int]] = [((), document, 0)]
    while ahead:
        path, value, depth = ahead.pop()
        if isinstance(value, Float):
            hint = "Numbers are whole; amounts and parts are in quotes."
            yield path, "has a number with a point and without quotes, which is not exact", hint
        elif isinstance(value, int) and abs(value) > WHOLE_MAX:
            yield path, f"has a number beyond {WHOLE_MAX:,}", "Write a smaller number."
        elif isinstance(value, dict | list) and depth > DEPTH_MAX:
            yield path, "has lists or tables that are nested too deep", "Write it flatter."
        elif isinstance(value, dict):
            ahead.extend(((*path, key), each, depth + 1) for key, each in value.items())
        elif isinstance(value, list):
            ahead.extend((path, each, depth + 1) for each in value)


def _check_key(name: str, value: Any) -> None:
    check_name(shown(name), name)
    if name not in ("title", "late") and not isinstance(value, dict):
        raise RuleError(name, f"{name} is {shown(value)}, and not a table.", "A pot is a table with one verb.")


def _check_names(pots: Mapping[str, Any], accounts: Mapping[str, Account]) -> None:
    for name in sorted(pots):
        if name in RESERVED:
            raise RuleError(name, f'"{name}" is a reserved name.')
        if name in accounts:
            raise RuleError(name, f'"{name}" is the name of a pot and of an account.')
    for name in sorted(accounts):
        if name in RESERVED:
            raise RuleError(f"accounts.{name}", f'"{name}" is a reserved name.')


def _table(document: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    entries = table(section, section, document.get(section, {}))
    few(section, f"entries of {section}", entries)
    for name in sorted(entries):
        check_name(f"{section}.{name}", name)
    return entries


def _title(document: Mapping[str, Any]) -> str:
    return text("title", "title", document["title"]) if "title" in document else ""


def _account(place: str, value: Any, asks: Mapping[str, Portion]) -> Account:
    entry = value if isinstance(value, dict) else {"kind": value}
    only(place, entry, ("kind", "interest"))
    kind = one_of(place, "kind", entry.get("kind"), KINDS_OF_ACCOUNT)
    if "interest" not in entry:
        return Account(kind=kind)
    if kind != MEMBER:
        raise RuleError(place, "Only a member account bears interest.")
    return Account(kind=kind, interest=portion(place, "interest", entry["interest"], asks))


def _ask(place: str, value: Any) -> Ask:
    entry = table(place, place, value)
    only(place, entry, ("now", "min", "max"))
    ask = Ask(**{key: portion(place, key, entry.get(key), {}) for key in ("now", "min", "max")})
    if not ask.min.value <= ask.now.value <= ask.max.value:
        raise RuleError(place, f"now is {ask.now.text}, and not between {ask.min.text} and {ask.max.text}.")
    return ask


def _role(place: str, value: Any) -> dict[str, Kind]:
    kinds = table(place, place, value)
    few(place, f"kinds of {place}", kinds)
    return {name: _kind(place, name, kinds[name]) for name in sorted(kinds)}


def _kind(place: str, name: str, value: Any) -> Kind:
    entry = value if isinstance(value, dict) else {"points": value}
    only(place, entry, ("points", "per", "when", "claim", "life"))
    check_name(place, name)
    if "life" in entry and "claim" not in entry:
        raise RuleError(place, f"{name} has the life of a claim, but no claim.")
    when = one_of(place, f"when of {name}", entry.get("when", "done"), ("done", "paid"))
    per = entry.get("per", "1h" if name == HOUR else "1")
    return Kind(
        points=Fraction(whole(place, name, entry["points"])) if "points" in entry else None,
        per=_per(place, name, per, when),
        per_text=str(per),
        when=when,
        claim=amount(place, f"claim of {name}", entry["claim"]) if "claim" in entry else None,
        life=one_of(place, f"life of {name}", entry.get("life", "until paid"), ("until paid", "once")),
    )


def _per(place: str, name: str, value: Any, when: str) -> tuple[Fraction, str]:
    """What the points are for. A point, or `when = "paid"`, says money; h and m say time, as the kind hour does."""
    written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    time = _PER_TIME.fullmatch(written) if isinstance(written, str) else None
    if not time and not is_amount(written):
        raise RuleError(place, f'per of {name} is such as "1h", "30m", "1" or "1000.00", not {shown(value)}.')
    number = Fraction(time[1] if time else written)
    if (time and time[2] == "h") or (name == HOUR and not time):
        number *= 60
    timed = bool(time) or name == HOUR
    money = "." in written or when == "paid"
    if number == 0 or number > WHOLE_MAX or (timed and money):
        raise RuleError(place, f"per of {name} is more than 0, at most {WHOLE_MAX:,}, and either time or money.")
    return number, MINUTE if timed else MONEY if money else PIECE


def _pot(name: str, value: Mapping[str, Any], known: Known, readers: Mapping[str, Reader]) -> Pot:
    verbs = sorted(key for key in value if key in readers)
    if not verbs:
        raise RuleError(name, f"This pot has no verb; {', '.join(sorted(value)) or 'it'} says nothing that is known.",
                        f"The verbs are {', '.join(sorted(readers))}.")  # fmt: skip
    if len(verbs) > 1:
        raise RuleError(name, f"This pot has two verbs, {verbs[0]} and {verbs[1]}.", "Make two pots of it.")
    return Pot(name=name, verb=verbs[0], how=readers[verbs[0]](name, value, known))


def _moved(old: str, value: Any, known: Known) -> str:
    new = text(f"moved.{old}", old, value)
    if new not in known.pots and new not in known.accounts and new != RESULT:
        raise RuleError(f"moved.{old}", f'"{new}" is neither a pot nor an account.')
    if old in RESERVED:
        raise RuleError(f"moved.{old}", f'"{old}" is built in and cannot be moved.')
    return new
