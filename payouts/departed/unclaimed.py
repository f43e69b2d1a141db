"""Which balances are unclaimed: not payable for the months that members voted, noticed, and still unheard of. Pure.

It is about people who are no members any more. The clock starts at the first cut-off after all that could have changed
it: they left, money came or went, they signed something. Months are whole ones, by dates in UTC.
"""

import re
from calendar import monthrange
from collections.abc import Collection
from datetime import date, timedelta

from contributions.state import utc_day
from governance import state as governance
from governance.rule import BALANCE, MEMBER, RESULT, Rule
from governance.rules import parse
from ledger.book import Book
from ledger.errors import Refused
from payouts import state
from payouts.bank.paying import DAY, RETURNED, details_now
from payouts.capital.capital_moves import name_now
from payouts.departed.heirs import named, theirs
from payouts.departed.heirs_kept import keys_spoken
from payouts.departed.unclaimed_kept import Quiet, Unclaimed

NONE = "none"
MONTHS_MIN, MONTHS_MAX = 6, 240
NOTICE_DAYS = 90
"""From the notice to the move."""

_POLICY = re.compile(r"([0-9]{1,3}) months to (\S(?:.*\S)?)")


def parse_policy(text: str, runs: int) -> Unclaimed | None:
    """What "24 months to training" says; None for "none". Raises Refused."""
    if text.strip() == NONE:
        return None
    said = _POLICY.fullmatch(text.strip())
    if said is None:
        raise Refused(f"{text.strip()!r} does not say when and where to.", 'Write "24 months to ACCOUNT", or "none".')
    if not MONTHS_MIN <= int(said[1]) <= MONTHS_MAX:
        raise Refused(f"{said[1]} months are not from {MONTHS_MIN} to {MONTHS_MAX}.", "Give people time to be found.")
    return Unclaimed(months=int(said[1]), account=said[2], runs=runs)


def policy_text(policy: Unclaimed | None) -> str:
    """The same as it is written."""
    return NONE if policy is None else f"{policy.months} months to {policy.account}"


def check_policy(text: str, rules: Collection[Rule]) -> None:
    """Raise Refused unless the account is one of the cooperative's in one of these rules."""
    policy = parse_policy(text, 0)
    if policy is not None and not any(_is_ours(rule, policy.account) for rule in rules):
        raise Refused(
            f"{policy.account!r} is no account of the cooperative in the share rule.",
            "Name one that is nobody's own: tally rule show.",
        )


def _is_ours(rule: Rule, account: str) -> bool:
    return account == RESULT or (account in rule.accounts and rule.accounts[account].kind != MEMBER)


def goes_to(book: Book) -> str | None:
    """The account that unclaimed balances go to, by its name today; None where no vote or no rule has one."""
    policy = state.of(book).unclaimed
    if policy is None:
        return None
    account = name_now(book, f"account:{policy.account}", policy.runs).removeprefix("account:")
    return account if _is_ours(parse(governance.text_of(book, governance.current(book))), account) else None


def notice_from(book: Book, quiet: Quiet) -> int:
    """From when on (ms) a notice is given: the months are over, by whole days in UTC."""
    policy = state.of(book).unclaimed
    assert policy is not None
    return _instant(_months_later(date.fromisoformat(utc_day(quiet.since)), policy.months) + timedelta(days=1))


def moves_from(quiet: Quiet) -> int | None:
    """From when on (ms) the money goes; None before the notice."""
    return None if quiet.noticed is None else quiet.noticed_at + NOTICE_DAYS * DAY


def to_notice(book: Book, now: int) -> list[tuple[str, int]]:
    """Person and amount of every balance that a notice is due for at an instant (ms)."""
    return [
        (person, quiet.balance)
        for person, quiet in state.of(book).quiet.items()
        if quiet.noticed is None and lies_still(book, person, quiet) and now >= notice_from(book, quiet)
    ]


def to_move(book: Book, now: int) -> list[tuple[str, int]]:
    """Person and amount of every balance that was noticed, and nothing was heard since."""
    return [
        (person, quiet.balance)
        for person, quiet in state.of(book).quiet.items()
        if lies_still(book, person, quiet) and (since := moves_from(quiet)) is not None and now >= since
    ]


def lies_still(book: Book, person: str, quiet: Quiet) -> bool:
    """Whether it is still as it was, cannot be paid, and nobody inherits it; and there is a place where it can go."""
    return (
        goes_to(book) is not None
        and book.ledger.persons[person].standing != MEMBER
        and state.lying(book, BALANCE).get(person, 0) == quiet.balance == theirs(book, person)
        and keys_spoken(book.ledger, person) == quiet.spoken
        and cannot_be_paid(book, person)
        and named(book, person) is None
    )


def cannot_be_paid(book: Book, person: str) -> bool:
    """No payment details, or an account that the bank refuses, or the last payment came back."""
    details = details_now(state.of(book), person)
    payments = [one for one in state.of(book).payments.values() if one.payee == person]
    came_back = (
        bool(payments)
        and payments[-1].status == RETURNED
        and payments[-1].details == (details.promise if details else "")
    )
    return details is None or bool(details.blocked) or came_back


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _instant(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY
