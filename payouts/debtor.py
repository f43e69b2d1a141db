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
from payouts.bank_file import Debtor
from payouts.details_desk import read_account
from payouts.iban import checked_bic, checked_iban, hidden

FILE = "bank.toml"


def debtor_of(desk: Desk) -> Debtor:
    """The account of the ledger at this desk. Raises Usage where there is none, or one that cannot be right."""
    held = _held(desk).get(desk.ledger.known.slug)
    if held is None:
        raise Usage("This home does not know the cooperative's own account.", "tally bank account --file FILE")
    return Debtor(name=held["name"], iban=checked_iban(held["iban"]), bic=checked_bic(held.get("bic")))


def digest(debtor: Debtor) -> str:
    """What the log holds of an account, hex."""
    return sha256(canonical.encode(msgspec.to_builtins(debtor))).hexdigest()


def account_at_desk(desk: Desk, file: str | None) -> None:
    """Show the cooperative's own account, or take it from a file."""
    if file is not None:
        given = read_account(text_in(file))
        with one_at_a_time(desk.home.config / "bank.lock"):
            held = _held(desk)
            bic = {"bic": given.bic} if given.bic else {}
            held[desk.ledger.known.slug] = {"iban": given.iban, "name": given.name} | bic
            write_durably(desk.home.config / FILE, _written(held))
    debtor = debtor_of(desk)
    data = {"name": debtor.name, "iban": debtor.iban, "bic": debtor.bic, "digest": digest(debtor)}
    said = f"Payments leave from {hidden(debtor.iban)}, {show(debtor.name)}."
    desk.answer(data, f"{said} It is kept in {FILE} of this home.")


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
