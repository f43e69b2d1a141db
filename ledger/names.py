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
    """A name that nobody here has."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__(f"No member is called {name!r}.", "`tally member list` shows them.")


class Names:
    """Names of persons and parties by id, and ids by name."""

    def __init__(self, book: Book, look: Look) -> None:
        state = book.ledger
        places = {person: known.named for person, known in state.persons.items()}
        places |= {party: known.named for party, known in state.parties.items()}
        held = look(list(places.values()))
        self._names = {known: held.get(place, "") for known, place in places.items()}
        self._persons, self._parties = state.persons, state.parties

    def of(self, known: str) -> str:
        """The name of a person or party, safe to show."""
        return show(self._names.get(known, "")) or f"({known[:8]})"

    def person(self, name: str) -> str:
        """The person id of that name, in any letter case."""
        wanted = _plain(name)
        found = [person for person in self._persons if wanted in (_plain(self._names[person]), _plain(self.of(person)))]
        if not wanted or not found:
            raise UnknownMember(name)
        if len(found) > 1:
            raise Usage(f"Two people are called {name!r}.", "Ask one of them to take another name.")
        return found[0]

    def is_taken(self, name: str) -> bool:
        """Whether a person has this name already, also by letter case only."""
        return any(_plain(self._names[person]) == _plain(name) for person in self._persons)

    def party(self, name: str) -> str | None:
        """The party id of that name, or None for one that is new."""
        return next((party for party in self._parties if _plain(self._names[party]) == _plain(name)), None)

    def persons(self) -> dict[str, str]:
        """Person id by name as it was given, for matching imported rows."""
        return {self._names[person]: person for person in self._persons if self._names[person]}


def _plain(name: str) -> str:
    """A name without what keyboards do differently: letter case, accents written as one sign or two, blanks."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
