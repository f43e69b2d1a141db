"""An amendment as treasurers and members see it: why it was made, who gets more or less, and that it adds up."""

from collections.abc import Iterable
from typing import Any

from governance.rule import BALANCE
from governance.telling import grouped
from ledger.book import Book
from ledger.looks import table
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import Amounts, amounts_of, number
from payouts.approving import approval_data, approval_words
from payouts.compute import given
from payouts.corrections.amending import kinds_known
from payouts.corrections.amendment_words import amendment_named, in_short, refund_data, refund_words
from payouts.corrections.correcting import names_of, period_of
from payouts.corrections.late_work import late_of, rules_then
from payouts.corrections.standing import Amended, amended, amendments
from payouts.inputs import in_units
from payouts.kept import Run
from payouts.sums import summed

HEADS = ("Member", "More or less", "Of {} in all now")


def amendment_data(book: Book, names: Names, name: str) -> dict[str, Any]:
    """An amendment as data. Raises Refused where there is none."""
    run = amendment_named(book, name)
    found, say = amended(book, name), amounts_of(book)
    return {
        "amendment": name,
        "period": found.period,
        "number": found.number,
        "entry": run.entry,
        "digest": run.digest,
        "before": found.before,
        "currency": say.currency,
        "words": in_short(found, say),
        "refunds": [refund_data(names, one, say) for one in found.refunds],
        "refunded": say.plain(found.went_back),
        "late": _late_data(book, names, name, found),
        "people": _people(names, found, say),
        "withheld": [
            {"name": names.of(one), "authority": names.of(authority), "change": say.plain(more)}
            for one, parts in found.withheld.items()
            for authority, more in sorted(parts.items())
        ],
        "places": [
            {"name": place.partition(":")[2], "sort": place.partition(":")[0], "change": say.plain(change)}
            for place, change in sorted(found.moved.items())
            if _is_place(place)
        ],
        "short": [
            {"account": _account_words(names, one), "amount": say.plain(much)} for one, much in found.short.items()
        ],
        "together": say.plain(-found.went_back),
        "needs_approval": needs_approval(run),
        "approvals": approval_data(book, names, run),
    }


def needs_approval(run: Run) -> bool:
    """Whether treasurers approve an amendment: somebody gets more by it."""
    return run.approved != run.entry


def _is_place(account: str) -> bool:
    return account.startswith(("account:", "pot:"))


def _people(names: Names, found: Amended, say: Amounts) -> list[dict[str, Any]]:
    """Everybody whose shares changed: by pot, by where it lies, and the period's total now."""
    total, rows = given(found.computed.result), []
    for person, change in sorted(found.people().items(), key=lambda row: (-row[1], names.of(row[0]).casefold())):
        mine = [line for line in found.lines if line.account is not None and line.to == person]
        rows.append(
            {
                "name": names.of(person),
                "id": person,
                "change": say.plain(change),
                "pots": _sums(((line.pot, line.amount) for line in mine), say),
                "into": _sums(((str(line.account), line.amount) for line in mine), say),
                "total": say.plain(total.get(person, 0)),
            }
        )
    return rows


def _late_data(book: Book, names: Names, name: str, found: Amended) -> list[dict[str, str]]:
    """The work that came late, summed up as its sheets have it."""
    then = rules_then(book)
    return [
        {
            "name": names.of(one.who),
            "role": one.role,
            "kind": one.kind,
            "circle": one.circle,
            "quantity": number(in_units(one.qty, one.unit, book.ledger.exponent)),
            "unit": "h" if one.unit == "minute" else "",
            "came_in": sheet,
        }
        for sheet in found.late
        for one, _ in late_of(book, found.period, sheet, then, state.of(book).amendments[name].entry)
    ]


def show_amendment(book: Book, names: Names, name: str) -> list[Any]:
    """An amendment as texts and tables."""
    run, data, say = amendment_named(book, name), amendment_data(book, names, name), amounts_of(book)
    found = amended(book, name)
    before = f"{found.period}#{found.number - 1}" if found.number > 1 else f"the run of {found.period}"
    signed = "; treasurers sign for the digest" if needs_approval(run) else ""
    because = [refund_words(names, one, say) for one in found.refunds]
    because += [f"late work of {one['name']}: {_late_words(one)}" for one in data["late"]]
    return [
        f"Amendment {name} of {show(book.ledger.name)}: {found.period} as it comes to now",
        *(f"Because   {words}" for words in because),
        "",
        _people_table(found, data, say) if data["people"] else "Nobody gets more or less.",
        "",
        _places_table(book, found, say),
        "",
        *(f"Withheld  of {one['name']} for {one['authority']}: {one['change']}" for one in data["withheld"]),
        *(f"Note      {words}" for words in _short_words(data)),
        f"Follows   {before}, by the same rule; later periods stay as they are",
        f"Computed  in entry {run.entry}{signed}",
        f"          {run.digest}",
        f"Approvals {approval_words(book, names, run) if needs_approval(run) else 'none needed: nobody gets more'}",
        *([] if run.approved is not None else [f"          tally payout approve {name}"]),
    ]


def _late_words(one: dict[str, str]) -> str:
    circle = f" in {one['circle']}" if one["circle"] else ""
    return f"{one['quantity']}{one['unit']} {one['role']}/{one['kind']}{circle}, which came in {one['came_in']}"


