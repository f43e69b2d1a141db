"""The form of 2009 for SEPA payments, for banks that have not moved on. Pure."""

from payouts.bank.bank_file import BankFile
from payouts.bank.pain001 import Version, written

VERSION = Version(name="pain.001.001.03", bic="BIC", day=("", ""))


def write(file: BankFile) -> bytes:
    """The file's bytes."""
    return written(file, VERSION)
