"""Statements as somebody would sign them, honestly or not, for tests of what the log lets in."""

from typing import Any

import pytest

from ledger import canonical, entry
from ledger.errors import TallyError
from ledger.keys import Key
from ledger.record import compose
from tests.village import Village, key, parts, person


def item(whose: str, **changed: Any) -> dict[str, Any]:
    return {
        "who": person(whose),
        "date": "2025-08-01",
        "role": "code",
        "kind": "hour",
        "qty": 90,
        "circle": "",
        "refs": [],
        "with": [],
        "gift": False,
        "source": None,
        "note": None,
        "evidence": None,
    } | changed


def fields(village: Village, who: str = "Ana", **changed: Any) -> dict[str, Any]:
    """What this person would sign next, as a value, with some of it changed."""
    data, _ = compose(
        village.book, key(who), person(who), "contributions.logged", {"items": [item(who)]}, village.book.received
    )
    return canonical.decode(data) | changed


def refused(
    village: Village,
    data: bytes,
    why: type[TallyError],
    signer: Key | None = None,
    namespace: str = entry.NAMESPACE,
    later: int = 0,
) -> TallyError:
    """Sign and hand in these bytes; they are refused for this reason, and the book knows nothing of it."""
    signature = (signer or key("Ana")).sign(entry.preimage(namespace, data))
    before, size, root = parts(village.book), village.book.size, village.book.root
    with pytest.raises(why) as refusal:
        village.book.admit(data, signature, village.book.received + later)

    assert refusal.value.message
    assert (parts(village.book), village.book.size, village.book.root) == (before, size, root)
    return refusal.value


def spelled(village: Village, **changed: Any) -> bytes:
    return canonical.encode(fields(village, **changed))
