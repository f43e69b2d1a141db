"""A payout, all accounts, or all money, as rows for a spreadsheet: amounts as plain decimals, and totals that tie.

Rows of a payout: `line` (money that moved from a pot), `carried` (by how much a pot holds more), `person` (all that one
got), `total` (people, accounts, pots; together they are the income). Where something is taken off shares: `withheld`
(of whom, for whom), `advance` (set off), `net` (what stays on the balance), `authority` (all that is withheld for one).
Of an amendment all are differences, `place` is by how much an account or a pot holds more, and the total is what went
back.
"""

import csv
import io
from collections.abc import Collection
from pathlib import Path

from governance import state as governance
from governance.rule import HELD
from governance.rules import parse
from governance.telling import grouped
from ledger.book import Book
from ledger.doors import Desk
from ledger.looks import table
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import amounts_of
from payouts.approving import run_named
from payouts.books.whole_files import write_whole
from payouts.compute import computed_run
from payouts.corrections.amendment_words import amendment_named
from payouts.corrections.standing import amended
from payouts.figures import figures
from payouts.parties.money_report import (
    BUSINESS,
    BUSINESS_COLUMNS,
    MONEY,
    MONEY_COLUMNS,
    MONEY_ON_PAPER,
    business_rows,
    money_rows,
)
from payouts.taken_off.deductions_words import by_authority
from payouts.taken_off.taking_off import WITHHELD

ACCOUNTS = "accounts"
RUN_COLUMNS = ("row", "period", "pot", "to", "sort", "id", "account", "amount", "currency")
ACCOUNT_COLUMNS = ("account", "name", "what", "id", "amount", "currency")
WHAT = {
    state.BANK: "what lies in the bank",
    state.AWAITING: "income that waits for its run",
    "clearing": "went back, not taken from shares yet",
    "balance": "owed to a member",
    "owed": "owed to a party",
    "advance": "paid to a member in advance",
    "payable": "to be paid to a party",
    "pot": "carried in a pot",
    "account": "kept for a purpose",  # and in a rule's own words where the rule in force has the account
    "member": "on a member's own account",
}
DISPUTED = "held, its work is disputed"
AMOUNTS = ("amount", "foreign", "member", "other", "not said", "together")
"""Columns of money; grouped where people read them, plain in a file."""

MINUS = "A minus is money that is owed to somebody or kept for a purpose; all else is money that is there."
PERSONAL = ("advance", "balance", "member", "owed", "payable")


def run_rows(book: Book, names: Names, period: str) -> list[dict[str, str]]:
    """A payout, or an amendment, as rows. Raises Refused where there is none yet."""
    if "#" in period:
        return amendment_rows(book, names, period)
    run_named(book, period)
    computed, say = computed_run(book, period), amounts_of(book)
    found, rows = figures(computed), list[dict[str, str]]()
    pots = {step.pot for step in computed.result.steps}

    def add(row: str, amount: int, **more: str) -> None:
        blank = dict.fromkeys(RUN_COLUMNS, "")
        rows.append(
            blank | {"row": row, "period": period, "amount": say.plain(amount), "currency": say.currency} | more
        )

    for line in computed.result.lines:
        sort = "person" if line.account else "pot" if line.to in pots else "account"
        to = {"to": names.of(line.to), "id": line.to} if line.account else {"to": line.to}
        add("line", line.amount, pot=line.pot, sort=sort, account=line.account or "", **to)
    for pot, change in found.pots.items():
        add("carried", change, pot=pot, to=pot, sort="pot")
    for person, amount in sorted(found.paid.items(), key=lambda row: names.of(row[0])):
        add("person", amount, to=names.of(person), id=person, sort="person")
    for person, gross in sorted(found.gross.items(), key=lambda row: names.of(row[0])) if found.taken else ():
        who = {"to": names.of(person), "id": person, "sort": "person"}
        for authority, amount in found.taken.withheld.get(person, {}).items():
            add("withheld", amount, account=names.of(authority), **who)
        if amount := found.taken.set_off.get(person, 0):
            add("advance", amount, account="advance", **who)
        add("net", gross - found.taken.of(person), account="balance", **who)
    for authority, amount in by_authority(found.taken).items():
        add("authority", amount, to=names.of(authority), id=authority, sort="party", account=WITHHELD)
    totals = {"people": found.to_people, "accounts": found.to_accounts, "pots": found.to_pots, "income": found.income}
    for name, amount in totals.items():
        add("total", amount, to=name)
    return rows


