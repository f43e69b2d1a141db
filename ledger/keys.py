"""The key of one device: what a person signs with, and how anybody checks a signature.

A key is an Ed25519 seed of 32 bytes. Every signature is judged by one verifier, libsodium, everywhere: other
libraries disagree about odd keys, and a cooperative cannot have two verdicts on one ballot. Key files are made
once, readable by their owner alone, and never overwritten. The form of their content is in `ledger/pem.py`.
"""

import os
from abc import ABC, abstractmethod
from hashlib import sha256

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

from ledger import pem, sshsig
from ledger.anchor import settle_folder
from ledger.errors import NoKey, Refused

PUBLIC_SIZE = 32
SIGNATURE_SIZE = 64
SEED_SIZE = 32

FilePath = str | os.PathLike[str]


class KeyFileExists(Refused):
    """A key file is never written over another: a lost key cannot be made again."""


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Did this key sign exactly this message? (RFC 8032 section 5.1.7, as libsodium judges it)"""
    if len(public_key) != PUBLIC_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True


def valid_point(public_key: bytes) -> bool:
    """May this public key be registered? With a point of low order one signature would fit many messages."""
    return len(public_key) == PUBLIC_SIZE and crypto_core_ed25519_is_valid_point(public_key)


def key_id(public_key: bytes) -> str:
    """What entries call a key: the hex SHA-256 of the 32-byte public key."""
    return sha256(public_key).hexdigest()


class Signer(ABC):
    """A key that can sign, wherever its secret lies, by its public half."""

    def __init__(self, public: bytes) -> None:
        self.public = public
        self.id = key_id(public)

    @abstractmethod
    def sign(self, message: bytes) -> bytes:
        """The signature (64 bytes) over exactly these bytes; for an entry these are the SSHSIG preimage."""

    @property
    def fingerprint(self) -> str:
        """The name people compare, as `ssh-keygen -l` shows it."""
        return sshsig.fingerprint(self.public)

    def __repr__(self) -> str:
        # The fingerprint alone: a repr ends up in logs and tracebacks.
        return f"{type(self).__name__}({self.fingerprint})"


class Key(Signer):
    """A key whose seed is in this process."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_SIZE:
            raise pem.UnreadableKey(f"A key's seed has {SEED_SIZE} bytes; this has {len(seed)}.")
        public, self._secret = crypto_sign_seed_keypair(seed)
        super().__init__(public)

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes; libsodium's secret key begins with them."""
        return self._secret[:SEED_SIZE]

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature (64 bytes) over exactly these bytes (RFC 8032 section 5.1.6)."""
        return crypto_sign(message, self._secret)[:SIGNATURE_SIZE]


def new_key() -> Key:
    """A key nobody had before."""
    return Key(os.urandom(SEED_SIZE))


def write_key(path: FilePath, key: Key, passphrase: str | None = None) -> None:
    """Keep a key in a new file, locked by a passphrase or, without one, open.

    Raises Usage for a passphrase that is too short and KeyFileExists if there is a file already.
    """
    if passphrase is None:
        data = pem.write_open(key.seed)
    else:
        data = pem.write_locked(key.seed, passphrase, salt=os.urandom(16), iv=os.urandom(16))
    write_secret(path, data)


def read_key(path: FilePath, passphrase: str | None = None) -> Key:
    """The key in a PEM or OpenSSH file.

    Raises NoKey if there is none, pem.Locked if it needs a passphrase and none is given, pem.WrongPassphrase,
    and pem.UnreadableKey for a file of another form.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError as error:
        raise NoKey(f"There is no key file {os.fspath(path)}.", "`tally key new` makes one.") from error
    return Key(pem.read(data, passphrase))


def write_secret(path: FilePath, data: bytes) -> None:
    """Write a new file that only its owner may read: whole or not at all, and never over another."""
    folder, name = os.path.split(os.path.abspath(path))
    draft = os.path.join(folder, f".{name}.{os.urandom(8).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # A link and not a rename, because a rename would silently replace a file that is there.
        os.link(draft, path)
    except FileExistsError as error:
        raise KeyFileExists(f"There is a key in {os.fspath(path)} already.", "Choose another name.") from error
    finally:
        os.unlink(draft)
    settle_folder(folder)
