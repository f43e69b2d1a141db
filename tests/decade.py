"""Ten years of a cooperative of forty, month by month: work, money, refunds, leavers, rules, years, payments.

Beside the book goes an independent tally of what is owed to each person: only what runs, amendments, years and
redemptions gave in public, less what the bank has booked. Each month the two are compared.
"""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ledger.errors import TallyError
from ledger.lives import entry_at
from ledger.private import Text
from payouts import state
from payouts.bank.due_payments import due_now
from payouts.capital.capital_moves import redemption_of
from payouts.compute import computed_run
from payouts.corrections.receipts import left_of
from payouts.corrections.standing import amended
from payouts.figures import figures
from payouts.taken_off.taking_off import onto_balance
from payouts.years.year_run import computed_year
from tests.test_bank_steps import PUBLIC, details
from tests.test_book_year import lying
from tests.test_payouts_accounts import ACME, tick
from tests.village import DAY, at, found, person

PEOPLE = tuple(f"Member {number:02}" for number in range(1, 41))
TAX_OFFICE = person("Tax office")
HEAD = """late = "{late}"
[accounts]
reserve = "indivisible"
dues = "owed"
training = "fund"
capital = {{ kind = "member", interest = "2%" }}
[points.code]
hour = 10
review = 4
[points.care]
hour = 9
"""
SPLIT = """[income]
split = [
  { part = "10%", to = "dues", of = "receipts" },
  { part = "15%", to = "result" },
  { part = "5%", to = "training" },
  { part = "rest", to = "work" },
]
"""
YEAR = """[surplus]
split = [{ part = ">= 30%", to = "reserve" }, { part = "rest", to = "members" }]
[loss]
split = [{ part = "80%", to = "reserve" }, { part = "rest", to = "members" }]
[members]
share = "hours"
into = "capital"
rest = "reserve"
"""
WORKS = (
    'share = "points"\nrest = "carry"\n',
    'share = "points"\nhalf_life = 3\ncap = "10%"\nrest = "training"\n',
    'share = "hours"\nlook_back = 4\nfloor = "2.00"\nrest = "carry"\n',
    'share = "points"\nbalanced = true\nrest = "carry"\n',
    'share = "equal"\nwho = { tenure = ">= 2" }\nminimum = "30.00"\nrest = "carry"\n',
    'share = "points"\ninto = { balance = "80%", capital = "rest" }\nrest = "carry"\n',
)
TERMS = '[capital]\nvests = 4\nunvested = "reserve"\nredeemed = "3 years"\nset_off = true\n'


def rule(number: int) -> str:
    """The rule of a year: another way of sharing, and of late work."""
    late = ("next_period", "true_up")[number % 2]
    head = f'title = "Rule {number}"\n' + HEAD.format(late=late)
    return head + SPLIT + YEAR + "[work]\n" + WORKS[number % len(WORKS)]


