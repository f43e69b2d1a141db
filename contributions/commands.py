"""Commands of the contributions room: log, start, stop, status, undo, look at work, import it."""

import click

from ledger.assist_commands import with_help
from ledger.doors import Desk, command, group


@command("log")
@click.argument("words", nargs=-1, metavar="LENGTH [NOTE]")
@click.option("--role", help="In which role, like code; your last one unless said.")
@click.option("--kind", help="Which kind of work; hour unless said.")
@click.option("--date", "day", default="today", metavar="DAY", help="today, yesterday, monday, 2026-11-20.")
@click.option("--amount", help="For work counted in money, like a deal: 12000.00.")
@click.option("--ref", "refs", multiple=True, help="A deal, method or paper it belongs to; may repeat.")
@click.option("--circle", default="", help="A circle, by path: berlin/support.")
@click.option("--with", "beside", multiple=True, metavar="NAME", help="Who did it with you; may repeat.")
@click.option("--gift", is_flag=True, help="Given, not to be paid.")
@click.option("--evidence", metavar="URL", help="Where it can be seen.")
@with_help
def log(
    desk: Desk,
    words: tuple[str, ...],
    role: str | None,
    kind: str | None,
    day: str,
    amount: str | None,
    refs: tuple[str, ...],
    circle: str,
    beside: tuple[str, ...],
    gift: bool,
    evidence: str | None,
    **helped: str | None,
) -> None:
    """Log work you did: how long, a few words, in which role."""
    from contributions.desk_work import log_for, log_one
    from contributions.handing_in import Typed

    typed = Typed(
        words=words,
        role=role,
        kind=kind,
        amount=amount,
        circle=circle,
        refs=refs,
        beside=tuple(desk.names.person(name) for name in beside),
        gift=gift,
        evidence=evidence,
    )
    if helped["for_"]:
        log_for(desk, typed, day, helped)
    else:
        log_one(desk, typed, day)


@command("thanks")
@click.argument("name", required=False)
@click.argument("why", required=False)
@click.option("--circle", default="", help="In a circle, by path: berlin/support.")
@click.option("--period", metavar="PERIOD", help="Without NAME: the thanks of a closed period, not those since.")
def thanks(desk: Desk, name: str | None, why: str | None, circle: str, period: str | None) -> None:
    """Thank NAME for what she did (WHY in a few words); without NAME list who thanked whom.

    It moves no money unless the share rule says so: there each giver counts once.
    """
    from contributions.thanking import list_thanks, thank

    if name is None:
        list_thanks(desk, period)
    elif why is None:
        raise click.UsageError('Say for what: tally thanks NAME "why".')
    else:
        thank(desk, name, why, circle)


@command("start")
@click.argument("note", required=False)
@click.option("--role", help="In which role.")
@click.option("--kind", help="Which kind of work, measured in time.")
@click.option("--circle", default="", help="A circle, by path.")
@click.option("--ago", metavar="LENGTH", help="It began a while ago: 20m.")
def start(desk: Desk, note: str | None, role: str | None, kind: str | None, circle: str, ago: str | None) -> None:
    """Start a timer for work you begin now."""
    from contributions.desk_work import start_timer

    start_timer(desk, note, role, kind, circle, ago)


@command("stop")
@click.argument("note", required=False)
@click.option("--role", help="In which role, if it was not said at the start.")
@click.option("--drop", is_flag=True, help="Forget the timer; log nothing.")
def stop(desk: Desk, note: str | None, role: str | None, drop: bool) -> None:
    """Stop the timer and log the work."""
    from contributions.desk_work import stop_timer

    stop_timer(desk, note, role, drop)


@command("status")
def status(desk: Desk) -> None:
    """What your timer says, and your week so far."""
    from contributions.desk_work import show_status

    show_status(desk)


@command("undo")
@click.argument("work", required=False, metavar="[ENTRY]")
def undo(desk: Desk, work: str | None) -> None:
    """Take back what you logged last, or the entry you name (412, or 412.3 for one item of it)."""
    from contributions.desk_work import take_back

    take_back(desk, work)


