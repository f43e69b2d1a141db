"""What somebody says with help, by phone or on paper: a helper signs, a second person witnesses, the paper is kept.

The statement inside is judged as if its person had said it. Pure.
"""

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ledger.book import Book
from ledger.entry import Entry

KIND = "ledger.assisted"
CONTEST_DAYS = 7
DAY = 24 * 3_600_000


class _Act(Struct):
    kind: str
    body: msgspec.Raw


class _Body(Struct):
    person: str
    act: _Act


def inner_of(entry: Entry) -> Entry:
    """The statement itself where it was made with help, as its person's; every other entry as it is."""
    if entry.envelope.kind != KIND:
        return entry
    held = msgspec.json.decode(entry.envelope.body, type=_Body)
    envelope = replace(entry.envelope, kind=held.act.kind, author=held.person, body=msgspec.Raw(bytes(held.act.body)))
    return replace(entry, envelope=envelope)


def contestable_until(book: Book, received: int) -> int:
    """The instant until which the person may contest what was said for her."""
    return received + (book.ledger.contest_days or CONTEST_DAYS) * DAY


def is_contestable(book: Book, entry: str, at: int) -> bool:
    """Whether a statement was made with help and may still be contested at this instant."""
    held = book.ledger.assisted.get(entry)
    return held is not None and at < held.until
