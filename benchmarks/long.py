"""A ledger of very many entries, lived through month by month. Built once, kept in the folder for temporary files."""

import os
import shutil
import tempfile
from pathlib import Path

from benchmarks.big import Builder
from ledger import clock
from ledger.home import Home, Known

A_MONTH = 10_000
FORMAT = 1  # another number when what is built changes


def long_ledger(entries: int, folder: Path) -> tuple[Home, Known]:
    """A ledger of at least so many entries, one item each, 10,000 a month, all months but the last paid; in `folder`.

    A million takes some minutes to sign, so it is kept under the folder for temporary files and copied from there.
    """
    kept = Path(tempfile.gettempdir()) / f"tally-bench-{FORMAT}-{entries}"
    if not (kept / "ready").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        builder = Builder(kept)
        for _ in builder.months(entries // A_MONTH, entries, 1_000_000, each=1):
            pass
        builder.close()
        (kept / "ready").write_text(os.environ["TALLY_NOW"])
    shutil.copytree(kept, folder)
    toml = folder / "config" / "ledgers.toml"
    toml.write_text(toml.read_text().replace(str(kept), str(folder)))
    os.environ["TALLY_HOME"], os.environ["TALLY_NOW"] = str(folder), (folder / "ready").read_text()
    home = Home.find()
    return home, home.ledger(None)


def go_on(home: Home, known: Known, entries: int) -> None:
    """So many entries more, in the month after."""
    builder = Builder.again(home, known)
    builder.log(entries, clock.claim(builder.now)[:10], each=1)
    builder.close()
