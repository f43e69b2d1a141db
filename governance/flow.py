"""Where money goes under a share rule, as a drawing shows it: places, and which part flows from which to which.

Only what money can reach is in it, from `income`, `surplus` and `loss` down to accounts and people, and aside to where
the money for disputed work is held. `flow_tree` and `flow_svg` draw it.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from governance.rule import BALANCE, CARRY, HELD, MEMBER, RESULT, Account, Pot, Rule
from governance.rule_words import KINDS, LOSS, STARTS, clauses, in_order
from governance.rules.fill import Fill
from governance.rules.share import Share
from governance.rules.split import Split

START, POT = "start", "pot"

Ends = Iterator[tuple[str, str]]
"""Where each part of a pot goes, and the part in words."""


class Node(Struct, frozen=True, kw_only=True):
    """A place: its name in the rule, and what it is, also in words.

    `kind` is "start", "pot", "balance", "held", "result" or a kind of account; `label` is how a drawing calls it.
    """

    name: str
    kind: str
    label: str
    words: str

    @property
    def is_pot(self) -> bool:
        """Whether money passes here; elsewhere it lies."""
        return self.kind in (START, POT)


class Edge(Struct, frozen=True, kw_only=True):
    """A part of a pot, in words, and where it goes: a place, or "carry" for what stays in the pot.

    `taken` says that in a loss so much is taken from there.
    """

    start: str
    to: str
    part: str
    taken: bool


class Flow(Struct, frozen=True, kw_only=True):
    """All places that money can reach, the pots first in the order of a run; and all parts, pot by pot as written."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def pots(self) -> list[Node]:
        """The pots, each after those that feed it."""
        return [node for node in self.nodes if node.is_pot]

    def node(self, name: str) -> Node:
        """The place of that name."""
        return next(node for node in self.nodes if node.name == name)

    def edges_of(self, name: str) -> list[Edge]:
        """The parts of one pot."""
        return [edge for edge in self.edges if edge.start == name]

    def data(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "nodes": [{"name": one.name, "kind": one.kind, "words": one.words} for one in self.nodes],
            "edges": [{"from": one.start, "to": one.to, "part": one.part, "taken": one.taken} for one in self.edges],
        }


def flow_of(rule: Rule) -> Flow:
    """The drawing of a sound rule."""
    order = in_order(rule)
    giving = {name for start in STARTS if start in rule.pots and start != LOSS for name in rule.order(start)}
    edges = [edge for name in order for edge in _edges(rule.pots[name], taken=name not in giving)]
    reached = dict.fromkeys(edge.to for edge in edges if edge.to not in rule.pots and edge.to != CARRY)
    nodes = [_pot(rule, name) for name in order] + [_place(rule, name) for name in reached]
    return Flow(nodes=tuple(nodes), edges=tuple(edges))


def _edges(pot: Pot, taken: bool) -> Iterator[Edge]:
    for to, part in _lost(pot) if taken else _given(pot):
        yield Edge(start=pot.name, to=to, part=part, taken=taken)


def _given(pot: Pot) -> Ends:
    """The parts of a pot, as its verb has them."""
    if isinstance(pot.how, Split):
        how = pot.how
        yield from ((line.to, how.part_words(line)) for line in sorted(how.lines, key=lambda line: line.part is None))
    elif isinstance(pot.how, Fill):
        yield from ((line.to, line.words()) for line in pot.how.lines)
    elif isinstance(pot.how, Share):
        yield from _shared(pot.how)
    else:
        yield from ((to, "a part") for to in pot.how.targets())


def _shared(how: Share) -> Ends:
    """To people, with all conditions in words, onto each of their accounts; what is held; and what nobody may have."""
    said = how.words()[1:-1]  # the first says that it is shared, the last where the rest goes
    if how.into != ((BALANCE, None),):
        said = said[:-1]  # on which account it lies: the arrow says that
    begin = f"{'; '.join(said)}"
    for account, portion in how.into:
        part = f"{portion.words()} of each share" if portion else "the rest of each share"
        yield account, begin if len(how.into) == 1 else f"{begin}; {part}" if portion else part
    if how.among.by_items:
        yield HELD, "what is for disputed work"
    yield how.rest, "what nobody may have"


def _lost(pot: Pot) -> Ends:
    """From where a pot that only a loss reaches takes it: what would stay in a pot lowers the result."""
    if isinstance(pot.how, Share):
        yield pot.how.into[0][0], "; ".join(pot.how.among.words())
        yield _or_result(pot.how.rest), "what their accounts lack"
    else:
        yield from ((_or_result(to), part) for to, part in _given(pot))
    if pot.name == LOSS:
        yield RESULT, "what none of these covers"


def _or_result(to: str) -> str:
    return RESULT if to == CARRY else to


def _pot(rule: Rule, name: str) -> Node:
    kind = START if name in STARTS else POT
    return Node(name=name, kind=kind, label=name, words=STARTS.get(name, clauses(rule, name)[0]))


def _place(rule: Rule, name: str) -> Node:
    if name == BALANCE:
        return Node(name=name, kind=BALANCE, label="balance of each person", words="to be paid out")
    if name == HELD:
        return Node(name=name, kind=HELD, label="held for each person", words="until the dispute is settled")
    if name == RESULT:
        return Node(name=name, kind=RESULT, label="result of the year", words="")
    account = rule.accounts[name]
    label = f"{name} of each person" if account.kind == MEMBER else name
    return Node(name=name, kind=account.kind, label=label, words=_account_words(account))


def _account_words(account: Account) -> str:
    interest = f"interest {account.interest.words()}" if account.interest else ""
    return ", ".join(filter(None, (KINDS[account.kind] if account.kind != MEMBER else "", interest)))
