"""The command for statements: in the terminal, and as pages in HTML and PDF, of one member or of all."""

import click

from ledger.doors import Desk, command


@command("statement")
@click.argument("name")
@click.argument("period")
@click.option("--html", type=click.Path(), help="Write it to this new file; of all, to this new folder.")
@click.option("--pdf", type=click.Path(), help="The same as PDF, which carries its data (needs tallystick[reports]).")
@click.option(
    "--locale", metavar="NAME", help="How amounts and dates are written: it, de_CH; else as this machine does."
)
@click.option("--names", is_flag=True, help="Of all: with what members are called in the names of the files.")
def statement(
    desk: Desk, name: str, period: str, html: str | None, pdf: str | None, locale: str | None, names: bool
) -> None:
    """A member's statement: amount, where it came from, balance, and the state of the log it rests on.

    NAME may be all, with --html or --pdf: a page for everybody who has a share, a balance or capital. A page
    carries its data, and tally verify FILE checks it.
    """
    import os
    from pathlib import Path

    from payouts.statements import statement_desk
    from payouts.statements.locales import wanted as written_in
    from payouts.statements.statement import show_at_desk

    how = written_in(locale, os.environ)
    if html and pdf:
        raise click.UsageError("Say --html or --pdf, one at a time.")
    everybody = name == statement_desk.EVERYBODY
    if not (html or pdf) and everybody and not statement_desk.namesake(desk):
        raise click.UsageError("Say where the pages of all go: --html FOLDER or --pdf FOLDER.")
    if not (html or pdf):
        show_at_desk(desk, name, period, how)
        return
    form, place = ("html", html) if html else ("pdf", pdf)
    to = statement_desk.Wanted(period=period, place=Path(str(place)), form=form, how=how, names=names)
    if everybody:
        statement_desk.write_all(desk, to)
        return
    if names:
        raise click.UsageError("--names is for the pages of all.")
    statement_desk.write_one(desk, name, to)
