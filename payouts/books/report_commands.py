"""The command that writes the books down for others: tables, the journal, the treasurer's pack."""

import click

from ledger.doors import Desk, command


@command("report")
@click.argument("what", metavar="PERIOD|accounts|money|business|journal|pack")
@click.argument("period", required=False)
@click.option(
    "--csv", "file", type=click.Path(dir_okay=False, allow_dash=True), help="Write it to this file; - prints it."
)
@click.option("--format", "form", metavar="PROGRAM", help="The journal for hledger, ledger or beancount.")
@click.option("--out", type=click.Path(), help="Write the journal to this new file, the pack into this new folder.")
@click.option("--names", is_flag=True, help="With what people and parties are called, in the journal.")
@click.option("--template", type=click.Path(dir_okay=False), help="The bank's own table, where payments went by one.")
def report(
    desk: Desk,
    what: str,
    period: str | None,
    file: str | None,
    form: str | None,
    out: str | None,
    names: bool,
    template: str | None,
) -> None:
    """A payout, all accounts, all money or whose business it was; the journal; `pack PERIOD`: all of it, signed."""
    if what == "pack":
        if period is None or file or form:
            raise click.UsageError("Say: tally report pack PERIOD --out DIR.")
        from payouts.books.pack_desk import pack_at_desk

        pack_at_desk(desk, period, out, template, names)
        return
    if period is not None or template:
        raise click.UsageError("A second word and --template are for the pack: tally report pack PERIOD --out DIR.")
    if what == "journal":
        if file:
            raise click.UsageError("The journal is no table: say --format and --out.")
        from payouts.books.journal_desk import journal_at_desk

        journal_at_desk(desk, form, out, names)
        return
    if form or out or names:
        raise click.UsageError("--format, --out and --names are for the journal.")
    from payouts.books.report import report_at_desk

    report_at_desk(desk, what, file)
