"""What `tally key new`, `import`, `add` and `paper` do: keys come into a home, and from there into the ledger."""

import os
from collections.abc import Mapping
from pathlib import Path

from ledger import key_paper, key_requests, log_keys, pem
from ledger.agent import picked
from ledger.anchor import write_durably
from ledger.doors import Desk
from ledger.entry import consent
from ledger.errors import NoKey, Refused, Usage
from ledger.home import KeyFile
from ledger.key_choice import id_of, signer
from ledger.key_facts import check_new
from ledger.key_place import learn
from ledger.key_requests import ADD, Request
from ledger.keys import Key, KeyFileExists, Signer, new_key, write_key, write_secret
from ledger.lives import KEY_ADDED
from ledger.people import key_is_taken
from ledger.private import show
from ledger.reading import text_in
from ledger.sshsig import fingerprint

ADD_IT = "The ledger does not know it yet. A key of yours that it knows adds it:  tally key add"


def make(desk: Desk, name: str | None, out: str | None, place: str | None) -> None:
    """A new key in this home; with `out`, a request that another device of the same person adds it."""
    learn(desk, place)
    whose, key = whose_key(desk, name), new_key()
    if out is None:
        keep(desk, whose, key)
        desk.answer({"fingerprint": key.fingerprint, "name": whose}, f"A new key lies here: {key.fingerprint}.", ADD_IT)
        return
    must_be_free(out)
    body, person = {"key": key.public.hex(), "paper": False}, person_named(desk, whose)
    message = consent(desk.book.ledger.id, KEY_ADDED, person, body)
    keep(desk, whose, key)
    write_request(desk, out, ADD, person, key.public, {person: (key.sign(message).hex(),)})
    desk.answer(
        {"fingerprint": key.fingerprint, "name": whose, "file": out},
        f"A new key lies here: {key.fingerprint}.",
        f"Carry {out} to a device of yours that the ledger knows, compare the fingerprint, and there:",
        f"  tally key add {out}",
    )


def bring_in(desk: Desk, file: str | None, agent: str | None, name: str | None, place: str | None) -> None:
    """A key that was made elsewhere: in an OpenSSH or PEM file, on paper, or in an ssh-agent."""
    if (file is None) == (agent is None):
        raise Usage("Name the file of the key, or say --agent.", "`tally key import --help` tells more.")
    learn(desk, place)
    key, passphrase = (picked(agent), None) if agent is not None else _read(desk, file or "-")
    known = desk.book.ledger.keys.get(key.id)
    if known is None:
        check_new(desk.book.ledger, key.public.hex())
    elif known.until is not None:
        raise NoKey(f"This key signs no more: it ended at entry {known.until} ({known.ended}).")
    whose = desk.names.of(known.person) if known and not name else whose_key(desk, name)
    if isinstance(key, Key):
        keep(desk, whose, key, passphrase)
    else:
        _note_agent(desk, whose, key)
    where = "it signs through ssh-agent" if agent is not None else "it lies in this home now"
    said = f"The ledger knows it: it signs for {whose}." if known else ADD_IT
    desk.answer(
        {"fingerprint": key.fingerprint, "name": whose, "agent": agent is not None, "known": known is not None},
        f"Key {key.fingerprint}: {where}.",
        said,
    )


def add(desk: Desk, wanted: str | None, yes: bool) -> None:
    """Let the ledger know another key of the person at this desk: one that lies here, or one that asks by a file."""
    if wanted is not None and (wanted == "-" or Path(wanted).exists()):
        request = key_requests.read(text_in(wanted), ADD)
        public, signatures = _asked(desk, request)
        desk.confirm(f"Add the key {fingerprint_of(public)} as another device of yours?", yes)
    else:
        file = _waiting(desk, wanted)
        public, signatures = file.public, ()
    body = {"key": public, "paper": False}
    if signatures:
        proofs = [{"key": public, "sig": signature} for signature in signatures]
    else:
        person = desk.whoami
        proofs = key_requests.proofs_by([signer(desk, file)], desk.book.ledger.id, KEY_ADDED, person, body)
    entry = desk.record(KEY_ADDED, body | {"proofs": proofs}, may_wait=False).entry
    desk.answer(
        {"entry": entry.index, "fingerprint": fingerprint_of(public)},
        f"The key {fingerprint_of(public)} signs for {desk.names.of(entry.author)} from now on (entry {entry.index}).",
    )


def paper(desk: Desk, out: str) -> None:
    """A key on paper: added to the ledger, written to a page, kept nowhere else."""
    key, (_, person) = new_key(), desk.me
    body = {"key": key.public.hex(), "paper": True}
    proofs = key_requests.proofs_by([key], desk.book.ledger.id, KEY_ADDED, person, body)
    page = key_paper.write(key.seed, desk.names.of(person), show(desk.book.ledger.name), key.fingerprint)
    # The page first: a key that nobody has could never be ended but by another.
    try:
        write_secret(out, page.encode())
    except KeyFileExists as error:
        raise Refused(f"There is a file {out} already.", "Choose another name.") from error
    try:
        entry = desk.record(KEY_ADDED, body | {"proofs": proofs}, may_wait=False).entry
    except BaseException:
        if not desk.recorded:
            os.unlink(out)
        raise
    desk.answer(
        {"entry": entry.index, "fingerprint": key.fingerprint, "file": out},
        f"Wrote a paper key to {out} (entry {entry.index}). This home keeps no copy of it.",
        f"Print it, put it where you keep your papers, and delete {out}.",
    )


