"""What `tally profile` does: ways of deciding shown in sentences, checked, compared."""

from typing import Any

from governance.matters.profile import check_usable
from governance.part import of
from governance.presets import PRESETS
from governance.profile import Profile, digest
from governance.profile_words import differences, parse, sentence, sentences, written
from governance.telling import points, tell
from ledger.doors import Desk
from ledger.errors import TallyError
from ledger.fact import plain
from ledger.looks import table
from ledger.reading import text_in


class UnknownProfile(TallyError):
    """A name that no profile has."""

    exit_code = 2
    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no profile {name!r}.", "`tally profile list` shows them.")


def held(desk: Desk) -> dict[str, Profile]:
    """The profiles of this ledger; without one, those that a ledger begins with."""
    in_ledger = bool(desk.slug or desk.home.ledgers()[0])
    return of(desk.book).profiles if in_ledger else PRESETS


def list_profiles(desk: Desk) -> None:
    """Every profile with what it asks for."""
    known = held(desk)
    cells = [(name, one.method, one.secrecy, sentence(one)) for name, one in sorted(known.items())]
    rows = [
        {"name": name, "digest": digest(one), "asks": sentence(one)} | plain(one) for name, one in sorted(known.items())
    ]
    desk.answer({"profiles": rows}, table(("Profile", "Way", "Ballots", "Asks for"), cells))


def show(desk: Desk, name: str) -> None:
    """One profile, in sentences (as comments) and as the text that says so."""
    profile = _named(desk, name)
    lines = [*(f"# {line}" for line in sentences(profile)), *written(profile).rstrip("\n").splitlines()]
    tell(desk, _data(name, profile), lines)


def check(desk: Desk, file: str) -> None:
    """What a profile in a file asks for. Raises Refused, naming what is wrong."""
    profile = parse(file, text_in(file))
    check_usable(file, profile)
    tell(desk, _data("", profile), points(sentences(profile)))


def diff(desk: Desk, name: str, file: str) -> None:
    """What a profile in a file would change."""
    old, new = _named(desk, name), parse(file, text_in(file))
    check_usable(name, new)
    changes = differences(old, new)
    if digest(old) == digest(new):
        lines = [f"This is {name}, as it is."]
    else:
        lines = [f"Against {name}:", *points(changes or ["Nothing that a member would notice."])]
    tell(desk, {"against": name, "differences": changes, "same": digest(old) == digest(new)}, lines)


def _named(desk: Desk, name: str) -> Profile:
    known = held(desk)
    if name not in known:
        raise UnknownProfile(name)
    return known[name]


def _data(name: str, profile: Profile) -> dict[str, Any]:
    return {
        "name": name,
        "digest": digest(profile),
        "sentences": sentences(profile),
        "profile": plain(profile),
        "text": written(profile),
    }
