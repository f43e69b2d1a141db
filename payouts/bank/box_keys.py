"""A treasurer's key for payment details: made here, kept beside the other keys, locked by the same sort of passphrase.

What lies in the file is a seed; the X25519 pair follows from it. A treasurer may have had several: each box opens with
the one it was made for, so no old one is thrown away.
"""

import hmac
from functools import cached_property
from pathlib import Path

from nacl.bindings import crypto_box_seed_keypair

from ledger.doors import Desk
from ledger.errors import NoKey
from ledger.keys import new_key, write_key
from payouts import state
from payouts.bank.details_sealing import Account, opened
from payouts.bank.paying import Details

DOMAIN = b"tally-box-v1"


def pair(seed: bytes) -> tuple[bytes, bytes]:
    """The public and the secret half (X25519) that follow from a seed."""
    return crypto_box_seed_keypair(hmac.digest(seed, DOMAIN, "sha256"))


def make_at_desk(desk: Desk) -> None:
    """A new key for payment details: its public half is published, the seed stays here."""
    key, (_, me) = new_key(), desk.me
    public = pair(key.seed)[0].hex()
    passphrase = None
    if not desk.book.ledger.rehearsal:
        passphrase = desk.passphrase("A passphrase for this key: ", confirm=True)
    path = _path(desk, public)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_key(path, key, passphrase)
    try:
        entry = desk.record("payouts.box_key", {"key": public}, may_wait=False).entry.index
    except BaseException:
        if not desk.recorded:
            path.unlink()
        raise
    waiting = [person for person in state.of(desk.book).details if me in state.unread_by(desk.book, person)]
    lines = [f"Members can seal their payment details for you now (entry {entry})."]
    if waiting:
        names = ", ".join(sorted(map(desk.names.of, waiting), key=str.casefold))
        lines.append(f"You cannot read those of {names} yet: they, or a treasurer, run tally payout details reseal.")
    desk.answer({"entry": entry, "key": public, "waiting": [desk.names.of(one) for one in waiting]}, *lines)


class Unreadable(NoKey):
    """Payment details that cannot be read in this home."""


class Opener:
    """Opens boxes with the keys of this home; each key is unlocked once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._secrets: dict[str, bytes] = {}

    @cached_property
    def _held(self) -> set[str]:
        folder = _path(self.desk, "").parent
        return {path.stem for path in folder.glob("*.pem")} if folder.is_dir() else set()

    def can(self, details: Details) -> bool:
        """Whether a key that lies here opens these details."""
        return bool(self._held & details.boxes.keys())

    def account(self, person: str, details: Details) -> Account:
        """The account in the box. Raises Unreadable where no key here opens one, WrongDetails for one not promised."""
        keys = sorted(self._held & details.boxes.keys())
        whose = self.desk.names.of(person)
        if not keys:
            hint = f"{whose}, or a treasurer who can, runs: tally payout details reseal"
            raise Unreadable(f"No key in this home opens the payment details of {whose}.", hint)
        place = details.boxes[keys[0]]
        box = self.desk.ledger.log.private_many([place]).get(place)
        if box is None:
            raise Unreadable(f"The payment details of {whose} are not held here.", "Fetch them: tally sync")
        return opened(box, self._secret(keys[0]), self.desk.book.ledger.id, person, details.promise)

    def _secret(self, public: str) -> bytes:
        if public not in self._secrets:
            key = self.desk.unlock(_path(self.desk, public))
            seed: bytes = getattr(key, "seed")  # noqa: B009  (a signer of an agent has none; these lie in files)
            self._secrets[public] = pair(seed)[1]
        return self._secrets[public]


def _path(desk: Desk, public: str) -> Path:
    """Where the key lies; several people may share a home, and each opens with their own."""
    return desk.home.data / "boxes" / desk.ledger.known.slug / desk.whoami / f"{public}.pem"
