"""What `tally join` does: reads an invitation, recognises the ledger, makes a key, asks the members.

Everything is looked at from a home that is thrown away, so that an invitation to another ledger, or one with a
letter changed, leaves nothing behind. Only the key is written first: no joiner is ever in a log without one.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from governance.figures import figures
from governance.looks import standing_words
from governance.state import Proposal, of
from ledger import invitation, log_keys
from ledger.doors import Desk
from ledger.entry import entry_id, split_leaf
from ledger.errors import NotAMember, Refused, TallyError, Usage, VerificationFailed
from ledger.home import Home, Known, slugged
from ledger.invitation import Invitation
from ledger.keys import Key, new_key, write_key
from ledger.localtime import iso, when
from ledger.log import NoLedger
from ledger.names import proper
from ledger.opened import Ledger
from ledger.people import MEMBER
from ledger.places import is_afar
from ledger.private import Text, show
from ledger.reading import text_in
from ledger.record import Recorded, record
from ledger.trust import must_go_on

PAPER = "For the day you lose this device, print a key on paper:  tally key paper --out FILE"


class Joiner(Struct, frozen=True, kw_only=True):
    """Who joins, where, with which key."""

    name: str
    known: Known
    key: Key


def join(desk: Desk, place: str, name: str | None) -> None:
    """Join with the invitation in this file, under the name it was given for or another."""
    held = invitation.read(text_in(place))
    with _looking(desk, held) as ledger:
        if _joined_before(desk, ledger, held):
            known = _known(desk, held, ledger)
            desk.home.remember(known)
            desk.answer({"slug": known.slug}, "You have joined already; this home knows the ledger again.")
            return
        if held.entry not in ledger.book.ledger.invitations:
            if _is_mine(desk, ledger, held):
                raise Refused("You have joined with this invitation already.", "Nothing more is needed: tally votes.")
            raise Refused("This invitation was used already, or never given.", "Ask for a new one.")
        called = _free_name(ledger, name or _invited_as(ledger, held), held.person)
        rehearsal = ledger.book.ledger.rehearsal
        passphrase = None if rehearsal else desk.passphrase("A passphrase for your key: ", confirm=True)
        joiner = Joiner(name=called, known=_known(desk, held, ledger), key=new_key())
        with _key_kept(desk.home, joiner, passphrase, ledger):
            recorded = _ask(desk, ledger, held, joiner)
        head = ledger.log.head()
        desk.home.anchor(held.founding).write(head.size, head.root, head.note)
    desk.home.remember(joiner.known)
    desk.slug = joiner.known.slug
    _tell(desk, joiner, recorded)


@contextmanager
def _looking(desk: Desk, held: Invitation) -> Iterator[Ledger]:
    """The ledger of an invitation, recognised by founding hash, log key and origin, seen from a home of its own."""
    with tempfile.TemporaryDirectory() as folder:
        base, anchor = Path(folder), desk.home.anchor(held.founding)
        elsewhere = Home(base / "config", base, base / "state")
        if seen := anchor.read():
            elsewhere.anchor(held.founding).write(*seen, anchor.note() or b"")
        known = Known(slug="seen", place=held.place, origin=held.origin, log_key=held.log, founding=held.founding)
        try:
            ledger = _opened(desk, elsewhere, known)
        except NoLedger as error:
            hint = "The folder of the ledger must be within reach of this machine; ask where it is."
            raise NoLedger(error.message, hint) from error
        except VerificationFailed as error:
            raise _another(held, error.message) from error
        try:
            book = ledger.book.ledger
            if (book.id, book.origin) != (held.founding, held.origin) or held.log not in log_keys.chain(book):
                raise _another(held, "Its founding entry, its name or its key is not the one you were told.")
            yield ledger
        finally:
            ledger.close()


def _opened(desk: Desk, elsewhere: Home, known: Known) -> Ledger:
    """The ledger, if it goes on from what the person's own home has seen before; evidence is kept there."""
    ledger = Ledger(elsewhere, known, desk.rooms)
    try:
        must_go_on(ledger, desk.home)
    except BaseException:
        ledger.close()
        raise
    return ledger


def _another(held: Invitation, why: str) -> VerificationFailed:
    return VerificationFailed(
        f"The ledger in {show(held.place)} is not the one this invitation is for. {why}",
        "Ask the person who invited you. Nothing was changed here.",
    )


def _joined_before(desk: Desk, ledger: Ledger, held: Invitation) -> bool:
    """The log has this very person under a key of this home, but the home has lost sight of the ledger."""
    return desk.home.known_as(founding=held.founding) is None and _is_mine(desk, ledger, held)


