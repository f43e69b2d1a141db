"""A member's statement of one period: what she got, from where, her balance, and the state of the log it rests on.

It carries the log's signed head and the receipt of the entry that computed the payout: whoever mails statements around
lets members notice if the log tells them different stories (`tally checkpoint compare` reads one).
"""

from fractions import Fraction
from typing import Any

from governance.rule import BALANCE
from governance.telling import grouped
from ledger.book import Book
from ledger.log import Reader, Unreachable, head_of
from ledger.looks import table
from ledger.names import Look, Names
from ledger.private import show
from payouts import state
from payouts.amounts import Amounts, amounts_of, bar, readable
from payouts.approving import approval_data, approval_words, run_named
from payouts.compute import computed_run
from payouts.payable import payable, payable_from
from payouts.why import why_data

SAID = (
    *("name", "id", "period", "currency", "total", "rule", "nothing", "bank", "lies_on"),
    *("corrections", "corrections_before"),
)
"""What a statement takes over from the reasons."""
PERIODS = 12
BAR = 24


def statement_data(book: Book, names: Names, words: Look, person: str, period: str) -> dict[str, Any]:
    """A statement as data. Raises Refused where there is no payout yet."""
    run, pin = run_named(book, period), computed_run(book, period).pin
    why = why_data(book, names, words, person, period)
    kept = ("pot", "amount", "weight", "together", "measure", "rounding", "drift_after", "held_at", "into")
    return {
        "ledger": book.ledger.name,
        **_payable(book, person, period),
        **{key: why[key] for key in SAID},
        "shares": [{key: share[key] for key in kept} for share in why["shares"]],
        "history": history(book, person, period, amounts_of(book)),
        "pinned": {"size": pin.size, "root": pin.root, "entry": pin.published},
        "computed": {"entry": run.entry, "digest": run.digest},
        "approvals": approval_data(book, names, run),
    }


def _payable(book: Book, person: str, period: str) -> dict[str, str]:
    """What of the balance after this run may be paid out, and from which balance on that is."""
    say, least = amounts_of(book), payable_from(book, period)
    balance = computed_run(book, period).balances.get(person, 0)
    return {"payable": say.plain(payable(balance, least)), "payable_from": say.plain(least)}


def history(book: Book, person: str, period: str, say: Amounts) -> list[dict[str, str]]:
    """What the person got in the last periods up to this one, oldest first."""
    runs = state.of(book).runs
    upto = list(runs)[: list(runs).index(period) + 1]
    return [{"period": one, "total": say.plain(runs[one].payees.get(person, 0))} for one in upto[-PERIODS:]]


def statement_texts(book: Book, names: Names, data: dict[str, Any]) -> list[Any]:
    """The same as texts and tables."""
    run, pinned = state.of(book).runs[data["period"]], data["pinned"]
    return [
        f"Statement of {data['name']} for {data['period']}, {show(data['ledger'])}",
        f"{grouped(data['total'])} {data['currency']}; approvals {approval_words(book, names, run)}",
        "",
        _shares_table(data) if data["shares"] else _nothing(data),
        "",
        _accounts_table(data),
        *_taken_words(data),
        *_correction_words(data),
        *_payable_words(data),
        "",
        _history_table(book, data),
        "",
        f"By        {data['rule']['words']}",
        f"Rests on  the first {pinned['size']} entries of the log (closed by entry {pinned['entry']}), whose root is",
        f"          {pinned['root']}",
        f"Reasons   tally why {data['name']} {data['period']}",
    ]


def proof_data(log: Reader, computed: int) -> dict[str, str | None]:
    """The receipt of the entry that computed a payout and the signed head it is under, where the log is at hand."""
    try:
        receipt = log.receipt(computed).decode()
    except Unreachable:
        return {"receipt": None, "checkpoint": None}
    return {"receipt": receipt, "checkpoint": log.shown().note.decode()}


