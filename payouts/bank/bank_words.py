"""Names and texts in the letters that banks pass on: the few of SEPA, any other as the nearest of them. Pure."""

import re
import unicodedata

ALLOWED = re.compile(r"[A-Za-z0-9/?:().,'+ -]*")
_LETTERS = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "&": "+", "’": "'", "‘": "'", "–": "-", "—": "-", "ẞ": "SS",
}  # fmt: skip


def sepa(text: str, most: int) -> str:
    """The text in SEPA's letters, at most so many: marks fall away, ß is ss, & is +, what has no likeness is a dot."""
    plain = "".join(_near(sign) for sign in unicodedata.normalize("NFC", text))
    return " ".join(plain.split())[:most].strip()


def _near(sign: str) -> str:
    if sign in _LETTERS:
        return _LETTERS[sign]
    bare = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
    bare = "".join(_LETTERS.get(part, part) for part in bare)
    return "".join(part if ALLOWED.fullmatch(part) else "." for part in bare) if bare else ""
