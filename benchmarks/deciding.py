"""How long a vote of a thousand members takes to close, many voting through others, until what it decided acts."""

import multiprocessing
import tempfile
from pathlib import Path

from benchmarks.big import Builder
from benchmarks.measure import wall
from benchmarks.row import Row, within
from governance.cranks import turns
from governance.part import of
from governance.versions import template

PEOPLE, EVERY = 1000, 3
"""So many members; every third votes, and the two after each vote through that one."""


def rows() -> list[Row]:
    """A rule chosen among three with a ranking, delegation, quorum and role majorities."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        taken = pool.apply(closed)
    what = f"a vote of {PEOPLE:,} members, two in three through others: closed, published, in force"
    return [within(what, taken, 1, "s")]


def closed() -> float:
    """Seconds from the last moment before the end until the rule holds and its result is published."""
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(Path(folder))
        everybody = [(builder.key, builder.ana), *(builder.join(f"Member {n}") for n in range(PEOPLE - 1))]
        builder.now += 2 * 3_600_000
        text = template()
        texts = [text.replace('">= 20%"', f'">= {part}%"') for part in (10, 15)]
        options = []
        for one in texts:
            builder.say(builder.key, builder.ana, "governance.text", {"text": one})
            options.append(builder.book.last_id)
        body = {
            "matter": {"sort": "rule", "person": None, "role": None, "circle": "", "give": True},
            "options": options,
            "profile": "debian-options",
            "replaces": next(iter(of(builder.book).rules)),
            "terms": {},
        }
        builder.say(builder.key, builder.ana, "governance.moved", body)
        proposal = of(builder.book).proposals[builder.book.last_id]
        for n, (key, person) in enumerate(everybody):
            if n % EVERY:
                whom = everybody[n - n % EVERY][1]
                said = {"to": whom, "scope": "topic", "of": "rule", "until": None}
                builder.say(key, person, "governance.delegated", said)
            else:
                choice = ("1>2>0", "2>1", "1>0", "0>1=2")[n % 4]
                builder.say(key, person, "governance.ballot_cast", {"proposal": proposal.id, "choice": choice})
        builder.write()
        start = builder.book.ledger.calendar[1].start

        def close() -> None:
            builder.book.advance(start)
            for kind, said in turns(builder.book, start):
                builder.now = start
                builder.say(builder.key, builder.ana, kind, said)

        taken = wall(close, times=1)
        proposal = of(builder.book).proposals[proposal.id]
        assert proposal.status == "in force", "the vote was to put a rule in force"
        assert proposal.course.decision is not None
        assert proposal.course.decision.cast == PEOPLE, "everybody was to be counted"
        builder.close()
    return taken
