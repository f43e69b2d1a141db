"""A member's statement of one period: what she got, from where, her balance, and the state of the log it rests on.

It carries the log's signed head and the receipt of the entry that computed the payout: whoever mails statements around
lets members notice if the log tells them different stories (`tally checkpoint compare` reads one).
"""

from fractions import Fraction
from typing import Any

from governance.rule import BALANCE
from ledger.book import Book
from ledger.doors import Desk
from ledger.log import Reader, Unreachable, head_of
from ledger.looks import table
from ledger.names import Look, Names
from ledger.private import show
from payouts import state
from payouts.amounts import Amounts, amounts_of, bar, readable
from payouts.approving import approval_data, approval_words, run_named
from payouts.bank.payable import least_of, payable
from payouts.compute import computed_run
from payouts.corrections.standing import amended
from payouts.reasons.why import why_data
from payouts.statements.locales import Written
from payouts.statements.statement_steps import elsewhere, steps, taken_off

SAID = ("name", "id", "period", "currency", "total", "rule", "nothing", "bank", "lies_on")
"""What a statement takes over from the reasons."""
PERIODS = 12
BAR = 24


NOBODYS = Written()
"""How amounts are written where nobody said otherwise."""


def show_at_desk(desk: Desk, name: str, period: str, how: Written) -> None:
    """A member's statement in the terminal; with --json as data, whose amounts are plain decimals in any locale."""
    person = desk.names.person(name)
    data = statement_data(desk.book, desk.names, desk.words, person, period)
    computed = data["computed"]["entry"]
    proof = proof_data(desk.ledger.log, computed)
    desk.answer(data | proof, *statement_texts(desk.book, desk.names, data, how), *proof_lines(computed, proof))


def statement_data(book: Book, names: Names, words: Look, person: str, period: str) -> dict[str, Any]:
    """A statement as data. Raises Refused where there is no payout yet."""
    run, pin = run_named(book, period), computed_run(book, period).pin
    why = why_data(book, names, words, person, period)
    kept = ("pot", "amount", "weight", "together", "measure", "rounding", "drift_after", "held_at", "into")
    return {
        "ledger": book.ledger.name,
        **_payable(book, person, period),
        **{key: why[key] for key in SAID},
        **taken_off(why["bank"]),
        **corrected(book, why),
        "shares": [{key: share[key] for key in kept} for share in why["shares"]],
        "history": history(book, person, period, amounts_of(book)),
        "pinned": {"size": pin.size, "root": pin.root, "entry": pin.published},
        "computed": {"entry": run.entry, "digest": run.digest},
        "approvals": approval_data(book, names, run),
    }


def corrected(book: Book, why: dict[str, Any]) -> dict[str, Any]:
    """Corrections: those of earlier periods since the run before, as steps to this balance; and those of this period.

    The balance before is the one before the corrections of earlier periods.
    """
    say, steps_, before = amounts_of(book), list[dict[str, str]](), 0
    for name in (one["amendment"] for one in why["corrections_before"]):
        if amount := amended(book, name).onto_balance().get(why["id"], 0):
            steps_.append({"words": f"Correction {name}", "amount": say.plain(amount)})
            before += amount
    opening = computed_run(book, why["period"]).facts.balances.get(why["id"], 0) - before
    rows = [row | ({"opening": say.plain(opening)} if row["account"] == BALANCE else {}) for row in why["lies_on"]]
    return {"lies_on": rows, "corrections": steps_, "corrected": why["corrections"]}


def _payable(book: Book, person: str, period: str) -> dict[str, str]:
    """What of the balance after this run may be paid out, and from which balance on that is."""
    say, computed = amounts_of(book), computed_run(book, period)
    # As the run saw the person: a statement stays what it was when somebody leaves later.
    least = least_of(book, period, computed.facts.people)(person)
    balance = computed.balances.get(person, 0)
    return {"payable": say.plain(payable(balance, least)), "payable_from": say.plain(least)}


def history(book: Book, person: str, period: str, say: Amounts) -> list[dict[str, str]]:
    """What the person got in the last periods up to this one, oldest first."""
    runs = state.of(book).runs
    upto = list(runs)[: list(runs).index(period) + 1]
    return [{"period": one, "total": say.plain(runs[one].payees.get(person, 0))} for one in upto[-PERIODS:]]


