"""The payouts room's part of the book: what came in and went out, the accounts, and the runs.

Accounts are double entry: every posting moves an amount from one account to another, so that all of them always
sum to zero; this is checked after every entry. What the cooperative has is positive (`bank`), what it owes or
keeps for somebody is negative (`balance:PERSON`, `account:reserve`, `pot:work`). When a period's cut-off passes,
its money is pinned together with the rule, the log's head and the people as they were.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, field

from contributions import state as contributions
from governance import state as governance
from governance.moving import check_change
from governance.rule import BALANCE, FUND, INDIVISIBLE, OWED, RESULT, Rule
from governance.rules import parse
from ledger import people
from ledger.book import Act, Book
from ledger.calendar import Period, grace_days
from ledger.entry import Entry
from ledger.errors import Refused, VerificationFailed
from ledger.fact import Piece
from ledger.money import format_amount
from payouts.bank.paying import details_now
from payouts.corrections.correcting import less_refunds, period_of, taken_in
from payouts.corrections.late_work import note_late
from payouts.departed.heirs_kept import has_spoken
from payouts.departed.unclaimed_kept import Claims, watched
from payouts.kept import Money, Pin, Run, TaxCorrected, YearPin
from payouts.parties.payees import payable_name
from payouts.seen import as_seen, sellers_of

BANK, AWAITING, OF_RESULT = "bank", "awaiting", f"account:{RESULT}"
APPROVED = "payouts.approved"
YEAR_APPROVED = "payouts.year_approved"
REDEEMED_APPROVED = "payouts.redeemed_approved"
AMENDMENT_APPROVED = "payouts.amendment_approved"


class DoesNotTie(VerificationFailed):
    """Figures that should come to the same, worked out in two ways, do not: the program is at fault."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The books do not tie: {what}.", "Nothing was paid. Please report this as a fault of tally.")


class State(Claims, kw_only=True):
    """Everything the payouts room knows."""

    approvers: int = 1
    approver_steps: list[tuple[int, int]] = field(default_factory=list)  # from this amount on, so many
    accounts: dict[str, int] = field(default_factory=dict)
    money: list[Money] = field(default_factory=list)
    turnover: int = 0  # all that ever came in and went out
    pinned: int = 0  # how many periods of the calendar are pinned
    pins: dict[str, Pin] = field(default_factory=dict)  # pinned and not computed yet
    runs: dict[str, Run] = field(default_factory=dict)
    debts: dict[str, dict[str, int]] = field(default_factory=dict)  # pot -> id -> 10^-9 minor units
    open_claims: dict[str, dict[str, int]] = field(default_factory=dict)
    last: dict[str, dict[str, int]] = field(default_factory=dict)  # pot -> person -> what it gave last time
    paid: dict[str, dict[str, int]] = field(default_factory=dict)  # pot -> person -> what it ever gave
    year: str = ""  # first day of the book year that `pay` is of
    pay: dict[str, int] = field(default_factory=dict)
    year_pins: dict[str, YearPin] = field(default_factory=dict)  # book years closed and not computed yet, by first day
    years: dict[str, Run] = field(default_factory=dict)  # book years that are computed, by first day
    unusual: int = 0  # times the median; 0 where members have not set it
    tax_corrected: dict[str, list[TaxCorrected]] = field(default_factory=dict)  # book year -> oldest first


class Section(Piece, frozen=True):
    """What the founding entry hands to this room."""

    approvers: Annotated[int, Meta(ge=1, le=100)]
    late: str
    grace_days: Annotated[int, Meta(ge=0, le=60)]


def of(book: Book) -> State:
    """This room's part."""
    found: State = book.parts["payouts"]
    return found


def check_founding(section: dict[str, Any], founded: Any) -> None:
    """Enough founders can approve; late work and days of grace are those of the first rule and of the calendar."""
    first = _section(section)
    treasurers = sum(people.TREASURER in founder.roles for founder in founded.founders)
    if first.approvers > treasurers:
        raise Refused(
            f"{first.approvers} treasurers must approve a payout, but {treasurers} of the founders are treasurers.",
            "Name more founders with --founder, or fewer with --approvers.",
        )
    late = parse(founded.rooms["governance"]["rule"]).late
    if first.late != late:
        raise Refused(f"The first rule says {late!r} of late work, and the section on payouts {first.late!r}.")
    # The calendar's own check has found the same days of grace in every row.
    if first.grace_days != grace_days(founded.clock.rows[0]):
        raise Refused("The calendar's cut-offs are not the days of grace after each period.")


