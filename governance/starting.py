"""Rules to start from: by-laws, laws and practices of others, each said in the language of the share rule.

They lie in `governance/templates`, and every one says in its first sentence what it is, and at every number where that
comes from.
"""

from importlib.resources import files
from typing import Any

from governance.rule_values import RuleError
from governance.rules import parse
from governance.runnable import refuse_unrunnable
from governance.versions import template
from ledger.doors import Desk
from ledger.errors import TallyError, Usage
from ledger.looks import table

DEFAULT = "default"
TO_TRY = "to try; not all of it can be put in force yet"

_DECIMALS = 4
"""As many as any currency has: what a template cannot do must not hang on its amounts."""


class UnknownTemplate(TallyError):
    """A template that does not come with the program."""

    exit_code = 2
    status = 404


def template_names() -> list[str]:
    """The rules there are to start from; the one that founders get who bring none comes first."""
    found = (file.name for file in files("governance").joinpath("templates").iterdir())
    names = sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml"))
    return [DEFAULT, *(name for name in names if name != DEFAULT)]


def about(text: str) -> str:
    """The first sentence of a rule's first comment."""
    lines = []
    for line in text.splitlines():
        if line.lstrip("# ") == "" or not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return f"{' '.join(lines).partition('. ')[0].removesuffix('.')}."


def lacking(text: str) -> str:
    """Why a rule could not be put in force on a ledger with this version of the program; "" if it could."""
    try:
        refuse_unrunnable(parse(text), _DECIMALS)
    except RuleError as error:
        return error.message
    return ""


def print_template(desk: Desk, name: str | None) -> None:
    """A rule to start from, word for word; the default one where none is named."""
    if name is not None and name not in template_names():
        raise UnknownTemplate(f'There is no template "{name}".', "`tally rule new --list` names them.")
    text = template(name or DEFAULT)
    desk.answer({"text": text}, text.rstrip("\n"))


def list_templates(desk: Desk, name: str | None) -> None:
    """All rules to start from, and which of them this version can only try."""
    if name is not None:
        raise Usage("--list names all templates; --template prints one.", "Ask for one of both.")
    rows = [_row(one) for one in template_names()]
    cells = [(row["name"], row["about"] if row["in_force"] else f"{row['about']} ({TO_TRY})") for row in rows]
    desk.answer({"templates": rows}, table(("Template", "What it is"), cells))


def _row(name: str) -> dict[str, Any]:
    text = template(name)
    why = lacking(text)
    return {"name": name, "title": parse(text).title, "about": about(text), "in_force": not why, "lacking": why}
