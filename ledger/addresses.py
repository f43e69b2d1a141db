"""Addresses that the rooms add to the service, beside those of the log: who asks what there, and what is answered.

A room names them in its `services.py` (`ROUTES`). What answers may look at the book, as it is by the service's own
clock, and into the ledger's folder; the log itself belongs to the thread that writes it.
"""

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from ledger.book import Book
from ledger.errors import Refused
from ledger.opened import Ledger


class NoSuchThing(Refused):
    """What an address names is not there."""

    status = 404


class OnlyACopy(Refused):
    """What was asked for lies where the ledger is kept, and this service has a copy of its log alone."""

    def __init__(self) -> None:
        super().__init__(
            "This service shows a copy of the log alone.", "Ask where the ledger is kept: that is where it lies."
        )


class Question(Struct, frozen=True):
    """What was asked: of which ledger, its book as it is now (ms), the thing that the address names, the body."""

    ledger: Ledger
    book: Book
    now: int
    name: str
    body: bytes

    @property
    def folder(self) -> Path:
        """The folder in which the log's key lies. Raises OnlyACopy where the ledger is kept elsewhere."""
        if self.ledger.remote is not None:
            raise OnlyACopy
        return Path(self.ledger.log.folder)


class Route(Struct, frozen=True):
    """An address: GET or POST, the path with {name} in it where it names something, and what answers.

    The answer is text in bytes, or data that travels as JSON. A body has at most `body_max` bytes.
    """

    method: str
    path: str
    answer: Callable[[Question], bytes | dict[str, Any]]
    body_max: int = 0


def routes(rooms: tuple[str, ...]) -> list[Route]:
    """Every address that these rooms add."""
    found: list[Route] = []
    for room in rooms:
        if importlib.util.find_spec(f"{room}.services"):
            found += importlib.import_module(f"{room}.services").ROUTES
    return found
