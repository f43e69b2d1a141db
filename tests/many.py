"""Long ledgers for tests, made quickly: real entries with real signatures, put in as few appends."""

import os
from typing import Any
from unittest.mock import patch

from ledger import clock, entry
from ledger.composing import compose
from ledger.keys import Key, read_key
from ledger.log import Leaf
from ledger.opened import Ledger
from tests.forge import Coop


def work(who: str, day: str = "2025-08-01", note: Any = None) -> dict[str, Any]:
    """The body of an entry with one piece of work."""
    return {
        "items": [
            {
                "who": who, "date": day, "role": "code", "kind": "review", "qty": 1, "circle": "", "refs": [],
                "with": [], "gift": False, "source": None, "note": note, "evidence": None,
            }
        ]
    }  # fmt: skip


def grow(coop: Coop, count: int, note: Any = None, in_one: int = 1000) -> None:
    """So many entries by the person at work, each with one piece of work, `in_one` to an append."""
    with coop.opened() as ledger, patch.dict(os.environ, coop.environment):
        key = read_key(coop.home.pick_keys(ledger.known.slug, coop.who)[0].path)
        leaves: list[Leaf] = []
        for number in range(1, count + 1):
            leaves.append(_said(ledger, key, note))
            if number % in_one == 0 or number == count:
                ledger.log.append(leaves, after=ledger.book.size - len(leaves))
                leaves = []


def _said(ledger: Ledger, key: Key, note: Any) -> Leaf:
    now = clock.now(True)
    who = ledger.book.ledger.keys[key.id].person
    data, words = compose(ledger.book, key, who, "contributions.logged", work(who, note=note), now)
    signature = key.sign(entry.preimage(entry.NAMESPACE, data))
    ledger.book.fold(data, signature, now)
    return Leaf(entry.leaf(data, signature, now), words)
