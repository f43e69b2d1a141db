"""A share rule in plain words: a sentence for every pot, and what a new version would change.

Members read this beside the text when they vote; it says what the rule does, not how it is written.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeVar

from governance.rule import HOUR, Account, Ask, Kind, Pot, Rule
from governance.rule_values import percent, spelled

STARTS = {"income": "what comes in each period", "surplus": "what a year leaves over", "loss": "what a year lacks"}
"""What each pot that a run starts from holds."""

LOSS = "loss"

KINDS = {"indivisible": "indivisible", "owed": "owed to a party", "fund": "a fund", "member": "kept per person"}
"""What each kind of account is."""

T = TypeVar("T")


def sentences(rule: Rule) -> list[str]:
    """One sentence a pot, in the order money flows through them from each start."""
    return [sentence_in(rule, name) for name in in_order(rule)]


def in_order(rule: Rule) -> list[str]:
    """The pots in the order money flows through them, from each start after the other."""
    order = [name for start in STARTS if start in rule.pots for name in rule.order(start)]
    return list(dict.fromkeys(order))


def sentence(pot: Pot) -> str:
    """What one pot does with what it is given."""
    return _sentence(pot.name, pot.how.words())


def sentence_in(rule: Rule, name: str) -> str:
    """What a pot does in its rule: also in a loss, where one reaches it."""
    return _sentence(name, clauses(rule, name))


def clauses(rule: Rule, name: str) -> tuple[str, ...]:
    """The clauses of a pot's sentence; a pot that only a loss reaches gives nothing, and takes."""
    how, losing = rule.pots[name].how, LOSS in rule.pots and name in rule.order(LOSS)
    given = any(name in rule.order(start) for start in STARTS if start in rule.pots and start != LOSS)
    if losing and not given:
        return how.lost_words()
    return (*how.words(), "a loss is taken from the same places, as far as they go") if losing else how.words()


def _sentence(name: str, said: tuple[str, ...]) -> str:
    first, *others = said
    begin = f"{name}, {STARTS[name]}," if name in STARTS else name
    return f"{begin} {first}: {'; '.join(others)}."


def work_words(rule: Rule) -> list[str]:
    """What work weighs, a line a role: "sales: 10 points an hour; a deal 20 points per 1000 paid"."""
    return [
        f"{role}: {'; '.join(_weighs(kind, line) for kind, line in sorted(kinds.items(), key=_hours_first))}"
        for role, kinds in sorted(rule.points.items())
        if kinds
    ]


def _hours_first(line: tuple[str, Kind]) -> tuple[bool, str]:
    return line[0] != HOUR, line[0]


def _weighs(name: str, kind: Kind) -> str:
    """One line of the catalogue; an hour goes without its name: "10 points an hour"."""
    each = {"1": "", "1h": " an hour"}.get(kind.per_text, f" per {kind.per_text}")
    paid = " paid" if kind.when == "paid" else ""
    said = [f"{_points(kind.points)}{each}{paid}"] if kind.points is not None else []
    said += [f"a claim of {kind.claim.text}{each}{paid}, {kind.life}"] if kind.claim else []
    words = ", ".join(said) or "no points"
    return words if name == HOUR else f"{_article(name)} {name} {words}"


def _points(points: Fraction) -> str:
    return "no points" if not points else "1 point" if points == 1 else f"{spelled(points)} points"


def _article(name: str) -> str:
    return "an" if name[0].casefold() in "aeiou" else "a"


def differences(old: Rule, new: Rule) -> list[str]:
    """What changes from one rule to another, one line a change; nothing where they say the same."""
    return [
        *_named("The title", old.title, new.title),
        *_named("Late work", old.late, new.late),
        *_changes("account", old.accounts, new.accounts, _account_words, new.moved),
        *_changes("number members set", old.asks, new.asks, _ask_words, {}),
        *_changes("work", _lines(old), _lines(new), _kind_words, {}),
        *_pots(old, new),
    ]


def _named(what: str, old: str, new: str) -> list[str]:
    return [f'{what}: "{old}" becomes "{new}".'] if old != new else []


def _changes(
    what: str,
    old: Mapping[str, T],
    new: Mapping[str, T],
    words: Callable[[T], str],
    moved: Mapping[str, str],
) -> list[str]:
    """Entries that are new, dropped, or say something else, by name."""
    said = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            said.append(_dropped(what, name, moved))
        elif name not in old:
            said.append(f"New {what} {name}: {words(new[name])}.")
        elif words(old[name]) != words(new[name]):
            said.append(f"{what.capitalize()} {name}: {words(old[name])} becomes {words(new[name])}.")
    return said


def _pots(old: Rule, new: Rule) -> list[str]:
    said = []
    for name in sorted(old.pots.keys() | new.pots.keys()):
        if name not in new.pots:
            said.append(_dropped("pot", name, new.moved))
        elif name not in old.pots:
            said.append(f"New pot {sentence_in(new, name)}")
        else:
            said.extend(_clauses(name, clauses(old, name), clauses(new, name)))
    return said


def _clauses(name: str, old: tuple[str, ...], new: tuple[str, ...]) -> list[str]:
    """What a pot no longer does and what it does instead; the order of lines counts too."""
    gone = [clause for clause in old if clause not in new]
    come = [clause for clause in new if clause not in old]
    if not gone and not come:
        return [f"Pot {name}: the order becomes {'; '.join(new[1:])}."] if old != new else []
    before = [f"no longer: {'; '.join(gone)}"] if gone else []
    after = [f"now: {'; '.join(come)}"] if come else []
    return [f"Pot {name}: {'. '.join(before + after)}."]


def _dropped(what: str, name: str, moved: Mapping[str, str]) -> str:
    where = f"; its money moves to {moved[name]}" if name in moved else ""
    return f"The {what} {name} is dropped{where}."


def _lines(rule: Rule) -> dict[str, Kind]:
    return {f"{role} {kind}": line for role, kinds in rule.points.items() for kind, line in kinds.items()}


def _account_words(account: Account) -> str:
    interest = f", with interest of {account.interest.words()}" if account.interest else ""
    return KINDS[account.kind] + interest


def _ask_words(ask: Ask) -> str:
    return f"{percent(ask.now.value)}, between {percent(ask.min.value)} and {percent(ask.max.value)}"


def _kind_words(kind: Kind) -> str:
    per = "each" if kind.per_text == "1" else f"per {kind.per_text}"
    said = [f"{kind.points} points {per}"] if kind.points is not None else []
    said += [f"a claim of {kind.claim.text} {per}, {kind.life}"] if kind.claim else []
    said += ["when paid"] if kind.when == "paid" else []
    return ", ".join(said) or f"no points, {per}"