class Decade:
    """The cooperative, the dice, and the independent tally."""

    def __init__(self, seed: int, people: tuple[str, ...] = PEOPLE) -> None:
        self.dice, self.people, self.seed = random.Random(seed), list(people), seed
        self.here = found(*people, rule=rule(0))
        self._remember_roots()
        self.receipts: list[int] = []
        self.owed: Counter[str] = Counter()
        self.counted: set[str] = set()
        self.refused: Counter[str] = Counter()
        self.papers = self.settled = self.returned = 0

    def _remember_roots(self) -> None:
        """The roots of all sizes, noted as the log grows: so that ten years take seconds."""
        here, roots = self.here, {self.here.book.size: bytes.fromhex(self.here.book.root)}
        append = here.append

        def noted(*told: Any) -> Any:
            entry = append(*told)
            roots[here.book.size] = bytes.fromhex(here.book.root)
            return entry

        here.append = noted  # type: ignore[method-assign]
        here.book.root_at = roots.__getitem__

    # What happens.

    def live(self, months: int) -> None:
        """So many months, one after the other; after each of them everything ties."""
        self._begin()
        day = date(2025, 8, 1)
        for number in range(months):
            self._month(day, number)
            day = (day + timedelta(days=32)).replace(day=1)
            self._end_of(day)
            self.ties()

    def _begin(self) -> None:
        here = self.here
        for known, sort in ((ACME, "customer"), (TAX_OFFICE, "authority")):
            here.say(self.people[0], "ledger.party", {"id": known, "sort": sort, "name": Text(sort)})
        here.say(self.people[0], "payouts.box_key", {"key": PUBLIC.hex()})
        for name in self.people[: len(self.people) - 3]:
            details(here, name)
        taxed = [person(name) for name in self.people[5:12]]
        said = {"persons": taxed, "authority": TAX_OFFICE, "rate": "20%", "since": "2025-08"}
        here.say(self.people[0], "payouts.withholding_set", said)
        self._vote("policy", [TERMS], terms={"names": ["capital"]})

    def _vote(self, sort: str, texts: list[str], **more: Any) -> None:
        now = max(self.here.book.received, self.here.book.until)
        moved = self.here.move(self.people[0], sort, now, texts=texts, **more)
        self.here.all_cast(self.people, moved, "yes", now)

    def _month(self, day: date, number: int) -> None:
        """Work and money of one month; a rule a year."""
        dice = self.dice
        if day.month == 11:
            self._vote("rule", [rule(number // 12 + 1)])
        for name in self.people:
            if dice.random() < 0.7:
                self._log(name, day)
        for _ in range(dice.randint(1, 3)):
            self._money("payouts.received", day, dice.randint(40_000, 1_500_000))
        self._money(dice.choice(["payouts.spent", "payouts.billed"]), day, dice.randint(1, 300_000))
        if dice.random() < 0.3:
            self._try(self._refund, day)
        if dice.random() < 0.3:
            self._try(self._advance, day)
        if dice.random() < 0.15 and len(self.people) > 25:
            leaves = self.people.pop(dice.randint(3, len(self.people) - 1))
            self.here.say(leaves, "ledger.left", {}, self._at(day, 25))

    def _end_of(self, next_month: date) -> None:
        """On the fifth: the cranks, the approvals, the payments; in March the year before is closed."""
        now = at(f"{next_month}") + 4 * DAY
        self._turn(now)
        self._approve()
        self._pay(now + DAY)
        if next_month.month == 3:
            year = f"{next_month.year - 1}-01-01"
            tax = self.dice.randint(0, 5_000)
            said = {"year": year, "tax": tax, "authority": TAX_OFFICE if tax else None}
            self.here.say(self.people[0], "payouts.year_closed", said, now + 2 * DAY)
            self._turn(now + 2 * DAY)
            self._approve()

    def _at(self, day: date, of_month: int) -> int:
        return max(at(f"{day}") + of_month * DAY, self.here.book.received, self.here.book.until)

    def _log(self, name: str, day: date) -> None:
        late = self.dice.random() < 0.06 and day > date(2025, 10, 1)
        when = day - timedelta(days=self.dice.randint(3, 50)) if late else day + timedelta(days=self.dice.randint(0, 9))
        role, kind, most = self.dice.choice([("code", "hour", 900), ("code", "review", 5), ("care", "hour", 600)])
        blank = {"refs": [], "with": [], "source": None, "note": None, "evidence": None, "circle": ""}
        item = {"who": person(name), "date": when.isoformat(), "role": role, "kind": kind}
        item |= {"qty": self.dice.randint(1, most), "gift": self.dice.random() < 0.05} | blank
        self.here.say(name, "contributions.logged", {"items": [item]}, self._at(day, 10))

    def _money(self, kind: str, day: date, amount: int) -> None:
        self.papers += 1
        booked = (day + timedelta(days=11)).isoformat()
        body = {"party": ACME, "amount": amount, "currency": "EUR", "ref": f"P-{self.papers}", "deals": []}
        body |= {"circle": "", "booked": booked, "value": booked}
        entry = self.here.say(self.people[1], kind, body, self._at(day, 12))
        if kind == "payouts.received":
            self.receipts.append(entry.index)

    def _refund(self, day: date) -> None:
        """Some, or all, of a receipt of the last two years goes back."""
        index = self.dice.choice(self.receipts[-50:])
        left = left_of(self.here.book, index)
        if not left:
            return
        amount = left if self.dice.random() < 0.3 else self.dice.randint(1, left)
        entry, booked = entry_at(self.here.book, index), (day + timedelta(days=14)).isoformat()
        body = {"entry": entry.id, "index": index, "party": ACME, "amount": amount, "currency": "EUR", "ref": ""}
        body |= {"chargeback": self.dice.random() < 0.2, "booked": booked, "value": booked}
        self.here.say(self.people[1], "payouts.refunded", body, self._at(day, 15))

    def _advance(self, day: date) -> None:
        whom, booked = person(self.dice.choice(self.people[2:])), (day + timedelta(days=15)).isoformat()
        body = {"person": whom, "amount": self.dice.randint(1, 60_000), "period": day.isoformat()[:7], "ref": ""}
        self.here.say(self.people[0], "payouts.advanced", body | {"booked": booked, "value": booked}, self._at(day, 16))

    def _try(self, deed: Any, day: date) -> None:
        try:
            deed(day)
        except TallyError as error:
            self.refused[error.message] += 1

    def _turn(self, now: int) -> None:
        tick(self.here, max(now, self.here.book.received, self.here.book.until), self.people[2])

    def _approve(self) -> None:
        """Two treasurers sign for everything that waits."""
        for kind, field, name, run in state.approvable(state.of(self.here.book)):
            for who in self.people[:2] if run.approved is None else ():
                self.here.say(who, kind, {field: name, "digest": run.digest})

    def _pay(self, now: int) -> None:
        """A file with all that is due; most of it is booked by the bank, some comes back, now or later."""
        book, period = self.here.book, list(state.of(self.here.book).runs)[-1]
        now = max(now, book.received, book.until)
        found, _ = due_now(book, period, now)
        if not found:
            return
        day = datetime.fromtimestamp(now // 1000, UTC).date().isoformat()
        rows = [
            {"eid": one.eid, "payee": one.payee, "amount": one.amount, "attempt": one.attempt, "details": one.details}
            for one in found
        ]
        due = sorted(found, key=lambda one: one.payee)  # ids of payments follow from chance, the dice must not
        body = {"period": period, "form": "csv", "file": "aa" * 32, "debtor": "bb" * 32, "date": day}
        body |= {"created": f"{day}T00:00:00", "instructions": rows}
        export = self.here.say(self.people[0], "payouts.exported", body, now).id
        self.here.say(self.people[0], "payouts.sent", {"export": export}, now)
        gone = [one for one in due if self.dice.random() < 0.97]
        booked = [{"eid": one.eid, "amount": one.amount, "booked": day, "ref": ""} for one in gone]
        self.here.say(self.people[0], "payouts.settled", {"payments": booked}, now) if booked else None
        back = [one for one in due if one not in gone or self.dice.random() < 0.03]
        back = [one for one in back if one.payee != person(self.people[0])]
        said = [{"eid": one.eid, "reason": "MS03", "booked": day} for one in back]
        self.here.say(self.people[0], "payouts.returned", {"payments": said}, now) if said else None
        for one in due:
            paid, returned = one in gone, one in back
            self.owed[one.payee] -= one.amount if paid and not returned else 0
            self.settled, self.returned = self.settled + paid, self.returned + returned

    # What must hold.

    def ties(self) -> None:
        """The independent tally is the book's; no account of the cooperative is below zero; every run adds up."""
        own, here = state.of(self.here.book), self.here
        for name, gives in self._gave():
            if name not in self.counted:
                self.counted.add(name)
                self.owed.update(gives)
        for known in {*self.owed, *(person(name) for name in PEOPLE)}:
            assert self.owed[known] == lying(here, f"balance:{known}"), (self.seed, list(own.runs)[-1], known)
        assert sum(own.accounts.values()) == 0
        for name, amount in own.accounts.items():
            assert not (name.startswith("member:") or name == "account:reserve") or amount <= 0, (self.seed, name)
        assert list(own.runs) == [row.id for row in here.book.ledger.calendar][: len(own.runs)]
        last = figures(computed_run(here.book, list(own.runs)[-1]))
        assert last.to_people + last.to_accounts + last.to_pots == last.income

    def _gave(self) -> list[tuple[str, dict[str, int]]]:
        """What each run, amendment, year and redemption says it put on balances, by its name."""
        book, own, found = self.here.book, state.of(self.here.book), []
        for period in own.runs:
            if period not in self.counted:
                found.append((period, _net(computed_run(book, period))))
        for name in own.amendments:
            if name not in self.counted:
                one = amended(book, name)
                places = sum(more for at, more in one.moved.items() if at.startswith(("account:", "pot:")))
                assert sum(one.people().values()) + places == -one.went_back, (self.seed, name)
                found.append((name, one.onto_balance()))
        for year in own.years:
            if f"year {year}" not in self.counted:
                closed = computed_year(book, year)
                gives = Counter(_net(closed))
                gives.update(closed.uncollected)
                found.append((f"year {year}", dict(gives)))
        for year in own.redemptions:
            if f"redeemed {year}" not in self.counted:
                found.append((f"redeemed {year}", redemption_of(book, year).to_balances()))
        return found


def _net(found: Any) -> dict[str, int]:
    """What a run puts on balances, less what it takes off."""
    return {one: amount - found.deducted.of(one) for one, amount in onto_balance(found.result).items()}
