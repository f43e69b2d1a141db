"""A share rule drawn as an SVG: a picture that any browser shows and prints, with its words as words.

The same rule gives the same bytes. Colours only help: what a box is and what a wire carries is written beside it, and
what a loss takes is dashed, so that the drawing also reads in black and white.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from governance.flow import Flow
from governance.flow_layout import LINE, MARGIN, PAD, SIZE, Box, Picture, Row, Wire, fits, in_columns, lines_of
from governance.flow_stack import stacked
from governance.rule import CARRY
from governance.rule_values import hidden

FILLS = {
    "start": "#d8ead2",
    "pot": "#dce8f4",
    "indivisible": "#eae3d2",
    "owed": "#f6dfd2",
    "fund": "#f3edc6",
    "member": "#ecdff2",
    "balance": "#ecdff2",
    "held": "#f7e9e9",
    "result": "#e6e6e6",
}
INK, LIGHT, GIVEN, TAKEN = "#1a1a1a", "#8a8a8a", "#2c4a6b", "#9c2f1f"
FONTS = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
LEGEND = "Dashed: in a loss so much is taken from there, as far as it goes."
PAGE, NARROW = 800, 400
"""Pixels across: of a page of paper or a screen, and of a phone."""

BASELINE = 11
"""From the top of a line down to where its letters stand."""
CORNER = 5


def svg(flow: Flow, title: str, page: int = PAGE) -> str:
    """The drawing as a file, no broader than a page of so many pixels."""
    picture = laid_out(flow, title or "Share rule", page)
    return "\n".join([*_elements(picture), "</svg>", ""])


def laid_out(flow: Flow, title: str, page: int = PAGE) -> Picture:
    """A place for everything: in columns where they find room, else one box below the other."""
    return in_columns(flow, title, page) if fits(flow, page) else stacked(flow, title, page)


def _elements(picture: Picture) -> Iterator[str]:
    losing = any(wire.edge.taken for wire in picture.wires)
    legend = lines_of(LEGEND, picture.width - 2 * MARGIN) if losing else ()
    height = picture.floor + MARGIN + (LINE * len(legend) + PAD if losing else 0)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{picture.width}" height="{height}" '
        f'viewBox="0 0 {picture.width} {height}" style="max-width:100%;height:auto" role="img" '
        f'font-family="{FONTS}" font-size="{SIZE}" fill="{INK}">'
    )
    yield f"<title>{_safe(' '.join(picture.title))}</title>"
    yield "<defs>"
    yield from (_arrow(name, colour) for name, colour in (("given", GIVEN), ("taken", TAKEN)))
    yield "</defs>"
    yield f'<rect width="{picture.width}" height="{height}" fill="#ffffff"/>'
    yield from _words(picture.title, MARGIN, MARGIN, bold=True)
    yield from (_wire(wire) for wire in picture.wires)
    for box in picture.boxes:
        yield from _box(box)
    yield from _words(legend, MARGIN, picture.floor + PAD + LINE // 2)


def _arrow(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 z" fill="{colour}"/>'
        f"</marker>"
    )


def _wire(wire: Wire) -> str:
    """A line; what is taken in a loss is dashed and points back."""
    path = _around(wire) if wire.square else _across(wire)
    if wire.edge.taken:
        style = f'stroke="{TAKEN}" stroke-dasharray="5 3" marker-start="url(#taken)"'
    else:
        style = f'stroke="{GIVEN}" marker-end="url(#given)"'
    return f'<path d="{path}" fill="none" stroke-width="1.5" {style}/>'


def _across(wire: Wire) -> str:
    """From left to right, bending only between columns."""
    points = iter(wire.points)
    x, y = next(points)
    path = f"M{x} {y}"
    bends = True
    for to_x, to_y in points:
        middle = (x + to_x) // 2
        path += f" C{middle} {y} {middle} {to_y} {to_x} {to_y}" if bends else f" H{to_x}"
        x, y, bends = to_x, to_y, not bends
    return path


def _around(wire: Wire) -> str:
    """Out of a box to a lane, along it, and back; the corners are round, so that it is seen which wires only cross."""
    (x, y), (lane, _), _, (to_x, to_y) = wire.points
    turn = min(CORNER, abs(to_y - y) // 2, lane - x)
    down = turn if to_y > y else -turn
    return (
        f"M{x} {y} H{lane - turn} Q{lane} {y} {lane} {y + down} "
        f"V{to_y - down} Q{lane} {to_y} {lane - turn} {to_y} H{to_x}"
    )


def _box(box: Box) -> Iterator[str]:
    fill = FILLS.get(box.node.kind, FILLS["result"])
    yield (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="4" fill="{fill}" stroke="{INK}"/>'
    )
    yield from _words(box.name, box.x + PAD, box.y + PAD, bold=True)
    yield from _words(box.words, box.x + PAD, box.y + PAD + LINE * len(box.name))
    for row in box.rows:
        yield from _row(box, row)


def _row(box: Box, row: Row) -> Iterator[str]:
    yield f'<path d="M{box.x} {row.top} H{box.x + box.width}" stroke="{LIGHT}"/>'
    yield from _words(row.lines, box.x + PAD, row.top + PAD)
    if row.edge.to != CARRY and not row.edge.taken:
        yield f'<circle cx="{box.x + box.width}" cy="{row.middle}" r="3" fill="{GIVEN}"/>'


def _words(lines: tuple[str, ...], x: int, top: int, bold: bool = False) -> Iterator[str]:
    weight = ' font-weight="bold"' if bold else ""
    for place, line in enumerate(lines):
        yield f'<text x="{x}" y="{top + place * LINE + BASELINE}"{weight}>{_safe(line)}</text>'


def _safe(text: str) -> str:
    """A text that stands in XML as what it says: a title may hold letters that XML has no place for."""
    return escape("".join("\ufffd" if hidden(letter) or letter in "\ufffe\uffff" else letter for letter in text))
