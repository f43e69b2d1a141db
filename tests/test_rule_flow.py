"""The drawing of a share rule shows what a run does, all of it, and nothing in it lies on anything else."""

import random
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from governance.flow import Flow, flow_of
from governance.flow_layout import BROADEST, Picture, fits
from governance.flow_svg import BASELINE, NARROW, PAGE, laid_out, svg
from governance.flow_text import broken, columns, thousandths, thousandths_bold
from governance.flow_tree import tree
from governance.rule import Rule
from governance.rule_values import RuleError
from governance.rules import parse
from governance.run import run
from governance.run_facts import Facts
from governance.starting import template_names
from governance.versions import template
from tests.riverbend import REFUSED, USAGE, Riverbend
from tests.test_rule_properties import HEAD, divided, facts, filled, shared

BYLAWS = Path(__file__).parent / "vectors" / "bylaws"
TEXTS = {name: template(name) for name in template_names()}
TEXTS |= {f"bylaws {path.stem}": path.read_text("utf-8") for path in sorted(BYLAWS.glob("*.toml"))}

HEAD_OF_LOSS = HEAD + 'loss = { split = [ { part = "30%", to = "reserve" }, { part = "rest", to = "bearing" } ] }\n'
BEARING = 'bearing = { share = "hours", into = "loan", rest = "fund" }\n'

ODD = """
title = "Dues & <reserve>, to be \\"fair\\" — \\uffff\\u200b"
ask.dues = { now = "5%", min = "0%", max = "10%" }
[accounts]
"a name of sixty letters that goes on until it is really full" = "fund"
"Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikation" = "fund"
"日本語の口座という長い名前が続いていく口座" = "indivisible"
loan = { kind = "member", interest = "@dues" }
[income]
fill = [
  { to = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikation", up_to = "100.00" },
  { to = "日本語の口座という長い名前が続いていく口座", up_to = "100.00" },
  { to = "carry", up_to = "5.00" },
  { to = "<b>work</b>" },
]
["<b>work</b>"]
share = "hours"
circle = "berlin"
half_life = 6
who = { standing = ["member", "candidate"], hours = ">= 16", tenure = ">= 3", leavers = true }
floor = "10.00"
cap = "@dues of pay"
throttle = "3/2"
over = "rest"
minimum = "20.00"
into = { balance = "1/5", loan = "rest" }
rest = "a name of sixty letters that goes on until it is really full"
"""


def chain(length: int) -> str:
    """A rule whose money passes so many pots."""
    pots = [f'p{at} = {{ split = [{{ part = "10%", to = "carry" }}, {{ part = "rest", to = "p{at + 1}" }}] }}'
            for at in range(length)]  # fmt: skip
    income = 'income = { split = [{ part = "rest", to = "p0" }] }'
    return "\n".join([income, *pots, f'p{length} = {{ share = "equal", rest = "carry" }}'])


@st.composite
def webs(draw: st.DrawFn) -> str:
    """Rules whose pots feed each other in many ways."""
    chance = random.Random(draw(st.integers(0, 10**6)))
    names = [f"pot{number}" for number in range(chance.randint(1, 9))]
    places = ["reserve", "fund", "owing", "carry", "result"]
    texts = ['accounts = { reserve = "indivisible", fund = "fund", owing = "owed", loan = "member" }']
    for at, name in enumerate(["income", *names]):
        ahead = names[at:]
        texts.append(f"{name} = {{ {_verb(chance, ahead, places)} }}")
    fed = " ".join(texts)
    starts = "".join(f', {{ part = "1/99", to = "{name}" }}' for name in names if f'"{name}"' not in fed)
    texts.append(f'surplus = {{ split = [ {{ part = "rest", to = "reserve" }}{starts} ] }}')
    return "\n".join(texts)


def _verb(chance: random.Random, ahead: list[str], places: list[str]) -> str:
    to = [chance.choice(ahead + places) for _ in range(chance.randint(1, 4))]
    if chance.random() < 0.3:
        into = chance.choice(["", ', into = "loan"', ', into = { balance = "1/3", loan = "rest" }'])
        return f'share = "equal"{into}, rest = "{to[0]}"'
    if chance.random() < 0.3:
        lines = "".join(f'{{ to = "{one}", up_to = "9.00" }}, ' for one in to[1:])
        return f'fill = [ {lines}{{ to = "{to[0]}" }} ]'
    lines = "".join(f'{{ part = "1/7", to = "{one}" }}, ' for one in to[1:])
    return f'split = [ {lines}{{ part = "rest", to = "{to[0]}" }} ]'


def drawn_ways(flow: Flow) -> set[tuple[str, str]]:
    return {(edge.start, edge.to) for edge in flow.edges}


