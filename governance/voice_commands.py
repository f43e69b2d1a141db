"""Commands for voting, oneself and through another, and about the ways of deciding there are."""

import click

from ledger.assist_commands import with_help
from ledger.doors import Desk, command, group


@command("vote")
@click.argument("number", type=int)
@click.argument("ballot", nargs=-1, required=True)
@with_help
def vote(desk: Desk, number: int, ballot: tuple[str, ...], **helped: str | None) -> None:
    """Vote on a proposal; until it closes the last vote counts.

    BALLOT is yes, no or abstain. Where there are options: a ranking 2>1>0 (in quotes), a list 1,3, points 1=5,2=3, a
    number 2.5% or a division 1=60%,2=40%; `tally proposal show` says which.
    """
    from governance.balloting import vote, vote_for

    if helped["for_"]:
        vote_for(desk, number, " ".join(ballot), helped)
    else:
        vote(desk, number, " ".join(ballot))


@command("votes")
def votes(desk: Desk) -> None:
    """What the members are asked and you have not answered yet, and what else waits for you."""
    from governance.awaiting import waiting

    waiting(desk)


_SCOPE = (
    click.option("--topic", metavar="WORD", help="Only in votes about this: rule, role, text, or a topic of yours."),
    click.option("--role", metavar="ROLE", help="Only in votes about this role."),
    click.option("--proposal", type=int, metavar="N", help="Only in this vote."),
)


@command("to")
@click.argument("name")
@_SCOPE[0]
@_SCOPE[1]
@_SCOPE[2]
@click.option("--until", metavar="DAY", help="Its last day; without it until you end it.")
def delegate_to(
    desk: Desk, name: str, topic: str | None, role: str | None, proposal: int | None, until: str | None
) -> None:
    """Let NAME vote for you where you do not vote yourself."""
    from governance.voice_desk import delegate

    delegate(desk, name, topic, role, proposal, until)


@command("end")
@_SCOPE[0]
@_SCOPE[1]
@_SCOPE[2]
def delegate_end(desk: Desk, topic: str | None, role: str | None, proposal: int | None) -> None:
    """From now on nobody votes for you in this."""
    from governance.voice_desk import delegate

    delegate(desk, None, topic, role, proposal, None)


@command("list")
def delegate_list(desk: Desk) -> None:
    """Who votes for you, for whom you vote, and how those voted who did it for you."""
    from governance.voice_desk import list_delegations

    list_delegations(desk)


@command("list")
def profile_list(desk: Desk) -> None:
    """All ways of deciding there are here."""
    from governance.profile_desk import list_profiles

    list_profiles(desk)


@command("show")
@click.argument("name")
def profile_show(desk: Desk, name: str) -> None:
    """One way of deciding, in sentences and as the text that says so; without a ledger one of those it begins with."""
    from governance.profile_desk import show

    show(desk, name)


@command("check")
@click.argument("file")
def profile_check(desk: Desk, file: str) -> None:
    """Say what a profile in a file asks for, or where it is wrong."""
    from governance.profile_desk import check

    check(desk, file)


@command("diff")
@click.argument("name")
@click.argument("file")
def profile_diff(desk: Desk, name: str, file: str) -> None:
    """What a profile in a file would change in the one called NAME."""
    from governance.profile_desk import diff

    diff(desk, name, file)


delegation = group("delegation", "Let others vote for you.", delegate_to, delegate_end, delegate_list)
profile = group("profile", "Ways of deciding.", profile_list, profile_show, profile_check, profile_diff)
