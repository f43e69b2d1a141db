"""What people and parties are called here: names are private words beside the log, never in it.

A name that was erased, or is not held in this copy, shows as the first letters of the id.
"""

import unicodedata
from collections.abc import Callable

from ledger.book import Book
from ledger.errors import NotAMember, Usage
from ledger.private import show

Look = Callable[[list[tuple[int, str]]], dict[tuple[int, str], str]]
"""Finds private words by (entry index, JSON pointer)."""


class UnknownMember(NotAMember):
    """A name that nobody here has, or that cannot be looked up: a home that is new to a service was told no names."""

    exit_code = 2

    def __init__(self, name: str, told: bool = True) -> None:
        if told:
            super().__init__(f"No member is called {name!r}.", "`tally member list` shows them.")
            return
        super().__init__(
            f"This home was not told any names, {name!r} neither: they go to members alone.",
            "Give the id in place of the name. `tally member show NAME` tells it, on another device or at a member's.",
        )


class Names:
    """Names of persons and parties by id, and ids by name."""

    def __init__(self, book: Book, look: Look) -> None:
        state = book.ledger
        places = {person: known.named for person, known in state.persons.items()}
        places |= {party: known.named for party, known in state.parties.items()}
        held = look(list(places.values()))
        self._names = {known: held.get(place, "") for known, place in places.items()}
        self._persons, self._parties = state.persons, state.parties
        invited = {one.person: (one.index, "/name") for one in state.invitations.values()}
        found = look(list(invited.values()))
        self.invited = {person: found.get(place, "") for person, place in invited.items()}

    def of(self, known: str) -> str:
        """The name of a person or party, safe to show."""
        return show(self._names.get(known, "")) or f"({known[:8]})"

    def person(self, name: str) -> str:
        """The person id of that name, in any letter case."""
        wanted = _plain(name)
        found = [person for person in self._persons if wanted in self._called(person)]
        if not wanted or not found:
            raise UnknownMember(name, told=any(map(self._names.get, self._persons)))
        if len(found) > 1:
            raise Usage(f"Two people are called {name!r}.", "Ask one of them to take another name.")
        return found[0]

    def _called(self, person: str) -> tuple[str, ...]:
        """What names a person here; without a name the id does, also its beginning as `of` shows it."""
        names = (_plain(self._names[person]), _plain(self.of(person)))
        return names if names[0] else (*names, person[:8], person)

    def is_taken(self, name: str, but: str = "") -> bool:
        """Whether somebody other than `but` has this name or is invited by it, also by letter case only."""
        given = {person: self._names[person] for person in self._persons} | self.invited
        return any(_plain(other) == _plain(name) for person, other in given.items() if person != but)

    def party(self, name: str) -> str | None:
        """The party id of that name, or None for one that is new."""
        return next((party for party in self._parties if _plain(self._names[party]) == _plain(name)), None)

    def persons(self) -> dict[str, str]:
        """Person id by name as it was given, for matching imported rows."""
        return {self._names[person]: person for person in self._persons if self._names[person]}


def _plain(name: str) -> str:
    """A name without what nobody sees and what keyboards do differently: case, accents as one sign or two, blanks."""
    letters = (letter for letter in unicodedata.normalize("NFKC", name) if not _is_unseen(letter))
    return " ".join("".join(letters).split()).casefold()


def proper(name: str) -> str:
    """A name to be given: at most 60 letters on one line, nothing unseen in it, one alphabet a word. Raises Usage."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not any(letter.isalnum() for letter in name) or len(name) > NAME_MAX:
        raise Usage(f"A name has 1 to {NAME_MAX} letters.", "Choose another.")
    if show(name) != name or any(_is_unseen(letter) for letter in name if letter not in JOINERS):
        raise Usage(f"{show(name)} has letters in it that nobody sees.", "Write the name without them.")
    if any(len({_alphabet(letter) for letter in word} - {""}) > 1 for word in name.split()):
        raise Usage(f"{name} mixes letters of different alphabets that look alike.", "Write each word in one of them.")
    return name


NAME_MAX = 60
JOINERS = "\u200c\u200d"  # Persian and Indian names are written with them
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def _is_unseen(letter: str) -> bool:
    """Joiners, variation selectors, tags, blank letters."""
    code = ord(letter)
    selector = 0xFE00 <= code <= 0xFE0F or 0x180B <= code <= 0x180F or 0xE0100 <= code <= 0xE01EF
    return selector or letter in _BLANKS or unicodedata.category(letter) in ("Cf", "Cc", "Cn", "Co")


def _alphabet(letter: str) -> str:
    """Latin, Greek or Cyrillic, whose letters can be taken for one another; "" for all others."""
    first = unicodedata.name(letter, "").partition(" ")[0]
    return first if first in ("LATIN", "GREEK", "CYRILLIC") else ""
