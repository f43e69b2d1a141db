"""Commands of help: two members act for somebody by phone or on paper, and the person may contest it."""

from typing import Any

import click

from ledger.doors import Desk, Function, command, group

_HELP = (
    click.option("--for", "for_", metavar="NAME", help="Say it for somebody who asked you to, by phone or on paper."),
    click.option("--witness", metavar="NAME", help="The member who witnesses what you say for somebody."),
    click.option("--paper", metavar="FILE", help="The signed paper, or notes of the call."),
    click.option(
        "--how", type=click.Choice(["paper", "phone", "in-person"]), help="How it was said: on paper, if not told."
    ),
    click.option("--out", metavar="FILE", help="Write it to FILE, for a witness on another device."),
)


def with_help(function: Function) -> Function:
    """A command that can also be given for somebody else, with two members' help."""
    for option in reversed(_HELP):
        option(function)
    return function


@command("join")
@click.argument("name")
@click.option("--witness", required=True, metavar="NAME", help="The member who witnesses it, whose key lies here too.")
@click.option("--paper", required=True, metavar="FILE", help="The signed paper, or notes of the call.")
@_HELP[3]
def assist_join(desk: Desk, name: str, **helped: Any) -> None:
    """Ask for NAME, who has no device, to be admitted; your yes goes with it."""
    from ledger.assist_desk import join

    join(desk, name, helped)


@command("leave")
@click.argument("name")
@_HELP[1]
@_HELP[2]
@_HELP[3]
@_HELP[4]
def assist_leave(desk: Desk, name: str, **helped: Any) -> None:
    """Record that NAME leaves, as she has asked for."""
    from ledger.assist_desk import leave

    leave(desk, name, helped)


@command("sign")
@click.argument("file")
@click.option("--out", required=True, metavar="FILE", help="Where the signed words go, back to the helper.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def assist_sign(desk: Desk, file: str, out: str, yes: bool) -> None:
    """Witness what a helper has written: read it, and sign it with your key."""
    from ledger.assist_desk import sign

    sign(desk, file, out, yes)


@command("hand-in")
@click.argument("file")
def assist_hand_in(desk: Desk, file: str) -> None:
    """Record what a witness has signed."""
    from ledger.assist_desk import hand_in

    hand_in(desk, file)


@command("list")
def assist_list(desk: Desk) -> None:
    """What was said for others, by whom, and until when they may contest it."""
    from ledger.assist_desk import list_assisted

    list_assisted(desk)


@command("contest")
@click.argument("entry", type=int)
def assist_contest(desk: Desk, entry: int) -> None:
    """Say that what others recorded for you is not what you said: it counts no more."""
    from ledger.assist_desk import contest

    contest(desk, entry)


@command("leave")
@click.option("--yes", is_flag=True, help="Do not ask.")
def member_leave(desk: Desk, yes: bool) -> None:
    """Leave the cooperative. What you have logged and voted stays and counts; what lies on your balance is yours."""
    from ledger.assist_desk import leave_oneself

    leave_oneself(desk, yes)


assist = group(
    "assist",
    "Act for somebody by phone or on paper, two of you.",
    assist_join,
    assist_leave,
    assist_sign,
    assist_hand_in,
    assist_list,
    assist_contest,
)
