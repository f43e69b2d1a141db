"""The governance room's part of the book: rules and since when they hold, profiles, and what is being decided.

A vote closes when its time has come, whether or not anybody looks; what was decided then acts by itself: a person
is admitted or given a role at once, a rule holds from the first period that starts at or after the decision.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Struct, field

from governance import profile as profiles
from governance.measures import catalogue
from governance.profile import Profile
from governance.rule import Rule
from governance.rules import parse
from governance.runnable import refuse_unrunnable
from governance.tally import Result, decided_early, tally
from ledger import lives, people
from ledger.book import Act, Book, state_of
from ledger.entry import Entry, PersonId
from ledger.errors import Refused
from ledger.facts import Circle, Name

VOTED = "governance.voted"
INVITED = "ledger.invited"


class RuleText(Struct, kw_only=True):
    """A version of the share rule, word for word."""

    number: int
    text: str
    title: str


class Matter(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is decided: "join", "rule", "role" or "text". What has no meaning for the sort is null, "" and true."""

    sort: Name
    person: PersonId | None
    role: Name | None
    circle: Circle
    give: bool


class Proposal(Struct, kw_only=True):
    """A matter before the members, or decided.

    `status` is "open", then "failed" or "passed"; a rule that passed is "in force" in the end, or "superseded" where
    the rule it replaces no longer was the current one; a role, where by then it could not be given or ended any more.
    """

    number: int
    id: str
    index: int
    by: str
    matter: Matter
    options: list[str]  # ids of text entries
    profile_name: str
    profile: Profile
    replaces: str | None
    opened: int
    closes: int
    roll: list[str]
    ballots: dict[str, str]
    status: str = "open"
    since: int | None = None  # from when what was decided holds, or the instant it was superseded
    result: Result | None = None
    published: int | None = None  # index of the entry that published the outcome


class State(Struct, kw_only=True):
    """Everything the governance room knows."""

    rules: dict[str, RuleText] = field(default_factory=dict)  # SHA-256 of the text -> version
    force: list[tuple[int, str]] = field(default_factory=list)  # (from this instant, rule), oldest first
    waiting: list[str] = field(default_factory=list)  # proposals whose rule was passed and does not hold yet
    profiles: dict[str, Profile] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)  # entry id -> text
    proposals: dict[str, Proposal] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the founding entry hands to this room."""

    rule: str
    profiles: dict[str, Profile]


def of(book: Book) -> State:
    """This room's part."""
    found: State = book.parts["governance"]
    return found


def check_founding(section: dict[str, Any], founded: Any) -> None:
    """The first rule parses and can be run; the profiles that the program itself opens votes with are there."""
    first = _section(section)
    rule = parse(first.rule)
    refuse_unrunnable(rule, founded.currency.exponent)
    for name, one in first.profiles.items():
        profiles.check(name, one)
    if not set(profiles.PRESETS) <= set(first.profiles):
        raise Refused(f"The founding needs the profiles {', '.join(profiles.PRESETS)}.")


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


def due(book: Book, until: int) -> Act | None:
    """The next vote to close, or rule to come into force."""
    state = of(book)
    if not (state.open or state.waiting):
        return None
    # What falls due at the same instant is done in the order it was proposed, and rules in the order they were
    # decided, so that no accident of a hash prefers one of two rivals.
    acts: list[Act] = []
    if state.open:
        # Every entry passes here, however many votes are open: only the next one is looked at closely.
        first = min(map(state.proposals.__getitem__, state.open), key=attrgetter("closes", "index"))
        acts.append((first.closes, f"close {first.index:012}", partial(close, one=first.id)))
    for proposal in map(state.proposals.__getitem__, state.waiting):
        start = effective_start(book, proposal)
        if start is not None:
            name = f"enforce {proposal.closes:016} {proposal.index:012}"
            acts.append((start, name, partial(enforce, one=proposal.id, start=start)))
    return min((act for act in acts if act[0] <= until), key=lambda act: act[:2], default=None)


