"""What holds for every rule and all facts: no cent is lost, nobody gets a minus, and order does not matter."""

import random
from fractions import Fraction
from math import ceil, floor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from governance.rates import shares, shares_over
from governance.rules import names, parse
from governance.run import run
from governance.run_facts import Facts, Item, Person, Receipt, Result, Thanks

PEOPLE = ("ana", "bela", "chidi", "dilek", "eli", "fatma")
ROLES, KINDS = ("code", "care"), ("hour", "review", "visit")

HEAD = (
    'accounts = { reserve = "indivisible", fund = "fund", dues = "owed", loan = "member", capital = "member" }\n'
    'points.code = { hour = { points = 10, claim = "12.34" }, review = 4 }\n'
    'points.care = { hour = 7, visit = { points = 3, claim = "9.99", life = "once", per = "30m" } }\n'
    'surplus = { share = "points", rest = "carry" }\n'
)

people = st.sampled_from(PEOPLE)
cents = st.integers(0, 10**7)
ages = st.integers(0, 9)
quantities = st.fractions(0, 200, max_denominator=60)
percents = st.fractions(0, Fraction(1, 4), max_denominator=40)
amounts = cents.map(lambda value: f'"{value // 100}.{value % 100:02}"')


def some(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), strategy)


caps = st.one_of(amounts, percents.map(lambda part: f'"{part}"'), percents.map(lambda part: f'"{part} of pay"'))
limits = st.tuples(
    some(amounts.map(lambda amount: f", floor = {amount}")),
    some(caps.map(lambda cap: f", cap = {cap}")),
    some(st.just(', throttle = "3/2"')),
    some(st.just(', over = "rest"')),
    some(st.sampled_from([', into = "loan"', ', into = { balance = "1/3", loan = "1/7", capital = "rest" }'])),
    some(st.just(', roles = ["code"]')),
    some(st.just(', circle = "berlin"')),
    some(st.just(', who = { hours = ">= 3", leavers = true }')),
    st.sampled_from([', rest = "carry"', ', rest = "reserve"', ', rest = "result"']),
).map("".join)
weights = st.one_of(
    st.sampled_from(["equal", "pay", "deals", "claims", "capital"]).map(lambda weight: f'share = "{weight}"'),
    st.builds(
        'share = "{}"{}'.format,
        st.sampled_from(["points", "hours"]),
        st.sampled_from(["", ", half_life = 3", ", look_back = 4", ", balanced = true"]),
    ),
    st.sampled_from(["", ", half_life = 2"]).map('share = "thanks"{}'.format),
)
shared = st.builds("{}{}".format, weights, limits)

places = st.sampled_from(["reserve", "fund", "dues", "carry", "result"])
bounds = st.sampled_from(["", "", "", ">= ", "<= "])
bases = st.sampled_from(["", "", ', of = "left"', ', of = "receipts"', ', of = "deals"'])
lines = st.lists(st.builds('{{ part = "{}{}", to = "{}"{} }}'.format, bounds, percents, places, bases), max_size=4)
divided = st.builds('split = [ {}, {{ part = "rest", to = "{}" }} ]'.format, lines.map(", ".join), places).map(
    lambda text: text.replace("[ , ", "[ ")
)
level = 'until = {{ account = "fund", level = {} }}'
filled = st.builds(
    f'fill = [ {{{{ to = "reserve", up_to = {{}} }}}}, {{{{ to = "fund", {level} }}}}, {{{{ to = "{{}}" }}}} ]'.format,
    amounts,
    amounts,
    places,
)
verbs = {"share": shared, "split": divided, "fill": filled}

items = st.lists(
    st.builds(
        Item,
        who=people,
        role=st.sampled_from(ROLES),
        kind=st.sampled_from(KINDS),
        qty=quantities,
        age=ages,
        circle=st.sampled_from(["", "berlin", "berlin/support"]),
        gift=st.booleans(),
        disputed=st.booleans(),
    ),
    max_size=12,
).map(tuple)
by_person = st.dictionaries(people, cents, max_size=6)
persons = st.builds(
    Person,
    left=st.booleans(),
    pay=cents,
    last=st.fixed_dictionaries({"income": cents}),
    paid=st.fixed_dictionaries({"income": cents}),
)
facts = st.builds(
    Facts,
    currency=st.just("EUR"),
    exponent=st.just(2),
    amount=cents,
    receipts=st.lists(
        st.builds(Receipt, amount=cents, deals=st.sampled_from([{}, {"ana": Fraction(1, 3), "bela": Fraction(2, 3)}])),
        max_size=3,
    ).map(tuple),
    carried=st.fixed_dictionaries({"income": cents}),
    accounts=st.fixed_dictionaries({"reserve": cents, "fund": cents}),
    members=st.fixed_dictionaries({"loan": by_person, "capital": by_person}),
    balances=by_person,
    debts=st.fixed_dictionaries({"income": st.dictionaries(people, st.integers(-(10**9), 10**9), max_size=6)}),
    seed=st.sampled_from(["2026-10", "2026-11"]),
    people=st.dictionaries(people, persons, max_size=6),
    items=items,
    thanks=st.lists(st.builds(Thanks, giver=people, to=people, age=ages), max_size=8).map(tuple),
    open=st.fixed_dictionaries({"income": by_person}),
)


