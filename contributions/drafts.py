"""Work as another system wrote it down, before anybody here has signed it, and whose work it is.

Pure. A draft is not an entry: a person looks at it, and only what is then logged counts. Names and e-mail
addresses serve to find the member; an e-mail address never goes into signed bytes.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping

from msgspec import Struct

from ledger.errors import Usage

MAP_HINT = "Write one line per name, like: ana = Ana Rossi <ana@example.org>"

# Letters that steer a terminal or turn the reading direction have no place in a name or on a line.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_CONTACT = re.compile(r"([^<>]*)<([^<>]*)>")


class Someone(Struct, frozen=True, order=True):
    """A person as another system knows them. Either part may be empty; made by `someone`, so that equal is equal."""

    name: str
    email: str = ""


class Draft(Struct, frozen=True, kw_only=True):
    """One piece of work of one person, as it was read.

    `id` never changes within its origin (the source and nothing else), so that a second import adds nothing.
    Drafts of one piece of work credited to several people are "RECORD/0", "RECORD/1" …
    `amount` is minutes for lengths of time, a whole number for pieces, and text such as "1234.50" for money.
    """

    id: str
    who: Someone
    date: datetime.date
    role: str
    kind: str
    amount: int | str
    note: str


class Known(Struct, frozen=True):
    """The member somebody turned out to be: the name used here, and the person's id."""

    name: str
    person: str


class MapLine(Struct, frozen=True):
    """One line of a map: which member somebody is. A part of `who` that is empty is not compared."""

    number: int
    member: str
    who: Someone


def someone(name: str, email: str = "") -> Someone:
    """A person with the name on one line and the e-mail address in small letters."""
    return Someone(one_line(name), one_line(email.lower()))


def one_line(text: str) -> str:
    """The words of a text on one line, in composed letters, without characters that steer a terminal."""
    return " ".join(_STEERING.sub(" ", unicodedata.normalize("NFC", text)).split())


def parse_contact(text: str) -> Someone | None:
    """The person of "Name <email>", or None if it is not spelled so or says nothing."""
    found = _CONTACT.fullmatch(text.strip())
    if found is None:
        return None
    who = someone(*found.groups())
    return who if who.name or who.email else None


def parse_map(text: str) -> tuple[MapLine, ...]:
    """The lines `MEMBER = Name <email>`; a member may have several.

    `MEMBER = <email>` holds whatever the name, `MEMBER = Name <>` whatever the e-mail address. Empty lines and
    lines that begin with # say nothing. Raises Usage, naming the line, for any other line and for a person who
    would be two members.
    """
    lines: dict[Someone, MapLine] = {}
    for number, text_line in enumerate(text.splitlines(), 1):
        if not text_line.strip() or text_line.lstrip().startswith("#"):
            continue
        line = _parse_map_line(number, text_line)
        before = lines.setdefault(_folded(line.who), line)
        if before.member.casefold() != line.member.casefold():
            both = f"{before.member} and {line.member}"
            raise Usage(f"Lines {before.number} and {number} of the map make one person both {both}.", "Keep one.")
    return tuple(lines.values())


def _parse_map_line(number: int, text: str) -> MapLine:
    member, equals, contact = text.partition("=")
    member, who = one_line(member), parse_contact(contact)
    if not equals or not member or who is None:
        raise Usage(f'Line {number} of the map is not "MEMBER = Name <email>": {text.strip()}', MAP_HINT)
    return MapLine(number, member, who)


def match(drafts: Iterable[Draft], members: Mapping[str, str], mapping: Iterable[MapLine] = ()) -> dict[Someone, Known]:
    """Who of the people in the drafts is which member; whoever is not a key is nobody we know.

    `members` gives each member's person id by name. A line of the map decides first (name and e-mail address
    before one of them alone), then an equal name; large and small letters do not matter. A name two members
    share decides nothing. Raises Usage, naming the line, if a map speaks of a member who is not there.
    """
    by_name = _by_name(members)
    by_line = {_folded(line.who): _member(line, members, by_name) for line in mapping}
    known = {}
    for who in {draft.who: None for draft in drafts}:
        name, email = _folded(who).name, who.email
        spellings = (Someone(name, email), Someone("", email), Someone(name, ""))
        found = next((by_line[spelling] for spelling in spellings if spelling in by_line), by_name.get(name))
        if found:
            known[who] = found
    return known


def _by_name(members: Mapping[str, str]) -> dict[str, Known | None]:
    found: dict[str, Known | None] = {}
    for name, person in members.items():
        folded = one_line(name).casefold()
        found[folded] = None if folded in found else Known(name, person)
    return found


def _member(line: MapLine, members: Mapping[str, str], by_name: Mapping[str, Known | None]) -> Known:
    if line.member in members:
        return Known(line.member, members[line.member])
    folded = line.member.casefold()
    found = by_name.get(folded)
    if found is None:
        why = "means more than one member here" if folded in by_name else "is not a member here"
        raise Usage(f"Line {line.number} of the map: {line.member} {why}.", "`tally member list` shows the names.")
    return found


def _folded(who: Someone) -> Someone:
    return Someone(who.name.casefold(), who.email)


def for_members(drafts: Iterable[Draft], known: Mapping[Someone, Known]) -> tuple[tuple[Draft, str], ...]:
    """The drafts of members, each with its person id.

    Who is credited twice for one piece of work, under two names, is credited once: the first, which is the author.
    """
    credited: dict[tuple[str, str], tuple[Draft, str]] = {}
    for draft in drafts:
        if member := known.get(draft.who):
            credited.setdefault((draft.id.partition("/")[0], member.person), (draft, member.person))
    return tuple(credited.values())
