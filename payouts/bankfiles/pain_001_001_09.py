"""The form of 2019 for SEPA payments, which banks take today. Pure."""

from payouts.bank.bank_file import BankFile
from payouts.bank.pain001 import Version, written

VERSION = Version(name="pain.001.001.09", bic="BICFI", day=("<Dt>", "</Dt>"))


def write(file: BankFile) -> bytes:
    """The file's bytes."""
    return written(file, VERSION)
