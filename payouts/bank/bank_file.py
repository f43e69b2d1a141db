"""What stands in a file for the bank, whatever its form: who pays, on which day, and every payment. Pure."""

from msgspec import Struct

from ledger.money import format_amount
from payouts.bank.payment_ids import batch_id, message_id

NAME_MAX = 70
TEXT_MAX = 140


class Debtor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The cooperative's own account; in the United States routing number, company number and the bank's name."""

    name: str
    iban: str = ""
    bic: str | None
    routing: str = ""
    company: str = ""
    bank: str = ""


class Transfer(Struct, frozen=True, kw_only=True):
    """One payment: its id, the amount in minor units, and to whom."""

    eid: str
    amount: int
    name: str
    iban: str
    bic: str | None
    routing: str = ""
    number: str = ""
    kind: str = ""
    text: str = ""  # what this payee reads, where it is not what all read
    is_party: bool = False

    def __repr__(self) -> str:
        # Account numbers never end up in a traceback.
        return f"Transfer({self.eid})"


class BankFile(Struct, frozen=True, kw_only=True):
    """A file as a whole; `created` is local time, `text` what payees read, `template` only for CSV."""

    debtor: Debtor
    created: str
    date: str
    currency: str
    exponent: int
    text: str
    transfers: tuple[Transfer, ...]  # by id
    template: str = ""

    @property
    def batch(self) -> str:
        """The id of its one batch."""
        return batch_id((one.eid for one in self.transfers), self.date)

    @property
    def message(self) -> str:
        """The id of the file."""
        return message_id([self.batch])

    @property
    def total(self) -> int:
        """All payments together, in minor units."""
        return sum(one.amount for one in self.transfers)

    def plain(self, amount: int) -> str:
        """An amount as banks read it: "1842.10"."""
        return format_amount(amount, self.exponent)
