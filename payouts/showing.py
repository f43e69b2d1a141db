"""A payout as treasurers and members see it: who gets what from which pot, where the rest lies, and that it adds up."""

from typing import Any

from governance import state as governance
from governance.rule import Rule
from governance.rules import parse
from ledger.book import Book
from ledger.calendar import Period
from ledger.looks import table
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import Amounts, amounts_of, bar, grouped, people_words
from payouts.approving import approval_data, approval_words, run_named
from payouts.compute import computed_run
from payouts.due import rule_words
from payouts.figures import Figures, figures
from payouts.remarks import before_words, remarks
from payouts.times import cut_words, row_named

BAR = 10
POTS_SHOWN = 3
"""With more paying pots than this the table has one column for them all; `tally why` parts them."""


def payout_data(book: Book, names: Names, period: str) -> dict[str, Any]:
    """A payout as data. Raises Refused where there is none yet."""
    run = run_named(book, period)
    computed = computed_run(book, period)
    found, say = figures(computed), amounts_of(book)
    row = row_named(book, period)
    assert row is not None
    return {
        "period": period,
        "first": row.first,
        "last": row.last,
        "cut": cut_words(book, row),
        "entry": run.entry,
        "digest": run.digest,
        "pinned": {"size": computed.pin.size, "root": computed.pin.root, "entry": computed.pin.published},
        "rule": rule_data(book, period),
        "currency": say.currency,
        "received": say.plain(found.received),
        "spent": say.plain(found.spent),
        "income": say.plain(found.income),
        "people": people_data(names, found, say),
        "accounts": [_place(name, change, found.holds.get(name, 0), say) for name, change in found.accounts.items()],
        "pots": [_place(name, change, found.carried.get(name, 0), say) for name, change in found.pots.items()],
        "to_people": say.plain(found.to_people),
        "to_accounts": say.plain(found.to_accounts),
        "to_pots": say.plain(found.to_pots),
        "remarks": remarks(book, names, computed, say),
        "approvals": approval_data(book, names, run),
    }


def rule_data(book: Book, period: str) -> dict[str, Any]:
    """The version of the rule that a period follows, and the vote it came from."""
    digest = state.of(book).runs[period].rule
    rule, proposal = governance.of(book).rules[digest], adopted_by(book, period)
    return {
        "number": rule.number,
        "title": rule.title,
        "digest": digest,
        "proposal": proposal.number if proposal else None,
        "entry": proposal.index if proposal else 0,
        "words": origin_words(book, period),
    }


def adopted_by(book: Book, period: str) -> governance.Proposal | None:
    """The vote that brought the rule of a period; None for the one of the founding."""
    row, own = row_named(book, period), governance.of(book)
    since = max(start for start, _ in own.force if row is not None and start <= row.start)
    found = (one for one in own.proposals.values() if one.matter.sort == "rule" and one.status == "in force")
    return next((one for one in found if one.since == since), None)


def origin_words(book: Book, period: str) -> str:
    """Which version of the rule, and since which vote: `rule 2 "…", voted in as proposal 4 (entry 41)`."""
    words, proposal = rule_words(book, state.of(book).runs[period].rule), adopted_by(book, period)
    if proposal is None:
        return f"{words}, of the founding (entry 0)"
    return f"{words}, voted in as proposal {proposal.number} (entry {proposal.index})"


def people_data(names: Names, found: Figures, say: Amounts) -> list[dict[str, Any]]:
    """What everybody got, who got most first: by pot, by where it lies, in all, and the balance after."""
    rows = [
        {
            "name": names.of(person),
            "id": person,
            "pots": {pot: say.plain(amount) for pot, amount in sorted(pots.items())},
            "into": {account: say.plain(amount) for account, amount in sorted(found.into[person].items())},
            "total": say.plain(found.paid[person]),
            "balance": say.plain(found.balances.get(person, 0)),
        }
        for person, pots in found.people.items()
    ]
    return sorted(rows, key=lambda row: (-found.paid[str(row["id"])], str(row["name"]).casefold()))


def _place(name: str, change: int, after: int, say: Amounts) -> dict[str, str]:
    return {"name": name, "change": say.plain(change), "after": say.plain(after)}


