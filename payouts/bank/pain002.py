"""Reads a bank's report on a file of payments (ISO 20022, pain.002): what it refuses to pay, and why. Pure.

Only a rejection changes anything; that a file was received or accepted is information.
"""

from payouts.bank.bank_lines import NO_REASON, BadStatement, Rejected, checked_day, tidy_reason
from payouts.bank.xml_lines import Node

SPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001."


def rejections_of(root: Node) -> tuple[str, list[Rejected]]:
    """The file the report is about (its MsgId), and all that is refused. Raises BadStatement for no report."""
    report = root.first("CstmrPmtStsRpt")
    if report is None:
        raise BadStatement("This file holds no report on payments.", "Ask the bank for another.")
    day, group = checked_day(report.says("GrpHdr/CreDtTm")[:10], report.line), report.first("OrgnlGrpInfAndSts")
    message = group.says("OrgnlMsgId") if group else ""
    if group is not None and group.says("GrpSts") == "RJCT":
        return message, [Rejected(id=message, reason=_reason(group), booked=day)]
    found = []
    for batch in report.all("OrgnlPmtInfAndSts"):
        if batch.says("PmtInfSts") == "RJCT":
            found.append(Rejected(id=batch.says("OrgnlPmtInfId"), reason=_reason(batch), booked=day))
            continue
        found += [
            Rejected(id=one.says("OrgnlEndToEndId"), reason=_reason(one), booked=day)
            for one in batch.all("TxInfAndSts")
            if one.says("TxSts") == "RJCT"
        ]
    return message, found


def _reason(node: Node) -> str:
    """The bank's code, the one nearest to what was refused."""
    return tidy_reason(node.says("StsRsnInf/Rsn/Cd")) or NO_REASON