def found(book: Book, section: dict[str, Any]) -> None:
    """Take the first values."""
    first = _section(section)
    of(book).approvers = first.approvers


def _section(section: dict[str, Any]) -> Section:
    try:
        return msgspec.convert(section, Section, strict=True)
    except msgspec.ValidationError as error:
        raise Refused(f"The founding entry's section on payouts is not right: {error}.") from error


def post(accounts: dict[str, int], debit: str, credit: str, amount: int) -> None:
    """Book an amount on two accounts: the first has more (or owes less), the second has less (or owes more)."""
    for name, change in ((debit, amount), (credit, -amount)):
        accounts[name] = accounts.get(name, 0) + change
        if not accounts[name]:
            del accounts[name]


def balanced(book: Book) -> None:
    """All accounts sum to zero, after every entry."""
    if sum(of(book).accounts.values()):
        raise DoesNotTie("the accounts do not sum to zero")


def lying(book: Book, kind: str) -> dict[str, int]:
    """What lies on all accounts of one kind ("pot", "account", "balance"), by the name after it."""
    return of_kind(of(book).accounts, kind)


def of_kind(accounts: dict[str, int], kind: str) -> dict[str, int]:
    """The accounts of one kind by the name after it, positive for money that the cooperative owes or keeps."""
    head = f"{kind}:"
    return {name[len(head) :]: -amount for name, amount in accounts.items() if name.startswith(head)}


def by_person(members: dict[str, int]) -> dict[str, dict[str, int]]:
    """Account -> person -> amount, from names like "loan:PERSON"; a rule may write a colon into an account's name."""
    nested: dict[str, dict[str, int]] = {}
    for name, amount in members.items():
        account, _, person = name.rpartition(":")
        nested.setdefault(account, {})[person] = amount
    return nested


def due(book: Book, until: int) -> Act | None:
    """The next period is pinned when its cut-off comes, after its work was frozen."""
    state = of(book)
    if state.pinned >= len(book.ledger.calendar):
        return None
    period = book.ledger.calendar[state.pinned]
    return (period.cut, f"freeze {period.id} 2", lambda book: pin(book, period)) if period.cut <= until else None


def pin(book: Book, period: Period) -> None:
    """Take this period's money out of the open, with all else its run depends on.

    Money that is disputed waits until whoever booked it reaffirms it.
    """
    state = of(book)
    going = {one.entry for one in state.money if one.booked <= period.last} - set(book.ledger.disputed.values())
    money = [one for one in state.money if one.entry in going]
    state.money = [one for one in state.money if one.entry not in going]
    named = sorted({ref for one in money if one.incoming for ref in one.deals})
    refunds = taken_in(state, going, set(book.ledger.disputed.values()), period.id)
    starts = [row.start for row in book.ledger.calendar if row.start <= period.start]
    state.pins[period.id] = Pin(
        size=book.size,
        root=book.root,
        rule=governance.rule_at(book, period.start),
        money=less_refunds(money, refunds),
        refunds=refunds,
        sellers={ref: sellers for ref in named if (sellers := sellers_of(book, ref))},
        people={
            one: as_seen(book, one, starts) for one in book.ledger.persons if not contributions.is_waiting(book, one)
        },
    )
    state.pinned += 1
    if state.unclaimed is not None:
        state.quiet = watched(book.ledger, state.quiet, lying(book, BALANCE), period.cut)
    note_late(book, period.id)


def payouts_computed(book: Book) -> int:
    """How many runs stand in the book; each was computed when its entry was admitted."""
    return len(of(book).runs)


def next_run(book: Book) -> Period | None:
    """The oldest period that is pinned and not computed."""
    done = len(of(book).runs)
    return book.ledger.calendar[done] if done < of(book).pinned else None


def enough(book: Book, run: Run) -> bool:
    """Enough treasurers approved; one whom the run pays counts only beside another, unless alone in the ledger."""
    if len(run.approvals) < run.needed:
        return False
    return not alone_for_own_pay(run) or len(people.members(book.ledger)) == 1


UNUSUAL = 3


def unusual(book: Book) -> int:
    """From how many times the median on a share is pointed out to who approves."""
    return of(book).unusual or UNUSUAL


