"""Texts that members hand over: from a file, or from a pipe where they write "-"."""

import os
import sys
from pathlib import Path

from ledger.errors import Usage
from ledger.private import show


def text_in(place: str | os.PathLike[str]) -> str:
    """The text in a file, or of stdin for "-". Raises Usage for a file that is not there or is no text.

    Line ends and a byte order mark are those of the machine a text was written on, not of the text.
    """
    try:
        data = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Usage(f"{os.fspath(place)} is not a text in UTF-8.", "Save it as plain text.") from error
    except OSError as error:
        raise Usage(f"{os.fspath(place)} cannot be read: {error.strerror}.", "Name a file that is there.") from error
    return text.replace("\r\n", "\n")


def bytes_in(place: str | os.PathLike[str], most: int) -> bytes:
    """All bytes of a file. Raises Usage for a file that is not there, or that has more than `most`."""
    # More is not read: /dev/zero has no end.
    try:
        with Path(place).open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Usage(
            f"{show(os.fspath(place))} cannot be read: {error.strerror}.", "Name a file that is there."
        ) from error
    if len(data) > most:
        raise Usage(f"{show(os.fspath(place))} is larger than {most // 1_000_000} MB.", "Name the right file.")
    return data
