"""What stands in a signed log has one meaning for ever: kinds keep their fields, and an old log keeps its book.

`make golden` writes these files anew. A difference in `kinds.json` other than a new kind, or in `autumn.json` at all,
means that logs out there would be read differently: give the changed thing a new name instead.
"""

import base64
import hashlib
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from contributions.handing_in import draft_item
from governance.versions import template
from ledger import fact
from ledger.book import Book
from ledger.cranks import all_turns
from ledger.entry import leaf, split_leaf
from ledger.private import Text
from ledger.shelf import MemoryShelf
from payouts.compute import computed_run, line_fields
from payouts.state import of
from tests.village import DAY, ROOMS, Village, at, found, parts, person

GOLDEN = Path(__file__).parent / "golden"
LATER = frozenset(
    (
        *("added_by", "confirmed", "disputed", "doubted", "ended", "erased", "log_keys", "log_keys_said"),
        *("paper", "policy", "policy_said", "policy_since", "recoveries", "suspect", "vouched", "leaving"),
        *("box_keys", "details", "exports", "offers", "payments"),
        *("assisted", "contest_days", "course", "delegations", "loose", "pending", "scheduled", "terms", "thanks"),
        *("capital_terms", "capital_moves", "capital_asked", "redemptions", "heirs", "unclaimed", "quiet"),
        *("year_pins", "years", "tax_corrected", "unusual"),
        *("amendments", "late_due", "late_in", "refunds"),
        *("advances", "withholding", "disputes", "disputed_money", "upheld"),
        *("owed_to", "bills"),
        *("year_pins", "years"),
        *("approver_steps", "needed_by"),
    )
)
"""Fields of the book that came with later kinds of statements: of an earlier log they say nothing."""


def test_every_kind_of_statement_has_the_fields_it_always_had() -> None:
    kinds = fact.kinds(ROOMS)
    schemas, pieces = msgspec.json.schema_components(kinds.values())
    fields = {kind: pieces[schema["$ref"].rpartition("/")[2]] for kind, schema in zip(kinds, schemas, strict=True)}
    said = {"kinds": fields, "pieces": {name: piece for name, piece in pieces.items() if piece not in fields.values()}}

    now = json.loads(json.dumps(_without_words(said)))
    assert kept("kinds.json", now) == now


def test_a_log_of_an_earlier_day_gives_the_book_it_gave_then() -> None:
    if os.environ.get("TALLY_GOLDEN") == "write" and not (GOLDEN / "autumn.json").exists():
        # An old log is only old if it stays: what it gives may be written anew, its leaves never.
        kept("autumn.json", {"leaves": _autumn(), "gives": {}})
    held = json.loads((GOLDEN / "autumn.json").read_text())
    book = Book(ROOMS, MemoryShelf())
    for text in held["leaves"]:
        book.fold(*split_leaf(base64.b64decode(text)))

    gives = {
        "root": book.root,
        "parts": {room: hashlib.sha256(_as_then(part)).hexdigest() for room, part in parts(book).items()},
        "runs": {
            period: [line_fields(line) for line in computed_run(book, period).result.lines] for period in of(book).runs
        },
        "digests": {period: run.digest for period, run in of(book).runs.items()},
    }
    assert kept("autumn.json", held | {"gives": gives})["gives"] == gives


def kept(name: str, said: dict[str, Any]) -> dict[str, Any]:
    """The golden file; written anew first where `make golden` asks for it."""
    path = GOLDEN / name
    if os.environ.get("TALLY_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _as_then(part: bytes) -> bytes:
    """What a room knows, as the book of that day said it: without later fields, which are empty."""
    return msgspec.msgpack.encode(_without_later(msgspec.msgpack.decode(part)))


def _without_later(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_later(held) for name, held in value.items() if held or name not in LATER}
    return [_without_later(held) for held in value] if isinstance(value, list) else value


def _without_words(value: Any) -> Any:
    """A schema without descriptions: words may get better, fields may not change."""
    if isinstance(value, dict):
        return {name: _without_words(part) for name, part in value.items() if name not in ("description", "title")}
    return [_without_words(part) for part in value] if isinstance(value, list) else value


def _autumn() -> list[str]:
    """Two months of three people: work, a join, a new rule, money, payouts and an approval."""
    village = found("Ana", "Chidi")
    joined = village.join("Bela", village.invite("Ana", "Bela", at("2025-08-02")))
    village.vote("Chidi", joined, "yes")
    _work(village, "Ana", "code", "hour", 390, "2025-08-20")
    _work(village, "Bela", "care", "hour", 210, "2025-08-20")
    _work(village, "Chidi", "community", "event", 1, "2025-08-21")
    village.say("Ana", "ledger.party", {"id": person("ACME"), "sort": "customer", "name": Text("ACME")})
    _money(village, "received", 420_000, "2025-08-25")
    _money(village, "spent", 35_000, "2025-08-26")
    rule = template().replace("[points.care]\nhour = 10", "[points.care]\nhour = 14")
    proposed = village.propose_rule("Bela", rule, at("2025-08-27"))
    village.vote("Ana", proposed, "yes")
    village.vote("Bela", proposed, "yes")
    _turn(village, at("2025-09-04"))
    approved = {"period": "2025-08", "digest": of(village.book).runs["2025-08"].digest}
    village.say("Ana", "payouts.approved", approved)
    _work(village, "Bela", "care", "hour", 300, "2025-09-10")
    _work(village, "Ana", "code", "review", 7, "2025-08-30")
    _money(village, "received", 100_001, "2025-09-15")
    _turn(village, at("2025-10-04") + DAY)
    return [base64.b64encode(leaf(*one)).decode() for one in village.leaves]


def _work(village: Village, who: str, role: str, kind: str, qty: int, day: str) -> None:
    item = draft_item(person(who), date.fromisoformat(day), role, kind, qty, None)
    village.say(who, "contributions.logged", {"items": [item]}, max(at(day), village.book.received))


def _money(village: Village, way: str, amount: int, day: str) -> None:
    body = {"party": person("ACME"), "amount": amount, "currency": "EUR", "ref": "", "deals": [], "circle": ""}
    village.say("Ana", f"payouts.{way}", body | {"booked": day, "value": day}, max(at(day), village.book.received))


def _turn(village: Village, now: int) -> None:
    village.book.advance(now)
    while waiting := all_turns(village.book, ROOMS, now):
        village.say("Chidi", *waiting[0], now)
