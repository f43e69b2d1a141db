"""Account numbers: whether an IBAN and a BIC can be right at all, before money is sent there. Pure.

ISO 13616: the country says how long the number is, and two check digits show nearly every slip of the pen. What is
wrong is said without the number itself: it is personal.
"""

import re

from ledger.errors import Usage

_TABLE = (
    "AD24 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GI23 GR27 HR21 HU28 IE22 IS26 IT27 LI21 "
    "LT20 LU20 LV21 MC27 MT31 NL18 NO15 PL28 PT25 RO24 SE24 SI19 SK24 SM27 VA22 AL28 GE22 IL23 MD24 ME22 MK19 RS22 "
    "TR26 UA29 XK20"
)
LENGTHS = {row[:2]: int(row[2:]) for row in _TABLE.split()}
"""How many signs the IBANs of a country have."""

_FORM = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9](?:XXX|[A-WYZ0-9][A-Z0-9]{2})?")


def plain(text: str) -> str:
    """An IBAN as it is stored: upper case, no blanks."""
    return "".join(text.split()).upper()


def why_not_iban(iban: str) -> str:
    """What is wrong with an IBAN in its stored form, in words that do not repeat it; "" if it can be right."""
    if not _FORM.fullmatch(iban):
        return "An IBAN is two letters of a country, two check digits, and letters and digits after them."
    length = LENGTHS.get(iban[:2])
    if length is None:
        return f"IBANs that begin with {iban[:2]} are not known here."
    if len(iban) != length:
        return f"An IBAN that begins with {iban[:2]} has {length} signs; this one has {len(iban)}."
    if int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 != 1:
        return "The check digits of this IBAN do not fit: a digit is wrong, or two have changed places."
    return ""


def checked_iban(text: str) -> str:
    """The IBAN in its stored form. Raises Usage saying what is wrong with it."""
    iban = plain(text)
    if why := why_not_iban(iban):
        raise Usage(why, "Compare it with the bank's own paper, letter by letter.")
    return iban


def checked_bic(text: str | None) -> str | None:
    """The BIC in its stored form, or None. Raises Usage for one that cannot be right."""
    bic = plain(text or "")
    if bic and not is_bic(bic):
        raise Usage("A BIC has 8 or 11 letters and digits, like MARKDEF1100.", "Leave it out if you are not sure.")
    return bic or None


def is_bic(bic: str) -> bool:
    """Whether this can be a BIC, in its stored form."""
    return _BIC.fullmatch(bic) is not None


def looks_like_iban(text: str) -> bool:
    """Whether a text holds what could be somebody's account number."""
    joined = re.sub(r"[\s-]", "", text.upper())
    return any(
        length <= len(joined) - at and not why_not_iban(joined[at : at + length])
        for at in range(len(joined))
        if (length := LENGTHS.get(joined[at : at + 2]))
    )


def hidden(iban: str) -> str:
    """So much of an IBAN that its owner knows it: country and last four signs."""
    return f"{iban[:2]}…{iban[-4:]}"
