#!/usr/bin/env python3
"""Check, without Tallystick, that one statement stands in a cooperative's ledger, who signed it and when it came.

    python verify_receipt.py FOLDER
    python verify_receipt.py ENTRY SIGNATURE RECEIPT VKEY [ALLOWED_SIGNERS]
    python verify_receipt.py EVIDENCE

A folder holds entry.json, entry.json.sig, receipt, log.vkey and allowed_signers. This one file needs Python and
PyNaCl (pip install pynacl), nothing else and no network. It prints a line for each thing that checks, then OK, or
FAILED with the reason and exit code 5. A file of evidence is checked too, if it says that a log told two pasts: OK
then means that it did. It cannot know whose log this is: compare the log's key, which it prints,
with the one in your invitation. The formats are public: SSHSIG (OpenSSH), and signed-note, tlog-checkpoint and
tlog-proof (C2SP), with the tree of RFC 6962.
"""

import base64
import json
import re
import sys
from datetime import datetime, timedelta
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any, NoReturn

try:
    from nacl.bindings import crypto_sign_open
    from nacl.exceptions import BadSignatureError
except ImportError:
    sys.exit("This needs PyNaCl: pip install pynacl")

NAMES = ("entry.json", "entry.json.sig", "receipt", "log.vkey", "allowed_signers")
FIELDS = {"v", "ledger", "kind", "author", "key", "seq", "prev", "seen", "ts", "body"}
FORMS = {
    "kind": "[a-z]+[.][a-z_]+",
    "author": "[0-9a-f]{32}",
    "key": "[0-9a-f]{64}",
    "ts": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
}
NAMESPACE = "tally-entry-v1"
BEGIN, END = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"
SSHSIG = b"SSHSIG\0\0\0\1"
HEADER = "c2sp.org/tlog-proof@v1"


class Failed(Exception):
    """Something that does not check: which thing, and why."""


def main(arguments: list[str]) -> int:
    """Check the files named; the exit code is 0 if all is well, 5 if not, 2 if the arguments make no sense."""
    if len(arguments) == 1 and Path(arguments[0]).is_dir():
        paths = [Path(arguments[0], name) for name in NAMES]
    elif len(arguments) in (4, 5):
        paths = [Path(argument) for argument in arguments]
    elif len(arguments) == 1:
        paths = []
    else:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if paths:
            check([read(path) for path in paths])
        else:
            check_evidence(read(Path(arguments[0])))
    except Failed as failed:
        print(f"FAILED {failed}")
        return 5
    print("OK")
    return 0


