"""What was taken off shares, as members and treasurers read it: from the gross to the net, in lines that tie."""

from collections.abc import Mapping
from typing import Any

from governance.rule import BALANCE
from governance.rule_values import percent
from governance.telling import grouped
from ledger.book import Book
from ledger.looks import table
from ledger.names import Names
from payouts.amounts import Amounts
from payouts.bank.paying import EXPORTED, RETURNED, SENT, SETTLED, VOID, of_run
from payouts.figures import Figures
from payouts.state import of
from payouts.sums import summed
from payouts.taken_off.deductions import Deducted, rate_of

PAID = {EXPORTED: "in a file for the bank", SENT: "handed to the bank", SETTLED: "paid"}


def by_authority(taken: Deducted) -> dict[str, int]:
    """Authority -> all that a run withheld for it."""
    return summed(row for parts in taken.withheld.values() for row in parts.items())


def withheld_data(names: Names, parts: Mapping[str, int], say: Amounts) -> list[dict[str, str]]:
    """Authority by authority, what was withheld for it."""
    rows = [{"authority": names.of(one), "id": one, "amount": say.plain(amount)} for one, amount in parts.items()]
    return sorted(rows, key=lambda row: (row["authority"].casefold(), row["id"]))


def person_data(names: Names, taken: Deducted, gross: int, person: str, say: Amounts) -> dict[str, Any]:
    """What was taken off one person's share, and what was left of it."""
    return {
        "gross": say.plain(gross),
        "withheld": withheld_data(names, taken.withheld.get(person, {}), say),
        "advances": say.plain(taken.set_off.get(person, 0)),
        "net": say.plain(gross - taken.of(person)),
    }


def totals_data(names: Names, taken: Deducted, gross: Mapping[str, int], say: Amounts) -> dict[str, Any]:
    """The same of everybody together."""
    advances = sum(taken.set_off.values())
    withheld = by_authority(taken)
    return {
        "gross": say.plain(sum(gross.values())),
        "withheld": withheld_data(names, withheld, say),
        "advances": say.plain(advances),
        "net": say.plain(sum(gross.values()) - sum(withheld.values()) - advances),
    }


def deductions_table(names: Names, taken: Deducted, gross: Mapping[str, int], say: Amounts) -> Any:
    """From the gross to the net, person by person, with the sum of each column."""
    authorities = withheld_data(names, by_authority(taken), say)
    shown = [row["id"] for row in authorities] if len(authorities) <= 2 else []
    heads = tuple(f"For {row['authority']}" for row in authorities) if shown else ("Withheld",)
    heads = ("On the balance", *heads, "Advances", "Net")
    cells: list[tuple[str, list[int]]] = []
    for person in sorted(gross, key=lambda one: names.of(one).casefold()):
        parts = taken.withheld.get(person, {})
        each = [parts.get(one, 0) for one in shown] or [sum(parts.values())]
        net = gross[person] - taken.of(person)
        cells.append((names.of(person), [gross[person], *each, taken.set_off.get(person, 0), net]))
    rows = [(name, *map(say.show, sums)) for name, sums in cells]
    together = [sum(column) for column in zip(*(sums for _, sums in cells), strict=True)]
    rows.append(("together", *map(say.show, together)))
    return table(("Member", *heads), rows, right=heads)


def show_deductions(names: Names, taken: Deducted, gross: Mapping[str, int], say: Amounts) -> list[Any]:
    """That table and an empty line; nothing where nothing is taken off."""
    return [deductions_table(names, taken, gross, say), ""] if taken else []


def taken_words(found: Figures, say: Amounts) -> str:
    """What is taken off all shares, in brackets; "" for nothing."""
    withheld, advances = sum(by_authority(found.taken).values()), sum(found.taken.set_off.values())
    parts = [f"{say.show(withheld)} withheld"] if withheld else []
    parts += [f"{say.show(advances)} advances set off"] if advances else []
    return f" ({', '.join(parts)})" if parts else ""


def bank_data(book: Book, names: Names, found: Figures, person: str, say: Amounts, payable: int) -> dict[str, Any]:
    """From the balance before to the balance after a run, and what of it was paid or is to be paid."""
    gross, closing = found.gross.get(person, 0), found.balances.get(person, 0)
    opening = closing - gross + found.taken.of(person)
    tries = of_run(of(book), found.period).get(person, [])
    return {
        "opening": say.plain(opening),
        "shares": say.plain(gross),
        **{key: part for key, part in person_data(names, found.taken, gross, person, say).items() if key != "gross"},
        "closing": say.plain(closing),
        "payable": say.plain(payable),
        "payments": [
            {"amount": say.plain(one.amount), "state": one.status, "booked": one.booked, "attempt": one.attempt}
            for one in tries
        ],
    }


def bank_words(bank: dict[str, Any], currency: str) -> str:
    """One line: what was or will be paid, and how the balance came about."""
    live = [one for one in bank["payments"] if one["state"] not in (RETURNED, VOID)]
    if live:
        said = f"{grouped(live[-1]['amount'])} {currency} {PAID[live[-1]['state']]} {live[-1]['booked']}".strip()
    else:
        said = f"{grouped(bank['payable'])} {currency} to be paid"
    return f"{said}: {balance_words(bank)}"


def balance_words(bank: dict[str, Any]) -> str:
    """How a balance came about: "0.00 before + 960.00 shares - 192.00 for Tax office = 768.00 on the balance"."""
    parts = [f"{bank['opening']} before + {bank['shares']} shares"]
    parts += [f"{bank['advances']} advances"] if bank["advances"].strip("0.") else []
    parts += [f"{row['amount']} withheld for {row['authority']}" for row in bank["withheld"]]
    corrections = bank.get("corrections", "")
    if not corrections.strip("-0."):
        return f"{' - '.join(parts)} = {bank['closing']} on the {BALANCE}"
    sign = "-" if corrections[0] == "-" else "+"
    later = f" {sign} {corrections.lstrip('-')} corrections"
    return f"{' - '.join(parts)}{later} = {bank['corrected']} on the {BALANCE}"


def rate_words(text: str) -> str:
    """A rate as people read it: "20%", "1/3"."""
    rate = rate_of(text)
    return text if rate is None else percent(rate)
