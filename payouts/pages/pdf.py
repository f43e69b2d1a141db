"""A statement as PDF by typst: PDF/A-3b, tagged, the same bytes every time, with its data, receipt and entry inside.

Fonts are those that typst carries: Latin, Greek, Cyrillic and some other letters. A letter that they lack shows as □,
and a line on the page says so; the data inside has it.
"""

import datetime
from functools import lru_cache
from importlib import metadata
from importlib.resources import files
from typing import Any

import msgspec

from ledger.errors import TallyError
from payouts.statements.statement_carried import Carried, as_bytes
from payouts.statements.statement_page import Page, page_of

STANDARD = "a-3b"
LACKING = "□"
UNUSUAL_MAX = 500  # different letters that are asked after, each by itself
NOTE = f"{LACKING} stands for a letter that the fonts of this PDF lack. The data inside and the HTML page have it."


class NoTypst(TallyError):
    """typst is not installed here."""

    def __init__(self) -> None:
        super().__init__(
            "PDF is made by typst, which is not installed here.",
            'Install it with pip install "tallystick[reports]", or take --html, which needs nothing more.',
        )


class CannotDraw(TallyError):
    """typst could not make this page."""


def version() -> str:
    """The version of typst here; "" where there is none."""
    try:
        return metadata.version("typst")
    except metadata.PackageNotFoundError:
        return ""


def must_be_here() -> None:
    """Raise NoTypst where typst is not installed."""
    _typst()


def pdf_of(carried: Carried) -> bytes:
    """The whole file. Raises NoTypst where it cannot be made here."""
    typst = _typst()
    page = page_of(carried)
    lacking = lacking_in(msgspec.json.encode(page).decode())
    inputs = {
        "page": _drawable(page, lacking),
        "data": as_bytes(carried).decode(),
        "receipt": carried.receipt,
        "entry": carried.entry,
    }
    try:
        made: bytes = _compiler().compile(
            input=_template(),
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=[STANDARD],
            timestamp=datetime.datetime.fromisoformat(f"{carried.day}T00:00:00+00:00"),
        )
    except typst.TypstError as error:
        raise CannotDraw(
            f"typst could not make this page: {error}.", "Take --html, and report this, please."
        ) from error
    return made


def _drawable(page: Page, lacking: frozenset[str]) -> str:
    """The page as JSON for the template, with a sign for every letter that the fonts lack, and a line about it."""
    text = msgspec.json.encode({**msgspec.to_builtins(page), "note": NOTE if lacking else ""}).decode()
    return "".join(LACKING if letter in lacking else letter for letter in text)


def lacking_in(text: str) -> frozenset[str]:
    """The letters of a text that no font of typst has, and those beyond more of them than a page of ours has."""
    unusual = {letter for letter in text if ord(letter) > 0x17F and not "\u0370" <= letter <= "\u045f"}
    return frozenset(letter for place, letter in enumerate(sorted(unusual)) if place >= UNUSUAL_MAX or not _has(letter))


@lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    """Whether typst can show a letter, by its own word: it refuses PDF/A with a letter that it has no picture of."""
    try:
        _compiler().compile(
            input=b"#sys.inputs.letter", format="pdf", sys_inputs={"letter": letter}, pdf_standards=[STANDARD]
        )
    except _typst().TypstError:
        return False
    return True


@lru_cache(maxsize=1)
def _template() -> bytes:
    return files("payouts.pages").joinpath("statement.typ").read_bytes()


@lru_cache(maxsize=1)
def _compiler() -> Any:
    """One for the process: making one reads all fonts."""
    return _typst().Compiler(ignore_system_fonts=True)


def _typst() -> Any:
    try:
        import typst  # noqa: PLC0415  an extra: it may not be there
    except ImportError as error:
        raise NoTypst from error
    return typst
