"""Reads a bank's statement of account (ISO 20022, camt.053, versions .02 and later). Pure.

A statement is taken as a whole or not at all: it is of our account and in our currency, and its opening balance and
its lines come to its closing balance. Lines that are not booked yet are left for the statement in which they are.
"""

from collections.abc import Iterator

from payouts.bank.bank_lines import BadStatement, Line, checked_day, minor_units, tidy_reason, tidy_ref
from payouts.bank.xml_lines import Node

SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
NOT_GIVEN = ("", "NOTPROVIDED")
ASK = "Ask the bank for the statement of the right account and day."


def lines_of(root: Node, iban: str, currency: str, exponent: int) -> list[Line]:
    """All booked lines of a file, in its order. Raises BadStatement."""
    statements = root.all("BkToCstmrStmt/Stmt")
    if not statements:
        raise BadStatement("This file holds no statement.", ASK)
    found: list[Line] = []
    for statement in statements:
        if "".join(statement.says("Acct/Id/IBAN").split()).upper() != iban:
            raise BadStatement(f"Line {statement.line}: this is the statement of another account.", ASK)
        entries = [one for one in statement.all("Ntry") if (one.says("Sts/Cd") or one.says("Sts")) == "BOOK"]
        _must_add_up(statement, entries, currency, exponent)
        for entry in entries:
            found += _lines(entry, currency, exponent)
    return found


def _must_add_up(statement: Node, entries: list[Node], currency: str, exponent: int) -> None:
    balances = {one.says("Tp/CdOrPrtry/Cd"): _signed(one, currency, exponent) for one in statement.all("Bal")}
    opening = balances.get("OPBD", balances.get("PRCD"))
    if opening is None or "CLBD" not in balances:
        raise BadStatement(f"Line {statement.line}: the statement has no opening or no closing balance.", ASK)
    moved = sum(_signed(one, currency, exponent) for one in entries)
    if opening + moved != balances["CLBD"]:
        raise BadStatement(f"Line {statement.line}: opening balance and lines do not come to the closing balance.", ASK)


def _signed(node: Node, currency: str, exponent: int) -> int:
    amount = _amount(node.first("Amt"), node, currency, exponent)
    return -amount if node.says("CdtDbtInd") == "DBIT" else amount


def _amount(node: Node | None, around: Node, currency: str, exponent: int) -> int:
    if node is None:
        raise BadStatement(f"Line {around.line}: an amount is missing.", ASK)
    if node.attributes.get("Ccy") != currency:
        raise BadStatement(f"Line {node.line}: this amount is not in {currency}.", ASK)
    return minor_units(node.text, exponent, node.line)


def _lines(entry: Node, currency: str, exponent: int) -> Iterator[Line]:
    """One line for each payment that an entry names with its amount; else one for the entry."""
    details = entry.all("NtryDtls/TxDtls")
    total = _amount(entry.first("Amt"), entry, currency, exponent)
    amounts = [_own_amount(one, currency, exponent) for one in details]
    if len(details) == 1 and amounts[0] is None:
        amounts = [total]
    if details and None not in amounts and sum(one or 0 for one in amounts) == total:
        for one, amount in zip(details, amounts, strict=True):
            yield _line(entry, one, amount or 0, _ids([one]))
        return
    yield _line(entry, details[0] if len(details) == 1 else entry, total, _ids(details))


def _own_amount(one: Node, currency: str, exponent: int) -> int | None:
    node = one.first("Amt") or one.first("AmtDtls/TxAmt/Amt") or one.first("AmtDtls/InstdAmt/Amt")
    return None if node is None else _amount(node, one, currency, exponent)


def _ids(details: list[Node]) -> tuple[str, ...]:
    said = (one.says("Refs/EndToEndId") for one in details)
    return tuple(one for one in said if one not in NOT_GIVEN)


def _line(entry: Node, one: Node, amount: int, ids: tuple[str, ...]) -> Line:
    is_out = entry.says("CdtDbtInd") == "DBIT"
    side = "Cdtr" if is_out else "Dbtr"
    batches = (
        one.says("Refs/PmtInfId"),
        entry.says("NtryDtls/Btch/PmtInfId"),
        entry.says("NtryDtls/Btch/MsgId"),
    )
    return Line(
        booked=checked_day((entry.says("BookgDt/Dt") or entry.says("BookgDt/DtTm"))[:10], entry.line),
        amount=amount,
        is_out=is_out,
        payments=ids,
        batch=next((said for said in batches if said not in NOT_GIVEN), ""),
        reason=tidy_reason(one.says("RtrInf/Rsn/Cd")),
        ref=tidy_ref(one.says("Refs/AcctSvcrRef") or entry.says("AcctSvcrRef")),
        name=one.says(f"RltdPties/{side}/Pty/Nm") or one.says(f"RltdPties/{side}/Nm"),
        iban="".join(one.says(f"RltdPties/{side}Acct/Id/IBAN").split()).upper(),
        text=" ".join(node.text.strip() for node in one.all("RmtInf/Ustrd")) or entry.says("AddtlNtryInf"),
        line=entry.line,
    )
