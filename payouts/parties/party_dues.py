"""What is to be paid to parties: how much, for which bills, and what of it is on its way. Pure.

Money that a rule's account, a decision or a year owes is payable once a treasurer has said so (`payouts.made_payable`),
and only when the run that put it there is approved.
"""

from collections.abc import Mapping
from functools import partial

from governance import moving
from governance import state as governance
from governance.rule import OWED, Rule
from governance.rules import parse
from ledger import people
from ledger.book import Book
from payouts import state
from payouts.bank.paying import Payment, on_the_way
from payouts.compute import Computed, computed_run
from payouts.corrections.standing import amended
from payouts.kept import Bill
from payouts.parties.payees import PAYABLE, in_order, making_up, payable_name, stood_by, together, without
from payouts.taken_off.taking_off import WITHHELD
from payouts.years.year_run import YearRun, computed_year

ACCOUNT = "account:"


def free(book: Book, party: str) -> int:
    """What lies there for a party and is not on its way."""
    return _lies(book, party) - on_the_way(state.of(book)).get(party, 0)


def open_bills(book: Book, party: str) -> list[Bill]:
    """What that is for, in the order in which it is paid."""
    return making_up(state.of(book).bills.get(party, ()), free(book, party))


def amounts_to_parties(book: Book) -> dict[str, int]:
    """Party -> what can be paid now; nothing for bills that nobody stands by."""
    good = {party: sum(one.amount for one in bills) for party, bills in _good(book).items()}
    return {party: amount for party, amount in good.items() if amount > 0}


def bills_for(book: Book, amounts: Mapping[str, int]) -> dict[str, list[Bill]]:
    """Party -> the bills that a payment of so much pays."""
    good = _good(book)
    return {party: making_up(good.get(party, ()), amount) for party, amount in amounts.items()}


def _good(book: Book) -> dict[str, list[Bill]]:
    """Party -> the bills that somebody stands by, of what is not on its way."""
    own, gone, found = state.of(book), on_the_way(state.of(book)), dict[str, list[Bill]]()
    disputed = partial(people.is_disputed, book.ledger)
    for party, lies in sorted(state.lying(book, PAYABLE).items()):
        found[party] = stood_by(making_up(own.bills.get(party, ()), lies - gone.get(party, 0)), disputed)
    return found


def _lies(book: Book, party: str) -> int:
    return -state.of(book).accounts.get(payable_name(party), 0)


def put(book: Book, party: str, bill: Bill, debit: str) -> None:
    """A bill is payable to a party: taken from an account that has less of it, or that bears it."""
    own = state.of(book)
    own.bills[party] = in_order([*own.bills.get(party, ()), bill])
    state.post(own.accounts, debit, payable_name(party), bill.amount)


def take(book: Book, amounts: Mapping[str, int]) -> dict[str, list[Bill]]:
    """Party -> the bills that are paid, or are on their way from now on. To be called before the amounts are."""
    own, taken = state.of(book), bills_for(book, amounts)
    for party, bills in taken.items():
        own.bills[party] = without(own.bills.get(party, ()), bills)
        if not own.bills[party]:
            del own.bills[party]
    return taken


def give_back(book: Book, payment: Payment) -> None:
    """A payment will not be made, or came back: its bills are to be paid again."""
    own = state.of(book)
    if payment.bills:
        own.bills[payment.payee] = together([*own.bills.get(payment.payee, ()), *payment.bills])


def papers(bills: list[Bill]) -> list[str]:
    """The papers of bills, each once."""
    return list(dict.fromkeys(ref for one in bills if (ref := one.ref.strip())))


# What an account of ours owes, and to whom.


def owed_names(book: Book) -> list[str]:
    """All accounts with money that is owed to a party and that nobody made payable yet."""
    own = state.of(book)
    return sorted(
        name
        for name, amount in own.accounts.items()
        if amount < 0 and (name.startswith("owed:") or (name.startswith(ACCOUNT) and kind_of(book, name) == OWED))
    )


def kind_of(book: Book, account: str) -> str:
    """The kind of an account by the rule in force, or by the last that knew it; "" for what no rule has."""
    name, own = account.removeprefix(ACCOUNT), governance.of(book)
    now = governance.current(book)
    for digest in (now, *(digest for _, digest in reversed(own.force))):
        known = _rule(book, digest).accounts.get(name)
        if known is not None:
            return known.kind
    return ""


def owed_party(book: Book, account: str) -> str:
    """The party that an account is owed to; "" where nobody said so, or nobody stands by it."""
    if account.startswith("owed:"):
        return account.rpartition(":")[2]
    known = state.of(book).owed_to.get(account.removeprefix(ACCOUNT))
    return known.party if known and not people.is_disputed(book.ledger, known.entry) else ""


def ready(book: Book, account: str) -> int:
    """How much of it can be made payable: what lies there, less what runs that are not approved put there."""
    return -state.of(book).accounts.get(account, 0) - early(book, account)


def early(book: Book, account: str) -> int:
    """What runs, amendments and book years that nobody approved yet put on an account."""
    own, (kind, _, name) = state.of(book), account.partition(":")
    waiting: list[Computed | YearRun] = [
        computed_run(book, one) for one, run in own.runs.items() if run.approved is None
    ]
    waiting += [computed_year(book, one) for one, run in own.years.items() if run.approved is None]
    amending = [amended(book, name) for name, run in own.amendments.items() if run.approved is None]
    if kind == "account":
        rule = _rule(book, governance.current(book))
        lines = [line for one in waiting for line in one.result.lines if line.account is None]
        lines += [line for one in amending for line in one.lines if line.account is None]
        return sum(line.amount for line in lines if name in (line.to, moving.account(line.to, rule)))
    what, _, party = name.rpartition(":")
    if what == WITHHELD:
        taken = [one.deducted.withheld for one in waiting] + [one.withheld for one in amending]
        return sum(parts.get(party, 0) for one in taken for parts in one.values())
    # The tax of a book year lies on an account of its own.
    is_early = what in own.years and own.years[what].approved is None
    return -own.accounts.get(account, 0) if is_early else 0


def _rule(book: Book, digest: str) -> Rule:
    return parse(governance.of(book).rules[digest].text)
