"""A share rule is read aloud: a sentence for every pot, and a line for every change a vote would make."""

from pathlib import Path

import pytest

from governance.rule_words import differences, sentences, work_words
from governance.rules import parse

DEFAULT = (Path(__file__).parent.parent / "governance" / "templates" / "default.toml").read_text("utf-8")

FULL = """
ask.dues = { now = "5%", min = "0%", max = "10%" }
accounts = { reserve = "indivisible", loan = "member" }
[income]
fill = [
  { to = "reserve", until = { account = "reserve", level = "900.00" } },
  { to = "carry", up_to = "5.00" },
  { to = "work" },
]
[work]
share = "points"
circle = "berlin"
half_life = 6
who = { standing = ["member", "candidate"], hours = ">= 16", tenure = ">= 3", leavers = true }
floor = "10.00"
cap = "@dues of pay"
throttle = "3/2"
over = "rest"
minimum = "20.00"
into = { balance = "1/5", loan = "rest" }
rest = "carry"
[surplus]
split = [
  { part = "<= @dues", of = "left", to = "carry" },
  { part = "1/3", to = "reserve", until = { account = "reserve", level = "loan" } },
  { part = "rest", to = "even" },
]
[even]
share = "hours"
balanced = true
rest = "carry"
"""


def test_every_pot_is_explained_in_a_sentence() -> None:
    assert sentences(parse(DEFAULT)) == [
        "income, what comes in each period, is divided: at least 20% to reserve; 5% of the deals to commission; "
        "what is left to work.",
        "commission is shared among people: by deals; what nobody may have goes to work.",
        "work is shared among people: by points; for work of care, code, community, sales; "
        "what nobody may have stays in the pot.",
    ]


def test_what_work_weighs_is_a_line_a_role() -> None:
    assert work_words(parse(DEFAULT)) == [
        "care: 10 points an hour",
        "code: 10 points an hour; a commit no points; a review 5 points",
        "community: 10 points an hour; an event 30 points",
        "sales: 10 points an hour; a deal 20 points per 1000 paid",
    ]
    care = '[points.care]\nhour = { points = 1, per = "30m" }\nnight = { claim = "50.00", life = "once" }\n'
    rule = parse(care + '[income]\nshare = "points"\nrest = "carry"\n')
    assert work_words(rule) == ["care: 1 point per 30m; a night a claim of 50.00, once"]


def test_a_new_version_is_explained_by_what_it_changes() -> None:
    old = parse(DEFAULT)
    new = parse(
        DEFAULT.replace('reserve = "indivisible"', 'reserve = "indivisible"\nfund = "fund"')
        .replace("review = 5", "review = 4")
        .replace('">= 20%"', '">= 30%"')
        .replace('rest = "work"\n', 'rest = "fund"\n')
    )

    assert differences(old, old) == []
    assert differences(old, new) == [
        "New account fund: a fund.",
        "Work code review: 5 points each becomes 4 points each.",
        "Pot commission: no longer: what nobody may have goes to work. now: what nobody may have goes to fund.",
        "Pot income: no longer: at least 20% to reserve. now: at least 30% to reserve.",
    ]


def test_a_dropped_pot_says_where_its_money_goes() -> None:
    old = parse('income = { fill = [ { to = "work" } ] }\nwork = { share = "points", rest = "carry" }')
    new = parse('income = { share = "equal", rest = "carry" }\nmoved = { work = "income" }')

    assert "The pot work is dropped; its money moves to income." in differences(old, new)


