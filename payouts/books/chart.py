"""Where each account of ours stands in an accountant's chart: assets, liabilities, equity, income, expenses.

What the cooperative owes to somebody is a liability, what it keeps is equity; a person or party is a short id. Names
that a rule gives in any letters become names that hledger, ledger and beancount take, no two of them the same. Pure.
"""

import unicodedata
from collections.abc import Mapping
from itertools import groupby

from governance.rule import FUND, HELD, INDIVISIBLE, OWED, RESULT
from ledger.book import Book
from payouts.parties.payees import PAYABLE
from payouts.state import AWAITING, BANK

BANK_ACCOUNT = "Assets:Bank"
AWAITED = RECEIPTS, COSTS, SHARED = ("Income:Receipts", "Expenses:Costs", "Equity:Shared")
"""What came in, what it cost, and what runs have shared of it: together, the income that waits for its run."""

KINDS = {INDIVISIBLE: "Equity:Reserve", FUND: "Equity:Funds", OWED: "Liabilities:Owed"}
"""By the kind that a rule gives an account."""

OTHER = "Equity:Other"
ODD_FIRST = "X---"
"""Before a name whose first letter has no capital, or is one."""

SHORT = 8
_LETTERS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd"))


class Chart:
    """The accounts of the chart, and whose they are. Ids are shortened in the order in which they are asked for."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._short: dict[str, str] = {}
        self.whose: dict[str, str] = {}  # account of the chart -> the person or party it is of

    def short(self, known: str) -> str:
        """A short id: M (a member) or P (a party) and the first letters of the id; of two alike the later is longer."""
        if known not in self._short:
            letter, taken = "P" if known in self._book.ledger.parties else "M", set(self._short.values())
            tried = (f"{letter}{known[:length]}" for length in range(SHORT, len(known) + 1))
            self._short[known] = next(one for one in tried if one not in taken)
        return self._short[known]

    def place(self, name: str, kinds: Mapping[str, str]) -> str:
        """The account of the chart that one of ours is; `kinds` are those of the rule's accounts, by name.

        Income that awaits its run has three there: `awaiting` is the one that runs share from.
        """
        kind, _, rest = name.partition(":")
        head, _, last = rest.rpartition(":")
        if kind == "balance":
            return self._of(rest, "Liabilities:Members:{}")
        if kind == "advance":
            return self._of(rest, "Assets:Advances:{}")
        if kind == "member":
            return self._of(last, "Equity:Held:{}" if head == HELD else f"Equity:Capital:{component(head)}:{{}}")
        if kind == "owed":
            if head == "withheld":
                return self._of(last, "Liabilities:Parties:{}:Withheld")
            why = "Proposal" if head.isdigit() else "Year"  # a decision on a reserve, or the tax of a book year
            return self._of(last, f"Liabilities:Parties:{{}}:{why}-{head}")
        if kind == "clearing":
            return f"Assets:Clearing:{component(rest)}"
        if kind == PAYABLE:
            return self._of(rest, "Liabilities:Payable:{}")
        if kind == "pot":
            return f"Equity:Pots:{component(rest)}"
        if kind == "account":
            return "Equity:Result" if rest == RESULT else f"{KINDS.get(kinds.get(rest, ''), OTHER)}:{component(rest)}"
        return {BANK: BANK_ACCOUNT, AWAITING: SHARED}.get(name) or f"{OTHER}:{component(name)}"

    def _of(self, known: str, pattern: str) -> str:
        account = pattern.format(self.short(known))
        self.whose[account] = known
        return account


def component(name: str) -> str:
    """One part of an account's name that all three programs take: a capital or digit, then letters, digits and "-".

    "legal reserve" is "Legal-reserve"; of other signs the UTF-8 bytes are written: "a:b" is "A--3a--b". No two names
    give the same.
    """
    runs = groupby(name, lambda letter: unicodedata.category(letter) in _LETTERS)
    written = "".join(_run("".join(run), plain) for plain, run in runs)
    first, capital = written[0], written[0].upper()
    if unicodedata.category(first) == "Nd":
        return written
    if capital != first and capital.lower() == first and unicodedata.category(capital) == "Lu":
        return capital + written[1:]
    return ODD_FIRST + written


def _run(signs: str, plain: bool) -> str:
    """Letters and digits as they are; a blank as "-"; other signs, which stand between letters, as "--…--"."""
    if plain:
        return signs
    return "-" if signs == " " else f"--{signs.encode().hex()}--"