def statement_texts(book: Book, names: Names, data: dict[str, Any], how: Written = NOBODYS) -> list[Any]:
    """The same as texts and tables."""
    run, pinned = state.of(book).runs[data["period"]], data["pinned"]
    return [
        f"Statement of {data['name']} for {data['period']}, {show(data['ledger'])}",
        f"{how.money(data['total'], data['currency'])}; approvals {approval_words(book, names, run)}",
        "",
        _shares_table(data, how) if data["shares"] else _nothing(data),
        "",
        _steps_table(data, how),
        *_corrected_words(data, how),
        *_payable_words(data, how),
        "",
        *([_elsewhere_table(data, how), ""] if elsewhere(data) else []),
        _history_table(book, data, how),
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


def _shares_table(data: dict[str, Any], how: Written) -> Any:
    cells = [
        (
            share["pot"],
            how.amount(share["amount"]),
            for_words(share, how),
            how.amount(share["rounding"]),
            how.amount(share["drift_after"]),
        )
        for share in data["shares"]
    ]
    cells.append(("together", how.amount(data["total"]), "", "", ""))
    heads = ("From", data["currency"], "For", "Rounding", "Over all time")
    return table(heads, cells, right=(data["currency"], "Rounding", "Over all time"))


def for_words(share: dict[str, Any], how: Written) -> str:
    """What a share is for: "12.5 of 457.5 points"."""
    weight, together = how.amount(readable(share["weight"])), how.amount(readable(share["together"]))
    return f"{weight} of {together} {share['measure']}"


def _nothing(data: dict[str, Any]) -> str:
    reasons = [f"  from {one['pot']}: {one['why']}" for one in data["nothing"]]
    return "\n".join(["No share in this period:", *reasons])


def _steps_table(data: dict[str, Any], how: Written) -> Any:
    cells = [(one["words"], how.amount(one["amount"])) for one in steps(data)]
    return table(("Balance", data["currency"]), cells, right=(data["currency"],))


def _elsewhere_table(data: dict[str, Any], how: Written) -> Any:
    sums = ("opening", "shares", "closing")
    cells = [(row["account"], *(how.amount(row[key]) for key in sums)) for row in elsewhere(data)]
    return table(("Capital and other accounts", "Before", "Shares", "Now"), cells, right=("Before", "Shares", "Now"))


def _corrected_words(data: dict[str, Any], how: Written) -> list[str]:
    """What amendments changed of this period's share since, and what they make of its balance."""
    rows = data["corrected"]
    said = [f"Corrected {one['amendment']}: {how.amount(one['change'])}; {one['words']}" for one in rows]
    balance = data["bank"]["corrected"]
    if said and balance.startswith("-"):
        owed = how.money(balance, data["currency"])
        said.append(f"          {owed}: you pay nothing back, the next shares fill it up")
    return ["", *said] if said else []


def _payable_words(data: dict[str, Any], how: Written) -> list[str]:
    """A line about what waits, for a rule with a minimum, or for a balance that corrections took below zero."""
    balance = next(row["closing"] for row in data["lies_on"] if row["account"] == BALANCE)
    if balance.startswith("-"):
        owed = how.money(balance, data["currency"])
        return ["", f"Payable   nothing at {owed}: you pay nothing back, the next shares fill it up"]
    if not Fraction(data["payable_from"]):
        return []
    least = how.money(data["payable_from"], data["currency"])
    return ["", f"Payable   {how.amount(data['payable'])} now; a balance below {least} waits until it is reached"]


def _history_table(book: Book, data: dict[str, Any], how: Written) -> Any:
    runs, person = state.of(book).runs, data["id"]
    given = [runs[row["period"]].payees.get(person, 0) for row in data["history"]]
    most = max(given)
    cells = [
        (row["period"], how.amount(row["total"]), bar(amount, most, BAR))
        for row, amount in zip(data["history"], given, strict=True)
    ]
    return table(("Period", data["currency"], ""), cells, right=(data["currency"],))
