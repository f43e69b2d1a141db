"""Commands about what is before the members, and what was: look, announce, object, challenge, count, recount."""

import click

from ledger.doors import Desk, command, group

NUMBER = click.argument("number", type=int)


@command("list")
def proposal_list(desk: Desk) -> None:
    """All proposals and how they stand."""
    from governance.showing import list_all

    list_all(desk)


@command("show")
@NUMBER
def proposal_show(desk: Desk, number: int) -> None:
    """One proposal: what it would change and pay, who voted how, what came of it."""
    from governance.showing import show

    show(desk, number)


@command("close")
@NUMBER
def proposal_close(desk: Desk, number: int) -> None:
    """Publish the result of a vote whose time is over; sealed ballots are opened."""
    from governance.showing import close

    close(desk, number)


@command("announce")
@NUMBER
def proposal_announce(desk: Desk, number: int) -> None:
    """Put your draft before the members: notice runs, or the vote opens."""
    from governance.course_desk import announce

    announce(desk, number)


@command("waive")
@NUMBER
def proposal_waive(desk: Desk, number: int) -> None:
    """Say that shorter notice is enough for you."""
    from governance.course_desk import waive

    waive(desk, number)


@command("withdraw")
@NUMBER
def proposal_withdraw(desk: Desk, number: int) -> None:
    """Take back what you put forward, before it is decided."""
    from governance.course_desk import withdraw

    withdraw(desk, number)


@command("stand-aside")
@NUMBER
def proposal_stand_aside(desk: Desk, number: int) -> None:
    """Keep out of a vote that concerns you: you are not counted among those who are asked."""
    from governance.course_desk import stand_aside

    stand_aside(desk, number)


@command("object")
@NUMBER
@click.argument("text")
@click.option("--harm", required=True, help="Which harm it would do to our aim: a preference is no objection.")
def proposal_object(desk: Desk, number: int, text: str, harm: str) -> None:
    """Object in a decision by consent: TEXT says what speaks against it."""
    from governance.course_desk import object_to

    object_to(desk, number, text, harm)


@command("lift")
@NUMBER
@click.option("--objection", type=int, metavar="ENTRY", help="Which, where you have raised several.")
def proposal_lift(desk: Desk, number: int, objection: int | None) -> None:
    """Take your objection back."""
    from governance.course_desk import lift

    lift(desk, number, objection)


@command("answer")
@NUMBER
@click.argument("how", type=click.Choice(["integrate", "amend", "withdraw"]))
@click.argument("file", required=False)
@click.option("--objection", type=int, metavar="ENTRY", help="Which objection, where several stand.")
def proposal_answer(desk: Desk, number: int, how: str, file: str | None, objection: int | None) -> None:
    """Answer an objection to your proposal: with a new version in FILE, on which all are asked anew, or withdraw."""
    from governance.course_desk import answer

    answer(desk, number, how, file, objection)


@command("challenge")
@NUMBER
@click.argument("why")
def proposal_challenge(desk: Desk, number: int, why: str) -> None:
    """Ask that all vote again before a decision takes effect; enough of you suspend it."""
    from governance.course_desk import challenge

    challenge(desk, number, why)


@command("outcome")
@NUMBER
@click.argument("text")
def proposal_outcome(desk: Desk, number: int, text: str) -> None:
    """Say in words what came of a decision."""
    from governance.course_desk import outcome

    outcome(desk, number, text)


@command("count")
@NUMBER
@click.option("--export", "folder", metavar="DIR", help="Write all that a recount needs into a new folder.")
@click.option("--ballots", type=click.Choice(["blt", "abif"]), help="Print the ballots in a format of other programs.")
def proposal_count(desk: Desk, number: int, folder: str | None, ballots: str | None) -> None:
    """Count a vote that is over, round by round; or write what anybody needs to count it again."""
    from governance.counting_desk import count

    count(desk, number, folder, ballots)


@command("recount")
@click.argument("folder", metavar="DIR")
def proposal_recount(desk: Desk, folder: str) -> None:
    """Count a vote again from an exported folder alone: no ledger and no key is needed."""
    from governance.recount_desk import recount

    recount(desk, folder)


@command("tally")
@click.argument("file")
@click.option("--method", default="", help="irv, cssd, stv, approval, score or star; a BLT file is counted by stv.")
@click.option("--seats", type=click.IntRange(1, 49), help="For stv: how many are elected.")
def proposal_tally(desk: Desk, file: str, method: str, seats: int | None) -> None:
    """Count ballots from a BLT or ABIF file, without any ledger."""
    from governance.counting_desk import count_file

    count_file(desk, file, method, seats)


@command("notify")
@NUMBER
@click.option("--out", "folder", metavar="DIR", help="Where the messages are written; this home's outbox unless said.")
@click.option("--told", multiple=True, metavar="NAME=WAY", help="Already told: letter, phone, in-person. Repeatable.")
def proposal_notify(desk: Desk, number: int, folder: str | None, told: tuple[str, ...]) -> None:
    """Tell the members of a vote, or remind who has not answered; who was told when stands in the log."""
    from governance.notices import notify

    notify(desk, number, folder, told)


@command("notices")
@NUMBER
def proposal_notices(desk: Desk, number: int) -> None:
    """Who was told of a vote, when and how."""
    from governance.notices import show_notices

    show_notices(desk, number)


proposal = group(
    "proposal",
    "What is before the members, and what was.",
    proposal_list,
    proposal_show,
    proposal_close,
    proposal_announce,
    proposal_waive,
    proposal_withdraw,
    proposal_stand_aside,
    proposal_object,
    proposal_lift,
    proposal_answer,
    proposal_challenge,
    proposal_outcome,
    proposal_count,
    proposal_recount,
    proposal_tally,
    proposal_notify,
    proposal_notices,
)