def all_money(state: Facts | Result) -> int:
    """Everything that lies anywhere."""
    nested = sum(sum(held.values()) for held in state.members.values())
    return nested + sum(sum(flat.values()) for flat in (state.carried, state.accounts, state.balances))


def pot(text: str) -> str:
    return f"{HEAD}income = {{ {text} }}"


def test_every_verb_of_the_folder_is_tried() -> None:
    assert sorted(verbs) == names()


@settings(max_examples=200)
@given(st.one_of(*verbs.values()), facts)
def test_no_cent_is_lost_or_made_and_nobody_gets_a_minus(text: str, given_facts: Facts) -> None:
    result = run(parse(pot(text)), given_facts)

    assert all_money(result) - all_money(given_facts) == given_facts.amount
    assert all(line.amount > 0 for line in result.lines)


@settings(max_examples=200)
@given(shared, facts)
def test_every_share_is_the_floor_or_the_ceiling_of_its_exact_part(text: str, given_facts: Facts) -> None:
    step = run(parse(pot(text)), given_facts).steps[0]

    assert sum(part.amount for part in step.parts) == step.amount
    for part in step.parts:
        assert floor(part.exact) <= part.amount <= ceil(part.exact)
        assert part.exact >= 0
        if part.weight is not None:
            drift = (part.exact - part.amount) * 10**9 - (part.debt_after - part.debt_before)
            assert 0 <= drift < 1


@settings(max_examples=100)
@given(divided, facts)
def test_every_plain_part_is_the_floor_or_the_ceiling_and_a_first_line_no_more_than_it_asks(
    text: str, given_facts: Facts
) -> None:
    rule = parse(pot(text))
    step = run(rule, given_facts).steps[0]
    how: Any = rule.pots["income"].how
    first = [line for line in how.lines if line.part is not None and not line.plain]

    for line, part in zip(first, step.parts, strict=False):
        # "At least" rounds up, all else down; none gives more than there is.
        assert part.amount <= (ceil(part.exact) if line.bound == ">=" else floor(part.exact))
    for part in step.parts[len(first) :]:
        assert floor(part.exact) <= part.amount <= ceil(part.exact)
    assert sum(part.amount for part in step.parts) == step.amount


@settings(max_examples=100)
@given(limits, facts)
def test_nobody_gets_more_than_they_claim_and_what_is_open_is_what_is_not_paid(text: str, given_facts: Facts) -> None:
    rule = parse(pot(f'share = "claims"{text}'))
    before, result = given_facts.open["income"], run(rule, given_facts)
    paid = {part.to: part.amount for part in result.steps[0].parts if part.weight is not None}
    weights = {part.to: part.weight for part in result.steps[0].parts if part.weight is not None}

    for name, amount in paid.items():
        assert amount <= weights[name]
        assert 0 <= result.open.get("income", {}).get(name, 0) <= weights[name] - amount
    for name in before.keys() - paid.keys():
        assert result.open.get("income", {}).get(name, 0) >= before[name]


@settings(max_examples=50)
@given(st.one_of(*verbs.values()), divided, facts, st.randoms(use_true_random=False))
def test_the_order_of_tables_does_not_matter_and_a_run_is_the_same_again(
    text: str, other: str, given_facts: Facts, chance: random.Random
) -> None:
    tables = [*HEAD.splitlines(), f"income = {{ {text} }}", f"more = {{ {other} }}"]
    tables.append('loss = { split = [ { part = "1/3", to = "fund" }, { part = "rest", to = "reserve" } ] }')
    tables[3] = 'surplus = { split = [ { part = "1/2", to = "more" }, { part = "rest", to = "all" } ] }'
    tables.append('all = { share = "points", rest = "carry" }')
    rule = parse("\n".join(tables))
    mixed = parse("\n".join(chance.sample(tables, len(tables))))

    for start in ("income", "surplus"):
        facts_of_start = replace(given_facts, start=start)
        assert run(mixed, facts_of_start) == run(rule, facts_of_start) == run(rule, facts_of_start)


@settings(max_examples=100)
@given(st.one_of(*verbs.values()), facts, st.randoms(use_true_random=False))
def test_the_order_of_people_and_of_what_they_did_does_not_matter(
    text: str, given_facts: Facts, chance: random.Random
) -> None:
    def mixed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: mixed(value[key]) for key in chance.sample(sorted(value), len(value))}
        return tuple(chance.sample(value, len(value))) if isinstance(value, tuple) else value

    rule = parse(pot(text))
    other = Facts(**{name: mixed(getattr(given_facts, name)) for name in Facts.__struct_fields__})

    assert run(rule, other) == run(rule, given_facts)


