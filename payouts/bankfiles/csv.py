"""A table in the columns of a template that the treasurer brings: Wise, or any bank that reads CSV. Pure.

The template is the head line of the bank's own table; a second line may say what stands where, with {name}, {iban},
{bic}, {amount}, {currency}, {id}, {date} and {text} in it, or {routing}, {number} and {kind} in the US; {receiver} is
BUSINESS for a party and PRIVATE for a member. Without it,
columns of well-known names are filled.
"""

import csv

from ledger.errors import Usage
from payouts.bank.bank_file import NAME_MAX, TEXT_MAX, BankFile, Transfer
from payouts.bank.bank_words import sepa

ROWS_MAX = 1000
FIELDS = ("name", "iban", "bic", "routing", "number", "kind", "amount", "currency", "id", "date", "text", "receiver")
KNOWN = {
    "name": "{name}", "recipient name": "{name}", "iban": "{iban}", "bic": "{bic}", "swift": "{bic}",
    "routing number": "{routing}", "account number": "{number}", "account type": "{kind}",
    "amount": "{amount}", "currency": "{currency}", "sourcecurrency": "{currency}", "targetcurrency": "{currency}",
    "amountcurrency": "target", "paymentreference": "{text}", "reference": "{text}", "end to end id": "{id}",
    "receivertype": "{receiver}", "recipientemail": "", "date": "{date}",
}  # fmt: skip
"""What well-known columns hold, in lower letters; those of Wise's table among them."""


def write(file: BankFile) -> bytes:
    """The table's bytes. Raises Usage for a template that does not say what stands where."""
    head, cells = _template(file.template)
    if len(file.transfers) > ROWS_MAX:
        raise Usage(f"A table for a bank has at most {ROWS_MAX} rows.", "Pay in two files.")
    rows = [[_filled(cell, _values(file, one)) for cell in cells] for one in file.transfers]
    return "".join(f"{','.join(map(_quoted, row))}\r\n" for row in [head, *rows]).encode()


def holds(template: str, field: str) -> bool:
    """Whether a table in the columns of this template has a place for a field, like "{iban}"."""
    return any(field in cell for cell in _template(template)[1])


def _template(text: str) -> tuple[list[str], list[str]]:
    rows = [row for row in csv.reader(text.lstrip("\ufeff").splitlines()) if any(map(str.strip, row))]
    if not rows:
        raise Usage("A table needs the columns of your bank.", "Name a file with its head line: --template FILE.")
    head = [cell.strip() for cell in rows[0]]
    if len(rows) > 1:
        cells = rows[1]
        if len(cells) != len(head):
            raise Usage(f"The template has {len(head)} columns, and {len(cells)} cells below them.")
    else:
        strange = [cell for cell in head if cell.casefold() not in KNOWN]
        if strange:
            raise Usage(
                f"It is not known what stands in the column {strange[0]!r}.",
                "Write a second line below the head, with {name}, {iban}, {amount}, {text} … in it.",
            )
        cells = [KNOWN[cell.casefold()] for cell in head]
    if "{amount}" not in cells or not {"{iban}", "{number}"} & set(cells):
        raise Usage("The template has no column for the account, or none for the amount.", "{iban} and {amount}.")
    return head, cells


def _values(file: BankFile, one: Transfer) -> dict[str, str]:
    return {
        # A cell that begins with a sign would be a formula to a spreadsheet.
        "name": sepa(one.name, NAME_MAX).lstrip("+-' "),
        "iban": one.iban,
        "bic": one.bic or "",
        "routing": one.routing,
        "number": one.number,
        "kind": one.kind,
        "amount": file.plain(one.amount),
        "currency": file.currency,
        "id": one.eid,
        "date": file.date,
        "receiver": "BUSINESS" if one.is_party else "PRIVATE",
        "text": sepa(one.text or file.text, TEXT_MAX).lstrip("+-' "),
    }


def _filled(cell: str, values: dict[str, str]) -> str:
    for field in FIELDS:
        cell = cell.replace("{" + field + "}", values[field])
    return cell


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\r\n') else cell