def read(path: Path) -> bytes:
    """A file's bytes."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failed(f"{path.name}: it cannot be read ({error.strerror})") from error


def check(files: list[bytes]) -> None:
    """Check everything, in the order of NAMES, and print what holds."""
    entry = read_entry(files[0])
    print(f"entry       {entry['kind']}, by person {entry['author']}, who dated it {entry['ts']}")
    public_key, signature = check_signature(files[0], entry, files[1])
    print(f"signature   by the key the entry names, {fingerprint(public_key)}")
    index, proof, extra, note = read_receipt(files[2])
    name, log_key, key_id = read_vkey(files[3])
    size, root = check_checkpoint(note, name, log_key, key_id)
    print(f"checkpoint  {size} entries, signed by {name}")
    print(f"log key     {text(files[3], 'log key').strip()}")
    if extra[:64] != signature or len(extra) != 72:
        raise Failed("receipt: it is for another signature")
    check_inclusion(files[0] + extra, index, size, proof, root)
    print(f"receipt     entry {index} of these, received {when(int.from_bytes(extra[64:], 'big'))}")
    if len(files) == 5:
        check_signers(files[4], entry["author"], public_key)
        print("signers     the file for ssh-keygen names this person and this key")


def check_evidence(data: bytes) -> None:
    """A fork: two heads signed by one key of the log that cannot both be of a log that only grows."""
    found = read_json(data, "evidence")
    forms = {"v": int, "kind": str, "vkeys": list, "older": str, "newer": str, "root": str, "path": list}
    if not isinstance(found, dict) or {name: type(value) for name, value in found.items()} != forms:
        raise Failed("evidence: it is not of a fork; `tally evidence verify` knows the other kinds")
    if (found["kind"], found["v"]) != ("fork", 1):
        raise Failed("evidence: it is of a kind or version that this program does not know")
    hashes = (found["root"], *found["path"])
    if not all(isinstance(one, str) and re.fullmatch("[0-9a-f]{64}", one) for one in hashes):
        raise Failed("evidence: its hashes are malformed")
    vkey, (old_size, old_root), (size, root) = both_signed(found)
    at_old, *path = map(bytes.fromhex, hashes)
    if old_size == 0:
        raise Failed("evidence: a log without entries contradicts nothing")
    check_consistency(old_size, size, at_old, root, path)
    if at_old == old_root:
        raise Failed("evidence: both heads can be of one log")
    print(f"two pasts   the log signed heads of {old_size} and of {size} entries that cannot both be of one log")
    print(f"log key     {vkey}")


def both_signed(found: dict[str, Any]) -> tuple[str, tuple[int, bytes], tuple[int, bytes]]:
    """The key that signed both heads, and the size and root of each."""
    for vkey in found["vkeys"]:
        name, key, key_id = read_vkey(f"{vkey}\n".encode())
        try:
            older, newer = (check_checkpoint(found[one].encode(), name, key, key_id) for one in ("older", "newer"))
        except Failed:
            continue
        return vkey, older, newer
    raise Failed("evidence: no key signed both heads")


def check_consistency(old_size: int, size: int, old_root: bytes, root: bytes, path: list[bytes]) -> None:
    """The tree with the newer root has the older root at the older size (RFC 9162 section 2.1.4.2)."""
    if old_size == size and not path and old_root == root:
        return
    if not path or old_size >= size or any(len(beside) != 32 for beside in (old_root, root, *path)):
        raise Failed("evidence: its path is malformed")
    path = [old_root, *path] if old_size & (old_size - 1) == 0 else path
    position, last = old_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_node = new_node = path[0]
    for beside in path[1:]:
        if last == 0:
            raise Failed("evidence: its path is too long")
        if position & 1 or position == last:
            old_node, new_node = sha256(b"\1" + beside + old_node).digest(), sha256(b"\1" + beside + new_node).digest()
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new_node = sha256(b"\1" + new_node + beside).digest()
        position, last = position >> 1, last >> 1
    if last or (old_node, new_node) != (old_root, root):
        raise Failed("evidence: its path does not lead to the newer head")


def read_json(data: bytes, what: str) -> Any:
    """A value from canonical JSON."""
    try:
        value = json.loads(data.decode(), parse_float=no_number, parse_constant=no_number)
        spelled = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Failed(f"{what}: it is not JSON") from error
    if spelled != data:
        raise Failed(f"{what}: it is not in its canonical spelling")
    return value


def read_entry(data: bytes) -> dict[str, Any]:
    """The entry: canonical JSON with exactly the fields an entry has."""
    entry = read_json(data, "entry")
    if not isinstance(entry, dict) or set(entry) != FIELDS or type(entry["v"]) is not int or entry["v"] != 1:
        raise Failed("entry: it has not the fields of an entry of version 1")
    for field, form in FORMS.items():
        if not isinstance(entry[field], str) or not re.fullmatch(form, entry[field]):
            raise Failed(f"entry: its {field} is malformed")
    return entry


def no_number(spelling: str) -> NoReturn:
    """Refuse fractions and NaN, which no entry holds."""
    raise ValueError(spelling)


def check_signature(message: bytes, entry: dict[str, Any], armored: bytes) -> tuple[bytes, bytes]:
    """The author's public key and signature, once the signature fits the entry and the key is the one it names."""
    spelled = text(armored, "signature")
    if not spelled.startswith(BEGIN) or not spelled.endswith(END):
        raise Failed("signature: it is not an SSH signature")
    fields = unbase64(spelled[len(BEGIN) : -len(END)].replace("\n", ""), "signature")
    # The form is fixed: an Ed25519 key, our namespace, SHA-512. Key and signature stand at known places.
    public_key, signature = fields[33:65], fields[-64:]
    wrapped = b"".join(map(string, (key_blob(public_key), NAMESPACE.encode(), b"", b"sha512")))
    wrapped += string(string(b"ssh-ed25519") + string(signature))
    if armor(SSHSIG + wrapped) != spelled:
        raise Failed("signature: it is of another form or for another purpose")
    if sha256(public_key).hexdigest() != entry["key"]:
        raise Failed("signature: it is by another key than the entry names")
    parts = (NAMESPACE.encode(), b"", b"sha512", sha512(message).digest())
    if not verify(public_key, b"SSHSIG" + b"".join(map(string, parts)), signature):
        raise Failed("signature: it does not fit the entry")
    return public_key, signature


def read_receipt(data: bytes) -> tuple[int, list[bytes], bytes, bytes]:
    """Index, inclusion proof, extra bytes and signed checkpoint of a receipt."""
    head, _, note = data.partition(b"\n\n")
    lines = text(head, "receipt").split("\n")
    if len(lines) < 3 or lines[0] != HEADER or lines[1][:6] != "extra " or lines[2][:6] != "index ":
        raise Failed("receipt: it is not a receipt of a ledger entry")
    proof = [unbase64(line, "receipt") for line in lines[3:]]
    return number(lines[2][6:], "receipt"), proof, unbase64(lines[1][6:], "receipt"), note


