"""Commands of the ledger room: found, invite, look at people and keys, verify, prove."""

import click

from ledger import assist_commands, db_commands, key_commands, proof_commands
from ledger.doors import Desk, command, group
from ledger.peers import copy_commands, sync_commands, witness_commands


@command("init")
@click.argument("name")
@click.option("--currency", default="EUR", show_default=True, help="Three letters, ISO 4217.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone, like Europe/Rome.")
@click.option("--period", default="month", show_default=True, help="week, month, quarter, year or days:N.")
@click.option(
    "--grace",
    "grace_days",
    default=3,
    type=click.IntRange(0, 60),
    show_default=True,
    help="Days after a period in which its work may still come in.",
)
@click.option("--year-start", default="01-01", show_default=True, help="First day of the book year, MM-DD.")
@click.option("--rule", "rule", type=click.Path(exists=True, dir_okay=False), help="The first share rule.")
@click.option(
    "--founder", "founders", multiple=True, metavar="NAME", help="A founder whose key is made here; may repeat."
)
@click.option(
    "--approvers",
    type=click.IntRange(1, 100),
    help="How many treasurers approve a payout (default 2, or 1 for one founder).",
)
@click.option("--at", "at", type=click.Path(file_okay=False), help="The folder of the ledger.")
@click.option("--db", metavar="URL", help="Keep the log in PostgreSQL: postgresql://USER@HOST/DATABASE, no password.")
@click.option("--rehearsal", is_flag=True, help="To try things out: open keys, a clock you set, no real pay.")
def init(desk: Desk, **wanted: object) -> None:
    """Found a cooperative: make the founders' keys, the log and its first rules."""
    from ledger.init import found_from

    found_from(desk, wanted)


@command("invite")
@click.argument("name")
@click.option("--out", type=click.Path(dir_okay=False), help="The file for the invitation (a secret).")
@click.option("--place", metavar="URL", help="Where they reach the ledger: the URL of its service, or a folder.")
def invite(desk: Desk, name: str, out: str | None, place: str | None) -> None:
    """Keep a place for somebody and write the invitation that lets them join."""
    from ledger.invite import invite_person

    entry, text = invite_person(desk, name, out, place)
    data = {"entry": entry.index, "name": name, "file": out}
    if out:
        desk.answer(
            data, f"Invited {name.strip()} (entry {entry.index}). Give {out} to them alone; then: tally join {out}"
        )
    else:
        desk.answer(data | {"invitation": text}, text)


@command("list")
def member_list(desk: Desk) -> None:
    """Everybody the ledger knows, with standing and roles."""
    from ledger.looks import member_rows, member_table

    rows = member_rows(desk.book, desk.names)
    desk.answer({"members": rows}, member_table(rows))


@command("show")
@click.argument("name")
def member_show(desk: Desk, name: str) -> None:
    """One person: standing since when, roles, keys."""
    from ledger.looks import member_story

    data, text = member_story(desk.book, desk.names, desk.names.person(name))
    desk.answer(data, text)


@command("verify")
@click.argument("place", required=False)
@click.option("--full", is_flag=True, help="From the first entry on, ignoring what this home has verified or kept.")
@click.option("--at", "at", metavar="PLACE", help="The same as PLACE.")
def verify(desk: Desk, place: str | None, full: bool, at: str | None) -> None:
    """Re-check everything: signatures, tree, admissions, private words, decisions and payouts.

    Verifies the entries that are new since the last time, or with --full all of them. PLACE may be a copy of the
    ledger, a folder of exported tiles, or the address of one: it must hold the ledger this home knows.

    PLACE may also be the file of a statement, HTML or PDF. Then it is told whether the page is what the data in it
    says, whether the log signed for it, and whether every figure is what the log comes to.
    """
    from pathlib import Path

    from ledger.doors import panels
    from ledger.verifying import verify_at_desk

    file = Path(place or at or "")
    for verify_file in panels(desk.rooms, "verify_file") if file.is_file() else ():
        verify_file(desk, file)
        return
    verify_at_desk(desk, full, place or at)


@command("doctor")
def doctor(desk: Desk) -> None:
    """Look whether this ledger is well kept: guards of its database, files, keys, clock, what waits."""
    from ledger.doctor import examine_at_desk

    examine_at_desk(desk)


commands = (
    init,
    invite,
    group("member", "The people of the cooperative.", member_list, member_show, assist_commands.member_leave),
    assist_commands.assist,
    verify,
    doctor,
    *key_commands.commands,
    *proof_commands.commands,
    *db_commands.commands,
    *copy_commands.commands,
    *witness_commands.commands,
    *sync_commands.commands,
)