def approvable(state: State) -> list[tuple[str, str, str, Run]]:
    """All that treasurers approve by digest: the kind of approval, its field that names the run, the name, the run."""
    found = [(APPROVED, "period", period, run) for period, run in state.runs.items()]
    found += [(YEAR_APPROVED, "year", year, run) for year, run in state.years.items()]
    found += [(REDEEMED_APPROVED, "year", year, run) for year, run in state.redemptions.items()]
    return found + [(AMENDMENT_APPROVED, "amendment", name, run) for name, run in state.amendments.items()]


def disputes_changed(book: Book, entries: Sequence[Entry], said: Entry) -> None:
    """Approvals that became disputed do not count while a run is not approved; reaffirmed ones count again."""
    for kind, field_name, named, run in approvable(of(book)):
        if run.approved is not None:
            continue
        run.approvals = {
            person: index for person, index in run.approvals.items() if not people.is_disputed(book.ledger, index)
        }
        for entry in entries:
            again = entry.envelope.kind == kind and not people.is_disputed(book.ledger, entry.id)
            again = again and people.holds(book.ledger, entry.author, people.TREASURER)
            if again and msgspec.json.decode(entry.envelope.body)[field_name] == named:
                run.approvals.setdefault(entry.author, entry.index)
        if enough(book, run):
            run.approved = said.index


def alone_for_own_pay(run: Run) -> bool:
    """The only approval is that of somebody whom this very run pays."""
    return len(run.approvals) == 1 and run.approvals.keys() <= run.payees.keys()


def paper_id(incoming: bool, party: str, ref: str) -> str:
    """What makes a paper (an invoice, a receipt) the same paper: the side, the party, the reference.

    References are compared without letter case and blanks at the ends: "INV-12" and "inv-12 " are one paper.
    """
    return f"{'in' if incoming else 'out'} {party} {ref.strip().casefold()}"


def booked_where(book: Book, paper: str) -> str:
    """Where a paper is booked already, in words; "" where it is not."""
    state = of(book)
    waiting = [*state.money, *(one for pin in state.pins.values() for one in pin.money)]
    for one in waiting:
        if one.ref and paper_id(one.incoming, one.party, one.ref) == paper:
            return f"in entry {one.entry}"
    documents = {run.document for run in state.runs.values()}
    return "in a period that is computed" if book.shelf.settled(paper, documents) else ""


def why_not_spend(book: Book, account: str, amount: int) -> str:
    """Why the members cannot spend so much of this account; "" where they can."""
    held, rule = lying(book, "account"), parse(governance.text_of(book, governance.current(book)))
    declared = rule.accounts.get(account)
    if declared is not None and declared.kind not in (INDIVISIBLE, FUND):
        paid = f"; it is paid by: tally payee due {account}" if declared.kind == OWED else ""
        return f"{account} is not the cooperative's to spend: it is {declared.kind}{paid}."
    if account not in held:
        known = ", ".join(sorted(held)) or "none"
        return f"There is no account {account!r} with money on it; these hold some: {known}."
    if held[account] < amount:
        figure = format_amount(held[account], book.ledger.exponent)
        return f"{account} holds {figure} {book.ledger.currency}, not as much as is to be spent."
    return ""


def spend(book: Book, number: int, account: str, amount: int, party: str) -> None:
    """What the members decided is owed to a party from now on."""
    post(of(book).accounts, f"account:{account}", owed_name(number, party), amount)


def owed_name(number: int | str, party: str) -> str:
    """The account of what a decision, by its number, or the tax of a year, by its first day, owes to a party."""
    return f"owed:{number}:{party}"


def due_account(book: Book, payee: str) -> str:
    """The account of what is to be paid to somebody: a member's balance, or what is payable to a party."""
    return payable_name(payee) if payee in book.ledger.parties else f"balance:{payee}"


def reading_keys(book: Book) -> dict[str, str]:
    """The keys (X25519, hex) that payment details are sealed for: of each treasurer who has published one."""
    keys = of(book).box_keys
    return {
        person: keys[person].public
        for person in people.treasurers(book.ledger)
        if person in keys and not people.is_disputed(book.ledger, keys[person].entry)
    }


def unread_by(book: Book, person: str) -> list[str]:
    """The treasurers for whom a member's details are not sealed yet; nobody where there are no details."""
    details = details_now(of(book), person)
    return [one for one, key in reading_keys(book).items() if details is not None and key not in details.boxes]