def read_vkey(data: bytes) -> tuple[str, bytes, bytes]:
    """Name, public key and key id of the log."""
    found = re.fullmatch(r"([^+\s\x00-\x1f]+)\+([0-9a-f]{8})\+(\S+)\n", text(data, "log key"))
    key = unbase64(found[3], "log key") if found else b""
    if not found or key[:1] != b"\1" or len(key) != 33:
        raise Failed("log key: it is not the key of a log")
    key_id = sha256(found[1].encode() + b"\n" + key).digest()[:4]
    if key_id.hex() != found[2]:
        raise Failed("log key: it is damaged")
    return found[1], key[1:], key_id


def check_checkpoint(note: bytes, name: str, public_key: bytes, key_id: bytes) -> tuple[int, bytes]:
    """Size and root of the checkpoint, once it is signed by this log under its own name."""
    body, blank, signatures = text(note, "checkpoint").rpartition("\n\n")
    body += "\n"
    lines = body.split("\n")
    if not blank or not signatures.endswith("\n") or len(lines) != 4 or lines[0] != name:
        raise Failed("checkpoint: it is not one of this log")
    signed = False
    for line in signatures[:-1].split("\n"):
        found = re.fullmatch("— ([^ ]+) ([^ ]+)", line)
        payload = unbase64(found[2], "checkpoint") if found else b""
        if not found or len(payload) < 5:
            raise Failed("checkpoint: a line under it is not a signature")
        # Lines of witnesses whose keys are not at hand are passed over.
        if found[1] == name and payload[:4] == key_id:
            if not verify(public_key, body.encode(), payload[4:]):
                raise Failed("checkpoint: the log's signature does not fit it")
            signed = True
    if not signed:
        raise Failed("checkpoint: the log did not sign it")
    return number(lines[1], "checkpoint"), unbase64(lines[2], "checkpoint")


def check_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    """The leaf stands at this index under this root (RFC 9162 section 2.1.3.2)."""
    if index >= size or any(len(beside) != 32 for beside in (root, *proof)):
        raise Failed("receipt: its proof is malformed")
    node, position, last = sha256(b"\0" + leaf).digest(), index, size - 1
    for beside in proof:
        if last == 0:
            raise Failed("receipt: its proof is too long")
        if position & 1 or position == last:
            node = sha256(b"\1" + beside + node).digest()
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            node = sha256(b"\1" + node + beside).digest()
        position, last = position >> 1, last >> 1
    if last != 0 or node != root:
        raise Failed("receipt: the entry is not in the log as it says")


def check_signers(data: bytes, author: str, public_key: bytes) -> None:
    """The allowed_signers file is the one line that lets ssh-keygen check the same signature."""
    blob = base64.b64encode(key_blob(public_key)).decode()
    if data != f'{author} namespaces="{NAMESPACE}" ssh-ed25519 {blob}\n'.encode():
        raise Failed("signers: the file for ssh-keygen names another person or key")


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Did this key sign exactly this message?"""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True


def text(data: bytes, what: str) -> str:
    """UTF-8 without control characters but newlines."""
    try:
        decoded = data.decode()
    except UnicodeDecodeError as error:
        raise Failed(f"{what}: it is not text") from error
    if re.search(r"[\x00-\x09\x0b-\x1f]", decoded):
        raise Failed(f"{what}: it contains control characters")
    return decoded


def number(spelling: str, what: str) -> int:
    """A number in plain digits without leading zeros."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", spelling):
        raise Failed(f"{what}: {spelling!r} is not a plain number")
    return int(spelling)


def unbase64(spelling: str, what: str) -> bytes:
    """Bytes from base64 in its one spelling; Python alone would pass over stray bits at the end."""
    try:
        data = base64.b64decode(spelling, validate=True)
    except ValueError as error:
        raise Failed(f"{what}: it is damaged") from error
    if base64.b64encode(data).decode() != spelling:
        raise Failed(f"{what}: it is damaged")
    return data


def string(data: bytes) -> bytes:
    """A length of four bytes, and the bytes."""
    return len(data).to_bytes(4, "big") + data


def key_blob(public_key: bytes) -> bytes:
    """A public key as SSH writes it."""
    return string(b"ssh-ed25519") + string(public_key)


def fingerprint(public_key: bytes) -> str:
    """The name of a key that `ssh-keygen -l` shows."""
    return "SHA256:" + base64.b64encode(sha256(key_blob(public_key)).digest()).decode().rstrip("=")


def armor(data: bytes) -> str:
    """A signature file as ssh-keygen writes it."""
    lines = base64.b64encode(data).decode()
    return BEGIN + "".join(lines[start : start + 70] + "\n" for start in range(0, len(lines), 70)) + END


def when(milliseconds: int) -> str:
    """The time of receipt, in UTC."""
    try:
        instant = datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise Failed("receipt: its time is impossible") from error
    return instant.isoformat(sep=" ", timespec="milliseconds") + " UTC"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
