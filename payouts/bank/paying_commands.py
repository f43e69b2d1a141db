"""Commands of the payouts room: payment details, files for the bank, and what the bank answers."""

import click

from ledger.doors import Desk, command, group

_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@command("key")
def payout_key(desk: Desk) -> None:
    """Make the key that payment details are sealed for (treasurers)."""
    from payouts.bank.box_keys import make_at_desk

    make_at_desk(desk)


@command("set")
@click.option("--file", type=click.Path(dir_okay=False, allow_dash=True), help="A file with iban, name and bic.")
@_YES
def details_set(desk: Desk, file: str | None, yes: bool) -> None:
    """Say to which account you are paid: from a file, or asked for; only treasurers can read it."""
    from payouts.bank.details_desk import set_at_desk

    set_at_desk(desk, file, yes)


@command("show")
@click.argument("name", required=False)
def details_show(desk: Desk, name: str | None) -> None:
    """Show your own payment details, or those of a member (treasurers)."""
    from payouts.bank.details_desk import show_at_desk

    show_at_desk(desk, name)


@command("check")
def details_check(desk: Desk) -> None:
    """Who has set payment details, whose are new, held or blocked, and who cannot read them."""
    from payouts.bank.details_desk import check_at_desk

    check_at_desk(desk)


@command("reseal")
def details_reseal(desk: Desk) -> None:
    """Seal payment details for treasurers who cannot read them yet: yours, and those that you can open."""
    from payouts.bank.details_desk import reseal_at_desk

    reseal_at_desk(desk)


@command("set-for")
@click.argument("name")
@click.option("--file", required=True, type=click.Path(dir_okay=False, allow_dash=True), help="iban, name and bic.")
@click.option("--why", required=True, type=click.Choice(("lost", "died")), help="They lost every key, or have died.")
def details_set_for(desk: Desk, name: str, file: str, why: str) -> None:
    """Set payment details for somebody who cannot (a treasurer; another one and a steward must agree)."""
    from payouts.bank.details_for import set_for_at_desk

    set_for_at_desk(desk, name, file, why)


@command("agree")
@click.argument("name")
@_YES
def details_agree(desk: Desk, name: str, yes: bool) -> None:
    """Agree to payment details that were set for somebody (treasurers and stewards)."""
    from payouts.bank.details_for import agree_at_desk

    agree_at_desk(desk, name, yes)


@command("export")
@click.argument("period")
@click.option(
    "--format", "form", default="pain.001.001.09", show_default=True, help="Or pain.001.001.03, nacha.ppd, csv."
)
@click.option("--template", type=click.Path(dir_okay=False), help="For csv: the head line of your bank's table.")
@click.option("--date", metavar="DAY", help="When the bank shall pay.")
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="The file to write.")
@click.option("--entry", type=int, metavar="N", help="Make the file of this entry again, and no other.")
@_YES
def payout_export(
    desk: Desk,
    period: str,
    form: str,
    template: str | None,
    date: str | None,
    out: str,
    entry: int | None,
    yes: bool,
) -> None:
    """Make the file that pays an approved payout, and parties, through the bank (treasurers); again, the same bytes."""
    from payouts.bank.exporting import export_at_desk

    export_at_desk(desk, period, form, template, date, out, yes, entry)


@command("sent")
@click.argument("period")
def payout_sent(desk: Desk, period: str) -> None:
    """Say that the bank has the file of a payout (treasurers)."""
    from payouts.settling import sent_at_desk

    sent_at_desk(desk, period)


@command("settle")
@click.argument("period")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--date", "booked", default="today", metavar="DAY", help="When the bank booked it.")
@click.option("--ref", default="", help="The bank's reference.")
def payout_settle(desk: Desk, period: str, names: tuple[str, ...], booked: str, ref: str) -> None:
    """Say that the bank booked payments of a payout: all, or those to these people (treasurers)."""
    from payouts.settling import settle_at_desk

    settle_at_desk(desk, period, names, booked, ref)


@command("return")
@click.argument("period")
@click.argument("name")
@click.option("--reason", default="MS03", show_default=True, help="The bank's code, like AC04.")
@click.option("--date", "booked", default="today", metavar="DAY", help="When it came back.")
def payout_return(desk: Desk, period: str, name: str, reason: str, booked: str) -> None:
    """Say that a payment came back or was rejected; it is owed again (treasurers)."""
    from payouts.settling import return_at_desk

    return_at_desk(desk, period, name, reason, booked)


@command("void")
@click.argument("period")
@_YES
def payout_void(desk: Desk, period: str, yes: bool) -> None:
    """Say that a file was made and must not be used; two treasurers say so, or the only one."""
    from payouts.settling import void_at_desk

    void_at_desk(desk, period, yes)


@command("payments")
@click.argument("period", required=False)
def payout_payments(desk: Desk, period: str | None) -> None:
    """Every payment: exported, sent, settled or returned."""
    from payouts.settling import payments_at_desk

    payments_at_desk(desk, period)


@command("account")
@click.option("--file", type=click.Path(dir_okay=False, allow_dash=True), help="A file with iban, name and bic.")
def bank_account(desk: Desk, file: str | None) -> None:
    """The cooperative's own account, which payments leave from; it stays in this home."""
    from payouts.bank.debtor import account_at_desk

    account_at_desk(desk, file)


@command("check")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--against", metavar="PERIOD", help="Also compare it with what the ledger pays for a period.")
def bank_check(desk: Desk, file: str, against: str | None) -> None:
    """Read a payment file back and say everything that is wrong with it."""
    from payouts.bank.bank_check_desk import check_at_desk

    check_at_desk(desk, file, against)


@command("read")
@click.argument("file", type=click.Path(dir_okay=False))
@_YES
def bank_read(desk: Desk, file: str, yes: bool) -> None:
    """Read the bank's answer (camt.053, pain.002, CSV): what it settles, what came back, what fits nothing."""
    from payouts.bank.bank_read_desk import read_at_desk

    read_at_desk(desk, file, yes)


details = group(
    "details",
    "To which account a member is paid.",
    details_set,
    details_show,
    details_check,
    details_reseal,
    details_set_for,
    details_agree,
)
paying = (payout_key, details, payout_export, payout_sent, payout_settle, payout_return, payout_void, payout_payments)
bank = group("bank", "Files to and from the bank.", bank_account, bank_check, bank_read)
