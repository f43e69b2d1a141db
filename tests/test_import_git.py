"""Everybody who wrote a change is credited once, alone or together; programs are listed and merges skipped."""

import datetime
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from contributions.drafts import Known, Someone, match, parse_map
from contributions.gitlog import GitFailed
from contributions.imports.git import History, preview, read
from ledger.errors import Usage

VECTORS = Path(__file__).parent / "vectors" / "histories"
EXAMPLES = Path(__file__).parents[1] / "contributions" / "examples"
ALWAYS = "1970-01-01"
WORDS = "Long words " * 40 + "\n\nCo-authored-by: Bela <bela@example.org>\n"
HISTORIES = (VECTORS / "small-community", VECTORS / "mid-project", EXAMPLES / "riverbend")


def git(folder: Path, *words: str, given: bytes = b"") -> bytes:
    plain = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "PATH": os.environ["PATH"]}
    return subprocess.run(
        ("git", "-C", str(folder), *words), input=given, check=True, capture_output=True, env=plain
    ).stdout


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    return folder


def commit(
    folder: Path,
    author: bytes,
    message: bytes = b"Work",
    when: bytes = b"1795000000 +0000",
    parents: tuple[str, ...] | None = None,
    extra: bytes = b"",
) -> str:
    """A commit written as raw bytes, so that it may be as strange as git allows."""
    tree = git(folder, "mktree").strip()
    if parents is None:
        parents = tuple(git(folder, "rev-list", "--max-count=1", "--all").decode().split())
    lines = [b"tree " + tree, *(b"parent " + parent.encode() for parent in parents)]
    lines += [b"author " + author + b" " + when, b"committer Robot <r@example.org> 1795000000 +0000"]
    raw = b"\n".join(lines) + b"\n" + extra + b"\n" + message
    made = git(folder, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", given=raw).decode().strip()
    git(folder, "update-ref", "refs/heads/main", made)
    return made


def restored(history: Path, folder: Path) -> Path:
    folder = repository(folder)
    git(folder, "fast-import", "--quiet", given=history.with_suffix(".fast-import").read_bytes())
    return folder


def rows(history: History) -> dict[tuple[str, str], tuple[int, int]]:
    return {(row["name"], row["email"]): (row["authored"], row["coauthored"]) for row in preview(history, {})["people"]}


def read_by_hand(text: str) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]], int, int]:
    """Authors, co-authors, merges and commits of programs, counted from the text that made the repository."""
    authored: Counter[tuple[str, str]] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    merges = programs = 0
    for block in text.split("commit refs/heads/main\n")[1:]:
        if "\nmerge :" in block:
            merges += 1
            continue
        people = re.findall(r"^(?:author|co-authored-by:) (.*) <(.*?)>", block, re.MULTILINE | re.IGNORECASE)
        programs += "[bot]" in people[0][0]
        authored[people[0]] += 1
        # The same name with a second address is the same person within a commit.
        together.update({name: (name, email) for name, email in people[1:] if name != people[0][0]}.values())
    return authored, together, merges, programs


