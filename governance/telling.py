"""Sentences on a screen as wide as it is: broken between words on a terminal, left whole where they are piped."""

import shutil
import sys
import textwrap
from collections.abc import Iterable
from typing import Any

from ledger.doors import Desk
from ledger.private import show

INDENT = "  "


def tell(desk: Desk, data: dict[str, Any], *parts: Any) -> None:
    """Answer with lists of lines, and tables between them."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    texts = ["\n".join(_broken(line, width) for line in part) if isinstance(part, list) else part for part in parts]
    desk.answer(data, *texts)


def points(lines: Iterable[str]) -> list[str]:
    """Lines as points of a list."""
    return [f"- {line}" for line in lines]


def grouped(plain: str) -> str:
    """A plain decimal for people: "1234.50" becomes "1,234.50"."""
    sign, digits = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    whole, point, decimals = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{decimals}"


def word_for_word(text: str) -> str:
    """A text as it is where it is piped; on a terminal, without what could steer or deceive it."""
    if not sys.stdout.isatty():
        return text
    return as_it_is(text)


def as_it_is(text: str) -> str:
    """A text line by line as it was written, without what could steer or deceive a screen."""
    return "\n".join(show(line) for line in text.expandtabs(4).splitlines())


def _broken(line: str, width: int) -> str:
    line = show(line)
    if not width or len(line) <= width:
        return line
    bare = line.lstrip()
    begin = line[: len(line) - len(bare)]
    return textwrap.fill(
        bare,
        width,
        initial_indent=begin,
        subsequent_indent=begin + INDENT,
        break_on_hyphens=False,
    )