def proof_lines(computed: int, proof: dict[str, str | None]) -> list[str]:
    """The same in short, for people: where the receipt is, and the head to compare with others."""
    if proof["checkpoint"] is None:
        return []
    head = head_of(proof["checkpoint"].encode())
    return [
        f"Proof     entry {computed} computed this: tally receipt show {computed}",
        f"Log head  {head.size} entries when this was written, root {head.root.hex()}",
    ]


def _shares_table(data: dict[str, Any]) -> Any:
    cells = [
        (
            share["pot"],
            grouped(share["amount"]),
            f"{readable(share['weight'])} of {readable(share['together'])} {share['measure']}",
            share["rounding"],
            share["drift_after"],
        )
        for share in data["shares"]
    ]
    cells.append(("together", grouped(data["total"]), "", "", ""))
    heads = ("From", data["currency"], "For", "Rounding", "Over all time")
    return table(heads, cells, right=(data["currency"], "Rounding", "Over all time"))


def _nothing(data: dict[str, Any]) -> str:
    reasons = [f"  from {one['pot']}: {one['why']}" for one in data["nothing"]]
    return "\n".join(["No share in this period:", *reasons])


def _accounts_table(data: dict[str, Any]) -> Any:
    heads = {"opening": "Before", "shares": "Shares", "taken": "Taken off", "closing": "Now"}
    if not any(Fraction(row.get("taken", "0")) for row in data["lies_on"]):
        del heads["taken"]
    if data["corrections"]:
        heads |= {"closing": "Then", "corrections": "Corrections", "corrected": "As corrected"}
    cells = [(row["account"], *(grouped(row[key]) if key in row else "" for key in heads)) for row in data["lies_on"]]
    return table(("Account", *heads.values()), cells, right=tuple(heads.values()))


def _correction_words(data: dict[str, Any]) -> list[str]:
    """What amendments changed of this period's share, and what those of other periods had changed before it."""
    said = [("Before", one) for one in data["corrections_before"]] + [("Corrected", one) for one in data["corrections"]]
    lines = [f"{when:<10}{one['amendment']}: {one['change']}; {one['words']}" for when, one in said]
    return ["", *lines] if said else []


def _taken_words(data: dict[str, Any]) -> list[str]:
    """From the gross to the net, for a share of which something was taken off."""
    bank = data["bank"]
    rows = [("Withheld", row["amount"], f"for {row['authority']}") for row in bank["withheld"]]
    rows += [("Advances", bank["advances"], "paid before, set off now")] if Fraction(bank["advances"]) else []
    said = [f"{name:<10}{grouped(amount)} {words}" for name, amount, words in rows]
    net = f"Net       {grouped(bank['shares'])} on the balance, {grouped(bank['net'])} after that"
    return ["", *said, net] if rows else []


def _payable_words(data: dict[str, Any]) -> list[str]:
    """A line about what waits, for a rule with a minimum, or for a balance that corrections took below zero."""
    balance = next(row["corrected"] for row in data["lies_on"] if row["account"] == BALANCE)
    if balance.startswith("-"):
        owed = f"{grouped(balance)} {data['currency']}"
        return ["", f"Payable   nothing at {owed}: you pay nothing back, the next shares fill it up"]
    if not Fraction(data["payable_from"]):
        return []
    least = f"{grouped(data['payable_from'])} {data['currency']}"
    return ["", f"Payable   {grouped(data['payable'])} now; a balance below {least} waits until it is reached"]


def _history_table(book: Book, data: dict[str, Any]) -> Any:
    runs, person = state.of(book).runs, data["id"]
    given = [runs[row["period"]].payees.get(person, 0) for row in data["history"]]
    most = max(given)
    cells = [
        (row["period"], grouped(row["total"]), bar(amount, most, BAR))
        for row, amount in zip(data["history"], given, strict=True)
    ]
    return table(("Period", data["currency"], ""), cells, right=(data["currency"],))
