"""The history of a git repository: one piece of code work for everybody who wrote a change, alone or together.

Authors and the co-authors named in `Co-authored-by:` lines are credited alike, under the names the repository's
own .mailmap gives them. Merges are skipped. Programs are listed and not counted (bots.toml beside this file);
the people beside them are. The day is the author's own, in the time zone the author worked in.
"""

import datetime
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from contributions.drafts import Draft, Known, Someone, for_members, one_line
from contributions.gitlog import Commit, commits, mailmapped, repository
from ledger.errors import Usage
from ledger.spans import written_day

ROLE = "code"
KIND = "commit"


class Bot(Struct, frozen=True):
    """A program, and how often it stands as author or as co-author."""

    who: Someone
    authored: int
    coauthored: int


class History(Struct, frozen=True):
    """Who worked on which day, as a repository says.

    `commits` counts the changes that are no merges, `bot_commits` those of them a program wrote; `unread` says in
    words what could not be read.
    """

    drafts: tuple[Draft, ...]
    bots: tuple[Bot, ...]
    commits: int
    merges: int
    bot_commits: int
    unread: tuple[str, ...]


def read(path: str | Path, since: datetime.date | str, until: datetime.date | str | None = None) -> History:
    """The work in the current branch of the repository at `path` from `since` to `until`, both days included.

    Raises Usage for a day that is none, a folder that is no repository, one without commits and one whose
    history was cut off; GitFailed where git is missing or fails.
    """
    first, last = _day(since), _day(until) if until is not None else datetime.date.max
    if first > last:
        raise Usage(f"The import would end on {last}, before it begins on {first}.", "Turn the two days round.")
    folder = repository(path)
    merges = 0
    unread: list[str] = []
    changes: list[tuple[datetime.date, Commit]] = []
    for commit in commits(folder):
        if commit.day is None:
            unread.append(f"Commit {commit.id[:12]} has no day that can be read.")
        elif first <= commit.day <= last and commit.merge:
            merges += 1
        elif first <= commit.day <= last:
            changes.append((commit.day, commit))
    people = mailmapped(folder, {contact for _, commit in changes for contact in commit.coauthors})
    return _history(changes, people, merges, unread)


def preview(history: History, known: Mapping[Someone, Known]) -> dict[str, Any]:
    """What an import would do, as plain data: people, programs, what was skipped, totals.

    A person with two addresses is two rows until a map or the .mailmap joins them. `items` is what would be
    logged: pieces of members, who count once in each change even if it names them twice.
    """
    people = sorted(
        _rows(history.drafts, known), key=lambda row: (-row["authored"], -row["coauthored"], row["name"], row["email"])
    )
    return {
        "people": people,
        "bots": [
            {"name": bot.who.name, "email": bot.who.email, "authored": bot.authored, "coauthored": bot.coauthored}
            for bot in history.bots
        ],
        "skipped": {"merges": history.merges, "bots": history.bot_commits},
        "totals": {
            "commits": history.commits,
            "authored": sum(row["authored"] for row in people),
            "coauthored": sum(row["coauthored"] for row in people),
            "items": len(for_members(history.drafts, known)),
        },
        "unread": list(history.unread),
    }


@cache
def is_bot(who: Someone) -> bool:
    """Whether this author is a program, by the list in bots.toml."""
    return any(name.fullmatch(who.name) and email.fullmatch(who.email) for name, email in _bots())


def _rows(drafts: Iterable[Draft], known: Mapping[Someone, Known]) -> Iterable[dict[str, Any]]:
    rows: dict[Someone, dict[str, Any]] = {}
    for draft in drafts:
        who = draft.who
        member = known[who].name if who in known else None
        row = {"name": who.name, "email": who.email, "authored": 0, "coauthored": 0, "member": member}
        rows.setdefault(who, row)["authored" if draft.id.endswith("/0") else "coauthored"] += 1
    return rows.values()


def _history(
    changes: list[tuple[datetime.date, Commit]], people: Mapping[bytes, Someone | None], merges: int, unread: list[str]
) -> History:
    drafts: list[Draft] = []
    bots: dict[Someone, list[int]] = {}
    for day, commit in reversed(changes):
        for place, who in _credited(commit, people):
            if is_bot(who):
                bots.setdefault(who, [0, 0])[min(place, 1)] += 1
            else:
                drafts.append(_draft(commit, place, who, day))
        unread += _misspelled(commit, people)
    return History(
        drafts=tuple(drafts),
        bots=tuple(
            sorted((Bot(who, *counts) for who, counts in bots.items()), key=lambda bot: (-bot.authored, bot.who))
        ),
        commits=len(changes),
        merges=merges,
        bot_commits=sum(is_bot(commit.author) for _, commit in changes),
        unread=tuple(unread),
    )


def _credited(commit: Commit, people: Mapping[bytes, Someone | None]) -> Iterator[tuple[int, Someone]]:
    """Everybody the commit names, once, the author first.

    The number is the place among the trailers as they stand, so that a longer list of programs or a better
    .mailmap moves nobody's id.
    """
    seen: list[Someone] = []
    for place, who in enumerate((commit.author, *(people[contact] for contact in commit.coauthors))):
        if who is not None and not any(_same(who, other) for other in seen):
            seen.append(who)
            yield place, who


def _same(one: Someone, other: Someone) -> bool:
    # Within one commit an equal name is the same person with a second address, but no person is a program's namesake.
    if is_bot(one) != is_bot(other):
        return False
    by_email = one.email != "" and one.email == other.email
    return by_email or (one.name != "" and one.name.casefold() == other.name.casefold())


def _draft(commit: Commit, place: int, who: Someone, day: datetime.date) -> Draft:
    return Draft(id=f"{commit.id}/{place}", who=who, date=day, role=ROLE, kind=KIND, amount=1, note=commit.subject)


def _misspelled(commit: Commit, people: Mapping[bytes, Someone | None]) -> list[str]:
    return [
        f'Commit {commit.id[:12]} names a co-author who is not written "Name <email>": '
        + one_line(contact.decode("utf-8", "replace"))
        for contact in commit.coauthors
        if people[contact] is None
    ]


def _day(day: datetime.date | str) -> datetime.date:
    return written_day(day) if isinstance(day, str) else day


@cache
def _bots() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    listed = tomllib.loads(Path(__file__).with_name("bots.toml").read_text(encoding="utf-8"))["bots"]
    return tuple((_pattern(line.get("name", "*")), _pattern(line.get("email", "*"))) for line in listed)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.IGNORECASE)
