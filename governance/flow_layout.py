"""Where everything in the drawing of a share rule lies: boxes in columns, and between them the ways of the money.

For a rule that needs more columns than a page holds there is `flow_stack`.

The columns follow the order of a run: where money starts, the pots each right of all that feed it, and last the
accounts and people. A pot's box says its parts, a row each, and from the row a wire leads to where the part goes. A
wire that passes a column has a lane of its own there, so no wire crosses a box, and no words lie on each other.

All figures are whole pixels.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from governance.flow import Edge, Flow, Node
from governance.flow_text import broken, thousandths, thousandths_bold
from governance.rule import CARRY, flow

MARGIN = 16
NARROWEST, BROADEST = 118, 220
"""Of a box."""
GUTTER, WIDEST = 44, 120
"""Between columns, at least and at most."""
SIZE, LINE, PAD = 12, 15, 7
GAP, LANE = 14, 6


class Row(Struct, frozen=True, kw_only=True):
    """One part of a pot: its words in lines, from `top` on; its wire leaves at `middle`."""

    edge: Edge
    lines: tuple[str, ...]
    top: int
    middle: int


class Box(Struct, frozen=True, kw_only=True):
    """One place: what it is called and what it is, in lines, and the parts of a pot below."""

    node: Node
    x: int
    y: int
    width: int
    height: int
    name: tuple[str, ...]
    words: tuple[str, ...]
    rows: tuple[Row, ...]


class Wire(Struct, frozen=True, kw_only=True):
    """The way of one part, from left to right: (x, y) where it leaves or enters a column, two for every gutter.

    A `square` one goes straight from point to point, along or down, around the boxes.
    """

    edge: Edge
    points: tuple[tuple[int, int], ...]
    square: bool = False


class Picture(Struct, frozen=True, kw_only=True):
    """A whole drawing; `floor` is where its boxes and wires end."""

    width: int
    floor: int
    title: tuple[str, ...]
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


def fits(drawn: Flow, page: int) -> bool:
    """Whether the columns of a flow find room on a page of so many pixels."""
    return _broadest(1 + max(_layers(drawn).values()), page) >= NARROWEST


def in_columns(drawn: Flow, title: str, page: int) -> Picture:
    """The flow with a place for everything on a page on which its columns find room."""
    layers = _layers(drawn)
    count = 1 + max(layers.values())
    width = min(BROADEST, _broadest(count, page))
    gutter = max(GUTTER, min(WIDEST, (page - 2 * MARGIN - count * width) // max(1, count - 1)))
    heading = lines_of(title, page - 2 * MARGIN, bold=True)
    columns = _Columns(drawn, layers, (width, gutter), MARGIN + len(heading) * LINE + GAP)
    for column in range(count):
        columns.fill(column)
    return Picture(
        width=page,
        floor=columns.floor,
        title=heading,
        boxes=tuple(columns.boxes.values()),
        wires=tuple(columns.wires()),
    )


def _broadest(count: int, page: int) -> int:
    return (page - 2 * MARGIN - (count - 1) * GUTTER) // count


def _layers(drawn: Flow) -> dict[str, int]:
    """The column of every place: one right of all that feed it; accounts and people in the last."""
    pots = [pot.name for pot in drawn.pots()]
    onward = {name: {edge.to for edge in drawn.edges_of(name) if edge.to in pots} for name in pots}
    layers = dict.fromkeys(pots, 0)
    for name in flow(onward):
        for to in onward[name]:
            layers[to] = max(layers[to], layers[name] + 1)
    last = max(layers.values()) + 1
    return layers | {node.name: last for node in drawn.nodes if not node.is_pot}


class _Columns:
    """Fills one column after the other; knows the boxes that are placed and how far each wire has come."""

    def __init__(self, drawn: Flow, layers: Mapping[str, int], widths: tuple[int, int], top: int) -> None:
        self.drawn, self.layers, self.top = drawn, layers, top
        self.width, self.gutter = widths
        self.floor = top
        self.boxes: dict[str, Box] = {}
        self.ways: dict[int, list[tuple[int, int]]] = {}  # the place of an edge among all -> its points so far
        self.edges = [edge for edge in drawn.edges if edge.to != CARRY]

    def fill(self, column: int) -> None:
        """Boxes and lanes of a column, from above in the order of the wires that come to them."""
        x = MARGIN + column * (self.width + self.gutter)
        nodes = [node for node in self.drawn.nodes if self.layers[node.name] == column]
        boxes = [(self._wished(node), place, node) for place, node in enumerate(nodes)]
        lanes = [(self.ways[number][-1][1], number, None) for number in self._passing(column)]
        cursor = self.top
        for wish, place, node in sorted([*boxes, *lanes], key=lambda item: (item[0], item[2] is None, item[1])):
            box = box_of(node, self.drawn, x, self.width) if node else None
            height = box.height if box else LANE
            y = max(cursor, wish - height // 2)
            cursor = y + height + GAP
            if box:
                self._put(box, y)
            else:
                self.ways[place] += [(x, y + LANE // 2), (x + self.width, y + LANE // 2)]
            self.floor = max(self.floor, y + height)

    def wires(self) -> Iterator[Wire]:
        """The wires, once all columns are filled."""
        for number, points in sorted(self.ways.items()):
            yield Wire(edge=self.edges[number], points=tuple(points))

    def _passing(self, column: int) -> Iterator[int]:
        """The wires that only pass this column."""
        for number, edge in enumerate(self.edges):
            if self.layers[edge.start] < column < self.layers[edge.to]:
                yield number

    def _coming(self, name: str) -> list[int]:
        """The wires that end at a place, from above."""
        numbers = [number for number, edge in enumerate(self.edges) if edge.to == name]
        return sorted(numbers, key=lambda number: (self.ways[number][-1][1], number))

    def _wished(self, node: Node) -> int:
        """The height at which the wires to a place come, on average: there it would like to be."""
        heights = [self.ways[number][-1][1] for number in self._coming(node.name)]
        return sum(heights) // len(heights) if heights else 0

    def _put(self, box: Box, y: int) -> None:
        """A box at its height: wires end at its left side, evenly spread, and begin at its rows."""
        coming = self._coming(box.node.name)
        for place, number in enumerate(coming, 1):
            self.ways[number].append((box.x, y + box.height * place // (len(coming) + 1)))
        rows = tuple(moved(row, y) for row in box.rows)
        self.boxes[box.node.name] = Box(
            node=box.node, x=box.x, y=y, width=box.width, height=box.height, name=box.name, words=box.words, rows=rows
        )
        for row in rows:
            for number, edge in enumerate(self.edges):
                if edge is row.edge:
                    self.ways[number] = [(box.x + box.width, row.middle)]


def box_of(node: Node, drawn: Flow, x: int, width: int) -> Box:
    """A box at height 0, as high as its words and the wires to it need."""
    name = lines_of(node.label, width - 2 * PAD, bold=True)
    words = lines_of(node.words, width - 2 * PAD) if node.words else ()
    height = 2 * PAD + LINE * (len(name) + len(words))
    rows = []
    for edge in drawn.edges_of(node.name):
        lines = lines_of(edge.part if edge.to != CARRY else f"{edge.part} stays here", width - 2 * PAD)
        deep = 2 * PAD + LINE * len(lines)
        rows.append(Row(edge=edge, lines=lines, top=height, middle=height + deep // 2))
        height += deep
    coming = sum(edge.to == node.name for edge in drawn.edges)
    return Box(
        node=node,
        x=x,
        y=0,
        width=width,
        height=max(height, LANE * (coming + 1)),
        name=name,
        words=words,
        rows=tuple(rows),
    )


def moved(row: Row, y: int) -> Row:
    return Row(edge=row.edge, lines=row.lines, top=row.top + y, middle=row.middle + y)


def lines_of(text: str, room: int, bold: bool = False) -> tuple[str, ...]:
    return tuple(broken(text, room * 1000 // SIZE, thousandths_bold if bold else thousandths))
