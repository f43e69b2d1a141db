"""A ledger behind a URL: this home keeps a verified copy to read from, and hands what is said to the service.

What the service shows is believed only as far as it is proved: each head goes on from the one before, signed by the
key this home pinned; a receipt is checked before a statement counts as recorded. Words that are no entries come to
members alone, who sign the request for them, and are kept only where they fit what their author committed to.
"""

import http.client
import secrets
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from ledger import entry, erasure, evidence, log_keys, receipt, receipts_kept, wire
from ledger.anchor import Anchor, one_at_a_time, write_durably
from ledger.book import Book, SequenceTaken
from ledger.checkpoint import is_unsigned
from ledger.contradiction import OtherLedger
from ledger.database import FILE, make_database
from ledger.entry import entry_id, split_leaf
from ledger.errors import NoKey, NotAMember, NoteError, Refused, TallyError, Usage, VerificationFailed
from ledger.home import Home, Known
from ledger.intake import Answer, Recorded
from ledger.keys import Signer
from ledger.log import Busy, InDoubt, NotProved, StoreFailed, Unreachable
from ledger.opened import Ledger
from ledger.outbox import Signed
from ledger.peers import fetching
from ledger.peers.beside_words import fitting
from ledger.peers.copying import bring_up
from ledger.peers.http_signing import Asked, signed_headers
from ledger.peers.tilesource import TileSource
from ledger.store import SqliteLog

CALL_S = 4  # until somebody answers at all
ANSWER_S = 30  # for an answer
FRESH_S = 10  # a copy that was brought up so recently is not brought up again before something is said
ANSWER_MAX = 16 * 1024 * 1024
WORDS = "words-upto"
REFUSALS = (400, 403, 404, 409, 413, 422)


