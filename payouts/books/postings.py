"""What one step of the log says in an accountant's words: transactions on accounts of the chart, zero in sum. Pure.

Money that came in or was spent is dated by its booking, but never into a period that was closed by then. All else is
dated when it happened: a run when it was computed, a decision when it took effect.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import UNSET, Struct

from governance import state as governance
from governance.rule import BALANCE
from governance.rules import parse
from governance.run_facts import Line
from ledger.book import Book
from ledger.entry import Entry
from ledger.fact import Fact
from payouts.books.chart import BANK_ACCOUNT, COSTS, RECEIPTS, SHARED, Chart
from payouts.compute import account_of, computed_run, inflow
from payouts.correction_facts import PeriodAmended, Refunded
from payouts.corrections.correcting import REFUNDED, amendment_name
from payouts.corrections.standing import amended, reasons_in_short
from payouts.credit_facts import Credited
from payouts.deduction_facts import Advanced, AdvanceRepaid, WithheldPaid
from payouts.facts import MoneyMoved, PayoutComputed, Received, SpentAsDecided
from payouts.inputs import place
from payouts.parties.foreign import foreign_words
from payouts.parties.payees import payable_name
from payouts.payee_facts import Billed, MadePayable, PayablePaid
from payouts.state import OF_RESULT, owed_name
from payouts.taken_off.deductions import Deducted
from payouts.taken_off.taking_off import advance_of, balance_of, owed_withheld
from payouts.tax_facts import TaxSetRight
from payouts.years import taxes


class Posting(Struct, frozen=True, kw_only=True):
    """An amount in minor units on an account of the chart, plus is debit; `leaves` says what it then holds."""

    account: str
    amount: int
    leaves: int | None = None


class Transaction(Struct, frozen=True, kw_only=True):
    """What happened on a day; `code` is the entry, like "57.4" (its fourth line), or the proposal; "" for neither."""

    date: str
    code: str
    words: str
    tags: dict[str, str]
    postings: tuple[Posting, ...]


class Moment(Struct, frozen=True, kw_only=True):
    """One step of the log: an entry, or (None) what fell due; and the accounts as they were before it."""

    book: Book
    chart: Chart
    entry: Entry | None
    said: Fact | None
    day: str  # the local date of it
    since: str  # the first day after the periods that were closed by then; "" for none
    accounts: Mapping[str, int]
    kinds: Mapping[str, str]  # of the rules' accounts, as they were
    kinds_after: Mapping[str, str]
    name: Callable[[str], str]

    @property
    def kind(self) -> str:
        """The kind of the entry; "" for what fell due."""
        return self.entry.envelope.kind if self.entry else ""

    @property
    def index(self) -> str:
        """The number of the entry; "" for what fell due."""
        return str(self.entry.index) if self.entry else ""

    def where(self, account: str) -> str:
        """The account of the chart, as it is after this step."""
        return self.chart.place(account, self.kinds_after)


def summed(transactions: Iterable[Transaction]) -> dict[str, int]:
    """What transactions come to, on each account; without those that come to nothing."""
    sums: dict[str, int] = {}
    for posting in (posting for one in transactions for posting in one.postings):
        sums[posting.account] = sums.get(posting.account, 0) + posting.amount
    return {account: amount for account, amount in sums.items() if amount}


def moved(debit: str, credit: str, amount: int) -> tuple[Posting, ...]:
    """An amount from one account to another: the first has more, the second less."""
    return Posting(account=debit, amount=amount), Posting(account=credit, amount=-amount)


# Money in and out.


def _money(at: Moment) -> Iterable[Transaction]:
    said = at.said
    assert isinstance(said, MoneyMoved)
    words, debit, credit = _sides(at, said)
    foreign = "" if said.foreign is UNSET else f", {foreign_words(said.foreign)}"
    yield Transaction(
        date=max(said.booked, at.since),
        code=at.index,
        words=_paper(f"{words} {at.name(said.party)}", said.ref) + foreign,
        tags=_tags(
            at,
            party=at.chart.short(said.party),
            circle=said.circle,
            **_days(at, said.booked, said.value),
            **_more(said),
        ),
        postings=moved(debit, credit, said.amount),
    )


def _sides(at: Moment, said: MoneyMoved) -> tuple[str, str, str]:
    """How money is said, and the accounts that have more and less of it."""
    if isinstance(said, Billed):
        return "bill of", COSTS, at.where(payable_name(said.party))
    return ("received from", BANK_ACCOUNT, RECEIPTS) if said.is_incoming() else ("spent, to", COSTS, BANK_ACCOUNT)


def _more(said: MoneyMoved) -> dict[str, str]:
    """What only some money has: until when a bill is to be paid, whose business a receipt was."""
    due = said.due if isinstance(said, Billed) else UNSET
    business = said.business if isinstance(said, Received) else UNSET
    return {"due": "" if due is UNSET else due, "business": "" if business is UNSET else business}


def _made_payable(at: Moment) -> Iterable[Transaction]:
    said = at.said
    assert isinstance(said, MadePayable)
    due = "" if said.due is UNSET else said.due
    yield Transaction(
        date=at.day,
        code=at.index,
        words=_paper(f"to be paid now to {at.name(said.party)}", said.ref),
        tags=_tags(at, party=at.chart.short(said.party), due=due),
        postings=moved(at.where(said.account), at.where(payable_name(said.party)), said.amount),
    )


def _paid(at: Moment) -> Iterable[Transaction]:
    said = at.said
    assert isinstance(said, PayablePaid)
    yield Transaction(
        date=max(said.booked, at.since),
        code=at.index,
        words=_paper(f"paid to {at.name(said.party)}", said.ref),
        tags=_tags(at, party=at.chart.short(said.party), **_days(at, said.booked, said.value)),
        postings=moved(at.where(payable_name(said.party)), BANK_ACCOUNT, said.amount),
    )


def _credited(at: Moment) -> Iterable[Transaction]:
    said = at.said
    assert isinstance(said, Credited)
    yield Transaction(
        date=max(said.booked, at.since),
        code=at.index,
        words=_paper(f"credited by {at.name(said.party)}", said.ref),
        tags=_tags(at, party=at.chart.short(said.party), **_days(at, said.booked, said.booked)),
        postings=moved(at.where(payable_name(said.party)), COSTS, said.amount),
    )


def _paid_as_decided(at: Moment) -> Iterable[Transaction]:
    said = at.said
    assert isinstance(said, SpentAsDecided)
    proposal = governance.of(at.book).proposals[said.proposal]
    party = proposal.terms.party or ""
    days = _days(at, said.booked, said.value)
    yield Transaction(
        date=max(said.booked, at.since),
        code=at.index,
        words=_paper(f"paid to {at.name(party)}, as proposal {proposal.number} decided", said.ref),
        tags=_tags(at, proposal=str(proposal.number), party=at.chart.short(party), **days),
        postings=moved(at.where(f"owed:{proposal.number}:{party}"), BANK_ACCOUNT, said.amount),
    )


def _tax_set_right(at: Moment) -> Iterable[Transaction]:
    """The result bears the difference on the day it was said, or on the day on which the bank had what came back."""
    said = at.said
    assert isinstance(said, TaxSetRight)
    corrected = taxes.corrections(at.book, said.year)[-1]
    owed = at.where(owed_name(said.year, said.authority))
    tags = {"party": at.chart.short(said.authority)}
    day = at.day if said.booked is UNSET else max(said.booked, at.since)
    if corrected.more:
        yield Transaction(
            date=day,
            code=at.index,
            words=_paper(f"the tax of the book year {said.year} is set right", said.ref),
            tags=_tags(at, **tags),
            postings=moved(at.where(OF_RESULT), owed, corrected.more),
        )
    if said.booked is not UNSET and said.value is not UNSET:
        yield Transaction(
            date=day,
            code=at.index,
            words=_paper(f"tax of the book year {said.year} came back from {at.name(said.authority)}", said.ref),
            tags=_tags(at, **tags, **_days(at, said.booked, said.value)),
            postings=moved(BANK_ACCOUNT, owed, said.back()),
        )


def _days(at: Moment, booked: str, value: str) -> dict[str, str]:
    """The booking date where the transaction has another, and the value date where that is another."""
    return {"booked": "" if booked >= at.since else booked, "value": "" if value == booked else value}


def _paper(words: str, ref: str) -> str:
    return f"{words}, {ref}" if ref else words


def _deductions_paid(at: Moment) -> Iterable[Transaction]:
    """An advance was paid out or came back, or an authority was paid what was withheld for it."""
    said = at.said
    assert isinstance(said, Advanced | AdvanceRepaid | WithheldPaid)
    if isinstance(said, WithheldPaid):
        words, whose = f"paid to {at.name(said.authority)}, withheld of shares", {"party": said.authority}
        accounts = at.where(owed_withheld(said.authority)), BANK_ACCOUNT
    else:
        back, advance = isinstance(said, AdvanceRepaid), at.where(advance_of(said.person))
        accounts = (BANK_ACCOUNT, advance) if back else (advance, BANK_ACCOUNT)
        words = f"{'advance paid back by' if back else 'advance to'} {at.name(said.person)}"
        whose = {"member": said.person}
    of_run = {"period": said.period} if isinstance(said, Advanced) else {}
    who = {name: at.chart.short(known) for name, known in whose.items()}
    yield Transaction(
        date=max(said.booked, at.since),
        code=at.index,
        words=_paper(words, said.ref),
        tags=_tags(at, **who, **of_run, **_days(at, said.booked, said.value)),
        postings=moved(*accounts, said.amount),
    )


# Runs.


def _run(at: Moment) -> Iterable[Transaction]:
    """A run, in its order: what a new rule moves, the income of the period, and each line of each pot."""
    assert isinstance(at.said, PayoutComputed)
    period = at.said.period
    computed = computed_run(at.book, period)
    rule = parse(governance.of(at.book).rules[computed.rule].text)
    number = 0

    def line(words: str, debit: str, credit: str, amount: int, **more: str) -> Transaction:
        nonlocal number
        number += 1
        return Transaction(
            date=at.day,
            code=f"{at.index}.{number}",
            words=f"{period}: {words}",
            tags=_tags(at, line=str(number), period=period, **more),
            postings=moved(debit, credit, amount),
        )

    for name, amount in sorted(at.accounts.items()):
        before, now = at.chart.place(name, at.kinds), place(name, rule)
        if at.where(now) != before:
            words = f"goes to {_said(at, now)}" if now != name else "is of another kind"
            yield line(f"{_said(at, name)} {words} under the new rule", at.where(now), before, amount)
    if back := sum(one.amount for one in computed.pin.refunds):
        yield line("what of the income went back", SHARED, at.where(REFUNDED), back)
    if inflow(computed.pin):
        yield line("the income of the period", SHARED, at.where("pot:income"), inflow(computed.pin))
    order = [step.pot for step in computed.result.steps]
    for one in sorted(computed.result.lines, key=lambda line: order.index(line.pot)):
        person = {"member": at.chart.short(one.to)} if one.account else {}
        accounts = at.where(f"pot:{one.pot}"), at.where(account_of(rule, one))
        yield line(line_words(at, one), *accounts, one.amount, **person)
    for words, whose, to, amount in taken_off(at, computed.deducted):
        yield line(words, at.where(balance_of(whose)), at.where(to), amount, member=at.chart.short(whose))


def taken_off(at: Moment, taken: Deducted) -> Iterator[tuple[str, str, str, int]]:
    """What a run takes off shares: words, whose, the account it goes to, how much."""
    for person, parts in sorted(taken.withheld.items()):
        for authority, amount in parts.items():
            words = f"withheld of {at.name(person)} for {at.name(authority)}"
            yield words, person, owed_withheld(authority), amount
    for person, amount in sorted(taken.set_off.items()):
        yield f"advance to {at.name(person)}, set off", person, advance_of(person), amount


def line_words(at: Moment, line: Line) -> str:
    if line.account is None:
        return f"{line.pot} to {line.to}"
    kept = "" if line.account == BALANCE else f", on {line.account}"
    return f"{line.pot} to {at.name(line.to)}{kept}"


def _said(at: Moment, name: str) -> str:
    """An account of ours in words: "reserve", or "loan of Ana"."""
    kind, _, rest = name.partition(":")
    account, _, person = rest.rpartition(":")
    return f"{account} of {at.name(person)}" if kind == "member" else rest


# Corrections.


def _refund(at: Moment) -> Iterable[Transaction]:
    said = at.said
    assert isinstance(said, Refunded)
    what = "taken back by" if said.chargeback else "paid back to"
    foreign = "" if said.foreign is UNSET else f", {foreign_words(said.foreign)}"
    yield Transaction(
        date=max(said.booked, at.since),
        code=at.index,
        words=_paper(f"{what} {at.name(said.party)}, of entry {said.index}", said.ref) + foreign,
        tags=_tags(at, party=at.chart.short(said.party), **_days(at, said.booked, said.value)),
        postings=moved(at.where(REFUNDED), BANK_ACCOUNT, said.amount),
    )


def _amendment(at: Moment) -> Iterable[Transaction]:
    """An amendment is one transaction: by how much more, or less, each account holds."""
    assert isinstance(at.said, PeriodAmended)
    name = amendment_name(at.said.period, at.said.number)
    found = amended(at.book, name)
    yield Transaction(
        date=at.day,
        code=at.index,
        words=f"{name}: {reasons_in_short(found)}",
        tags=_tags(at, amendment=name, period=found.period),
        postings=tuple(
            Posting(account=account, amount=amount) for account, amount in sorted(_summed_up(at, found.moved).items())
        ),
    )


def _summed_up(at: Moment, kept: Mapping[str, int]) -> dict[str, int]:
    """What is kept more, or less, on each account of the chart: plus is debit there, so it has the other sign."""
    sums: dict[str, int] = {}
    for name, more in kept.items():
        sums[at.where(name)] = sums.get(at.where(name), 0) - more
    return {account: amount for account, amount in sums.items() if amount}


# Decisions.


def decisions(at: Moment) -> Iterable[Transaction]:
    """What members decided to spend from a reserve, and which now is owed."""
    accounts = at.book.parts["payouts"].accounts
    new = {name for name in accounts if name.startswith("owed:") and name not in at.accounts}
    for proposal in governance.of(at.book).proposals.values():
        terms = proposal.terms
        owed = f"owed:{proposal.number}:{terms.party}"
        if owed not in new:
            continue
        yield Transaction(
            date=at.day,
            code=f"proposal {proposal.number}",
            words=f"proposal {proposal.number} decided: from {terms.account}, for {at.name(terms.party or '')}",
            tags=_tags(
                at, entry=str(proposal.index), proposal=str(proposal.number), party=at.chart.short(terms.party or "")
            ),
            postings=moved(at.where(f"account:{terms.account}"), at.where(owed), terms.amount),
        )


def _tags(at: Moment, **tags: str) -> dict[str, str]:
    """The entry, and what else there is to say."""
    return {name: text for name, text in {"entry": at.index, **tags}.items() if text}


SAY: dict[str, Callable[[Moment], Iterable[Transaction]]] = {
    "payouts.received": _money,
    "payouts.spent": _money,
    "payouts.billed": _money,
    "payouts.made_payable": _made_payable,
    "payouts.payable_paid": _paid,
    "payouts.credited": _credited,
    "payouts.spent_as_decided": _paid_as_decided,
    "payouts.computed": _run,
    "payouts.refunded": _refund,
    "payouts.amended": _amendment,
    "payouts.tax_corrected": _tax_set_right,
    "payouts.advanced": _deductions_paid,
    "payouts.advance_repaid": _deductions_paid,
    "payouts.withheld_paid": _deductions_paid,
}
"""How each kind of entry that moves money is said."""
