"""Where work is read in from: one file per system that people already write their work down in.

This folder is the register: a file here is a source of work, under its own name. A source turns records into
drafts and knows no ledger.
"""

import importlib
import pkgutil
from types import ModuleType

from ledger.errors import Usage


def names() -> tuple[str, ...]:
    """The sources there are, by name."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def source(name: str) -> ModuleType:
    """The source of that name. Raises Usage for a name that is not in `names()`, without importing anything."""
    if name not in names():
        raise Usage(f'"{name}" is not a source of work.', f"There are: {', '.join(names())}.")
    return importlib.import_module(f"{__name__}.{name}")
