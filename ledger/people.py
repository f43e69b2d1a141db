"""Who may say what: persons, their standings, roles by circle, and the keys that sign for them.

What a standing may say is data from the founding entry (a room, or one kind of statement); roles are asked for
by the facts themselves. Keys are valid by their place in the log, never by a clock.
"""

from ledger.errors import NoKey, NotAMember, Refused
from ledger.state import Key, Person, State


class KeyEnded(NoKey):
    """A key that was revoked, or replaced by another."""


MEMBER = "member"
CANDIDATE = "candidate"
REJECTED = "rejected"
FORMER = "former"
TREASURER = "treasurer"
LADDER = {
    "volunteer": ["contributions"],
    CANDIDATE: ["contributions"],
    MEMBER: ["ledger", "contributions", "governance", "payouts"],
    FORMER: [],
    REJECTED: [],
}
"""The ladder a cooperative starts with when its founding entry says nothing else."""
OWN = (
    "ledger.key_added",
    "ledger.key_revoked",
    "ledger.reaffirmed",
    "ledger.recovery_vetoed",
    "ledger.erased",
    "ledger.contested",
    "payouts.details_set",
    "payouts.details_resealed",
)
"""What everybody whom the ledger knows may state whatever their standing: it is about their own keys, words or pay."""


def enter(state: State, person: str, named: tuple[int, str], standing: str, since: int) -> None:
    """A person becomes known, with a first standing."""
    state.persons[person] = Person(named=named, standings=[(since, standing)])


def bring_key(state: State, key_id: str, public: str, person: str, index: int) -> None:
    """A key may sign for a person from this entry on."""
    state.keys[key_id] = Key(public=public, person=person, since=index)


def set_standing(state: State, person: str, standing: str, since: int) -> None:
    """A person rises or falls on the ladder, from an instant on."""
    state.persons[person].standings.append((since, standing))


def leave(state: State, person: str, since: int) -> None:
    """A person is no member any more, and holds no role."""
    set_standing(state, person, FORMER, since)
    state.persons[person].roles = {}
    state.leaving.pop(person, None)  # who comes back one day does not leave again by what was said before


def give_role(state: State, person: str, role: str, circle: str) -> None:
    """A person takes on a role in a circle ("" is the whole cooperative)."""
    held = state.persons[person].roles.setdefault(circle, [])
    if role not in held:
        held.append(role)
        held.sort()


def end_role(state: State, person: str, role: str, circle: str) -> None:
    """A person lays a role down."""
    held = state.persons[person].roles.get(circle, [])
    if role in held:
        held.remove(role)


def holds(state: State, person: str, role: str, circle: str = "") -> bool:
    """The person holds the role in this circle or in one around it, and is a member."""
    known = state.persons.get(person)
    if known is None or known.standing != MEMBER:
        return False
    return any(role in roles for at, roles in known.roles.items() if inside(circle, at))


def inside(circle: str, around: str) -> bool:
    """The circle is `around` itself or lies within it, by path; everything lies within ""."""
    return around == "" or circle == around or circle.startswith(around + "/")


def members(state: State) -> list[str]:
    """The person ids of all members now, sorted."""
    return sorted(person for person, known in state.persons.items() if known.standing == MEMBER)


def treasurers(state: State) -> list[str]:
    """The members who hold the role of treasurer for the whole cooperative, sorted."""
    return [person for person in members(state) if holds(state, person, TREASURER)]


def member_since(person: Person) -> int | None:
    """When the present membership began, in ms; None for who is no member."""
    return person.standings[-1][0] if person.standing == MEMBER else None


def signing_key(state: State, key_id: str, author: str, index: int) -> Key:
    """The key, if it may sign for this author at this place in the log."""
    key = state.keys.get(key_id)
    if key is None:
        raise NoKey("This key is not known to the ledger.", "Join with an invitation first: tally join FILE.")
    if key.person != author:
        raise NoKey("This key belongs to somebody else.")
    if index <= key.since:
        raise NoKey("This key was not valid yet at this place in the log.")
    if key.until is not None and index >= key.until:
        raise KeyEnded(
            f"This key signs no more: it ended at entry {key.until} ({key.ended}).",
            "What it signed before and was not handed in by then must be signed again with a live key of yours; "
            "if you have none, other members help you: tally key recover.",
        )
    return key


def key_is_taken(state: State, public: str) -> bool:
    """Whether a public key (hex) was ever used here: by a person, by the log, or for an invitation or a recovery."""
    kept = {one.public for one in state.recoveries.values()} | {one.admission for one in state.invitations.values()}
    used = {key.public for key in state.keys.values()} | {one.before for one in state.log_keys} | {state.log_key}
    return public in kept | used


def is_disputed(state: State, entry: str | int) -> bool:
    """Whether nobody stands by a statement now, by its entry's id or index: its key was in other hands.

    It is out of open votes and of pay until its person reaffirms it; what was decided or closed before stays.
    """
    return entry in (state.disputed if isinstance(entry, str) else state.disputed.values())


def may(state: State, person: str, kind: str) -> bool:
    """Whether a person's standing lets them make statements of this kind, or have them made for them."""
    known = state.persons.get(person)
    rungs = state.standings.get(known.standing, []) if known else []
    return kind in rungs or kind.partition(".")[0] in rungs or (known is not None and kind in OWN)


def must_speak(state: State, author: str, kind: str) -> None:
    """Raise NotAMember unless the author's standing lets them make statements of this kind."""
    person = state.persons.get(author)
    if person is None:
        raise NotAMember("This person is not known to the ledger.")
    if not may(state, author, kind):
        why = {
            CANDIDATE: ("You are not a member yet.", "Wait until the members have admitted you."),
            FORMER: ("You are not a member any more.", "Members can invite you again."),
        }
        raise NotAMember(*why.get(person.standing, ("You are not a member here.", "A member can invite you.")))


def must_hold(state: State, person: str, role: str, circle: str = "") -> None:
    """Raise Refused unless the person holds the role."""
    if not holds(state, person, role, circle):
        where = f" in {circle}" if circle else ""
        raise Refused(
            f"Only a {role}{where} may do this.", f"Members give roles by vote: tally propose role NAME {role}."
        )


def must_know(state: State, person: str) -> Person:
    """The person, or Refused."""
    if person not in state.persons:
        raise Refused("This statement names a person the ledger does not know.")
    return state.persons[person]
