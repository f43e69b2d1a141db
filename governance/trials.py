"""A rule tried on facts from a file, shown to people: who would get what from which pot, and what lies where then."""

from collections.abc import Mapping
from typing import Any

from governance.rule_values import RuleError
from governance.rules import parse
from governance.telling import grouped
from governance.trying import answer
from governance.trying_facts import read_facts
from governance.versions import refuse
from ledger.doors import Desk
from ledger.looks import table
from ledger.private import show
from ledger.reading import text_in

Cell = tuple[str, ...]


def try_on_facts(desk: Desk, rule_file: str, facts_file: str) -> None:
    """One run of a rule on facts, without any ledger."""
    rule_text, facts_text = text_in(rule_file), text_in(facts_file)
    try:
        data = answer(parse(rule_text), facts_text)
    except RuleError as error:
        refuse(desk, error)
    if desk.json:
        desk.answer(data)
        return
    desk.answer(data, *tables(data, read_facts(facts_text).currency))


def tables(data: Mapping[str, Any], currency: str) -> list[Any]:
    """The answer of a trial as tables: how the money flowed, and where it lies afterwards."""
    flows = [
        (line["pot"], show(line["to"]), line.get("account", ""), grouped(line["amount"])) for line in data["lines"]
    ]
    after = [(*place, grouped(amount)) for *place, amount in _places(data)]
    heads = ("From", "To", "Onto", currency)
    drawn = [table(heads, flows, right=(currency,)) if flows else "No money flows."]
    return [*drawn, table(("After the run", "", currency), after, right=(currency,))] if after else drawn


def _places(data: Mapping[str, Any]) -> list[Cell]:
    """Where money lies after the run: (what, whose, amount)."""
    found: list[Cell] = [(f"pot {pot}", "", amount) for pot, amount in data["carried"].items()]
    found += [(f"account {account}", "", amount) for account, amount in data["accounts"].items()]
    for account, held in data["members"].items():
        found += [(f"account {account}", show(person), amount) for person, amount in held.items()]
    found += [("balance", show(person), amount) for person, amount in data["balances"].items()]
    for pot, claims in data["open"].items():
        found += [(f"open claims of {pot}", show(person), amount) for person, amount in claims.items()]
    return found
