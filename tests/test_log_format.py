"""docs/LOG-FORMAT.md is enough for a second implementation: its worked bytes are computed again, by us and by hand.

`make golden` writes the worked blocks anew. By hand means here: hashlib, base64 and libsodium alone, as somebody would
who has only the page.
"""

import base64
import hashlib
import json
import os
import re
import struct
import tempfile
from pathlib import Path

import msgspec
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair

from cli import ROOMS
from ledger import (
    canonical,
    checkpoint,
    contradiction,
    entry,
    evidence,
    fact,
    invitation,
    merkle,
    note,
    policy,
    private,
    receipt,
    sshsig,
    tiles,
    wire,
)
from ledger.keys import Key
from ledger.outbox import Signed
from ledger.peers.http_signing import COVERED, Asked, signature_base, signed_headers

PAGE = Path(__file__).parents[1] / "docs" / "LOG-FORMAT.md"
BLOCK = re.compile(r"(<!-- worked: ([a-z0-9-]+) -->\n```\n)(.*?)(\n```)", re.DOTALL)

ANA = Key(bytes(range(32)))
LOG = Key(bytes(range(32, 64)))
WITNESS = Key(bytes(range(64, 96)))
ORIGIN = "tally.invalid/worked"
LEDGER = hashlib.sha256(b"a founding entry").hexdigest()
PERSON = "0123456789abcdef0123456789abcdef"
SALT = bytes(range(96, 128))
RECEIVED = 1_754_060_400_000  # 2025-08-01T15:00:00Z, in milliseconds


def fields() -> dict[str, object]:
    """The entry of the page: 90 minutes of code, with a private note."""
    kept = private.Kept(SALT, "Reviewed the parser")
    item = {
        "who": PERSON, "date": "2025-08-01", "role": "code", "kind": "hour", "qty": 90, "circle": "", "refs": [],
        "with": [], "gift": False, "source": None, "evidence": None,
        "note": private.commitment(ANA.id, 0, "/items/0/note", kept),
    }  # fmt: skip
    return {
        "v": 1, "ledger": LEDGER, "kind": "contributions.logged", "author": PERSON, "key": ANA.id, "seq": 0,
        "prev": None, "seen": {"size": 0, "root": hashlib.sha256(b"").hexdigest()}, "ts": "2025-08-01T15:00:00Z",
        "body": {"items": [item]},
    }  # fmt: skip


