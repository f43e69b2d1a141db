"""What `tally key rotate-log` does: treasurers give the log a new key, and the old one signs beside it for 31 days."""

from ledger import key_files, key_requests, log_keys, people
from ledger.doors import Desk
from ledger.entry import consent
from ledger.errors import Usage
from ledger.key_devices import fingerprint_of, must_be_free, write_request
from ledger.key_requests import LOG
from ledger.localtime import day
from ledger.reading import text_in


def ask(desk: Desk, out: str) -> None:
    """Whoever keeps the ledger's folder makes the new key and a file with which any treasurer can say yes to it."""
    must_be_free(out)
    _must_be_at_hand(desk)
    folder, state = desk.ledger.log.folder, desk.book.ledger
    old, new = key_files.present(folder, state, desk.book.received), key_files.key_to_come(folder)
    body = {"key": new.public.hex()}
    messages = {one: consent(state.id, log_keys.KIND, one, body) for one in people.treasurers(state)}
    consents = {one: (old.sign(message).hex(), new.sign(message).hex()) for one, message in messages.items()}
    write_request(desk, out, LOG, None, new.public, consents)
    desk.answer(
        {"fingerprint": new.fingerprint, "file": out},
        f"The log's new key would be {new.fingerprint}.",
        f"Give {out} to the treasurers:  tally key rotate-log {out}",
    )


def say(desk: Desk, file: str | None, yes: bool) -> None:
    """As a treasurer, say that the log shall have this new key; with the last who must say so it has it."""
    state, (_, me) = desk.book.ledger, desk.me
    people.must_hold(state, me, people.TREASURER)
    if file is None:
        _must_be_at_hand(desk)
        folder = desk.ledger.log.folder
        old, new = key_files.present(folder, state, desk.book.received), key_files.key_to_come(folder)
        public = new.public.hex()
        proofs = key_requests.proofs_by([old, new], state.id, log_keys.KIND, me, {"key": public})
    else:
        request = key_requests.read(text_in(file), LOG)
        key_requests.check_place(request, state.id, log_keys.chain(state))
        public, by = request.key, (request.log, request.key)
        signatures = key_requests.consents_for(request, me)
        proofs = [{"key": key, "sig": signature} for key, signature in zip(by, signatures, strict=False)]
    desk.confirm(f"Give the log the new key {fingerprint_of(public)}?", yes)
    entry = desk.record(log_keys.KIND, {"key": public, "proofs": proofs}, may_wait=False).entry
    done = desk.ledger.book.ledger.log_key == public
    if done:
        desk.ledger.reopen()  # puts the files of the keys where they belong now
    data = {"entry": entry.index, "fingerprint": fingerprint_of(public), "done": done}
    desk.answer(data, *_lines(desk, entry.index, public, entry.received))


def _lines(desk: Desk, index: int, public: str, received: int) -> list[str]:
    if desk.book.ledger.log_key != public:
        others = [one for one in people.treasurers(desk.book.ledger) if one != desk.whoami]
        names = ", ".join(desk.names.of(one) for one in others)
        return [f"You said so (entry {index}). Another treasurer must say it too: tally key rotate-log ({names})."]
    until = day(desk.book, received + log_keys.OVERLAP)
    return [
        f"The log has a new key: {fingerprint_of(public)} (entry {index}).",
        f"Both keys sign until {until}. Homes that know the old one follow by themselves.",
    ]


def _must_be_at_hand(desk: Desk) -> None:
    if desk.ledger.remote is not None:
        raise Usage(
            "The log's key lies where the log is, not here.",
            "Whoever keeps the ledger writes a request: tally key rotate-log --out FILE",
        )
