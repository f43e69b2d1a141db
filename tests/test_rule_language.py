"""What a share rule may say, and what is refused with the place named; by-laws of real cooperatives can be said."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from governance import rules
from governance.rule import MINUTE, MONEY, PIECE
from governance.rule_checks import check_decimals
from governance.rule_words import sentences
from governance.rules import RuleError, names, parse, verb
from ledger.errors import Refused, Usage
from tests.trial import tried

HERE = Path(__file__).parent
BYLAWS = sorted((HERE / "vectors" / "bylaws").glob("*.toml"), key=lambda path: path.stem)
DEFAULT = (HERE.parent / "governance" / "templates" / "default.toml").read_text("utf-8")

ACCOUNTS = (
    'accounts = { reserve = "indivisible", owing = "owed", fund = "fund", loan = "member", '
    'capital = { kind = "member" } }\nask.dues = { now = "5%", min = "0", max = "1/10" }\n'
)
POINTS = 'points.code = { hour = 10, review = "4" }\npoints.care.hour = 10\n'
INCOME = 'income = { split = [ { part = "rest", to = "work" } ] }\n'
WORK = 'work = { share = "points", rest = "carry" }\n'


def refused(text: str) -> str:
    """The place a refused rule names."""
    with pytest.raises(RuleError) as error:
        parse(text)
    assert error.value.why
    assert error.value.hint
    assert isinstance(error.value, Refused)
    return error.value.pot


def with_work(keys: str) -> str:
    """A sound rule but for what the pot work says."""
    return f"{ACCOUNTS}{POINTS}{INCOME}work = {{ {keys} }}"


def with_lines(*lines: str) -> str:
    """A sound rule but for the lines of a split."""
    rows = ", ".join(f"{{ {line} }}" for line in lines)
    return f'{ACCOUNTS}{POINTS}income = {{ split = [ {rows}, {{ part = "rest", to = "work" }} ] }}\n{WORK}'


SHARE = 'share = "points", rest = "carry"'
LEVEL = 'until = { account = "reserve", level = "10.00" }'


@pytest.mark.parametrize(
    "keys",
    [
        'share = "karma", rest = "carry"',
        'share = 5, rest = "carry"',
        'share = "points"',
        'share = "points", rest = "nowhere"',
        'share = "points", rest = "rest"',
        'share = "points", rest = "held"',
        'share = "points", rest = "loan"',
        'share = "points", rest = "income"',
        'share = "points", rest = ["carry"]',
        'share = "points", split = [], rest = "carry"',
        'shares = "points", rest = "carry"',
        f"{SHARE}, rounding = 1",
        f'{SHARE}, roles = ["cooking"]',
        f"{SHARE}, roles = []",
        f'{SHARE}, roles = "code"',
        f'{SHARE}, circle = "berlin/"',
        f"{SHARE}, circle = 3",
        f"{SHARE}, look_back = 0",
        f'{SHARE}, look_back = "two"',
        f"{SHARE}, look_back = -1",
        f"{SHARE}, look_back = true",
        f"{SHARE}, look_back = 2.0",
        f"{SHARE}, half_life = 0",
        f'{SHARE}, half_life = "3/2"',
        f"{SHARE}, half_life = 2, look_back = 2",
        f"{SHARE}, balanced = true, half_life = 2",
        f"{SHARE}, balanced = true, look_back = 2",
        f'{SHARE}, balanced = "yes"',
        'share = "equal", balanced = true, rest = "carry"',
        'share = "thanks", balanced = true, rest = "carry"',
        'share = "pay", half_life = 2, rest = "carry"',
        'share = "claims", look_back = 1, rest = "carry"',
        'share = "claims", half_life = 2, rest = "carry"',
        f"{SHARE}, floor = 50",
        f'{SHARE}, floor = "-1.00"',
        f'{SHARE}, floor = "1,000.00"',
        f'{SHARE}, cap = "25% of work"',
        f'{SHARE}, cap = "120%"',
        f'{SHARE}, cap = "@nobody"',
        f"{SHARE}, throttle = 0",
        f'{SHARE}, throttle = "1/0"',
        f"{SHARE}, throttle = 1.5",
        f'{SHARE}, over = "carry"',
        f'{SHARE}, minimum = "10%"',
        f'{SHARE}, into = "reserve"',
        f'{SHARE}, into = "fund"',
        f'{SHARE}, into = "held"',
        f'{SHARE}, into = {{ balance = "20%" }}',
        f'{SHARE}, into = {{ balance = "rest", loan = "rest" }}',
        f'{SHARE}, into = {{ balance = "60%", loan = "50%", capital = "rest" }}',
        f'{SHARE}, who = {{ hours = "16" }}',
        f'{SHARE}, who = {{ hours = "> 16" }}',
        f"{SHARE}, who = {{ tenure = 3 }}",
        f"{SHARE}, who = {{ standing = [] }}",
        f'{SHARE}, who = {{ leavers = "yes" }}',
        f'{SHARE}, who = {{ name = "ana" }}',
        'fill = [ { to = "fund", up_to = "5.00" } ]',
        'fill = [ { to = "fund" }, { to = "reserve" } ]',
        "fill = []",
        'fill = [ { up_to = "5.00" }, { to = "fund" } ]',
        f'fill = [ {{ to = "reserve", up_to = "5.00", {LEVEL} }}, {{ to = "fund" }} ]',
        f'fill = [ {{ to = "fund", {LEVEL} }}, {{ to = "fund" }} ]',
        'fill = [ { to = "loan", up_to = "5.00" }, { to = "fund" } ]',
        "split = []",
        'split = "rest"',
        'split = [ { part = "rest", to = "fund" }, { part = "rest", to = "reserve" } ]',
        'split = [ { part = "rest", to = "fund", of = "pot" } ]',
        'split = [ { part = "rest" } ]',
        'split = [ { part = "rest", to = "fund" } ], rest = "carry"',
    ],
)
def test_a_pot_that_says_what_is_not_in_the_language_is_refused_at_the_pot(keys: str) -> None:
    assert refused(with_work(keys)) == "work"


@pytest.mark.parametrize(
    "line",
    [
        'part = "ten", to = "fund"',
        'part = "10", to = "fund"',
        'part = "3/2", to = "fund"',
        'part = "1/0", to = "fund"',
        'part = "100.1%", to = "fund"',
        'part = "-1%", to = "fund"',
        'part = "> 1%", to = "fund"',
        "part = 0.1, to = 'fund'",
        'part = "@unknown", to = "fund"',
        'part = "10%", of = "profit", to = "fund"',
        'part = "10%", to = "loan"',
        'part = "10%", to = "balance"',
        'part = "10%", to = "fund", up_to = "5.00"',
        f'part = "10%", to = "fund", {LEVEL}',
        'part = "10%", to = "reserve", until = { account = "reserve" }',
        'part = "10%", to = "reserve", until = { account = "reserve", level = "reserve" }',
        'part = "10%", to = "reserve", until = { account = "reserve", level = "work" }',
        'part = "10%", to = "work", until = { account = "work", level = "1.00" }',
    ],
)
def test_a_line_of_a_split_that_is_not_in_the_language_is_refused_at_the_pot(line: str) -> None:
    assert refused(with_lines(line)) == "income"


def test_parts_over_the_whole_are_refused_whatever_bounds_they_have() -> None:
    half, least, most = 'part = "50%", to = "fund"', 'part = ">= 30%", to = "reserve"', 'part = "<= 1/4", to = "owing"'

    assert refused(with_lines(half, least, most)) == "income"
    assert parse(with_lines(half, least))
    assert parse(with_lines(half, f'part = "3/4", to = "reserve", {LEVEL}', 'part = "1", of = "left", to = "fund"'))
    assert parse(with_lines('part = "0", to = "fund"', 'part = "1/1", to = "fund"'))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "income"),
        (f'{ACCOUNTS}surplus = {{ share = "equal", rest = "carry" }}', "income"),
        ("income = 5", "income"),
        (f'{INCOME}{WORK}colour = "red"', "colour"),
        (f'late = "never"\n{INCOME}{WORK}', "late"),
        (f"title = 7\n{INCOME}{WORK}", "title"),
        (f'accounts = "fund"\n{INCOME}{WORK}', "accounts"),
        (f'accounts.fund = "found"\n{INCOME}{WORK}', "accounts.fund"),
        (f'accounts.loan = {{ kind = "member", interest = "@rate" }}\n{INCOME}{WORK}', "accounts.loan"),
        (f'accounts.fund = {{ kind = "fund", interest = "2%" }}\n{INCOME}{WORK}', "accounts.fund"),
        (f'accounts.result = "fund"\n{INCOME}{WORK}', "accounts.result"),
        (f'accounts.work = "fund"\n{INCOME}{WORK}', "work"),
        (f"{INCOME}{WORK}held = {{ {SHARE} }}", "held"),
        (f'ask.rate = {{ now = "2%", min = "3%", max = "5%" }}\n{INCOME}{WORK}', "ask.rate"),
        (f'ask.rate = {{ now = "2%", min = "1%" }}\n{INCOME}{WORK}', "ask.rate"),
        (f'ask.rate = "2%"\n{INCOME}{WORK}', "ask.rate"),
        (f"points.code.hour = 1.5\n{INCOME}{WORK}", "points.code"),
        (f'points.code.hour = "1.5"\n{INCOME}{WORK}', "points.code"),
        (f'points.code.hour = {{ claim = "3.00", life = "for ever" }}\n{INCOME}{WORK}', "points.code"),
        (f'points.code.hour = {{ points = 3, life = "once" }}\n{INCOME}{WORK}', "points.code"),
        (f'points.code.hour = {{ points = 3, per = "0h" }}\n{INCOME}{WORK}', "points.code"),
        (f'points.code.hour = {{ points = 3, per = "a day" }}\n{INCOME}{WORK}', "points.code"),
        (f'points.code.hour = {{ points = 3, when = "soon" }}\n{INCOME}{WORK}', "points.code"),
        (f"points.code.hour = {{ point = 3 }}\n{INCOME}{WORK}", "points.code"),
        (f"points.code = 3\n{INCOME}{WORK}", "points.code"),
        (f'{POINTS}{INCOME}work = {{ share = "hours", roles = ["code"], rest = "carry" }}', "points.care"),
        (f'{INCOME}{WORK}idle = {{ share = "equal", rest = "carry" }}', "idle"),
        (f'{INCOME}work = {{ share = "points", rest = "b" }}\nb = {{ share = "equal", rest = "work" }}', "b"),
        (f'{INCOME}work = {{ share = "points", rest = "income" }}', "work"),
        (f'{INCOME}work = {{ share = "points", rest = "loss" }}', "work"),
        (f'{INCOME}work = {{ share = "capital", rest = "carry" }}', "work"),
        (f'{INCOME}{WORK}moved = {{ old = "nowhere" }}', "moved.old"),
        (f'{INCOME}{WORK}moved = {{ carry = "work" }}', "moved.carry"),
        ('[work]\nshare = "points"\n[work]\nshare = "equal"', "work"),
        ('accounts = { a = "fund", a = "owed" }', "accounts.a"),
        ("[points.code]\nhour =", "points.code"),
        ("what is this", "line 1"),
        ("income = " + "[" * 5000, "rule"),
        ("points.a.b = " + "9" * 5000, "rule"),
    ],
)
def test_a_rule_that_is_not_sound_is_refused_at_its_place(text: str, place: str) -> None:
    assert refused(text) == place


def test_the_first_pot_of_a_circle_by_name_is_named() -> None:
    onward = {"income": "c", "c": "b", "b": "d", "d": "c"}
    circle = "\n".join(f'{pot} = {{ share = "equal", rest = "{to}" }}' for pot, to in onward.items())

    assert refused(circle) == "b"


def test_a_role_is_in_no_pot_only_where_work_is_what_counts() -> None:
    assert parse(f'{POINTS}income = {{ share = "equal", roles = ["code"], rest = "carry" }}')
    assert parse(f'{POINTS}{INCOME}work = {{ share = "points", rest = "carry" }}')


def test_claims_are_paid_by_one_pot_only() -> None:
    def two(first: str, second: str) -> str:
        return (
            'points.code.hour = { claim = "9.00" }\npoints.care = { hour = 1, call = { claim = "5.00" } }\n'
            'points.sales.hour = 1\nincome = { split = [ { part = "1/2", to = "b" }, { part = "rest", to = "a" } ] }\n'
            f'a = {{ share = "claims", {first} rest = "carry" }}\nb = {{ share = "claims", {second} rest = "carry" }}'
        )

    assert refused(two("", "")) == "b"
    assert refused(two('roles = ["code", "sales"],', 'roles = ["care", "code"],')) == "b"
    assert refused(two('circle = "berlin",', 'circle = "berlin/support",')) == "b"
    assert parse(two('circle = "berlin", roles = ["code", "sales"],', 'circle = "rome",  roles = ["code", "care"],'))
    # Sales makes no claims, so both may look at it.
    assert parse(two('roles = ["code", "sales"],', 'roles = ["care", "sales"],'))


@pytest.mark.parametrize(
    ("pots", "place"),
    [
        ('loss = { fill = [ { to = "fund" } ] }', "loss"),
        (
            f'loss = {{ split = [ {{ part = "1%", to = "reserve", {LEVEL} }}, {{ part = "rest", to = "fund" }} ] }}',
            "loss",
        ),
        ('loss = { split = [ { part = "1/2", to = "owing" }, { part = "rest", to = "fund" } ] }', "loss"),
        ('loss = { split = [ { part = "rest", to = "work" } ] }', "work"),
        ('loss = { share = "claims", into = "loan", rest = "carry" }', "loss"),
        ('loss = { share = "hours", into = { loan = "1/2", capital = "rest" }, rest = "carry" }', "loss"),
        ('loss = { share = "hours", into = "loan", rest = "owing" }', "loss"),
    ],
)
def test_a_loss_reaches_only_what_can_bear_it(pots: str, place: str) -> None:
    assert refused(f"{ACCOUNTS}{INCOME}{WORK}{pots}") == place


def test_numbers_and_amounts_have_one_form_each() -> None:
    said = (
        'half_life = "6", floor = "50", cap = "1/3 of pay", throttle = "3/2", minimum = "10.5", over = "rest", '
        'into = { balance = "@dues", loan = "rest" }, who = { hours = ">= 16", standing = "member", tenure = "<= 9" }'
    )
    how: Any = parse(with_work(f"{SHARE}, {said}")).pots["work"].how

    assert how.among.half_life == 6
    assert (how.cap.of_pay, how.cap.portion.value) == (True, Fraction(1, 3))
    assert how.throttle == Fraction(3, 2)
    assert [amount.minor(2) for amount in how.amounts()] == [5000, 1050]
    assert [(name, part and part.value) for name, part in how.into] == [("balance", Fraction(1, 20)), ("loan", None)]
    assert how.among.who.standing == ("member",)


def test_the_catalogue_knows_what_is_counted_in_minutes_money_and_pieces() -> None:
    text = (
        'points.all = { hour = 10, review = "4", shift = { points = 3, per = "30m" }, call = { claim = "9.00" }, '
        'sale = { points = 25, per = "1000.00" }, deal = { points = 1, per = "100", when = "paid" } }\n'
    )
    all_kinds: Any = parse(f"{text}{INCOME}{WORK}").points["all"]

    assert {name: kind.per for name, kind in all_kinds.items()} == {
        "hour": (60, MINUTE),
        "review": (1, PIECE),
        "shift": (30, MINUTE),
        "call": (1, PIECE),
        "sale": (1000, MONEY),
        "deal": (100, MONEY),
    }
    call = all_kinds["call"]
    assert (call.points, call.claim.text, call.life) == (None, "9.00", "until paid")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (with_work(f'{SHARE}, floor = "1.005"'), "work"),
        (with_work(f'{SHARE}, cap = "1.005"'), "work"),
        (with_lines('part = "1%", to = "fund", until = { account = "fund", level = "5.001" }'), "income"),
        (f'points.code.hour = {{ claim = "1.005" }}\n{INCOME}{WORK}', "points.code"),
        (f'points.code.deal = {{ points = 1, per = "1.000" }}\n{INCOME}{WORK}', "points.code"),
    ],
)
def test_an_amount_has_no_more_decimals_than_the_currency(text: str, place: str) -> None:
    rule = parse(text)
    check_decimals(rule, 3)

    with pytest.raises(RuleError) as error:
        check_decimals(rule, 2)
    assert error.value.pot == place


def test_the_order_a_rule_is_written_in_does_not_matter() -> None:
    pots = [ACCOUNTS, POINTS, INCOME, WORK, 'title = "Ours"\n']

    assert parse("".join(pots[-1:] + pots[:-1])) == parse("".join(pots[:1:-1] + pots[:2]))


@pytest.mark.parametrize("path", BYLAWS, ids=lambda path: path.stem)
def test_by_laws_are_said_and_run(path: Path) -> None:
    rule = parse(path.read_text("utf-8"))
    facts = {
        "currency": "EUR",
        "exponent": 2,
        "amount": "1000.00",
        "receipts": [{"amount": "1200.00"}],
        "accounts": {"reserve": "5000.00"} if "reserve" in rule.accounts else {},
        "members": {"loan": {"ana": "500.00"}} if "loan" in rule.accounts else {},
        "people": {"ana": {"standing": "member", "pay": "900.00"}},
        "items": [{"who": "ana", "role": role, "kind": "hour", "qty": 20} for role in rule.points or ["any"]],
    }
    for start in ("income", "surplus", "loss"):
        answer = tried(path.read_text("utf-8"), json.dumps({**facts, "start": start}))

        assert ("refused" in answer) == (start not in rule.pots)
        assert len(sentences(rule)) == len(rule.pots)


@pytest.mark.parametrize("exponent", [0, 2, 3])
def test_the_rule_of_a_new_cooperative_fits_every_currency(exponent: int) -> None:
    rule = parse(DEFAULT)
    check_decimals(rule, exponent)

    assert rule.accounts["reserve"].kind == "indivisible"
    assert sorted(rule.points) == ["care", "code", "community", "sales"]
    assert all(kinds["hour"].points == 10 for kinds in rule.points.values())
    assert rule.points["code"]["commit"].points == 0
    assert rule.points["sales"]["deal"].per == (Fraction(1000), MONEY)


def test_the_folder_is_the_register_and_its_texts_are_for_members() -> None:
    assert names() == ["fill", "share", "split"]
    for name in names():
        assert (verb(name).__doc__ or "").split(":")[0].lower() == name
    with pytest.raises(Usage):
        verb("os")


def test_the_package_offers_what_others_rely_on() -> None:
    assert rules.parse(DEFAULT).title == "Share rule"
    assert issubclass(rules.RuleError, Refused)
    assert rules.RuleError("work", "No.").exit_code == 6
