"""Members' capital as people see it: what lies where, what of it has vested, when it is paid out, and how it came."""

from typing import Any

from governance.telling import grouped
from ledger.book import Book
from ledger.localtime import day
from ledger.looks import table
from ledger.names import Names
from payouts import state
from payouts.amounts import Amounts, amounts_of, people_words
from payouts.approving import approval_data, approval_words, why_needed
from payouts.capital.capital_compute import left_at, ruled
from payouts.capital.capital_free import free, held, vested
from payouts.capital.capital_moves import Redemption, redemption_of
from payouts.capital.capital_years import Next, Rolled, accounts_of, next_out, rolled
from payouts.capital_facts import needed

SUMS = ("opening", "periods", "corrected", "interest", "share", "redeemed", "lapsed", "other")


def list_data(book: Book, names: Names) -> dict[str, Any]:
    """Everybody's accounts, what close redeemed what, and what waits for treasurers."""
    rows = [
        _account(book, names, person, account)
        for person in sorted(book.ledger.persons, key=lambda one: (names.of(one).casefold(), one))
        for account in accounts_of(book, person)
        if held(book, person, account)
    ]
    own, say = state.of(book), amounts_of(book)
    return {
        "currency": say.currency,
        "accounts": rows,
        "together": say.plain(sum(held(book, row["id"], row["account"]) for row in rows)),
        "redemptions": [redemption_data(book, names, year) for year in own.redemptions],
        "asked": [
            {
                "name": names.of(one.person),
                "account": one.account,
                "amount": say.plain(one.amount),
                "entry": one.entry,
                "by": [names.of(who) for who in one.said],
                "need": needed(book, one.person),
            }
            for one in own.capital_asked.values()
        ],
    }


def _account(book: Book, names: Names, person: str, account: str) -> dict[str, Any]:
    say = amounts_of(book)
    left = left_at(book, person, book.until + 1)
    by, after = ruled(book, account, book.until if left is None else left, book.size), next_out(book, person, account)
    return {
        "name": names.of(person),
        "id": person,
        "account": account,
        "left": None if left is None else day(book, left),
        "qualified": by.terms.qualified if by else None,
        "terms": by.terms.words() if by else None,
        "balance": say.plain(held(book, person, account)),
        "vested": say.plain(vested(book, person, account)),
        "free": say.plain(free(book, person, account)),
        "next": _next(after, say),
    }


def _next(after: Next | None, say: Amounts) -> dict[str, Any] | None:
    if after is None:
        return None
    return {"year": after.year, "amount": say.plain(after.amount), "part": after.part, "parts": after.parts}


def redemption_data(book: Book, names: Names, year: str) -> dict[str, Any]:
    """What the close of a book year took out of member accounts. It is computed."""
    run, found, say = state.of(book).redemptions[year], redemption_of(book, year), amounts_of(book)
    return {
        "year": year,
        "entry": run.entry,
        "digest": run.digest,
        "rows": [
            {
                "name": names.of(row.person),
                "id": row.person,
                "account": row.account,
                "held": say.plain(row.held),
                "redeemed": say.plain(row.due),
                "advance": say.plain(row.advance),
                "lapsed": say.plain(row.lapsed),
                "into": row.into or None,
                "part": row.part,
                "parts": row.parts,
            }
            for row in found.rows
        ],
        "approvals": approval_data(book, names, run),
    }


def list_lines(book: Book, names: Names, data: dict[str, Any]) -> list[Any]:
    """The same as texts and tables."""
    if not data["accounts"] and not data["redemptions"]:
        return ["No money lies on a member account."]
    cells = [
        (row["name"], row["account"], _tag(row), grouped(row["balance"]), grouped(row["vested"]), _when(row))
        for row in data["accounts"]
    ]
    cells.append(("together", "", "", grouped(data["together"]), "", ""))
    heads = ("Member", "Account", "Sort", f"Balance, {data['currency']}", "Vested", "Next paid out, at the close of")
    lines: list[Any] = [table(heads, cells, right=(heads[3], "Vested"))]
    for one in data["redemptions"]:
        lines += ["", *redemption_lines(book, names, one["year"])]
    lines += [
        f"Asked: {grouped(one['amount'])} of {one['account']} of {one['name']}, by {', '.join(one['by'])} (entry "
        f"{one['entry']}), {one['need']} treasurers needed: tally capital redeem {one['name']} {one['amount']}"
        f" --account {one['account']}"
        for one in data["asked"]
    ]
    return lines


def redemption_lines(book: Book, names: Names, year: str) -> list[Any]:
    """What a close redeemed, who approved it, and who could."""
    run = state.of(book).redemptions[year]
    lines = [
        f"Close of {year}: {approval_words(book, names, run)}",
        _redeemed_table(redemption_data(book, names, year)),
    ]
    lines += [f"{run.needed} must: {why}"] if (why := why_needed(book, run)) else []
    return lines if run.approved is not None else [*lines, f"tally capital approve {year[:4]}"]


