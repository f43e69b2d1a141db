"""Tiles sites for tests: a web server that shows a folder, honestly or not, and a log that lies in memory."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ledger import merkle, tiles
from ledger.errors import TallyError
from ledger.log import FullTile, Head, Reader, head_of


class Memory(Reader):
    """A log in memory: leaves of any length under a head that was signed elsewhere."""

    def __init__(self, leaves: list[bytes], note: bytes) -> None:
        self.leaves, self.note = leaves, note

    @property
    def opener(self) -> Callable[[], Reader]:
        return partial(Memory, self.leaves, self.note)

    def close(self) -> None: ...

    def head(self) -> Head:
        return head_of(self.note)

    def entry(self, index: int) -> bytes:
        if not 0 <= index < len(self.leaves):
            raise TallyError(f"There is no entry {index}.")
        return self.leaves[index]

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        return iter(self.leaves[start:end])

    def full_tile(self, level: int, n: int) -> bytes | None:
        return None

    def full_tiles(self) -> Iterator[FullTile]:
        return iter(())

    def tile_roots(self, level: int, n: int) -> bytes:
        assert not level
        whole = [merkle.leaf_hash(leaf) for leaf in self.leaves]
        parts = [whole[at : at + tiles.WIDTH] for at in range(0, len(whole), tiles.WIDTH)]
        return b"".join(merkle.root(part) for part in parts if len(part) == tiles.WIDTH)


Answer = Callable[["Visit", bytes | None], None]


class Visit(BaseHTTPRequestHandler):
    """One request for a file of a folder."""

    def do_GET(self) -> None:
        server: Site = self.server  # type: ignore[assignment]
        name = self.path.lstrip("/")
        server.asked.append(name)
        path = server.folder / name
        data = path.read_bytes() if path.is_file() else None
        (server.answers.get(name) or server.always)(self, data)

    def log_message(self, *_: object) -> None: ...


class Site(ThreadingHTTPServer):
    """A web server on a folder. `answers` by name, or `always`, say how it behaves; `asked` is what was asked for."""

    daemon_threads = True

    def __init__(self, folder: Path, always: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.folder, self.always = folder, always
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None: ...


def served(visit: Visit, data: bytes | None, *headers: tuple[str, str], length: int | None = None) -> None:
    """The file as it is, or 404."""
    visit.send_response(404 if data is None else 200)
    for header in headers:
        visit.send_header(*header)
    visit.send_header("Content-Length", str(len(data or b"") if length is None else length))
    visit.end_headers()
    visit.wfile.write(data or b"")


def packed(visit: Visit, data: bytes | None) -> None:
    """Packed with gzip, which nobody asked about."""
    served(visit, data and gzip.compress(data), ("Content-Encoding", "gzip"))


def dropped(visit: Visit, data: bytes | None) -> None:
    """The line goes dead."""
    visit.connection.close()


def cut_off(visit: Visit, data: bytes | None) -> None:
    """Half of it, though all was promised."""
    served(visit, (data or b"")[: len(data or b"") // 2], length=len(data or b""))


def absent(visit: Visit, data: bytes | None) -> None:
    """404."""
    served(visit, None)


def broken(visit: Visit, data: bytes | None) -> None:
    """The server is in trouble."""
    visit.send_error(503)


def flipped(visit: Visit, data: bytes | None) -> None:
    """One bit in the middle is wrong."""
    assert data
    middle = len(data) // 2
    served(visit, data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])


def endless(visit: Visit, data: bytes | None) -> None:
    """It sends and sends."""
    visit.send_response(200)
    visit.end_headers()
    try:
        while True:
            visit.wfile.write(bytes(65_536))
    except OSError:
        pass


def exploding(visit: Visit, data: bytes | None) -> None:
    """A small packed file that is gigabytes unpacked."""
    bomb = gzip.compress(bytes(50_000_000))
    served(visit, bomb, ("Content-Encoding", "gzip"))


def sends_to(address: str) -> Answer:
    """It sends us to another address."""

    def answer(visit: Visit, data: bytes | None) -> None:
        visit.send_response(302)
        visit.send_header("Location", address)
        visit.send_header("Content-Length", "0")
        visit.end_headers()

    return answer


@contextmanager
def site(folder: Path, always: Answer = served) -> Iterator[Site]:
    """A web server that shows this folder."""
    server = Site(folder, always)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
