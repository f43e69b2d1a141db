"""Commands of the payouts room: money in and out, what is due, payouts, why, statements, reports, the alarm clock."""

import click

from ledger.doors import Desk, command, group
from payouts.bank.paying_commands import bank, paying
from payouts.books.report_commands import report
from payouts.capital.capital_commands import capital_group
from payouts.corrections.refund_commands import refund
from payouts.departed.heirs_commands import heirs_group
from payouts.departed.unclaimed_commands import unclaimed_group
from payouts.parties.payee_commands import payee_group, rated
from payouts.statements.statement_commands import statement
from payouts.taken_off.advance_commands import advance, withholding
from payouts.years.year_commands import why_year_at_desk, year_group


@command("add")
@click.argument("amount")
@click.option("--from", "party", required=True, metavar="NAME", help="Who paid: a customer, a fund.")
@click.option("--ref", default="", help="Their paper, like INV-12; each is booked once.")
@click.option("--deal", "deals", multiple=True, help="A deal it pays, as the seller logged it; may repeat.")
@click.option("--date", "booked", default="today", metavar="DAY", help="When it was booked; decides the period.")
@click.option("--value", metavar="DAY", help="Its value date, if another.")
@click.option("--circle", default="", help="A circle, by path.")
@click.option("--member-business/--other-business", default=None, help="Whether it was business with members.")
@rated
def income_add(
    desk: Desk,
    amount: str,
    party: str,
    ref: str,
    deals: tuple[str, ...],
    booked: str,
    value: str | None,
    circle: str,
    member_business: bool | None,
    **rate: str | None,
) -> None:
    """Book money that came in (treasurers): AMOUNT, or "100.00 USD" with its rate."""
    from payouts.booking import Wanted, book_money
    from payouts.parties.foreign_desk import Rated

    typed = Wanted(
        amount=amount,
        party=party,
        ref=ref,
        deals=deals,
        booked=booked,
        value=value,
        circle=circle,
        rated=Rated(**rate),
        member_business=member_business,
    )
    book_money(desk, True, typed)


@command("list")
def income_list(desk: Desk) -> None:
    """Money that came in and waits for its run."""
    from payouts.booking import list_money

    list_money(desk, True)


@command("add")
@click.argument("amount")
@click.option("--to", "party", metavar="NAME", help="Who was paid: a supplier, an authority.")
@click.option("--decided", type=int, metavar="N", help="Spent from a reserve, as proposal N decided.")
@click.option("--ref", default="", help="Their paper; each is booked once.")
@click.option("--date", "booked", default="today", metavar="DAY", help="When it was booked; decides the period.")
@click.option("--value", metavar="DAY", help="Its value date, if another.")
@click.option("--circle", default="", help="A circle, by path.")
@click.option("--unpaid", is_flag=True, help="A bill: its cost counts now, and it is paid later.")
@click.option("--due", metavar="DAY", help="Until when a bill is to be paid.")
@rated
def expense_add(
    desk: Desk,
    amount: str,
    party: str | None,
    decided: int | None,
    ref: str,
    booked: str,
    value: str | None,
    circle: str,
    unpaid: bool,
    due: str | None,
    **rate: str | None,
) -> None:
    """Book money that was spent on costs, or a bill, or as the members decided on a reserve (treasurers)."""
    from payouts.booking import Wanted, book_decided, book_money
    from payouts.parties.foreign_desk import Rated

    if due and not unpaid:
        raise click.UsageError("A day to pay until is for a bill: say --unpaid too.")
    if decided is not None:
        if unpaid or any(rate.values()):
            raise click.UsageError("What the members decided is paid in the ledger's money: leave the rest out.")
        book_decided(desk, decided, amount, ref, booked, value)
        return
    if party is None:
        raise click.UsageError("Say --to NAME, or --decided N for what the members decided to spend.")
    typed = Wanted(
        amount=amount,
        party=party,
        ref=ref,
        deals=(),
        booked=booked,
        value=value,
        circle=circle,
        rated=Rated(**rate),
        unpaid=unpaid,
        due=due,
    )
    book_money(desk, False, typed)


@command("list")
def expense_list(desk: Desk) -> None:
    """Money that was spent and waits for its run, and bills that are not paid yet."""
    from payouts.booking import list_money

    list_money(desk, False)


@command("due")
def payout_due(desk: Desk) -> None:
    """What is due now, what waits for approval, and when the next cut-off is."""
    from ledger.cranks import all_turns
    from payouts.due import due_data, due_lines

    now = max(desk.now, desk.book.received)
    data = due_data(desk.book, desk.names, all_turns(desk.book, desk.rooms, now), now)
    desk.answer(data, *due_lines(desk.book, data))


