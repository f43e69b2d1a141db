"""Account numbers of the United States: whether a routing number and an account can be right at all. Pure.

The nine digits of a routing number check themselves (ABA: weights 3, 7, 1); the account's own number does not.
"""

import re

CHECKING, SAVINGS = "checking", "savings"
KINDS = (CHECKING, SAVINGS)
_NUMBER = re.compile(r"[A-Z0-9-]{1,17}")


def why_not_us(routing: str, number: str, kind: str) -> str:
    """What is wrong with an account, in words that do not repeat it; "" if it can be right."""
    if not re.fullmatch(r"[0-9]{9}", routing):
        return "A routing number has nine digits."
    if sum(int(digit) * weight for digit, weight in zip(routing, (3, 7, 1) * 3, strict=True)) % 10 or not int(routing):
        return "The digits of this routing number do not fit: one is wrong, or two have changed places."
    if not _NUMBER.fullmatch(number):
        return "An account number has 1 to 17 letters and digits."
    return "" if kind in KINDS else f"The kind of an account is {' or '.join(KINDS)}."
