"""A witness that others can reach: it answers over HTTP whoever hands it the head of a log that it watches.

C2SP tlog-witness: POST /add-checkpoint, and GET /SHA256HEX(origin)/checkpoint for the last head it signed. Bodies are
bounded, a connection lives for half a minute, and only so many are open at once: nobody can hold the witness up.
"""

import re
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ledger.errors import TallyError
from ledger.peers.add_checkpoint import BODY_MAX, Declined
from ledger.peers.witness import Witness

CONNECTION_S = 30
OPEN_MAX = 64
TEXT = "text/plain; charset=utf-8"
_LATEST = re.compile("/([0-9a-f]{64})/checkpoint")


class WitnessServer(ThreadingHTTPServer):
    """The service of one witness. `tell` is told, in words, what keeps it from signing."""

    daemon_threads = True
    request_queue_size = OPEN_MAX

    def __init__(self, address: tuple[str, int], witness: Witness, tell: Callable[[str], None]) -> None:
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)
        self.witness, self.tell = witness, tell
        self._places = threading.BoundedSemaphore(OPEN_MAX)

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for this connection, or, when too many are open, none."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection, and end it after its time however slowly it sends."""
        ending = threading.Timer(CONNECTION_S, _hang_up, (request,))
        ending.daemon = True
        ending.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            ending.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke off is no news."""


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # perhaps it has ended by itself
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "tally-witness", ""
    timeout = CONNECTION_S

    def do_POST(self) -> None:
        """Sign a head, or say why not."""
        length = self.headers.get("Content-Length", "")
        plain = length.isascii() and length.isdigit() and len(length) < 10
        if self.path != "/add-checkpoint":
            self._end(404, "There is nothing here; a head goes to /add-checkpoint.\n")
        elif not plain or "Transfer-Encoding" in self.headers:
            self._end(411, "Say the length of the body.\n")
        elif int(length) > BODY_MAX:
            self._end(413, f"A request has at most {BODY_MAX} bytes.\n")
        else:
            data = self.rfile.read(int(length))
            if len(data) == int(length):
                self._add(data)

    def do_GET(self) -> None:
        """The last head that this witness signed of a log."""
        asked = _LATEST.fullmatch(self.path)
        try:
            head = self.server.witness.latest(asked[1]) if asked else None
        except TallyError as error:
            self._troubled(error)
            return
        if head is None:
            self._answer(404, "This witness has signed nothing of such a log.\n")
        else:
            self._answer(200, head.note.decode())

    def _add(self, data: bytes) -> None:
        try:
            line = self.server.witness.add_checkpoint(data)
        except Declined as declined:
            self._answer(declined.status, declined.answer, declined.media)
        except (TallyError, OSError) as error:
            self._troubled(error)
        else:
            self._answer(200, f"{line}\n")

    def _troubled(self, error: TallyError | OSError) -> None:
        """Others learn that it cannot sign; why is for whoever runs it."""
        self.server.tell(f"{error.message} {error.hint}" if isinstance(error, TallyError) else str(error))
        self._answer(500, "This witness cannot sign now.\n")

    def _end(self, status: int, text: str) -> None:
        """Answer, and read nothing more of what was not understood."""
        self.close_connection = True
        self._answer(status, text)

    def _answer(self, status: int, text: str, media: str = TEXT) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Who asked is nobody's business."""


def serve(server: WitnessServer) -> None:
    """Answer until this process is told to stop; what is being signed is signed to the end."""

    def stop(*_: object) -> None:
        # From a thread of its own: it waits until the loop that this very signal interrupted has ended.
        threading.Thread(target=server.shutdown).start()

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, stop)
    with server:
        server.serve_forever(poll_interval=0.1)
