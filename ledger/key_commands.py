"""Commands of the ledger room: the keys people sign with."""

import click

from ledger.doors import Desk, command, group

_PLACE = click.option("--at", "place", metavar="PLACE", help="The folder or address of a ledger this home is new to.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@command("list")
def key_list(desk: Desk) -> None:
    """Every key: whose, from which entry to which, how it stands, where it lies; and who asks for a new one."""
    from ledger.key_telling import key_rows, key_table, new_here, new_lines, recovery_lines, recovery_rows

    here = {key.public: "agent" if key.agent else "here" for key in desk.home.keys(desk.ledger.known.slug)}
    rows, waiting = key_rows(desk.book, desk.names, here), recovery_rows(desk.book, desk.names)
    new = new_here(desk.book.ledger, here)
    data = {"keys": rows, "recoveries": waiting, "new_here": new, "ledger_id": desk.ledger.known.founding}
    ledger_id = f"Ledger id  {desk.ledger.known.founding}"
    desk.answer(data, key_table(rows), *recovery_lines(desk.book, desk.names), *new_lines(new), "", ledger_id)


@command("new")
@click.option("--name", metavar="NAME", help="Whose key it is, where several people's keys lie here.")
@click.option("--request", is_flag=True, help="Write a request for another device of yours to add it.")
@click.option("--out", type=click.Path(dir_okay=False), help="The file for the request; nothing in it is secret.")
@_PLACE
def new(desk: Desk, name: str | None, request: bool, out: str | None, place: str | None) -> None:
    """Make a key in this home that the ledger does not know yet."""
    from ledger.errors import Usage
    from ledger.key_devices import make

    if request != (out is not None):
        raise Usage("A request needs a file.", "tally key new --request --out FILE")
    make(desk, name, out, place)


@command("import")
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--agent", is_flag=False, flag_value="", metavar="KEY", help="A key in ssh-agent, by name or fingerprint."
)
@click.option("--name", metavar="NAME", help="Whose key it is, where several people's keys lie here.")
@_PLACE
def bring_in(desk: Desk, file: str | None, agent: str | None, name: str | None, place: str | None) -> None:
    """Bring a key in: an Ed25519 key of OpenSSH, one in ssh-agent (its file is never read), or a paper key."""
    from ledger.key_devices import bring_in

    bring_in(desk, file, agent, name, place)


@command("add")
@click.argument("which", required=False)
@_YES
def add(desk: Desk, which: str | None, yes: bool) -> None:
    """Let another key sign for you: one that lies here (WHICH is its fingerprint), or the request in the file WHICH."""
    from ledger.key_devices import add

    add(desk, which, yes)


@command("paper")
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="The file for the page (a secret).")
def paper(desk: Desk, out: str) -> None:
    """Make a key on paper for the day you lose your devices; this home keeps no copy of it."""
    from ledger.key_devices import paper

    paper(desk, out)


@command("revoke")
@click.argument("key")
@click.option("--reason", required=True, type=click.Choice(("rotated", "lost", "compromised")), help="Why it ends.")
@click.option("--suspect-from", metavar="ENTRY", help="From which entry on it may have been in other hands.")
@_YES
def revoke(desk: Desk, key: str, reason: str, suspect_from: str | None, yes: bool) -> None:
    """End a key of yours for ever; what it said from the entry on that you suspect is disputed."""
    from ledger.key_ending import revoke

    revoke(desk, key, reason, suspect_from, yes)


@command("reaffirm")
@click.argument("entries", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All disputed statements of yours.")
@_YES
def reaffirm(desk: Desk, entries: tuple[str, ...], everything: bool, yes: bool) -> None:
    """Stand by disputed statements of yours: they count again."""
    from ledger.key_ending import reaffirm

    reaffirm(desk, entries, everything, yes)


@command("recover")
@click.argument("name")
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="The file that members vouch by.")
@_PLACE
def recover(desk: Desk, name: str, out: str, place: str | None) -> None:
    """When every key of yours is lost: make a new one here and ask the members to vouch for it."""
    from ledger.key_recovery import recover

    recover(desk, name, out, place)


@command("vouch")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@_YES
def vouch(desk: Desk, file: str, yes: bool) -> None:
    """Vouch for the new key of somebody who lost theirs, after you have talked with them."""
    from ledger.key_recovery import vouch

    vouch(desk, file, yes)


@command("veto")
@click.argument("key", required=False)
@_YES
def veto(desk: Desk, key: str | None, yes: bool) -> None:
    """Refuse a new key that others want to give you."""
    from ledger.key_recovery import veto

    veto(desk, key, yes)


@command("rotate-log")
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--out", type=click.Path(dir_okay=False), help="Write a request for treasurers who are elsewhere.")
@_YES
def rotate_log(desk: Desk, file: str | None, out: str | None, yes: bool) -> None:
    """As a treasurer, give the log a new key: here, or by the request in FILE; a second treasurer says so too."""
    from ledger.errors import Usage
    from ledger.key_rotation import ask, say

    if file and out:
        raise Usage("Either write a request or answer one.", "tally key rotate-log --out FILE, or FILE alone.")
    if out:
        ask(desk, out)
    else:
        say(desk, file, yes)


keys = (key_list, new, bring_in, add, paper, revoke, reaffirm, recover, vouch, veto, rotate_log)
commands = (group("key", "The keys people sign with.", *keys),)
