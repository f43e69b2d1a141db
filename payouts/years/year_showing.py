"""A closed book year as members see it: what it came to, who got what, the accounts, and everybody's capital."""

from typing import Any

from governance import state as governance
from governance.looks import version
from governance.rule import HELD
from governance.telling import grouped
from ledger.book import Book
from ledger.looks import table
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import Amounts, amounts_of
from payouts.approving import approval_data, approval_words, why_needed
from payouts.capital.capital_compute import taken_out
from payouts.figures import changes
from payouts.sums import less, summed_by_two, total
from payouts.taken_off.deductions_words import person_data, show_deductions, totals_data
from payouts.year_facts import standing_of_year
from payouts.years.book_years import is_last, years
from payouts.years.tax_words import tax_data, tax_lines
from payouts.years.year_run import Members, YearRun, computed_year
from payouts.years.year_words import outcome_words, result_words, rule_words, run_of_year


def year_data(book: Book, names: Names, year: str) -> dict[str, Any]:
    """A computed book year as data. Raises Refused where it is not computed."""
    run, say = run_of_year(book, year), amounts_of(book)
    found = computed_year(book, year)
    return {
        "year": year,
        "periods": list(found.periods),
        "entry": run.entry,
        "digest": run.digest,
        "closed": found.pin.entry,
        "pinned": {"size": found.pin.size, "root": found.pin.root},
        "rule": {"number": governance.of(book).rules[run.rule].number, "words": version(book, run.rule)},
        "currency": say.currency,
        "result": say.plain(found.left),
        "costs": say.plain(-found.costs),
        "tax": say.plain(found.pin.tax),
        "authority": names.of(found.pin.authority) if found.pin.authority else None,
        **tax_data(book, names, year, say),
        "interest": say.plain(total(found.interest)),
        "uncollected": say.plain(sum(found.uncollected.values())),
        "amount": say.plain(found.amount),
        "start": found.start or None,
        "words": outcome_words(found, say),
        "people": people_data(names, found, say),
        "accounts": accounts_data(found, say),
        "pots": pots_data(found, say),
        "deductions": totals_data(names, found.deducted, found.shares().get("balance", {}), say),
        "capital": capital_data(names, found, say, taken_out(book, found)),
        "approvals": approval_data(book, names, run),
    }


def people_data(names: Names, found: YearRun, say: Amounts) -> list[dict[str, Any]]:
    """What everybody got by pot, a minus for what was taken, and where it lies; who got most first."""
    pots = summed_by_two((line.to, line.pot, line.amount) for line in found.result.lines if line.account is not None)
    rows = sorted(pots.items(), key=lambda row: (-sum(row[1].values()), names.of(row[0]).casefold()))
    return [
        {
            "name": names.of(person),
            "id": person,
            "pots": {pot: say.plain(amount) for pot, amount in sorted(by_pot.items())},
            "into": {
                account: say.plain(each[person]) for account, each in sorted(found.shares().items()) if person in each
            },
            "total": say.plain(sum(by_pot.values())),
            **person_data(names, found.deducted, found.shares().get("balance", {}).get(person, 0), person, say),
        }
        for person, by_pot in rows
    ]


def accounts_data(found: YearRun, say: Amounts) -> list[dict[str, str]]:
    """Every account of the cooperative, before the close and after it."""
    before, after = found.accounts, found.result.accounts
    return [_moved(name, before.get(name, 0), after.get(name, 0), say) for name in sorted(before.keys() | after.keys())]


def pots_data(found: YearRun, say: Amounts) -> list[dict[str, str]]:
    """The pots that carry something else than before the close shared; the costs it took over are `income`'s."""
    before = {name: amount for name, amount in found.facts.carried.items() if amount}
    if found.costs:
        before["income"] = before.get("income", 0) + found.costs
    after = found.result.carried
    return [_moved(name, before.get(name, 0), after.get(name, 0), say) for name in changes(before, after)]


def _moved(name: str, before: int, after: int, say: Amounts) -> dict[str, str]:
    sums = {"before": before, "change": after - before, "after": after}
    return {"name": name} | {key: say.plain(amount) for key, amount in sums.items()}


def capital_data(
    names: Names, found: YearRun, say: Amounts, out: tuple[Members, Members] = ({}, {})
) -> list[dict[str, Any]]:
    """A capital statement for everybody with a member account.

    Opening + periods + corrected + interest + share - redeemed - lapsed = closing. `corrected` is what amendments did
    that belong to the year; `out` is what was redeemed in the year and at
    its close, and what lapsed because it had not vested.
    """
    share = {name: people for name, people in found.shares().items() if name != "balance"}
    taken = less(out[0]), less(out[1])
    parts = (found.opening, found.shared, found.corrected, found.interest, share, *taken)
    # What is held is not theirs yet.
    rows = sorted(
        {
            (person, account)
            for part in parts
            for account, people in part.items()
            if account != HELD
            for person in people
        },
        key=lambda row: (names.of(row[0]).casefold(), row),
    )
    return [_statement(names.of(person), person, account, found, taken, say) for person, account in rows]


