"""Which of the keys in a home signs: the newest live one of the person at the desk, from its file or an ssh-agent."""

from ledger import people
from ledger.book import Book, hooks
from ledger.doors import Desk
from ledger.errors import NoKey
from ledger.home import KeyFile
from ledger.key_telling import waiting_words, warnings
from ledger.keys import Signer, key_id
from ledger.state import State


def id_of(file: KeyFile) -> str:
    """What entries call this key."""
    return key_id(bytes.fromhex(file.public))


def choose(files: list[KeyFile], state: State) -> KeyFile:
    """The newest of a person's keys that is live, a paper key last; one that cannot sign only where no other is."""

    def rank(file: KeyFile) -> tuple[bool, bool, int]:
        key = state.keys.get(id_of(file))
        return (False, False, -1) if key is None else (key.until is None, not key.paper, key.since)

    return max(files, key=rank)


def person_of(book: Book, file: KeyFile) -> str:
    """Whose key this is. Raises NoKey if the ledger does not know it, saying what it waits for."""
    key = book.ledger.keys.get(id_of(file))
    if key is not None:
        return key.person
    pending = book.ledger.recoveries.get(id_of(file))
    if pending is not None:
        raise NoKey(f"This key of {file.name} waits: {waiting_words(book, pending)}.")
    raise NoKey(
        f"The key of {file.name} is not known to this ledger.",
        "Join first: tally join FILE. Or another device of yours adds it (tally key add), "
        "or members vouch for it (tally key vouch).",
    )


def signing(desk: Desk) -> tuple[Signer, str]:
    """The key that signs at this desk, unlocked, and its person. Raises NoKey for a key that has ended."""
    file, person = desk.key_file, desk.whoami
    people.signing_key(desk.book.ledger, id_of(file), person, desk.book.size)
    for words in warnings(desk.book, desk.names, person):
        desk.note(words)
    for remind in hooks(desk.rooms, "reminders"):
        for words in remind(desk.book, person):
            desk.note(words)
    return signer(desk, file), person


def signer(desk: Desk, file: KeyFile) -> Signer:
    """The key itself, for signing."""
    if not file.agent:
        return desk.unlock(file.path)
    from ledger.agent import agent_key  # noqa: PLC0415  (opens sockets, which a key in a file does not need)

    return agent_key(bytes.fromhex(file.public))
