"""No rule and no facts jam a ledger: whatever is too much is refused in words, and every run has an answer."""

import json
import random
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count, pairwise
from typing import Any

import msgspec
import pytest

from governance.facts import TEXT_MAX
from governance.rule import Rule, flow
from governance.rule_parse import RULE_MAX
from governance.rule_values import hidden, percent, spelled
from governance.rules import RuleError, parse
from governance.run import run
from governance.run_facts import Facts, Item, Receipt, Result
from ledger.money import AMOUNT_MAX
from ledger.private import show
from payouts.compute import Computed, digest, read, write
from payouts.kept import Pin
from payouts.taken_off.deductions import Deducted
from tests.trial import tried

HEX = "0x" + "f" * 4000
NOTHING = Deducted(withheld={}, set_off={})
NINES = "9" * 981
INCOME = 'income = { split = [ { part = "rest", to = "work" } ] }\n'
WORK = 'work = { share = "points", rest = "carry" }\n'
RULE = 'accounts = { loan = "member" }\nincome = { share = "equal", rest = "carry" }\n'


def refused(text: str) -> RuleError:
    """How a rule is refused; every refusal can be said on a terminal and stays short."""
    with pytest.raises(RuleError) as error:
        parse(text)
    for said in (error.value.message, error.value.hint, error.value.pot):
        assert not hidden(said)
        assert len(said) < 2000
    return error.value


def with_work(keys: str) -> str:
    return f"points.code.hour = 10\n{INCOME}work = {{ {keys} }}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"points.code.hour = {HEX}\n{INCOME}{WORK}", "points.code"),
        (f'points.code.hour = "{NINES}"\n{INCOME}{WORK}', "points.code"),
        (f"points.code.hour = 1_000_000_001\n{INCOME}{WORK}", "points.code"),
        (f"points.code.sale = {{ points = 1, per = {HEX} }}\n{INCOME}{WORK}", "points.code"),
        (f'points.code.sale = {{ points = 1, per = "{NINES}" }}\n{INCOME}{WORK}', "points.code"),
        (f'points.code.sale = {{ points = 1, per = "1000000001" }}\n{INCOME}{WORK}', "points.code"),
        (f'points.code.sale = {{ claim = "{NINES}.00" }}\n{INCOME}{WORK}', "points.code"),
        (f'ask.rate = {{ now = "1/{NINES}", min = "0", max = "1" }}\n{INCOME}{WORK}', "ask.rate"),
        (with_work(f'share = "points", half_life = {HEX}, rest = "carry"'), "work"),
        (
            with_work(f'share = "points", half_life = -{HEX[2:6]}0000000, rest = "carry"'.replace("ffff", "9999")),
            "work",
        ),
        (with_work(f'share = "points", look_back = "{NINES}", rest = "carry"'), "work"),
        (with_work(f'share = "points", who = {{ hours = ">= {NINES}" }}, rest = "carry"'), "work"),
        (with_work('share = "points", who = { hours = ">= 1000000001" }, rest = "carry"'), "work"),
        (with_work(f'share = "points", throttle = "{NINES}/2", rest = "carry"'), "work"),
        (with_work(f'share = "points", cap = "0.{NINES}%", rest = "carry"'), "work"),
        (with_work(f'share = "points", floor = "{"0" * 20}1", rest = "carry"'), "work"),
        (with_work(f'share = "points", rest = {HEX}'), "work"),
        (with_work('share = "points", cap = "1/1000000000001", rest = "carry"'), "work"),
    ],
    ids=count(),
)
def test_a_number_nobody_would_write_is_refused_at_its_place(text: str, place: str) -> None:
    assert refused(text).pot == place


def test_numbers_of_the_greatest_length_are_taken() -> None:
    rule = parse(
        with_work(
            'share = "points", half_life = 1000000000, cap = "999999999998/999999999999", '
            'floor = "90071992547409.91", throttle = "999999999999/7", rest = "carry"'
        )
    )

    assert rule.pots["work"].how.amounts()[0].minor(2) == AMOUNT_MAX


def test_twenty_lines_of_parts_that_nobody_could_add_up_are_refused() -> None:
    lines = ", ".join(f'{{ part = "1/{int(NINES) - at}", to = "work" }}' for at in range(20))

    assert refused(f'income = {{ split = [ {lines}, {{ part = "rest", to = "work" }} ] }}\n{WORK}').pot == "income"


ZERO = '{ part = "0", to = "work" }'