def _is_mine(desk: Desk, ledger: Ledger, held: Invitation) -> bool:
    """Whoever joined with this invitation did so with a key of this home."""
    known = desk.home.known_as(founding=held.founding)
    mine = {key.public for key in desk.home.keys(known.slug if known else slugged(ledger.book.ledger.name))}
    return any(key.person == held.person and key.public in mine for key in ledger.book.ledger.keys.values())


def _known(desk: Desk, held: Invitation, ledger: Ledger) -> Known:
    """How this home calls the ledger: as before, or by its name; by another where that is taken."""
    before = desk.home.known_as(founding=held.founding)
    if before is not None:
        # Known by a key that the log had before, and invited by a newer one: the log tells how they follow.
        if before.origin != held.origin or before.log_key not in log_keys.chain(ledger.book.ledger):
            raise _another(held, "This home knows it by another name or key.")
        return before
    slug = desk.home.free_slug(ledger.book.ledger.name)
    place = held.place if is_afar(held.place) else str(Path(held.place).absolute())
    return msgspec.structs.replace(ledger.known, slug=slug, place=place)


def _invited_as(ledger: Ledger, held: Invitation) -> str:
    """The name in the private words of the inviting entry."""
    for index, data in enumerate(ledger.log.entries(0, ledger.log.head().size)):
        if entry_id(split_leaf(data)[0]) == held.entry:
            if ledger.remote is not None:
                with suppress(NotAMember):
                    ledger.remote.fetch_words(ledger.book, Key(bytes.fromhex(held.seed)), only=index)
            words = ledger.log.private(index).get("/name")
            if words:
                return words.words
    raise Usage("The invitation's name is not kept here.", "Say what you are called with --name NAME.")


def _free_name(ledger: Ledger, name: str, person: str) -> str:
    name = proper(name)
    slugged(name)
    if ledger.names.is_taken(name, but=person):
        raise Refused(f"Somebody is called {name} already.", "Join under another name: --name NAME.")
    return name


@contextmanager
def _key_kept(home: Home, joiner: Joiner, passphrase: str | None, ledger: Ledger) -> Iterator[None]:
    """The key lies in the home while the log is asked, and stays there if the log took it."""
    path = home.key_path(joiner.known.slug, joiner.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_key(path, joiner.key, passphrase)
        try:
            home.add_key(joiner.known.slug, joiner.name, joiner.key.public)
            yield
        except BaseException:
            if not _is_recorded(ledger, joiner.key):
                path.with_suffix(".pub").unlink(missing_ok=True)
                path.unlink()
            raise
    except BaseException:
        with suppress(OSError):  # others' keys lie there
            path.parent.rmdir()
            path.parent.parent.rmdir()
        raise


def _is_recorded(ledger: Ledger, key: Key) -> bool:
    """Whether the log took it after all (a full disk may speak up after the commit); in doubt the key is kept."""
    try:
        ledger.reopen()
    except (TallyError, OSError):
        return True
    return key.id in ledger.book.ledger.keys


def _ask(desk: Desk, ledger: Ledger, held: Invitation, joiner: Joiner) -> Recorded:
    body = {"invitation": held.entry, "key": joiner.key.public.hex(), "name": Text(joiner.name), "proofs": []}
    once = Key(bytes.fromhex(held.seed))
    return record(ledger, joiner.key, held.person, "governance.joined", body, desk.clock_ok, (once,))


def _tell(desk: Desk, joiner: Joiner, recorded: Recorded) -> None:
    book, person = desk.book, recorded.entry.author
    proposal = of(book).proposals[recorded.entry.id]
    standing = book.ledger.persons[person].standing
    data = {
        "entry": recorded.entry.index,
        "name": joiner.name,
        "standing": standing,
        "ledger": joiner.known.founding,
        "slug": joiner.known.slug,
        "fingerprint": joiner.key.fingerprint,
        "proposal": proposal.number,
        "closes": iso(book, proposal.closes),
        **figures(book, proposal),
    }
    welcome = _welcome if standing == MEMBER else _wait
    desk.answer(data, f"Your key is {joiner.key.fingerprint}.", *welcome(desk, joiner, proposal))


def _welcome(desk: Desk, joiner: Joiner, _: Proposal) -> list[str]:
    return [
        f"Welcome, {show(joiner.name)}: you are a member of {show(desk.book.ledger.name)}.",
        "",
        "What to do next:",
        '  tally log 1h30 "what you did" --role ROLE',
        "  tally votes",
        "  tally rule show",
        PAPER,
    ]


def _wait(desk: Desk, joiner: Joiner, proposal: Proposal) -> list[str]:
    asked = f"You asked to join {show(desk.book.ledger.name)} as {show(joiner.name)}."
    return [
        f"{asked} The members decide: {standing_words(desk.book, desk.names, proposal)}.",
        f"They vote until {when(desk.book, proposal.closes)}: tally vote {proposal.number} yes",
        "Until then you may log work; it counts once the members have said yes.",
        PAPER,
    ]
