"""What a bank says, as a bank would write it: statements of account (camt.053 .02 and .08) and reports (pain.002)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bankers import COOP
from tests.riverbend import Riverbend

FORMS = Path(__file__).parent / "vectors" / "bank"


def cents(amount: int) -> str:
    """ "1842.10"."""
    return f"{amount // 100}.{amount % 100:02d}"


def camt(
    version: str,
    entries: Sequence[str],
    moved: int,
    opening: int = 1_000_000,
    iban: str = COOP,
    closing: int | None = None,
) -> str:
    """A statement with these entries, which move so much together."""
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    end = opening + moved if closing is None else closing
    balances = "".join(_balance(code, amount) for code, amount in (("OPBD", opening), ("CLBD", end)))
    statement = (
        f"<Stmt><Id>S1</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2025-09-10T06:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{balances}{chr(10).join(entries)}</Stmt>"
    )
    head = "<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2025-09-10T06:00:00</CreDtTm></GrpHdr>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{space}"><BkToCstmrStmt>{head}\n{statement}\n'
        "</BkToCstmrStmt></Document>\n"
    )


def _balance(code: str, amount: int) -> str:
    sign = "DBIT" if amount < 0 else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{cents(abs(amount))}</Amt>"
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>2025-09-10</Dt></Dt></Bal>\n"
    )


def entry(version: str, amount: int, details: str, sign: str = "DBIT", ref: str = "", day: str = "2025-09-08") -> str:
    """One booked entry."""
    status = "BOOK" if version == "02" else "<Cd>BOOK</Cd>"
    said = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    return (
        f"<Ntry><Amt Ccy='EUR'>{cents(amount)}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>{status}</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt>{said}<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>"
        f"<NtryDtls>{details}</NtryDtls></Ntry>\n"
    )


def one(version: str, amount: int, eid: str = "NOTPROVIDED", reason: str = "", name: str = "", iban: str = "") -> str:
    """The details of one payment."""
    if version == "02":
        money, party = f"<AmtDtls><TxAmt><Amt Ccy='EUR'>{cents(amount)}</Amt></TxAmt></AmtDtls>", "<Nm>{}</Nm>"
    else:
        money, party = f"<Amt Ccy='EUR'>{cents(amount)}</Amt><CdtDbtInd>DBIT</CdtDbtInd>", "<Pty><Nm>{}</Nm></Pty>"
    side = f"<Cdtr>{party.format(name)}</Cdtr>" if name else ""
    side += f"<CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct>" if iban else ""
    parties = f"<RltdPties>{side}</RltdPties>" if side else ""
    back = f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>" if reason else ""
    return f"<TxDtls><Refs><EndToEndId>{eid}</EndToEndId></Refs>{money}{parties}{back}</TxDtls>"


def batch(batch_id: str, count: int) -> str:
    """The details of a batch that is booked as one."""
    return f"<Btch><PmtInfId>{batch_id}</PmtInfId><NbOfTxs>{count}</NbOfTxs></Btch>"


def pain002(message: str, batch_id: str, refused: dict[str, str], group: str = "PART") -> str:
    """A report that refuses these payments, by their reason."""
    rows = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{eid}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf></TxInfAndSts>\n"
        for eid, reason in refused.items()
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>R1</MsgId><CreDtTm>2025-09-08T07:00:00</CreDtTm></GrpHdr>\n"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"<GrpSts>{group}</GrpSts></OrgnlGrpInfAndSts>\n"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch_id}</OrgnlPmtInfId>\n{rows}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>\n"
    )


def minor(row: dict[str, Any]) -> int:
    """The amount of an answer in cents."""
    return int(row["amount"].replace(".", ""))


def answers(coop: Riverbend, words: list[str], back: str) -> None:
    """Before `tally bank read FILE` the bank writes FILE: all that was sent is booked; one first try comes back."""
    if words[1:3] != ["bank", "read"] or (coop.folder / words[3]).exists():
        return
    day = coop.now[:10]
    rows = [row for row in coop.data("Ana", "payout", "payments")["payments"] if row["state"] == "sent"]
    lines = [
        entry("08", minor(row), one("08", minor(row), row["eid"]), ref=f"NTRF{day}{n}", day=day)
        for n, row in enumerate(rows)
    ]
    returned = [row for row in rows if (row["name"], row["attempt"]) == (back, 1)]
    for row in returned:
        lines.append(entry("08", minor(row), one("08", minor(row), row["eid"], "AC04"), "CRDT", f"NTRF{day}R", day))
    coop.write(words[3], camt("08", lines, sum(map(minor, returned)) - sum(map(minor, rows))))
