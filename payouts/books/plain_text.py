"""The journal as the text that hledger and ledger both read: one file for the two. Pure.

A check is a transaction that moves nothing and says what every account holds (`0.00 EUR = 64.99 EUR`). What somebody
wrote, like a reference, stands in descriptions alone, without the signs that would end one.
"""

from collections.abc import Iterable, Iterator

from payouts.books.journal import Check, Journal, one_line
from payouts.books.postings import Posting, Transaction

TAGS = (
    *("amendment", "booked", "business", "circle", "due", "entry", "line", "member", "party", "period", "proposal"),
    "value",
)


def write(journal: Journal) -> str:
    """The text of the file."""
    return "\n".join(_lines(journal))


def _lines(journal: Journal) -> Iterator[str]:
    yield f"; {_text(journal.ledger)}: all that its ledger {journal.id} says of money"
    yield f"; in its first {journal.size} entries, whose root is {journal.root}"
    if journal.rehearsal:
        yield "; This is a rehearsal: nobody is paid."
    yield ""
    yield f"commodity {journal.currency}"
    if journal.exponent:
        # Both programs refuse each other's way of saying that there are no decimals.
        yield f"    format {journal.plain(1000 * 10**journal.exponent)} {journal.currency}"
    yield from ("", *(f"tag {tag}" for tag in TAGS), "")
    for account, opened in journal.accounts.items():
        if opened.name:
            yield f"; {_text(opened.name)}:"
        yield f"account {account}"
    for row in journal.rows:
        yield from ("", *(_check(journal, row) if isinstance(row, Check) else _transaction(journal, row)))
    yield ""


def _transaction(journal: Journal, one: Transaction) -> Iterator[str]:
    code = f" ({one.code})" if one.code else ""
    yield f"{one.date} *{code} {_text(one.words)}"
    for tag, text in one.tags.items():
        yield f"    ; {tag}: {text}"
    yield from _postings(journal, one.postings)


def _check(journal: Journal, one: Check) -> Iterator[str]:
    yield f"{one.date} * {one.words}"
    held = one.balances.items()
    yield from _postings(journal, (Posting(account=account, amount=0, leaves=amount) for account, amount in held))


def _postings(journal: Journal, postings: Iterable[Posting]) -> Iterator[str]:
    for one in postings:
        leaves = "" if one.leaves is None else f" = {journal.plain(one.leaves)} {journal.currency}"
        yield f"    {one.account}  {journal.plain(one.amount)} {journal.currency}{leaves}"


def _text(words: str) -> str:
    """Words that cannot end a description: a ";" begins a comment, which may hold dates and tags."""
    return one_line(words).replace(";", ",")
