"""A file of SEPA payments (ISO 20022, pain.001): one batch on one day, the same bytes for the same payments. Pure.

The order of elements binds. Texts are in SEPA's letters, so nothing in them has to be escaped.
"""

from collections.abc import Iterator

from msgspec import Struct

from ledger.errors import Refused
from payouts.bank.bank_file import NAME_MAX, TEXT_MAX, BankFile, Transfer
from payouts.bank.bank_words import sepa

MOST = 99_999_999_999
"""Cents that one payment may carry: 999,999,999.99."""


class Version(Struct, frozen=True, kw_only=True):
    """Where the versions of the form differ: the namespace, what a BIC is called, how the day is wrapped."""

    name: str
    bic: str
    day: tuple[str, str]


def written(file: BankFile, version: Version) -> bytes:
    """The file's bytes. Raises Refused for what SEPA cannot carry."""
    if (file.currency, file.exponent) != ("EUR", 2):
        raise Refused(f"SEPA payments are in EUR; this ledger counts in {file.currency}.", "Use --format csv.")
    if not file.debtor.iban or any(not one.iban for one in file.transfers):
        raise Refused("SEPA payments go from and to accounts with an IBAN.", "Use another --format.")
    if any(not 0 < one.amount <= MOST for one in file.transfers):
        raise Refused("One payment of a SEPA file is at most 999,999,999.99 EUR, and more than nothing.")
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', *_document(file, version), "")).encode()


def _document(file: BankFile, version: Version) -> Iterator[str]:
    yield f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version.name}">'
    yield " <CstmrCdtTrfInitn>"
    yield from _header(file)
    yield "  <PmtInf>"
    yield from _batch(file, version)
    for transfer in file.transfers:
        yield from _transfer(file, version, transfer)
    yield "  </PmtInf>"
    yield " </CstmrCdtTrfInitn>"
    yield "</Document>"


def _header(file: BankFile) -> Iterator[str]:
    yield "  <GrpHdr>"
    yield f"   <MsgId>{file.message}</MsgId>"
    yield f"   <CreDtTm>{file.created}</CreDtTm>"
    yield from _sums(file)
    yield f"   <InitgPty><Nm>{sepa(file.debtor.name, NAME_MAX)}</Nm></InitgPty>"
    yield "  </GrpHdr>"


def _sums(file: BankFile) -> Iterator[str]:
    yield f"   <NbOfTxs>{len(file.transfers)}</NbOfTxs>"
    yield f"   <CtrlSum>{file.plain(file.total)}</CtrlSum>"


def _batch(file: BankFile, version: Version) -> Iterator[str]:
    debtor, (before, after) = file.debtor, version.day
    agent = f"<{version.bic}>{debtor.bic}</{version.bic}>" if debtor.bic else "<Othr><Id>NOTPROVIDED</Id></Othr>"
    yield f"   <PmtInfId>{file.batch}</PmtInfId>"
    yield "   <PmtMtd>TRF</PmtMtd>"
    yield "   <BtchBookg>true</BtchBookg>"
    yield from _sums(file)
    yield "   <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>"
    yield f"   <ReqdExctnDt>{before}{file.date}{after}</ReqdExctnDt>"
    yield f"   <Dbtr><Nm>{sepa(debtor.name, NAME_MAX)}</Nm></Dbtr>"
    yield f"   <DbtrAcct><Id><IBAN>{debtor.iban}</IBAN></Id></DbtrAcct>"
    yield f"   <DbtrAgt><FinInstnId>{agent}</FinInstnId></DbtrAgt>"
    yield "   <ChrgBr>SLEV</ChrgBr>"


def _transfer(file: BankFile, version: Version, transfer: Transfer) -> Iterator[str]:
    yield "   <CdtTrfTxInf>"
    yield f"    <PmtId><InstrId>{transfer.eid}</InstrId><EndToEndId>{transfer.eid}</EndToEndId></PmtId>"
    yield f'    <Amt><InstdAmt Ccy="{file.currency}">{file.plain(transfer.amount)}</InstdAmt></Amt>'
    if transfer.bic:
        bic = f"<{version.bic}>{transfer.bic}</{version.bic}>"
        yield f"    <CdtrAgt><FinInstnId>{bic}</FinInstnId></CdtrAgt>"
    yield f"    <Cdtr><Nm>{sepa(transfer.name, NAME_MAX)}</Nm></Cdtr>"
    yield f"    <CdtrAcct><Id><IBAN>{transfer.iban}</IBAN></Id></CdtrAcct>"
    yield f"    <RmtInf><Ustrd>{sepa(transfer.text or file.text, TEXT_MAX)}</Ustrd></RmtInf>"
    yield "   </CdtTrfTxInf>"
