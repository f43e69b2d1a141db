"""Setting a number in the text of a share rule: `now` of an `ask` becomes another, every other letter stays. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from governance.rule import Rule
from governance.rule_values import percent
from governance.rules import parse
from ledger.errors import Refused
from ledger.money import split

_NOW = re.compile(r'\bnow(\s*=\s*)("[^"\n]*"|[0-9]+)')


DIGITS_MAX = 12
"""A share rule writes no longer fractions; longer ones are cut to billionths."""


def writable(values: Sequence[Fraction]) -> list[Fraction]:
    """These numbers as a rule can write them: as they are, or in billionths that come to the same sum."""
    if all(len(str(one.denominator)) <= DIGITS_MAX and len(str(one.numerator)) <= DIGITS_MAX for one in values):
        return list(values)
    unit = 10**9
    total, weights = int(sum(values) * unit // 1), {str(place): one for place, one in enumerate(values)}
    return [Fraction(part, unit) for part in split(total, weights).values()]


def check_settable(text: str, names: Iterable[str]) -> None:
    """Raise Refused unless each of these numbers can be set in this text."""
    asks = parse(text).asks
    for name in names:
        # Set to what it is, nothing may change but the spelling; so the place that is written to is the right one.
        with_numbers(text, {name: asks[name].now.value})


def with_numbers(text: str, numbers: Mapping[str, Fraction]) -> str:
    """The rule with these numbers. Raises Refused where the text does not show the place of one."""
    before = parse(text)
    for name, value in numbers.items():
        text = _with_number(text, name, value)
    if not _differs_only(before, parse(text), numbers):
        raise Refused("The numbers of this rule cannot be set in its text.", "Write them as [ask.NAME] with now = …")
    return text


def _with_number(text: str, name: str, value: Fraction) -> str:
    head = re.compile(
        rf'^[ \t]*(?:\[\s*ask\s*\.\s*"?{re.escape(name)}"?\s*\]|(?:ask\s*\.\s*)?"?{re.escape(name)}"?\s*=\s*\{{)',
        re.MULTILINE,
    )
    for found in head.finditer(text):
        end = text.find("}", found.end()) if found.group().endswith("{") else _next_table(text, found.end())
        place = _NOW.search(text, found.end(), end if end != -1 else len(text))
        if place:
            return f'{text[: place.start()]}now{place.group(1)}"{percent(value)}"{text[place.end() :]}'
    raise Refused(f"The rule's text does not show where {name} is set.", "Write it as [ask.NAME] with now = …")


def _next_table(text: str, start: int) -> int:
    found = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, start)
    return found.start() if found else len(text)


def _differs_only(before: Rule, after: Rule, numbers: Mapping[str, Fraction]) -> bool:
    """Whether the two rules are the same but for these numbers, which are what was asked for."""
    if any(after.asks[name].now.value != value for name, value in numbers.items()):
        return False
    same_asks = {name: replace(ask, now=after.asks[name].now) for name, ask in before.asks.items()} == dict(after.asks)
    return same_asks and _shape(before) == _shape(after)


def _shape(rule: Rule) -> tuple[object, ...]:
    """What of a rule no number changes."""
    return rule.title, rule.points, rule.moved, set(rule.accounts), set(rule.pots)