def show_payout(book: Book, names: Names, period: str) -> list[Any]:
    """A payout as texts and tables."""
    run, computed, say = run_named(book, period), computed_run(book, period), amounts_of(book)
    found, row = figures(computed), row_named(book, period)
    assert row is not None
    rule = parse(governance.of(book).rules[run.rule].text)
    pin = computed.pin
    return [
        _head(book, row, found, say),
        "",
        people_table(names, found, say) if found.people else "Nobody gets a share of this period.",
        "",
        _places_table(rule, found, say),
        "",
        *(f"Note      {remark}." for remark in remarks(book, names, computed, say)),
        f"Rule      {origin_words(book, period).removeprefix('rule ')}",
        f"Pinned    to the first {pin.size} entries of the log, root {pin.root[:16]} (entry {pin.published})",
        f"Computed  in entry {run.entry}; treasurers sign for the digest",
        f"          {run.digest}",
        f"Approvals {approval_words(book, names, run)}",
        *([] if run.approved is not None else [f"          tally payout approve {period}"]),
    ]


def _head(book: Book, row: Period, found: Figures, say: Amounts) -> str:
    title = f"Payout {row.id} of {show(book.ledger.name)}: {row.first} to {row.last}"
    money = f"Received {say.show(found.received)} - spent {say.show(found.spent)} = income {say.full(found.income)}"
    return "\n".join([title, f"Cut off {cut_words(book, row)}", money, *before_words(book, row.id, say)])


def people_table(names: Names, found: Figures, say: Amounts) -> Any:
    """Everybody's share by pot, with a bar and the balance after, and the sum of each column."""
    pots = found.paying_pots()
    shown = pots if len(pots) <= POTS_SHOWN else []
    most = max(found.paid.values())
    cells = []
    for row in people_data(names, found, say):
        person = str(row["id"])
        by_pot = [say.show(found.people[person].get(pot, 0)) for pot in shown]
        total, balance = found.paid[person], found.balances.get(person, 0)
        cells.append((str(row["name"]), *by_pot, say.show(total), bar(total, most, BAR), say.show(balance)))
    sums = [say.show(sum(person.get(pot, 0) for person in found.people.values())) for pot in shown]
    balances = sum(found.balances.get(person, 0) for person in found.people)
    cells.append(("people together", *sums, say.show(found.to_people), "", say.show(balances)))
    heads = ("Member", *shown, "Total", "", "Balance after")
    return table(heads, cells, right=(*shown, "Total", "Balance after"))


def _places_table(rule: Rule, found: Figures, say: Amounts) -> Any:
    cells = [("people", people_words(len(found.people)), say.show(found.to_people), "")]
    for name, change in found.accounts.items():
        sort = rule.accounts[name].kind if name in rule.accounts else "account"
        cells.append((name, sort, say.show(change), say.show(found.holds.get(name, 0))))
    for name, change in found.pots.items():
        cells.append((name, "stays in the pot", say.show(change), say.show(found.carried.get(name, 0))))
    together = found.to_people + found.to_accounts + found.to_pots
    cells.append(("together", "= income", say.show(together), ""))
    return table(("Went to", "What it is", say.currency, "Holds after"), cells, right=(say.currency, "Holds after"))


def payout_rows(book: Book, names: Names) -> list[dict[str, Any]]:
    """Every period that is computed or closed, newest last."""
    rows, say = [], amounts_of(book)
    for period, run in state.of(book).runs.items():
        found = figures(computed_run(book, period))
        rows.append(
            {
                "period": period,
                "state": "approved" if run.approved is not None else approval_words(book, names, run),
                "rule": governance.of(book).rules[run.rule].number,
                "income": say.plain(found.income),
                "to_people": say.plain(found.to_people),
                "people": len(found.people),
                "to_accounts": say.plain(found.to_accounts),
                "to_pots": say.plain(found.to_pots),
                "entry": run.entry,
                "digest": run.digest,
            }
        )
    return rows


def payout_list(book: Book, names: Names) -> Any:
    """The computed periods as a table."""
    cells = []
    for row, run in zip(payout_rows(book, names), state.of(book).runs.values(), strict=True):
        how = "approved" if run.approved is not None else f"{len(run.approvals)} of {run.needed}"
        sums = [grouped(row[key]) for key in ("income", "to_people", "to_accounts", "to_pots")]
        cells.append((row["period"], *sums, str(row["people"]), str(row["rule"]), how))
    heads = ("Period", "Income", "People", "Accounts", "Pots", "Shares", "Rule", "Approvals")
    return table(heads, cells, right=heads[1:-1])