def ways_of_a_run(rule: Rule, given_facts: Facts) -> set[tuple[str, str]]:
    """From which pot to which pot, account or account of a person money moved."""
    return {(line.pot, line.account or line.to) for line in run(rule, given_facts).lines}


@given(st.one_of(shared, divided, filled), facts)
def test_money_only_moves_where_the_drawing_has_an_arrow(verb: str, given_facts: Facts) -> None:
    rule = parse(f"{HEAD}income = {{ {verb} }}\n")

    assert ways_of_a_run(rule, given_facts) <= drawn_ways(flow_of(rule))


@given(facts, st.integers(1, 10**7))
def test_a_loss_is_only_taken_where_the_drawing_has_an_arrow_back(given_facts: Facts, loss: int) -> None:
    income = 'income = { share = "equal", rest = "carry" }\n'
    rule = parse(HEAD_OF_LOSS + BEARING + income)
    flow = flow_of(rule)
    ways = ways_of_a_run(rule, replace(given_facts, start="loss", amount=loss))

    # What an account lacks lowers the result, which the drawing says once for the whole loss.
    assert {(pot, to) for pot, to in ways if to != "result"} <= drawn_ways(flow)
    assert ("loss", "result") in drawn_ways(flow)
    assert {edge.start for edge in flow.edges if edge.taken} == {"loss", "bearing"}


@given(webs())
@settings(max_examples=60)
def test_a_tree_says_every_part_once_and_opens_every_pot_once(text: str) -> None:
    flow = flow_of(parse(text))
    lines = tree(flow)

    assert max(map(columns, lines)) <= 100
    assert sum("─ " in line for line in lines) == len(flow.edges)
    for pot in flow.pots():
        heads = [line for line in lines if line.startswith(pot.name) or line.endswith(f"→ {pot.name}")]
        assert len(heads) == 1


@given(webs())
@settings(max_examples=60, deadline=None)
def test_in_any_drawing_no_words_touch_and_no_wire_crosses_a_box(text: str) -> None:
    flow = flow_of(parse(text))

    for page in (PAGE, NARROW):
        assert overlaps(svg(flow, "Any rule", page)) == []
        assert crossings(laid_out(flow, "Any rule", page)) == []


@pytest.mark.parametrize("text", [*TEXTS.values(), ODD, chain(30)], ids=[*TEXTS, "odd", "chain"])
def test_drawings_are_well_formed_deterministic_and_free_of_overlaps(text: str) -> None:
    rule = parse(text)
    drawing = svg(flow_of(rule), rule.title)

    assert drawing == svg(flow_of(parse(text)), rule.title)
    assert overlaps(drawing) == []
    for page in (PAGE, NARROW):
        assert crossings(laid_out(flow_of(rule), rule.title, page)) == []
    for width in (80, 100):
        assert max(map(columns, tree(flow_of(rule), width))) <= width


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_by_laws_fit_a_page_in_columns_and_a_phone_one_place_below_the_other(text: str) -> None:
    flow = flow_of(parse(text))
    phone = laid_out(flow, "", NARROW)

    assert fits(flow, PAGE)
    assert not fits(flow, NARROW)
    assert (laid_out(flow, "").width, phone.width) == (PAGE, NARROW) == (800, 400)
    assert len({box.x for box in phone.boxes}) == 1


@pytest.mark.parametrize("pots", [1, 2, 3, 4, 6, 30, 199])
def test_however_many_pots_lie_in_a_row_the_page_stays_as_broad(pots: int) -> None:
    flow = flow_of(parse(chain(pots - 1)))
    picture = laid_out(flow, "In a row")

    assert picture.width == PAGE
    assert fits(flow, PAGE) == (pots <= 3)
    assert max(x for wire in picture.wires for x, _ in wire.points) < PAGE
    assert len(picture.wires) == pots + 1


def test_a_rule_with_as_many_places_as_there_may_be_is_drawn_within_the_page() -> None:
    accounts = ", ".join(f'a{at} = "fund"' for at in range(199))
    lines = "".join(f'{{ part = "1/999", to = "a{at}" }}, ' for at in range(199))
    rule = parse(f'accounts = {{ {accounts} }}\nincome = {{ split = [ {lines}{{ part = "rest", to = "carry" }} ] }}')
    picture = laid_out(flow_of(rule), "Many", NARROW)

    assert crossings(picture) == []
    assert max(x for wire in picture.wires for x, _ in wire.points) < NARROW


