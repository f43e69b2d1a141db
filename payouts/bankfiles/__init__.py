"""Forms in which payments leave for a bank: one file each; the folder is the list of them.

A form has one pure function, `write`: payments in, the bytes of a file out, the same every time.
"""

import importlib
import pkgutil
from collections.abc import Callable

from ledger.errors import Usage
from payouts.bank.bank_file import BankFile


def names() -> tuple[str, ...]:
    """The forms there are, as people write them: "pain.001.001.09", "csv"."""
    return tuple(sorted(found.name.replace("_", ".") for found in pkgutil.iter_modules(__path__)))


def of(name: str) -> Callable[[BankFile], bytes]:
    """How payments are written in that form. Raises Usage for a name that is not in `names()`."""
    if name not in names():
        raise Usage(f'"{name}" is not a form of a bank file.', f"There are: {', '.join(names())}.")
    write: Callable[[BankFile], bytes] = importlib.import_module(f"{__name__}.{name.replace('.', '_')}").write
    return write
