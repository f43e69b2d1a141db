"""Commands about the share rule: see it, check, compare and try one."""

import click

from ledger.doors import Desk, command, group


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
@click.option("--svg", "drawing", metavar="FILE", help="Draw the flow of the money as a picture in a new file.")
@click.option("--narrow", is_flag=True, help="The picture for a phone: one place below the other.")
def rule_check(desk: Desk, file: str, drawing: str | None, narrow: bool) -> None:
    """Say what a rule does, pot by pot, and draw how the money flows; or say where it is wrong."""
    from governance.versions import check

    check(desk, file, drawing, narrow)


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
@click.option("--template", metavar="NAME", help="After whose by-laws, law or practice; --list names them.")
@click.option("--list", "listed", is_flag=True, help="List the rules there are to start from.")
def rule_new(desk: Desk, template: str | None, listed: bool) -> None:
    """Print a rule to start from."""
    from governance.starting import list_templates, print_template

    if listed:
        list_templates(desk, template)
    else:
        print_template(desk, template)


rule = group(
    "rule",
    "The share rule: see, check, compare, try.",
    rule_show,
    rule_list,
    rule_check,
    rule_diff,
    rule_try,
    rule_new,
)