def close(book: Book, one: str) -> None:
    """Count; what was decided acts, or waits for its period.

    Where nobody stands by the statement that opened it, no ballot counts, and all stays as it is.
    """
    state = of(book)
    proposal, matter = state.proposals[one], state.proposals[one].matter
    if people.is_disputed(book.ledger, one):
        proposal.ballots = {}
    proposal.result = tally(proposal.profile, proposal.roll, proposal.ballots)
    proposal.status = "passed" if proposal.result.passed else "failed"
    state.open.remove(one)
    if not proposal.result.passed:
        if matter.sort == "join" and matter.person:
            people.set_standing(book.ledger, matter.person, people.REJECTED, proposal.closes)
        return
    if matter.sort == "rule":
        state.waiting.append(one)
        return
    proposal.since = proposal.closes
    if matter.sort == "join" and matter.person:
        people.set_standing(book.ledger, matter.person, people.MEMBER, proposal.closes)
    elif matter.sort == "role" and matter.person and matter.role:
        if why_no_role(book, matter):
            proposal.status = "superseded"
            return
        change = people.give_role if matter.give else people.end_role
        change(book.ledger, matter.person, matter.role, matter.circle)


def why_no_role(book: Book, matter: Matter) -> str:
    """Why this role cannot be given or ended as things stand; "" where it can."""
    known = people.must_know(book.ledger, matter.person or "")
    if known.standing != people.MEMBER:
        return "Roles are for members."
    held = matter.role in known.roles.get(matter.circle, [])
    if matter.give and held:
        return "This person has that role already."
    if not matter.give and not held:
        return "This person does not have that role."
    whole = matter.role == people.TREASURER and not matter.circle
    if whole and not matter.give and people.treasurers(book.ledger) == [matter.person]:
        return "This is the only treasurer: vote another in first, so that payouts can be approved."
    return ""


def effective_start(book: Book, proposal: Proposal) -> int | None:
    """The start of the first period at or after the decision; None while the calendar does not reach it."""
    return next((row.start for row in book.ledger.calendar if row.start >= proposal.closes), None)


def enforce(book: Book, one: str, start: int) -> None:
    """The passed rule holds from this period on, unless the rule it replaces is no longer the current one."""
    state = of(book)
    proposal = state.proposals[one]
    state.waiting.remove(one)
    proposal.since = start
    if proposal.replaces != current(book):
        proposal.status = "superseded"
        return
    put_in_force(book, state.texts[proposal.options[0]], start)
    proposal.status = "in force"


def put_in_force(book: Book, text: str, start: int) -> None:
    """This rule holds from this instant: its catalogue is what counts as work."""
    state = of(book)
    rule, digest = parse(text), digest_of(text)
    if digest not in state.rules:
        state.rules[digest] = RuleText(number=len(state.rules) + 1, text=text, title=rule.title)
    state.force.append((start, digest))
    book.ledger.catalogue = catalogue(rule, book.ledger.exponent)
    book.ledger.late = rule.late


def current(book: Book) -> str:
    """The digest of the rule in force now."""
    return of(book).force[-1][1]


def upcoming(book: Book) -> str:
    """The digest of the rule that will hold once all that is decided holds: the one a new proposal would replace."""
    state, digest = of(book), current(book)
    for proposal in sorted(map(state.proposals.__getitem__, state.waiting), key=lambda one: (one.closes, one.index)):
        if proposal.replaces == digest:
            digest = digest_of(state.texts[proposal.options[0]])
    return digest


def text_of(book: Book, digest: str) -> str:
    """The text of a rule that holds, held, or was voted on."""
    state = of(book)
    if digest in state.rules:
        return state.rules[digest].text
    return next(text for text in state.texts.values() if digest_of(text) == digest)


def title_of(book: Book, digest: str) -> str:
    """The title of a rule that holds, held, or was voted on; "" where it has none."""
    state = of(book)
    return state.rules[digest].title if digest in state.rules else parse(text_of(book, digest)).title


def rule_at(book: Book, instant: int) -> str:
    """The digest of the rule in force at an instant: that of a period is the one at its start."""
    return next(digest for start, digest in reversed(of(book).force) if start <= instant)


