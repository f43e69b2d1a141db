"""A statement as a page: headings, tables and bars, with every figure in the member's own spelling.

Pure. HTML and PDF draw the same page, so they hold the same words and figures.
"""

import unicodedata

from msgspec import Struct

from ledger import checkpoint
from ledger.note import divide
from payouts.amounts import readable
from payouts.statements.locales import Written, written
from payouts.statements.statement_carried import Account, Carried, Share, Statement, told
from payouts.statements.statement_steps import elsewhere, steps

Cells = tuple[str, ...]


class Table(Struct, frozen=True, kw_only=True):
    """Rows under heads. The first cell of a row names it; `strong` rows are sums; bars are thousandths, one a row."""

    caption: str
    heads: Cells
    rows: tuple[Cells, ...]
    right: tuple[int, ...] = ()
    strong: tuple[int, ...] = ()
    bars: tuple[int, ...] = ()


class Section(Struct, frozen=True, kw_only=True):
    """A heading with a table, lines of words, and facts by name (hashes among them) below it."""

    title: str
    table: Table | None = None
    words: Cells = ()
    facts: tuple[tuple[str, str], ...] = ()


class Page(Struct, frozen=True, kw_only=True):
    """All that stands on the page. `day` (ISO) is the date of the document."""

    title: str
    of: str
    label: str
    amount: str
    beside: Cells
    banner: str
    sections: tuple[Section, ...]
    foot: str
    day: str


def page_of(carried: Carried) -> Page:
    """The page of what is carried. Raises Usage for a locale that is not known, DoesNotTie where steps do not tie."""
    said, how = told(carried), written(carried.locale)
    found = (
        _steps(carried, said, how),
        _shares(said, how),
        _history(said, how),
        _capital(carried, said, how),
        _approvals(said),
        _proof(carried, said, how),
    )
    return Page(
        title=f"Statement of {named(said.name)}",
        of=f"{named(said.ledger)}, {said.period} ({how.day(carried.first)} – {how.day(carried.last)})",
        label="Shares of this period",
        amount=how.money(said.total, said.currency),
        beside=(
            f"Balance now {how.money(_balance(said).closing, said.currency)}",
            f"Payable {how.money(said.payable, said.currency)}",
        ),
        banner="Rehearsal: nobody is paid." if carried.rehearsal else "",
        sections=tuple(one for one in found if one is not None),
        foot=f"{named(said.ledger)} · {named(said.name)} · {said.period} · written {how.day(carried.day)}",
        day=carried.day,
    )


def named(name: str) -> str:
    """A name whose letters run from right to left, with a mark after it that keeps figures beside it in their order."""
    turns = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    return f"{name}\N{LEFT-TO-RIGHT MARK}" if turns else name


def _balance(said: Statement) -> Account:
    return next(row for row in said.lies_on if row.account == "balance")


def _steps(carried: Carried, said: Statement, how: Written) -> Section:
    found = steps(carried.statement)
    rows = tuple((one["words"], how.amount(one["amount"])) for one in found)
    waits = any(digit in said.payable_from for digit in "123456789")
    least = f"A balance below {how.money(said.payable_from, said.currency)} waits until it is reached."
    return Section(
        title="Balance",
        table=Table(
            caption="From the balance before to the balance now",
            heads=("Step", said.currency),
            rows=rows,
            right=(1,),
            strong=tuple(place for place, one in enumerate(found) if one["step"] in ("balance", "payable")),
        ),
        words=(*((least,) if waits else ()), *_corrected(said, how)),
    )


def _corrected(said: Statement, how: Written) -> Cells:
    """What amendments changed of this period since: the figures above are those of its run."""
    if not said.corrected:
        return ()
    rows = [f"{one.amendment}: {how.money(one.change, said.currency)}; {one.words}." for one in said.corrected]
    return ("All of this is as of the run. Since then the period was corrected:", *rows)


