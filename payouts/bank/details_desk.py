"""What a member does about their payment details, and what a treasurer sees of them.

They are read from a file or asked for, never taken from the command line, where every user of the machine could see
them. The member's home keeps a copy that only its owner may read, so that it can seal them again.
"""

import os
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from ledger.anchor import write_durably
from ledger.book import Book
from ledger.doors import Desk
from ledger.errors import NoKey, Refused, TallyError, Usage
from ledger.localtime import day
from ledger.looks import table
from ledger.private import Text
from ledger.reading import text_in
from payouts import state
from payouts.bank.bank_file import NAME_MAX
from payouts.bank.bank_words import sepa
from payouts.bank.box_keys import Opener
from payouts.bank.details_sealing import SALT_SIZE, Account, promise, seal
from payouts.bank.iban import checked_bic, checked_iban, hidden, is_bic, plain, why_not_iban
from payouts.bank.paying import HOLD_DAYS, details_now, held_until
from payouts.bank.us_account import why_not_us
from payouts.parties.payees import PAYABLE

FORM = (
    'The file has the lines iban = "…" and name = "…"; in the US routing, number, kind ("checking") in place of iban.'
)


def set_at_desk(desk: Desk, file: str | None, yes: bool) -> None:
    """Set one's own payment details."""
    typed = read_account(text_in(file)) if file else _asked(desk)
    book, (_, me) = desk.book, desk.me
    readers = state.reading_keys(book)
    if not readers:
        raise Refused("No treasurer can read payment details yet.", "Each treasurer makes a key: tally payout key")
    account = msgspec.structs.replace(typed, salt=os.urandom(SALT_SIZE).hex())
    before = details_now(state.of(book), me)
    desk.confirm(f"Have your pay sent to {outline(account)}, {account.name}?", yes or file is not None)
    promised = promise(book.ledger.id, me, account)
    # The copy first: what was promised could not be sealed again without it.
    _keep(desk, me, promised, account)
    entry = desk.record("payouts.details_set", sealed(promised, account, list(readers.values()))).entry.index
    names = sorted((desk.names.of(one) for one in readers), key=str.casefold)
    lines = [f"Your payment details are set (entry {entry}); only {', '.join(names)} can read them."]
    if before is not None:
        lines.append(f"They are new, so nothing is paid to them for {HOLD_DAYS} days.")
    desk.answer({"entry": entry, "promise": promised, "readers": names}, *lines)


def read_account(text: str) -> Account:
    """The account written in a file, without its salt. Raises Usage in words that do not repeat it."""
    try:
        held = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number too long, or lists nested too deep
        raise Usage("The file with the payment details cannot be read.", FORM) from error
    fields = {name.casefold(): value for name, value in held.items()}
    if not fields.keys() <= FIELDS or not all(isinstance(one, str) for one in fields.values()):
        raise Usage("The file with the payment details has something else in it.", FORM)
    return _account(**fields)


FIELDS = frozenset(("iban", "bic", "name", "routing", "number", "kind"))


def _account(
    iban: str = "", name: str = "", bic: str | None = None, routing: str = "", number: str = "", kind: str = ""
) -> Account:
    account = Account(
        iban="" if routing else checked_iban(iban),
        bic=checked_bic(bic),
        name=" ".join(name.split()),
        salt="0" * 64,
        routing=plain(routing),
        number=plain(number),
        kind=kind.strip().casefold(),
    )
    if why := why_not_account(account):
        raise Usage(why, FORM)
    return account


def _asked(desk: Desk) -> Account:
    if desk.no_input or not sys.stdin.isatty():
        raise Usage("Payment details come from a file.", f"Say --file FILE. {FORM}")
    iban = checked_iban(click.prompt("IBAN", err=True))
    bic = checked_bic(click.prompt("BIC (may be left out)", default="", show_default=False, err=True))
    return _account(iban, click.prompt("Holder's name, as the bank knows it", err=True), bic)


def outline(account: Account) -> str:
    """So much of an account that its owner knows it."""
    return f"…{account.number[-4:]} ({account.kind})" if account.routing else hidden(account.iban)


def why_not_account(account: Account) -> str:
    """Why no bank would take this account, in words that do not repeat it; "" if it can be right."""
    if account.iban and account.routing:
        return "An account has an IBAN, or a routing number, and not both."
    us = (account.routing, account.number, account.kind)
    if why := why_not_us(*us) if account.routing else why_not_iban(account.iban):
        return why
    if account.bic is not None and not is_bic(account.bic):
        return "The BIC is not one."
    name = account.name
    if not 0 < len(name) <= NAME_MAX or not name.isprintable() or not any(map(str.isalnum, sepa(name, NAME_MAX))):
        return f"The holder's name, as the bank knows it, has 1 to {NAME_MAX} letters, in the bank's own alphabet."
    return ""


def sealed(promised: str, account: Account, keys: list[str]) -> dict[str, Any]:
    """A promise with a box for each of these keys (hex), as it is stated."""
    return {"promise": promised, "boxes": [{"key": key, "sealed": Text(seal(account, key))} for key in sorted(keys)]}