# What these share.


def whose_key(desk: Desk, name: str | None) -> str:
    """Under which name a key is kept here: the one given, or that of the only person whose keys lie here."""
    given = name or desk.person or os.environ.get("TALLY_AS")
    if given:
        return given
    names = {file.name for file in desk.home.keys(desk.ledger.known.slug)}
    if len(names) != 1:
        raise Usage("Whose key is it?", "Say it with --name NAME, as the ledger knows you.")
    return names.pop()


def person_named(desk: Desk, name: str) -> str:
    """The id of a person by name; by the id itself where names are not held here."""
    return name if name in desk.book.ledger.persons else desk.names.person(name)


def keep(desk: Desk, name: str, key: Key, passphrase: str | None = None) -> None:
    """Keep a key in this home: locked, except on a rehearsal; one that came with a passphrase keeps it there too."""
    slug = desk.ledger.known.slug
    _must_be_new_here(desk, key)
    if passphrase is None and not desk.book.ledger.rehearsal:
        passphrase = desk.passphrase("A passphrase for this key: ", confirm=True)
    path = desk.home.free_key_path(slug, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_key(path, key, passphrase)
    desk.home.note_key(path, name, key.public)


def _note_agent(desk: Desk, name: str, key: Signer) -> None:
    _must_be_new_here(desk, key)
    path = desk.home.free_key_path(desk.ledger.known.slug, name)
    desk.home.note_key(path, name, key.public, agent=True)


def _must_be_new_here(desk: Desk, key: Signer) -> None:
    if any(file.public == key.public.hex() for file in desk.home.keys(desk.ledger.known.slug)):
        raise KeyFileExists(f"The key {key.fingerprint} is in this home already.")


def _read(desk: Desk, file: str) -> tuple[Key, str | None]:
    """The key in a file or on a page, and the passphrase that opened it."""
    text = text_in(file)
    if key_paper.is_paper(text):
        return Key(key_paper.read(text)), None
    try:
        return Key(pem.read(text.encode())), None
    except pem.Locked:
        passphrase = desk.passphrase("Passphrase of this key: ")
        return Key(pem.read(text.encode(), passphrase)), passphrase


def _waiting(desk: Desk, wanted: str | None) -> KeyFile:
    """The key in this home that the ledger does not know yet."""
    slug, name = desk.ledger.known.slug, desk.key_file.name
    files = [file for file in desk.home.keys(slug) if file.name == name]
    new = [file for file in files if not key_is_taken(desk.book.ledger, file.public)]
    found = [file for file in new if wanted is None or is_meant(wanted, id_of(file), file.public)]
    if len(found) == 1:
        return found[0]
    if not found:
        hint = "Make one: tally key new. Or bring one in: tally key import FILE."
        raise NoKey(f"No {'such ' if wanted else ''}key of {name} lies here that the ledger does not know.", hint)
    there = ", ".join(fingerprint_of(file.public) for file in found)
    raise Usage("Several new keys lie here.", f"Say which: tally key add FINGERPRINT, of {there}.")


def _asked(desk: Desk, request: Request) -> tuple[str, tuple[str, ...]]:
    state, (_, person) = desk.book.ledger, desk.me
    key_requests.check_place(request, state.id, log_keys.chain(state))
    if request.person != person:
        raise Refused("This request is for a device of somebody else.", "Only they can add it, with a key of theirs.")
    return request.key, key_requests.consents_for(request, person)


def write_request(
    desk: Desk, out: str, wants: str, person: str | None, public: bytes, consents: Mapping[str, tuple[str, ...]]
) -> None:
    """Write a request of this device to a file; nothing in it is secret."""
    state = desk.book.ledger
    request = Request(
        tally="key-request-v1",
        wants=wants,
        ledger=state.id,
        log=state.log_key,
        person=person,
        key=public.hex(),
        consents=dict(consents),
    )
    write_durably(Path(out), key_requests.write(request).encode(), 0o644)


def must_be_free(out: str) -> None:
    """Raise Refused if a file lies there already."""
    if Path(out).exists():
        raise Refused(f"There is a file {out} already.", "Choose another name.")


def fingerprint_of(public: str) -> str:
    """The fingerprint of a public key in hex."""
    return fingerprint(bytes.fromhex(public))


def is_meant(wanted: str, key_id: str, public: str) -> bool:
    """Whether what was typed names this key: the beginning of its fingerprint or of its id, at least six letters."""
    shown = wanted.removeprefix("SHA256:").rstrip("…")
    return len(shown) >= 6 and (fingerprint_of(public)[7:].startswith(shown) or key_id.startswith(shown.lower()))
