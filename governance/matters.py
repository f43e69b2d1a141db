"""What can be put before the members, and when it is refused before anybody is asked.

The statement itself is checked by this, and so is a command before it records anything: a text is never left
alone in the log because the proposal that follows it would be refused.
"""

from collections.abc import Sequence

from governance import state
from governance.rules import parse
from governance.runnable import refuse_unrunnable
from governance.state import Matter
from ledger import people
from ledger.book import Book
from ledger.errors import Refused

JOINING = "joining"
"""The profile of votes that a joiner's own statement opens."""

ROLES = (people.TREASURER, "steward", "connector", "clerk")


def check(book: Book, matter: Matter, texts: Sequence[str], profile: str, replaces: str | None) -> None:
    """Raise Refused (for a rule also RuleError) unless this can be decided and could act. `texts` are the options."""
    profiles = [name for name in state.of(book).profiles if name != JOINING]
    if profile not in profiles:
        raise Refused(f"There is no profile {profile!r} for this.", f"There are: {', '.join(profiles)}.")
    if matter.sort == "role":
        _check_role(book, matter, texts, replaces)
    elif matter.sort in ("rule", "text"):
        if (matter.person, matter.role, matter.circle, matter.give) != (None, None, "", True):
            raise Refused(f"A vote on a {matter.sort} names no person and no role.")
        if matter.sort == "rule":
            _check_rule(book, texts, replaces)
        elif len(texts) != 1 or replaces:
            raise Refused("A resolution is one text, nothing else.")
    else:
        raise Refused(f"{matter.sort!r} is no matter for a vote.", "There are: rule, role, text.")


def _check_rule(book: Book, texts: Sequence[str], replaces: str | None) -> None:
    if len(texts) != 1:
        raise Refused("A vote on the rule has one option here: the new rule; no keeps the current one.")
    if replaces != state.upcoming(book):
        raise Refused("This proposal was written against a rule that is no longer the newest.", "Propose it anew.")
    if state.digest_of(texts[0]) == replaces:
        raise Refused("This is the newest rule already, letter for letter.", "`tally rule show` prints it.")
    rule = parse(texts[0])
    refuse_unrunnable(rule, book.ledger.exponent)
    state.object_to(book, rule)


def _check_role(book: Book, matter: Matter, texts: Sequence[str], replaces: str | None) -> None:
    if matter.person is None or matter.role is None or texts or replaces:
        raise Refused("A vote on a role names a person and a role, nothing else.")
    if matter.role not in ROLES:
        raise Refused(f"{matter.role!r} is no role that members give.", f"There are: {', '.join(ROLES)}.")
    if why := state.why_no_role(book, matter):
        raise Refused(why, "`tally member list` shows who holds which role.")