def chain(pots: int) -> str:
    """A rule whose money passes so many pots one after another, and a loss as well."""
    first, *others = [f"p{at}" for at in range(pots - 2)]
    rows = [f'{one} = {{ split = [ {{ part = "rest", to = "{to}" }} ] }}' for one, to in pairwise([first, *others])]
    starts = [f'{one} = {{ split = [ {{ part = "rest", to = "{first}" }} ] }}' for one in ("income", "loss")]
    return "\n".join([*starts, *rows, f'{others[-1]} = {{ split = [ {{ part = "rest", to = "carry" }} ] }}'])


def each(line: str, times: int = 201) -> str:
    """So many lines that differ by a number."""
    return ", ".join(line.replace("#", str(at)) for at in range(times))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (chain(201), "rule"),
        (f"accounts = {{ {each('a# = 1')} }}\n{INCOME}{WORK}".replace("= 1,", '= "fund",'), "accounts"),
        (f"points.code = {{ {each('k# = 1')} }}\n{INCOME}{WORK}", "points.code"),
        (f"points = {{ {each('r#.hour = 1')} }}\n{INCOME}{WORK}", "points"),
        (f"points.a = {{ {each('k# = 1', 101)} }}\npoints.b = {{ {each('k# = 1', 100)} }}\n{INCOME}{WORK}", "points"),
        (f"income = {{ split = [ {each(ZERO)} ] }}\n{WORK}", "income"),
        (f"income = {{ fill = [ {each(ZERO)} ] }}\n{WORK}", "income"),
    ],
    ids=count(),
)
def test_more_than_members_could_read_is_refused(text: str, place: str) -> None:
    assert refused(text).pot == place


