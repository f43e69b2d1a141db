"""Making a statement's page: what it carries, from the book and the log, and how that is drawn as HTML or PDF."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from hashlib import sha256
from importlib import metadata
from importlib.resources import files
from itertools import repeat
from multiprocessing import get_context
from typing import NamedTuple

from ledger import log_keys
from ledger.book import Book
from ledger.entry import read, split_leaf
from ledger.localtime import day
from ledger.names import Look, Names
from ledger.opened import Ledger
from ledger.snapshot import VERSION
from payouts.approving import run_named
from payouts.pages import html, pdf
from payouts.statements.locales import Written
from payouts.statements.statement import statement_data
from payouts.statements.statement_carried import Carried
from payouts.times import row_named

HTML, PDF = "html", "pdf"
DRAWING = (
    "amounts.py",
    "statements/locales.py",
    "statements/statement_carried.py",
    "statements/statement_page.py",
    "statements/statement_steps.py",
    "pages/html.py",
    "pages/pdf.py",
    "pages/statement.typ",
    "pages/style.py",
)
"""The files of this room that decide how a page looks: after any change in them, a page is of another version."""


class Around(NamedTuple):
    """What the pages of one period have in common; `now` in ms."""

    period: str
    now: int
    entry: str
    receipt: str
    checkpoint: str


def around(ledger: Ledger, period: str, now: int) -> Around:
    """What the log says of a computed payout now. Raises Unreachable where only this home's own book is at hand."""
    index = run_named(ledger.book, period).entry
    entry_bytes = split_leaf(ledger.log.entry(index))[0]
    receipt, head = ledger.log.receipt(index), ledger.log.shown()
    return Around(period, now, entry_bytes.decode(), receipt.decode(), head.note.decode())


def carry(book: Book, names: Names, words: Look, person: str, common: Around, how: Written, form: str) -> Carried:
    """All that a member's page is made from."""
    row = row_named(book, common.period)
    return Carried(
        made_by=_made_by(how, form),
        locale=how.locale,
        rehearsal=book.ledger.rehearsal,
        written=common.now,
        day=day(book, common.now),
        first=row.first,
        last=row.last,
        statement=statement_data(book, names, words, person, common.period),
        log_keys=tuple(log_keys.vkeys(book.ledger.origin, log_keys.chain(book.ledger))),
        author_key=book.ledger.keys[read(common.entry.encode()).key].public,
        entry=common.entry,
        receipt=common.receipt,
        checkpoint=common.checkpoint,
    )


def drawn(carried: Carried, form: str) -> bytes:
    """The page, the same bytes every time. Raises NoTypst where a PDF cannot be made here."""
    return pdf.pdf_of(carried) if form == PDF else html.html_of(carried)


def all_drawn(pages: Iterable[Carried], form: str, workers: int) -> Iterator[bytes]:
    """The pages drawn, in their order; PDFs by so many processes at once, while the next are still made up."""
    if form != PDF or workers < 2:
        yield from (drawn(one, form) for one in pages)
        return
    pdf.must_be_here()
    # Spawned and not forked: typst has threads of its own, which a fork would leave behind half-way.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(drawn, pages, repeat(form), chunksize=4)


def _made_by(how: Written, form: str) -> dict[str, str]:
    """The programs whose versions decide how a page looks, letter by letter."""
    found = {"tally": VERSION, "drawing": _drawing()}
    found |= {"babel": metadata.version("babel")} if how.locale else {}
    return found | ({"typst": pdf.version()} if form == PDF else {})


def made_here(carried: Carried, form: str) -> dict[str, str]:
    """The versions here of the programs that such a page is made by; "" for one that is not here."""
    return _made_by(Written(locale=carried.locale), form)


@lru_cache(maxsize=1)
def _drawing() -> str:
    """The beginning of a hash over DRAWING."""
    texts = [files("payouts").joinpath(name).read_bytes().replace(b"\r\n", b"\n") for name in DRAWING]
    return sha256(b"\0".join(texts)).hexdigest()[:16]
