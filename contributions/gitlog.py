"""What the git program tells about a repository: its commits, one after the other, and who its people are.

No text of the repository becomes an option or a command: git gets a folder and fixed words. The pager, signature
programs and file watchers that a repository may configure are switched off, nothing is fetched, and reading the
log runs no hooks.
"""

import datetime
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from msgspec import Struct

from contributions.drafts import Someone, one_line, parse_contact, someone
from ledger.errors import TallyError, Usage

SUBJECT_MAX = 300

# NUL is the one byte that stands neither in a name nor in a message. The trailers of a commit are parted by 0x1e.
_FIELDS = ("%H", "%P", "%aN", "%aE", "%aI", "%s", "%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x1e)")
_GIT = ("git", "--no-pager", "--no-replace-objects", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
_LOG = ("log", "-z", "--use-mailmap", "--encoding=UTF-8", "--no-show-signature", "--no-color", "--no-patch")
_CHUNK = 1 << 16


class GitFailed(TallyError):
    """The git program is missing, or it stopped with an error of its own."""


class Commit(Struct, frozen=True):
    """One commit. `day` is None where it cannot be read; `coauthors` stand as the trailers spell them."""

    id: str
    merge: bool
    author: Someone
    day: datetime.date | None
    subject: str
    coauthors: tuple[bytes, ...]


def repository(path: str | Path) -> str:
    """The folder of a repository that has a whole history. Raises Usage for any other, GitFailed without git."""
    shown = one_line(str(path))
    try:
        folder = str(Path(path).absolute())
        there = os.path.isdir(folder)
    except ValueError:
        there = False
    if not there:
        raise Usage(f'There is no folder "{shown}".', "Give the folder of a git repository.")
    if _ask(folder, "rev-parse", "--is-shallow-repository").strip() == b"true":
        raise Usage(
            f'The history in "{shown}" was cut off when it was copied, so work would be missing.',
            "Fetch the rest first: git fetch --unshallow",
        )
    if _run(folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        raise Usage(f'The repository in "{shown}" has no commits yet.', "Import it once there is work in it.")
    return folder


def commits(folder: str) -> Iterator[Commit]:
    """All commits of the current branch, the newest first, read while git still writes. Raises GitFailed."""
    words = (*_LOG, "--format=" + "%x00".join(_FIELDS), "HEAD", "--")
    # What git complains about goes to a file: a pipe nobody empties meanwhile would stop git half way.
    with tempfile.TemporaryFile() as complaints:
        with _start(folder, words, complaints) as git:
            assert git.stdout is not None
            fields: list[bytes] = []
            for field in _fields(git.stdout):
                fields.append(field)
                if len(fields) == len(_FIELDS):
                    yield _commit(fields)
                    fields = []
        if git.returncode:
            complaints.seek(0)
            raise _failed(folder, complaints.read())


def mailmapped(folder: str, contacts: Iterable[bytes]) -> dict[bytes, Someone | None]:
    """Who is meant by each `Name <email>`, after the repository's .mailmap; None where it is not spelled so."""
    people = {contact: parse_contact(_text(contact)) for contact in contacts}
    readable = [contact for contact, who in people.items() if who and who.email]
    # One process for all: they go in as one line each, and come back in the same order.
    asked = "".join(_spelled(people[contact]) for contact in readable).encode()
    answers = _ask(folder, "check-mailmap", "--stdin", given=asked).splitlines() if readable else []
    if len(answers) != len(readable):
        raise GitFailed("git check-mailmap did not answer for every co-author.", "Look at the repository's .mailmap.")
    for contact, answer in zip(readable, answers, strict=True):
        people[contact] = parse_contact(_text(answer))
    return people


def _spelled(who: Someone | None) -> str:
    return f"{who.name} <{who.email}>\n" if who else "\n"


def _commit(fields: list[bytes]) -> Commit:
    commit, parents, name, email, day, subject, trailers = fields
    return Commit(
        id=commit.decode("ascii"),
        merge=len(parents.split()) > 1,
        author=someone(_text(name), _text(email)),
        day=_day(day),
        subject=one_line(_text(subject))[:SUBJECT_MAX],
        coauthors=tuple(contact.strip() for contact in trailers.split(b"\x1e") if contact.strip()),
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _day(iso: bytes) -> datetime.date | None:
    # The first ten letters of %aI are the day where the author was.
    try:
        return datetime.date.fromisoformat(iso[:10].decode("ascii"))
    except ValueError:
        return None


def _fields(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _start(folder: str, words: tuple[str, ...], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            (*_GIT, "-C", folder, *words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=_environment(),
        )
    except FileNotFoundError as error:
        raise _missing() from error


def _run(folder: str, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            (*_GIT, "-C", folder, *words), input=given, capture_output=True, check=False, env=_environment()
        )
    except FileNotFoundError as error:
        raise _missing() from error


def _ask(folder: str, *words: str, given: bytes = b"") -> bytes:
    answer = _run(folder, *words, given=given)
    if answer.returncode:
        raise _failed(folder, answer.stderr)
    return answer.stdout


def _environment() -> dict[str, str]:
    # GIT_DIR and its like point to another repository than the one named; a hook that calls us has them set.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or "CONFIG" in name}
    return kept | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}


def _missing() -> GitFailed:
    return GitFailed("The program git is not installed here.", "Install git, or import a table with `csv`.")


def _failed(folder: str, complaints: bytes) -> TallyError:
    lines = [line for line in _text(complaints).splitlines() if line.startswith(("fatal:", "error:"))]
    words = one_line(lines[0].partition(":")[2]) if lines else "it gave no reason"
    shown = one_line(folder)
    if words.startswith("not a git repository"):
        return Usage(f'"{shown}" is not a git repository.', "Give the folder of a git repository.")
    if "dubious ownership" in words:
        return Usage(
            f'"{shown}" belongs to another user, so git does not read it.',
            f"If you trust it: git config --global --add safe.directory {shown}",
        )
    return GitFailed(f'Git could not read "{shown}": {words}', "Try `git log` there yourself.")