def seconds(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def test_a_long_chain_of_pots_is_read_at_once() -> None:
    assert seconds(lambda: parse(chain(200))) < 1
    assert seconds(lambda: refused(chain(1400))) < 1


def test_pots_stand_after_all_that_feed_them_and_by_name_where_several_are_ready() -> None:
    chance = random.Random(3)
    for _ in range(50):
        names = chance.sample([f"p{at}" for at in range(30)], 12)
        onward = {one: set(chance.sample(names[at + 1 :], min(2, 11 - at))) for at, one in enumerate(names)}

        assert flow(onward) == list(by_hand(onward))


def by_hand(onward: dict[str, set[str]]) -> Iterator[str]:
    """The order as the language says it: of those ready, the first by name."""
    ahead = set(onward)
    while ahead:
        ready = min(one for one in ahead if not any(one in onward[other] for other in ahead))
        ahead.remove(ready)
        yield ready


def test_only_pots_of_a_circle_are_named_not_those_behind_it() -> None:
    pots = {"income": "m", "m": "z", "z": "m"}
    rows = [f'{one} = {{ split = [ {{ part = "1/2", to = "a" }}, {{ part = "rest", to = "{to}" }} ] }}'
            for one, to in pots.items()]  # fmt: skip

    assert refused("\n".join([*rows, 'a = { split = [ { part = "rest", to = "carry" } ] }'])).pot == "m"


DEEP = ".".join(["a"] * 3000)


@pytest.mark.parametrize(
    "text",
    [
        f"{DEEP} = 1",
        f"[{DEEP}]\nb = 1",
        ".".join(["a"] * 400) + " = 1",
        ".".join(["a"] * 400) + " = 1.5",
        f"x = {'[' * 3000}",
        f"x = {'[' * 200}{']' * 200}",
        f"x = {'{ a = ' * 3000}",
        f"x = {'{ a = ' * 200}1{' }' * 200}",
        ".".join(["a"] * 500_000) + " = 1",
        "[" * 1_000_000,
        f'title = "{"a" * 1_000_000}"',
        "a = 1\n" * 200_000,
        "[[x]]\n" * 9_000,
        "a" + " " * 59_000,
        'x = """' + '""\\"' * 14_000 + '"""',
        "x = " + "9" * 5_000,
        "\n".join(f"k{at} = 1" for at in range(6_000)),
        'title = "\ud800"',
        "# \ud800",
    ],
    ids=count(),
)
def test_an_absurd_rule_is_refused_quickly_and_in_words(text: str) -> None:
    assert seconds(lambda: refused(text)) < 1


def test_a_rule_may_be_as_long_as_a_text_that_is_put_down() -> None:
    assert RULE_MAX == TEXT_MAX
    assert parse(f"{INCOME}{WORK}#{' ' * 59_000}")


@pytest.mark.parametrize("letter", ["\\u0000", "\\u001b", "\\u200b", "\\u202e", "\\u00ad", "\\u2028", "\\u115f", "\\n"])
def test_names_with_letters_that_cannot_be_seen_are_refused_at_their_place(letter: str) -> None:
    name = f'"wo{letter}rk"'

    assert "is not a name" in refused(f'{INCOME}{WORK}{name} = {{ share = "equal", rest = "carry" }}').why
    assert refused(f'accounts = {{ {name} = "fund" }}\n{INCOME}{WORK}').pot.startswith("accounts.wo\\")
    assert refused(f"points.{name}.hour = 1\n{INCOME}{WORK}").pot.startswith("points.wo\\")
    assert refused(f"points.code = {{ {name} = 1 }}\n{INCOME}{WORK}").pot == "points.code"
    assert refused(with_work(f'share = "points", who = {{ standing = {name} }}, rest = "carry"')).pot == "work"
    assert refused(with_work(f'share = "points", circle = {name}, rest = "carry"')).pot == "work"
    assert refused(with_work(f'share = "points", {name} = 1, rest = "carry"')).pot == "work"


@pytest.mark.parametrize("name", ["", " ", " work", "work ", "two  words", "two\u00a0words", "a" * 61])
def test_a_name_is_not_blank_nor_long_nor_another_in_disguise(name: str) -> None:
    assert refused(f'accounts = {{ "{name}" = "fund" }}\n{INCOME}{WORK}').pot.startswith("accounts.")


def test_names_in_any_letters_are_names() -> None:
    rule = parse(f'accounts = {{ "Rücklage 2" = "fund", "基金" = "fund", "{"ä" * 60}" = "fund" }}\n{INCOME}{WORK}')

    assert len(rule.accounts) == 3


def test_a_letter_is_hidden_exactly_where_showing_it_would_change_it() -> None:
    for code in (*range(0x20000), *range(0xE0000, 0xE0200)):
        assert hidden(chr(code)) == (show(f"a{chr(code)}b") != f"a{chr(code)}b"), hex(code)


@pytest.mark.parametrize(
    "facts",
    [
        {"seed": "\ud800"},
        {"items": [{"who": "\ud800", "qty": 1}]},
        {"people": {"\ud800": {}}},
        {"carried": {"\ud800": "1.00"}},
        {"currency": [[]] * 3},
        {"amount": "0" * 20 + "1"},
        {"amount": "9" * 4000},
        {"receipts": [{"amount": "90071992547409.91"}, {"amount": "0.01"}]},
        {"balances": {"ana": "90071992547409.91"}, "carried": {"income": "-0.01"}},
        {"items": [{"who": "ana", "qty": "1/1000000000001"}]},
        {"items": [{"who": "ana", "qty": "0." + "3" * 13}]},
        {"items": [{"who": "ana", "qty": int("9" * 21)}]},
        {"people": {"ana": {"tenure": 10**9 + 1}}},
        {"debts": {"income": {"ana": 2**53}}},
        {"debts": {"income": {"ana": -(2**53)}}},
        {"receipts": [{"amount": "1.00", "deals": {f"p{at}": f"1/{10**12 - at - 1}" for at in range(400)}}]},
    ],
    ids=count(),
)
def test_facts_that_nothing_could_be_computed_from_are_refused_as_facts(facts: Any) -> None:
    answer = tried(RULE, json.dumps({"currency": "EUR", "exponent": 2, **facts}))["refused"]

    assert answer["pot"] == "facts"
    assert answer["why"].encode()
    assert not hidden(answer["why"])


@pytest.mark.parametrize("depth", [100, 900, 950, 980, 990, 5000])
def test_facts_nested_however_deep_are_refused_as_facts(depth: int) -> None:
    text = f'{{"currency": {"[" * depth}{"]" * depth}, "exponent": 2}}'

    assert tried(RULE, text)["refused"]["pot"] == "facts"


def numbers(value: Any) -> Iterator[int]:
    """Every int in a result, however deep."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, int):
        yield value


def all_bounded(result: Result) -> bool:
    plain = msgspec.to_builtins(result, enc_hook=lambda _: None)
    return all(abs(number) <= AMOUNT_MAX for number in numbers(plain))


CLAIMS = (
    'points.care = { piece = { claim = "30.00" }, gig = { claim = "30.00", life = "once" } }\n'
    'income = { share = "claims", rest = "carry" }'
)


def claimed(rule: Rule, kind: str, **facts: Any) -> Result:
    items = (Item(who="ana", role="care", kind=kind, qty=Fraction(AMOUNT_MAX)),)
    return run(rule, Facts(currency="EUR", exponent=2, items=items, **facts))


def test_open_claims_stop_at_the_greatest_amount_that_can_be_booked() -> None:
    rule = parse(CLAIMS)
    result = claimed(rule, "piece")
    again = claimed(rule, "piece", open={"income": {"ana": AMOUNT_MAX, "bela": 3 * AMOUNT_MAX}}, amount=100)

    assert result.open == {"income": {"ana": AMOUNT_MAX}}
    assert again.open["income"]["ana"] == AMOUNT_MAX - again.balances["ana"]
    assert again.open["income"]["bela"] <= AMOUNT_MAX
    assert all_bounded(result)
    assert all_bounded(again)


def test_claims_for_once_beyond_all_money_are_paid_as_far_as_it_goes() -> None:
    result = claimed(parse(CLAIMS), "gig", amount=AMOUNT_MAX)

    assert result.balances == {"ana": AMOUNT_MAX}
    assert result.open == {}
    assert all_bounded(result)


def test_claims_kept_by_who_takes_no_part_stop_there_too() -> None:
    rule = parse(CLAIMS.replace("rest", 'who = { standing = "member" }, rest'))

    assert claimed(rule, "piece", open={"income": {"bela": 2**60}}).open == {"income": {"bela": AMOUNT_MAX}}


def test_rounding_debts_stop_there_too() -> None:
    rule = parse('income = { share = "equal", rest = "carry" }')
    debts = {"income": {"ana": AMOUNT_MAX, "bela": -AMOUNT_MAX, "chidi": 0}, "old": {"ana": 2**62}}
    people = {"ana": 0, "bela": 0, "chidi": 0}
    result = run(rule, Facts(currency="EUR", exponent=2, amount=1, debts=debts, balances=people))

    assert result.debts["old"] == {"ana": AMOUNT_MAX}
    assert all_bounded(result)


def computed(rule: Rule, facts: Facts) -> Computed:
    pin = Pin(size=1, root="", rule="", money=[], sellers={}, people={})
    result = run(rule, facts)
    return Computed(
        period="2026-10", rule="", digest=digest("2026-10", pin, result, NOTHING), pin=pin, facts=facts, result=result
    )


def test_a_run_of_odd_claims_can_be_signed_for_and_kept() -> None:
    items = (Item(who="ana", role="care", kind="piece", qty=Fraction(AMOUNT_MAX)),)
    found = computed(parse(CLAIMS), Facts(currency="EUR", exponent=2, amount=5, items=items))

    assert read(write(found)) == found


def test_four_hundred_deals_sold_by_two_people_can_be_signed_for_and_kept() -> None:
    """Their parts come to fractions of thousands of digits, longer than Python writes out."""
    chance = random.Random(1)
    receipts = []
    for _ in range(400):
        ana, bela = chance.randrange(2**52, 2**53) | 1, chance.randrange(2**52, 2**53)
        parts = {"ana": Fraction(ana, ana + bela), "bela": Fraction(bela, ana + bela)}
        receipts.append(Receipt(amount=chance.randrange(1, 10**6), deals=parts))
    rule = parse('income = { share = "deals", rest = "carry" }')
    found = computed(rule, Facts(currency="EUR", exponent=2, receipts=tuple(receipts)))
    weight = found.result.steps[0].parts[0].weight

    assert weight is not None
    with pytest.raises(ValueError, match="4300 digits"):
        str(weight)
    assert read(write(found)) == found
    assert spelled(weight).endswith("…")


def test_a_run_kept_by_an_earlier_day_is_still_read() -> None:
    """Short fractions lie on the shelf as they always did."""
    rule = parse('income = { share = "points", rest = "carry" }\npoints.code.hour = 7')
    items = (
        Item(who="ana", role="code", kind="hour", qty=Fraction(1069, 60)),
        Item(who="bela", role="code", kind="hour", qty=Fraction(25, 2)),
    )
    found = computed(rule, Facts(currency="EUR", exponent=2, amount=10_000, items=items))
    as_before = msgspec.msgpack.encode(found, enc_hook=str)

    assert write(found) == as_before
    assert read(as_before) == found


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0"),
        (12, "12"),
        (Fraction(-1069, 6), "-1069/6"),
        (Fraction(10**100, 3 * 10**100), "1/3"),
        (Fraction(10**99, 3 * 10**99 + 1), "0.3333333333…"),
        (-7 + Fraction(1, 10**5000), "-6.9999999999…"),
        (10**5000, "10^4999…"),
        (Fraction(-(10**5000), 7), "-10^4998…"),
    ],
    ids=count(),
)
def test_an_exact_number_is_spelled_however_long_it_is(number: Fraction, said: str) -> None:
    assert spelled(number) == said


def test_a_percentage_is_spelled_however_long_it_is() -> None:
    assert percent(Fraction(10**4999, 10**5000 + 1)) == "0.0999999999…"