def _statement(
    name: str, person: str, account: str, found: YearRun, taken: tuple[Members, Members], say: Amounts
) -> dict[str, Any]:
    sums = {
        "opening": found.opening.get(account, {}).get(person, 0),
        "periods": found.by_periods.get(account, {}).get(person, 0),
        "corrected": found.corrected.get(account, {}).get(person, 0),
        "interest": found.interest.get(account, {}).get(person, 0),
        "share": found.shares().get(account, {}).get(person, 0),
        "redeemed": taken[0].get(account, {}).get(person, 0),
        "lapsed": taken[1].get(account, {}).get(person, 0),
    }
    closing = {"closing": sum(sums.values())}
    return {"name": name, "id": person, "account": account} | {
        key: say.plain(amount) for key, amount in (sums | closing).items()
    }


def show_year(book: Book, names: Names, year: str) -> list[Any]:
    """A computed book year as texts and tables."""
    data, run, found, say = (
        year_data(book, names, year),
        run_of_year(book, year),
        computed_year(book, year),
        amounts_of(book),
    )
    pin = found.pin
    return [
        f"Book year {year} of {show(book.ledger.name)}: {found.periods[0]} to {found.periods[-1]}",
        f"{_capital(result_words(found, say))}",
        f"{_capital(outcome_words(found, say))}.",
        "",
        _people_table(data) if data["people"] else "Nobody gets a share of this year.",
        "",
        _accounts_table(data),
        *(["", _capital_table(data)] if data["capital"] else []),
        "",
        *show_deductions(names, found.deducted, found.shares().get("balance", {}), say),
        *tax_lines(book, names, year, say),
        f"Rule      {rule_words(book, year)}",
        f"Pinned    to the first {pin.size} entries of the log, root {pin.root[:16]} (entry {pin.entry})",
        f"Computed  in entry {run.entry}; treasurers sign for the digest",
        f"          {run.digest}",
        f"Approvals {approval_words(book, names, run)}",
        *([f"          {run.needed} must: {why}"] if (why := why_needed(book, run)) else []),
        *([] if run.approved is not None else [f"          tally year approve {year[:4]}"]),
    ]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _people_table(data: dict[str, Any]) -> Any:
    cells = [
        (
            row["name"],
            ", ".join(f"{grouped(amount)} from {pot}" for pot, amount in row["pots"].items()),
            ", ".join(row["into"]),
            grouped(row["total"]),
        )
        for row in data["people"]
    ]
    return table(("Member", "From", "Lies on", "Total"), cells, right=("Total",))


def _accounts_table(data: dict[str, Any]) -> Any:
    rows = [(row["name"], row) for row in data["accounts"]] + [(f"{row['name']} (pot)", row) for row in data["pots"]]
    cells = [(name, *(grouped(row[key]) for key in ("before", "change", "after"))) for name, row in rows]
    return table(("Account", "Before", "Change", "After"), cells, right=("Before", "Change", "After"))


def _capital_table(data: dict[str, Any]) -> Any:
    parts = [part for part in CAPITAL if part not in SELDOM or any(_is_something(row[part]) for row in data["capital"])]
    cells = [(row["name"], row["account"], *(grouped(row[key]) for key in parts)) for row in data["capital"]]
    heads = ("Member", "Account", *(part.capitalize() for part in parts))
    return table(heads, cells, right=heads[2:])


SELDOM = ("corrected", "redeemed", "lapsed")
CAPITAL = ("opening", "periods", "corrected", "interest", "share", "redeemed", "lapsed", "closing")


def _is_something(amount: str) -> bool:
    return bool(set(amount) & set("123456789"))


def year_rows(book: Book, names: Names) -> list[dict[str, Any]]:
    """Every book year of which a period is computed: where it stands, and what it came to."""
    own, say, rows = state.of(book), amounts_of(book), list[dict[str, Any]]()
    for year, periods in years(book).items():
        if periods[0].id not in own.runs:
            continue
        row: dict[str, Any] = {
            "year": year,
            "first": periods[0].id,
            "last": periods[-1].id,
            "state": _state(book, names, year),
        }
        row |= {"amount": None, "start": None, "digest": None}
        if year in own.years:
            found = computed_year(book, year)
            row |= {"amount": say.plain(found.amount), "start": found.start or None, "digest": found.digest}
        rows.append(row)
    return rows


def _state(book: Book, names: Names, year: str) -> str:
    """Where a book year stands: over or not, closed, computed, approved."""
    own, last = state.of(book), years(book)[year][-1]
    if year in own.years:
        return approval_words(book, names, own.years[year])
    if year in own.year_pins:
        return standing_of_year(book, year)
    return "over, not closed yet" if is_last(book, last) and last.id in own.runs else "not over"


def year_table(rows: list[dict[str, Any]], currency: str) -> Any:
    """The book years as a table."""
    cells = [
        (row["year"], f"{row['first']} to {row['last']}", grouped(row["amount"]) if row["amount"] else "", row["state"])
        for row in rows
    ]
    return table(("Book year", "Periods", f"Left, {currency}", "Where it stands"), cells, right=(f"Left, {currency}",))
