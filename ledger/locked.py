"""Key files that a passphrase locks: ours, as OpenSSL and browsers read them, and those of OpenSSH.

Ours are PBES2 (RFC 8018): PBKDF2-HMAC-SHA256 with 600,000 rounds, AES-256-CBC. Salt and IV are handed in, so
nothing here is random.
"""

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import SSHPrivateKeyTypes, load_ssh_private_key

from ledger.errors import Usage
from ledger.pem import PLAIN_SIZE, PREFIX, Locked, NotShortForm, UnreadableKey, WrongPassphrase

ROUNDS = 600_000
ROUNDS_WEAK = 100_000
ROUNDS_MAX = 10_000_000
PASSPHRASE_MIN = 8
PADDING = bytes([16]) * 16  # PKCS#7 after 48 bytes: one full block

# With 16 bytes of salt and IV and no keyLength field, the DER of a locked key is a fixed template of 167 bytes:
# these three, with salt, IV and ciphertext after each.
TO_SALT = bytes.fromhex("3081a4306006092a864886f70d01050d3053303206092a864886f70d01050c30250410")
TO_IV = bytes.fromhex("02030927c0300c06082a864886f70d02090500301d060960864801650304012a0410")
TO_CIPHERTEXT = bytes.fromhex("0440")

PBES2 = bytes.fromhex("2a864886f70d01050d")
PBKDF2 = bytes.fromhex("2a864886f70d01050c")
HMAC_SHA256 = bytes.fromhex("2a864886f70d0209")
AES256_CBC = bytes.fromhex("60864801650304012a")
OTHERS = {
    bytes.fromhex("2a864886f70d0207"): "HMAC-SHA1",
    bytes.fromhex("2a864886f70d020b"): "HMAC-SHA512",
    bytes.fromhex("2a864886f70d0307"): "3DES",
    bytes.fromhex("608648016503040102"): "AES-128-CBC",
    bytes.fromhex("2b06010401da47040b"): "scrypt",
}
INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30


def lock(plain: bytes, passphrase: str, salt: bytes, iv: bytes) -> bytes:
    """The DER of 48 bytes locked by a passphrase. Raises Usage for a passphrase of fewer than 8 characters."""
    if len(passphrase) < PASSPHRASE_MIN:
        raise Usage("That passphrase is too short.", f"Take at least {PASSPHRASE_MIN} characters; four words are good.")
    cipher = _cipher(passphrase, salt, ROUNDS, iv).encryptor()
    ciphertext = cipher.update(plain + PADDING) + cipher.finalize()
    return TO_SALT + salt + TO_IV + iv + TO_CIPHERTEXT + ciphertext


def unlock(der: bytes, passphrase: str | None) -> bytes:
    """The 48 bytes that were locked. Raises Locked, WrongPassphrase or, for a lock of another form, UnreadableKey."""
    salt, rounds, iv, ciphertext = _parts(der)
    if passphrase is None:
        raise Locked
    cipher = _cipher(passphrase, salt, rounds, iv).decryptor()
    plain = cipher.update(ciphertext) + cipher.finalize()
    # A wrong passphrase gives padding that looks right once in 300, so the whole fixed part is compared.
    if not plain.startswith(PREFIX) or plain[PLAIN_SIZE:] != PADDING:
        raise WrongPassphrase
    return plain[:PLAIN_SIZE]


def rounds(der: bytes) -> int:
    """How many rounds of PBKDF2 a guess at the passphrase costs."""
    return _parts(der)[1]


def _cipher(passphrase: str, salt: bytes, rounds: int, iv: bytes) -> Cipher[CBC]:
    # OpenSSL's PBKDF2 is here twice as fast as hashlib's.
    key = PBKDF2HMAC(SHA256(), 32, salt, rounds).derive(passphrase.encode())
    return Cipher(AES256(key), CBC(iv))


