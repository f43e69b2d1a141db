"""What a decision by consent comes to: it is taken where nobody's objection stands. Pure."""

from governance.tally import OBJECTED, Decision


def consented(asked: int, out: tuple[int, int], standing: int) -> Decision:
    """The decision where so many are asked, with so many objections standing. `out` are (recused, struck)."""
    recused, struck = out
    return Decision(
        passed=not standing,
        winners=() if standing else ("yes",),
        reason=OBJECTED if standing else "",
        roll=asked,
        recused=recused,
        struck=struck,
        cast=0,
        carried=0,
        yes=0,
        no=standing,
        abstain=0,
        needed=0,
        present=0,
        quorum=0,
    )
