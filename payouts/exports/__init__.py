"""Forms in which the whole journal leaves for an accountant's program: one file each; the folder is the list of them.

A form has one pure function, `write`: a journal in, the text of a file out.
"""

import importlib
import pkgutil
from collections.abc import Callable

from ledger.errors import Usage
from payouts.books.journal import Journal


def names() -> tuple[str, ...]:
    """The forms there are, by the name of the program that reads them."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(__path__)))


def of(name: str) -> Callable[[Journal], str]:
    """How a journal is written for that program. Raises Usage for a name that is not in `names()`."""
    if name not in names():
        raise Usage(f'"{name}" is not a form of the journal.', f"There are: {', '.join(names())}.")
    write: Callable[[Journal], str] = importlib.import_module(f"{__name__}.{name}").write
    return write