class Remote:
    """The service of one ledger and this home's copy of its log."""

    def __init__(self, home: Home, known: Known) -> None:
        self.home, self.known, self.url = home, known, fetching.checked(known.place)
        self._parts = urlsplit(self.url)
        _must_be_private(self._parts)
        folder = home.folder(known)
        self._folder, self._own_anchor, self._anchor = (
            folder,
            Anchor(folder / "anchor.json"),
            home.anchor(known.founding),
        )
        with one_at_a_time(folder.with_suffix(".lock")):
            if not (folder / FILE).exists():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                make_database(folder)
        with self._own_copy():
            self.copy = SqliteLog(folder, self._anchor, known.origin)
        self._checked = 0.0

    # Reading.

    def bring_up(self) -> TallyError | None:
        """Fetch and check what is new; None, or why the service cannot be reached: the copy is then as it was.

        Raises Diverged with the path of the evidence for a service that shows an older, another past or another
        ledger; what a service lacks or spoils is told as it is.
        """
        try:
            self._call()
            source = TileSource(self.url)
            with self._own_copy():
                self._fill(source)
        except Unreachable as error:
            if not self.copy.head().size or is_unsigned(self.copy.head().note):
                raise
            return Unreachable(f"The service cannot be reached: {error.message}", "This home reads its own copy.")
        self._checked = time.monotonic()
        return None

    def keep_up(self) -> None:
        """Bring the copy up unless that was done a moment ago. Raises Unreachable."""
        if time.monotonic() - self._checked > FRESH_S and (trouble := self.bring_up()):
            raise trouble

    def _fill(self, source: TileSource) -> None:
        known = self.known
        pinned = log_keys.vkeys(known.origin, [known.log_key, *known.log_keys_before])
        head = source.head()
        keys = log_keys.followed(head.note, pinned, lambda: source.entries(0, head.size))
        folder = self.home.kept(known.founding, "evidence")
        if self.copy.head().size == 0:
            self._must_be_known(source, pinned, keys)
        try:
            with self._growing():
                bring_up(self.copy, source, keys, folder)
        except NoteError as error:
            self._must_be_known(source, pinned, ())
            raise error

    def _must_be_known(self, source: TileSource, pinned: tuple[str, ...], keys: tuple[str, ...]) -> None:
        """Raise Diverged unless the log there begins with the founding entry this home knows, under a known key."""
        note = source.head().note
        try:
            first = split_leaf(source.entry(0))[0]
            shown, founding = note.decode(), first.decode()
        except UnicodeDecodeError:
            raise VerificationFailed(f"What {self.url} shows is no log of a ledger.", "Check the address.") from None
        if keys and entry_id(first) == self.known.founding:
            return
        found = OtherLedger(vkeys=pinned, founding=self.known.founding, shown=shown, entry=founding)
        raise evidence.stop(self.home.kept(self.known.founding, "evidence"), found)

    @contextmanager
    def _own_copy(self) -> Iterator[None]:
        """A copy that cannot be read is no loss: all of it can be fetched again."""
        try:
            yield
        except StoreFailed as error:
            if type(error) is not StoreFailed:
                raise
            raise StoreFailed(
                f"This home's own copy of the ledger cannot be read or written: {error.message}",
                f"Look whether the disk is full. If it is not, move {self._folder} away: tally sync fetches it anew.",
            ) from error

    @contextmanager
    def _growing(self) -> Iterator[None]:
        """The copy compares itself with its own last head while it grows: the home's may be of a copy that was lost."""
        with one_at_a_time(self._folder.with_suffix(".lock")):
            self.copy.anchor = self._own_anchor
            try:
                yield
            finally:
                self.copy.anchor = self._anchor

    # Saying.

    def hand_over(self, ledger: Ledger, signed: Signed) -> Answer:
        """Give a statement to the service; answers with its place once the receipt was checked, or what refuses it.

        Raises Unreachable if it was surely not taken in, InDoubt if that cannot be told.
        """
        try:
            said = wire.write_said(signed)
        except wire.TooLong as error:
            return error
        self._call()
        status, body = self._ask("POST", "/entries", said, {"Content-Type": "application/json"})
        if status == 200:
            return self._believe(ledger, signed, body)
        return self._refusal(status, body)

    def _believe(self, ledger: Ledger, signed: Signed, given: bytes) -> Recorded:
        """The statement in its place, once its receipt and the copy agree. Raises Diverged with evidence."""
        held = receipt.parse(given)
        keys = log_keys.vkeys(self.known.origin, log_keys.chain(ledger.book.ledger))
        checked = None
        for key in log_keys.followed(held.checkpoint, keys, lambda: TileSource(self.url).entries(0, held.index + 1)):
            try:
                checked = receipt.check(held, signed.data, key)
            except NoteError:
                continue
        if checked is None or checked.signature != signed.signature:
            raise VerificationFailed("The receipt that the service gave is not signed by the log's key.", DOUBT)
        receipts_kept.keep(self.home, self.known, signed.id, given)
        trouble = self.bring_up()
        if trouble or self.copy.head().size < checked.checkpoint.size:
            why = trouble.message if trouble else "The service does not show it yet."
            raise NotProved(f"It is in the ledger as entry {checked.index}, but could not be read again. {why}", AGAIN)
        root = self.copy.hash_of(0, checked.checkpoint.size)
        if root != checked.checkpoint.root:
            found = evidence.between(held.checkpoint, self.copy.head().note, self.copy, keys)
            if found:
                raise evidence.stop(self.home.kept(self.known.founding, "evidence"), found)
        if signed.words:
            self.copy.private_put(checked.index, signed.words)
        ledger.reopen()
        envelope = signed.envelope
        return Recorded(entry=entry.placed(checked.index, signed.data, checked.received, envelope), receipt=given)

    def _refusal(self, status: int, body: bytes) -> TallyError:
        said = wire.read_refusal(body)
        message, hint = said.error.message, said.error.hint
        if status == 429:
            raise Busy(f"The service takes no more just now: {message}", "Try again in a moment.")
        if status not in REFUSALS or not message:
            where = f"{self.url} answers {status}"
            raise Unreachable(f"{where}: {message}" if message else f"{where}, and not as a ledger's service.", hint)
        if status == 409:
            at = "" if said.index is None else f" It is entry {said.index}."
            return SequenceTaken(message + at, hint)
        return NoKey(message, hint) if status == 403 else Refused(message, hint)

    # Words beside the log.

    def words_upto(self) -> int:
        """For how many entries this home has asked for their private words."""
        try:
            return int((self._folder / WORDS).read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def fetch_words(self, book: Book, signer: Signer, only: int | None = None) -> None:
        """Fetch private words as this key: of all entries that are new, or of one alone.

        Raises NotAMember for who may not have them, Unreachable.
        """
        at, size = (self.words_upto(), self.copy.head().size) if only is None else (only, only + 1)
        while at < size:
            query = f"start={at}&end={size}"
            asked = Asked("GET", self._parts.netloc.lower(), f"{self._parts.path}/private", query)
            headers = signed_headers(signer, asked, int(time.time()), secrets.token_urlsafe(32))
            status, body = self._ask("GET", f"/private?{query}", None, headers)
            if status in (401, 403):
                said = wire.read_refusal(body).error
                raise NotAMember(said.message or "The service gives no private words to this key.", said.hint)
            if status != 200:
                raise Unreachable(f"{self.url} answers {status} when asked for private words.", "Try again later.")
            upto, words = wire.read_held(body)
            for index, one in words.items():
                if at <= index < size:
                    fit = erasure.without(book.ledger.erased, index, fitting(self.copy.entry(index), one))
                    self.copy.private_put(index, fit)
            if upto <= at:
                raise Unreachable(f"{self.url} does not go on with the private words.", "Try again later.")
            at = upto
            if only is None:
                write_durably(self._folder / WORDS, str(at).encode())

    # What the rooms ask for.

    def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        """What the service answers at an address that a room has added; nothing in the request tells who asks.

        Raises Refused or NoKey in the service's own words, Busy, and Unreachable, also for a service that has no such
        address; InDoubt where no answer came: then the same may be asked again.
        """
        self._call()
        kind = {"Content-Type": "application/octet-stream"} if body else {}
        try:
            status, given = self._ask(method, path, body or None, kind)
        except InDoubt as error:
            raise InDoubt(f"{self.url} went away before it answered.", "Do the same once more.") from error
        if status == 200:
            return given
        raise self._refusal(status, given)

    # The line.

    def _call(self) -> None:
        """Raise Unreachable at once where nobody listens, so that nobody waits for minutes to be told."""
        port = self._parts.port or (443 if self._parts.scheme == "https" else 80)
        try:
            socket.create_connection((self._parts.hostname or "", port), timeout=CALL_S).close()
        except OSError as error:
            reason = error.strerror or str(error) or "no answer"
            raise Unreachable(f"nobody answers at {self.url} ({reason}).", AGAIN) from error

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of an answer. Raises Unreachable if the request did not get there, InDoubt if it may have."""
        request = urllib.request.Request(self.url + path, body, headers | {"User-Agent": "tally"}, method=method)
        try:
            with urllib.request.build_opener(_NotElsewhere).open(request, timeout=ANSWER_S) as answer:
                return answer.status, answer.read(ANSWER_MAX)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(ANSWER_MAX)
        except urllib.error.URLError as error:
            raise Unreachable(f"{self.url} cannot be reached: {error.reason}.", AGAIN) from error
        except (http.client.HTTPException, OSError) as error:
            why = f"The service went away while it answered ({str(error) or type(error).__name__})"
            raise InDoubt(f"{why}: it may be recorded or not.", DOUBT) from error


class _NotElsewhere(urllib.request.HTTPRedirectHandler):
    """A service that sends us elsewhere is not followed: what was signed is for it alone."""

    def redirect_request(self, *_: Any) -> None:
        """No request follows; the answer stands as it is."""


def _must_be_private(parts: Any) -> None:
    """Raise Usage for a line on which others could read along what is for members."""
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise Usage(
            "Private words would travel in the open to that address.",
            "Reach the service by https://, or through a tunnel to this machine.",
        )


AGAIN = "`tally sync` tries again."
DOUBT = "It stays in the outbox; `tally sync` tells, and what is sent twice counts once."