@pytest.mark.parametrize("page", [PAGE, NARROW])
def test_wires_of_one_place_come_together_and_those_of_others_never_lie_on_them(page: int) -> None:
    picture = laid_out(flow_of(parse(chain(7) + '\nsurplus = { split = [{ part = "rest", to = "p3" }] }')), "", page)
    lanes: dict[int, list[tuple[str, int, int]]] = {}
    for wire in picture.wires:
        (_, leaves), (lane, _), (_, enters), _ = wire.points
        lanes.setdefault(lane, []).append((wire.edge.to, min(leaves, enters), max(leaves, enters)))

    for wires in lanes.values():
        for (one, top, bottom), (other, above, below) in combinations(wires, 2):
            assert one == other or bottom < above or below < top


@pytest.mark.parametrize("weight", ["points", "hours", "claims", "equal", "pay", "thanks", "deals"])
def test_money_for_disputed_work_is_drawn_where_work_weighs(weight: str) -> None:
    flow = flow_of(parse(f'income = {{ share = "{weight}", rest = "carry" }}'))
    by_work = weight in ("points", "hours", "claims")

    assert ("held for each person" in " ".join(tree(flow))) == by_work
    assert ("held" in {node["kind"] for node in flow.data()["nodes"]}) == by_work


class Area(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    def meets(self, other: "Area") -> bool:
        """Whether two areas have a point in common inside."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def texts_of(drawing: str) -> list[tuple[str, Area]]:
    """All words of a drawing, and the area each line of them takes."""
    found = []
    for one in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text"):
        size = thousandths_bold if one.get("font-weight") else thousandths
        x, y, words = int(one.attrib["x"]), int(one.attrib["y"]), one.text or ""
        found.append((words, Area(x, y - BASELINE, x + size(words) * 12 // 1000, y + 3)))
    return found


def overlaps(drawing: str) -> list[tuple[str, str]]:
    """Words that lie on other words, or leave the page."""
    root = ElementTree.fromstring(drawing)
    page = Area(0, 0, int(root.attrib["width"]), int(root.attrib["height"]))
    texts = texts_of(drawing)
    found = [(one, other) for (one, here), (other, there) in combinations(texts, 2) if here.meets(there)]
    outside = [(words, "page") for words, area in texts if area.right > page.right or area.bottom > page.bottom]
    return found + outside


def crossings(picture: Picture) -> list[str]:
    """Boxes that touch each other or are crossed by a wire, and words that leave their box."""
    areas = {box.node.name: Area(box.x, box.y, box.x + box.width, box.y + box.height) for box in picture.boxes}
    found = [one for one, other in combinations(areas, 2) if areas[one].meets(areas[other])]
    for wire in picture.wires:
        for (x, y), (to_x, to_y) in zip(wire.points, wire.points[1:], strict=False):
            way = Area(min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y) + 1)
            found += [name for name, area in areas.items() if area.meets(way)]
    for box in picture.boxes:
        lines = [*box.words, *(line for row in box.rows for line in row.lines)]
        found += [line for line in lines if thousandths(line) * 12 // 1000 > box.width]
        found += [line for line in box.name if thousandths_bold(line) * 12 // 1000 > box.width]
    return found


def test_the_default_rule_as_a_tree() -> None:
    assert tree(flow_of(parse(template()))) == [
        "income, what comes in each period",
        "├─ at least 20% → reserve, indivisible",
        "├─ 5% of the deals → commission",
        "│  ├─ by deals → balance of each person, to be paid out",
        "│  └─ what nobody may have → work, drawn below",
        "└─ what is left → work",
        "   ├─ by points; for work of care, code, community, sales → balance of each person, to be paid out",
        "   ├─ what is for disputed work → held for each person, until the dispute is settled",
        "   └─ what nobody may have → stays in work",
    ]


def test_hypha_as_a_tree_a_pot_reached_twice_is_drawn_once() -> None:
    assert tree(flow_of(parse(template("hypha")))) == [
        "income, what comes in each period",
        "└─ all of it → result of the year",
        "surplus, what a year leaves over",
        "├─ 80% → reserve, indivisible",
        "└─ what is left → members",
        "   ├─ by hours; only with the standing member; only with at least 16 hours → loan of each person,",
        "   │  interest @rate (now 2%)",
        "   ├─ what is for disputed work → held for each person, until the dispute is settled",
        "   └─ what nobody may have → reserve, indivisible",
        "loss, what a year lacks, from each place as far as it goes",
        "├─ 80% ← reserve, indivisible",
        "├─ what is left → members, drawn above",
        "└─ what none of these covers ← result of the year",
    ]


def test_a_long_chain_of_pots_does_not_leave_the_screen() -> None:
    lines = tree(flow_of(parse(chain(30))), 60)

    assert max(map(columns, lines)) <= 60
    assert "p7" in lines
    assert lines[lines.index("p7") - 1].endswith("what is left → p7, drawn below")


def test_a_narrow_terminal_breaks_words_between_letters_only_where_it_must() -> None:
    lines = tree(flow_of(parse(ODD)), 40)

    assert max(map(columns, lines)) <= 40
    assert broken("one two three", 7, columns) == ["one two", "three"]
    assert broken("口座口座口座", 4, columns) == ["口座", "口座", "口座"]
    assert columns("e\u0301") == 1


def test_the_flow_as_data_has_every_place_once_and_every_arrow() -> None:
    data = flow_of(parse(template("us-subchapter-t"))).data()
    kinds = {node["name"]: node["kind"] for node in data["nodes"]}

    assert kinds == {
        "income": "start",
        "surplus": "start",
        "loss": "start",
        "patronage": "pot",
        "shortfall": "pot",
        "result": "result",
        "collective": "indivisible",
        "capital": "member",
        "balance": "balance",
        "held": "held",
    }
    assert {"from": "patronage", "to": "balance", "part": "the rest of each share", "taken": False} in data["edges"]
    assert {"from": "shortfall", "to": "collective", "part": "what their accounts lack", "taken": True} in data["edges"]
    assert all(edge["to"] in {*kinds, "carry"} and edge["from"] in kinds for edge in data["edges"])


def test_a_drawing_says_all_words_as_words_and_writes_out_what_xml_cannot_hold() -> None:
    rule = parse(ODD)
    words = " ".join(text for text, _ in texts_of(svg(flow_of(rule), rule.title)))

    assert '& <reserve>, to be "fair" — \ufffd\ufffd' in words
    assert "<b>work</b>" in words
    assert "stays here" in words
    assert "日本語" in words


def test_few_columns_have_broad_boxes() -> None:
    picture = laid_out(flow_of(parse('income = { share = "equal", rest = "carry" }')), "Two columns")

    assert {box.width for box in picture.boxes} == {BROADEST}
    assert len(picture.wires) == 1


def test_a_rule_that_only_keeps_money_can_be_drawn() -> None:
    rule = parse('income = { split = [{ part = "rest", to = "carry" }] }')

    assert tree(flow_of(rule)) == ["income, what comes in each period", "└─ all of it → stays in income"]
    assert overlaps(svg(flow_of(rule), "")) == []


def test_the_verbs_drawn_are_all_there_are() -> None:
    from governance import rules

    assert rules.names() == ["fill", "share", "split"]
    with pytest.raises(RuleError):
        parse('income = { pour = "all" }')


# At the terminal.


def test_a_check_draws_the_tree_gives_data_and_writes_a_picture_once(tmp_path: Path) -> None:
    nobody = Riverbend(tmp_path)
    file = nobody.write("rule.toml", template("hypha"))
    said = nobody.ok("Nobody", "rule", "check", file, "--svg", "rule.svg")
    rule = parse(template("hypha"))

    assert "How the money flows:\n" + "\n".join(tree(flow_of(rule))) in said.out
    assert "The drawing is in rule.svg." in said.err
    assert (tmp_path / "rule.svg").read_text("utf-8") == svg(flow_of(rule), rule.title)
    data = nobody.data("Nobody", "rule", "check", file)
    assert data["flow"] == flow_of(rule).data()
    assert "svg" not in data
    again = nobody.run("Nobody", "rule", "check", nobody.write("rule.toml", template()), "--svg", "rule.svg")
    assert again.code == REFUSED
    assert "There is a file rule.svg already." in again.err
    assert (tmp_path / "rule.svg").read_text("utf-8") == svg(flow_of(rule), rule.title)
    assert nobody.run("Nobody", "rule", "check", file, "--svg", "nowhere/rule.svg").code == USAGE


def test_a_picture_for_a_phone_is_asked_for_with_its_file(tmp_path: Path) -> None:
    nobody = Riverbend(tmp_path)
    file = nobody.write("rule.toml", template("hypha"))
    nobody.ok("Nobody", "rule", "check", file, "--svg", "phone.svg", "--narrow")
    rule = parse(template("hypha"))

    assert (tmp_path / "phone.svg").read_text("utf-8") == svg(flow_of(rule), rule.title, NARROW)
    assert nobody.run("Nobody", "rule", "check", file, "--narrow").code == USAGE


def test_of_a_rule_that_is_refused_nothing_is_drawn(tmp_path: Path) -> None:
    nobody = Riverbend(tmp_path)
    file = nobody.write("rule.toml", 'income = { share = "karma", rest = "carry" }')

    assert nobody.run("Nobody", "rule", "check", file, "--svg", "rule.svg").code == REFUSED
    assert not (tmp_path / "rule.svg").exists()
