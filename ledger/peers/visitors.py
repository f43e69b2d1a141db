"""Who may fetch private words from the service: members who sign their request, and whoever holds an invitation.

A request counts once and for a minute: its time must be near and its nonce new (RFC 9421 section 7.2.2). Nonces are
remembered only of requests that a known key has signed, so that strangers cannot fill the memory.
"""

import time
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from ledger.book import Book
from ledger.errors import NotAMember, TallyError
from ledger.keys import key_id, verify
from ledger.peers.http_signing import Asked, BadRequestSignature, Claim, read_claim
from ledger.people import MEMBER

WINDOW_S = 60
NONCES_MAX = 100_000


class TooManyRequests(TallyError):
    """More signed requests in a minute than are remembered."""

    status = 429


class Request(Protocol):
    """What is looked at of a request."""

    @property
    def method(self) -> str:
        """GET or POST."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields, found in any letter case."""

    @property
    def scope(self) -> Mapping[str, object]:
        """The path and the query as they came (ASGI)."""


class Visitors:
    """Those who ask one service, known under its public URL."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._authority, self._below = parts.netloc.lower(), parts.path.rstrip("/")
        self._nonces: dict[str, float] = {}  # until when each is remembered, oldest first

    def admit(self, book: Book, request: Request, start: int, end: int) -> tuple[int, int]:
        """Which of these entries' words whoever signed this request may have.

        Raises BadRequestSignature for a request that no known key has signed, now and for the first time, and
        NotAMember for somebody who may have none of them.
        """
        claim = self._claim(request)
        now = time.time()
        if abs(now - claim.created) > WINDOW_S:
            raise BadRequestSignature("The time of this request is more than a minute off.", "Set the clock right.")
        public, own = _holder(book, claim.key)
        if public is None or not verify(public, claim.message, claim.signature):
            raise BadRequestSignature("No key that this ledger knows has signed this request.")
        self._once(claim.nonce, now)
        if own is not None:
            start, end = max(start, own), min(end, own + 1)
        if start >= end and own is not None:
            raise NotAMember("An invitation opens the words of its own entry alone.")
        return start, max(start, end)

    def _claim(self, request: Request) -> Claim:
        query = request.scope.get("query_string", b"")
        path = f"{self._below}{request.scope.get('path', '')}"
        asked = Asked(
            request.method, self._authority, path, query.decode("latin-1") if isinstance(query, bytes) else ""
        )
        return read_claim(asked, request.headers.get("signature-input", ""), request.headers.get("signature", ""))

    def _once(self, nonce: str, now: float) -> None:
        while self._nonces and next(iter(self._nonces.values())) < now:
            del self._nonces[next(iter(self._nonces))]
        if nonce in self._nonces:
            raise BadRequestSignature("This request was sent before.")
        if len(self._nonces) >= NONCES_MAX:
            raise TooManyRequests("The service has its hands full.", "Try again in a minute.")
        # Its time may lie a window ahead of ours, and is good for a window from there.
        self._nonces[nonce] = now + 2 * WINDOW_S


def _holder(book: Book, key: str) -> tuple[bytes | None, int | None]:
    """The public key of that id, of a member or of an invitation; and of an invitation, its entry.

    Raises NotAMember for a known key whose person is no member, or that has ended.
    """
    known = book.ledger.keys.get(key)
    if known is not None:
        person = book.ledger.persons.get(known.person)
        if known.until is not None or person is None or person.standing != MEMBER:
            raise NotAMember(
                "Private words are for members.", "Whoever has asked to join waits until they are admitted."
            )
        return bytes.fromhex(known.public), None
    for invited in list(book.ledger.invitations.values()):  # as they are now; the one who writes goes on
        public = bytes.fromhex(invited.admission)
        if key_id(public) == key:
            return public, invited.index
    return None, None