def worked() -> dict[str, str]:
    """Every worked block of the page, by its name."""
    data = entry.write(fields())
    message = entry.preimage(entry.NAMESPACE, data)
    signature = ANA.sign(message)
    leaf = entry.leaf(data, signature, RECEIVED)
    leaves = [leaf, b"second leaf" * 10, b"third leaf" * 10]
    hashes = [merkle.leaf_hash(one) for one in leaves]
    head = checkpoint.Checkpoint(ORIGIN, 3, merkle.root(hashes))
    signed = checkpoint.sign(head, LOG)
    proof = tuple(merkle.inclusion_proof(hashes, 0))
    consent = entry.consent(LEDGER, "ledger.invited", PERSON, {"person": PERSON, "proofs": []})
    invited = invitation.Invitation(
        v=1, origin=ORIGIN, log=LOG.public.hex(), founding=LEDGER, place="/srv/riverbend", person=PERSON,
        seed=bytes(32).hex(), entry=entry.entry_id(data),
    )  # fmt: skip
    return {
        "key": f"seed     {ANA.seed.hex()}\npublic   {ANA.public.hex()}\nkey id   {ANA.id}",
        "entry": data.decode(),
        "entry-id": entry.entry_id(data),
        "preimage": message.hex(),
        "signature": signature.hex(),
        "leaf-tail": leaf[-72:].hex(),
        "leaf-hash": hashes[0].hex(),
        "commitment": f"salt        {SALT.hex()}\ncommitment  {json.loads(data)['body']['items'][0]['note']}",
        "tree": "\n".join([*(f"leaf {n}  {one.hex()}" for n, one in enumerate(hashes)), f"root    {head.root.hex()}"]),
        "vkey": note.vkey(ORIGIN, LOG.public),
        "checkpoint": signed.decode().rstrip("\n"),
        "cosignature": note.cosign(checkpoint.body(head), "bela.example", WITNESS, RECEIVED // 1000),
        "witness": note.vkey("bela.example", WITNESS.public, note.COSIGNATURE),
        "receipt": receipt.write(receipt.Receipt(0, proof, signed, leaf[-72:])).decode().rstrip("\n"),
        "consent": consent.hex(),
        "bundle": tiles.pack_bundle(leaves)[:16].hex(),
        "paths": "\n".join(map(_path_row, ((0, 0, 256), (0, 5, 17), (1, 0, 3), (None, 1234067, 256)))),
        "invitation": invitation.write(invited),
        "policy": POLICY.format(log=note.vkey(ORIGIN, LOG.public), witness=_witness_vkey()).rstrip("\n"),
        "said": _said_end(Signed(data, signature, {"/items/0/note": private.Kept(SALT, "Reviewed the parser")})),
        "request": _request(),
    } | _fork(leaves, signed)


def _witness_vkey() -> str:
    return note.vkey("bela.example", WITNESS.public, note.COSIGNATURE)


POLICY = """log {log}
witness bela {witness} https://bela.example/witness
group some any bela
quorum some
"""


def _said_end(signed: Signed) -> str:
    """The body that hands the entry of the page in, from where the entry ends."""
    return wire.write_said(signed).decode().rpartition('","sig":')[2].join(('","sig":', ""))


def _fork(leaves: list[bytes], newer: bytes) -> dict[str, str]:
    """Evidence of the page: the log also signed a head of two entries that its three do not go on from."""
    hashes = [merkle.leaf_hash(one) for one in leaves]
    other = merkle.root([hashes[0], merkle.leaf_hash(b"another leaf" * 10)])
    found = contradiction.Fork(
        vkeys=(note.vkey(ORIGIN, LOG.public),),
        older=checkpoint.sign(checkpoint.Checkpoint(ORIGIN, 2, other), LOG).decode(),
        newer=newer.decode(),
        root=merkle.root(hashes[:2]).hex(),
        path=tuple(one.hex() for one in merkle.consistency_proof(hashes, 2)),
    )
    assert contradiction.check(found).stands_alone
    with tempfile.TemporaryDirectory() as folder:
        kept = evidence.keep(Path(folder), found)
        return {"fork": kept.read_text(encoding="utf-8"), "fork-name": kept.name}


def _request() -> str:
    """The signature base and the header fields of a request for private words."""
    asked = Asked("GET", "coop.example", "/ledger/private", "start=0&end=100")
    headers = signed_headers(ANA, asked, RECEIVED // 1000, "aaaaaaaaaaaaaaaaaaaaaa")
    values = (asked.method, asked.authority, asked.path, f"?{asked.query}")
    base = signature_base(list(zip(COVERED, values, strict=True)), headers["Signature-Input"].removeprefix("sig1="))
    return "\n".join([base.decode(), "", *(f"{name}: {value}" for name, value in headers.items())])


def _path_row(place: tuple[int | None, int, int]) -> str:
    level, n, width = place
    return f"{'entries' if level is None else level!s:>7} {n:>8} {width:>4}  {tiles.tile_path(tiles.Tile(*place))}"


def test_the_worked_bytes_are_those_the_program_makes() -> None:
    again = worked()
    if os.environ.get("TALLY_GOLDEN") == "write":
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BLOCK.sub(lambda found: found[1] + again[found[2]] + found[4], text), encoding="utf-8")

    assert on_the_page() == again


def test_the_worked_bytes_follow_from_the_page_with_a_hash_and_a_signature_alone() -> None:
    page = on_the_page()
    data = page["entry"].encode()
    assert hashlib.sha256(data).hexdigest() == page["entry-id"]
    assert json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == data

    preimage = b"SSHSIG" + b"".join(
        struct.pack(">I", len(part)) + part
        for part in (b"tally-entry-v1", b"", b"sha512", hashlib.sha512(data).digest())
    )
    assert preimage.hex() == page["preimage"]
    public, secret = crypto_sign_seed_keypair(bytes(range(32)))
    assert crypto_sign(preimage, secret)[:64].hex() == page["signature"]
    assert hashlib.sha256(public).hexdigest() == json.loads(data)["key"]

    tail = bytes.fromhex(page["signature"]) + struct.pack(">Q", RECEIVED)
    assert tail.hex() == page["leaf-tail"]
    leaf_hash = hashlib.sha256(b"\0" + data + tail).digest()
    assert leaf_hash.hex() == page["leaf-hash"]

    pointer = b"/items/0/note"
    committed = hashlib.sha256(
        b"tally-private-v1\0" + hashlib.sha256(public).digest() + struct.pack(">Q", 0)
        + struct.pack(">H", len(pointer)) + pointer + SALT + b"Reviewed the parser"
    )  # fmt: skip
    assert page["commitment"].endswith(committed.hexdigest())

    two, three = (hashlib.sha256(b"\0" + one).digest() for one in (b"second leaf" * 10, b"third leaf" * 10))
    left = hashlib.sha256(b"\1" + leaf_hash + two).digest()
    root = hashlib.sha256(b"\1" + left + three).digest()
    assert page["tree"].endswith(root.hex())
    assert base64.b64encode(root).decode() in page["checkpoint"]
    lines = page["receipt"].split("\n")
    assert lines[1] == f"extra {base64.b64encode(tail).decode()}"
    assert lines[3:5] == [base64.b64encode(two).decode(), base64.b64encode(three).decode()]

    head = page["checkpoint"].rpartition("\n\n")[0] + "\n"
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n\1" + LOG.public).digest()[:4]
    _, log_secret = crypto_sign_seed_keypair(bytes(range(32, 64)))
    line = f"— {ORIGIN} {base64.b64encode(key_id + crypto_sign(head.encode(), log_secret)[:64]).decode()}"
    assert page["checkpoint"].endswith(line)


def test_the_worked_evidence_convicts_the_log_with_a_hash_and_a_signature_alone() -> None:
    page = on_the_page()
    text = page["fork"]
    found = json.loads(text)
    assert page["fork-name"] == f"evidence-fork-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"

    root, beside = bytes.fromhex(found["root"]), bytes.fromhex(found["path"][0])
    newer_root = hashlib.sha256(b"\1" + root + beside).digest()
    heads = [head.rpartition("\n\n") for head in (found["older"], found["newer"])]
    roots = [base64.b64decode(text.split("\n")[2]) for text, _, _ in heads]
    assert roots[1] == newer_root
    assert roots[0] != root
    public = base64.b64decode(found["vkeys"][0].split("+")[2])[1:]
    for head, _, line in heads:
        signature = base64.b64decode(line.split(" ")[2])[4:]
        assert crypto_sign_open(signature + f"{head}\n".encode(), public) == f"{head}\n".encode()


def test_the_worked_request_is_signed_over_its_base_alone() -> None:
    base, _, fields = on_the_page()["request"].partition("\n\n")
    given, signature = (line.partition("=")[2] for line in fields.split("\n"))
    public, _ = crypto_sign_seed_keypair(bytes(range(32)))

    assert base.endswith(f'"@signature-params": {given}')
    assert crypto_sign_open(base64.b64decode(signature.strip(":")) + base.encode(), public) == base.encode()


def test_the_worked_body_is_read_as_the_entry_of_the_page() -> None:
    page = on_the_page()
    signed = wire.read_said(f'{{"entry":{json.dumps(page["entry"])[:-1]}{page["said"]}'.encode())

    assert signed.id == page["entry-id"]
    assert signed.signature.hex() == page["signature"]
    assert signed.words == {"/items/0/note": private.Kept(SALT, "Reviewed the parser")}


def test_the_worked_policy_is_fulfilled_by_the_worked_witness() -> None:
    page = on_the_page()
    wanted = policy.parse(f"{page['policy']}\n".encode())
    head = f"{page['checkpoint']}\n{page['cosignature']}\n".encode()

    assert policy.is_enough(wanted, policy.cosigned(wanted, head, [page["vkey"]]).times)


def test_every_kind_of_statement_stands_on_the_page_with_the_fields_of_its_body() -> None:
    kinds = fact.kinds(ROOMS)
    schemas, parts = msgspec.json.schema_components(kinds.values())
    bodies = {kind: parts.pop(schema["$ref"].rpartition("/")[2]) for kind, schema in zip(kinds, schemas, strict=True)}

    assert on_table("kinds") == {kind: set(body["properties"]) for kind, body in bodies.items()}
    assert on_table("pieces") == {name: set(part["properties"]) for name, part in parts.items()}


def test_ssh_keygen_would_be_asked_about_the_very_same_preimage() -> None:
    armored = sshsig.armor(ANA.public, entry.NAMESPACE, bytes.fromhex(on_the_page()["signature"]))

    assert armored.startswith("-----BEGIN SSH SIGNATURE-----\n")
    assert canonical.encode(canonical.decode(on_the_page()["entry"].encode())).decode() == on_the_page()["entry"]


def on_the_page() -> dict[str, str]:
    """The worked blocks as the page has them."""
    return {found[2]: found[3] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}


def on_table(name: str) -> dict[str, set[str]]:
    """The fields that a table of the page names, by the kind or part they belong to."""
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0]
    cells = [[cell.strip() for cell in row.split("|")[1:3]] for row in table.splitlines()[2:]]
    return {first.strip("`"): set(re.findall(r"`([a-z_]+)`", fields)) for first, fields in cells}
