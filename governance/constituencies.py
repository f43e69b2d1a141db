"""Who is at work in which role: where a rule moves money between roles, most of a role must not be against it.

The other rooms tell who is at work (`at_work` in a room's `state.py`); here it is settled when a vote opens.
"""

from governance import ruling
from governance.part import Proposal, of
from governance.rule import Rule
from governance.rules import parse
from ledger.book import Book, hooks


def constituencies(book: Book, proposal: Proposal) -> dict[str, list[str]]:
    """Role -> those of the voters at work in it, where this vote needs the roles; else nothing."""
    if not proposal.profile.role_majorities or proposal.matter.sort != "rule" or not proposal.options:
        return {}
    old = parse(ruling.text_of(book, proposal.replaces or ""))
    texts = of(book).texts
    if not any(moves_between_roles(old, parse(texts[one])) for one in proposal.options):
        return {}
    asked = set(proposal.voters)
    found: dict[str, set[str]] = {}
    for at_work in hooks(book.rooms, "at_work"):
        for role, persons in at_work(book).items():
            found.setdefault(role, set()).update(persons)
    return {role: sorted(persons & asked) for role, persons in sorted(found.items()) if persons & asked}


def moves_between_roles(old: Rule, new: Rule) -> bool:
    """Whether a rule weighs work otherwise, or lets money flow otherwise; a new title or a later date moves nothing."""
    return (old.points, old.pots) != (new.points, new.pots)
