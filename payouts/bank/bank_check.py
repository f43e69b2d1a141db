"""Reads a file of SEPA payments back and says everything that is wrong with it, before a bank does. Pure.

It shares no code with what writes such files: counts, sums, check digits and letters are worked out here once more.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from payouts.bank.xml_lines import Node, NotXml, tree

SPACES = {f"urn:iso:std:iso:20022:tech:xsd:pain.001.001.{one}": one for one in ("03", "09")}
ID_MAX, NAME_MAX, TEXT_MAX = 35, 70, 140
CENTS_MAX = 99_999_999_999
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI NL",
    19: "MK SI",
    20: "AT EE LT LU XK",
    21: "CH HR LI LV",
    22: "BG DE GB GE IE ME RS VA",
    23: "GI IL",
    24: "AD CZ ES MD RO SE SK",
    25: "PT",
    26: "IS TR",
    27: "FR GR IT MC SM",
    28: "AL CY HU PL",
    29: "UA",
    31: "MT",
}
"""How many signs an IBAN has, and of which countries."""
SIZES = {country: length for length, countries in LENGTHS.items() for country in countries.split()}
ORDER = {
    "CstmrCdtTrfInitn": "GrpHdr PmtInf",
    "GrpHdr": "MsgId CreDtTm NbOfTxs CtrlSum InitgPty",
    "PmtInf": "PmtInfId PmtMtd BtchBookg NbOfTxs CtrlSum PmtTpInf ReqdExctnDt Dbtr DbtrAcct DbtrAgt UltmtDbtr ChrgBr "
    "CdtTrfTxInf",
    "CdtTrfTxInf": "PmtId PmtTpInf Amt ChrgBr UltmtDbtr CdtrAgt Cdtr CdtrAcct UltmtCdtr Purp RmtInf",
}
"""In which order elements stand inside these; what is not named here is not judged."""
NEEDED = {
    "CstmrCdtTrfInitn": "GrpHdr PmtInf",
    "GrpHdr": "MsgId CreDtTm NbOfTxs CtrlSum InitgPty",
    "PmtInf": "PmtInfId PmtMtd NbOfTxs CtrlSum ReqdExctnDt Dbtr DbtrAcct DbtrAgt CdtTrfTxInf",
    "CdtTrfTxInf": "PmtId Amt Cdtr CdtrAcct",
}


class Finding(NamedTuple):
    """One thing that is wrong, or a warning: in which line, a short code, in words."""

    line: int
    code: str
    words: str
    is_warning: bool = False


class Paid(NamedTuple):
    """One payment as it stands in a file: id, cents (None where the amount is no amount), IBAN, line."""

    eid: str
    cents: int | None
    iban: str
    line: int


def check_file(data: bytes, today: str) -> list[Finding]:
    """Everything that is wrong, by line; warnings among it. `today` is the cooperative's date."""
    try:
        root = tree(data)
    except NotXml as error:
        return [Finding(error.line, error.code, error.words)]
    if root.name != "Document" or root.space not in SPACES:
        return [Finding(root.line, "namespace", "this is no pain.001.001.03 or .09")]
    return sorted(
        {*_structure(root), *_counts(root), *_ids(root), *_batches(root, today), *_payments(root), *_texts(root)}
    )


def payments_in(data: bytes) -> list[Paid]:
    """Every payment of a file, in its order. Raises NotXml."""
    return [_paid(one) for one in _transfers(tree(data))]


def _transfers(root: Node) -> list[Node]:
    return root.all("CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf")


def _paid(one: Node) -> Paid:
    return Paid(
        eid=one.says("PmtId/EndToEndId"),
        cents=_cents(one.says("Amt/InstdAmt")),
        iban=one.says("CdtrAcct/Id/IBAN"),
        line=one.line,
    )


def _cents(text: str) -> int | None:
    """The cents of "1842.10": digits, a point, exactly two digits."""
    return int(text[:-3] + text[-2:]) if re.fullmatch(r"[0-9]{1,12}\.[0-9]{2}", text) else None


def _structure(root: Node) -> Iterator[Finding]:
    """Elements that are missing, or not in their order."""
    if not root.first("CstmrCdtTrfInitn"):
        yield Finding(root.line, "structure", "CstmrCdtTrfInitn is missing")
    for node in root.walk():
        names = [child.name for child in node.inside]
        for name in NEEDED.get(node.name, "").split():
            if name not in names:
                yield Finding(node.line, "structure", f"{name} is missing in {node.name}")
        order = ORDER.get(node.name, "").split()
        places = [order.index(name) for name in names if name in order]
        if places != sorted(places):
            yield Finding(node.line, "order", f"the elements of {node.name} do not stand in their order")


def _counts(root: Node) -> Iterator[Finding]:
    """Numbers and sums that the file states, worked out anew: of the file, and of each batch."""
    parts = [(root.first("CstmrCdtTrfInitn/GrpHdr"), _transfers(root))]
    parts += [(batch, batch.all("CdtTrfTxInf")) for batch in root.all("CstmrCdtTrfInitn/PmtInf")]
    for said, transfers in parts:
        if said is None:
            continue
        number, total = said.first("NbOfTxs"), said.first("CtrlSum")
        if number is not None and number.text.strip() != str(len(transfers)):
            yield Finding(number.line, "count", f"NbOfTxs is not {len(transfers)}")
        cents = [_cents(one.says("Amt/InstdAmt")) for one in transfers]
        is_sum = None not in cents and total is not None
        if total is not None and not (is_sum and _cents(total.text.strip()) == sum(one or 0 for one in cents)):
            yield Finding(total.line, "sum", "CtrlSum is not the sum of the payments")


