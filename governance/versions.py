"""The versions of the share rule at the desk: shown, listed, checked, compared, tried."""

import shutil
import sys
from importlib.resources import files
from typing import Any, NoReturn

from governance import ruling, state
from governance.flow import Flow, flow_of
from governance.flow_svg import NARROW, PAGE, svg
from governance.flow_tree import WIDTH, tree
from governance.looks import quoted, version
from governance.rule_values import RuleError
from governance.rule_words import differences, sentences, work_words
from governance.rules import parse
from governance.ruling import text_won
from governance.runnable import refuse_unrunnable
from governance.telling import points, tell, word_for_word
from governance.trying import refusal
from ledger.book import Book
from ledger.doors import Desk, panels
from ledger.errors import NoKey, Refused, TallyError, Usage
from ledger.localtime import iso
from ledger.looks import table
from ledger.private import show as shown
from ledger.reading import text_in

Row = dict[str, Any]


class UnknownRule(TallyError):
    """A version that there never was."""

    exit_code = 2
    status = 404


class FileThere(Refused):
    """A drawing is never written over another file."""


def template(name: str = "default") -> str:
    """A rule that comes with the program, by its name: one of those in `governance/templates`."""
    return files("governance").joinpath(f"templates/{name}.toml").read_text(encoding="utf-8")


def show(desk: Desk, number: int | None) -> None:
    """The text of the rule in force, or of another version: the text alone on stdout, about it on stderr."""
    book = desk.book
    own = state.of(book)
    digest = state.current(book) if number is None else _digest_of(book, number)
    found = own.rules[digest]
    spans = [one for one in rows(desk) if one["number"] == found.number]
    upcoming = _upcoming(desk)
    data = {
        "number": found.number,
        "title": found.title,
        "digest": digest,
        "in_force": digest == state.current(book),
        "held": [{"since": one["since"], "until": one["until"]} for one in spans],
        "next": upcoming,
        "text": found.text,
    }
    if not desk.json:
        desk.note(f"Rule {found.number} {quoted(found.title)}: {', '.join(_span(one) for one in spans)}.")
        for one in upcoming:
            desk.note(f"From {one['from'][:10]} on {quoted(one['title'])} holds (proposal {one['proposal']}).")
    desk.answer(data, word_for_word(found.text.rstrip("\n")))


def list_versions(desk: Desk) -> None:
    """All versions, with the days they held."""
    found, upcoming = rows(desk), _upcoming(desk)
    cells = [(str(one["number"]), shown(one["title"]), one["since"][:10], (one["until"] or "")[:10]) for one in found]
    cells += [("", shown(one["title"]), f"from {one['from'][:10]}", "") for one in upcoming]
    drawn = table(("Rule", "Title", "Since", "Until"), cells, right=("Rule",))
    desk.answer({"rules": found, "next": upcoming}, drawn)


def rows(desk: Desk) -> list[Row]:
    """Each stretch of time with the rule that held in it, oldest first."""
    book = desk.book
    own = state.of(book)
    ends: list[int | None] = [start for start, _ in own.force[1:]]
    found = []
    for (start, digest), end in zip(own.force, [*ends, None], strict=True):
        decided = state.decided_by(book, start, digest)
        found.append(
            {
                "number": own.rules[digest].number,
                "title": own.rules[digest].title,
                "digest": digest,
                "since": iso(book, start or book.ledger.founded),
                "until": iso(book, end),
                "proposal": decided.number if decided else None,
            }
        )
    return found


def check(desk: Desk, file: str, drawing: str | None = None, narrow: bool = False) -> None:
    """Every pot of a rule in a sentence, what work weighs, and how the money flows; or where the rule is refused.

    In a ledger it is also refused by what cannot be followed there, and by the money in its pots. A drawing is written
    to a new file where one is asked for.
    """
    if narrow and drawing is None:
        raise Usage("--narrow is about the picture of --svg.", "Name its file too: --svg FILE --narrow.")
    text = text_in(file)
    try:
        rule = parse(text)
        if _in_a_ledger(desk):
            ruling.check(desk.book, text)
    except RuleError as error:
        refuse(desk, error)
    said, work, flow = sentences(rule), work_words(rule), flow_of(rule)
    data: Row = {"title": rule.title, "digest": state.digest_of(text), "sentences": said, "work": work}
    data |= {"flow": flow.data()}
    if drawing is not None:
        _write_new(drawing, svg(flow, rule.title, NARROW if narrow else PAGE))
        data |= {"svg": drawing}
        desk.note(f"The drawing is in {drawing}.")
    lines = [*points(said), *(["What work weighs:", *points(work)] if work else []), "How the money flows:"]
    tell(desk, data, lines, "\n".join(_drawn(flow)))


