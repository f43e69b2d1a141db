"""The cooperative's own account, which payments leave from: in this home's `bank.toml`, never in the log.

The log holds its SHA-256 with every export, so that a second export is made with the same account or not at all.
"""

import json
import tomllib
from hashlib import sha256

import msgspec

from ledger import canonical
from ledger.anchor import one_at_a_time, write_durably
from ledger.doors import Desk
from ledger.errors import Usage
from ledger.private import show
from ledger.reading import text_in
from payouts.bank.bank_file import NAME_MAX, Debtor
from payouts.bank.bank_words import sepa
from payouts.bank.iban import checked_bic, checked_iban, hidden, plain
from payouts.bank.us_account import CHECKING, why_not_us

FILE = "bank.toml"


def debtor_of(desk: Desk) -> Debtor:
    """The account of the ledger at this desk. Raises Usage where there is none, or one that cannot be right."""
    held = _held(desk).get(desk.ledger.known.slug)
    if held is None:
        raise Usage("This home does not know the cooperative's own account.", "tally bank account --file FILE")
    return _debtor(held)


def _debtor(held: dict[str, str]) -> Debtor:
    name, us = held.get("name", ""), "routing" in held
    if not held.keys() <= (US if us else SEPA):
        raise Usage("The cooperative's account has something else in it.", FORM)
    if not any(map(str.isalnum, sepa(name, NAME_MAX))):
        raise Usage("The cooperative's account has no name.", FORM)
    if not us:
        return Debtor(name=name, iban=checked_iban(held.get("iban", "")), bic=checked_bic(held.get("bic")))
    routing, company = plain(held["routing"]), plain(held.get("company", ""))
    if why := why_not_us(routing, "1", CHECKING):
        raise Usage(why, FORM)
    if not 9 <= len(company) <= 10 or not company.isalnum() or not company.isascii():
        raise Usage("The number by which the bank knows the company has 9 or 10 letters and digits.", FORM)
    return Debtor(name=name, bic=None, routing=routing, company=company, bank=held.get("bank", ""))


SEPA = frozenset(("iban", "bic", "name"))
US = frozenset(("routing", "company", "bank", "name"))
FORM = 'Write iban = "…" and name = "…"; in the US routing, company, bank and name.'


def digest(debtor: Debtor) -> str:
    """What the log holds of an account, hex."""
    return sha256(canonical.encode(msgspec.to_builtins(debtor))).hexdigest()


def account_at_desk(desk: Desk, file: str | None) -> None:
    """Show the cooperative's own account, or take it from a file."""
    if file is not None:
        given = _given(text_in(file))
        _debtor(given)
        with one_at_a_time(desk.home.config / "bank.lock"):
            held = _held(desk)
            held[desk.ledger.known.slug] = given
            write_durably(desk.home.config / FILE, _written(held))
    debtor = debtor_of(desk)
    data = msgspec.structs.asdict(debtor) | {"digest": digest(debtor)}
    whence = hidden(debtor.iban) if debtor.iban else f"company {debtor.company}"
    said = f"Payments leave from {whence}, {show(debtor.name)}."
    desk.answer(data, f"{said} It is kept in {FILE} of this home.")


def _given(text: str) -> dict[str, str]:
    try:
        return msgspec.convert(tomllib.loads(text), dict[str, str])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Usage("The file with the cooperative's account cannot be read.", FORM) from error


def _held(desk: Desk) -> dict[str, dict[str, str]]:
    path = desk.home.config / FILE
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, dict[str, str]])
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Usage(f"{path} cannot be read.", "Mend it, or bring it anew: tally bank account --file FILE") from error


def _written(held: dict[str, dict[str, str]]) -> bytes:
    lines = []
    for slug, fields in sorted(held.items()):
        lines.append(f"[{json.dumps(slug, ensure_ascii=False)}]")
        lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in sorted(fields.items())]
    return "\n".join([*lines, ""]).encode()
