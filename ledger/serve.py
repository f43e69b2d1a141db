"""The ledger as a service: people hand in what they signed, and fetch the head, the tiles and, as members, the words.

What can be read by anybody is that of a tiles site (C2SP tlog-tiles), from the same addresses; who runs `tally serve`
can still put a plain copy in its place. Whoever hands in a statement needs no other proof than its signature. Private
words go to members alone, who sign their request. One process has one sequencer; several may serve one log.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response

from ledger import quorum, tiles, wire
from ledger.addresses import NoSuchThing, Question, Route, routes
from ledger.book import BadSignature, SequenceTaken
from ledger.clock import ClockDoubtful, now
from ledger.entry import read, split_leaf
from ledger.errors import NoKey, NotAMember, NotCanonical, Refused, TallyError, Usage, VerificationFailed
from ledger.intake import Recorded
from ledger.log import AnchorFailed, Log, Moved, NotProved, Reader, RolledBack, StoreFailed
from ledger.opened import Ledger
from ledger.outbox import Signed
from ledger.peers import asking, cosigned
from ledger.peers.http_signing import BadRequestSignature
from ledger.peers.visitors import TooManyRequests, Visitors
from ledger.private import Kept
from ledger.sequencer import Sequencer, Stopped, TooMany
from ledger.tiles import Tile

READING_S = 20  # for a whole body
IN_FLIGHT_MAX = 64 * 1024 * 1024  # bytes of bodies at once
WORDS_ENTRIES, WORDS_BYTES = 256, 4 * 1024 * 1024
"""How many entries' private words one answer holds at most, and about how many bytes of words."""
SCAN = 1024
ASKING_MAX = 32  # who ask at the addresses of the rooms, of whom one is answered at a time
PLAIN, BYTES, JSON = "text/plain; charset=utf-8", "application/octet-stream", "application/json"
FOREVER, NEVER = "public, max-age=31536000, immutable", "no-store"
SECURE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PASSING = (StoreFailed, Moved, RolledBack, AnchorFailed, NotProved, ClockDoubtful, Stopped)

T = TypeVar("T")


class ReadOnly(Usage):
    """A service that takes nothing in."""

    status = 405


_OF_THEIR_OWN = (BadRequestSignature, TooMany, TooManyRequests, wire.TooLong, ReadOnly, tiles.NoSuchTile, NoSuchThing)
"""Refusals that have a status of their own."""


