"""Commands of the ledger room: witnesses, and what the cooperative asks of them."""

import click

from ledger.doors import Desk, command, group

NAME = click.option("--name", metavar="NAME", help="Which witness of this home, where there are several.")
FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)


@command("new")
@click.option("--name", required=True, metavar="NAME", help="Its name, for all to see; no spaces: ana, ana.example.")
@click.option("--lock", is_flag=True, help="Lock its key with a passphrase; else its file is open, for you alone.")
def witness_new(desk: Desk, name: str, lock: bool) -> None:
    """Make a witness: a key of its own that signs nothing but heads of logs it watches."""
    from ledger.peers.witness_desk import make_at_desk

    make_at_desk(desk, name, lock)


@command("follow")
@click.argument("what", required=False, metavar="[SLUG|VKEY]")
@click.argument("place", required=False, metavar="[URL|DIR]")
@NAME
@click.option("--rehearsal", is_flag=True, help="The log is of a rehearsal, and TALLY_NOW its clock.")
def witness_follow(desk: Desk, what: str | None, place: str | None, name: str | None, rehearsal: bool) -> None:
    """Watch a log: one that this home knows, or one by its verifier key."""
    from ledger.peers.witness_desk import follow_at_desk

    follow_at_desk(desk, what, place, name, rehearsal)


@command("unfollow")
@click.argument("origin")
@NAME
def witness_unfollow(desk: Desk, origin: str, name: str | None) -> None:
    """Watch a log no more, named by its origin; what was signed of it stays remembered."""
    from ledger.peers.watching import pick, unfollow

    card = pick(desk.home, name)
    unfollow(desk.home, card, origin)
    desk.answer({"witness": card.name, "origin": origin}, f"{card.name} watches {origin} no more.")


@command("once")
@click.argument("request", required=False, type=FILE, metavar="[FILE|-]")
@NAME
def witness_once(desk: Desk, request: str | None, name: str | None) -> None:
    """Look at the logs once and sign what is new; or answer one request from a file."""
    from ledger.peers import witness_desk

    if request is None:
        witness_desk.look_at_desk(desk, name)
    else:
        witness_desk.answer_request(desk, request, name)


@command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8424, show_default=True, type=click.IntRange(0, 65535), help="The port; 0: any.")
@NAME
def witness_serve(desk: Desk, host: str, port: int, name: str | None) -> None:
    """Sign the heads that logs hand in over HTTP (C2SP tlog-witness), until it is stopped."""
    from ledger.peers.witness_desk import serve_at_desk

    serve_at_desk(desk, host, port, name)


@command("list")
def witness_list(desk: Desk) -> None:
    """The witnesses of this home, what they watch and what they signed last."""
    from ledger.peers.watching import cards
    from ledger.peers.witness_desk import card_data, card_lines

    found = [card_data(desk, card) for card in cards(desk.home)]
    none = ["No witness lives in this home: tally witness new --name NAME."]
    desk.answer({"witnesses": found}, *([line for one in found for line in card_lines(one)] or none))


@command("show")
@NAME
def witness_show(desk: Desk, name: str | None) -> None:
    """One witness: its verifier key, its line for a policy, what it watches."""
    from ledger.peers.watching import pick
    from ledger.peers.witness_desk import card_data, card_lines

    data = card_data(desk, pick(desk.home, name))
    desk.answer(data, *card_lines(data), f"In a policy: witness {data['name']} {data['vkey']}")


@command("ask")
def witness_ask(desk: Desk) -> None:
    """Ask the witnesses of the policy to sign the newest head, those that have an address."""
    from ledger.peers.witness_desk import ask_at_desk

    ask_at_desk(desk)


@command("request")
@click.option("--old", default=0, type=click.IntRange(min=0), help="The size that the witness says it signed last.")
def witness_request(desk: Desk, old: int) -> None:
    """Write what to hand to a witness that cannot reach the log: the newest head and its proof."""
    from ledger.peers.witness_desk import request_at_desk

    request_at_desk(desk, old)


@command("take")
@click.argument("file", type=FILE)
def witness_take(desk: Desk, file: str) -> None:
    """Keep signatures of witnesses that came by mail or by hand, from a file or - for what is piped in."""
    from ledger.peers.witness_desk import take_at_desk

    take_at_desk(desk, file)


@command("show")
def policy_show(desk: Desk) -> None:
    """What the cooperative asks of its witnesses, who wants it changed, and how it stands."""
    from ledger.peers.policy_desk import show_at_desk

    show_at_desk(desk)


@command("check")
@click.argument("file", type=FILE)
@click.option("--head", type=FILE, help="A signed head; else the newest that witnesses of this ledger signed.")
def policy_check(desk: Desk, file: str, head: str | None) -> None:
    """Read a policy on witnesses, and tell whether a signed head fulfils it."""
    from ledger.peers.policy_desk import check_at_desk

    check_at_desk(desk, file, head)


@command("require")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
def policy_require(desk: Desk, file: str, yes: bool) -> None:
    """Say that this policy shall hold (treasurers): it does once two of them have said the same."""
    from ledger.peers.policy_desk import require_at_desk
    from ledger.reading import text_in

    require_at_desk(desk, text_in(file), yes)


@command("end")
@click.option("--yes", is_flag=True, help="Do not ask.")
def policy_end(desk: Desk, yes: bool) -> None:
    """Say that no witnesses shall be asked for any more (treasurers)."""
    from ledger.peers.policy_desk import require_at_desk

    require_at_desk(desk, "", yes)


_witness = group(
    "witness",
    "Witnesses: members who sign what they have seen of a log.",
    witness_new,
    witness_follow,
    witness_unfollow,
    witness_once,
    witness_serve,
    witness_list,
    witness_show,
    witness_ask,
    witness_request,
    witness_take,
)
_witness.add_command(
    group(
        "policy",
        "What the cooperative asks of its witnesses.",
        policy_show,
        policy_check,
        policy_require,
        policy_end,
    )
)
commands = (_witness,)