def _shares(said: Statement, how: Written) -> Section:
    lines = tuple(f"Nothing from {one.pot}: {one.why}." for one in said.nothing)
    by = f"By {said.rule.words}."
    if not said.shares:
        return Section(title="Where it came from", words=("No share in this period.", *lines, by))
    rows = tuple(
        (one.pot, how.amount(one.amount), _for(one, how), how.amount(one.rounding), how.amount(one.drift_after))
        for one in said.shares
    )
    return Section(
        title="Where it came from",
        table=Table(
            caption="Shares by pot, what for, and what rounding gave more (+) or less (−), now and over all time",
            heads=("From", said.currency, "For", "Rounding", "Over all time"),
            rows=(*rows, ("together", how.amount(said.total), "", "", "")),
            right=(1, 3, 4),
            strong=(len(rows),),
        ),
        words=(*lines, by),
    )


def _for(share: Share, how: Written) -> str:
    """What a share is for: "12.5 of 457.5 points"."""
    weight, together = how.amount(readable(share.weight)), how.amount(readable(share.together))
    held = f" ({share.held_at})" if share.held_at else ""
    return f"{weight} of {together} {share.measure}{held}"


def _history(said: Statement, how: Written) -> Section:
    amounts = [_minor(one.total) for one in said.history]
    most = max(map(abs, amounts)) or 1
    count = len(amounts)
    return Section(
        title="The last periods",
        table=Table(
            caption="What this period gave" if count == 1 else f"What the last {count} periods gave",
            heads=("Period", said.currency, ""),
            rows=tuple((one.period, how.amount(one.total), "") for one in said.history),
            right=(1,),
            bars=tuple(_thousandths(amount, most) for amount in amounts),
        ),
    )


def _minor(plain: str) -> int:
    """An amount without its point: all of one statement have the same decimals."""
    return int(plain.replace(".", ""))


def _thousandths(amount: int, most: int) -> int:
    """The length of a bar, at least one thousandth for what is not nothing; below zero for a loss."""
    length = abs(amount) * 1000 // most
    length = max(length, 1) if amount else 0
    return -length if amount < 0 else length


def _capital(carried: Carried, said: Statement, how: Written) -> Section | None:
    rows = elsewhere(carried.statement)
    if not rows:
        return None
    return Section(
        title="Capital and other accounts",
        table=Table(
            caption="What lies on the member's own accounts beside the balance",
            heads=("Account", "Before", "This period", f"Now, {said.currency}"),
            rows=tuple(
                (row["account"], *(how.amount(row[key]) for key in ("opening", "shares", "closing"))) for row in rows
            ),
            right=(1, 2, 3),
        ),
    )


def _approvals(said: Statement) -> Section:
    found = said.approvals
    by = ", ".join(f"{named(one.name)} (entry {one.entry})" for one in found.by)
    have = f"{found.have} of {found.need} approvals needed" + (f": {by}." if by else ".")
    still = "The payout is approved." if found.approved else f"The payout is not approved yet; missing {found.missing}."
    return Section(title="Approval", words=(have, still))


def _proof(carried: Carried, said: Statement, how: Written) -> Section:
    head = checkpoint.parse(divide(carried.checkpoint.encode())[0])
    closed = f" (closed by entry {said.pinned.entry})" if said.pinned.entry is not None else ""
    return Section(
        title="Proof",
        words=(
            "This page carries its data, the log's receipt and the log's signed head. “tally verify FILE” checks them, "
            "makes the page again, and works every figure out anew from the log.",
        ),
        facts=(
            ("Member", said.id),
            ("Rests on", f"the first {said.pinned.size} entries{closed}, root {said.pinned.root}"),
            ("Payout", f"entry {said.computed.entry}, digest {said.computed.digest}"),
            ("Log head", f"{head.size} entries on {how.day(carried.day)}, root {head.root.hex()}"),
            ("Log", carried.log_keys[0].partition("+")[0] if carried.log_keys else ""),
            ("Reasons", f"tally why {named(said.name)} {said.period}"),
        ),
    )