def test_everything_the_language_can_say_has_words() -> None:
    assert sentences(parse(FULL)) == [
        "income, what comes in each period, fills one place after another: reserve until it holds 900.00; "
        "this pot up to 5.00; what is left to work.",
        "work is shared among people: by points; for work in the circle berlin; work weighs half after every 6 runs; "
        "only with the standing member or candidate; only with at least 16 hours; "
        "only with at least 3 periods as a member; "
        "also who has left; everybody gets at least 10.00; nobody gets more than @dues (now 5%) of their pay; "
        "nobody gets more than 3/2 times what they got from it last time; "
        "what is above that is not shared by the others; less than 20.00 waits on the balance; "
        "it lies 1/5 on balance, the rest on loan of each; what nobody may have stays in the pot.",
        "surplus, what a year leaves over, is divided: at most @dues (now 5%) of what is left then stays in the pot; "
        "1/3 to reserve, until it holds as much as loan; what is left to even.",
        "even is shared among people: by hours; who got less so far than their part of all work catches up; "
        "what nobody may have stays in the pot.",
    ]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('share = "equal"', "everybody the same"),
        ('share = "pay"', "by pay in the year so far"),
        ('share = "claims"', "by what they claim"),
        ('share = "hours", look_back = 3', "by hours; work of the last 3 runs"),
        ('share = "hours", half_life = 1', "by hours; work weighs half after every run"),
        ('share = "thanks", half_life = 2', "by how many others thanked them; thanks weigh half after every 2 runs"),
        ('share = "deals", who = { tenure = "<= 2" }', "by deals; only with at most 2 periods as a member"),
        ('share = "capital"', "by capital"),
    ],
)
def test_every_weight_and_window_is_said_in_words(keys: str, said: str) -> None:
    rule = parse(f'accounts.capital = "member"\nincome = {{ {keys}, rest = "carry" }}')

    assert sentences(rule) == [
        f"income, what comes in each period, is shared among people: {said}; what nobody may have stays in the pot."
    ]


def test_a_pot_that_passes_everything_on_says_so() -> None:
    rule = parse(
        'accounts.reserve = "indivisible"\nincome = { split = [ { part = "rest", to = "result" } ] }\n'
        'surplus = { split = [ { part = "rest", to = "carry" } ] }\n'
        'loss = { split = [ { part = "rest", to = "reserve" } ] }'
    )

    assert sentences(rule) == [
        "income, what comes in each period, is passed on: all of it to result.",
        "surplus, what a year leaves over, is passed on: all of it stays in the pot.",
        "loss, what a year lacks, is taken from each place as far as it goes: all of it from reserve.",
    ]


def test_a_loss_is_said_as_what_is_taken() -> None:
    rule = parse(
        'accounts = { reserve = "indivisible", loan = "member" }\nincome = { share = "equal", rest = "carry" }\n'
        'surplus = { split = [ { part = "rest", to = "members" } ] }\n'
        'loss = { split = [ { part = "50%", to = "reserve" }, { part = "1/2", of = "left", to = "members" }, '
        '{ part = "10%", to = "carry" }, { part = "rest", to = "bearing" } ] }\n'
        'members = { share = "hours", into = "loan", rest = "reserve" }\n'
        'bearing = { share = "hours", who = { standing = "member" }, into = "loan", rest = "carry" }'
    )

    assert sentences(rule)[2:] == [
        "members is shared among people: by hours; it lies on loan of each; what nobody may have goes to reserve; "
        "a loss is taken from the same places, as far as they go.",
        "loss, what a year lacks, is taken from each place as far as it goes: 50% from reserve; "
        "1/2 of what is left then from members; 10% from result; what is left from bearing.",
        "bearing is taken from people: by hours; only with the standing member; "
        "from loan of each, as far as it goes; what their accounts lack from result.",
    ]


def test_a_changed_order_of_lines_is_a_change() -> None:
    line = '{ to = "a", up_to = "1.00" }', '{ to = "b", up_to = "2.00" }'
    rule = 'accounts = { a = "fund", b = "fund", c = "fund" }\nincome = { fill = [ %s, %s, { to = "c" } ] }'

    assert differences(parse(rule % line), parse(rule % line[::-1])) == [
        "Pot income: the order becomes b up to 2.00; a up to 1.00; what is left to c."
    ]
