"""The journal for ledger, which checks what every account holds whenever it reads the file. Pure."""

from payouts.books import plain_text
from payouts.books.journal import Journal


def write(journal: Journal) -> str:
    """The text of the file; hledger and ledger read the same one."""
    return plain_text.write(journal)