def _parts(der: bytes) -> tuple[bytes, int, bytes, bytes]:
    """Salt, rounds, IV and ciphertext of an EncryptedPrivateKeyInfo (RFC 5958 section 3, RFC 8018 appendix A)."""
    algorithm, ciphertext = _contents(_contents(der, SEQUENCE)[0], SEQUENCE, OCTETS)
    scheme, parameters = _contents(algorithm, OID, SEQUENCE)
    _expect(PBES2, scheme)
    derivation, encryption = _contents(parameters, SEQUENCE, SEQUENCE)
    function, settings = _contents(derivation, OID, SEQUENCE)
    _expect(PBKDF2, function)
    salt, rounds = _derivation(settings)
    cipher, iv = _contents(encryption, OID, OCTETS)
    _expect(AES256_CBC, cipher)
    if len(iv) != 16 or len(ciphertext) != PLAIN_SIZE + len(PADDING):
        raise NotShortForm
    return salt, rounds, iv, ciphertext


def _derivation(settings: bytes) -> tuple[bytes, int]:
    """Salt and rounds of the PBKDF2 parameters."""
    fields = _fields(settings)
    if fields[2:3] == [(INTEGER, b"\x20")]:
        del fields[2]  # the length of the key, which AES-256 settles anyway
    if [tag for tag, _ in fields] == [OCTETS, INTEGER]:
        raise _unknown("HMAC-SHA1")  # what a file means that names no function
    if [tag for tag, _ in fields] != [OCTETS, INTEGER, SEQUENCE]:
        raise UnreadableKey("The lock of this key file is of another form.")
    (_, salt), (_, count), (_, function) = fields
    _expect(HMAC_SHA256, _contents(function, OID, NULL)[0])
    rounds = int.from_bytes(count, "big", signed=True)
    if not 8 <= len(salt) <= 64 or not 1 <= rounds <= ROUNDS_MAX:
        raise UnreadableKey(f"The lock of this key file has {len(salt)} bytes of salt and {rounds} rounds.")
    return salt, rounds


def _expect(wanted: bytes, found: bytes) -> None:
    if found != wanted:
        raise _unknown(OTHERS.get(found, f"the algorithm {found.hex()}"))


def _unknown(name: str) -> UnreadableKey:
    return UnreadableKey(
        f"This key file is locked with {name}, which is not read here.",
        "Convert it with: openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000 -in FILE -out NEW",
    )


def _contents(der: bytes, *tags: int) -> list[bytes]:
    """The contents of exactly these fields, one after the other."""
    fields = _fields(der)
    if tuple(tag for tag, _ in fields) != tags:
        raise UnreadableKey("The lock of this key file is of another form.")
    return [content for _, content in fields]


def _fields(der: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of each DER field (X.690 section 8.1), with lengths below 256."""
    fields = []
    while der:
        start = 3 if der[1:2] == b"\x81" else 2
        size = int.from_bytes(der[start - 1 : start], "big")
        if len(der) < start + size or (start == 2 and size >= 0x80):
            raise UnreadableKey("The lock of this key file is damaged or of another form.")
        fields.append((der[0], der[start : start + size]))
        der = der[start + size :]
    return fields


def read_openssh(data: bytes, passphrase: str | None) -> bytes:
    """The seed in an OpenSSH key file. Raises as `unlock` does."""
    try:
        key = _load_openssh(data, passphrase)
    except ValueError as error:
        raise UnreadableKey("This OpenSSH key file is damaged.", "Use your copy of it.") from error
    except UnsupportedAlgorithm as error:
        raise UnreadableKey("This kind of OpenSSH key file is not read here.", "Use it through ssh-agent.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UnreadableKey("This OpenSSH key is not Ed25519.", "Make one with: ssh-keygen -t ed25519")
    return key.private_bytes_raw()


def _load_openssh(data: bytes, passphrase: str | None) -> SSHPrivateKeyTypes:
    try:
        return load_ssh_private_key(data, None)
    except TypeError as error:  # it is locked
        if passphrase is None:
            raise Locked from error
    try:
        return load_ssh_private_key(data, passphrase.encode())
    except (ValueError, InvalidTag) as error:
        raise WrongPassphrase from error
