"""A share rule drawn as a tree for the terminal: from where money starts down to the accounts and people it ends on.

A pot that money reaches in several ways is drawn once, where it is reached first in the fewest steps; elsewhere the
tree refers to that.
"""

from collections import deque
from collections.abc import Iterator

from governance.flow import START, Edge, Flow, Node
from governance.flow_text import broken, columns
from governance.rule import CARRY
from governance.rule_words import LOSS

WIDTH, NARROWEST = 100, 40
DEEPEST = 8
"""Steps from a start: a pot that lies deeper is drawn by itself, so that a long chain does not leave the screen."""

LAST, NEXT, PAST, BELOW = "└─ ", "├─ ", "   ", "│  "


def tree(flow: Flow, width: int = WIDTH) -> list[str]:
    """The lines of the tree, none wider than so many columns (at least 40)."""
    return list(_Tree(flow, max(width, NARROWEST)).lines())


class _Tree:
    """Draws one flow; knows which pot is drawn where, and which are drawn already."""

    def __init__(self, flow: Flow, width: int) -> None:
        self.flow, self.width = flow, width
        self.homes = _homes(flow)
        self.drawn: set[str] = set()

    def lines(self) -> Iterator[str]:
        for pot in self.flow.pots():
            if pot.name not in self.homes:
                yield from self._wrapped(_head(pot), "", "")
                yield from self._below(pot, "")

    def _below(self, pot: Node, before: str) -> Iterator[str]:
        """The parts of a pot, each with what lies below it."""
        self.drawn.add(pot.name)
        edges = self.flow.edges_of(pot.name)
        for edge in edges:
            is_last = edge is edges[-1]
            further = before + (PAST if is_last else BELOW)
            opens = self.homes.get(edge.to) is edge
            room = further + BELOW if opens else further
            yield from self._wrapped(self._said(edge, opens), before + (LAST if is_last else NEXT), room)
            if opens:
                yield from self._below(self.flow.node(edge.to), further)

    def _said(self, edge: Edge, opens: bool) -> str:
        """One part: "at least 20% → reserve, indivisible"."""
        if edge.to == CARRY:
            return f"{edge.part} → stays in {edge.start}"
        node = self.flow.node(edge.to)
        arrow = "←" if edge.taken and not node.is_pot else "→"
        where = "above" if node.name in self.drawn else "below"
        aside = node.words if not node.is_pot else "" if opens else f"drawn {where}"
        return f"{edge.part} {arrow} {node.label}{f', {aside}' if aside else ''}"

    def _wrapped(self, text: str, first: str, further: str) -> Iterator[str]:
        lines = broken(text, self.width - columns(further), columns)
        yield first + lines[0]
        yield from (further + line for line in lines[1:])


def _homes(flow: Flow) -> dict[str, Edge]:
    """The part under which each pot is drawn: the first that reaches it in the fewest steps from a start."""
    steps = {pot.name: 0 for pot in flow.pots() if pot.kind == START}
    pots = {pot.name for pot in flow.pots()}
    homes, ahead = {}, deque(steps)
    while ahead:
        for edge in flow.edges_of(ahead.popleft()):
            if edge.to in pots and edge.to not in steps:
                steps[edge.to] = steps[edge.start] + 1
                ahead.append(edge.to)
                if steps[edge.to] % DEEPEST:
                    homes[edge.to] = edge
    return homes


def _head(pot: Node) -> str:
    if pot.kind != START:
        return pot.label
    return f"{pot.label}, {pot.words}{', from each place as far as it goes' if pot.name == LOSS else ''}"
