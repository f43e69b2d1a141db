"""Disputed work: a run holds its part; once the dispute is settled it is paid, or goes back to the pot. Pure."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import floor

from msgspec.structs import replace

from governance import state as governance
from governance.rule import HELD, Rule
from governance.rules import parse
from governance.rules.share import Share
from governance.run_facts import Facts, Item, Line, Result
from governance.weights import worth
from ledger.book import Book
from payouts.corrections.correcting import names_of
from payouts.held_money import HeldMoney, since_close
from payouts.inputs import book_year, place
from payouts.state import DoesNotTie, of, post
from payouts.taken_off.taking_off import balance_of, deductions, note_set_off, post_deductions

Keyed = Sequence[tuple[str, Item]]
"""The work a run read, with the key of each piece that is disputed."""


def hold(
    book: Book,
    run: str,
    rule: Rule,
    facts: Facts,
    result: Result,
    keyed: Callable[[], Keyed],
    named: Callable[[str], str],
) -> None:
    """Remember for which work a run holds how much, from which pot. `named`: the books' name of the rule's accounts."""
    lines = [line for line in result.lines if line.account == HELD]
    items = [(key, item) for key, item in keyed() if key] if lines else []
    for line in lines:
        for key, amount in _by_work(rule, facts, items, line):
            into = {named(account): part for account, part in _into(rule, line, amount)}
            row = HeldMoney(run=run, work=key, person=line.to, pot=named(f"pot:{line.pot}"), to=into)
            of(book).disputed_money.append(row)


def _by_work(rule: Rule, facts: Facts, items: Keyed, line: Line) -> list[tuple[str, int]]:
    """What is held of a line, piece by piece, by what each weighs; units left over go to the first of them."""
    among = rule.pots[line.pot].how.sharing()
    assert among is not None
    weights = {}
    for key, item in items:
        if item.who == line.to and among.chosen(replace(facts, items=(item,))):
            listed = item.listed or rule.listed(item.role, item.kind)
            weights[key] = worth(among, item, listed, facts.exponent)
    weights = {key: weight for key, weight in weights.items() if weight}
    if not weights:
        raise DoesNotTie("money is held for work that nobody disputes")
    whole = sum(weights.values())
    parts = {key: floor(Fraction(line.amount) * weight / whole) for key, weight in weights.items()}
    left = line.amount - sum(parts.values())
    for key in list(parts)[:left]:
        parts[key] += 1
    return [(key, amount) for key, amount in parts.items() if amount]


def _into(rule: Rule, line: Line, amount: int) -> Iterator[tuple[str, int]]:
    """Where the pot would have put a person's share: the accounts, each with its part."""
    share, left = rule.pots[line.pot].how, amount
    assert isinstance(share, Share)
    for account, portion in share.into:
        given = floor(amount * portion.value) if portion else left
        left -= given
        if given:
            yield balance_of(line.to) if account == "balance" else f"member:{account}:{line.to}", given


def rename(book: Book, rule: Rule) -> None:
    """A new rule has another name for a pot or account: what is held goes there in the end."""
    for row in of(book).disputed_money:
        row.pot = place(row.pot, rule)
        row.to = _placed(row.to, rule)
    own = of(book)
    own.upheld = {period: _placed(accounts, rule) for period, accounts in own.upheld.items()}


def _placed(accounts: dict[str, int], rule: Rule) -> dict[str, int]:
    """Amounts by account, as a rule names the accounts."""
    sums: dict[str, int] = {}
    for account, amount in accounts.items():
        sums[place(account, rule)] = sums.get(place(account, rule), 0) + amount
    return sums


def why_not_settle(book: Book, work: str) -> str:
    """Why a dispute cannot be settled now; "" where it can."""
    own = of(book)
    runs = {row.run for row in own.disputed_money if row.work == work}
    waiting = [run for run in sorted(runs) if (own.years if run in own.years else own.runs)[run].approved is None]
    waiting += [name for run in sorted(runs) for name in names_of(own, run) if own.amendments[name].approved is None]
    return f"The payout of {waiting[0]} holds its money and is not approved yet." if waiting else ""


def settle(book: Book, work: str, upheld: bool) -> None:
    """The work stands: what is held for it is paid, less what is withheld; or it is struck: the pots have it again."""
    own = of(book)
    rows = [row for row in own.disputed_money if row.work == work]
    own.disputed_money = [row for row in own.disputed_money if row.work != work]
    for row in rows:
        held = f"member:{HELD}:{row.person}"
        if not upheld:
            post(own.accounts, held, _pot(book, row), row.amount)
            continue
        # By the rates of the last period that is computed.
        period, gross = list(own.runs)[-1], {row.person: row.to.get(balance_of(row.person), 0)}
        taken = deductions(book, period, gross)
        for account, amount in row.to.items():
            post(own.accounts, held, account, amount)
        post_deductions(own.accounts, gross, taken)
        note_set_off(book, period, taken)
        _remember(book, row, period)


def _pot(book: Book, row: HeldMoney) -> str:
    """The pot that has it again; `income` where the rule that holds now has no such pot."""
    rule = parse(governance.text_of(book, governance.current(book)))
    found = place(row.pot, rule)
    return row.pot if found.removeprefix("pot:") in rule.pots else "pot:income"


def _remember(book: Book, row: HeldMoney, period: str) -> None:
    """The pot gave it after all, since this period was computed."""
    own, known = of(book), next(one for one in book.ledger.calendar if one.id == period)
    year = book_year(book, known)
    key = since_close(year) if year in own.years else period
    for account, amount in row.to.items():
        if account != balance_of(row.person):
            put = own.upheld.setdefault(key, {})
            put[account] = put.get(account, 0) + amount
    given = [own.paid.setdefault(row.pot.removeprefix("pot:"), {})]
    given += [own.pay] if row.run in own.runs else []  # the shares of a year are no pay
    for totals in given:
        totals[row.person] = totals.get(row.person, 0) + row.amount