def _tag(row: dict[str, Any]) -> str:
    return "" if row["qualified"] is None else "qualified" if row["qualified"] else "non-qualified"


def _when(row: dict[str, Any]) -> str:
    one = row["next"]
    if one is None:
        return "by decision" if row["left"] else ""
    part = f", part {one['part']} of {one['parts']}" if one["parts"] > 1 else ""
    return f"{one['year'][:4]}: {grouped(one['amount'])}{part}"


def _redeemed_table(data: dict[str, Any]) -> Any:
    cells = [
        (
            row["name"],
            row["account"],
            grouped(row["held"]),
            grouped(row["redeemed"]),
            grouped(row["advance"]),
            f"{grouped(row['lapsed'])} to {row['into']}" if row["into"] else "",
            f"part {row['part']} of {row['parts']}" if row["parts"] else "revolved",
        )
        for row in data["rows"]
    ]
    heads = ("Member", "Account", "Lay there", "Redeemed", "Of it set off", "Not vested", "")
    return table(heads, cells, right=("Lay there", "Redeemed", "Of it set off", "Not vested"))


def show_data(book: Book, names: Names, person: str) -> dict[str, Any]:
    """Somebody's accounts with every book year."""
    rows = [
        _account(book, names, person, account) | {"years": _years(book, person, account)}
        for account in accounts_of(book, person)
    ]
    currency = book.ledger.currency
    standing = book.ledger.persons[person].standing
    return {"name": names.of(person), "id": person, "standing": standing, "currency": currency, "accounts": rows}


def _years(book: Book, person: str, account: str) -> list[dict[str, str]]:
    return [_year(one, amounts_of(book)) for one in rolled(book, person, account)]


def _year(one: Rolled, say: Amounts) -> dict[str, str]:
    sums = {key: say.plain(getattr(one, key)) for key in SUMS}
    return {"year": one.year} | sums | {"closing": say.plain(one.closing)}


def show_lines(data: dict[str, Any]) -> list[Any]:
    """The same as texts and tables."""
    if not data["accounts"]:
        return [f"{data['name']} has no money on a member account."]
    lines: list[Any] = []
    for row in data["accounts"]:
        lines += (
            ["", f"{row['account']} of {data['name']}, {data['currency']}"]
            if lines
            else [f"{row['account']} of {data['name']}, {data['currency']}"]
        )
        lines += [f"Terms: {row['terms']}"] if row["terms"] else ["No terms are voted: it stays until members decide."]
        lines.append(_years_table(row["years"]))
        lines.append(f"Of {grouped(row['balance'])}, {grouped(row['vested'])} have vested.")
        lines += [f"Next paid out, at the close of {_when(row)}"] if row["next"] else []
    return lines


def _years_table(rows: list[dict[str, str]]) -> Any:
    shown = [key for key in SUMS if key == "opening" or any(set(row[key]) & set("123456789") for row in rows)]
    cells = [
        (row["year"][:4] or "since", *(_signed(key, row[key]) for key in shown), grouped(row["closing"]))
        for row in rows
    ]
    heads = ("Year", *(key.capitalize() for key in shown), "Closing")
    return table(heads, cells, right=heads[1:])


def _signed(key: str, amount: str) -> str:
    """What left the account has a minus, so that a line adds up."""
    minus = key in ("redeemed", "lapsed") and set(amount) & set("123456789")
    return f"-{grouped(amount)}" if minus else grouped(amount)


def told_redemption(book: Book, entry: int) -> str:
    """What the entry that computed redemptions says."""
    year, run = next((year, run) for year, run in state.of(book).redemptions.items() if run.entry == entry)
    words = redemption_words(redemption_of(book, year), amounts_of(book))
    return f"Close of {year}: {words}; digest {run.digest[:16]} (entry {entry})."


def redemption_words(found: Redemption, say: Amounts) -> str:
    """What a close took out, in a sentence without its end."""
    due, lapsed = sum(row.due for row in found.rows), sum(row.lapsed for row in found.rows)
    count = people_words(len({row.person for row in found.rows if row.due}))
    more = f", {say.full(lapsed)} had not vested" if lapsed else ""
    return f"{say.full(due)} of member capital redeemed to {count}{more}"


def waiting_words(book: Book) -> list[str]:
    """What treasurers have still to do: approve what a close redeemed."""
    return [
        f"What the close of {year} redeems waits for approval: tally capital approve {year[:4]}"
        for year, run in state.of(book).redemptions.items()
        if run.approved is None
    ]
