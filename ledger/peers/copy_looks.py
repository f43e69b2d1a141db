"""How copies are shown: what was brought up, and the list of those that this home keeps."""

from contextlib import closing
from typing import Any

from ledger import clock
from ledger.checkpoint import is_unsigned
from ledger.doors import Desk
from ledger.errors import TallyError
from ledger.peers import copies
from ledger.peers.following import Followed, as_of
from ledger.verifying import sentence


def copied(done: list[Followed]) -> tuple[dict[str, Any], list[str]]:
    """What `tally copy` did, as data and in words."""
    rows = [{"folder": str(one.folder), "size": one.size, "before": one.before, "root": one.root} for one in done]
    texts = []
    for one in done:
        new = one.size - one.before
        texts += [f"{one.folder} holds {one.size} entries, {new or 'none'} of them new.", sentence(one.verdict)]
        texts.append(f"Root {one.root}")
    return {"copies": rows}, texts


def copy_rows(desk: Desk) -> list[dict[str, Any]]:
    """Every copy of this home: of what, where, how long, and when its newest entry was received."""
    return [_row(desk, folder) for folder in copies.listed(desk.home)]


def _row(desk: Desk, folder: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"folder": str(folder), "ledger": "", "source": "", "size": None, "newest": None, "state": ""}
    try:
        held = copies.read(folder)
        if held is None:
            return row | {"state": "gone"}
        row |= {"ledger": held.slug, "source": held.source}
        with closing(copies.open_copy(desk.home, folder, held)) as log:
            at, half = as_of(log), is_unsigned(log.head().note)
            newest = clock.claim(at) if at is not None else None
            return row | {"size": log.head().size, "newest": newest, "state": "half made" if half else "whole"}
    except TallyError as error:
        return row | {"state": error.message}


def copy_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The list as people read it."""
    lines = []
    for row in rows:
        if row["size"] is None:
            lines.append(f"{row['ledger'] or 'A copy'}: {row['state']}")
        else:
            half = "" if row["state"] == "whole" else f", {row['state']}"
            newest = f", the newest of {row['newest'][:16].replace('T', ' ')} UTC" if row["newest"] else ""
            lines.append(f"{row['ledger']}: {row['size']} entries{newest}{half}")
        lines.append(f"  in {row['folder']}" + (f", from {row['source']}" if row["source"] else ""))
    return lines or ["This home keeps no copies. Make one: tally copy DIR or URL"]
