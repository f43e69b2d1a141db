"""Private words on a server that forgets nothing: each member's are locked with a key kept beside the log.

A database server writes all it is told into its write-ahead log, its old pages and its backups. So it is only told
ciphertext (XSalsa20-Poly1305, libsodium's secretbox). To erase a text, what else there is of its author is locked
anew under a new key, and the old key's file is overwritten and removed: what is left of the text anywhere on the
server cannot be opened by anybody.

A file `private-keys/AUTHOR.NUMBER` holds 32 bytes; the greatest number is the key in use. Whoever makes or removes
one holds the log's head locked meanwhile.
"""

import os
import re
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from ledger.anchor import settle_folder
from ledger.private import SALT_SIZE, Kept

FOLDER = "private-keys"
KEY_SIZE = 32
_NAME = re.compile(r"([0-9a-f]{32})\.([1-9][0-9]*)")


class Keys:
    """The keys of the members of one ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def numbers(self) -> dict[str, list[int]]:
        """The numbers of each author's keys, rising; nearly always one."""
        found: dict[str, list[int]] = {}
        for name in os.listdir(self.folder) if self.folder.is_dir() else ():
            if spelled := _NAME.fullmatch(name):
                found.setdefault(spelled[1], []).append(int(spelled[2]))
        return {author: sorted(held) for author, held in found.items()}

    def newest(self, author: str) -> int:
        """The number of the key that words of this author are locked with now; made when there is none."""
        held = self.numbers().get(author)
        return held[-1] if held else self.renew(author)

    def renew(self, author: str) -> int:
        """A new key for this author, on disk for good when this answers with its number."""
        number = self.numbers().get(author, [0])[-1] + 1
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(author, number)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _write_through(descriptor, os.urandom(KEY_SIZE))
            os.link(draft, path)  # unlike a rename, never over a key that is there
        finally:
            draft.unlink()
        settle_folder(self.folder)
        return number

    def box(self, author: str, number: int) -> SecretBox | None:
        """What opens and closes words under this key; None once it is shredded."""
        try:
            return SecretBox(self._path(author, number).read_bytes())
        except FileNotFoundError:
            return None

    def shred(self, author: str, number: int) -> None:
        """Overwrite and remove a key, so that nothing locked with it can be opened again."""
        path = self._path(author, number)
        try:
            descriptor = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            return
        _write_through(descriptor, os.urandom(KEY_SIZE))
        path.unlink(missing_ok=True)
        settle_folder(self.folder)

    def shred_all(self) -> None:
        """Shred every key: nothing is kept under them any more."""
        for author, numbers in self.numbers().items():
            for number in numbers:
                self.shred(author, number)

    def _path(self, author: str, number: int) -> Path:
        return self.folder / f"{author}.{number}"


def lock(box: SecretBox, kept: Kept) -> bytes:
    """Words and their salt, closed: nonce (24), then salt (32) and UTF-8 as secretbox closes them."""
    return bytes(box.encrypt(kept.salt + kept.words.encode()))


def unlock(box: SecretBox, sealed: bytes) -> Kept | None:
    """Words and salt again; None for bytes that were not closed with this key."""
    try:
        opened = box.decrypt(sealed)
    except CryptoError:
        return None
    return Kept(opened[:SALT_SIZE], opened[SALT_SIZE:].decode())


def _write_through(descriptor: int, data: bytes) -> None:
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
