"""What travels from a device to the log."""

from typing import NamedTuple

from ledger.private import Kept


class Sent(NamedTuple):
    """A signed entry with its private words."""

    data: bytes
    signature: bytes
    words: dict[str, Kept]
