"""The roll-forward of somebody's capital: what each book year found, put there, took out, and left. Pure."""

from msgspec import Struct

from governance.rule import BALANCE, HELD
from ledger.book import Book
from payouts.capital.capital_compute import closes_since, in_todays_names, left_at, put_there, ruled
from payouts.capital.capital_free import held
from payouts.capital.capital_moves import Members, account_now, by_decision, lapsed_by_close, redeemed_by_close
from payouts.compute import Computed, computed_run
from payouts.corrections.amended_years import corrected_of, corrected_since
from payouts.state import lying, of
from payouts.sums import added
from payouts.years.book_years import FOREVER, upheld_of, years
from payouts.years.year_run import computed_year


class Rolled(Struct, frozen=True, kw_only=True):
    """One book year of one account: opening + periods + corrected + interest + share - redeemed - lapsed = closing.

    Amounts are in minor units. `year` is its first day, "" for what came after the last year that was closed;
    `corrected` is what amendments put there or took, in the year whose result they changed; `other` is what no run,
    amendment, close or redemption accounts for.
    """

    year: str
    opening: int
    periods: int = 0
    corrected: int = 0
    interest: int = 0
    share: int = 0
    redeemed: int = 0
    lapsed: int = 0
    other: int = 0

    @property
    def closing(self) -> int:
        """What is left."""
        more = self.periods + self.corrected + self.interest + self.share
        return self.opening + more - self.redeemed - self.lapsed + self.other


def accounts_of(book: Book, person: str) -> list[str]:
    """The member accounts on which somebody has, or ever had, money; not what is held of disputed work."""
    names = {name.rpartition(":")[0] for name in lying(book, "member") if name.endswith(f":{person}")}
    for year in of(book).years:
        names |= {account for account, each in put_there(book, year).items() if person in each}
    return sorted(names - {HELD})


def rolled(book: Book, person: str, account: str) -> list[Rolled]:
    """Every closed book year of an account, and what came since; each opens with what the one before left."""
    found = [_closed(book, year, person, account) for year in of(book).years]
    return [*found, _open(book, person, account, found[-1].closing if found else 0)]


def _closed(book: Book, year: str, person: str, account: str) -> Rolled:
    run, span = computed_year(book, year), years(book)[year]

    def of_it(members: Members) -> int:
        return members.get(account, {}).get(person, 0)

    shares = {name: each for name, each in run.shares().items() if name != BALANCE}
    decided = by_decision(book, span[0].start, span[-1].end)
    return Rolled(
        year=year,
        opening=of_it(in_todays_names(book, year, run.opening)),
        periods=of_it(in_todays_names(book, year, run.by_periods)),
        corrected=of_it(in_todays_names(book, year, run.corrected)),
        interest=of_it(in_todays_names(book, year, run.interest)),
        share=of_it(in_todays_names(book, year, shares)),
        redeemed=of_it(added(decided, redeemed_by_close(book, year))),
        lapsed=of_it(lapsed_by_close(book, year)),
    )


def _open(book: Book, person: str, account: str, opening: int) -> Rolled:
    """What came after the last closed year, up to now."""
    own = of(book)
    since = years(book)[list(own.years)[-1]][-1].end if own.years else 0
    periods = _periods_since(book).get(account, {}).get(person, 0)
    redeemed = by_decision(book, since, FOREVER).get(account, {}).get(person, 0)
    corrected = corrected_since(book).get(account, {}).get(person, 0)
    other = held(book, person, account) - (opening + periods + corrected - redeemed)
    return Rolled(year="", opening=opening, periods=periods, corrected=corrected, redeemed=redeemed, other=other)


def _periods_since(book: Book) -> Members:
    """What runs put on member accounts whose book year is not computed yet."""
    key = "capital since"
    if key not in book.memo:
        own = of(book)
        place = {period: number for number, period in enumerate(own.runs)}
        book.memo[key] = added(
            *(
                {account_now(book, line.account, place[run.period]): {line.to: line.amount}}
                for year in years(book)
                if year not in own.years
                for run in _as_computed(book, year)
                for line in run.result.lines
                if line.account is not None and line.account != BALANCE
            ),
            *(upheld_of(book, year, lambda name: name) for year in years(book) if year not in own.years),
        )
    found: Members = book.memo[key]
    return found


def _as_computed(book: Book, year: str) -> list[Computed]:
    """The runs of a year, before any amendment."""
    return [computed_run(book, row.id) for row in years(book)[year] if row.id in of(book).runs]


class Next(Struct, frozen=True, kw_only=True):
    """What a close will take out, if nothing else happens: of which book year, how much, which of how many parts."""

    year: str
    amount: int
    part: int = 0
    parts: int = 0


def next_out(book: Book, person: str, account: str) -> Next | None:
    """What leaves an account next by its terms; None where nothing does."""
    own, lies = of(book), held(book, person, account)
    left = left_at(book, person, book.until + 1)
    by = ruled(book, account, book.until if left is None else left, book.size)
    ahead = [year for year in years(book) if year not in own.years]
    if by is None or lies <= 0 or not ahead:
        return None
    if left is not None and by.terms.redeemed is not None:
        parts = max(1, by.terms.redeemed)
        part = min(closes_since(book, FUTURE, by, left) + 1, parts)
        return Next(year=ahead[0], amount=lies // (parts - part + 1), part=part, parts=parts)
    return _revolves(book, person, account, lies, by.terms.revolve) if by.terms.revolve else None


FUTURE = "9999-99-99"


def _revolves(book: Book, person: str, account: str, lies: int, after: int) -> Next | None:
    """First in, first out: the oldest year whose money lies there still, and the close that pays it out."""
    puts = {year: put_there(book, year).get(account, {}).get(person, 0) for year in of(book).years}
    since = rolled(book, person, account)[-1].periods
    since += sum(
        corrected_of(book, year, FUTURE).get(account, {}).get(person, 0) for year in years(book) if year not in puts
    )
    later = since + sum(puts.values())
    for year, put in puts.items():
        later -= put
        if lies > later:
            out = f"{int(year[:4]) + after}{year[4:]}"
            return Next(year=out, amount=lies - later)
    return None
