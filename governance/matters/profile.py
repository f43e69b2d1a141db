"""A way of deciding is changed, or a new one is added: by the threshold it has now, and the new one where stricter."""

from collections.abc import Mapping

import msgspec

from governance import matters, profile_words
from governance.asked import Asked, only_texts
from governance.first_form import can_decide
from governance.matters.role import ROLES
from governance.part import Proposal, of
from governance.presets import CORE, JOINING
from governance.profile import CONSENT, YES_NO, Profile, ProfileName, wanted
from ledger import people
from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names

FOR_OTHERS = "two-thirds"
"""New profiles, and those without a threshold of their own, are decided by this one."""


def decided_by(book: Book, name: str) -> str:
    """The profile by which a profile is changed: itself, so that it is no easier to change than to decide by."""
    held = of(book).profiles.get(name)
    return name if held is not None and held.method == YES_NO and name != JOINING else FOR_OTHERS


def check(book: Book, asked: Asked) -> None:
    """One name, one text that reads as a profile, put under the profile that may change it."""
    only_texts(asked, "profile", names=True)
    if len(asked.texts) != 1 or len(asked.terms.names) != 1 or asked.replaces:
        raise Refused("A vote on a profile has one name and one text.")
    name = asked.terms.names[0]
    _check_name(name)
    if asked.profile_name != decided_by(book, name):
        raise Refused(f"The profile {name} is changed by {decided_by(book, name)} alone.")
    new = profile_words.parse(name, asked.texts[0])
    if new == of(book).profiles.get(name):
        raise Refused(f"That is the profile {name} as it is.")
    if name in CORE and not can_decide(new):
        raise Refused(f"The program opens votes by {name} itself: it stays an open yes-no vote that begins at once.")
    _check_reachable(book, name, new)
    check_usable(name, new)
    if new.fallback is not None:
        check_fallback(name, new.fallback, of(book).profiles)


def check_usable(name: str, new: Profile) -> None:
    """Raise Refused for a profile that names what there is not, or by which nothing could ever be proposed."""
    for one in new.decides:
        if one not in matters.names():
            raise Refused(f"Profile {name}: {one!r} is no matter.", f"There are: {', '.join(matters.names())}.")
    role = new.electorate.removeprefix("role:")
    if role != new.electorate and role not in ROLES:
        raise Refused(f"Profile {name}: {role!r} is no role that members give.", f"There are: {', '.join(ROLES)}.")
    if new.secrecy != "open" and (new.second_call or new.challenge_hours):
        raise Refused(
            f"Profile {name}: what follows by itself cannot be sealed or secret.",
            "Leave second call and challenge out.",
        )


def _check_reachable(book: Book, name: str, new: Profile) -> None:
    """Raise Refused where a quorum asks for more than there are members, or could one day by those who leave."""
    members = len(people.members(book.ledger))
    for quorum in (new.quorum, *([new.second_call] if new.second_call else [])):
        if wanted(quorum, members)[1] > members:
            raise Refused(f"Profile {name}: its quorum is more than there are members ({members}).", "Ask for fewer.")
        if name in CORE and quorum.number > 1:
            raise Refused(
                f"Profile {name} decides on who joins and on the other profiles: whoever is left must be able to.",
                "Write its quorum as a fraction of the members.",
            )


def _check_name(name: str) -> None:
    """Raise Refused where no statement could name the profile afterwards."""
    try:
        msgspec.convert(name, ProfileName)
    except msgspec.ValidationError as error:
        raise Refused(
            f"{name!r} is no name for a profile.", "Write it like two-thirds, in at most 40 letters."
        ) from error


def check_fallback(name: str, fallback: str, known: Mapping[str, Profile]) -> None:
    """Raise Refused unless consent can fall back on this profile: a vote that opens by itself has no lock."""
    if fallback not in known:
        raise Refused(f"Profile {name}: there is no profile {fallback!r} to fall back on.")
    if known[fallback].secrecy != "open" or known[fallback].method == CONSENT:
        raise Refused(f"Profile {name}: {fallback} is no open vote, and nothing else opens by itself.")


def also(book: Book, proposal: Proposal) -> Profile | None:
    """The threshold that the new profile asks for, which this very decision must reach too."""
    new = profile_words.parse(proposal.terms.names[0], of(book).texts[proposal.options[0]])
    return new if new.method == YES_NO else None


def changes(book: Book, proposal: Proposal) -> list[str]:
    """What it changes in the profile that it was put against, a sentence each; of a new one all that it says."""
    name, undo = proposal.terms.names[0], proposal.course.undo
    new = profile_words.parse(name, of(book).texts[proposal.options[0]])
    held = profile_words.parse(name, undo) if undo else of(book).profiles.get(name)
    if held in (None, new):
        return profile_words.sentences(new)
    assert held is not None
    return profile_words.differences(held, new) or ["Nothing that a member would notice."]


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """Which profile."""
    return f"profile {proposal.terms.names[0]}"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """Votes that open from now on are decided so."""
    name, held = proposal.terms.names[0], of(book).profiles
    if name in held:
        proposal.course.undo = profile_words.written(held[name])
    held[name] = profile_words.parse(name, of(book).texts[proposal.options[0]])
    return ""


def holds(book: Book, proposal: Proposal) -> bool:
    """Whether no later decision has changed it again."""
    name = proposal.terms.names[0]
    return of(book).profiles.get(name) == profile_words.parse(name, of(book).texts[proposal.options[0]])


def lapse(book: Book, proposal: Proposal, at: int) -> None:
    """The profile is as it was before; a new one stays, since votes may name it."""
    if proposal.course.undo:
        of(book).profiles[proposal.terms.names[0]] = profile_words.parse("before", proposal.course.undo)


def consequence(names: Names, proposal: Proposal, since: str) -> str:
    """What came of it."""
    return f"Votes that open since {since} are decided so."
