"""What `tally join` does: reads an invitation, recognises the ledger, makes a key, asks the members.

Everything is looked at from a home that is thrown away, so that an invitation to another ledger, or one with a
letter changed, leaves nothing behind. Only the key is written first: no joiner is ever in a log without one.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from governance.looks import figures, standing_words
from governance.state import Proposal, of
from ledger import invitation
from ledger.doors import Desk
from ledger.entry import entry_id, split_leaf
from ledger.errors import Refused, TallyError, Usage, VerificationFailed
from ledger.home import Home, Known, slugged
from ledger.invitation import Invitation
from ledger.keys import Key, new_key, write_key
from ledger.localtime import iso, when
from ledger.log import NoLedger
from ledger.names import proper
from ledger.opened import Ledger
from ledger.people import MEMBER
from ledger.private import Text, show
from ledger.reading import text_in
from ledger.record import Recorded, record


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
            raise Refused("This invitation was used already, or never given.", "Ask for a new one.")
        called = _free_name(ledger, name or _invited_as(ledger, held), held.person)
        rehearsal = ledger.book.ledger.rehearsal
        passphrase = None if rehearsal else desk.passphrase("A passphrase for your key: ", confirm=True)
        joiner = Joiner(name=called, known=_known(desk, held, ledger), key=new_key())
        with _key_kept(desk.home, joiner, passphrase, ledger):
            recorded = _ask(desk, ledger, held, joiner)
        head = ledger.log.head()
        desk.home.anchor(held.founding).write(head.size, head.root)
    desk.home.remember(joiner.known)
    desk.slug = joiner.known.slug
    _tell(desk, joiner, recorded)


@contextmanager
def _looking(desk: Desk, held: Invitation) -> Iterator[Ledger]:
    """The ledger of an invitation, recognised by founding hash, log key and origin, seen from a home of its own."""
    with tempfile.TemporaryDirectory() as folder:
        base, seen = Path(folder), desk.home.anchor(held.founding).read()
        elsewhere = Home(base / "config", base, base / "state")
        if seen:
            elsewhere.anchor(held.founding).write(*seen)
        known = Known(slug="seen", place=held.place, origin=held.origin, log_key=held.log, founding=held.founding)
        try:
            ledger = _opened(elsewhere, known, desk.rooms)
        except NoLedger as error:
            hint = "The folder of the ledger must be within reach of this machine; ask where it is."
            raise NoLedger(error.message, hint) from error
        except VerificationFailed as error:
            raise _another(held, error.message) from error
        try:
            book = ledger.book.ledger
            if (book.id, book.origin, book.log_key) != (held.founding, held.origin, held.log):
                raise _another(held, "Its founding entry, its name or its key is not the one you were told.")
            yield ledger
        finally:
            ledger.close()


def _opened(home: Home, known: Known, rooms: tuple[str, ...]) -> Ledger:
    """The ledger, if it is not an older state than this home has seen before."""
    ledger = Ledger(home, known, rooms)
    try:
        ledger.log.check_anchor()
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
    known, _ = desk.home.ledgers()
    if any(one.founding == held.founding for one in known.values()):
        return False
    mine = {key.public for key in desk.home.keys(slugged(ledger.book.ledger.name))}
    return any(key.person == held.person and key.public in mine for key in ledger.book.ledger.keys.values())


def _known(desk: Desk, held: Invitation, ledger: Ledger) -> Known:
    """How this home calls the ledger: as before, or by its name; by another where that is taken."""
    known, _ = desk.home.ledgers()
    for one in known.values():
        if one.founding == held.founding:
            if (one.origin, one.log_key) != (held.origin, held.log):
                raise _another(held, "This home knows it by another name or key.")
            return one
    slug = base = slugged(ledger.book.ledger.name)
    number = 2
    while slug in known:
        slug, number = f"{base}-{number}", number + 1
    place = str(Path(held.place).absolute())
    return Known(slug=slug, place=place, origin=held.origin, log_key=held.log, founding=held.founding)


def _invited_as(ledger: Ledger, held: Invitation) -> str:
    """The name in the private words of the inviting entry."""
    for index, data in enumerate(ledger.log.entries(0, ledger.log.head().size)):
        if entry_id(split_leaf(data)[0]) == held.entry:
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
        **figures(proposal),
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
    ]


def _wait(desk: Desk, joiner: Joiner, proposal: Proposal) -> list[str]:
    asked = f"You asked to join {show(desk.book.ledger.name)} as {show(joiner.name)}."
    return [
        f"{asked} The members decide: {standing_words(proposal)}.",
        f"They vote until {when(desk.book, proposal.closes)}: tally vote {proposal.number} yes",
        "Until then you may log work; it counts once the members have said yes.",
    ]
