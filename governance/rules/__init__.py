"""The verbs a pot of the share rule can have, one file each: this folder is their register.

A file has a docstring that members read when they vote, a class with what the verb does, and
`read(place, table, known)`, which makes it from a pot's table. `parse` reads a whole rule with the verbs found here.
"""

import importlib
import pkgutil
from types import ModuleType

from governance.rule import Rule
from governance.rule_parse import parse_with
from governance.rule_values import RuleError
from ledger.errors import Usage

__all__ = ("RuleError", "names", "parse", "verb")


def names() -> list[str]:
    """The verbs there are, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def verb(name: str) -> ModuleType:
    """The file of a verb. Raises Usage for a name that is not in the folder."""
    # The name comes out of a text that anybody may write, so it is looked up before anything is imported.
    if name not in names():
        raise Usage(f'"{name}" is not a verb of the share rule.', f"The verbs are {', '.join(names())}.")
    return importlib.import_module(f"{__name__}.{name}")


def parse(text: str) -> Rule:
    """The rule a TOML text says. Raises RuleError, which names the place."""
    return parse_with(text, {name: verb(name).read for name in names()})
