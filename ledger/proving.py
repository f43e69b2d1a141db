"""What `tally prove` writes: an entry with all that proves it, and a program of one file that checks it anywhere.

The folder holds the entry as it was signed, its SSH signature, the log's receipt, the log's public key, the
author's key for `ssh-keygen`, and `verify_receipt.py` (standard library and PyNaCl only).
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

from ledger import log_keys, sshsig
from ledger.anchor import write_durably
from ledger.entry import NAMESPACE, entry_id, read, split_leaf
from ledger.errors import Usage
from ledger.note import vkey
from ledger.opened import Ledger


def write_proof(ledger: Ledger, wanted: str, out: str) -> dict[str, Any]:
    """Write the proof of an entry (412, or 412.3: the entry an item stands in) into a folder."""
    index = entry_index(wanted, ledger.log.head().size)
    entry_bytes, signature, received = split_leaf(ledger.log.entry(index))
    envelope = read(entry_bytes)
    public = bytes.fromhex(ledger.book.ledger.keys[envelope.key].public)
    folder = Path(out)
    documents = {
        "entry.json": entry_bytes,
        "entry.json.sig": sshsig.armor(public, NAMESPACE, signature).encode(),
        "receipt": ledger.log.receipt(index),
        "log.vkey": vkey(ledger.known.origin, bytes.fromhex(signed_by(ledger))).encode() + b"\n",
        "allowed_signers": sshsig.allowed_signer(envelope.author, NAMESPACE, public).encode() + b"\n",
        "verify_receipt.py": files("ledger").joinpath("verify_receipt.py").read_bytes(),
    }
    for name, data in documents.items():
        write_durably(folder / name, data, 0o644)
    return {
        "entry": index,
        "id": entry_id(entry_bytes),
        "kind": envelope.kind,
        "received": received,
        "out": str(folder),
        "files": sorted(documents),
    }


def signed_by(ledger: Ledger) -> str:
    """The newest key of the log (hex) that signed its head."""
    return log_keys.signer(ledger.book.ledger, ledger.log.head().note, ledger.book.received)


def entry_index(wanted: str, size: int) -> int:
    """The index meant by 412, or by 412.3 (the entry an item stands in), in a log of this size. Raises Usage."""
    number, _, item = wanted.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 12 for part in (number, item or "1")):
        raise Usage(f"{wanted!r} is no entry.", "Entries are spelled 412; an item of one is 412.3.")
    if int(number) >= size:
        raise Usage(f"There is no entry {number}: the log has {size}.", f"They are numbered from 0 to {size - 1}.")
    return int(number)
