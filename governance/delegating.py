"""Voting through another: whoever does not vote herself is counted with the one she named, or with the one he named.

Counted from who voted: a chain that leads to nobody who did, or in a circle, counts as absent. Nobody is counted
twice, and nobody votes for more others than the profile allows; those who named him first go before. Pure.
"""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

SCOPES = ("all", "topic", "role", "proposal")
"""In what: everything, a topic, votes about a role, one proposal. The narrower goes first."""


class Named(Struct, frozen=True):
    """Who votes for somebody in a vote, and by which entry that was said."""

    to: str
    index: int


def carried(roll: Collection[str], direct: Collection[str], named: Mapping[str, Named], cap: int) -> dict[str, str]:
    """Who of the roll did not vote -> who voted for them. At most `cap` others for each who voted."""
    asked, voted = frozenset(roll), frozenset(direct)
    reached = {}
    for person in asked - voted:
        voter = _end_of(person, voted, asked, named)
        if voter is not None:
            reached[person] = voter
    found: dict[str, str] = {}
    weights: dict[str, int] = {}
    for person in sorted(reached, key=lambda one: (named[one].index, one)):
        voter = reached[person]
        if weights.get(voter, 0) < cap:
            weights[voter] = weights.get(voter, 0) + 1
            found[person] = voter
    return found


def _end_of(person: str, voted: Collection[str], asked: Collection[str], named: Mapping[str, Named]) -> str | None:
    """The first on the chain from this person who voted; None where there is none."""
    at, seen = person, {person}
    while at in named:
        at = named[at].to
        if at in seen or at not in asked:
            return None
        if at in voted:
            return at
        seen.add(at)
    return None


def led_with(who: str, to: str, named: Mapping[str, str]) -> set[str]:
    """All who are led to one person once `who` names `to` too: the one at the end of that chain."""
    others = {one: whom for one, whom in named.items() if one != who}
    end, seen = to, {who}
    while end in others and end not in seen:
        seen.add(end)
        end = others[end]
    return behind(end, [*others.items(), (who, to)])


def behind(proxy: str, named: Iterable[tuple[str, str]]) -> set[str]:
    """All who are led to this person by these (who, to whom), directly or through others."""
    leads: dict[str, list[str]] = {}
    for who, to in named:
        leads.setdefault(to, []).append(who)
    found: set[str] = set()
    ahead = [proxy]
    while ahead:
        new = [who for who in leads.get(ahead.pop(), ()) if who not in found and who != proxy]
        found.update(new)
        ahead += new
    return found


def is_circle(who: str, to: str, named: Mapping[str, str]) -> bool:
    """Whether with this step the chain comes back to where it began."""
    at, seen = to, {who}
    while at not in seen:
        seen.add(at)
        if at not in named:
            return False
        at = named[at]
    return at == who
