"""docs/SHARE-RULES.md computed again: every box of the page has a marker that says how it is made.

What a person writes stands in the page (rules, facts, the pots of a small rule); what the program answers to it is made
anew here. `page_again` gives the whole page as it has to be.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from governance.rule import STARTS
from governance.rules import RuleError, parse
from governance.trying_facts import read_facts
from governance.versions import template
from ledger.private import show
from tests.deciding_page import as_shown, lines
from tests.riverbend import Riverbend
from tests.trial import tried

PAGE = Path(__file__).parents[1] / "docs" / "SHARE-RULES.md"
MARKED = re.compile(r"<!-- (\w+): ([\w.-]+) -->\n(```\w*\n)(.*?)(```\n)", re.DOTALL)
POT = re.compile(r"([\w-]+) = \{")
ARROW = "→ "
FOUNDERS = ("Ana", "Bela", "Chidi")
NOBODY = "Nobody"
WIDTH = 118


def page_again(text: str, folder: Path) -> str:
    """The page with everything that the program says in it made anew."""
    return MARKED.sub(Again(folder).block, text)


class Again:
    """One reading of the page from top to bottom: what stands above may be used below."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts: dict[str, str] = {}
        self.coops: dict[str, Riverbend] = {}

    def block(self, found: re.Match[str]) -> str:
        """A marked block as it has to be."""
        kind, name, opening, inside, closing = found.groups()
        make: Callable[[str, str], str] = getattr(self, f"make_{kind}")
        return f"<!-- {kind}: {name} -->\n{opening}{make(name, inside)}{closing}"

    def make_rule(self, name: str, inside: str) -> str:
        """A whole rule, which is sound."""
        parse(inside)
        return self._kept(f"{name}.toml", inside)

    def make_head(self, name: str, inside: str) -> str:
        """The accounts, numbers and catalogue of a rule; its pots stand in the examples below."""
        parse(f'income = {{ split = [{{ part = "rest", to = "carry" }}] }}\n{inside}')
        return self._kept(f"{name}.toml", inside)

    def make_facts(self, name: str, inside: str) -> str:
        """Facts of one run."""
        read_facts(inside)
        return self._kept(f"{name}.json", inside)

    def make_answers(self, name: str, inside: str) -> str:
        """Pots, and below each what the facts come to with them: `answers: HEAD.FACTS`."""
        head, facts = (self.texts[file] for file in (f"{name.split('.')[0]}.toml", f"{name.split('.')[1]}.json"))
        made = ""
        for written in examples(inside):
            answer = tried(f"{whole(written)}\n{head}", facts)
            made += written + lines(f"{ARROW}{line}" for line in said(answer))
        return made

    def make_refused(self, _: str, inside: str) -> str:
        """Rules, and below each where it is refused and why."""
        made = ""
        for written in examples(inside):
            try:
                parse(written)
            except RuleError as error:
                made += written + lines(f"{ARROW}{line}" for line in (error.message, error.hint))
        return made

    def make_played(self, name: str, inside: str) -> str:
        """Who types what is in the page; what the program prints is made. `> FILE` keeps it in a file instead."""
        coop, made = self._coop(name), ""
        for line in inside.splitlines():
            who, typed, command = line.partition("$ tally ")
            if line.startswith("@ "):
                coop.now = f"{line[2:].replace(' ', 'T')}:00Z"
                made += f"{line}\n"
            elif typed and who in ("", *FOUNDERS):
                made += f"{line}\n{self._printed(coop, who or NOBODY, command)}"
            elif line.startswith("$ sed "):
                made += f"{line}\n"
                self._edited(coop, shlex.split(line[2:]))
        return made

    def _printed(self, coop: Riverbend, who: str, command: str) -> str:
        words, _, file = command.partition(" > ")
        answer = coop.run(who, *shlex.split(words))
        if file:
            coop.write(file, answer.out)
            return as_shown(answer.err)
        return as_shown(answer.err + answer.out)

    def _edited(self, coop: Riverbend, words: list[str]) -> None:
        """`sed -i s/OLD/NEW/ FILE`, which finds what it looks for."""
        _, _, change, file = words
        _, old, new, _ = change.split("/")
        text = (coop.folder / file).read_text(encoding="utf-8")
        assert old in text
        coop.write(file, text.replace(old, new))

    def _coop(self, name: str) -> Riverbend:
        if name not in self.coops:
            (self.folder / name).mkdir()
            coop = Riverbend(self.folder / name)
            if name != "nobody":
                coop.write("hypha.toml", template("hypha"))
                people = [word for one in FOUNDERS for word in ("--founder", one)]
                coop.homes = dict.fromkeys(FOUNDERS, "founders")
                coop.ok(
                    "Ana", "init", "Riverbend", "--zone", "Europe/Rome", *people, "--rehearsal", "--rule", "hypha.toml"
                )
            self.coops[name] = coop
        for file, text in self.texts.items():
            self.coops[name].write(file, text)
        return self.coops[name]

    def _kept(self, file: str, text: str) -> str:
        self.texts[file] = text
        return text


def examples(inside: str) -> Iterator[str]:
    """What a person wrote, example by example; the answers below each are left out."""
    written: list[str] = []
    answered = False
    for line in inside.splitlines():
        if line.startswith(ARROW):
            answered = True
            continue
        if answered:
            yield lines(written)
            written, answered = [], False
        written.append(line)
    yield lines(written)


def whole(written: str) -> str:
    """The pots of an example; keys alone are those of `income`, and a year's pots need an income beside them."""
    if not POT.match(written):
        return f"income = {{ {' '.join(written.split())} }}"
    named = [found[1] for line in written.splitlines() if (found := POT.match(line))]
    return written if "income" in named else f'{written}income = {{ split = [{{ part = "rest", to = "result" }}] }}'


def said(answer: dict[str, Any]) -> list[str]:
    """An answer in a few words: who and what got how much, what stays, what is still open."""
    if "refused" in answer:
        return [f"{answer['refused']['pot']}: {answer['refused']['why']}"]
    told = [_line(line) for line in sorted(answer["lines"], key=lambda line: line["pot"] not in STARTS)]
    told += [f"{amount} stays in {pot}" for pot, amount in answer["carried"].items()]
    told += [
        f"{show(who)} may still claim {amount}" for held in answer["open"].values() for who, amount in held.items()
    ]
    return [", ".join(told) or "nothing flows"]


def _line(line: dict[str, str]) -> str:
    onto = line.get("account", "balance")
    where = "" if onto == "balance" else " held" if onto == "held" else f" on {onto}"
    begin = "" if line["pot"] in STARTS else f"{line['pot']} → "
    return f"{begin}{show(line['to'])} {line['amount']}{where}"


def answered(text: str) -> str:
    """All that stands in boxes with examples."""
    return "\n".join(found[4] for found in MARKED.finditer(text) if found[1] in ("answers", "rule", "head"))


def facts_of(text: str) -> list[dict[str, Any]]:
    """All facts of the page."""
    return [json.loads(found[4]) for found in MARKED.finditer(text) if found[1] == "facts"]
