"""A statement as one HTML file: it opens anywhere, loads nothing, runs nothing, prints on A4, and carries its data.

Pure. The data lies in a <template>, which browsers do not show; it is read back from between its two marks.
"""

from html import escape, unescape

from payouts.pages.style import STYLE
from payouts.statements.statement_carried import Carried, Damaged, as_bytes
from payouts.statements.statement_page import Page, Section, Table, page_of

OPEN, CLOSE = '<template id="tally-statement">', "</template>"
BEGIN = b"<!DOCTYPE html>\n<!-- A statement by Tallystick. tally verify FILE checks it. -->\n"
"""How such a file begins; anything else is none of ours."""

MANY = 3  # with more columns a table is drawn smaller on a phone
BAR = 1000  # units on the line of a bar


def html_of(carried: Carried) -> bytes:
    """The whole file, the same bytes every time."""
    page = page_of(carried)
    title = escape(page.title)
    lines = [
        '<html lang="en">',
        '<head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">""",
        f"<title>{title}, {escape(page.of)}</title>",
        f"<style>{STYLE}</style></head>",
        "<body><main>",
        f"<header>{_banner(page)}<h1>{_any(page.title)}</h1><p>{_any(page.of)}</p>",
        f'<p class="total"><span>{_any(page.label)}</span> <strong>{_any(page.amount)}</strong></p>',
        *(f"<p>{_any(line)}</p>" for line in page.beside),
        "</header>",
        *(_section(one) for one in page.sections),
        f"<footer>{_any(page.foot)}</footer>",
        "</main>",
        f"{OPEN}{escape(as_bytes(carried).decode(), quote=False)}{CLOSE}",
        "</body></html>",
        "",
    ]
    return BEGIN + "\n".join(lines).encode()


def data_in(file: bytes) -> bytes:
    """The data that such a file carries, unchecked. Raises Damaged where it carries none."""
    _, opened, rest = file.partition(OPEN.encode())
    held, closed, _ = rest.partition(CLOSE.encode())
    if not (opened and closed):
        raise Damaged("This page does not carry the data of a statement.")
    return unescape(held.decode(errors="replace")).encode()


def bar_svg(length: int) -> str:
    """A bar as a picture of its own: full for an amount, an outline for a loss. The amount stands beside it."""
    if not length:
        return ""
    kind = "loss" if length < 0 else "gain"
    return (
        f'<svg class="bar {kind}" viewBox="0 0 {BAR} 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{abs(length)}" height="10"/></svg>'
    )


def _banner(page: Page) -> str:
    return f'<p class="banner">{_any(page.banner)}</p>' if page.banner else ""


def _section(section: Section) -> str:
    parts = [f"<section><h2>{_any(section.title)}</h2>"]
    if section.table is not None:
        parts.append(_table(section.table))
    parts += [f"<p>{_any(line)}</p>" for line in section.words]
    if section.facts:
        rows = "".join(f"<div><dt>{_any(name)}</dt><dd>{_any(said)}</dd></div>" for name, said in section.facts)
        parts.append(f"<dl>{rows}</dl>")
    return "\n".join([*parts, "</section>"])


def _table(table: Table) -> str:
    heads = "".join(_head(table, place, head) for place, head in enumerate(table.heads))
    rows = "\n".join(_row(table, place, cells) for place, cells in enumerate(table.rows))
    kind = ' class="bars"' if table.bars else ' class="many"' if len(table.heads) > MANY else ""
    return (
        f'<div class="wide"><table{kind}><caption>{_any(table.caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def _head(table: Table, place: int, head: str) -> str:
    if not head:
        return '<td class="chart"></td>'
    return f'<th scope="col"{_right(table, place)}>{_any(head)}</th>'


def _row(table: Table, place: int, cells: tuple[str, ...]) -> str:
    strong = ' class="sum"' if place in table.strong else ""
    first, *others = cells
    if table.bars:
        others = others[:-1]
    drawn = "".join(f"<td{_right(table, column)}>{_any(cell)}</td>" for column, cell in enumerate(others, 1))
    chart = f'<td class="chart">{bar_svg(table.bars[place])}</td>' if table.bars else ""
    return f'<tr{strong}><th scope="row">{_any(first)}</th>{drawn}{chart}</tr>'


def _right(table: Table, place: int) -> str:
    return ' class="right"' if place in table.right else ""


def _any(text: str) -> str:
    """A text in any letters, which cannot turn around what stands beside it."""
    return escape(text) if text.isascii() else f"<bdi>{escape(text)}</bdi>"