@command("tick")
def payout_tick(desk: Desk) -> None:
    """Publish what is due: results of votes, periods that closed, their payouts; each once, whoever ticks."""
    from payouts.ticking import tick_at_desk

    tick_at_desk(desk)


@command("list")
def payout_list(desk: Desk) -> None:
    """All payouts: what came in, where it went, who approved."""
    from payouts import showing
    from payouts.corrections.amendment_showing import amended_lines, amendment_rows

    rows, amendments = showing.payout_rows(desk.book, desk.names), amendment_rows(desk.book, desk.names)
    texts = showing.payout_list(rows) if rows else "No period is computed yet: tally payout due."
    desk.answer({"payouts": rows, "amendments": amendments}, texts, *amended_lines(amendments))


@command("show")
@click.argument("period")
def payout_show(desk: Desk, period: str) -> None:
    """A payout, or an amendment of one (2026-10#1): who gets what, that it adds up, and who approved."""
    from payouts import showing

    if "#" in period:
        from payouts.corrections.amendment_showing import amendment_data, show_amendment

        data = amendment_data(desk.book, desk.names, period)
        desk.answer(data, *show_amendment(desk.book, desk.names, period))
        return
    data = showing.payout_data(desk.book, desk.names, period)
    desk.answer(data, *showing.show_payout(desk.book, desk.names, period))


@command("approve")
@click.argument("period")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--confirm", metavar="PERIOD", help="The period's name once more, instead of being asked for it.")
def payout_approve(desk: Desk, period: str, yes: bool, confirm: str | None) -> None:
    """Approve a payout, or an amendment (2026-10#1), as it is shown (treasurers): you sign for its digest."""
    if "#" in period:
        from payouts.corrections.amendment_desk import approve_amendment_at_desk

        approve_amendment_at_desk(desk, period, yes, confirm)
        return
    from payouts.signing import approve_at_desk

    approve_at_desk(desk, period, yes, confirm)


@command("fairness")
@click.option("--runs", type=click.IntRange(1, 120), default=12, show_default=True, help="How many runs it looks at.")
def payout_fairness(desk: Desk, runs: int) -> None:
    """Whether payouts are fair: rounding, what roles and circles got, how concentrated it is, what went unpaid."""
    from payouts.looking.fairness import fairness_data
    from payouts.looking.fairness_looks import fairness_texts

    data = fairness_data(desk.book, desk.names, runs)
    desk.answer(data, *fairness_texts(data))


@command("why")
@click.argument("name")
@click.argument("period", metavar="PERIOD|YEAR")
def why(desk: Desk, name: str, period: str) -> None:
    """Why somebody got this amount of a period or a book year: down to the entries, the clause and the cent."""
    from payouts.reasons.why import why_data
    from payouts.reasons.why_tree import why_tree
    from payouts.years.year_words import is_year, year_named

    if is_year(desk.book, period):
        why_year_at_desk(desk, name, year_named(desk.book, period))
        return
    person = desk.names.person(name)
    data = why_data(desk.book, desk.names, desk.words, person, period)
    desk.answer(data, why_tree(data))


@command("clock")
@click.option("--every", default="5m", show_default=True, metavar="LENGTH", help="How often it looks.")
def clock(desk: Desk, every: str) -> None:
    """Publish what is due, again and again, until it is stopped."""
    from payouts.alarm import run_clock

    run_clock(desk, every)


@command("demo")
@click.option("--keep", type=click.Path(file_okay=False), help="Play in this new folder and leave it there.")
@click.option("--quick", is_flag=True, help="Only the commands and what they answer.")
def demo(_: Desk, keep: str | None, quick: bool) -> None:
    """Play one evening of a cooperative with the real commands, on a rehearsal ledger."""
    from pathlib import Path

    from payouts.demo import play_in_new_folder

    play_in_new_folder(Path(keep) if keep else None, quick)


commands = (
    group("income", "Money that comes in.", income_add, income_list),
    group("expense", "Money that is spent.", expense_add, expense_list),
    refund,
    group(
        "payout",
        "What members are paid, period by period.",
        payout_due,
        payout_tick,
        payout_list,
        payout_show,
        payout_approve,
        payout_fairness,
        *paying,
    ),
    bank,
    advance,
    withholding,
    payee_group,
    year_group,
    capital_group,
    heirs_group,
    unclaimed_group,
    why,
    statement,
    report,
    clock,
    demo,
)