def decided_by(book: Book, start: int, digest: str) -> Proposal | None:
    """The vote that brought a rule which holds from an instant on; None for the one of the founding."""
    state = of(book)
    # Of two votes of which one built on the other, both rules may come into force at the same instant.
    begun = (one for one in state.proposals.values() if one.status == "in force" and one.since == start)
    rules = (one for one in begun if one.matter.sort == "rule")
    return next((one for one in rules if digest_of(state.texts[one.options[0]]) == digest), None)


def digest_of(text: str) -> str:
    """What a rule is called in signed statements: SHA-256 of its bytes, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def open_vote(book: Book, proposal: Proposal) -> None:
    """Put a matter before the members; close at once where the ballots at hand decide it."""
    state = of(book)
    state.proposals[proposal.id] = proposal
    state.open.append(proposal.id)
    settle_early(book, proposal, proposal.opened)


def settle_early(book: Book, proposal: Proposal, now: int) -> None:
    """Where the profile says so, a vote ends as soon as no further ballot can change it.

    One that was opened by a disputed statement runs its time, so that its person can still reaffirm it.
    """
    stands = not people.is_disputed(book.ledger, proposal.id)
    if stands and proposal.profile.early and decided_early(proposal.profile, proposal.roll, proposal.ballots):
        proposal.closes = now


def disputes_changed(book: Book, entries: Sequence[Entry], said: Entry) -> None:
    """Statements became disputed or count again: in open votes the last ballot that its person stands by counts."""
    state = of(book)
    changed = _ballots_among(book, entries)
    standing = _ballots_of(book, changed, said.index)
    for proposal in map(state.proposals.__getitem__, state.open):
        for person in sorted(changed.get(proposal.id, ())):
            choice = standing.get((proposal.id, person))
            if choice is None:
                proposal.ballots.pop(person, None)
            else:
                proposal.ballots[person] = choice
        settle_early(book, proposal, said.received)


def _ballots_among(book: Book, entries: Sequence[Entry]) -> dict[str, set[str]]:
    """Open proposal -> persons whose ballot one of these entries is; an invitation is the inviter's yes."""
    state = of(book)
    voted = [(_body(entry)["proposal"], entry.author) for entry in entries if entry.envelope.kind == VOTED]
    inviters = {entry.id: entry.author for entry in entries if entry.envelope.kind == INVITED}
    joins = [one for one in state.open if state.proposals[one].matter.sort == "join"] if inviters else []
    invited = [(one, inviters.get(_invitation(book, one))) for one in joins]
    found: dict[str, set[str]] = {}
    for one, person in (*voted, *invited):
        if one in state.open and person in state.proposals[one].roll:
            found.setdefault(one, set()).add(person)
    return found


def _ballots_of(book: Book, changed: dict[str, set[str]], until: int) -> dict[tuple[str, str], str]:
    """The last undisputed ballot of each of these persons, read from the log again, once for all of them."""
    proposals, known = of(book).proposals, book.ledger
    joins = {_invitation(book, one): one for one in changed if proposals[one].matter.sort == "join"}
    found: dict[tuple[str, str], str] = {}
    for entry in lives.of_kind(book, INVITED, 0, until if joins else 0):
        if entry.id in joins and not people.is_disputed(known, entry.id):
            found[joins[entry.id], entry.author] = "yes"
    first = min((proposals[one].index for one in changed), default=until)
    for entry in lives.of_kind(book, VOTED, first, until):
        body = _body(entry)
        if entry.author in changed.get(body["proposal"], ()) and not people.is_disputed(known, entry.id):
            found[body["proposal"], entry.author] = body["choice"]
    return found


def _invitation(book: Book, joining: str) -> str:
    """The invitation behind a joining."""
    found: str = _body(lives.entry_at(book, of(book).proposals[joining].index))["invitation"]
    return found


def _body(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(entry.envelope.body)
    return found


def object_to(book: Book, rule: Rule) -> None:
    """Let every room object to a rule that is proposed (payouts: money in a pot that would be dropped)."""
    for room in book.rooms:
        ask = getattr(state_of(room), "object_to_rule", None)
        if ask:
            ask(book, rule)
