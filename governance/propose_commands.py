"""Commands that put something before the members: a rule, a text, a role, a member, a profile, a number, money."""

from typing import Any

import click

from ledger.doors import Desk, Function, command, group

_TERMS = (
    click.option("--profile", default="", help="How it is decided, like two-thirds; `tally profile list` shows all."),
    click.option("--draft", is_flag=True, help="Keep it as a draft until you announce it."),
    click.option("--topic", metavar="WORD", help="What it is about, for those who vote for others."),
    click.option("--recuse", multiple=True, metavar="NAME", help="Not asked: you, or whom it names. Repeatable."),
    click.option("--review", metavar="DAY", help="When it is looked at again."),
    click.option("--sunset", metavar="DAY", help="When it ends, unless the members renew it."),
)


def _proposes(function: Function) -> Function:
    """A command with the options that every proposal has."""
    for option in reversed(_TERMS):
        option(function)
    return function


def _wanted(given: dict[str, Any]) -> Any:
    from governance.proposing import Wanted

    return Wanted(**given)


@command("rule")
@click.argument("file")
@click.option("--option", "others", multiple=True, metavar="FILE", help="Another rule to choose from. Repeatable.")
@click.option("--ratio", "ratios", multiple=True, metavar="3:1", help="What each option needs over things as they are.")
@click.option("--fallback", metavar="FILE|previous", help="The rule that holds after the sunset.")
@_proposes
def propose_rule(desk: Desk, file: str, others: tuple[str, ...], **given: Any) -> None:
    """Propose a new share rule, or several to choose from."""
    from governance.proposing import propose_rule

    propose_rule(desk, file, others, _wanted(given))


@command("text")
@click.argument("text", metavar='FILE|"WORDS"')
@click.option("--option", "others", multiple=True, metavar='FILE|"WORDS"', help="Another text. Repeatable.")
@click.option("--ratio", "ratios", multiple=True, metavar="3:1", help="What each option needs over things as they are.")
@_proposes
def propose_text(desk: Desk, text: str, others: tuple[str, ...], **given: Any) -> None:
    """Propose a resolution: a text in a file, or words in quotes; or several to choose from."""
    from governance.proposing import propose_text

    propose_text(desk, text, others, _wanted(given))


@command("role")
@click.argument("name")
@click.argument("role")
@click.option("--end", is_flag=True, help="The role ends, instead of beginning.")
@click.option("--circle", default="", help="In a circle, by path: berlin/support.")
@_proposes
def propose_role(desk: Desk, name: str, role: str, end: bool, circle: str, **given: Any) -> None:
    """Propose a role for somebody, or its end.

    The roles are treasurer, steward, connector and clerk.
    """
    from governance.proposing import propose_role

    propose_role(desk, name, role, not end, circle, _wanted(given))


@command("election")
@click.argument("role")
@click.argument("names", nargs=-1, required=True)
@click.option("--seats", type=click.IntRange(1, 49), default=1, show_default=True, help="How many are elected.")
@click.option("--circle", default="", help="In a circle, by path: berlin/support.")
@_proposes
def propose_election(desk: Desk, role: str, names: tuple[str, ...], seats: int, circle: str, **given: Any) -> None:
    """Let the members elect who takes on a role, among NAMES."""
    from governance.proposing import propose_election

    given["profile"] = given["profile"] or "scottish-stv"
    propose_election(desk, role, names, seats, circle, _wanted(given))


@command("member")
@click.argument("name")
@click.option("--expel", is_flag=True, help="The membership ends; who is expelled does not vote on it.")
@click.option("--why", metavar='FILE|"WORDS"', help="The reason, as part of what is decided.")
@_proposes
def propose_member(desk: Desk, name: str, expel: bool, why: str | None, **given: Any) -> None:
    """Propose that somebody becomes a member again, or is expelled."""
    from governance.proposing import propose_member

    propose_member(desk, name, expel, why, _wanted(given))


@command("profile")
@click.argument("name")
@click.argument("file")
@_proposes
def propose_profile(desk: Desk, name: str, file: str, **given: Any) -> None:
    """Propose a way of deciding, new or changed: FILE as `tally profile show` prints one."""
    from governance.proposing import propose_profile

    propose_profile(desk, name, file, _wanted(given))


@command("policy")
@click.argument("name")
@click.argument("value", metavar="VALUE|FILE")
@_proposes
def propose_policy(desk: Desk, name: str, value: str, **given: Any) -> None:
    """Propose a policy: approvers (1, 2 from 5000.00), capital, contest-days, name, unclaimed, unusual, witnesses."""
    from governance.proposing import propose_policy

    propose_policy(desk, name, value, _wanted(given))


@command("number")
@click.argument("names", nargs=-1, required=True)
@_proposes
def propose_number(desk: Desk, names: tuple[str, ...], **given: Any) -> None:
    """Ask for a number of the share rule (its `ask`): the median holds. Of several NAMES the whole is divided."""
    from governance.proposing import propose_number

    propose_number(desk, names, _wanted(given))


@command("reserve")
@click.argument("account")
@click.argument("amount")
@click.option("--to", "party", required=True, metavar="NAME", help="Who is paid: a supplier, a fund.")
@click.option("--for", "purpose", required=True, metavar='FILE|"WORDS"', help="What it is for.")
@_proposes
def propose_spending(desk: Desk, account: str, amount: str, party: str, purpose: str, **given: Any) -> None:
    """Propose to spend money of a reserve or fund."""
    from governance.proposing import propose_spending

    propose_spending(desk, account, amount, party, purpose, _wanted(given))


@command("payout")
@click.argument("period", metavar="PERIOD|AMENDMENT|YEAR")
@_proposes
def propose_payout(desk: Desk, period: str, **given: Any) -> None:
    """Let the members approve a payout, an amendment or a book year, where fewer treasurers are left than must.

    Of a book year that is approved, they approve what its close redeems.
    """
    from governance.proposing import propose_payout

    propose_payout(desk, period, _wanted(given))


propose = group(
    "propose",
    "Put something before the members.",
    propose_rule,
    propose_text,
    propose_role,
    propose_election,
    propose_member,
    propose_profile,
    propose_policy,
    propose_number,
    propose_spending,
    propose_payout,
)
