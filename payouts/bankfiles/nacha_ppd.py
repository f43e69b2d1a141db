"""A file of direct deposits in the United States (Nacha, PPD credits), one batch. Pure.

Lines of 94 signs, ten to a block. A payment's id has 15 signs there: the first 15 of ours, in capitals.
"""

from collections.abc import Iterator

from ledger.errors import Refused
from payouts.bank.bank_file import BankFile, Transfer
from payouts.bank.bank_words import sepa
from payouts.bank.us_account import SAVINGS

ID_SIGNS = 15
CENTS_MAX = 9_999_999_999
CREDITS = "220"


def write(file: BankFile) -> bytes:
    """The file's bytes. Raises Refused for what such a file cannot carry."""
    if (file.currency, file.exponent) != ("USD", 2):
        raise Refused(f"Direct deposits are in USD; this ledger counts in {file.currency}.", "Use another --format.")
    if not file.debtor.routing or any(not one.routing for one in file.transfers):
        raise Refused("Direct deposits go from and to accounts with a routing number.", "Use another --format.")
    if any(not 0 < one.amount <= CENTS_MAX for one in file.transfers) or file.total > CENTS_MAX * 100:
        raise Refused("One direct deposit is at most 99,999,999.99 USD, and more than nothing.")
    lines = list(_lines(file))
    lines += ["9" * 94] * (-len(lines) % 10)
    assert all(len(line) == 94 for line in lines)
    return "".join(f"{line}\r\n" for line in lines).encode()


def _lines(file: BankFile) -> Iterator[str]:
    debtor, count = file.debtor, len(file.transfers)
    origin, entry_hash = debtor.routing[:8], sum(int(one.routing[:8]) for one in file.transfers) % 10**10
    day, made = file.date[2:].replace("-", ""), file.created[2:16].replace("-", "").replace("T", "").replace(":", "")
    yield f"101 {debtor.routing}{debtor.company:>10}{made}A094101{_text(debtor.bank, 23)}{_text(debtor.name, 23)}{'':8}"
    company, text = _text(debtor.name, 16), "PAYOUT"
    yield f"5{CREDITS}{company}{'':20}{debtor.company:<10}PPD{text:<10}{'':6}{day}{'':3}1{origin}{1:07d}"
    for number, one in enumerate(file.transfers, 1):
        yield _entry(one, f"{origin}{number:07d}")
    sums = f"{entry_hash:010d}{0:012d}{file.total:012d}"
    yield f"8{CREDITS}{count:06d}{sums}{debtor.company:<10}{'':25}{origin}{1:07d}"
    blocks = -(-(count + 4) // 10)
    yield f"9{1:06d}{blocks:06d}{count:08d}{sums}{'':39}"


def _entry(one: Transfer, trace: str) -> str:
    code = "32" if one.kind == SAVINGS else "22"
    name = _text(one.name, 22)
    return f"6{code}{one.routing}{one.number:<17}{one.amount:010d}{one.eid[:ID_SIGNS].upper()}{name}{'':2}0{trace}"


def _text(text: str, size: int) -> str:
    return f"{sepa(text, size).upper():<{size}}"
