"""What can be put before the members, and when it is refused before anybody is asked.

The statement itself is checked by this, and so is a command before it records anything: a text is never left
alone in the log because the proposal that follows it would be refused.
"""

from governance import matters, ruling
from governance.asked import Asked
from governance.boxes import electorate, fewest, labels
from governance.days import ahead
from governance.locks import check_lock
from governance.part import of
from governance.presets import JOINING
from governance.profile import CONSENT, NUMBERS, YES_NO
from ledger import people
from ledger.book import Book
from ledger.errors import Refused

MINE_MAX = 50
"""Matters of one member that are not settled: each is looked at with every statement."""
BY_CONSENT = ("rule", "text", "role", "policy")
"""What may be decided by nobody's objecting."""
ENDING = ("rule", "number", "role", "text", "profile", "policy")
"""What may end on a day."""


def check(book: Book, asked: Asked, at: int) -> None:
    """Raise Refused (for a rule also RuleError) unless this can be decided and could act."""
    if asked.matter.sort not in matters.names():
        known = ", ".join(name for name in matters.names() if name != "join")
        raise Refused(f"{asked.matter.sort!r} is no matter for a vote.", f"There are: {known}.")
    check_way(asked)
    _check_people(book, asked)
    _check_days(book, asked, at)
    check_lock(book, asked.profile, asked.terms, at)
    matters.of(asked.matter.sort).check(book, asked)


def check_profile(book: Book, name: str) -> None:
    """Raise Refused unless members may propose something under this profile."""
    known = [one for one in of(book).profiles if one != JOINING]
    if name not in known:
        raise Refused(f"There is no profile {name!r} for this.", f"There are: {', '.join(known)}.")


def check_way(asked: Asked) -> None:
    """Raise Refused unless the way of voting fits the matter and its options."""
    method, many = asked.profile.method, len(asked.texts)
    # By which profile a profile is changed follows from what it is; no narrowing may lock it for ever.
    if asked.profile.decides and asked.matter.sort not in (*asked.profile.decides, "profile"):
        listed = ", ".join(asked.profile.decides)
        raise Refused(f"{asked.profile_name} does not decide on a {asked.matter.sort}.", f"It is for: {listed}.")
    if method in (YES_NO, CONSENT) and many > 1:
        raise Refused("Several options need a way of voting that chooses.", "Take --profile debian-options.")
    if method == CONSENT and asked.matter.sort not in BY_CONSENT:
        raise Refused(f"A {asked.matter.sort} is not decided by consent.", f"These are: {', '.join(BY_CONSENT)}.")
    if (method in NUMBERS) != (asked.matter.sort == "number"):
        raise Refused("Median and pot set the numbers of a rule, and nothing else does.", "Take another profile.")
    choosing = asked.matter.sort in ("rule", "text") or bool(asked.terms.candidates) or method in NUMBERS
    if method not in (YES_NO, CONSENT) and not choosing:
        raise Refused(f"On a {asked.matter.sort} members say yes or no.", "Take --profile simple-majority.")
    if method == "stv" and not asked.terms.candidates:
        raise Refused("Seats are for candidates.", "Name them: tally propose election ROLE NAME NAME …")
    if asked.terms.ratios and (method != "cssd" or len(asked.terms.ratios) != many):
        raise Refused("Ratios belong to ranked options (cssd), one for each.", "Leave them out.")
    # These two count long where there is much to choose from.
    most = 20 if method in ("cssd", "pot") else 50
    if len(labels(method, asked.terms, many)) > most + 1:
        raise Refused("That is more to choose from than anybody reads.", f"Name at most {most}.")


def _check_people(book: Book, asked: Asked) -> None:
    """Somebody is asked; nobody is kept out by somebody else whom the matter does not even name."""
    members = set(people.members(book.ledger))
    recused = set(asked.terms.recused)
    if len(recused) != len(asked.terms.recused) or not recused <= members:
        raise Refused("Members are recused, each once.")
    # Candidates are not among these: who names all opponents as candidates would be asked alone.
    if not recused <= {asked.by, asked.matter.person}:
        raise Refused(
            "Only the person whom the matter is about, and who proposes it, are recused by the proposal.",
            "Others stand aside themselves: tally proposal stand-aside N.",
        )
    mine = [one for one in (*of(book).open, *of(book).pending) if of(book).proposals[one].by == asked.by]
    if len(mine) >= MINE_MAX:
        raise Refused(f"You have {len(mine)} matters before the members.", "Let some be decided, or withdraw them.")
    roll = electorate(book, asked.profile.electorate, asked.matter)
    recused = all_recused(asked)
    least = fewest(asked.profile)
    if len(set(roll) - recused) < least:
        raise Refused(
            f"{len(set(roll) - recused)} would be asked; {asked.profile_name} needs at least {least}.",
            "Decide it by another profile: tally profile list.",
        )


def all_recused(asked: Asked) -> set[str]:
    """Whom the proposal recuses, and whom the matter itself does."""
    own = matters.of(asked.matter.sort)
    return {*asked.terms.recused, *(own.recused(asked) if hasattr(own, "recused") else ())}


def _check_days(book: Book, asked: Asked, at: int) -> None:
    """Days that are said lie ahead; what ends on a day has something to end."""
    terms = asked.terms
    for day in (terms.review, terms.sunset):
        if day is not None:
            ahead(book, day, at)
    if terms.sunset is not None and asked.matter.sort not in ENDING:
        raise Refused(f"A {asked.matter.sort} does not end on a day.", "Leave the sunset out.")
    if terms.fallback is not None:
        if terms.sunset is None or asked.matter.sort not in ("rule", "number"):
            raise Refused("A fallback is the rule that holds after a sunset.", "Name both, or neither.")
        text = of(book).texts.get(terms.fallback)
        if text is None:
            raise Refused("The fallback names a text that is not in the log.")
        ruling.check(book, text)
