"""What the bank's lines mean for our payments: settled, come back, known already, or nothing of ours. Pure.

Ids decide. A line without them may look like a payment of ours, but only a person says that it is. Money going out is
looked at before money coming back, and single payments before batches. What an earlier reading recorded is known, so
that a statement read twice changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from payouts.bank.bank_lines import NO_REASON, Line, Rejected
from payouts.bank.paying import LIVE, RETURNED, SETTLED, Export, Payment
from payouts.bank.payment_ids import batch_id, message_id

NEAR = range(-1, 6)
"""Days from the day of payment on which a batch without its id may be booked."""


class Settle(Struct, frozen=True, kw_only=True):
    """A payment that the bank has booked."""

    eid: str
    amount: int
    booked: str
    ref: str


class Return(Struct, frozen=True, kw_only=True):
    """A payment that came back, or was refused; `short` is what the bank kept of it."""

    eid: str
    reason: str
    booked: str
    short: int = 0


class Left(Struct, frozen=True, kw_only=True):
    """A line that changes nothing, why, and which payments it may be."""

    line: Line
    why: str
    maybe: tuple[str, ...] = ()


class Matched(Struct, kw_only=True):
    """What a file comes to."""

    settled: list[Settle] = field(default_factory=list)
    returned: list[Return] = field(default_factory=list)
    own: list[Return] = field(default_factory=list)  # of whoever reads it: others say so
    known: int = 0
    flagged: list[Left] = field(default_factory=list)
    proposed: list[Left] = field(default_factory=list)
    unmatched: list[Left] = field(default_factory=list)
    income: list[Left] = field(default_factory=list)


Iban = Callable[[str], str]
"""The account that a payment (by id) went to, or "" where it cannot be read here."""


class Matching:
    """Our payments while the lines of one file are laid beside them."""

    def __init__(self, payments: Mapping[str, Payment], exports: Mapping[str, Export], iban: Iban) -> None:
        self.payments, self.iban, self.found = payments, iban, Matched()
        self.status = {eid: one.status for eid, one in payments.items()}
        self.exports: dict[str, Export] = {}
        for export in exports.values():
            batch = batch_id(export.payments, export.date)
            self.exports |= {batch: export, message_id([batch]): export}

    def lines(self, lines: Sequence[Line]) -> Matched:
        """Lay all lines of a statement beside the payments."""
        going, coming = [one for one in lines if one.is_out], [one for one in lines if not one.is_out]
        ours = [one for one in going if self._ids(one)]
        for line in ours:
            self._out(line)
        for line in going:
            if line not in ours:
                self._batch(line)
        for line in coming:
            self._back(line)
        return self.found

    def _ids(self, line: Line) -> list[str]:
        return [eid for eid in line.payments if eid in self.payments]

    def _flag(self, line: Line, why: str) -> None:
        self.found.flagged.append(Left(line=line, why=why))

    def _live(self, export: Export) -> list[str]:
        return [eid for eid in export.payments if self.status[eid] in LIVE]

    def _settle(self, line: Line, eids: Sequence[str]) -> None:
        for eid in eids:
            self.status[eid] = SETTLED
            amount = self.payments[eid].amount
            self.found.settled.append(Settle(eid=eid, amount=amount, booked=line.booked, ref=line.ref))

    def _out(self, line: Line) -> None:
        """Money went out under ids of ours."""
        eids = self._ids(line)
        if len(eids) != len(line.payments):
            self._flag(line, "it holds payments of ours and others")
        elif all(self.status[eid] in LIVE for eid in eids):
            if sum(self.payments[eid].amount for eid in eids) == line.amount:
                self._settle(line, eids)
            else:
                self._flag(line, "another amount than was to be paid")
        elif all(self._is_known(line, eid) for eid in eids):
            self.found.known += 1
        else:
            said = " and ".join(sorted({self.status[eid] for eid in eids}))
            self._flag(line, f"the bank has paid what is {said} already: was it paid twice?")

    def _is_known(self, line: Line, eid: str) -> bool:
        """Whether this very booking was recorded before; one that a person recorded without a reference counts too."""
        one = self.payments[eid]
        return one.settled is not None and (not one.ref or (one.booked, one.ref) == (line.booked, line.ref))

    def _batch(self, line: Line) -> None:
        """Money went out without ids of single payments."""
        export = self.exports.get(line.batch)
        if export is None:
            self._guess_out(line)
            return
        live = self._live(export)
        if live and sum(self.payments[eid].amount for eid in live) == line.amount:
            self._settle(line, live)
        elif any(self._is_known(line, eid) for eid in export.payments):
            self.found.known += 1
        else:
            self._flag(line, "a batch of ours with another total; a report of the bank must name what it left out")

    def _guess_out(self, line: Line) -> None:
        """A line without ids may be a batch of ours, or a payment to this very account."""
        batches = [
            export
            for export in {one.entry: one for one in self.exports.values()}.values()
            if (live := self._live(export))
            and sum(self.payments[eid].amount for eid in live) == line.amount
            and (date.fromisoformat(line.booked) - date.fromisoformat(export.date)).days in NEAR
        ]
        if len(batches) == 1:
            maybe = tuple(self._live(batches[0]))
            self.found.proposed.append(Left(line=line, why="it has the total of a file of ours", maybe=maybe))
            return
        if one := self._alike(line, LIVE):
            self.found.proposed.append(Left(line=line, why="amount and account are those of a payment", maybe=(one,)))
            return
        self.found.unmatched.append(Left(line=line, why="no payment of ours"))

    def _alike(self, line: Line, states: Sequence[str]) -> str:
        """The one payment in one of these states with this amount, to this account; "" where there is not just one."""
        alike = [
            eid
            for eid, one in self.payments.items()
            if line.iban and self.status[eid] in states and one.amount == line.amount and self.iban(eid) == line.iban
        ]
        return alike[0] if len(alike) == 1 else ""

    def _back(self, line: Line) -> None:
        """Money came in: a payment that came back, or income."""
        eids = self._ids(line)
        if len(eids) == 1:
            self._came_back(line, eids[0])
        elif eids:
            self._flag(line, "several payments of ours came back in one line")
        elif line.reason and (one := self._alike(line, (SETTLED,))):
            self.found.proposed.append(
                Left(line=line, why="a payment of ours that came back, by its looks", maybe=(one,))
            )
        else:
            self.found.income.append(Left(line=line, why="money that came in"))

    def _came_back(self, line: Line, eid: str) -> None:
        one = self.payments[eid]
        if self.status[eid] == RETURNED:
            self.found.known += 1
        elif self.status[eid] != SETTLED:
            self._flag(line, "it came back before it was booked as paid: read the earlier statement first")
        elif line.amount > one.amount:
            self._flag(line, "more came back than was paid")
        elif line.amount < one.amount and not line.reason:
            self._flag(line, "less came in than was paid, and the bank does not call it a return")
        else:
            self._return(eid, line.reason, line.booked, one.amount - line.amount)

    def _return(self, eid: str, reason: str, booked: str, short: int) -> None:
        self.status[eid] = RETURNED
        self.found.returned.append(Return(eid=eid, reason=reason or NO_REASON, booked=booked, short=short))

    def rejections(self, rejected: Sequence[Rejected]) -> Matched:
        """Lay what the bank refused beside the payments."""
        for one in rejected:
            export = self.exports.get(one.id)
            eids = export.payments if export else [one.id] if one.id in self.payments else []
            line = Line(booked=one.booked, amount=0, is_out=True, payments=(one.id,), reason=one.reason)
            if not eids:
                self.found.unmatched.append(Left(line=line, why="no payment of ours"))
            for eid in eids:
                if self.status[eid] in LIVE:
                    self._return(eid, one.reason, one.booked, 0)
                elif self.status[eid] == RETURNED:
                    self.found.known += 1
                else:
                    self._flag(line, f"the bank refuses what is {self.status[eid]} already")
        return self.found
