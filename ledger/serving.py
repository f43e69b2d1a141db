"""What `tally serve` does: opens the ledger, listens, says where, and ends cleanly when it is told to."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from ledger import clock
from ledger.doors import Desk
from ledger.errors import Usage
from ledger.log import StoreFailed
from ledger.opened import Ledger
from ledger.peers import fetching
from ledger.places import is_afar
from ledger.sequencer import Sequencer
from ledger.serve import Service, make_app
from ledger.trust import opened

OPEN_MAX = 512  # connections
ENDING_S = 20  # for what is being answered when it is told to end


class _Server(uvicorn.Server):
    """A server that ends at a signal, and then leaves as a command does."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that end a program; the ones that were handled before are handled again afterwards."""
        before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def serve(desk: Desk, host: str, port: int, url: str | None, read_only: bool) -> None:
    """Serve the ledger of this home until somebody ends it."""
    known = desk.home.ledger(desk.slug)
    if is_afar(known.place) and not read_only:
        raise Usage(
            f"This home reads the ledger from {known.place}; statements are taken in there.",
            "Serve its copy with --read-only.",
        )
    rehearsal = desk.ledger.book.ledger.rehearsal
    desk.ledger.close()  # each thread opens its own
    del desk.__dict__["ledger"]
    if rehearsal:
        clock.run_on()

    def open_ledger() -> Ledger:
        return opened(desk.home, known, desk.rooms)

    with _listening(host, port) as listener:
        here = f"http://{_spelled(host)}:{listener.getsockname()[1]}"
        public = fetching.checked(url) if url else here
        sequencer = None if read_only else Sequencer(open_ledger, desk.clock_ok)
        service = Service(open_ledger, public, sequencer, desk.rooms)
        what = "For reading only." if read_only else "Statements are taken in."
        _run(service, listener, lambda: desk.note(f"Serving {known.slug} at {here}. {what} End with Ctrl-C."))
    if sequencer is not None and isinstance(sequencer.failed, StoreFailed):
        raise sequencer.failed
    desk.note("Ended; everything that was taken in has its receipt.")


def _run(service: Service, listener: socket.socket, say: Callable[[], None]) -> None:
    config = uvicorn.Config(
        make_app(service),
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=OPEN_MAX,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=ENDING_S,
        lifespan="on",
    )
    server = _Server(config)

    def end() -> None:
        server.should_exit = True

    service.on_failure, service.on_start = end, say
    server.run(sockets=[listener])


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise Usage(
            f"This machine cannot listen at {host}:{port}: {error.strerror}.", "Choose another --port."
        ) from error
    with listener:
        yield listener


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host
