"""Commands of the governance room: join, look at the share rule, propose, vote."""

import click

from ledger.doors import Desk, command, group

PROFILE = click.option(
    "--profile", default="simple-majority", show_default=True, help="How it is decided, like two-thirds."
)


@command("join")
@click.argument("file")
@click.option("--name", metavar="NAME", help="What you are called, where it is not the name you were invited under.")
def join(desk: Desk, file: str, name: str | None) -> None:
    """Join a cooperative with an invitation.

    FILE holds the invitation; "-" reads it from a pipe.
    """
    from governance.joining import join

    join(desk, file, name)


@command("show")
@click.argument("number", type=int, required=False)
def rule_show(desk: Desk, number: int | None) -> None:
    """The share rule in force, or version NUMBER, word for word."""
    from governance.versions import show

    show(desk, number)


@command("list")
def rule_list(desk: Desk) -> None:
    """All versions of the share rule, and since when each held."""
    from governance.versions import list_versions

    list_versions(desk)


@command("check")
@click.argument("file")
def rule_check(desk: Desk, file: str) -> None:
    """Say what a rule does, pot by pot, or where it is wrong."""
    from governance.versions import check

    check(desk, file)


@command("diff")
@click.argument("file")
def rule_diff(desk: Desk, file: str) -> None:
    """What a rule would change, in words."""
    from governance.versions import compare

    compare(desk, file)


@command("try")
@click.argument("file")
@click.option("--facts", metavar="FACTS", help="Facts of one run in a JSON file; no ledger is needed.")
def rule_try(desk: Desk, file: str, facts: str | None) -> None:
    """What a rule would have paid lately, or would pay on given facts."""
    if facts is None:
        from governance.versions import impact

        impact(desk, file)
    else:
        from governance.trials import try_on_facts

        try_on_facts(desk, file, facts)


@command("new")
def rule_new(desk: Desk) -> None:
    """Print a rule to start from."""
    from governance.versions import template

    text = template()
    desk.answer({"text": text}, text.rstrip("\n"))


@command("rule")
@click.argument("file")
@PROFILE
def propose_rule(desk: Desk, file: str, profile: str) -> None:
    """Propose a new share rule."""
    from governance.proposing import propose_rule

    propose_rule(desk, file, profile)


@command("role")
@click.argument("name")
@click.argument("role")
@click.option("--end", is_flag=True, help="The role ends, instead of beginning.")
@click.option("--circle", default="", help="In a circle, by path: berlin/support.")
@PROFILE
def propose_role(desk: Desk, name: str, role: str, end: bool, circle: str, profile: str) -> None:
    """Propose a role for somebody, or its end.

    The roles are treasurer, steward, connector and clerk.
    """
    from governance.proposing import propose_role

    propose_role(desk, name, role, not end, circle, profile)


@command("text")
@click.argument("text", metavar='FILE|"WORDS"')
@PROFILE
def propose_text(desk: Desk, text: str, profile: str) -> None:
    """Propose a resolution: a text in a file, or words in quotes."""
    from governance.proposing import propose_text

    propose_text(desk, text, profile)


@command("list")
def proposal_list(desk: Desk) -> None:
    """All proposals and how they stand."""
    from governance.balloting import list_all

    list_all(desk)


@command("show")
@click.argument("number", type=int)
def proposal_show(desk: Desk, number: int) -> None:
    """One proposal: what it would change, who voted how, what came of it."""
    from governance.balloting import show

    show(desk, number)


@command("close")
@click.argument("number", type=int)
def proposal_close(desk: Desk, number: int) -> None:
    """Publish the result of a vote whose time is over."""
    from governance.balloting import close

    close(desk, number)


@command("vote")
@click.argument("number", type=int)
@click.argument("choice", type=click.Choice(["yes", "no", "abstain"], case_sensitive=False))
def vote(desk: Desk, number: int, choice: str) -> None:
    """Vote on a proposal; until it closes the last vote counts."""
    from governance.balloting import vote

    vote(desk, number, choice)


@command("votes")
def votes(desk: Desk) -> None:
    """What the members are asked and you have not answered yet."""
    from governance.balloting import waiting

    waiting(desk)


commands = (
    join,
    group(
        "rule",
        "The share rule: see, check, compare, try.",
        rule_show,
        rule_list,
        rule_check,
        rule_diff,
        rule_try,
        rule_new,
    ),
    group("propose", "Put something before the members.", propose_rule, propose_role, propose_text),
    group("proposal", "What is before the members, and what was.", proposal_list, proposal_show, proposal_close),
    vote,
    votes,
)
