"""Commands of the ledger room: copies, the static site, repair."""

import click

from ledger.doors import Desk, command, group


@command("tiles")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False))
def export_tiles(desk: Desk, folder: str) -> None:
    """Write the log into a folder that any web server can show, for copies and witnesses; again to add what is new."""
    from pathlib import Path

    from ledger.log_keys import chain, vkeys
    from ledger.peers.exporting import export

    state = desk.ledger.book.ledger
    done = export(desk.ledger.log, Path(folder).absolute(), vkeys(state.origin, reversed(chain(state))))
    data = {"folder": folder, "size": done.size, "before": done.before, "root": done.root, "files": done.files}
    new = f"{done.size - done.before} of them new" if done.before else "all of them new"
    desk.answer(data, f"{folder} shows {done.size} entries, {new}.", f"Root {done.root}")
    desk.note(
        "Whoever can read this folder or its site reads every entry: who logged how much of which work, votes, amounts."
        " Names, notes and other private texts are not in it."
    )


@command("copy")
@click.argument("source", required=False, metavar="[DIR|URL]")
@click.option("--to", "to", type=click.Path(file_okay=False), help="The folder of the copy.")
@click.option("--vkey", metavar="TEXT|FILE", help="The log's key, for a ledger that this home does not know.")
@click.option("--list", "show", is_flag=True, help="Show the copies that this home keeps.")
def copy(desk: Desk, source: str | None, to: str | None, vkey: str | None, show: bool) -> None:
    """Make a full copy of a ledger or bring it up to date, from a tiles site or a ledger's folder, and verify it."""
    from pathlib import Path

    from ledger.peers.copy_looks import copied, copy_lines, copy_rows
    from ledger.peers.following import follow, sources, vkey_in

    if show:
        rows = copy_rows(desk)
        desk.answer({"copies": rows}, *copy_lines(rows))
        return
    folder = Path(to).absolute() if to else None
    jobs = [(source, folder)] if source else sources(desk, folder)
    done = [follow(desk, one, where, vkey_in(vkey) if vkey else None) for one, where in jobs]
    desk.rehearsal = all(one.rehearsal for one in done)
    data, texts = copied(done)
    desk.answer(data, *texts)


@command("repair")
@click.option("--from", "source", required=True, metavar="COPY", help="A copy, a tiles folder or its address.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def repair(desk: Desk, source: str, yes: bool) -> None:
    """Refill a damaged ledger from a verified copy, up to what this home has seen of it; the damaged file is kept."""
    from ledger.peers.repair_desk import repair_at_desk

    repair_at_desk(desk, source, yes)


commands: tuple[click.Command, ...] = (
    group("export", "Show the ledger to others.", export_tiles),
    copy,
    repair,
)