@command("list")
@click.option("--who", metavar="NAME", help="One person's work.")
@click.option("--since", metavar="DAY", help="From this day on.")
@click.option("--circle", help="A circle and those inside it.")
@click.option("--drafts", is_flag=True, help="Only what waits for somebody's yes.")
@click.option("--all", "everything", is_flag=True, help="Also what was taken back.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="The newest so many.")
def work_list(
    desk: Desk, who: str | None, since: str | None, circle: str | None, drafts: bool, everything: bool, limit: int
) -> None:
    """Work that was logged, newest last."""
    from contributions.listing import Wanted, rows_of, table_of
    from ledger.spans import parse_day

    wanted = Wanted(
        who=desk.names.person(who) if who else None,
        since=parse_day(since, desk.today).isoformat() if since else "",
        circle=circle,
        drafts=drafts,
        everything=everything,
        limit=limit,
    )
    rows = rows_of(desk, wanted)
    desk.answer({"work": rows}, table_of(rows) if rows else "No work to show.")


@command("show")
@click.argument("work", metavar="ENTRY.ITEM")
def work_show(desk: Desk, work: str) -> None:
    """One piece of work with all that is known of it."""
    from contributions.listing import story_of

    data, text = story_of(desk, work)
    desk.answer(data, text)


@command("confirm")
@click.argument("works", nargs=-1, metavar="[ENTRY.ITEM]...")
@click.option("--all", "everything", is_flag=True, help="All drafts of your work.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def work_confirm(desk: Desk, works: tuple[str, ...], everything: bool, yes: bool) -> None:
    """Confirm drafts that somebody recorded for you, so that they count."""
    from contributions.desk_work import confirm_drafts

    confirm_drafts(desk, works, everything, yes)


@command("git")
@click.argument("path", type=click.Path(exists=True, file_okay=False))
@click.option("--since", required=True, metavar="DAY", help="Commits from this day on.")
@click.option("--until", metavar="DAY", help="Up to this day.")
@click.option("--map", "map_file", type=click.Path(exists=True, dir_okay=False), help="Lines MEMBER = Name <email>.")
@click.option("--circle", default="", help="For which circle.")
@click.option("--dry-run", is_flag=True, help="Only show what would be recorded.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def import_git(
    desk: Desk, path: str, since: str, until: str | None, map_file: str | None, circle: str, dry_run: bool, yes: bool
) -> None:
    """Commits of a git repository, as drafts that their authors confirm."""
    from contributions.importing import import_history

    import_history(desk, path, since, until, map_file, circle, dry_run, yes)


@command("csv")
@click.argument("path", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--columns", required=True, metavar="FIELD=HEAD,…", help="date=Day,person=Who,role:=code,kind=…,quantity=…,note=…"
)
@click.option(
    "--date-format", metavar="FORMAT", help="Where the file leaves day and month open: DD/MM/YYYY or MM/DD/YYYY."
)
@click.option("--map", "map_file", type=click.Path(exists=True, dir_okay=False), help="Lines MEMBER = Name <email>.")
@click.option("--circle", default="", help="For which circle.")
@click.option("--dry-run", is_flag=True, help="Only show what would be recorded.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def import_csv(
    desk: Desk,
    path: str,
    columns: str,
    date_format: str | None,
    map_file: str | None,
    circle: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Any table of work, as drafts that its people confirm."""
    from contributions.importing import import_table

    import_table(desk, path, columns, date_format, map_file, circle, dry_run, yes)


@command("dispute")
@click.argument("work", metavar="ENTRY.ITEM")
@click.argument("why")
def work_dispute(desk: Desk, work: str, why: str) -> None:
    """Object to work that somebody logged (WHY in a few words): what it would be paid is held until it is settled."""
    from contributions.disputing import dispute

    dispute(desk, work, why)


@command("uphold")
@click.argument("work", metavar="ENTRY.ITEM")
def work_uphold(desk: Desk, work: str) -> None:
    """Say that disputed work stands: whoever disputed it, or two stewards. What was held is paid."""
    from contributions.disputing import settle

    settle(desk, work, True)


@command("strike")
@click.argument("work", metavar="ENTRY.ITEM")
def work_strike(desk: Desk, work: str) -> None:
    """Say that disputed work is struck: whoever did it, or two stewards. What was held goes back to its pot."""
    from contributions.disputing import settle

    settle(desk, work, False)


@command("disputes")
@click.option("--all", "everything", is_flag=True, help="Also those that are settled.")
def work_disputes(desk: Desk, everything: bool) -> None:
    """Work that somebody disputes: why, what is held for it, and who can settle it."""
    from contributions.disputing import list_disputes

    list_disputes(desk, everything)


commands = (
    log,
    thanks,
    start,
    stop,
    status,
    undo,
    group(
        "work",
        "The work that was logged.",
        work_list,
        work_show,
        work_confirm,
        work_dispute,
        work_uphold,
        work_strike,
        work_disputes,
    ),
    group("import", "Work that other programs know of.", import_git, import_csv),
)