def _ids(root: Node) -> Iterator[Finding]:
    """Ids: of each sort each once, of at most 35 letters, no slash at the start, no two together."""
    for name in ("MsgId", "PmtInfId", "EndToEndId"):
        nodes = [node for node in root.walk() if node.name == name]
        often = Counter(node.text.strip() for node in nodes)
        for node in nodes:
            said = node.text.strip()
            if often[said] > 1:
                yield Finding(node.line, "id-twice", f"{name} stands here more than once")
            if not 0 < len(said) <= ID_MAX or said.startswith("/") or "//" in said:
                yield Finding(
                    node.line, "id-form", f"{name} is not 1 to {ID_MAX} letters, or has slashes as ids may not"
                )


def _texts(root: Node) -> Iterator[Finding]:
    """Letters that SEPA does not carry, names and texts that are too long or missing, addresses without a town."""
    for node in root.walk():
        said = node.text.strip()
        if not node.inside and not set(said) <= LETTERS:
            yield Finding(node.line, "letters", f"{node.name} has letters that SEPA does not carry")
        if node.name == "Nm" and not 0 < len(said) <= NAME_MAX:
            yield Finding(node.line, "name", f"a name has 1 to {NAME_MAX} letters")
        if node.name in ("Dbtr", "Cdtr", "InitgPty") and node.first("Nm") is None:
            yield Finding(node.line, "name", f"{node.name} has no name")
        if node.name == "Ustrd" and len(said) > TEXT_MAX:
            yield Finding(node.line, "text", f"a text for the payee has at most {TEXT_MAX} letters")
        if node.name == "PstlAdr" and not (node.says("TwnNm") and node.says("Ctry")):
            yield Finding(node.line, "address", "an address needs TwnNm and Ctry; banks refuse lines alone")
        if node.name == "IBAN" and (why := _why_not_iban(said)):
            yield Finding(node.line, "iban", why)


def _why_not_iban(iban: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", iban):
        return "this is no IBAN"
    if SIZES.get(iban[:2]) != len(iban):
        return f"an IBAN of {iban[:2]} has another length"
    rest = 0
    for sign in iban[4:] + iban[:4]:
        value = ord(sign) - 48 if sign.isdigit() else ord(sign) - 55
        rest = (rest * (10 if value < 10 else 100) + value) % 97
    return "" if rest == 1 else "the check digits of an IBAN do not fit"


def _payments(root: Node) -> Iterator[Finding]:
    """Amounts: in EUR, with exactly two decimals, more than nothing."""
    for node in root.walk():
        if node.name != "InstdAmt":
            continue
        if node.attributes.get("Ccy") != "EUR":
            yield Finding(node.line, "currency", "SEPA payments are in EUR")
        cents = _cents(node.text.strip())
        if cents is None:
            yield Finding(node.line, "amount", "an amount has exactly two decimals after a point")
        elif not 0 < cents <= CENTS_MAX:
            yield Finding(node.line, "amount", "an amount lies between 0.01 and 999,999,999.99")


def _batches(root: Node, today: str) -> Iterator[Finding]:
    """Of each batch: the service, who bears the charges, the day."""
    version = SPACES[root.space]
    for batch in root.all("CstmrCdtTrfInitn/PmtInf"):
        for path, wanted, code in (("PmtTpInf/SvcLvl/Cd", "SEPA", "service"), ("ChrgBr", "SLEV", "charges")):
            node = batch.first(path)
            if node is None or node.text.strip() != wanted:
                yield Finding((node or batch).line, code, f"{path} is not {wanted}")
        if batch.says("PmtMtd") not in ("", "TRF"):
            yield Finding(batch.line, "structure", "PmtMtd is not TRF")
        day = batch.first("ReqdExctnDt/Dt" if version == "09" else "ReqdExctnDt")
        yield from _day(day or batch, today)


def _day(node: Node, today: str) -> Iterator[Finding]:
    said = node.text.strip()
    try:
        on = date.fromisoformat(said) if len(said) == 10 else None
    except ValueError:
        on = None
    if on is None:
        yield Finding(node.line, "day", "the day of payment is no day")
    elif on < date.fromisoformat(today):
        yield Finding(node.line, "day", "the day of payment is over")
    elif is_bank_holiday(on):
        yield Finding(node.line, "holiday", f"banks do not pay on {said}; they will on the next working day", True)


def is_bank_holiday(day: date) -> bool:
    """A weekend, or one of the six days on which TARGET is closed."""
    easter = _easter(day.year)
    moving = (easter - timedelta(days=2), easter + timedelta(days=1))
    fixed = ((1, 1), (5, 1), (12, 25), (12, 26))
    return day.weekday() >= 5 or (day.month, day.day) in fixed or day in moving


def _easter(year: int) -> date:
    """Easter Sunday (Gregorian; Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)