@settings(max_examples=100)
@given(
    st.dictionaries(st.sampled_from(["reserve", "fund", "dues", "carry"]), percents, min_size=2),
    cents,
    st.randoms(use_true_random=False),
)
def test_the_order_of_plain_parts_does_not_matter(
    parts: dict[str, Fraction], amount: int, chance: random.Random
) -> None:
    def split(order: list[str]) -> Result:
        rows = [f'{{ part = "{parts[to]}", to = "{to}" }}' for to in order]
        rows.insert(chance.randint(0, len(rows)), '{ part = "rest", to = "fund" }')
        return run(parse(pot(f"split = [ {', '.join(rows)} ]")), Facts(currency="EUR", exponent=2, amount=amount))

    one, other = split(sorted(parts)), split(chance.sample(sorted(parts), len(parts)))
    assert (one.lines, one.debts) == (other.lines, other.debts)


@settings(max_examples=150)
@given(
    st.integers(1, 10**6),
    st.dictionaries(people, st.fractions(Fraction(1, 50), 100, max_denominator=50), min_size=1),
    st.integers(0, 10**5),
    st.dictionaries(people, st.integers(0, 10**6)),
)
def test_one_rate_holds_for_everybody_between_floor_and_cap(
    amount: int, weights: dict[str, Fraction], least: int, limits: dict[str, int]
) -> None:
    caps = {name: cap for name, cap in limits.items() if name in weights}
    exact = shares(amount, weights, least, caps)
    over = shares_over(amount, weights, least, caps)

    floors = {name: min(least, caps.get(name, least)) for name in weights}
    assert sum(exact.values()) == min(amount, sum(caps.values())) if len(caps) == len(weights) else amount
    assert all(exact[name] <= cap and over[name] <= cap for name, cap in caps.items())
    if sum(floors.values()) <= amount:
        assert all(exact[name] >= floors[name] for name in weights)
        free = {name for name in weights if floors[name] < exact[name] < caps.get(name, amount + 1)}
        assert len({exact[name] / weights[name] for name in free}) <= 1
    assert sum(over.values()) <= amount


@settings(max_examples=100)
@given(st.integers(1, 10**7), facts, st.booleans())
def test_a_loss_is_taken_whole_and_empties_no_account_below_zero(amount: int, given_facts: Facts, capped: bool) -> None:
    rule = parse(
        f"{HEAD}income = {{ {'fill'} = [ {{ to = 'result' }} ] }}\n"
        'loss = { split = [ { part = "1/3", to = "fund" }, { part = ">= 1/2", of = "left", to = "reserve" }, '
        '{ part = "rest", to = "people" } ] }\n'
        f'people = {{ share = "points", into = "loan"{", balanced = true" if capped else ""}, rest = "fund" }}'
    )
    facts_of_loss = Facts(
        **{name: getattr(given_facts, name) for name in Facts.__struct_fields__ if name not in ("start", "amount")},
        start="loss",
        amount=amount,
    )
    result = run(rule, facts_of_loss)

    assert all_money(given_facts) - all_money(result) == amount
    assert all(line.amount < 0 for line in result.lines)
    assert all(held >= 0 for name, held in result.accounts.items() if name != "result")
    assert all(held >= 0 for held in result.members.get("loan", {}).values())
    assert (result.carried, result.balances) == (
        {name: held for name, held in given_facts.carried.items() if held},
        {name: held for name, held in given_facts.balances.items() if held},
    )


@settings(max_examples=100)
@given(st.lists(cents, min_size=1, max_size=6), amounts)
def test_how_the_money_came_in_makes_no_difference_to_a_level(deposits: list[int], height: str) -> None:
    rule = parse(pot(f'fill = [ {{ to = "fund", {level.format(height)} }}, {{ to = "reserve" }} ]'))
    accounts: dict[str, int] = {}
    for amount in deposits:
        accounts = dict(run(rule, Facts(currency="EUR", exponent=2, amount=amount, accounts=accounts)).accounts)

    assert accounts == run(rule, Facts(currency="EUR", exponent=2, amount=sum(deposits))).accounts


def test_over_the_years_rounding_takes_from_nobody() -> None:
    """Seven equal members share 0.85 a run: after every seven runs all have the same."""
    rule = parse(pot('share = "equal", rest = "carry"'))
    members = {f"m{number}": Person() for number in range(7)}
    debts: Any = {}
    given_out: dict[str, int] = {}
    for period in range(70):
        result = run(rule, Facts(currency="EUR", exponent=2, amount=85, people=members, debts=debts, seed=str(period)))
        debts = result.debts
        for name, amount in result.balances.items():
            given_out[name] = given_out.get(name, 0) + amount

    assert set(given_out.values()) == {850}


def test_a_big_cooperative_is_shared_quickly() -> None:
    """Five hundred people and thousands of sums of work come out the same whatever is drawn; it takes no time."""
    chance = random.Random(7)
    rule = parse(pot('share = "points", half_life = 6, cap = "1%", floor = "5.00", rest = "carry"'))
    work = tuple(
        Item(who=f"p{at % 500}", role="code", kind="hour", qty=Fraction(chance.randint(1, 9999), 60), age=at % 24)
        for at in range(4000)
    )
    result = run(rule, Facts(currency="EUR", exponent=2, amount=10**9, items=work))

    assert sum(result.balances.values()) + result.carried.get("income", 0) == 10**9
    assert max(result.balances.values()) <= 10**7
