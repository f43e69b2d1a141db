"""What can be decided, one file each; the folder is the list of them.

A matter says when it may be put (`check`), what it is called (`title`), and what its decision does (`act`, which
answers why it could not act any more, or ""). It may undo that again (`lapse`), tell whether it is so still (`holds`),
say whom it concerns (`recused`), what follows where members say no (`fail`), and what came of it (`consequence`).
"""

import importlib
import pkgutil
from typing import Any


def names() -> list[str]:
    """The sorts of matters there are."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__))


def of(sort: str) -> Any:
    """The file of a sort; the sort must be one of `names()`."""
    assert sort in names(), sort
    return importlib.import_module(f"{__name__}.{sort}")
