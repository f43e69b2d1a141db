"""A key on paper: 56 letters to be typed in again on the day when every device is lost.

The 32 secret bytes and the first three of their SHA-256, in base32 (RFC 4648): fourteen groups of four letters, in
two lines. A slip of the pen is noticed; 0, 1 and 8, which base32 does not have, are read as O, I and B.
"""

import base64
import re
from hashlib import sha256

from ledger.errors import NoKey

TITLE = "PAPER KEY"
SEED_SIZE, CHECK_SIZE = 32, 3
GROUPS, LETTERS, LINES = 14, 4, 2
TYPED_MIN, TYPED_MAX = 24, 80  # letters of a text that somebody meant as a paper key, slips and all
_LINE = re.compile(r"[A-Z2-7]{4}(?:[ \t-]+[A-Z2-7]{4}){6}")
_TYPED = re.compile(r"(?:[^\W_]|[ \t-])*")
_MISREAD = str.maketrans("018", "OIB")


class NotPaper(NoKey):
    """A text that is no paper key, or one with a letter changed."""


def is_paper(text: str) -> bool:
    """Whether a text is meant as a paper key: a page of one, or letters typed from it, with a slip or without."""
    return text.lstrip("\ufeff").startswith(TITLE) or TYPED_MIN <= len(_letters(text)) <= TYPED_MAX


def write(seed: bytes, whose: str, ledger: str, fingerprint: str) -> str:
    """The page to print: what it is, the letters, how they are used."""
    text = base64.b32encode(seed + _check(seed)).decode()
    groups = [text[start : start + LETTERS] for start in range(0, len(text), LETTERS)]
    lines = [" ".join(groups[start : start + GROUPS // LINES]) for start in range(0, GROUPS, GROUPS // LINES)]
    return "\n".join(
        (
            TITLE,
            "",
            f"of {whose}, for {ledger}",
            f"Fingerprint: {fingerprint}",
            "",
            *(f"    {line}" for line in lines),
            "",
            "Print this page or copy it by hand, keep it where you keep your papers, and delete the file.",
            "Whoever has these letters can sign in your name. If the page is stolen, end the key: tally key revoke",
            "If you lose your devices: write the two lines of letters into a file on a new one, then",
            "    tally key import FILE --at PLACE      (PLACE: the folder or address of the ledger)",
            "and from there add a key for the new device: tally key new, tally key add. Then end the lost ones.",
            "",
        )
    )


def read(text: str) -> bytes:
    """The seed in a page, or in its two lines of letters alone. Raises NotPaper, also for one changed letter."""
    letters = _letters(text)
    if len(letters) != GROUPS * LETTERS:
        raise NotPaper(
            f"A paper key has {GROUPS * LETTERS} letters; here are {len(letters)}.",
            f"It has {LINES} lines of {GROUPS // LINES} groups of {LETTERS}. Compare every group with the page.",
        )
    try:
        data = base64.b32decode(letters)
    except ValueError as error:
        raise NotPaper("These letters cannot be read.", "Compare them with the page.") from error
    seed = data[:SEED_SIZE]
    if data[SEED_SIZE:] != _check(seed):
        raise NotPaper("A letter of this paper key is wrong.", "Compare every group with the page.")
    return seed


def _letters(text: str) -> str:
    """The letters of a page's two lines; of a text without them that has nothing but letters and digits, those."""
    plain = [line.strip().upper().translate(_MISREAD) for line in text.splitlines()]
    found = [line for line in plain if _LINE.fullmatch(line)]
    if len(found) != LINES and all(map(_TYPED.fullmatch, plain)):
        found = plain
    return re.sub(r"[ \t-]", "", "".join(found))


def _check(seed: bytes) -> bytes:
    return sha256(b"tally-paper-v1\0" + seed).digest()[:CHECK_SIZE]
