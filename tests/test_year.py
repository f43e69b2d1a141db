"""A year of a cooperative from a seed: people log, confirm, take back, join, vote, book money, look and turn cranks.

Whatever happened, the log gives one book: folded at once, resumed from a snapshot, or admitted again entry by entry.
Every run ties, money is neither made nor lost. A failure names its seed.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest

from contributions import state as contributions
from contributions.handing_in import draft_item
from governance import state as governance
from governance.versions import template
from ledger.book import Book, state_of
from ledger.cranks import all_turns
from ledger.entry import Entry
from ledger.errors import TallyError
from ledger.private import Text
from payouts import state as payouts
from payouts.compute import computed_run
from payouts.figures import figures
from tests.village import DAY, FOUNDED, ROOMS, found, parts, person

DEAL = 'deal = { points = 20, per = "1000", when = "paid" }'
RULES = (
    template(),
    template().replace(DEAL, 'deal = { points = 20, per = "1000.00" }'),
    template().replace('share = "points"', 'share = "points"\nhalf_life = 3\ncap = "40%"\nfloor = "5.00"'),
    template().replace("[points.care]\nhour = 10", '[points.care]\nhour = { points = 7, per = "30m" }'),
    template().replace('late = "next_period"', 'late = "reject"').replace('share = "points"', 'share = "hours"'),
)
MONTHS, STEPS = 13, 260
REFS = ("A", "B", "C", "D")


class Year:
    """One cooperative and the dice."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.village = found("Ana", "Bela", "Chidi", rule=self.dice.choice(RULES))
        self.names = ["Ana", "Bela", "Chidi"]
        self.logged: list[tuple[str, int]] = []
        self.invited: list[tuple[str, Entry]] = []
        self.now = FOUNDED
        self.refused = 0

    def live(self) -> None:
        """So many steps over so many months; what a rule refuses is refused and nothing happened."""
        self.village.say("Ana", "ledger.party", {"id": person("ACME"), "sort": "customer", "name": Text("ACME")})
        deeds = (self.log, self.log, self.log, self.settle, self.book_money, self.book_money, self.invite, self.join)
        deeds += (self.propose_rule, self.propose_role, self.vote, self.vote, self.approve, self.turn)
        for _ in range(STEPS):
            self.now += self.dice.randint(0, 2 * MONTHS * 30 * DAY // STEPS)
            if self.dice.random() < 0.3:
                self.village.book.advance(self.now)  # somebody looks
            self.attempt(self.dice.choice(deeds))
        self.now += 40 * DAY
        self.turn("Ana")

    def attempt(self, deed: Callable[[str], None]) -> None:
        """Somebody tries something."""
        try:
            deed(self.dice.choice(self.names))
        except TallyError:
            self.refused += 1

    def day(self, back: int) -> str:
        """A date up to so many days ago."""
        return datetime.fromtimestamp((self.now - self.dice.randint(0, back) * DAY) // 1000, UTC).date().isoformat()

    def log(self, who: str) -> None:
        """Some pieces of work, mostly one's own, some of them late."""
        items = [self.item(who) for _ in range(self.dice.randint(1, 4))]
        entry = self.village.say(who, "contributions.logged", {"items": items}, self.now)
        self.logged.append((entry.id, len(items)))

    def item(self, who: str) -> dict[str, object]:
        """One piece of any work the rule in force knows."""
        catalogue = self.village.book.ledger.catalogue
        role = self.dice.choice(list(catalogue))
        kind = self.dice.choice(list(catalogue[role]))
        most = {"minute": 300, "money": 500_000, "piece": 3}[catalogue[role][kind].unit]
        whose = who if self.dice.random() < 0.8 else self.dice.choice(self.names)
        when = datetime.fromisoformat(self.day(self.dice.choice([3, 40, 90]))).date()
        refs = (self.dice.choice(REFS),) if self.dice.random() < 0.6 else ()
        gift = self.dice.random() < 0.1
        return draft_item(person(whose), when, role, kind, self.dice.randint(1, most), None, refs=refs, gift=gift)

    def settle(self, who: str) -> None:
        """A draft is confirmed, or work taken back."""
        entry, count = self.dice.choice(self.logged[-15:] or [("0" * 64, 1)])
        kind = self.dice.choice(["confirmed", "retracted"])
        items = [{"entry": entry, "items": [self.dice.randint(1, count)]}]
        self.village.say(who, f"contributions.{kind}", {"items": items}, self.now)

    def book_money(self, who: str) -> None:
        """Money comes in, or is spent."""
        booked = self.day(25)
        deals = sorted({self.dice.choice(REFS) for _ in range(self.dice.randint(0, 2))})
        body = {"party": person("ACME"), "amount": self.dice.randint(1, 400_000), "currency": "EUR", "deals": deals}
        body |= {"ref": f"INV-{self.dice.randint(0, 60)}", "circle": "", "booked": booked, "value": booked}
        self.village.say(who, self.dice.choice(["payouts.received"] * 3 + ["payouts.spent"]), body, self.now)

    def invite(self, who: str) -> None:
        """A place is kept for somebody new."""
        if len(self.names) + len(self.invited) < 9:
            name = f"Friend {len(self.village.leaves)}"
            self.invited.append((name, self.village.invite(who, name, self.now)))

    def join(self, _: str) -> None:
        """Somebody takes it."""
        if self.invited:
            name, entry = self.invited.pop()
            self.village.join(name, entry, self.now)
            self.names.append(name)

    def propose_rule(self, who: str) -> None:
        """One of the rules, letter for letter new."""
        text = f"{self.dice.choice(RULES)}# {len(self.village.leaves)}"
        self.village.propose_rule(who, text, self.now, self.dice.choice(["simple-majority", "two-thirds"]))

    def propose_role(self, who: str) -> None:
        """A treasurer more, or fewer."""
        give = self.dice.random() < 0.7
        self.village.propose_role(who, self.dice.choice(self.names), "treasurer", self.now, give=give)

    def vote(self, who: str) -> None:
        """On anything that is open, mostly yes."""
        waiting = governance.of(self.village.book).open
        if waiting:
            choice = self.dice.choice(["yes", "yes", "yes", "no", "abstain"])
            body = {"proposal": self.dice.choice(waiting), "choice": choice}
            self.village.say(who, "governance.voted", body, self.now)

    def approve(self, who: str) -> None:
        """The first payout this person has not approved."""
        for period, run in payouts.of(self.village.book).runs.items():
            if who not in run.approvals:
                body = {"period": period, "digest": run.digest}
                self.village.say(who, "payouts.approved", body, self.now)
                return

    def turn(self, who: str) -> None:
        """All cranks, one by one."""
        self.village.book.advance(self.now)
        while waiting := all_turns(self.village.book, ROOMS, self.now):
            self.village.say(who, *waiting[0], self.now)
            self.village.book.advance(self.now)


@pytest.mark.parametrize("seed", range(6))
def test_a_year_gives_one_book_however_it_is_read(seed: int) -> None:
    year = Year(seed)
    year.live()
    book = year.village.book

    assert year.refused
    assert len(payouts.of(book).runs) >= 12
    for other in (year.village.again(), resumed(year), admitted_again(year)):
        other.advance(year.now)
        assert (other.root, parts(other)) == (book.root, parts(book))
    no_cent_is_made_or_lost(book)
    assert all(qty > 0 for sellers in contributions.of(book).deals.values() for qty in sellers.values())


def resumed(year: Year) -> Book:
    """The log folded half way, kept as a snapshot keeps it, and folded on."""
    cut = year.dice.randint(1, len(year.village.leaves) - 1)
    book = year.village.again(cut)
    kept = {room: msgspec.msgpack.encode(part) for room, part in book.parts.items()}
    book.parts = {room: msgspec.msgpack.decode(data, type=state_of(room).State) for room, data in kept.items()}
    for leaf in year.village.leaves[cut:]:
        book.fold(*leaf)
    return book


def admitted_again(year: Year) -> Book:
    """Every entry admitted again, as an audit does."""
    book = year.village.empty_book()
    for leaf in year.village.leaves:
        book.admit(*leaf)
        book.fold(*leaf)
    return book


def no_cent_is_made_or_lost(book: Book) -> None:
    """All accounts sum to zero, nobody owes, and what the runs shared out is what came in less what was spent."""
    own = payouts.of(book)
    shared = sum(figures(computed_run(book, period)).income for period in own.runs)
    kept = -sum(amount for name, amount in own.accounts.items() if name not in (payouts.BANK, payouts.AWAITING))

    assert sum(own.accounts.values()) == 0
    assert all(amount >= 0 for amount in payouts.lying(book, "balance").values())
    assert kept == shared
