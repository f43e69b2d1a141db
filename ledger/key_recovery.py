"""What `tally key recover`, `vouch` and `veto` do: members give a person who lost every key a new one."""

from ledger import key_requests, lives, log_keys, people
from ledger.doors import Desk
from ledger.entry import consent
from ledger.errors import Refused, Usage
from ledger.key_devices import fingerprint_of, is_meant, keep, must_be_free, person_named, write_request
from ledger.key_place import learn
from ledger.key_requests import RECOVER
from ledger.key_telling import waiting_words
from ledger.keys import key_id, new_key
from ledger.localtime import iso
from ledger.reading import text_in

VOUCHED = "ledger.vouched"


def recover(desk: Desk, name: str, out: str, place: str | None) -> None:
    """Make a new key here and write the request with which members can vouch for it."""
    learn(desk, place)
    must_be_free(out)
    state, person, key = desk.book.ledger, person_named(desk, name), new_key()
    others = [member for member in people.members(state) if member != person]
    if not others:
        raise Refused("Nobody else is a member here who could vouch for you.", "Use a paper key: tally key import.")
    body = {"person": person, "key": key.public.hex()}
    consents = {one: (key.sign(consent(state.id, VOUCHED, one, body)).hex(),) for one in others}
    keep(desk, desk.names.of(person), key)
    write_request(desk, out, RECOVER, person, key.public, consents)
    needed = lives.needed(state, lives.wanted(state, key.public.hex(), person, desk.book.size))
    wait = "14 days" if lives.wait(needed) == lives.WAIT_ALONE else "72 hours"
    desk.answer(
        {"fingerprint": key.fingerprint, "person": desk.names.of(person), "file": out, "needed": needed},
        f"Your new key is {key.fingerprint}; it lies here and cannot sign yet.",
        f"Give {out} to {needed} {'member' if needed == 1 else 'members'}, talk with each so that they know it is you,",
        f"let them compare the fingerprint, and then:  tally key vouch {out}",
        f"It takes effect {wait} after the last of them, and ends your former keys.",
    )


def vouch(desk: Desk, file: str, yes: bool) -> None:
    """Say that the new key in this request is really of the person it names."""
    request = key_requests.read(text_in(file), RECOVER)
    state, (_, me) = desk.book.ledger, desk.me
    key_requests.check_place(request, state.id, log_keys.chain(state))
    people.must_know(state, request.person or "")
    if request.person == me:
        raise Refused("Nobody vouches for a key of their own.", "Other members must do this.")
    signatures = key_requests.consents_for(request, me)
    name = desk.names.of(request.person or "")
    desk.note(f"{name} asks for a new key: {fingerprint_of(request.key)}. It will replace all keys of {name}.")
    question = f"Have you talked with {name}, are sure that it was {name}, and compared the fingerprint?"
    desk.confirm(question, yes)
    proofs = [{"key": request.key, "sig": signature} for signature in signatures]
    body = {"person": request.person, "key": request.key, "proofs": proofs}
    entry = desk.record(VOUCHED, body, may_wait=False).entry
    pending = desk.book.ledger.recoveries[key_id(bytes.fromhex(request.key))]
    said = waiting_words(desk.book, pending)
    data = {"entry": entry.index, "person": name, "fingerprint": fingerprint_of(request.key)}
    desk.answer(data | {"due": iso(desk.book, pending.due)}, f"You vouched for {name} (entry {entry.index}): {said}.")


def veto(desk: Desk, wanted: str | None, yes: bool) -> None:
    """Say no to a new key that others want to give the person at this desk."""
    person = desk.whoami
    mine = {one: waiting for one, waiting in desk.book.ledger.recoveries.items() if waiting.person == person}
    found = [one for one, waiting in mine.items() if wanted is None or is_meant(wanted, one, waiting.public)]
    if not found:
        raise Refused("No key waits to replace yours.", "`tally key list` shows what waits.")
    if len(found) > 1:
        there = ", ".join(fingerprint_of(mine[one].public) for one in found)
        raise Usage("Several keys wait to replace yours.", f"Say which: tally key veto FINGERPRINT, of {there}.")
    shown = fingerprint_of(mine[found[0]].public)
    desk.confirm(f"Refuse the key {shown}, and keep your own?", yes)
    entry = desk.record("ledger.recovery_vetoed", {"key": found[0]}, may_wait=False).entry
    desk.answer(
        {"entry": entry.index, "fingerprint": shown},
        f"You said no to the key {shown} (entry {entry.index}). What was vouched before counts no more.",
        "Talk with the members: only if more than half of all vouch anew would it still replace your keys.",
    )
