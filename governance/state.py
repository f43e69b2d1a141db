"""The governance room's part of the book, as other rooms see it: its founding, what falls due, doubtful ballots.

A vote closes when its time has come, whether or not anybody looks; what was decided then acts by itself: a person
is admitted or given a role at once, a rule holds from the first period that starts at or after the decision.
"""

from typing import Any

import msgspec
from msgspec import Struct

from governance import profile as profiles
from governance.doubts import disputes_changed as disputes_changed
from governance.first_form import can_decide
from governance.life import due as due
from governance.locks import log_keys_needed as log_keys_needed
from governance.matters.profile import check_fallback
from governance.part import Proposal as Proposal
from governance.part import State as State
from governance.part import of as of
from governance.presets import CORE
from governance.profile import Profile
from governance.rules import parse
from governance.ruling import current as current
from governance.ruling import decided_by as decided_by
from governance.ruling import digest_of as digest_of
from governance.ruling import effective_start as effective_start
from governance.ruling import put_in_force
from governance.ruling import rule_at as rule_at
from governance.ruling import text_of as text_of
from governance.ruling import title_of as title_of
from governance.ruling import upcoming as upcoming
from governance.runnable import refuse_unrunnable
from governance.terms import Matter as Matter
from ledger.book import Book
from ledger.errors import Refused


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the founding entry hands to this room."""

    rule: str
    profiles: dict[str, Profile]


def check_founding(section: dict[str, Any], founded: Any) -> None:
    """The first rule parses and can be run; the profiles that the program itself opens votes with are there."""
    first = _section(section)
    rule = parse(first.rule)
    refuse_unrunnable(rule, founded.currency.exponent)
    for name, one in first.profiles.items():
        profiles.check(name, one)
        if one.fallback is not None:
            check_fallback(name, one.fallback, first.profiles)
    if not set(CORE) <= set(first.profiles):
        raise Refused(f"The founding needs the profiles {', '.join(CORE)}.")
    if not all(can_decide(first.profiles[name]) for name in CORE):
        raise Refused(f"The program opens votes by {', '.join(CORE)} itself: they begin at once, openly, by yes or no.")


def found(book: Book, section: dict[str, Any]) -> None:
    """The first rule holds from the beginning."""
    first, state = _section(section), of(book)
    state.profiles = first.profiles
    put_in_force(book, first.rule, 0)


def _section(section: dict[str, Any]) -> Section:
    try:
        return msgspec.convert(section, Section, strict=True)
    except msgspec.ValidationError as error:
        raise Refused(f"The founding entry's section on governance is not right: {error}.") from error
