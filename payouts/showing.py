"""A payout as treasurers and members see it: who gets what from which pot, where the rest lies, and that it adds up."""

import textwrap
from typing import Any

from governance import state as governance
from governance.looks import version
from governance.rule import Rule
from governance.rules import parse
from governance.telling import grouped
from ledger.book import Book
from ledger.calendar import Period
from ledger.localtime import iso
from ledger.looks import table
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import Amounts, amounts_of, bar, people_words
from payouts.approving import approval_data, approval_words, run_named, why_needed
from payouts.bank.payable import Least, least_of, payable, payable_from
from payouts.compute import Computed, computed_run
from payouts.corrections.amendment_showing import amended_lines, amendment_rows
from payouts.corrections.amendment_words import refund_data, refund_words
from payouts.figures import Figures, figures
from payouts.looking.remarks import before_words, remarks
from payouts.parties.foreign import foreign_words
from payouts.parties.moneys import foreign_of
from payouts.taken_off.deductions_words import person_data, show_deductions, totals_data
from payouts.times import cut_words, row_named

BAR = 10
NOTE, WIDTH = "Note      ", 100
POTS_SHOWN = 3
"""With more paying pots than this the table has one column for them all; `tally why` parts them."""


def payout_data(book: Book, names: Names, period: str) -> dict[str, Any]:
    """A payout as data. Raises Refused where there is none yet."""
    run = run_named(book, period)
    computed = computed_run(book, period)
    found, say = figures(computed), amounts_of(book)
    row, least = row_named(book, period), payable_from(book, period)
    return {
        "period": period,
        "first": row.first,
        "last": row.last,
        "cut": iso(book, row.cut),
        "entry": run.entry,
        "digest": run.digest,
        "pinned": {"size": computed.pin.size, "root": computed.pin.root, "entry": computed.pin.published},
        "rule": rule_data(book, period),
        "currency": say.currency,
        "received": say.plain(found.received),
        "spent": say.plain(found.spent),
        "rates": rates(book, names, computed, say),
        "income": say.plain(found.income),
        "payable_from": say.plain(least),
        "people": people_data(names, found, least_of(book, period), say),
        "accounts": [_place(name, change, found.holds.get(name, 0), say) for name, change in found.accounts.items()],
        "pots": [_place(name, change, found.carried.get(name, 0), say) for name, change in found.pots.items()],
        "to_people": say.plain(found.to_people),
        "to_accounts": say.plain(found.to_accounts),
        "to_pots": say.plain(found.to_pots),
        "deductions": totals_data(names, found.taken, found.gross, say),
        "remarks": remarks(book, names, computed, say),
        "refunds": [refund_data(names, one, say) for one in computed.pin.refunds],
        "amendments": amendment_rows(book, names, period),
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
    row, rule = row_named(book, period), state.of(book).runs[period].rule
    since = max(start for start, _ in governance.of(book).force if start <= row.start)
    return governance.decided_by(book, since, rule)


def origin_words(book: Book, period: str) -> str:
    """Which version of the rule, and since which vote: `rule 2 "…", voted in as proposal 4 (entry 41)`."""
    words, proposal = version(book, state.of(book).runs[period].rule), adopted_by(book, period)
    if proposal is None:
        return f"{words}, of the founding (entry 0)"
    return f"{words}, voted in as proposal {proposal.number} (entry {proposal.index})"


def people_data(names: Names, found: Figures, least_for: Least, say: Amounts) -> list[dict[str, Any]]:
    """What everybody got, who got most first: by pot, by where it lies, in all, the balance, what is payable of it."""
    rows = [
        {
            "name": names.of(person),
            "id": person,
            "pots": {pot: say.plain(amount) for pot, amount in sorted(pots.items())},
            "into": {account: say.plain(amount) for account, amount in sorted(found.into[person].items())},
            "total": say.plain(found.paid[person]),
            **person_data(names, found.taken, found.gross.get(person, 0), person, say),
            "balance": say.plain(found.balances.get(person, 0)),
            "payable": say.plain(payable(found.balances.get(person, 0), least_for(person))),
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
    rule = parse(governance.of(book).rules[run.rule].text)
    pin, least = computed.pin, payable_from(book, period)
    return [
        _head(book, row, found, say),
        "",
        people_table(names, found, (least, least_of(book, period)), say)
        if found.people
        else "Nobody gets a share of this period.",
        "",
        _places_table(rule, found, say),
        "",
        *show_deductions(names, found.taken, found.gross, say),
        *(f"Refund    {refund_words(names, one, say)}" for one in pin.refunds),
        *(_note(remark) for remark in [*waits(found, least, say), *remarks(book, names, computed, say)]),
        *(f"Rate      {said}" for said in rates(book, names, computed, say)),
        f"Rule      {origin_words(book, period).removeprefix('rule ')}",
        f"Pinned    to the first {pin.size} entries of the log, root {pin.root[:16]} (entry {pin.published})",
        f"Computed  in entry {run.entry}; treasurers sign for the digest",
        f"          {run.digest}",
        f"Approvals {approval_words(book, names, run)}",
        *([f"          {run.needed} must: {why}"] if (why := why_needed(book, run)) else []),
        *([] if run.approved is not None else [f"          tally payout approve {period}"]),
        *amended_lines(amendment_rows(book, names, period), "Amended   "),
    ]


def _note(remark: str) -> str:
    """A remark as a paragraph beside its head: commands in it stay readable where lines are short."""
    lines = textwrap.wrap(f"{remark}.", WIDTH - len(NOTE), break_long_words=False, break_on_hyphens=False)
    return NOTE + f"\n{' ' * len(NOTE)}".join(lines)


def _head(book: Book, row: Period, found: Figures, say: Amounts) -> str:
    title = f"Payout {row.id} of {show(book.ledger.name)}: {row.first} to {row.last}"
    money = f"Received {say.show(found.received)} - spent {say.show(found.spent)} = income {say.full(found.income)}"
    return "\n".join([title, f"Cut off {cut_words(book, row)}", money, *before_words(book, row.id, say)])


def rates(book: Book, names: Names, computed: Computed, say: Amounts) -> list[str]:
    """The money of the period that was in another currency, and the rate at which it is counted."""
    # What it came to when it was booked; a receipt that went back in part is less by now.
    found = ((one, foreign) for one in computed.pin.money if (foreign := foreign_of(book, one.entry)))
    return [
        f"{show(foreign_words(said))} = {say.full(said.here(say.exponent))}, {names.of(one.party)} (entry {one.entry})"
        for one, said in found
    ]


def waits(found: Figures, least: int, say: Amounts) -> list[str]:
    """What a rule with a minimum means for those whose balance is below it, and what a balance below zero means."""
    said = [f"a balance below {say.full(least)} waits until it is reached"] if least and found.people else []
    if any(found.balances.get(person, 0) < 0 for person in found.people):
        said.append("a balance below zero is paid nothing, and nobody pays back: the next shares fill it up")
    return said


def people_table(names: Names, found: Figures, minimum: tuple[int, Least], say: Amounts) -> Any:
    """Everybody's share by pot, the balance after, and the sum of each column; with a minimum what is payable now."""
    pots, (least, least_for) = found.paying_pots(), minimum
    shown = pots if len(pots) <= POTS_SHOWN else []
    most = max(found.paid.values())
    cells = []
    for row in people_data(names, found, least_for, say):
        person = str(row["id"])
        by_pot = [say.show(found.people[person].get(pot, 0)) for pot in shown]
        total, balance = found.paid[person], found.balances.get(person, 0)
        after = _after(balance, payable(balance, least_for(person)), bar(total, most, BAR), least, say)
        cells.append((str(row["name"]), *by_pot, say.show(total), *after))
    sums = [say.show(sum(person.get(pot, 0) for person in found.people.values())) for pot in shown]
    balances = {person: found.balances.get(person, 0) for person in found.people}
    now = sum(payable(balance, least_for(person)) for person, balance in balances.items())
    after = _after(sum(balances.values()), now, "", least, say)
    cells.append(("people together", *sums, say.show(found.to_people), *after))
    ends = ("Balance after", "Payable now") if least else ("", "Balance after")
    return table(("Member", *shown, "Total", *ends), cells, right=(*shown, "Total", *ends[0 if least else 1 :]))


def _after(balance: int, now: int, drawn: str, least: int, say: Amounts) -> tuple[str, str]:
    """The last two columns. Without a minimum all is payable, and there is room for a bar instead."""
    return (say.show(balance), say.show(now)) if least else (drawn, say.show(balance))


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
    """Every period that is computed, newest last."""
    rows, say = [], amounts_of(book)
    for period, run in state.of(book).runs.items():
        found = figures(computed_run(book, period))
        rows.append(
            {
                "period": period,
                "approvals": len(run.approvals),
                "needed": run.needed,
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


def payout_list(rows: list[dict[str, Any]]) -> Any:
    """The computed periods as a table."""
    cells = []
    for row in rows:
        how = "approved" if row["state"] == "approved" else f"{row['approvals']} of {row['needed']}"
        sums = [grouped(row[key]) for key in ("income", "to_people", "to_accounts", "to_pots")]
        cells.append((row["period"], *sums, str(row["people"]), str(row["rule"]), how))
    heads = ("Period", "Income", "People", "Accounts", "Pots", "Shares", "Rule", "Approvals")
    return table(heads, cells, right=heads[1:-1])
