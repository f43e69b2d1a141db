"""A resolution in plain words: what the members have decided is what it says."""

from governance.asked import Asked, only_texts
from governance.part import Proposal, of
from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names

TITLE_MAX = 60


def check(book: Book, asked: Asked) -> None:
    """Texts, and nothing else."""
    only_texts(asked, "text")
    if not asked.texts or asked.replaces:
        raise Refused("A resolution is one text or several to choose from, nothing else.")


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """Its first line; of several, each one's."""
    return " / ".join(shortened(of(book).texts[one]) for one in proposal.options)


def act(book: Book, proposal: Proposal, at: int) -> str:
    """It stands; nothing else follows."""
    return ""


def shortened(text: str) -> str:
    """The first line of a text, for a list."""
    first = text.strip().partition("\n")[0].lstrip("# ")
    return first if len(first) <= TITLE_MAX else f"{first[: TITLE_MAX - 1]}…"
