"""The facts of a trial run, read from JSON: amounts in quotes, other numbers whole or in quotes, nothing guessed.

Whatever is malformed is refused with the place "facts" and the path of the value; a name that means nothing is too,
since a misspelt "receipt" would quietly be no money. All of it is bounded, so that every run has an answer.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

from governance.rule import REST
from governance.rule_values import NUMBER_MAX, WHOLE_MAX, Float, RuleError, shown, spelled
from governance.run_facts import Facts, Item, Person, Receipt, Thanks
from ledger.errors import Usage
from ledger.money import AMOUNT_MAX, parse_amount

EXPONENT_MAX = 4
AGE_MAX = 10_000
"""Runs: more than any cooperative has had, and few enough to halve a weight so often."""

_WHOLE = re.compile(r"-?[0-9]{1,20}")
_MONEY = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,12})?|[0-9]{1,12}/[0-9]{1,12}")

T = TypeVar("T")


def read_facts(text: str) -> Facts:
    """The facts of one run. Raises RuleError("facts", …) for anything that is not one."""
    given = _object("facts", _json(text), Facts.__struct_fields__)
    currency = _text("currency", given.get("currency"))
    exponent = _whole("exponent", given.get("exponent"))
    if exponent > EXPONENT_MAX:
        raise _wrong("exponent", f"is at most {EXPONENT_MAX}", given["exponent"])
    facts = _Reader(given, exponent).facts(currency)
    _check_sum(facts)
    return facts


def _check_sum(facts: Facts) -> None:
    """All money of the facts together can be booked; so can whatever a run makes of it."""
    flat = [facts.carried, facts.accounts, facts.balances, *facts.members.values()]
    held = sum(abs(amount) for amounts in flat for amount in amounts.values())
    if held + facts.gross() + facts.refunds + facts.costs + abs(facts.amount or 0) > AMOUNT_MAX:
        raise RuleError("facts", "The amounts add up to more than can be booked.", "Write smaller amounts.")


class _Reader:
    """Reads the parts of the facts; knows how many decimals an amount has."""

    def __init__(self, given: Mapping[str, Any], exponent: int) -> None:
        self.given = given
        self.exponent = exponent

    def facts(self, currency: str) -> Facts:
        given = self.given
        return Facts(
            currency=currency,
            exponent=self.exponent,
            start=_text("start", given.get("start", "income")),
            amount=self.signed("amount", given["amount"]) if "amount" in given else None,
            receipts=_list("receipts", given, self.receipt),
            refunds=self.money("refunds", given.get("refunds", "0")),
            costs=self.money("costs", given.get("costs", "0")),
            carried=self.amounts("carried", given.get("carried", {})),
            accounts=self.amounts("accounts", given.get("accounts", {})),
            members=_map("members", given.get("members", {}), self.people_amounts),
            balances=self.people_amounts("balances", given.get("balances", {})),
            debts=_map("debts", given.get("debts", {}), _debts),
            seed=_text("seed", given["seed"], empty=True) if "seed" in given else "",
            people=_named("people", _map("people", given.get("people", {}), self.person)),
            items=_list("items", given, _item),
            thanks=_list("thanks", given, _thanks),
            open=_map("open", given.get("open", {}), self.people_money),
        )

    def receipt(self, path: str, value: Any) -> Receipt:
        given = _object(path, value, ("amount", "deals"))
        deals = _named(f"{path}.deals", _map(f"{path}.deals", given.get("deals", {}), _number))
        if deals and sum(deals.values()) != 1:
            raise RuleError("facts", f"The parts of {path}.deals add up to {spelled(sum(deals.values()))}, not to 1.")
        return Receipt(amount=self.money(f"{path}.amount", given.get("amount", "0")), deals=deals)

    def person(self, path: str, value: Any) -> Person:
        given = _object(path, value, Person.__struct_fields__)
        return Person(
            standing=_text(f"{path}.standing", given.get("standing", ""), empty=True),
            tenure=_whole(f"{path}.tenure", given.get("tenure", 0)),
            left=_flag(f"{path}.left", given.get("left", False)),
            pay=self.signed(f"{path}.pay", given.get("pay", "0")),
            last=self.amounts(f"{path}.last", given.get("last", {})),
            paid=self.amounts(f"{path}.paid", given.get("paid", {})),
        )

    def amounts(self, path: str, value: Any) -> dict[str, int]:
        return _map(path, value, self.signed)

    def people_amounts(self, path: str, value: Any) -> dict[str, int]:
        return _named(path, self.amounts(path, value))

    def people_money(self, path: str, value: Any) -> dict[str, int]:
        return _named(path, _map(path, value, self.money))

    def money(self, path: str, value: Any) -> int:
        """An amount that is not negative, in minor units."""
        found = self.signed(path, value)
        if found < 0:
            raise _wrong(path, "is not negative", value)
        return found

    def signed(self, path: str, value: Any) -> int:
        """An amount, perhaps with a minus, in minor units."""
        if not _written(_MONEY, value) or len(value) > NUMBER_MAX:
            raise _wrong(path, 'is an amount in quotes, such as "12.34"', value)
        try:
            amount = parse_amount(value.removeprefix("-"), self.exponent)
        except Usage as error:
            raise RuleError("facts", f"{path}: {error.message}", error.hint) from error
        return -amount if value.startswith("-") else amount


def _item(path: str, value: Any) -> Item:
    given = _object(path, value, ("who", "role", "kind", "qty", "age", "circle", "gift", "disputed"))
    return Item(
        who=_name(f"{path}.who", given.get("who")),
        role=_text(f"{path}.role", given.get("role", ""), empty=True),
        kind=_text(f"{path}.kind", given.get("kind", ""), empty=True),
        qty=_number(f"{path}.qty", given.get("qty", 0)),
        age=_age(f"{path}.age", given.get("age", 0)),
        circle=_text(f"{path}.circle", given.get("circle", ""), empty=True),
        gift=_flag(f"{path}.gift", given.get("gift", False)),
        disputed=_flag(f"{path}.disputed", given.get("disputed", False)),
    )


def _thanks(path: str, value: Any) -> Thanks:
    given = _object(path, value, ("from", "to", "age"))
    return Thanks(
        giver=_name(f"{path}.from", given.get("from")),
        to=_name(f"{path}.to", given.get("to")),
        age=_age(f"{path}.age", given.get("age", 0)),
    )


def _debts(path: str, value: Any) -> dict[str, int]:
    return _map(path, value, _debt)


def _debt(path: str, value: Any) -> int:
    debt = _integer(path, value)
    if abs(debt) > AMOUNT_MAX:
        raise _wrong(path, f"is at most {AMOUNT_MAX}", value)
    return debt


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Float, parse_constant=_not_json, object_pairs_hook=_unique)
    except RecursionError as error:
        raise RuleError("facts", "They are nested too deep.") from error
    except ValueError as error:
        raise RuleError("facts", f"This is not JSON: {error}.") from error


def _not_json(constant: str) -> NoReturn:
    raise RuleError("facts", f"{constant} is not a number.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise RuleError("facts", f"{shown(name)} is given twice.")
        found[_whole_letters(name)] = value
    return found


def _whole_letters(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RuleError("facts", f"{shown(text)} holds half a character that no program can show.") from error
    return text


def _object(path: str, value: Any, keys: Collection[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(path, "is an object", value)
    for key in sorted(value):
        if key not in keys:
            raise RuleError("facts", f'"{key}" in {path} means nothing.', f"Known are {', '.join(sorted(keys))}.")
    return value


def _list(key: str, given: Mapping[str, Any], read: Callable[[str, Any], T]) -> tuple[T, ...]:
    value = given.get(key, [])
    if not isinstance(value, list):
        raise _wrong(key, "is a list", value)
    return tuple(read(f"{key}[{at}]", each) for at, each in enumerate(value))


def _map(path: str, value: Any, read: Callable[[str, Any], T]) -> dict[str, T]:
    if not isinstance(value, dict):
        raise _wrong(path, "is an object", value)
    return {name: read(f"{path}.{name}", each) for name, each in value.items()}


def _named(path: str, by_name: dict[str, T]) -> dict[str, T]:
    for name in by_name:
        _name(path, name)
    return by_name


def _name(path: str, value: Any) -> str:
    # A person called like the remainder would share its debts.
    if _text(path, value) == REST:
        raise _wrong(path, "is a person, and this name is reserved", value)
    return str(value)


def _text(path: str, value: Any, *, empty: bool = False) -> str:
    if not isinstance(value, str) or isinstance(value, Float) or not (value or empty):
        raise _wrong(path, "is a text", value)
    return _whole_letters(value)


def _flag(path: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "is true or false", value)
    return value


def _whole(path: str, value: Any) -> int:
    number = _integer(path, value)
    if not 0 <= number <= WHOLE_MAX:
        raise _wrong(path, f"is a whole number from 0 to {WHOLE_MAX:,}", value)
    return number


def _integer(path: str, value: Any) -> int:
    written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not _written(_WHOLE, written):
        raise _wrong(path, "is a whole number", value)
    return int(written)


def _age(path: str, value: Any) -> int:
    age = _whole(path, value)
    if age > AGE_MAX:
        raise _wrong(path, f"is at most {AGE_MAX} runs", value)
    return age


def _number(path: str, value: Any) -> Fraction:
    written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not _written(_NUMBER, written) or ("/" in written and int(written.partition("/")[2]) == 0):
        raise _wrong(path, 'is a number such as 3, "3.5" or "1/3", not below 0', value)
    return Fraction(written)


def _written(pattern: re.Pattern[str], value: Any) -> bool:
    if not isinstance(value, str) or isinstance(value, Float):
        return False
    return bool(pattern.fullmatch(value))


def _wrong(path: str, what: str, value: Any) -> RuleError:
    said = "is missing" if value is None else f"{what}, not {shown(value)}"
    return RuleError("facts", f"{path} {said}.")
