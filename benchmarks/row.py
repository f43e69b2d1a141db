"""One line of the table: what was measured, beside what, the ratio, and the aim."""

from typing import Any

from msgspec import Struct, structs


class Row(Struct, frozen=True, kw_only=True):
    """Measured and beside are as people read them; `reached` compares the exact figures."""

    what: str
    measured: str
    beside: str = ""
    ratio: str = ""
    aim: str = ""
    reached: bool | None = None  # None: for comparison only

    def fields(self) -> dict[str, Any]:
        """The row for JSON."""
        return structs.asdict(self)


def compared(what: str, measured: float, beside: float, beside_what: str) -> Row:
    """A time of somebody else's, shown beside ours without an aim."""
    return Row(
        what=what,
        measured=f"{measured * 1000:.1f} ms",
        beside=f"{beside_what} {beside * 1000:.1f} ms",
        ratio=f"{measured / beside:.2f}",
        aim="for comparison",
    )


def at_most(what: str, measured: float, beside: float, beside_what: str, aim: float) -> Row:
    """A time that should be at most `aim` times another."""
    return Row(
        what=what,
        measured=f"{measured * 1000:.1f} ms",
        beside=f"{beside_what} {beside * 1000:.1f} ms",
        ratio=f"{measured / beside:.2f}",
        aim=f"<= {aim:g} x",
        reached=measured <= aim * beside,
    )


def at_least(what: str, measured: float, beside: float, beside_what: str, aim: float) -> Row:
    """A rate per second that should be at least `aim` times another."""
    return Row(
        what=what,
        measured=f"{measured:,.0f}/s",
        beside=f"{beside_what} {beside:,.0f}/s",
        ratio=f"{measured / beside:.2f}",
        aim=f">= {aim:g} x",
        reached=measured >= aim * beside,
    )


def within(what: str, measured: float, aim: float, unit: str) -> Row:
    """A figure that should stay within a bound: seconds ("s") or megabytes ("MB")."""
    return Row(
        what=what, measured=f"{measured:.3g} {unit}", ratio="", aim=f"<= {aim:g} {unit}", reached=measured <= aim
    )


def at_least_rate(what: str, measured: float, aim: float | None) -> Row:
    """A rate per second that should be at least `aim`, or is only shown."""
    told = "for comparison" if aim is None else f">= {aim:,.0f}/s"
    return Row(what=what, measured=f"{measured:,.0f}/s", aim=told, reached=None if aim is None else measured >= aim)
