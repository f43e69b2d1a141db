"""How a new device gets to know a ledger: it looks at the place, and pins what it finds there for the first time.

Nothing vouches for what is seen first. So whoever grants a request of this device compares the ledger it names with
the one their own home has always known, and people compare the ledger's id.
"""

from contextlib import closing
from pathlib import Path

from ledger import fact, facts
from ledger.anchor import NOTHING_SEEN
from ledger.doors import Desk
from ledger.entry import entry_id, read, split_leaf
from ledger.errors import Usage, VerificationFailed
from ledger.home import Known
from ledger.log import Reader
from ledger.opened import Ledger
from ledger.places import is_afar, open_log
from ledger.private import show


def learn(desk: Desk, place: str | None) -> None:
    """Let this home know the ledger at a place and make it the current one; without a place nothing changes."""
    if place is None:
        return
    known = _known(desk, place)
    if known.slug not in desk.home.ledgers()[0]:
        with closing(Ledger(desk.home, known, desk.rooms)) as ledger:
            head = ledger.log.head()
            desk.home.anchor(known.founding).write(head.size, head.root, head.note)
            known = ledger.known
        desk.home.remember(known)
        desk.note(f"This home knows the ledger now as {known.slug}. Compare its id with another device or member:")
        desk.note(f"Ledger id  {known.founding}")
    desk.slug = known.slug


def _known(desk: Desk, place: str) -> Known:
    """What the ledger at a place says of itself, under the name this home has for it or a free one."""
    said, founding = _founding(desk, place)
    if (before := desk.home.known_as(founding=founding)) is not None:
        return before
    slug = desk.home.free_slug(said.name)
    where = place if is_afar(place) else str(Path(place).absolute())
    return Known(slug=slug, place=where, origin=said.log.origin, log_key=said.log.key, founding=founding)


def _founding(desk: Desk, place: str) -> tuple[facts.Founded, str]:
    with closing(_reader(place)) as log:
        if not log.head().size:
            raise Usage(f"No ledger was founded in {show(place)} yet.", "Name the folder or address of the ledger.")
        data = split_leaf(log.entry(0))[0]
    said = fact.read(read(data), desk.rooms)
    if not isinstance(said, facts.Founded):
        raise VerificationFailed(f"What lies in {show(place)} is no ledger: it has no founding.")
    return said, entry_id(data)


def _reader(place: str) -> Reader:
    if not is_afar(place):
        return open_log(place, NOTHING_SEEN, "")
    from ledger.peers.tilesource import TileSource  # noqa: PLC0415  (only a ledger behind a URL needs it)

    return TileSource(place)