class Service:
    """One process that serves one log. Without a sequencer it can only be read."""

    def __init__(
        self, open_ledger: Callable[[], Ledger], url: str, sequencer: Sequencer | None, rooms: tuple[str, ...] = ()
    ) -> None:
        self._open, self.sequencer, self.rooms = open_ledger, sequencer, rooms
        self.visitors = Visitors(url)
        self.secure = SECURE | ({"Strict-Transport-Security": "max-age=31536000"} if url.startswith("https") else {})
        self.on_start: Callable[[], None] = _nothing
        self.on_failure: Callable[[], None] = _nothing
        self._in_flight = self._asking = 0
        self._turn = asyncio.Lock()
        self._ledger: Ledger | None = None
        self._log: Reader | None = None

    def start(self) -> None:
        """Open the log for reading, in the thread that will read."""
        if self.sequencer is not None:
            self.sequencer.start()
            self._log = self.sequencer.ledger.log.opener()
            assert isinstance(self._log, Log), "a service serves a log that grows"
            self._log.anchor = self.sequencer.ledger.log.anchor
        else:
            self._ledger = self._open()
            self._log = self._ledger.log
        self.on_start()

    def stop(self) -> None:
        """Take in what waits, then let go of everything."""
        if self.sequencer is not None:
            self.sequencer.stop()
            self.log.close()
        if self._ledger is not None:
            self._ledger.close()

    @property
    def log(self) -> Reader:
        """The log, for reading."""
        assert self._log is not None, "the service was not started"
        return self._log

    async def ledger(self) -> Ledger:
        """The ledger with a book that knows all entries, and what fell due, up to now."""
        if self.sequencer is not None:
            await asyncio.wrap_future(self.sequencer.catch_up())
            return self.sequencer.ledger
        assert self._ledger is not None, "the service was not started"
        self._ledger.refresh()
        book = self._ledger.book
        book.advance(max(now(book.ledger.rehearsal), book.received))
        return self._ledger

    # What can be asked.

    async def entries(self, request: Request) -> Response:
        """Take in a statement; the answer is its receipt."""
        if self.sequencer is None:
            raise ReadOnly("This service is only for reading.", "Ask who runs it where statements are taken in.")
        signed = wire.read_said(await self._body(request))
        try:
            recorded = await self._taken(self.sequencer, signed)
        except SequenceTaken as error:
            taken = await asyncio.to_thread(partial(index_of, self.log.opener, signed))
            return self.refusal(error, taken)
        finally:
            if self.sequencer.failed is not None:
                self.on_failure()
        return Response(recorded.receipt, media_type=PLAIN, headers={"Cache-Control": NEVER})

    async def _taken(self, sequencer: Sequencer, signed: Signed) -> Recorded:
        try:
            sequencer.gate(signed)
        except NoKey:
            await self.ledger()  # another process may have let this key in
        recorded = await asyncio.wrap_future(sequencer.submit(signed))
        assert recorded is not None
        return recorded

    async def checkpoint(self, _: Request) -> Response:
        """The newest signed head, once this home remembers it: an old copy in the log's place is never shown as new."""
        log = self.log
        assert isinstance(log, Log), "a service serves a log that grows"
        log.check_anchor()
        head = log.head()
        # A home that is full or may not be written to still shows what it has; it only remembers less.
        with suppress(OSError):
            log.anchor.write(head.size, head.root, head.note)
        return Response(head.note, media_type=PLAIN, headers={"Cache-Control": "no-cache"})

    async def tile(self, request: Request) -> Response:
        """A tile or an entry bundle, full or partial; it never changes."""
        tile = tiles.parse_path(request.url.path.removeprefix("/"))
        if tiles.width_at(tile.level or 0, tile.n, self.log.head().size) < tile.width:
            raise tiles.NoSuchTile(f"There is no tile {tiles.tile_path(tile)} yet.")
        return Response(tile_bytes(self.log, tile), media_type=BYTES, headers={"Cache-Control": FOREVER})

    async def private(self, request: Request) -> Response:
        """Private words of some entries, for members; an invitation opens the words of the entry that invites."""
        start, end = (_number(request.query_params.get(name, "")) for name in ("start", "end"))
        ledger = await self.ledger()
        start, end = self.visitors.admit(ledger.book, request, start, min(end, ledger.book.size))
        end = min(end, start + WORDS_ENTRIES)
        words: dict[int, dict[str, Kept]] = {}
        size, upto = 0, start
        while upto < end and size < WORDS_BYTES:
            words |= (held := self.log.private_between(upto, upto + 1))
            size += sum(len(kept.words) for one in held.values() for kept in one.values())
            upto += 1
        return Response(wire.write_held(upto, words), media_type=JSON, headers={"Cache-Control": NEVER})

    async def cosigned(self, _: Request) -> Response:
        """The newest heads that witnesses have signed."""
        data = await asyncio.to_thread(_with_log, self.log.opener, cosigned.of_log)
        return Response(cosigned.write(data), media_type=JSON, headers={"Cache-Control": "no-cache"})

    async def cosign(self, request: Request) -> Response:
        """Take in signatures of the witnesses that the cooperative has named."""
        if self.sequencer is None:
            raise ReadOnly("This service is only for reading.", "Ask who runs it where signatures are taken in.")
        text = (await self._body(request)).decode(errors="replace")
        state = (await self.ledger()).book.ledger
        wanted = quorum.in_force(state)
        if wanted is None:
            raise Refused("The cooperative has named no witnesses.")
        at = now(state.rehearsal)
        taken = await asyncio.to_thread(
            _with_log, self.log.opener, lambda log: asking.take(log, log.keep_cosignatures, wanted, text, at)
        )
        said = {"taken": [{"name": one.name, "size": one.size} for one in taken]}
        return Response(json.dumps(said), media_type=JSON, headers={"Cache-Control": NEVER})

    def room(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """How an address of a room is answered: one after the other, beside what is handed in, and few may wait."""

        async def answered(request: Request) -> Response:
            if route.method == "POST" and self.sequencer is None:
                raise ReadOnly("This service is only for reading.", "Ask where statements are taken in.")
            body = await self._body(request, route.body_max)
            if self._asking >= ASKING_MAX:
                raise TooMany("The service has its hands full.")
            self._asking += 1
            try:
                async with self._turn:
                    said = await self._asked(route, request.path_params.get("name", ""), body)
            finally:
                self._asking -= 1
            is_text = isinstance(said, bytes)
            content = said if is_text else json.dumps(said)
            return Response(content, media_type=PLAIN if is_text else JSON, headers={"Cache-Control": NEVER})

        return answered

    async def _asked(self, route: Route, name: str, body: bytes) -> bytes | dict[str, Any]:
        ledger = await self.ledger()
        book = ledger.book
        at = max(now(book.ledger.rehearsal), book.until, book.received)
        return await asyncio.to_thread(route.answer, Question(ledger, book, at, name, body))

    async def _body(self, request: Request, most: int = wire.BODY_MAX) -> bytes:
        """The body, if it is no longer than it may be (by default as a statement can be), and comes in time."""
        data = bytearray()
        taken = 0
        try:
            async with asyncio.timeout(READING_S):
                async for block in request.stream():
                    taken, self._in_flight = taken + len(block), self._in_flight + len(block)
                    if taken > most:
                        raise wire.TooLong(most)
                    if self._in_flight > IN_FLIGHT_MAX:
                        raise TooMany("The service has its hands full.")
                    data += block
        except TimeoutError:
            raise Usage(f"What was sent did not come within {READING_S} seconds.") from None
        finally:
            self._in_flight -= taken
        return bytes(data)

    def refusal(self, error: TallyError, index: int | None = None) -> Response:
        """Why something was refused, in the same words as on a terminal."""
        status, headers = status_of(error), {"Cache-Control": NEVER}
        if status in (429, 503):
            headers["Retry-After"] = str(getattr(error, "after", 2))
        if status == 413:
            headers["Connection"] = "close"  # what else is sent is not even read
        if status == 401:
            headers["WWW-Authenticate"] = 'Signature realm="members"'
        body: dict[str, object] = {
            "error": {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
        }
        if index is not None:
            body["index"] = index
        return Response(json.dumps(body), status, headers, JSON)


def _with_log(opener: Callable[[], Reader], work: Callable[[Log], T]) -> T:
    """Do something with the log in this very thread."""
    log = opener()
    try:
        assert isinstance(log, Log), "a service serves a log that grows"
        return work(log)
    finally:
        log.close()


def _nothing() -> None:
    """Whoever runs the service may put something in place of this."""


def make_app(service: Service) -> FastAPI:
    """The service as an application that any ASGI server can run."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        service.stop()

    app = FastAPI(title="Tallystick", lifespan=running, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_route("/entries", service.entries, methods=["POST"])
    app.add_route("/checkpoint", service.checkpoint, methods=["GET"])
    app.add_route("/tile/{rest:path}", service.tile, methods=["GET"])
    app.add_route("/private", service.private, methods=["GET"])
    app.add_route("/cosigned", service.cosigned, methods=["GET"])
    app.add_route("/cosigned", service.cosign, methods=["POST"])
    for route in routes(service.rooms):
        app.add_route(route.path, service.room(route), methods=[route.method])

    @app.middleware("http")
    async def guarded(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        response.headers.update(service.secure)
        return response

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, TallyError)
        return service.refusal(error)

    app.add_exception_handler(TallyError, refused)
    return app


def status_of(error: TallyError) -> int:
    """The HTTP status of a refusal: 400 form, 403 key, 409 number taken, 413, 422 rules, 429 and 503 come again."""
    if isinstance(error, _OF_THEIR_OWN):
        return error.status
    if isinstance(error, SequenceTaken):
        return 409
    if isinstance(error, NotCanonical | Usage):
        return 400
    if isinstance(error, NoKey | NotAMember | BadSignature):
        return 403
    return 503 if isinstance(error, _PASSING) else 422 if _is_of_the_statement(error) else 500


def _is_of_the_statement(error: TallyError) -> bool:
    return isinstance(error, VerificationFailed) or error.status == 409


def tile_bytes(log: Reader, tile: Tile) -> bytes:
    """What a site holds under this address; the log is long enough."""
    if tile.level is None:
        start = tile.n * tiles.WIDTH
        return tiles.pack_bundle(list(log.entries(start, start + tile.width)))
    return log.tile(tile.level, tile.n)[: tile.width * 32]


def index_of(open_log: Callable[[], Reader], signed: Signed) -> int | None:
    """Where the entry stands that has this statement's key and number, looking back from the newest."""
    wanted, log = signed.envelope, open_log()
    mark = wanted.key.encode()
    try:
        end = log.head().size
        while end > 0:
            start = max(0, end - SCAN)
            for index, leaf in enumerate(log.entries(start, end), start):
                if mark in leaf and (found := read(split_leaf(leaf)[0])).key == wanted.key and found.seq == wanted.seq:
                    return index
            end = start
        return None
    finally:
        log.close()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Usage("Say which entries: /private?start=0&end=100")
    return int(text)
