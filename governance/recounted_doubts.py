"""By which statements nobody stood when a vote ended: a key was in other hands, or their person says they are not hers.

The same as `ledger/lives.py` does with the whole log, from the statements of one vote alone. Pure.
"""

from collections.abc import Mapping, Sequence

from governance.count_leaves import Stated
from governance.facts import Joined
from ledger.assisted_facts import Contested
from ledger.facts import Founded
from ledger.key_facts import KeyAdded, KeyRevoked, Reaffirmed
from ledger.keys import key_id


def doubted(leaves: Sequence[Stated], held: int) -> dict[str, int]:
    """Entry id -> index of each statement that was disputed once the log had `held` entries. Leaves in their order."""
    known = {one.entry.id: one for one in leaves}
    found: dict[str, int] = {}
    for said in leaves:
        if said.index >= held:
            break
        fact = said.fact
        if isinstance(fact, KeyRevoked) and fact.suspect_from is not None:
            found |= _in_other_hands(leaves, said, fact.key, fact.suspect_from)
        elif isinstance(fact, Contested):
            _contest(fact.entry, known, found)
        elif isinstance(fact, Reaffirmed):
            found = {one: index for one, index in found.items() if one not in fact.entries}
    return found


def _contest(one: str, known: Mapping[str, Stated], found: dict[str, int]) -> None:
    """Nobody stands by this; where it was itself a contest, what that one struck stands again."""
    if one in known:
        found[one] = known[one].index
        fact = known[one].fact
        if isinstance(fact, Contested):
            found.pop(fact.entry, None)


def _in_other_hands(leaves: Sequence[Stated], said: Stated, key: str, start: int) -> dict[str, int]:
    """What this key signed from an entry on, and what keys signed that it added meanwhile."""
    suspects, found = {key: start}, {}
    for one in leaves:
        since = suspects.get(one.entry.key)
        if since is None or not since <= one.index < said.index or isinstance(one.fact, Joined | Founded):
            continue
        if isinstance(one.fact, KeyAdded):
            added = key_id(bytes.fromhex(one.fact.key))
            if added == said.entry.key:
                continue
            suspects[added] = one.index + 1
        found[one.entry.id] = one.index
    return found
