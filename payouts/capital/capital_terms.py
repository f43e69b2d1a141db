"""The terms of member accounts, as members vote them: what vests when, when money leaves, what is set off. Pure.

    [loan]
    qualified = true          # a tag for statements and taxes; no amount follows from it
    vests = 3                 # years as a member after which all of it is the member's own when they leave
    unvested = "reserve"      # where the rest goes then
    redeemed = "5 years"      # who has left is paid in equal parts at so many closes of book years; "0 years": at one
    revolve = "10 years"      # for those who stay: what a book year put there is paid out so many years later
    set_off = true            # an open advance is taken out of it first

One table for each member account of the share rule; "none" is no terms at all. The rule language stays as it is: who
gets what is the rule's, when it may leave is here.
"""

import re
import tomllib
from collections.abc import Collection
from typing import Any

from msgspec import Struct

from governance.rule import MEMBER, RESULT, Rule
from governance.rule_values import Float, RuleError
from ledger.errors import Refused

NONE = "none"
TEXT_MAX = 4_000
YEARS_MAX = 50
KEYS = ("qualified", "vests", "unvested", "redeemed", "revolve", "set_off")
_YEARS = re.compile(r"([0-9]{1,2})(?: years?)?")


class Terms(Struct, frozen=True, kw_only=True):
    """What holds of one member account. Years are whole; `redeemed` and `revolve` are None where nothing is said."""

    qualified: bool = False
    vests: int = 0
    unvested: str = ""
    redeemed: int | None = None
    revolve: int | None = None
    set_off: bool = False

    def vested(self, held: int, years: int, taken: int = 0) -> int:
        """What of an amount is the own of somebody who leaves after so many years as a member, rounded down.

        `taken` was paid out of it before, by decision: it was a part of the whole that vests, and of what has vested.
        """
        whole = (held + taken) * min(years, self.vests) // self.vests if self.vests else held + taken
        return max(0, min(held, whole - taken))

    def words(self) -> str:
        """The terms in one line: "qualified; vests over 3 years (the rest to reserve); redeemed over 5 years"."""
        said = ["qualified" if self.qualified else "non-qualified"]
        said += [f"vests over {years_words(self.vests)} (the rest to {self.unvested})"] if self.vests else []
        if self.redeemed is not None:
            over = f"over {years_words(self.redeemed)}" if self.redeemed > 1 else "at the first close"
            said.append(f"redeemed {over} after leaving")
        said += [f"revolves after {years_words(self.revolve)}"] if self.revolve else []
        said += ["advances are set off"] if self.set_off else []
        return "; ".join(said)


def years_words(years: int) -> str:
    """So many years: "1 year", "5 years"."""
    return "1 year" if years == 1 else f"{years} years"


def parse_terms(text: str) -> dict[str, Terms]:
    """Member account -> its terms, in written order. Raises RuleError with the place that is wrong."""
    if text.strip() == NONE:
        return {}
    if len(text) > TEXT_MAX:
        raise Refused(f"Terms of member accounts have at most {TEXT_MAX} letters.")
    try:
        tables = tomllib.loads(text, parse_float=Float)
    except (ValueError, RecursionError) as error:  # also a number too long, or lists nested too deep
        raise RuleError("capital", f"this is no TOML: {error}", 'Write a table for each account, or "none".') from error
    if not tables:
        raise RuleError("capital", "no account is named", 'Write a table for each account, or "none".')
    return {name: _terms(name, table) for name, table in tables.items()}


def check_terms(text: str, rules: Collection[Rule]) -> None:
    """Raise RuleError unless every account is there, in one of these rules: for persons, or for what lapses not."""
    for name, terms in parse_terms(text).items():
        if not any(rule.is_member(name) for rule in rules):
            raise RuleError(name, "the share rule has no member account of this name")
        if terms.unvested and terms.unvested != RESULT and not _of_all(terms.unvested, rules):
            why = f'"{terms.unvested}" is no account of the cooperative in the share rule'
            raise RuleError(f"{name}.unvested", why)


def _of_all(name: str, rules: Collection[Rule]) -> bool:
    """Whether an account is the cooperative's: nobody's own."""
    return any(name in rule.accounts and rule.accounts[name].kind != MEMBER for rule in rules)


def _terms(name: str, table: Any) -> Terms:
    if not isinstance(table, dict):
        raise RuleError(name, "terms are a table", f"Write [{name}], and its terms below.")
    odd = next((key for key in table if key not in KEYS), None)
    if odd is not None:
        raise RuleError(f"{name}.{odd}", "there is no such term", f"There are: {', '.join(KEYS)}.")
    terms = Terms(
        qualified=_flag(name, table, "qualified"),
        vests=_years(name, table, "vests") or 0,
        unvested=_account(name, table),
        redeemed=_years(name, table, "redeemed"),
        revolve=_years(name, table, "revolve"),
        set_off=_flag(name, table, "set_off"),
    )
    if bool(terms.vests) != bool(terms.unvested):
        missing = "unvested" if terms.vests else "vests"
        raise RuleError(f"{name}.{missing}", '"vests" and "unvested" stand together', "Say both, or neither.")
    if terms.revolve == 0:
        raise RuleError(f"{name}.revolve", "what is put there stays for a year at least", 'Write "1 year" or more.')
    return terms


def _flag(name: str, table: dict[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise RuleError(f"{name}.{key}", "this is true or false")
    return value


def _account(name: str, table: dict[str, Any]) -> str:
    value = table.get("unvested", "")
    if not isinstance(value, str) or ("unvested" in table and not value):
        raise RuleError(f"{name}.unvested", "this is the name of an account, in quotes")
    return value


def _years(name: str, table: dict[str, Any], key: str) -> int | None:
    """A number of years: 5, "5" or "5 years"."""
    if key not in table:
        return None
    value = table[key]
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    said = _YEARS.fullmatch(text) if isinstance(text, str) and not isinstance(text, Float) else None
    if said is None or int(said[1]) > YEARS_MAX:
        raise RuleError(f"{name}.{key}", f"this is no number of years from 0 to {YEARS_MAX}", 'Write "5 years".')
    return int(said[1])