def reminders(book: Book, person: str) -> list[str]:
    """What a person is told at the next command that signs: who cannot read their details, and who has set them."""
    count, details = len(unread_by(book, person)), details_now(of(book), person)
    who = "A treasurer" if count == 1 else f"{count} treasurers"
    said = [f"{who} cannot read your payment details yet: tally payout details reseal"] if count else []
    if (details and details.others) or any(one.person == person for one in of(book).offers.values()):
        said.append("Others have set payment details for you. If they are not yours: tally payout details set")
    if any(one.person == person and not has_spoken(book.ledger, one) for one in of(book).heirs.values()):
        said.append("Others have said that you died, and named heirs. With the next thing you sign that is over.")
    if person in of(book).quiet and of(book).quiet[person].noticed is not None:
        said.append("Money of yours could not be paid, and goes elsewhere soon. Say where to: tally payout details set")
    return said


def of_digest(book: Book, named: str, digest: str) -> tuple[str, str, Run] | None:
    """What members would approve themselves: its kind of approval, its name, the run; found by its digest.

    `named` is a period, for its payout and its amendments, or a book year, for its close and what that redeems.
    """
    of_it = (row for row in approvable(of(book)) if period_of(row[2]) == named and row[3].digest == digest)
    return next(((kind, name, run) for kind, _, name, run in of_it), None)


def roll_words(book: Book, named: str, digest: str) -> str:
    """What that is, in words."""
    found = of_digest(book, named, digest)
    return TO_APPROVE[found[0]].format(found[1]) if found else TO_APPROVE[APPROVED].format(named)


TO_APPROVE = {
    APPROVED: "the payout of {}",
    YEAR_APPROVED: "the close of the book year {}",
    AMENDMENT_APPROVED: "the amendment {}",
    REDEEMED_APPROVED: "what the close of {} redeems",
}


def why_not_roll(book: Book, named: str, digest: str) -> str:
    """Why the members cannot approve this themselves; "" where they can."""
    found, words = of_digest(book, named, digest), roll_words(book, named, digest)
    if found is None:
        return f"There is no payout of {named} with this digest."
    kind, _, run = found
    if run.approved is not None:
        return f"{words[0].upper()}{words[1:]} is approved already."
    if kind == REDEEMED_APPROVED and of(book).years[named].approved is None:
        return f"The book year {named} is not approved yet."
    could = set(people.treasurers(book.ledger)) | set(run.approvals)
    if len(could) >= run.needed:
        return f"There are treasurers enough to approve {words}: {run.needed} must, {len(could)} can."
    return ""


def approved_by_roll(book: Book, named: str, digest: str) -> None:
    """The members have approved it: there were too few treasurers."""
    found = of_digest(book, named, digest)
    assert found is not None
    found[2].approved = max(0, book.size - 1)


def why_not_settle(book: Book, work: str) -> str:
    """Why a dispute about work cannot be settled now; "" where it can."""
    from payouts import holding  # noqa: PLC0415  (it builds on this file)

    return holding.why_not_settle(book, work)


def dispute_settled(book: Book, work: str, upheld: bool) -> None:
    """A dispute about work is settled: what was held is paid, or goes back to its pots."""
    from payouts import holding  # noqa: PLC0415  (it builds on this file)

    holding.settle(book, work, upheld)


def object_to_rule(book: Book, rule: Rule) -> None:
    """Refuse a rule that drops a pot or account holding money without saying where it goes, or frees what is kept."""
    declared: dict[str, Rule] = {}
    for _, digest in governance.of(book).force:
        old = parse(governance.of(book).rules[digest].text)
        declared |= dict.fromkeys((*old.pots, *old.accounts), old)
    members = {name.rpartition(":")[0] for name in lying(book, "member")}
    coming = {name for one in of(book).disputed_money for name in one.places()}
    holding = {*lying(book, "pot"), *lying(book, "account"), *members, *coming}
    # A place that holds nothing today may be dropped; but what is moved or kept is looked at even then, since money
    # may come before the rule holds.
    for name, old in sorted(declared.items()):
        kept = name in rule.accounts and name in old.accounts and rule.is_member(name) == old.is_member(name)
        if name in holding or name in rule.moved or kept:
            check_change(old, rule, [name])
