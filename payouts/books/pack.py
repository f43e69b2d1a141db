"""The treasurer's figures for a period, put together from the book so that all totals are equal. Pure.

Whatever stands twice is worked out in two ways and compared: a figure that does not tie is a fault of the program and
nothing is written.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from governance import state as governance
from governance.rule import HELD, OWED, Rule
from governance.rules import parse
from ledger import people
from ledger.book import Book
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import amounts_of
from payouts.approving import run_named
from payouts.bank.due_payments import amounts_due
from payouts.bank.paying import VOID, Export, details_now, on_the_way, why_not_pay
from payouts.books.aging import HEADS, aged
from payouts.books.minima import Minimum, minima
from payouts.books.report import account_rows
from payouts.books.sheets import Cell, Sheet, sheet
from payouts.compute import computed_run
from payouts.corrections.amendment_words import in_short
from payouts.corrections.correcting import amendment_name
from payouts.corrections.standing import amendments
from payouts.figures import Figures, figures
from payouts.parties.payees import PAYABLE
from payouts.sums import summed
from payouts.taken_off.deductions_words import by_authority
from payouts.taken_off.taking_off import owed_withheld
from payouts.years.year_run import computed_year


class Pack(Struct, frozen=True, kw_only=True):
    """All tables of a pack, and the newest file for the bank that pays the period, if there is one."""

    period: str
    sheets: tuple[Sheet, ...]
    export: Export | None

    def sheet(self, name: str) -> Sheet:
        """The table of that name."""
        return next(one for one in self.sheets if one.name == name)


def pack_of(book: Book, names: Names, period: str, now: int) -> Pack:
    """The pack of a computed period as the book stands. Raises Refused where the period is not computed."""
    run, computed = run_named(book, period), computed_run(book, period)
    found, rule = figures(computed), parse(governance.text_of(book, run.rule))
    export = _newest_export(book, period)
    sheets = (
        _cash(book, period),
        _members(book, names, period, found, now),
        _aging(book, names, now),
        _reserve(book, period, rule),
        _owed(book, names, found),
        _run(names, found),
        _amended(book, names, period),
        _accounts(book, names),
    )
    made = Pack(period=period, sheets=(_summary(book, found, export), *sheets), export=export)
    _must_tie(book, found, made)
    return made


def _newest_export(book: Book, period: str) -> Export | None:
    """The newest file for the bank that pays this period and is not void."""
    own = state.of(book)
    for export in reversed(own.exports.values()):
        if export.period == period and any(own.payments[eid].status != VOID for eid in export.payments):
            return export
    return None


def _summary(book: Book, found: Figures, export: Export | None) -> Sheet:
    run, payments = state.of(book).runs[found.period], state.of(book).payments
    in_file = sum(payments[eid].amount for eid in export.payments) if export else 0
    rows: list[dict[str, Cell]] = [
        {"what": "received", "amount": found.received},
        {"what": "spent", "amount": -found.spent},
        {"what": "income of the period", "amount": found.income},
        {"what": "to people", "amount": found.to_people},
        {"what": "to accounts", "amount": found.to_accounts},
        {"what": "to pots", "amount": found.to_pots},
        {"what": "in the file for the bank", "amount": in_file},
    ]
    approved = "approved" if run.approved is not None else "not approved"
    for row in rows[3:6]:
        row["note"] = "people, accounts and pots are together the income"
    rows[3]["note"] = f"{approved}: {len(run.approvals)} of {run.needed}"
    files = sum(one.period == found.period for one in state.of(book).exports.values())
    if files > 1:
        rows[6]["note"] = f"the newest of {files} files; it alone is in this folder"
    for one in amendments(book, found.period):
        said = f"{in_short(one, amounts_of(book))}; not in the figures above"
        rows.append(
            {"what": f"corrected by {amendment_name(found.period, one.number)}", "amount": -one.went_back, "note": said}
        )
    return sheet("summary", ("what", "amount", "note"), ("amount",), rows)


def _cash(book: Book, period: str) -> Sheet:
    """What lies in the bank beside all that must be paid from it sooner or later."""
    own, payables = state.of(book), sum(state.lying(book, PAYABLE).values())
    gone, due = on_the_way(own), amounts_due(book, period)
    of_people = state.lying(book, "balance")
    persons = book.ledger.persons
    on_way, now = (sum(much for one, much in found.items() if one in persons) for found in (gone, due))
    # What is in a file leaves the bank, also where a refund has taken back a part of that balance meanwhile.
    later = sum(max(0, much - gone.get(one, 0) - due.get(one, 0)) for one, much in of_people.items())
    held = sum(amount for name, amount in state.lying(book, "member").items() if name.startswith(f"{HELD}:"))
    parties = sum(_owed_accounts(book).values())
    bank = own.accounts.get(state.BANK, 0)
    left = bank - on_way - now - later - held - payables - parties
    rows: list[dict[str, Cell]] = [
        {"what": "in the bank", "amount": bank},
        {"what": "to people, in a file for the bank, not booked yet", "amount": -on_way},
        {"what": "to people, payable now", "amount": -now},
        {"what": "to people, not payable yet", "amount": -later},
        {"what": "to parties, to be paid", "amount": -payables},
        {"what": "to parties and authorities, owed, not payable yet", "amount": -parties},
        {"what": "to people, held for disputed work", "amount": -held},
        {"what": "left for reserves, capital, funds and pots", "amount": left},
    ]
    return sheet("cash", ("what", "amount"), ("amount",), rows)


MEMBER_MONEY = (
    *("share", "corrected", "withheld", "advance set off", "advance open"),
    *("balance", "on the way", "payable now"),
)


def _members(book: Book, names: Names, period: str, found: Figures, now: int) -> Sheet:
    own, due = state.of(book), amounts_due(book, period)
    gone, balances = on_the_way(own), state.lying(book, "balance")
    corrected = summed((who, more) for one in amendments(book, period) for who, more in one.people().items())
    rows: list[dict[str, Cell]] = [
        {
            "name": names.of(person),
            "id": person,
            "standing": known.standing,
            "share": found.paid.get(person, 0),
            "corrected": corrected.get(person, 0),
            "withheld": sum(found.taken.withheld.get(person, {}).values()),
            "advance set off": found.taken.set_off.get(person, 0),
            "advance open": sum(one.open for one in own.advances.get(person, ())),
            "balance": balances.get(person, 0),
            "on the way": gone.get(person, 0),
            "payable now": due.get(person, 0),
            "details": why_not_pay(own, person, now) or ("set" if details_now(own, person) else "no-details"),
        }
        for person, known in book.ledger.persons.items()
        if known.standing == people.MEMBER or person in found.paid or person in balances
    ]
    rows.sort(key=lambda row: str(row["name"]).casefold())
    return sheet("members", ("name", "id", "standing", *MEMBER_MONEY, "details"), MEMBER_MONEY, rows)


def _amended(book: Book, names: Names, period: str) -> Sheet:
    """What amendments changed of the period since: people and places, together minus what went back."""
    rows: list[dict[str, Cell]] = []
    for one in amendments(book, period):
        name, changed = amendment_name(period, one.number), one.people()
        places = {at: more for at, more in one.moved.items() if at.startswith(("account:", "pot:"))}
        if sum(changed.values()) + sum(places.values()) != -one.went_back:
            raise state.DoesNotTie(f"{name} does not come to what went back")
        for who in sorted(changed, key=lambda who: names.of(who).casefold()):
            rows.append({"amendment": name, "to": names.of(who), "id": who, "amount": changed[who]})
        for at, more in places.items():
            rows.append({"amendment": name, "to": show(at.partition(":")[2]), "amount": more})
    return sheet("amendments", ("amendment", "to", "id", "amount"), ("amount",), rows)


def _aging(book: Book, names: Names, now: int) -> Sheet:
    balances = state.lying(book, "balance")
    rows: list[dict[str, Cell]] = [
        {"name": names.of(person), "id": person, **dict(zip(HEADS, steps, strict=True)), "together": sum(steps)}
        for person, steps in aged(book, balances, now).items()
    ]
    rows.sort(key=lambda row: str(row["name"]).casefold())
    return sheet("aging", ("name", "id", *HEADS, "together"), (*HEADS, "together"), rows)


def _reserve(book: Book, period: str, rule: Rule) -> Sheet:
    """Every "at least" for an indivisible account: of the run, and of the book year where it is computed."""
    computed = computed_run(book, period)
    rows = [_least(period, one) for one in minima(rule, computed.facts, computed.result)]
    holds = state.lying(book, "account")
    for year, run in state.of(book).years.items():
        closed = computed_year(book, year)
        if period in closed.periods:
            of_year = parse(governance.text_of(book, run.rule))
            rows += [_least(f"year {year}", one) for one in minima(of_year, closed.facts, closed.result)]
    for row in rows:
        row["holds now"] = holds.get(str(row["account"]), 0)
    heads = ("run", "account", "clause", "at least", "got", "holds now", "kept")
    return sheet("reserve", heads, ("at least", "got", "holds now"), rows)


def _least(run: str, one: Minimum) -> dict[str, Cell]:
    return {
        "run": run,
        "account": show(one.account),
        "clause": f"{show(one.pot)}: {one.clause}",
        "at least": one.least,
        "got": one.got,
        "kept": "yes" if one.reached else "NO",
    }


def _owed(book: Book, names: Names, found: Figures) -> Sheet:
    """What is owed to authorities and other parties, account by account, and what of it came with this run."""
    withheld = by_authority(found.taken)
    this_run = {owed_withheld(authority): amount for authority, amount in withheld.items()}
    this_run |= {f"account:{name}": change for name, change in found.accounts.items()}
    rows: list[dict[str, Cell]] = []
    for name, amount in sorted(_owed_accounts(book, this_run).items()):
        kind, _, rest = name.partition(":")
        head, _, party = rest.rpartition(":")
        rows.append(
            {
                "account": show(rest if kind == "account" else head or kind),
                "to": names.of(party) if kind != "account" else "",
                "of this run": this_run.get(name, 0),
                "owed now": amount,
            }
        )
    return sheet("owed", ("account", "to", "of this run", "owed now"), ("of this run", "owed now"), rows)


def _owed_accounts(book: Book, this_run: Iterable[str] = ()) -> Mapping[str, int]:
    """Every account of the books that is owed to a party, in its full name, with what is owed; those of `this_run` too.

    What came with a run and is paid since is owed no more, and still belongs to the run's row.
    """
    rule = parse(governance.text_of(book, governance.current(book)))
    owed = {f"account:{name}" for name, declared in rule.accounts.items() if declared.kind == OWED}
    accounts = dict.fromkeys(this_run, 0) | state.of(book).accounts
    return {name: -amount for name, amount in accounts.items() if name in owed or name.startswith("owed:")}


def _run(names: Names, found: Figures) -> Sheet:
    rows: list[dict[str, Cell]] = [
        {"pot": pot, "to": names.of(person), "id": person, "amount": amount}
        for person, pots in found.people.items()
        for pot, amount in pots.items()
    ]
    rows.sort(key=lambda row: (str(row["pot"]), str(row["to"]).casefold()))
    places = [("account", found.accounts), ("stays in the pot", found.pots)]
    rows += [
        {"pot": sort, "to": name, "amount": change} for sort, changes in places for name, change in changes.items()
    ]
    return sheet("run", ("pot", "to", "id", "amount"), ("amount",), rows)


def _accounts(book: Book, names: Names) -> Sheet:
    """Every account with its balance, plus for what there is, minus for what is owed or kept."""
    amounts = sorted(state.of(book).accounts.items())
    rows: list[dict[str, Cell]] = []
    for row, (_, amount) in zip(account_rows(book, names), amounts, strict=False):
        rows.append({"account": row["account"], "name": row["name"], "what": row["what"], "amount": amount})
    return sheet("accounts", ("account", "name", "what", "amount"), ("amount",), rows)


def _must_tie(book: Book, found: Figures, made: Pack) -> None:
    """All totals are equal, wherever they stand."""
    balances = [amount for amount in state.lying(book, "balance").values() if amount > 0]
    say = amounts_of(book)
    pairs = {
        "what people got": (made.sheet("members").total("share"), found.to_people),
        "the run's rows": (made.sheet("run").total("amount"), found.income),
        "what is owed to people": (made.sheet("aging").total("together"), sum(balances)),
        "the accounts": (made.sheet("accounts").total("amount"), 0),
        "what was withheld": (made.sheet("members").total("withheld"), sum(by_authority(found.taken).values())),
        "the cash": (made.sheet("cash").total("amount"), 2 * _last(made.sheet("cash"))),
    }
    for what, (one, other) in pairs.items():
        if one != other:
            raise state.DoesNotTie(f"{what} come to {say.plain(one)} here and {say.plain(other)} there")


def _last(cash: Sheet) -> int:
    amount = cash.rows[-1]["amount"]
    assert isinstance(amount, int)
    return amount
