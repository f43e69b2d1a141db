"""Who takes part in a share, and which work is looked at.

The chosen items are those of the pot's roles and circle, without gifts, within the window: so many runs back, or
all there ever was, faded or balanced. A condition about hours counts the same items, unfaded.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from msgspec import Struct

from governance.rule_names import Known
from governance.rule_values import Bound, RuleError, bound, check_name, flag, hidden, only, table, text, texts, whole
from governance.run_facts import Facts, Item, Person
from ledger.people import inside

BY_ITEMS = ("points", "hours", "claims")
"""Weights that come from items; the others look at something else about a person."""

WEIGHTS = ("points", "hours", "equal", "pay", "thanks", "deals", "claims", "capital")
THANKS = "thanks"
_BY = {"equal": "everybody the same", "pay": "by pay in the year so far", "claims": "by what they claim",
       THANKS: "by how many others thanked them"}  # fmt: skip
"""Weights whose name alone says too little."""

FADING = ("points", "hours", "thanks")
BALANCED = ("points", "hours")
KEYS = ("share", "roles", "circle", "who", "look_back", "half_life", "balanced")


class Who(Struct, frozen=True, kw_only=True):
    """Conditions a person meets to take part."""

    hours: Bound | None = None
    standing: tuple[str, ...] = ()
    tenure: Bound | None = None
    leavers: bool = False

    def lets_in(self, person: Person, hours: int | Fraction) -> bool:
        """Whether somebody with so many chosen hours takes part."""
        return (
            (self.leavers or not person.left)
            and (not self.standing or person.standing in self.standing)
            and (self.tenure is None or self.tenure.allows(person.tenure))
            and (self.hours is None or self.hours.allows(hours))
        )

    def words(self) -> Iterator[str]:
        """The conditions, clause by clause, as members say them."""
        if self.standing:
            yield f"only with the standing {' or '.join(self.standing)}"
        if self.hours:
            yield f"only with {self.hours.words()} hours"
        if self.tenure:
            yield f"only with {self.tenure.words()} periods as a member"
        if self.leavers:
            yield "also who has left"


class Among(Struct, frozen=True, kw_only=True):
    """Who shares, and by what. `roles` and `circle` None: all. `look_back` None: all ages."""

    weight: str
    roles: tuple[str, ...] | None
    circle: str | None
    look_back: int | None
    half_life: int | None
    balanced: bool
    who: Who

    @property
    def by_items(self) -> bool:
        """Whether the weight comes from items."""
        return self.weight in BY_ITEMS

    @property
    def looks_at_work(self) -> bool:
        """Whether work decides who shares or how much: by weight, roles, circle or hours."""
        return self.by_items or self.roles is not None or self.circle is not None or self.who.hours is not None

    def within(self, age: int) -> bool:
        """Whether so many runs back lies in the window."""
        return self.look_back is None or age < self.look_back

    def chosen(self, facts: Facts) -> list[Item]:
        """The items this share looks at."""
        return [item for item in facts.items if not item.gift and self.within(item.age) and self.looks_at(item)]

    def looks_at(self, item: Item) -> bool:
        """Whether it is of a role and circle that this share looks at."""
        if self.roles is not None and item.role not in self.roles:
            return False
        return self.circle is None or inside(item.circle, self.circle)

    @property
    def _what(self) -> str:
        return THANKS if self.weight == THANKS else "work"

    def words(self) -> Iterator[str]:
        """Who shares by what, clause by clause, as members say it."""
        yield _BY.get(self.weight, f"by {self.weight}")
        if self.roles:
            yield f"for work of {', '.join(self.roles)}"
        if self.circle:
            yield f"for work in the circle {self.circle}"
        if self.look_back is not None and self.look_back > 1:
            yield f"{self._what} of the last {self.look_back} runs"
        if self.half_life:
            after = "every run" if self.half_life == 1 else f"every {self.half_life} runs"
            yield f"{self._what} weigh{'' if self.weight == THANKS else 's'} half after {after}"
        if self.balanced:
            yield "who got less so far than their part of all work catches up"
        yield from self.who.words()


def read(place: str, share: Mapping[str, Any], known: Known) -> Among:
    """Who shares by what, from the table of a share. Raises RuleError, naming the pot."""
    weight = text(place, "share", share.get("share"))
    if weight not in WEIGHTS:
        raise RuleError(place, f'"{weight}" is not a weight.', f"A share is by {', '.join(WEIGHTS)}.")
    if weight == "capital" and not known.is_member("capital"):
        raise RuleError(place, 'A share by capital needs a member account called "capital".')
    windows = [key for key in ("look_back", "half_life", "balanced") if share.get(key, False) is not False]
    if len(windows) > 1:
        raise RuleError(place, f"{' and '.join(windows)} exclude each other.")
    _fits(place, weight, windows)
    return Among(
        weight=weight,
        roles=_roles(place, share["roles"], known) if "roles" in share else None,
        circle=_circle(place, share["circle"]) if "circle" in share else None,
        look_back=_window(place, share, windows),
        half_life=whole(place, "half_life", share["half_life"], 1) if "half_life" in share else None,
        balanced=flag(place, "balanced", share.get("balanced", False)),
        who=_who(place, share.get("who", {})),
    )


def _fits(place: str, weight: str, windows: list[str]) -> None:
    without_claims = tuple(each for each in WEIGHTS if each != "claims")
    fitting = {"look_back": without_claims, "half_life": FADING, "balanced": BALANCED}
    for window in windows:
        if weight not in fitting[window]:
            raise RuleError(place, f"{window} has no meaning for a share by {weight}.")


def _window(place: str, share: Mapping[str, Any], windows: list[str]) -> int | None:
    if "look_back" in share:
        return whole(place, "look_back", share["look_back"], 1)
    return None if windows else 1


def _roles(place: str, value: Any, known: Known) -> tuple[str, ...]:
    roles = texts(place, "roles", value)
    for role in roles:
        if role not in known.roles:
            raise RuleError(place, f'"{role}" is not a role of the catalogue.', f"Declare it: [points.{role}].")
    return tuple(sorted(set(roles)))


def _circle(place: str, value: Any) -> str:
    if value == "":
        return ""
    circle = text(place, "circle", value)
    if "" in circle.split("/") or hidden(circle):
        raise RuleError(place, f'"{circle}" is not the path of a circle, such as "berlin" or "berlin/support".')
    return circle


def _who(place: str, value: Any) -> Who:
    who = table(place, "who", value)
    only(place, who, ("hours", "standing", "tenure", "leavers"))
    standing = who.get("standing", [])
    return Who(
        hours=bound(place, "hours", who["hours"]) if "hours" in who else None,
        standing=_standings(place, standing) if "standing" in who else (),
        tenure=bound(place, "tenure", who["tenure"]) if "tenure" in who else None,
        leavers=flag(place, "leavers", who.get("leavers", False)),
    )


def _standings(place: str, value: Any) -> tuple[str, ...]:
    standings = texts(place, "standing", value) if isinstance(value, list) else (text(place, "standing", value),)
    for standing in standings:
        check_name(place, standing)
    return standings
