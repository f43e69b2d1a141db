"""Files of a tiles site, from a folder or over HTTP: asked for by name, cut off where they are too long or too slow.

What comes back is believed by nobody until it has been checked; here it is only made sure that a neighbour's server
can neither fill this machine nor hold it up, and that it does not send us elsewhere.
"""

import http.client
import time
import urllib.error
import urllib.request
import zlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ledger.errors import Usage
from ledger.log import Unreachable

SCHEMES = ("http", "https")
QUIET_S = 20  # without a byte
WHOLE_S = 120  # for one file
TRIES = 3
BLOCK = 65_536
GONE = (404, 410)


class BadAddress(Usage):
    """An address that no site can have, or that holds a secret."""


class _Dropped(Exception):
    """The connection broke; another try may do."""


def is_address(place: str) -> bool:
    """Whether a place is the address of a site, and not a folder."""
    return "://" in place


def checked(address: str) -> str:
    """The address of a site without slashes at its end. Raises BadAddress."""
    try:
        parts = urlsplit(address)
        spelled = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        spelled = False
    if not spelled:
        raise BadAddress("This is not the address of a site.", "Write https://HOST/PATH, or the name of a folder.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("There is a name or password in the address.", "Others can read what is typed: leave it out.")
    if parts.query or parts.fragment:
        raise BadAddress("The address of a site ends with its path.", "Leave out what follows the ? or #.")
    return address.rstrip("/")


def from_folder(folder: Path, name: str, most: int) -> bytes | None:
    """A file of a folder, or None if it is not there. Raises Unreachable if it cannot be read or is too long."""
    try:
        with (folder / name).open("rb") as file:
            data = file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError):
        if not folder.is_dir():
            raise Unreachable(f"The folder {folder} is not there.", "Check its name, then try again.") from None
        return None
    except OSError as error:
        raise Unreachable(f"{folder / name} cannot be read: {error.strerror}.", "Try again once it can.") from error
    _bounded(len(data), most, str(folder / name))
    return data


def from_site(address: str, name: str, most: int) -> bytes | None:
    """A file of a site, or None if the site says that it has none.

    Raises Unreachable for trouble on the way, a server that is too slow, and a file longer than `most` bytes.
    """
    url = f"{address}/{name}"
    for left in reversed(range(TRIES)):
        try:
            return _get(url, most)
        except _Dropped as error:
            if not left:
                raise Unreachable(f"{url} cannot be fetched: {error}.", "Try again later.") from error
            time.sleep(0.1)
    raise AssertionError("a fetch ends in an answer or an error")


def _get(url: str, most: int) -> bytes | None:
    headers = {"User-Agent": "tally", "Accept-Encoding": "gzip, identity"}
    try:
        with _opener().open(urllib.request.Request(url, headers=headers), timeout=QUIET_S) as answer:
            return _read(answer, most, url)
    except urllib.error.HTTPError as error:
        with error:
            if error.code in GONE:
                return None
            raise Unreachable(f"{url} answers {error.code} {error.reason}.", "Try again later.") from error
    except urllib.error.URLError as error:
        raise _Dropped(getattr(error.reason, "strerror", None) or error.reason) from error
    except (http.client.HTTPException, OSError) as error:
        raise _Dropped(str(error) or type(error).__name__) from error


def _read(answer: Any, most: int, url: str) -> bytes:
    """The body, unpacked where the server packed it (C2SP tlog-tiles lets it, unasked)."""
    packed = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in ("identity", "gzip", ""):
        raise Unreachable(f"{url} comes packed in a way nobody asked for ({packed}).", "Tell whoever runs the site.")
    unpack = zlib.decompressobj(wbits=31) if packed == "gzip" else None
    began, data = time.monotonic(), bytearray()
    while block := answer.read(BLOCK):
        try:
            data += unpack.decompress(block, most + 1 - len(data)) if unpack else block
        except zlib.error as error:
            raise Unreachable(f"{url} comes damaged: {error}.", "Try again later.") from error
        _bounded(len(data), most, url)
        if time.monotonic() - began > WHOLE_S:
            raise Unreachable(f"{url} takes longer than {WHOLE_S} seconds.", "Try again later.")
    if unpack and not unpack.eof:
        raise _Dropped("it ended early")
    if not unpack and answer.length:
        raise _Dropped("it ended early")
    return bytes(data)


def _bounded(length: int, most: int, name: str) -> None:
    if length > most:
        raise Unreachable(f"{name} is longer than it can be.", "It is not a file of a log; check the address.")


class _StayThere(urllib.request.HTTPRedirectHandler):
    """A site may move its files about, but not send us to another one."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> Any:
        """The request to follow with. Raises Unreachable for another host."""
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            fp.close()
            raise Unreachable(f"{req.full_url} sends us to another site.", "If that is right, give that one's address.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_StayThere)
