"""docs/DECIDING.md played again: every block and table of the page has a marker that says how it is made.

What a person writes stands in the page (commands, profiles, ballots, by-laws, figures); what the program answers to it
is made anew here. `page_again` gives the whole page as it has to be.
"""

import re
import shlex
import textwrap
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from governance import first_form
from governance.ballots import ABSTAIN, BadBallot, how_to, spelled
from governance.boxes import labels
from governance.presets import JOINING, PRESETS
from governance.profile import PLAIN, Profile, wanted
from governance.profile_words import parse, sentences
from governance.rule_values import percent
from governance.tally import Box, decide, words
from governance.terms import Terms
from governance.voting.yes_no import CHOICES
from tests.deciding_lives import LIVES, consents
from tests.riverbend import Riverbend

PAGE = Path(__file__).parents[1] / "docs" / "DECIDING.md"
MARKED = re.compile(r"<!-- (\w+): ([\w.-]+) -->\n(?:(```\w*\n)(.*?)(```\n)|((?:\|[^\n]*\n)+))", re.DOTALL)
REHEARSAL = "(rehearsal: nobody is paid)\n"
"""Printed by every command of these stories, and left out of the page."""

MASKS = (
    (re.compile(r"(?<=[0-9a-f]{32})\+[0-9a-f]{8}\+\S{44}"), "‹key›"),
    (re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{32}(?=‹|\b)|\b[0-9a-f]{16}\b"), "‹…›"),
)
"""What is different in every ledger: ids, hashes, keys."""

WIDTH, ROLL = 118, 26
PROPOSAL, ROOT = "01" * 32, "02" * 32
AS_IT_IS = "things stay as they are"
FIGURES = re.compile(r"(\d+) for, (\d+) against, (\d+) abstained of (\d+)")
FIVE = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
NOBODY = "Nobody"
MEET = ("barn", "hall", "café")
FOUR = ("Ana", "Bela", "Chidi", "Dilek")


class Way(NamedTuple):
    """A vote of the page: by which profile, on what, and with what else."""

    profile: str
    options: tuple[str, ...]
    seats: int = 1
    now: tuple[str, ...] = ()


WAYS = {
    "debian-options": Way("debian-options", ("van", "bikes")),
    "approval": Way("approval", MEET),
    "score": Way("score", MEET),
    "star": Way("star", MEET),
    "cssd": Way("debian-options", MEET),
    "circle": Way("debian-options", MEET),
    "irv": Way("instant-runoff", MEET),
    "stv": Way("scottish-stv", FOUR, seats=2),
    "lot": Way("scottish-stv", FOUR[:2]),
    "median": Way("median", (), now=("10",)),
    "even": Way("median", (), now=("10",)),
    "pot": Way("split-the-pot", ("care", "code", "sales"), now=("1/3", "1/3", "1/3")),
}


def page_again(text: str, folder: Path) -> str:
    """The page with everything that the program says in it made anew."""
    return MARKED.sub(Again(folder).block, text)


class Again:
    """One reading of the page from top to bottom: what stands above may be used below."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.profiles: dict[str, Profile] = dict(PRESETS)
        self.files: dict[str, str] = {}
        self.coops: dict[str, Riverbend] = {}
        self.ballots: dict[str, list[str]] = {}

    def block(self, found: re.Match[str]) -> str:
        """A marked block or table as it has to be."""
        kind, name, opening, inside, closing, rows = found.groups()
        make: Callable[[str, str], str] = getattr(self, f"make_{kind}")
        head = f"<!-- {kind}: {name} -->\n"
        return head + (make(name, rows) if rows else f"{opening}{make(name, inside)}{closing}")

    def make_profile(self, name: str, _: str) -> str:
        """What `tally profile show` says of a profile."""
        return lines(sentences(self.profiles[name]))

    def make_results(self, name: str, inside: str) -> str:
        """Results under a profile: the figures are read from each line, the verdict is made."""
        return lines(self._result(name, line) for line in inside.splitlines())

    def _result(self, name: str, line: str) -> str:
        found = FIGURES.search(line)
        assert found, line
        yes, no, abstain, roll = map(int, found.groups())
        said = ["yes"] * yes + ["no"] * no + ["abstain"] * abstain
        assert len(said) <= roll, line
        if name == JOINING:
            people = [f"{number:032x}" for number in range(roll)]
            result = first_form.tally(self.profiles[name], people, dict(zip(people, said, strict=False)))
            return first_form.sentence(self.profiles[name], result)
        return decide(box(self.profiles[name], list(CHOICES), said, roll)).transcript[-1]

    def make_ballots(self, name: str, rows: str) -> str:
        """A table of ballots: how many, as they are typed (checked), with the options by name (made)."""
        way, cast, table = WAYS[name], [], rows.splitlines()[:2]
        for row in rows.splitlines()[2:]:
            many, typed = (cell.strip().strip("`") for cell in row.split("|")[1:3])
            said = self._spelled(way, typed)
            cast += [said] * int(many)
            table.append(f"| {many} | `{typed}` | {told(way, said)} |")
        self.ballots[name] = cast
        return lines(table)

    def _spelled(self, way: Way, typed: str) -> str:
        profile = self.profiles[way.profile]
        return spelled(profile, labels(profile.method, terms_of(profile.method, way.options), len(way.options)), typed)

    def make_count(self, name: str, _: str) -> str:
        """What the program tells of the count of the table above, round by round, and the result."""
        way = WAYS[name]
        profile = self.profiles[way.profile]
        own = labels(profile.method, terms_of(profile.method, way.options), len(way.options))
        now = dict(zip(own or [""], map(Fraction, way.now), strict=True)) if way.now else {}
        called = {label: f"({label}) {_name(way, label)}" for label in own}
        found = decide(box(profile, own, self.ballots[name], seats=way.seats, now=now), called)
        pairs = [one.partition("=") for one in found.decision.winners]
        won = [(_name(way, label) if own else label, part) for label, _, part in pairs]
        said = ", ".join(f"{one} is {percent(Fraction(part))}" if part else one for one, part in won)
        return lines(map(broken, [*found.transcript[:-1], words(found.decision, said)]))

    def make_typed(self, name: str, inside: str) -> str:
        """Ballots as somebody types them, and how each is taken, or why it is not."""
        made = []
        for line in inside.splitlines():
            if line.startswith("  "):
                continue
            method, _, typed = line.partition(": ")
            made += [line, f"    {self._answer(method, typed.strip())}"]
        return lines(made)

    def _answer(self, method: str, typed: str) -> str:
        profile = next(one for one in self.profiles.values() if one.method == method)
        try:
            said = spelled(profile, labels(method, terms_of(method, MEET), len(MEET)), typed)
        except BadBallot as error:
            return f"{error.message} {error.hint}".strip()
        return f"taken as {said}"

    def make_howto(self, _: str, inside: str) -> str:
        """How a ballot is written in each way of voting."""
        methods = [line.split()[0] for line in inside.splitlines()]
        return lines(f"{method:<10}{how_to(method)}" for method in methods)

    def make_lives(self, name: str, _: str) -> str:
        """Matters at one point of their lives, each in the line that the program prints."""
        return lines(LIVES[name]())

    def make_consents(self, _: str, __: str) -> str:
        """Results of decisions by consent."""
        return lines(consents())

    def make_bases(self, name: str, rows: str) -> str:
        """How many must be for it by each of these profiles, with the figures in the head of the table."""
        head, rule, *rest = rows.splitlines()
        roll, yes, no, abstain = map(int, re.findall(r"\d+", head)[:4])
        table = [head, rule]
        for row in rest:
            written = row.split("|")[1].strip()
            profile = parse(name, "\n".join(re.findall(r"`([^`]+)`", written)))
            said = ["yes"] * yes + ["no"] * no + ["abstain"] * abstain
            decision = decide(box(profile, list(CHOICES), said, roll)).decision
            table.append(f"| {written} | {decision.needed}: {'passed' if decision.passed else 'failed'} |")
        return lines(table)

    def make_file(self, name: str, inside: str) -> str:
        """A file that somebody in a story writes."""
        self.files[name] = inside
        return inside

    def make_toml(self, name: str, inside: str) -> str:
        """A profile as by-law writers write it: checked, and kept for the stories below."""
        self.profiles[name] = parse(name, inside)
        self.files[f"{name}.toml"] = inside
        return inside

    def make_bylaws(self, name: str, inside: str) -> str:
        """Phrases, the fields that say them, and what the program then reads to members."""
        made: list[str] = []
        for phrase in re.split(r"\n(?=\S)", inside.rstrip("\n")):
            head, *rest = phrase.splitlines()
            fields = [line for line in rest if not line.startswith("    #") and line.strip()]
            profile = parse(name, "\n".join(line.strip() for line in fields))
            new = [line for line in sentences(profile) if line not in sentences(PLAIN)]
            read = new or ["(So it is unless the profile says otherwise.)"]
            made += [head, *fields, *(f"    # {line}" for line in read), ""]
        return lines(made[:-1])

    def make_quorums(self, name: str, inside: str) -> str:
        """How many a quorum is, for cooperatives of several sizes: the sizes stand in the first line."""
        head, *rows = inside.splitlines()
        sizes = list(map(int, re.findall(r"\d+", head)))
        made = [head]
        for row in rows:
            text = row.partition("}")[0].strip() + " }"
            quorum = parse(name, f"quorum = {text}").quorum
            made.append(f"{text:<50}" + "".join(f"{wanted(quorum, size)[1]:>8}" for size in sizes))
        return lines(made)

    def make_played(self, name: str, inside: str) -> str:
        """A story: who types what is in the page, what the program prints is made."""
        if name not in self.coops:
            (self.folder / name).mkdir()
            self.coops[name] = Riverbend(self.folder / name, *FIVE)
            self.coops[name].rule("More kept", '">= 20%"', '">= 30%"')
        coop, made = self.coops[name], ""
        for file, text in self.files.items():
            coop.write(file, text)
        for line in inside.splitlines():
            who, typed, command = line.partition("$ tally ")
            if line.startswith("@ "):
                coop.now = f"{line[2:].replace(' ', 'T')}:00Z"
                made += f"{line}\n"
            elif typed and all(one in (*FIVE, NOBODY) for one in who.split(", ")):
                *others, last = who.split(", ")
                for other in others:
                    coop.ok(other, *shlex.split(command))
                said = coop.run(last, *shlex.split(command))
                made += f"{line}\n{as_shown(said.out + said.err)}"
        return made


def lines(of: Iterable[str]) -> str:
    """Lines of text, each ended."""
    return "".join(f"{line}\n" for line in of)


def as_shown(printed: str) -> str:
    """What was printed, without the line on rehearsals, blanks at the ends of lines, and what chance has made."""
    for pattern, word in MASKS:
        printed = pattern.sub(word, printed)
    return lines(broken(line.rstrip()) for line in printed.replace(REHEARSAL, "").splitlines())


def broken(line: str) -> str:
    """A line as a terminal of the page's width shows it."""
    begin = line[: len(line) - len(line.lstrip())]
    return (
        textwrap.fill(
            line.lstrip(), WIDTH, initial_indent=begin, subsequent_indent=f"{begin}  ", break_on_hyphens=False
        )
        if len(line) > WIDTH
        else line
    )


def terms_of(method: str, options: tuple[str, ...]) -> Terms:
    """Terms with as many candidates, or numbers, as there are options."""
    if method == "stv":
        return Terms(candidates=tuple(options))
    return Terms(names=tuple(options)) if method == "pot" else Terms()


def named(way: Way, said: str) -> str:
    """The ballot with each option by its name instead of its number."""
    if not way.options or said == ABSTAIN:
        return said
    if is_divided(way):
        pairs = [pair.partition("=") for pair in said.split(",")]
        return ",".join(f"{_name(way, label)}={given}" for label, _, given in pairs)
    return re.sub(r"\d+", lambda label: _name(way, label[0]), said)


def told(way: Way, said: str) -> str:
    """The ballot as one says it aloud."""
    spoken = named(way, said).replace(AS_IT_IS, "as it is")
    if is_divided(way):
        pairs = [pair.partition("=") for pair in spoken.split(",")]
        return ", ".join(f"{name} {given if given.isdigit() else percent(Fraction(given))}" for name, _, given in pairs)
    return spoken.replace(">", " > ").replace(",", ", ").replace("=", " = ")


def is_divided(way: Way) -> bool:
    """Whether ballots give each option a number."""
    return PRESETS[way.profile].method in ("score", "star", "pot")


def _name(way: Way, label: str) -> str:
    return way.options[int(label) - 1] if label != "0" else AS_IT_IS


def box(profile: Profile, options: list[str], said: list[str], roll: int = ROLL, **more: Any) -> Box:
    """A ballot box of so many members, of whom the first have said this."""
    voters = [f"{number:032x}" for number in range(roll)]
    cast = dict(zip(voters, said, strict=False))
    fixed: dict[str, Any] = {"proposal": PROPOSAL, "root": ROOT, "recused": 0, "struck": 0}
    return Box(profile=profile, options=options, voters=voters, ballots=cast, **fixed, **more)