def amendment_rows(book: Book, names: Names, name: str) -> list[dict[str, str]]:
    """An amendment as rows: by how much each line changed, what each account holds more, and what went back."""
    amendment_named(book, name)
    found, say, rows = amended(book, name), amounts_of(book), list[dict[str, str]]()

    def add(row: str, amount: int, **more: str) -> None:
        shown = {"row": row, "period": name, "amount": say.plain(amount), "currency": say.currency}
        rows.append(dict.fromkeys(RUN_COLUMNS, "") | shown | more)

    for line in found.lines:
        to = {"to": names.of(line.to), "id": line.to} if line.account else {"to": line.to}
        add("line", line.amount, pot=line.pot, account=line.account or "", sort="person" if line.account else "", **to)
    for person, amount in sorted(found.people().items(), key=lambda row: names.of(row[0])):
        add("person", amount, to=names.of(person), id=person, sort="person")
    for place, more in found.moved.items():
        sort, _, rest = place.partition(":")
        if sort in ("account", "pot"):
            add("place", more, to=rest, sort=sort)
    add("total", -found.went_back, to="went back")
    return rows


def account_rows(book: Book, names: Names) -> list[dict[str, str]]:
    """Every account with its balance; they sum to zero. Plus is what there is, minus what is owed or kept."""
    say, rows = amounts_of(book), list[dict[str, str]]()
    rule = parse(governance.text_of(book, governance.current(book)))
    kinds = {name: account.kind for name, account in rule.accounts.items()}
    for name, amount in sorted(state.of(book).accounts.items()):
        kind, _, rest = name.partition(":")
        whose = rest.rpartition(":")[2] if kind in PERSONAL else ""
        head = rest.rpartition(":")[0]
        owed = f"proposal {head}" if head.isdigit() else f"tax {head}"  # of the book year that begins that day
        owed = head if head == WITHHELD else owed
        account = {"member": head, "owed": owed}.get(kind) or (kind if whose or not rest else rest)
        what = kinds.get(rest, WHAT[kind]) if kind == "account" else WHAT[kind]
        rows.append(
            {
                "account": show(account),
                "name": names.of(whose) if whose else "",
                "what": DISPUTED if (kind, head) == ("member", HELD) else what,
                "id": whose,
                "amount": say.plain(amount),
                "currency": say.currency,
            }
        )
    total = sum(state.of(book).accounts.values())
    together = {"account": "together", "what": "always zero", "amount": say.plain(total), "currency": say.currency}
    return [*rows, dict.fromkeys(ACCOUNT_COLUMNS, "") | together]


def report_at_desk(desk: Desk, what: str, file: str | None) -> None:
    """Show the rows of a period or of all accounts, or write them to a file."""
    every = what == ACCOUNTS
    columns, rows = _asked(desk, what)
    data = {"report": what, "file": file, "rows": rows}
    if file == "-":
        # The last line's end is the answer's own.
        desk.answer(data, csv_text(columns, rows).removesuffix("\n"))
    elif file:
        write_whole(Path(file), csv_text(columns, rows).encode())
        desk.answer(data, f"Wrote {len(rows)} rows to {file}.")
    else:
        left_out = LEFT_OUT.get(what, ("id", "currency", "period"))
        shown = [name for name in columns if name not in left_out]
        cells = [tuple(_shown(name, row[name]) for name in shown) for row in rows]
        drawn = table(tuple(shown), cells, right=AMOUNTS)
        desk.answer(data, drawn, *([MINUS] if every else []))


LEFT_OUT = {MONEY: MONEY_ON_PAPER, BUSINESS: ("currency",)}
"""Columns that only a file has."""


def _asked(desk: Desk, what: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """The columns and rows of a report."""
    if what == ACCOUNTS:
        return ACCOUNT_COLUMNS, account_rows(desk.book, desk.names)
    if what == MONEY:
        return MONEY_COLUMNS, money_rows(desk.book, desk.names)
    if what == BUSINESS:
        return BUSINESS_COLUMNS, business_rows(desk.book)
    return RUN_COLUMNS, run_rows(desk.book, desk.names, what)


def csv_text(columns: tuple[str, ...], rows: list[dict[str, str]], money: Collection[str] = ("amount",)) -> str:
    """RFC 4180, UTF-8, one header line; the columns in `money` hold amounts."""
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: value if name in money else _tame(value) for name, value in row.items()} for row in rows)
    return written.getvalue()


def _tame(value: str) -> str:
    """A name that a spreadsheet would run as a formula is written with an apostrophe before it."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value


def _shown(name: str, text: str) -> str:
    return grouped(text) if name in AMOUNTS and text else text
