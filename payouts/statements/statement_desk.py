"""What `tally statement` does with files: one page for a member, or the pages of all in one run, as HTML or PDF.

Nothing is overwritten, and files appear whole or not at all; of a folder, all of them or none.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from ledger.doors import Desk, console
from ledger.errors import Refused
from ledger.names import UnknownMember
from payouts.approving import run_named
from payouts.books.whole_files import whole_folder, write_whole
from payouts.compute import computed_run
from payouts.statements.locales import Written
from payouts.statements.statement_carried import Carried
from payouts.statements.statement_making import Around, all_drawn, around, carry, drawn

EVERYBODY = "all"
MANY = 40  # from so many pages on it is worth to draw them in several processes
ID_SHOWN = 12  # letters of a member's id in a file's name


class Wanted(NamedTuple):
    """Where pages go, as what, and how amounts are written in them."""

    period: str
    place: Path
    form: str  # "html" or "pdf"
    how: Written
    names: bool = False


def write_one(desk: Desk, name: str, wanted: Wanted) -> None:
    """Write one member's page to a new file."""
    person = desk.names.person(name)
    run_named(desk.book, wanted.period)
    _must_be_new(wanted.place)
    common = around(desk.ledger, wanted.period, _now(desk))
    made = drawn(_carried(desk, person, common, wanted), wanted.form)
    write_whole(wanted.place, made)
    data = {"period": wanted.period, "form": wanted.form, "files": [str(wanted.place)]}
    desk.answer(data, f"Wrote the statement of {desk.names.of(person)} for {wanted.period} to {wanted.place}.")


def write_all(desk: Desk, wanted: Wanted) -> None:
    """Write the pages of everybody into a new folder."""
    run_named(desk.book, wanted.period)
    _must_be_new(wanted.place)
    _tell_of_namesake(desk)
    persons = concerned(desk, wanted.period)
    named = _file_names(desk, persons, wanted)
    common = around(desk.ledger, wanted.period, _now(desk))
    pages = (_carried(desk, person, common, wanted) for person in persons)
    workers = (os.cpu_count() or 1) if len(persons) >= MANY else 1
    with whole_folder(wanted.place) as draft, _progress(len(persons)) as step:
        for person, made in zip(persons, all_drawn(pages, wanted.form, workers), strict=True):
            (draft / named[person]).write_bytes(made)
            step()
    data = {
        "period": wanted.period,
        "form": wanted.form,
        "files": [str(wanted.place / named[person]) for person in persons],
    }
    count = "1 statement" if len(persons) == 1 else f"{len(persons)} statements"
    desk.answer(data, f"Wrote {count} for {wanted.period} to {wanted.place}.")


def _carried(desk: Desk, person: str, common: Around, wanted: Wanted) -> Carried:
    return carry(desk.ledger.book, desk.names, desk.words, person, common, wanted.how, wanted.form)


def _now(desk: Desk) -> int:
    return max(desk.now, desk.book.received)


def concerned(desk: Desk, period: str) -> list[str]:
    """Everybody who has a share in the period's run, a balance, or capital after it; by id."""
    found = computed_run(desk.book, period)
    having = [found.result.balances, *found.result.members.values()]
    return sorted(
        {*run_named(desk.book, period).payees, *(one for held in having for one, sum_ in held.items() if sum_)}
    )


def _file_names(desk: Desk, persons: list[str], wanted: Wanted) -> dict[str, str]:
    """A name for each file: the period and the first letters of the id, with --names also what the member is called."""
    named = {}
    for person in persons:
        called = f"-{_tame(desk.names.of(person))}" if wanted.names else ""
        named[person] = f"{wanted.period}{called}-{person[:ID_SHOWN]}.{wanted.form}"
    assert len(set(named.values())) == len(persons), "two files would have one name"
    return named


def _tame(name: str) -> str:
    """A name as a part of a file's name on any system: letters and digits, all else as one underscore."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)[:40].strip("_")


def _tell_of_namesake(desk: Desk) -> None:
    """A word for a member who is called as everybody is."""
    own = namesake(desk)
    if own:
        desk.note(f"A member is called {EVERYBODY} too; their own page has {own[:ID_SHOWN]} in its name.")


def namesake(desk: Desk) -> str:
    """The id of a member who is called as everybody is; "" where there is none."""
    with suppress(UnknownMember):
        return desk.names.person(EVERYBODY)
    return ""


def _must_be_new(place: Path) -> None:
    if place.exists() or place.is_symlink():
        raise Refused(f"There is {place} already.", "Choose another name, or take it away.")


@contextmanager
def _progress(count: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr, in a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import Progress  # noqa: PLC0415  only a terminal draws a bar

    with Progress(console=console(err=True), transient=True) as bar:
        task = bar.add_task("Statements", total=count)
        yield lambda: bar.advance(task)