def _short_words(data: dict[str, Any]) -> list[str]:
    """What accounts lacked."""
    currency = data["currency"]
    return [f"{one['account']} lacked {one['amount']} {currency}, which the result bears" for one in data["short"]]


def _people_table(found: Amended, data: dict[str, Any], say: Amounts) -> Any:
    total = given(found.computed.result)
    cells = [(row["name"], say.signed(found.people()[row["id"]]), grouped(row["total"])) for row in data["people"]]
    people = found.people()
    now = sum(total.get(one, 0) for one in people)
    cells.append(("people together", say.signed(sum(people.values())), say.show(now)))
    heads = tuple(head.format(found.period) for head in HEADS)
    return table(heads, cells, right=heads[1:])


def _places_table(book: Book, found: Amended, say: Amounts) -> Any:
    kinds, people = kinds_known(book), sum(found.people().values())
    cells = [("people", "", say.signed(people))]
    for place, change in sorted(found.moved.items()):
        head, _, rest = place.partition(":")
        if _is_place(place):
            sort = "stays in the pot" if head == "pot" else kinds.get(rest, "account")
            cells.append((rest, sort, say.signed(change)))
    if kept := sum(much for one, much in found.short.items() if one.startswith("member:")):
        cells.append(("people", "could not be taken", say.signed(kept)))
    said = "what went back" if found.refunds else "nothing is lost or made"
    cells.append(("together", said, say.signed(-found.went_back)))
    return table(("Where", "What it is", say.currency), cells, right=(say.currency,))


def _account_words(names: Names, account: str) -> str:
    """An account in words: "reserve", or "loan of Ana"."""
    kind, _, rest = account.partition(":")
    head, _, person = rest.rpartition(":")
    return f"{head} of {names.of(person)}" if kind == "member" else rest


# Beside the payouts they amend.


def amendment_rows(book: Book, names: Names, period: str | None = None) -> list[dict[str, Any]]:
    """All amendments, or those of a period, oldest first."""
    own, say, rows = state.of(book), amounts_of(book), []
    for name, run in own.amendments.items():
        if period is not None and period_of(name) != period:
            continue
        found = amended(book, name)
        rows.append(
            {
                "amendment": name,
                "words": in_short(found, say),
                "refunded": say.plain(found.went_back),
                "to_people": say.plain(sum(found.people().values())),
                "approvals": len(run.approvals),
                "needed": run.needed if needs_approval(run) else 0,
                "state": state_words(book, names, run),
                "entry": run.entry,
                "digest": run.digest,
            }
        )
    return rows


def state_words(book: Book, names: Names, run: Run) -> str:
    """How far an amendment is approved."""
    if not needs_approval(run):
        return "needs no approval"
    return "approved" if run.approved is not None else approval_words(book, names, run)


def amended_lines(rows: list[dict[str, Any]], ahead: str = "") -> list[str]:
    """Each amendment on a line."""
    return [f"{ahead}{row['amendment']}: {row['words']}; {row['state']}" for row in rows]


def corrections_of(book: Book, person: str, period: str, say: Amounts) -> list[dict[str, Any]]:
    """How amendments of a period changed what somebody got, oldest first."""
    found = []
    for name in names_of(state.of(book), period):
        one = amended(book, name)
        found += _correction(name, state.of(book).amendments[name].entry, one, person, say)
    return found


def corrected_into(book: Book, person: str, period: str) -> dict[str, int]:
    """Account -> by how much amendments of a period changed what lies there for somebody."""
    sums: dict[str, int] = {}
    for found in amendments(book, period):
        for line in found.lines:
            if line.account is not None and line.to == person:
                sums[line.account] = sums.get(line.account, 0) + line.amount
        if person in found.withheld:
            sums[BALANCE] = sums.get(BALANCE, 0) - sum(found.withheld[person].values())
    return sums


def corrections_before(book: Book, person: str, period: str, say: Amounts) -> list[dict[str, Any]]:
    """Amendments that were posted between the run before and this one: part of what lay there before it."""
    own = state.of(book)
    runs = list(own.runs)
    at = runs.index(period)
    since = own.runs[runs[at - 1]].entry if at else -1
    found = []
    for name, run in own.amendments.items():
        if since < run.entry < own.runs[period].entry:
            found += _correction(name, run.entry, amended(book, name), person, say)
    return found


def _correction(name: str, entry: int, found: Amended, person: str, say: Amounts) -> list[dict[str, Any]]:
    """What an amendment changed for somebody; nothing where it changed nothing."""
    mine = [line for line in found.lines if line.account is not None and line.to == person]
    change = found.people().get(person, 0)
    if not mine:
        return []
    return [
        {
            "amendment": name,
            "entry": entry,
            "words": in_short(found, say),
            "change": say.plain(change),
            "pots": _sums(((line.pot, line.amount) for line in mine), say),
            "into": _sums(((str(line.account), line.amount) for line in mine), say),
            "withheld": say.plain(sum(found.withheld.get(person, {}).values())),
        }
    ]


def _sums(rows: Iterable[tuple[str, int]], say: Amounts) -> dict[str, str]:
    """Sums by name, without zeros."""
    return {name: say.plain(amount) for name, amount in sorted(summed(rows).items()) if amount}
