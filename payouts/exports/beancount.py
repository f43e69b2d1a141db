"""The journal for beancount: its checks hold at the beginning of a day, so they stand on the day after. Pure.

Each is exact (`~ 0.00`): without that, beancount lets a cent pass.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from payouts.books.journal import Check, Journal, one_line
from payouts.books.postings import Transaction


def write(journal: Journal) -> str:
    """The text of the file."""
    return "\n".join(_lines(journal))


def _lines(journal: Journal) -> Iterator[str]:
    yield f"; All that the ledger {journal.id} says of money"
    yield f"; in its first {journal.size} entries, whose root is {journal.root}"
    if journal.rehearsal:
        yield "; This is a rehearsal: nobody is paid."
    yield f'option "title" {_text(journal.ledger)}'
    yield f'option "operating_currency" "{journal.currency}"'
    yield ""
    for account, opened in journal.accounts.items():
        yield f"{opened.since} open {account} {journal.currency}"
        if opened.name:
            yield f"  name: {_text(opened.name)}"
    for row in journal.rows:
        yield from ("", *(_check(journal, row) if isinstance(row, Check) else _transaction(journal, row)))
    yield ""


def _transaction(journal: Journal, one: Transaction) -> Iterator[str]:
    yield f"{one.date} * {_text(one.words)}"
    for tag, text in {"code": one.code, **one.tags}.items():
        yield f"  {tag}: {_text(text)}"
    for posting in one.postings:
        yield f"  {posting.account}  {journal.plain(posting.amount)} {journal.currency}"


def _check(journal: Journal, one: Check) -> Iterator[str]:
    day = (date.fromisoformat(one.date) + timedelta(days=1)).isoformat()
    yield f"; {one.words}"
    for account, amount in one.balances.items():
        yield f"{day} balance {account}  {journal.plain(amount)} ~ {journal.plain(0)} {journal.currency}"


def _text(words: str) -> str:
    """Words as a string on one line."""
    quoted = one_line(words).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'