def _drawn(flow: Flow) -> list[str]:
    """The tree, no wider than the terminal it is shown on."""
    return tree(flow, min(WIDTH, shutil.get_terminal_size().columns) if sys.stdout.isatty() else WIDTH)


def _write_new(path: str, text: str) -> None:
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise FileThere(f"There is a file {path} already.", "Choose another name.") from error
    except OSError as error:
        raise Usage(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that is there.") from error


def refuse(desk: Desk, error: RuleError) -> NoReturn:
    """Say where a rule is wrong: with --json in the form in which cases are shared."""
    if not desk.json:
        raise error
    desk.answer(refusal(error))
    sys.exit(Refused.exit_code)


def compare(desk: Desk, file: str) -> None:
    """What a rule would change, in words."""
    text, newest = text_in(file), state.upcoming(desk.book)
    changes = changes_of(desk.book, newest, text)
    against = version(desk.book, newest)
    if state.digest_of(text) == newest:
        lines = [f"This is {against}, letter for letter."]
    else:
        lines = [f"Against {against}:", *points(changes or ["Nothing changes in what the rule does."])]
    tell(desk, {"against": newest, "differences": changes}, lines)


def changes_of(book: Book, digest: str, text: str) -> list[str]:
    """What a text would change in a version of the rule, a line for each change."""
    return differences(parse(state.text_of(book, digest)), parse(text))


def impact_of(desk: Desk, text: str) -> tuple[Row, list[Any]]:
    """What a rule would have paid in the last closed periods: as data, and as tables."""
    shown = [panel(desk.book, desk.names, text) for panel in panels(desk.rooms, "rule_impact")]
    data: Row = {}
    for one in shown:
        data |= one.data
    return data, [one.table for one in shown]


def options_impact(desk: Desk, options: list[tuple[str, str]]) -> tuple[Row, list[Any]]:
    """What each option of a vote (label, text of the rule) would have paid in the last closed periods."""
    viewer = _viewer(desk)
    shown = [panel(desk.book, desk.names, options, viewer) for panel in panels(desk.rooms, "options_impact")]
    data: Row = {}
    for one in shown:
        data |= one.data
    return data, [one.table for one in shown]


def _viewer(desk: Desk) -> str | None:
    """Whoever looks, where one person's key lies in this home; looking asks for no key."""
    try:
        return desk.whoami
    except (NoKey, Usage):
        return None


def impact(desk: Desk, file: str) -> None:
    """What a rule would have paid in the last closed periods, beside what was paid."""
    if not _in_a_ledger(desk):
        raise Usage(
            "There is no ledger here that the rule could have paid in.",
            "Try it on facts that you make up: tally rule try FILE --facts FACTS; docs/SHARE-RULES.md shows some.",
        )
    text = text_in(file)
    try:
        refuse_unrunnable(parse(text), desk.book.ledger.exponent)
        data, tables = impact_of(desk, text)
    except RuleError as error:
        refuse(desk, error)
    try:
        ruling.check(desk.book, text)
    except RuleError as error:
        # It can be tried all the same; what lies in a dropped pot stands still.
        desk.note(f"To be proposed it lacks something: {error.message} {error.hint}")
    if not tables:
        raise Usage(
            "This copy of tally has no payouts to try a rule on.", "Give facts: tally rule try FILE --facts FACTS."
        )
    desk.answer({"impact": data}, *tables)


def _in_a_ledger(desk: Desk) -> bool:
    return bool(desk.slug or desk.home.ledgers()[0])


def _digest_of(book: Book, number: int) -> str:
    for digest, rule in state.of(book).rules.items():
        if rule.number == number:
            return digest
    raise UnknownRule(f"There is no rule {number}.", "`tally rule list` shows them.")


def _upcoming(desk: Desk) -> list[Row]:
    """Rules that are decided and do not hold yet."""
    book = desk.book
    found = []
    for one in state.of(book).waiting:
        proposal = state.of(book).proposals[one]
        start = state.effective_start(book, proposal)
        if start is not None:
            text = text_won(book, proposal)
            found.append({"proposal": proposal.number, "title": parse(text).title, "from": iso(book, start)})
    return found


def _span(one: Row) -> str:
    since = f"since {one['since'][:10]}"
    return f"in force {since}" if one["until"] is None else f"held from {one['since'][:10]} until {one['until'][:10]}"