def people_only(counts: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    return Counter({who: count for who, count in counts.items() if "[bot]" not in who[0]})


@pytest.mark.parametrize("source", HISTORIES, ids=lambda path: path.name)
def test_a_real_history_credits_as_many_as_its_own_text_says(source: Path, tmp_path: Path) -> None:
    authored, together, merges, programs = read_by_hand(source.with_suffix(".fast-import").read_text("utf-8"))
    history = read(restored(source, tmp_path / "r"), ALWAYS)
    shown = preview(history, {})

    humans = {who: (authored[who], together[who]) for who in people_only(authored) | people_only(together)}
    assert rows(history) == humans
    assert shown["skipped"] == {"merges": merges, "bots": programs}
    assert shown["totals"]["commits"] == authored.total()
    assert shown["totals"]["authored"] == people_only(authored).total()
    assert shown["totals"]["coauthored"] == people_only(together).total()
    assert sum(bot["authored"] for bot in shown["bots"]) == programs
    assert shown["unread"] == []


@pytest.mark.parametrize("source", HISTORIES, ids=lambda path: path.name)
def test_a_real_history_read_twice_gives_the_same_ids_each_once(source: Path, tmp_path: Path) -> None:
    folder = restored(source, tmp_path / "r")
    first, again = read(folder, ALWAYS), read(folder, ALWAYS)
    ids = [draft.id for draft in first.drafts]

    assert first == again
    assert len(set(ids)) == len(ids)
    assert [draft.date for draft in first.drafts if draft.date < datetime.date(2016, 1, 1)] == []


def test_periods_beside_each_other_add_up_to_the_whole(tmp_path: Path) -> None:
    folder = restored(VECTORS / "small-community", tmp_path / "r")
    months = [("2016-02-01", "2016-02-29"), ("2016-03-01", "2016-03-31"), ("2016-04-01", "2016-12-31")]
    parts = [read(folder, first, last) for first, last in months]
    whole = read(folder, "2016-02-01", "2016-12-31")

    assert sum(len(part.drafts) for part in parts) == len(whole.drafts)
    assert sum(part.merges for part in parts) == whole.merges == 15
    assert {draft.id for part in parts for draft in part.drafts} == {draft.id for draft in whole.drafts}


def test_two_lines_of_a_map_make_one_member_of_two_addresses(tmp_path: Path) -> None:
    history = read(restored(VECTORS / "small-community", tmp_path / "r"), ALWAYS)
    lines = "Ana = Person 001 <person001@example.org>\nAna = Person 001 <PERSON001.1@example.org>"
    shown = preview(history, match(history.drafts, {"Ana": "a" * 32}, parse_map(lines)))
    ana = [row for row in shown["people"] if row["member"] == "Ana"]

    assert len(ana) == 2
    assert shown["totals"]["items"] == sum(row["authored"] + row["coauthored"] for row in ana) > 1


def test_a_draft_is_one_piece_of_code_on_the_day_of_its_author(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    # The same instant: still the 20th in New York, already the 21st in Auckland.
    instant = b"1795230000"
    late = commit(folder, b"Ana <ana@example.org>", b"Parser\n\nLonger words.", instant + b" -0500")
    commit(folder, b"Bela <bela@example.org>", b"Tests", instant + b" +1300")
    ana, bela = read(folder, ALWAYS).drafts

    assert (ana.id, ana.role, ana.kind, ana.amount, ana.note) == (f"{late}/0", "code", "commit", 1, "Parser")
    assert bela.date - ana.date == datetime.timedelta(days=1)
    assert [draft.who.name for draft in read(folder, bela.date).drafts] == ["Bela"]
    assert [draft.who.name for draft in read(folder, ana.date, ana.date).drafts] == ["Ana"]


def test_co_authors_are_credited_in_any_spelling_of_the_trailer(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    message = (
        b"Pair\n\nCo-authored-by: Bela <bela@example.org>\nCo-Authored-By: Chidi <Chidi@Example.org>\n"
        b"CO-AUTHORED-BY: Dilek\n  <dilek@example.org>\n"
    )
    made = commit(folder, b"Ana <ana@example.org>", message)
    drafts = read(folder, ALWAYS).drafts

    assert [draft.who.name for draft in drafts] == ["Ana", "Bela", "Chidi", "Dilek"]
    assert [draft.id for draft in drafts] == [f"{made}/{place}" for place in range(4)]
    assert drafts[2].who == Someone("Chidi", "chidi@example.org")


def test_who_is_named_twice_in_one_commit_counts_once_as_author(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    commit(
        folder,
        b"Ana <ana@example.org>",
        b"Alone\n\nCo-authored-by: A. Rossi <ANA@example.org>\nCo-authored-by: ana <other@example.org>\n"
        b"Co-authored-by: Bela <bela@example.org>\nCo-authored-by: Bela <bela@example.org>\n",
    )

    assert rows(read(folder, ALWAYS)) == {("Ana", "ana@example.org"): (1, 0), ("Bela", "bela@example.org"): (0, 1)}


def test_the_mailmap_of_the_repository_holds_for_co_authors_too(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    (folder / ".mailmap").write_text(
        "Ana Rossi <ana@example.org> <a@old.example.org>\n<bela@example.org> <b@old.example.org>\n"
    )
    commit(folder, b"ana <a@old.example.org>", b"One\n\nCo-authored-by: Bela <b@OLD.example.org>\n")
    commit(folder, b"Bela <bela@example.org>", b"Two\n\nCo-authored-by: Anna <a@old.example.org>\n")

    assert rows(read(folder, ALWAYS)) == {
        ("Ana Rossi", "ana@example.org"): (1, 1),
        ("Bela", "bela@example.org"): (1, 1),
    }


def test_people_are_credited_beside_programs_and_programs_are_listed(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    commit(
        folder,
        b"dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>",
        b"Bump\n\nCo-authored-by: Ana <ana@example.org>\nCo-authored-by: Claude <noreply@anthropic.com>\n",
    )
    commit(folder, b"Claude <noreply@anthropic.com>", b"Write\n\nCo-authored-by: Claude <claude@village.example.org>\n")
    history = read(folder, ALWAYS)

    assert rows(history) == {("Ana", "ana@example.org"): (0, 1), ("Claude", "claude@village.example.org"): (0, 1)}
    assert preview(history, {})["skipped"] == {"merges": 0, "bots": 2}
    assert [(bot.who.name, bot.authored, bot.coauthored) for bot in history.bots] == [
        ("Claude", 1, 1),
        ("dependabot[bot]", 1, 0),
    ]


def test_merges_are_skipped_and_counted(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    first = commit(folder, b"Ana <ana@example.org>")
    left = commit(folder, b"Ana <ana@example.org>", parents=(first,))
    right = commit(folder, b"Bela <bela@example.org>", parents=(first,))
    commit(
        folder, b"Chidi <chidi@example.org>", b"Merge\n\nCo-authored-by: Dilek <d@example.org>", parents=(left, right)
    )
    history = read(folder, ALWAYS)

    assert history.merges == 1
    assert rows(history) == {("Ana", "ana@example.org"): (2, 0), ("Bela", "bela@example.org"): (1, 0)}


def test_strange_names_neither_break_the_reading_nor_run_into_each_other(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    commit(folder, b"\xff\xfe Latin \xe9 <latin@example.org>", b"Bytes \xff")
    commit(folder, b"<nameless@example.org>", b"")
    commit(
        folder,
        b"A\x1fB\x1dC\x1eD <split@example.org>",
        b"One\x1ftwo\x1dthree\n\nCo-authored-by: X\x1dY <xy@example.org>\n",
    )
    commit(folder, b"Ren\xe9 <rene@example.org>", b"Declared", extra=b"encoding ISO-8859-1\n")
    commit(folder, b"Zo\xc3\xab \x1b[31m <zoe@example.org>", b"\x1b]0;title\x07Steer")
    commit(folder, b"Empty <>", b"No address")
    commit(folder, b" <>", b"Nobody")
    drafts = {draft.who.email or draft.who.name: draft for draft in read(folder, ALWAYS).drafts}

    assert drafts["latin@example.org"].who.name.endswith("Latin \ufffd")
    assert drafts["nameless@example.org"].who.name == ""
    assert drafts["split@example.org"].who.name == "A B C D"
    assert drafts["xy@example.org"].id.endswith("/1")
    assert drafts["rene@example.org"].who.name == "René"
    assert drafts["zoe@example.org"].who.name == "Zoë [31m"
    assert "\x1b" not in drafts["zoe@example.org"].note
    assert {"Empty", ""} <= set(drafts)


def test_co_authors_that_cannot_be_read_are_told_of(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    made = commit(
        folder, b"Ana <ana@example.org>", b"W\n\nCo-authored-by: Bela\nCo-authored-by: Chidi <c@example.org>\n"
    )
    history = read(folder, ALWAYS)

    assert history.unread == (f'Commit {made[:12]} names a co-author who is not written "Name <email>": Bela',)
    assert [draft.id for draft in history.drafts] == [f"{made}/0", f"{made}/2"]


def test_a_commit_without_a_day_is_told_of_and_stops_nothing(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    made = commit(folder, b"Ana <ana@example.org>", when=b"never")
    commit(folder, b"Bela <bela@example.org>")
    history = read(folder, ALWAYS)

    assert [draft.who.name for draft in history.drafts] == ["Bela"]
    assert history.unread == (f"Commit {made[:12]} has no day that can be read.",)


def test_thousands_of_commits_are_read_while_git_writes(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    one = "commit refs/heads/main\nauthor Ana <ana@example.org> {0} +0000\ncommitter Ana <ana@example.org> {0} +0000\n"
    text = "".join(one.format(1700000000 + at) + f"data {len(WORDS)}\n{WORDS}\n" for at in range(3000))
    git(folder, "fast-import", "--quiet", given=text.encode())
    history = read(folder, ALWAYS)

    assert rows(history) == {("Ana", "ana@example.org"): (3000, 0), ("Bela", "bela@example.org"): (0, 3000)}


@pytest.mark.parametrize("name", ["--version", "-c core.pager=touch x", "--exec-path=.", "a b;touch x", "$(touch x)"])
def test_a_folder_named_like_an_option_is_a_folder(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository(tmp_path / name), b"Ana <ana@example.org>")
    monkeypatch.chdir(tmp_path)

    assert rows(read(name, ALWAYS)) == {("Ana", "ana@example.org"): (1, 0)}
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("path", ["--help", "nowhere", "a\0b", "", "file"])
def test_what_is_no_folder_is_refused_in_words(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(Usage, match=r"There is no folder|is not a git repository"):
        read(path, ALWAYS)


@pytest.mark.parametrize("day", ["--all", "yesterday; rm", "2 weeks ago", "2025-02-30", "", "2025/01/01", "20250101"])
def test_a_day_that_is_none_is_refused_in_words(day: str, tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"is not a day|not in the calendar"):
        read(tmp_path, day)
    with pytest.raises(Usage, match=r"is not a day|not in the calendar"):
        read(tmp_path, ALWAYS, day)


def test_an_end_before_the_beginning_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="before it begins"):
        read(tmp_path, "2025-08-02", "2025-08-01")


def test_a_repository_without_commits_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="has no commits yet"):
        read(repository(tmp_path / "r"), ALWAYS)


def test_a_history_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    folder = restored(EXAMPLES / "riverbend", tmp_path / "r")
    git(tmp_path, "clone", "-q", "--depth", "3", folder.as_uri(), str(tmp_path / "cut"))

    with pytest.raises(Usage, match="was cut off") as refusal:
        read(tmp_path / "cut", ALWAYS)
    assert "git fetch --unshallow" in refusal.value.hint


def test_without_git_the_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GitFailed, match="git is not installed"):
        read(tmp_path, ALWAYS)


def test_a_damaged_repository_is_an_error_and_not_a_short_list(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    first = commit(folder, b"Ana <ana@example.org>")
    commit(folder, b"Bela <bela@example.org>")
    (folder / ".git" / "objects" / first[:2] / first[2:]).unlink()

    with pytest.raises(GitFailed, match="Git could not read"):
        read(folder, ALWAYS)


def test_a_hostile_repository_cannot_start_a_program(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path / 'sprung'}\n")
    trap.chmod(0o755)
    for name in ("gpg.program", "core.pager", "core.fsmonitor", "pager.log", "core.editor", "core.sshCommand"):
        git(folder, "config", name, str(trap))
    git(folder, "config", "log.showSignature", "true")
    git(folder, "config", "alias.log", f"!{trap}")
    signature = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n"
    commit(folder, b"Ana <ana@example.org>", extra=signature)
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        (folder / ".git" / "hooks" / hook).symlink_to(trap)

    assert rows(read(folder, ALWAYS)) == {("Ana", "ana@example.org"): (1, 0)}
    assert not (tmp_path / "sprung").exists()


def test_the_surroundings_do_not_send_us_to_another_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository(tmp_path / "r"), b"Ana <ana@example.org>")
    commit(repository(tmp_path / "other"), b"Bela <bela@example.org>")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))

    assert rows(read(tmp_path / "r", ALWAYS)) == {("Ana", "ana@example.org"): (1, 0)}


def test_the_preview_names_the_member_or_nobody(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    commit(folder, b"Ana <ana@example.org>", b"W\n\nCo-authored-by: Zed <zed@example.org>")
    history = read(folder, ALWAYS)
    shown = preview(history, {Someone("Ana", "ana@example.org"): Known("Ana", "a" * 32)})

    assert shown == {
        "people": [
            {"name": "Ana", "email": "ana@example.org", "authored": 1, "coauthored": 0, "member": "Ana"},
            {"name": "Zed", "email": "zed@example.org", "authored": 0, "coauthored": 1, "member": None},
        ],
        "bots": [],
        "skipped": {"merges": 0, "bots": 0},
        "totals": {"commits": 1, "authored": 1, "coauthored": 1, "items": 1},
        "unread": [],
    }


HERE = Path(__file__).parents[1]


def is_whole_checkout(folder: Path) -> bool:
    asked = ("git", "-C", str(folder), "rev-parse", "--verify", "--is-shallow-repository", "HEAD")
    answer = subprocess.run(asked, capture_output=True, check=False)
    return (folder / ".git").exists() and answer.returncode == 0 and answer.stdout.startswith(b"false")


@pytest.mark.skipif(not is_whole_checkout(HERE), reason="This is no git checkout with a whole history.")
def test_the_history_of_this_very_program_can_be_read() -> None:
    history = read(HERE, ALWAYS)
    counted = git(HERE, "rev-list", "--count", "--no-merges", "HEAD")

    assert history.commits + len(history.unread) >= int(counted)
    assert history.commits <= int(counted)