def show_at_desk(desk: Desk, name: str | None) -> None:
    """Show one's own details, or as a treasurer those of a member."""
    show_details(desk, desk.names.person(name) if name else desk.whoami, "tally payout details set --file FILE")


def show_details(desk: Desk, person: str, hint: str) -> None:
    """Show the details of a person or a party. Raises Refused with this hint where there are none."""
    details = details_now(state.of(desk.book), person)
    if details is None:
        raise Refused(f"There are no payment details of {desk.names.of(person)} yet.", hint)
    account = _own(desk, person, details.promise) if person == desk.whoami else None
    account = account or Opener(desk).account(person, details)
    data = msgspec.structs.asdict(account) | {"name": desk.names.of(person), "holder": account.name}
    del data["salt"]
    fields = ("IBAN", "BIC", "Routing", "Number", "Kind")
    lines = [f"{field:<8}{said}" for field in fields if (said := data[field.lower()])]
    desk.answer(data | row(desk, person), *lines, f"Holder  {account.name}")


def check_at_desk(desk: Desk) -> None:
    """Who has set details, which are held, who cannot read them; a treasurer's keys open and compare them all."""
    opener, rows = Opener(desk), []
    for person in sorted(_concerned(desk.book), key=lambda one: desk.names.of(one).casefold()):
        found = row(desk, person)
        details = details_now(state.of(desk.book), person)
        if details is not None and opener.can(details):
            try:
                opener.account(person, details)
                found["opens"] = True
            except TallyError as error:
                found |= {"opens": False, "state": error.message}
        rows.append(found)
    cells = [
        (one["name"], str(one["entry"] or ""), one["since"] or "", one["state"], ", ".join(one["unread_by"]))
        for one in rows
    ]
    heads = ("Name", "Entry", "Since", "State", "Not readable for")
    desk.answer({"details": rows}, table(heads, cells) if rows else "Nobody is to be paid, and nobody has set details.")


def _concerned(book: Book) -> set[str]:
    owed = {payee for kind in ("balance", PAYABLE) for payee, held in state.lying(book, kind).items() if held > 0}
    return {*state.of(book).details, *owed}


def row(desk: Desk, person: str) -> dict[str, Any]:
    """How somebody's details stand, as data; nothing of the account itself."""
    book, own = desk.book, state.of(desk.book)
    details, until = details_now(own, person), held_until(own, person)
    now = max(desk.now, book.received)
    if details is None:
        offered = any(one.person == person for one in own.offers.values())
        said = "wait for others to agree" if offered else "none set"
    elif details.blocked:
        said = f"blocked by the bank ({details.blocked}): set others"
    elif until is not None and now < until:
        said = f"changed, held until {datetime.fromtimestamp(until // 1000, UTC):%Y-%m-%d}"
    else:
        said = "good"
    return {
        "name": desk.names.of(person),
        "entry": details.entry if details else None,
        "since": day(book, details.received) if details else None,
        "state": said,
        "unread_by": sorted(desk.names.of(one) for one in state.unread_by(book, person)),
        "opens": None,
    }


def reseal_at_desk(desk: Desk) -> None:
    """Seal one's own details, and as a treasurer all that can be opened here, for treasurers who cannot read them."""
    (_, me), opener, done, left = desk.me, Opener(desk), [], []
    for person in sorted(state.of(desk.book).details):
        missing, details = state.unread_by(desk.book, person), details_now(state.of(desk.book), person)
        if not missing or details is None:
            continue
        account = _own(desk, person, details.promise) if person == me else None
        if account is None and not opener.can(details):
            left.append(desk.names.of(person))
            continue
        account = account or opener.account(person, details)
        keys = state.reading_keys(desk.book)
        body = sealed(details.promise, account, [keys[one] for one in missing])
        done.append((desk.names.of(person), desk.record("payouts.details_resealed", body).entry.index))
    lines = [f"The details of {name} are sealed anew (entry {entry})." for name, entry in done]
    lines += [f"Those of {name} do not open here." for name in left]
    data = {"resealed": [{"name": name, "entry": entry} for name, entry in done], "left": left}
    desk.answer(data, *(lines or ["Every treasurer can read every member's payment details."]))


# The member's own copy.


def _copy(desk: Desk, person: str) -> Path:
    return desk.home.kept(desk.ledger.known.founding, f"details-{person}.json")


def _keep(desk: Desk, person: str, promised: str, account: Account) -> None:
    held = {promised: msgspec.to_builtins(account)}
    # Until the log has the new ones, the old ones are still those that hold.
    details = details_now(state.of(desk.book), person)
    old = _own(desk, person, details.promise) if details else None
    if details is not None and old is not None:
        held[details.promise] = msgspec.to_builtins(old)
    write_durably(_copy(desk, person), msgspec.json.encode(held))


def _own(desk: Desk, person: str, promised: str) -> Account | None:
    """This home's copy of the details so promised, or None."""
    try:
        held = msgspec.json.decode(_copy(desk, person).read_bytes(), type=dict[str, Account])
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise NoKey("This home's copy of your payment details is damaged.", "Set them anew.") from error
    found = held.get(promised)
    return found if found and promise(desk.book.ledger.id, person, found) == promised else None
