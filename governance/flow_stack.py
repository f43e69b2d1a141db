"""Where everything in the drawing of a share rule lies on a narrow page: one box below the other, wires at the side.

The boxes follow the order of a run, pots first, then accounts and people. From each part of a pot a wire leads to
the right, along a lane, and into the right side of the place it goes to. All parts of one place come together in one
lane; lanes lie beside each other where they would meet, and no wire crosses a box.

All figures are whole pixels.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from governance.flow import Edge, Flow
from governance.flow_layout import GAP, LINE, MARGIN, PAD, Box, Picture, Wire, box_of, lines_of, moved
from governance.rule import CARRY

APART = 10
"""Pixels between lanes, where there is room."""

GIVEN_AT, TAKEN_AT = PAD + LINE // 3, PAD + LINE
"""Where wires enter a box, from its top: what it is given, and what a loss takes."""

Lane = tuple[str, bool]
"""All wires to one place, those of a loss apart."""


class _Span(Struct, frozen=True, order=True):
    """From where to where a lane is used."""

    top: int
    bottom: int
    lane: Lane


def stacked(drawn: Flow, title: str, page: int) -> Picture:
    """The flow with a place for everything, however long it is, on a page of so many pixels."""
    edges = [edge for edge in drawn.edges if edge.to != CARRY]
    heading = lines_of(title, page - 2 * MARGIN, bold=True)
    top = MARGIN + len(heading) * LINE + GAP
    many, needed = 0, 1
    # How many lanes there are hangs on the heights of the boxes, and those on the room that lanes leave them.
    while needed > many:
        many = needed
        apart = max(1, min(APART, page // 3 // many))
        boxes = _boxes(drawn, page - 2 * MARGIN - apart * many, top)
        places = _side_by_side(_spans(edges, boxes))
        needed = 1 + max(places.values(), default=0)
    return Picture(
        width=page,
        floor=max(box.y + box.height for box in boxes.values()),
        title=heading,
        boxes=tuple(boxes.values()),
        wires=tuple(_wires(edges, boxes, places, apart)),
    )


def _boxes(drawn: Flow, width: int, top: int) -> dict[str, Box]:
    boxes = {}
    for node in drawn.nodes:
        box = box_of(node, drawn, MARGIN, width)
        rows = tuple(moved(row, top) for row in box.rows)
        boxes[node.name] = Box(
            node=node, x=MARGIN, y=top, width=width, height=box.height, name=box.name, words=box.words, rows=rows
        )
        top += box.height + GAP
    return boxes


def _lane(edge: Edge) -> Lane:
    return edge.to, edge.taken


def _enters(lane: Lane, boxes: Mapping[str, Box]) -> int:
    to, taken = lane
    return boxes[to].y + (TAKEN_AT if taken else GIVEN_AT)


def _leaves(edge: Edge, boxes: Mapping[str, Box]) -> int:
    return next(row.middle for row in boxes[edge.start].rows if row.edge is edge)


def _spans(edges: list[Edge], boxes: Mapping[str, Box]) -> list[_Span]:
    used: dict[Lane, list[int]] = {}
    for edge in edges:
        used.setdefault(_lane(edge), [_enters(_lane(edge), boxes)]).append(_leaves(edge, boxes))
    return sorted(_Span(min(heights), max(heights), lane) for lane, heights in used.items())


def _side_by_side(spans: list[_Span]) -> dict[Lane, int]:
    """The place of each lane, counted from the boxes: the first that is free where it begins; short ones lie inside."""
    places: dict[Lane, int] = {}
    taken: list[list[_Span]] = []
    for span in sorted(spans, key=lambda span: (span.bottom - span.top, span)):
        place = next((at for at, there in enumerate(taken) if not any(_meet(span, one) for one in there)), len(taken))
        if place == len(taken):
            taken.append([])
        taken[place].append(span)
        places[span.lane] = place
    return places


def _meet(one: _Span, other: _Span) -> bool:
    return one.top <= other.bottom and other.top <= one.bottom


def _wires(edges: list[Edge], boxes: Mapping[str, Box], places: Mapping[Lane, int], apart: int) -> Iterator[Wire]:
    for edge in edges:
        right = boxes[edge.start].x + boxes[edge.start].width
        x = right + apart * (places[_lane(edge)] + 1)
        leaves, enters = _leaves(edge, boxes), _enters(_lane(edge), boxes)
        yield Wire(edge=edge, points=((right, leaves), (x, leaves), (x, enters), (right, enters)), square=True)
