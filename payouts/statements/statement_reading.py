"""Reading a statement's page that somebody hands over: which form it has, and the data it carries.

A page may come from anybody: it is read up to a size, nothing in it is run, and whatever is wrong with it is one
answer.
"""

import logging
from io import BytesIO
from typing import Any, NamedTuple

from ledger.errors import TallyError
from ledger.private import show
from payouts.pages import html
from payouts.statements.statement_carried import SIZE_MAX, Carried, Damaged, from_bytes
from payouts.statements.statement_making import HTML, PDF
from payouts.statements.statement_page import page_of

FILE_MAX = 3_000_000  # bytes; a usual one has 50,000
ATTACHED = "statement.json"
PDF_BEGINS = b"%PDF-"
PDF_OBJECTS_MAX = 20_000
PAGES_MAX, LINES_MAX = 3, 2_000
CONTENT_MAX = 300_000
"""Lines and signs of a page that are laid beside the true one; ours have some hundreds and 50,000."""


class NoReader(TallyError):
    """pypdf is not installed here."""

    def __init__(self) -> None:
        super().__init__(
            "A PDF is read by pypdf, which is not installed here.", 'Install it with pip install "tallystick[reports]".'
        )


class NotOurs(Damaged):
    """A file that is no statement of ours."""


class Handed(NamedTuple):
    """A page as it was handed over."""

    form: str
    file: bytes
    carried: Carried


def read_page(file: bytes) -> Handed:
    """The page in a file. Raises NotOurs or Damaged where it is none, or its data cannot be read."""
    if len(file) > FILE_MAX:
        raise NotOurs("This file is too large to be a statement.", f"A statement has less than {FILE_MAX:,} bytes.")
    if file.startswith(html.BEGIN):
        return _handed(HTML, file, html.data_in(file))
    if file.startswith(PDF_BEGINS):
        return _handed(PDF, file, _attached(file))
    raise NotOurs("This file is no statement of Tallystick.", "`tally statement` writes them, as HTML or PDF.")


def _handed(form: str, file: bytes, data: bytes) -> Handed:
    """The page with its data, if a page can be made of that at all."""
    try:
        carried = from_bytes(data)
    except Damaged as error:
        raise Damaged(show(error.message)) from error  # it repeats what a stranger wrote
    try:
        page_of(carried)
    except (TallyError, ValueError) as error:
        why = error.message if isinstance(error, TallyError) else str(error)
        raise Damaged("The data in this page makes no statement: " + show(why.partition("\n")[0])) from error
    return Handed(form, file, carried)


def _attached(file: bytes) -> bytes:
    """The data attached to a PDF. Raises NotOurs where it cannot be found."""
    pypdf = _pypdf()
    try:
        reader = pypdf.PdfReader(BytesIO(file), strict=True)
        if reader.is_encrypted or len(reader.xref.get(0, {})) > PDF_OBJECTS_MAX:
            raise NotOurs("This PDF is no statement of Tallystick.")
        found = [one for one in reader.attachment_list if one.name == ATTACHED]
        data = bytes(found[0].content) if len(found) == 1 else b""
    except TallyError:
        raise
    except Exception as error:  # a stranger's PDF can make the reader fail in any way: all of them are one answer
        raise NotOurs(f"This PDF cannot be read: {type(error).__name__}.", "Ask for the file again.") from error
    if not data or len(data) > SIZE_MAX:
        raise NotOurs(
            "This PDF does not carry the data of a statement.", "`tally statement --pdf` writes those that do."
        )
    return data


def words_of(form: str, file: bytes) -> list[str]:
    """What a page says, line by line, to tell where two of them differ; nothing where it cannot be read."""
    if form == HTML:
        return file.decode(errors="replace").splitlines()[:LINES_MAX]
    try:
        pages = _pypdf().PdfReader(BytesIO(file)).pages
        said = [page.extract_text() for page in pages[:PAGES_MAX] if len(page.get_contents().get_data()) < CONTENT_MAX]
        return [line for text in said for line in text.splitlines()][:LINES_MAX]
    except Exception:  # only to say more about a page that is refused already
        return []


def _pypdf() -> Any:
    """The reader of PDFs, silent about what is wrong with one: the answer says that. Raises NoReader without it."""
    try:
        import pypdf  # noqa: PLC0415  an extra: it may not be there
    except ImportError as error:
        raise NoReader from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    return pypdf
