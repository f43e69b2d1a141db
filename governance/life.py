"""The life of a matter: draft, notice, open, closed, decided, and then what it does; by the log and the time alone.

Nothing here looks at a clock: each step is taken at the instant it falls due, by whoever folds the log that far.
"""

import hashlib
from functools import partial

from msgspec.structs import replace

from governance import contestable, first_form_life, matters, opening, ruling
from governance.boxes import box_of, named_for
from governance.consenting import consented
from governance.days import DAY, midnight
from governance.opening import open_now, put
from governance.part import (
    CLOSED,
    DECIDED,
    DRAFT,
    EFFECTIVE,
    EXPIRED,
    FAILED,
    FALLBACK,
    IN_FORCE,
    LAPSED,
    NOTICE,
    OPEN,
    RE_VOTE,
    RENEWAL,
    SECOND_CALL,
    SUPERSEDED,
    VERSION,
    Course,
    Proposal,
    of,
)
from governance.profile import CONSENT, HOUR, YES_NO, Profile
from governance.tally import OBJECTED, UNOPENED, Box, Decision, decide, has_quorum, is_settled
from ledger import people
from ledger.book import Act, Book
from ledger.entry import Entry
from ledger.errors import Refused

DRAFT_DAYS, UNOPENED_DAYS = 90, 31
"""How long a draft waits for its author, and sealed ballots for whoever opens them."""


# What falls due.


def due(book: Book, until: int) -> Act | None:
    """The next vote to close, matter to go on, or rule to come into force."""
    state = of(book)
    if not (state.open or state.waiting or state.pending or state.scheduled):
        return None
    # What falls due at the same instant is done in the order it was proposed, and rules in the order they were
    # decided, so that no accident of a hash prefers one of two rivals.
    acts: list[Act] = []
    if state.open:
        # Every entry passes here, however many votes are open: only the next one is looked at closely.
        first = min(map(state.proposals.__getitem__, state.open), key=lambda one: (one.closes, one.number))
        acts.append((first.closes, f"close {first.index:012} {first.number:09}", partial(close, one=first.id)))
    for proposal in map(state.proposals.__getitem__, state.pending):
        acts.append((_next(book, proposal), f"course {proposal.number:09}", partial(go_on, one=proposal.id)))
    for proposal in map(state.proposals.__getitem__, state.waiting):
        start = ruling.effective_start(book, proposal)
        if start is not None:
            name = f"enforce {ruling.acts_from(proposal):016} {proposal.number:09}"
            acts.append((start, name, partial(ruling.enforce, one=proposal.id, start=start)))
    for start, text in state.scheduled:
        # It was settled before any rule that is decided meanwhile, and begins before it.
        acts.append((start, f"enforce {0:016}", partial(_fall_back, start=start, text=text)))
    return min((act for act in acts if act[0] <= until), key=lambda act: act[:2], default=None)


def _fall_back(book: Book, start: int, text: str) -> None:
    of(book).scheduled.remove((start, text))
    try:
        ruling.check(book, text)
    except Refused as refused:
        _goes_on(book, refused.message)
        return
    ruling.put_in_force(book, text, start)


def _goes_on(book: Book, why: str) -> None:
    """Money came meanwhile that the rule of before has no place for: the one that lapsed holds on."""
    for proposal in of(book).proposals.values():
        is_rule = proposal.status == LAPSED and proposal.matter.sort in ("rule", "number")
        if is_rule and ruling.digest_of(ruling.text_won(book, proposal)) == ruling.current(book):
            proposal.status, proposal.course.reason = IN_FORCE, f"{ruling.GOES_ON}: {why}"


def next_instant(book: Book, proposal: Proposal) -> int | None:
    """When this matter goes on by itself; None where nothing is set."""
    if proposal.status == OPEN:
        return proposal.closes
    return _next(book, proposal) if proposal.id in of(book).pending else None


def _next(book: Book, proposal: Proposal) -> int:
    course = proposal.course
    if proposal.status == DRAFT:
        return course.put + DRAFT_DAYS * DAY
    if proposal.status == NOTICE:
        return course.opens or course.put
    if proposal.status == CLOSED:
        return (course.ended or 0) + UNOPENED_DAYS * DAY
    if proposal.status == DECIDED:
        return ruling.acts_from(proposal) if proposal.is_decided else proposal.course.waits or 0
    assert proposal.terms.sunset is not None
    return max(midnight(book, proposal.terms.sunset), proposal.since or 0)


def go_on(book: Book, one: str) -> None:
    """The next step of a matter that is not open."""
    state = of(book)
    proposal = state.proposals[one]
    at = _next(book, proposal)
    state.pending.remove(one)
    if proposal.status == NOTICE:
        open_now(book, proposal, at)
        _end_if_not_asked(book, proposal, at)
    elif proposal.status == DECIDED and not proposal.is_decided:
        _count_at_last(book, proposal, at)
    elif proposal.status == DECIDED:
        _take_effect(book, proposal, at)
    elif proposal.status in (DRAFT, CLOSED):
        proposal.status, proposal.since = EXPIRED, at
        proposal.course.reason = UNOPENED if proposal.course.ended else "never announced"
    else:
        _sun_sets(book, proposal, at)


def waive(book: Book, proposal: Proposal, at: int) -> None:
    """Enough members say that shorter notice will do: the vote opens."""
    opening.waive(book, proposal, at)
    _end_if_not_asked(book, proposal, at)


# While it is open.


def taken(book: Book, proposal: Proposal, said: Entry, choice: str) -> None:
    """This ballot replaces an earlier one of the same person."""
    proposal.ballots[said.author] = choice
    contestable.mark(book, proposal, said)
    changed(book, proposal, said.received)


def changed(book: Book, proposal: Proposal, at: int) -> None:
    """Ballots came or went: the quorum may be reached, or the vote be settled."""
    profile, course = proposal.profile, proposal.course
    if not course.moved:
        first_form_life.settle_early(book, proposal, at)
        return
    if profile.extension_hours and course.quorum_at is None and has_quorum(_box_so_far(book, proposal, at)):
        course.quorum_at = at
    if profile.early and _stands(book, proposal) and is_settled(contestable.own_box(book, proposal, at)):
        proposal.closes = at


def _box_so_far(book: Book, proposal: Proposal, at: int) -> Box:
    """The box; of sealed ballots all that is known is who cast one."""
    box = box_of(book, proposal, at)
    return replace(box, ballots=dict.fromkeys(proposal.course.boxes, "abstain")) if proposal.course.boxes else box


# Closing and counting.


def close(book: Book, one: str) -> None:
    """The ballot box is closed, or stays open a little longer where many came late."""
    state = of(book)
    proposal = state.proposals[one]
    course, at = proposal.course, proposal.closes
    if _is_extended(proposal):
        course.extended = True
        proposal.closes += proposal.profile.extension_hours * HOUR
        return
    state.open.remove(one)
    if not _stands(book, proposal):
        # Where nobody stands by the statement that opened it, no ballot counts, and all stays as it is.
        proposal.ballots, course.boxes, course.ring = {}, {}, []
    if not course.moved:
        _end_first_form(book, proposal, at)
        return
    course.named = named_for(book, proposal, at)
    course.ended, course.held, course.root = at, book.size, book.root
    if proposal.profile.method == CONSENT:
        _end_consent(book, proposal, at)
    elif proposal.profile.secrecy == "open":
        count(book, proposal, at)
    else:
        proposal.status = CLOSED
        state.pending.append(one)


def _stands(book: Book, proposal: Proposal) -> bool:
    """Whether somebody stands by the statement that put this, or what it follows on, before the members."""
    while proposal.course.before and proposal.course.why != RENEWAL:
        proposal = of(book).proposals[proposal.course.before]
    return not people.is_disputed(book.ledger, proposal.id)


def _is_extended(proposal: Proposal) -> bool:
    profile, reached = proposal.profile, proposal.course.quorum_at
    late = reached is not None and reached >= proposal.closes - profile.extension_window_hours * HOUR
    # What nothing can change any more has ended early; more time would change nothing.
    in_time = proposal.closes == proposal.opened + profile.length_hours * HOUR
    return bool(profile.extension_hours) and late and in_time and not proposal.course.extended


def _end_first_form(book: Book, proposal: Proposal, at: int) -> None:
    if not contestable.waits(book, proposal, at):
        first_form_life.end(book, proposal, at)


def count(book: Book, proposal: Proposal, at: int) -> None:
    """Count, and let what was decided go on, unless it rests on ballots that may still be contested."""
    if not contestable.waits(book, proposal, at):
        _count_now(book, proposal, at)


def _count_at_last(book: Book, proposal: Proposal, at: int) -> None:
    """Nothing can be contested any more: what somebody stands by counts."""
    contestable.strike(book, proposal)
    proposal.course.counted = book.size
    if proposal.course.moved:
        _count_now(book, proposal, at)
    else:
        proposal.course.decided = at
        first_form_life.end(book, proposal, at)


def _count_now(book: Book, proposal: Proposal, at: int) -> None:
    counted = decide(box_of(book, proposal, proposal.course.ended or at))
    proposal.course.carried = counted.carried
    settle(book, proposal, counted.decision, at)


def settle(book: Book, proposal: Proposal, decision: Decision, at: int) -> None:
    """What was decided acts, may be challenged first, or came to nothing."""
    course, profile = proposal.course, proposal.profile
    course.decision, course.decided = decision, at
    if not decision.passed:
        _fail(book, proposal, at)
    elif profile.challenge_hours:
        proposal.status = DECIDED
        of(book).pending.append(proposal.id)
    else:
        _take_effect(book, proposal, at)


def _fail(book: Book, proposal: Proposal, at: int) -> None:
    course, profile, own = proposal.course, proposal.profile, matters.of(proposal.matter.sort)
    assert course.decision is not None
    proposal.status, proposal.since = FAILED, at
    if hasattr(own, "fail"):
        own.fail(book, proposal, at)
    if course.decision.present < course.decision.quorum and profile.second_call is not None:
        again = replace(profile, quorum=profile.second_call, second_call=None)
        follow(book, proposal, SECOND_CALL, at, again)
    elif course.why == RENEWAL:
        _lapse(book, of(book).proposals[course.before], at)


def _take_effect(book: Book, proposal: Proposal, at: int) -> None:
    proposal.status, proposal.since = EFFECTIVE, at
    if proposal.course.why == RENEWAL:
        return
    why = matters.of(proposal.matter.sort).act(book, proposal, at)
    if why:
        proposal.status, proposal.course.reason = SUPERSEDED, why
    elif proposal.terms.sunset is not None and proposal.status == EFFECTIVE:
        of(book).pending.append(proposal.id)  # a rule ends from when it is in force: `ruling.enforce`


# Consent.


def _end_consent(book: Book, proposal: Proposal, at: int) -> None:
    """Nobody's objection stands: it is decided. Otherwise the vote that was named for this opens."""
    decision = consented(proposal, book.ledger.disputed, _stands(book, proposal))
    settle(book, proposal, decision, at)
    fallback = proposal.profile.fallback or ""
    if decision.reason == OBJECTED:
        profile = of(book).profiles[fallback]
        proposal.course.after = follow(book, proposal, FALLBACK, at, profile, profile_name=fallback).id


# What opens by itself.


def follow(
    book: Book,
    before: Proposal,
    why: str,
    at: int,
    profile: Profile,
    *,
    profile_name: str = "",
    options: list[str] | None = None,
) -> Proposal:
    """The matter is put again, with fresh notice where the profile has one; its id follows from the first one's."""
    made = Proposal(
        number=len(of(book).proposals) + 1,
        id=id_after(why, before.id),
        index=before.index,
        by=before.by,
        matter=before.matter,
        options=before.options if options is None else options,
        profile_name=profile_name or before.profile_name,
        profile=profile,
        replaces=before.replaces,
        opened=at,
        closes=at,
        roll=[],
        ballots={},
        terms=replace(before.terms, draft=False),
        course=Course(moved=True, why=why, before=before.id),
    )
    before.course.after = made.id
    put(book, made, at)
    _end_if_not_asked(book, made, at)
    return made


def id_after(why: str, before: str) -> str:
    """The id (hex) of what opens by itself after the proposal of this id."""
    return hashlib.sha256(f"tally-follows-v1\0{why}\0{before}".encode()).hexdigest()


def challenge(book: Book, proposal: Proposal, at: int) -> None:
    """Enough members ask for it: the effect is off, and all vote again, for good this time."""
    signed = {one for one, entry in proposal.course.challenges.items() if not people.is_disputed(book.ledger, entry)}
    if len(signed & set(people.members(book.ledger))) < proposal.profile.challengers:
        return
    of(book).pending.remove(proposal.id)
    proposal.status, proposal.since, proposal.course.reason = SUPERSEDED, at, "challenged"
    follow(book, proposal, RE_VOTE, at, replace(proposal.profile, challenge_hours=0, challengers=0))


def new_version(book: Book, proposal: Proposal, options: list[str], at: int) -> Proposal:
    """The proposer has changed it: everybody is asked again."""
    of(book).open.remove(proposal.id)
    proposal.status, proposal.since, proposal.course.reason = SUPERSEDED, at, "a new version"
    return follow(book, proposal, VERSION, at, proposal.profile, options=options)


def _sun_sets(book: Book, proposal: Proposal, at: int) -> None:
    """The members are asked whether it goes on; nothing is asked where it holds no more.

    It is a yes or no to what won, whichever way that was chosen; what was decided by consent is renewed by the vote
    that was named for when there is none.
    """
    if not still_holds(book, proposal):
        return
    profile, name = proposal.profile, proposal.profile_name
    if profile.method == CONSENT:
        name = profile.fallback or ""
        profile = of(book).profiles[name]
    # A renewal is decided once: nothing may follow on it but that it goes on or ends.
    once = replace(profile, method=YES_NO, challenge_hours=0, challengers=0, second_call=None)
    won = [ruling.option_won(proposal)] if proposal.options else []
    follow(book, proposal, RENEWAL, at, once, profile_name=name, options=won)


def still_holds(book: Book, proposal: Proposal) -> bool:
    """Whether what was decided is so now; what another decision has replaced is not."""
    own = matters.of(proposal.matter.sort)
    if proposal.matter.sort in ("rule", "number"):
        held = ruling.digest_of(ruling.text_won(book, proposal))
        return proposal.status == IN_FORCE and ruling.current(book) == held
    return proposal.status == EFFECTIVE and (not hasattr(own, "holds") or own.holds(book, proposal))


def _end_if_not_asked(book: Book, proposal: Proposal, at: int) -> None:
    """A renewal that cannot even be put to a vote is none."""
    if proposal.course.why == RENEWAL and proposal.status == SUPERSEDED:
        _lapse(book, of(book).proposals[proposal.course.before], at)


def _lapse(book: Book, proposal: Proposal, at: int) -> None:
    """It ends; what a later decision has put in its place stays."""
    if not still_holds(book, proposal):
        return
    own = matters.of(proposal.matter.sort)
    proposal.course.reason = (own.lapse(book, proposal, at) or "") if hasattr(own, "lapse") else ""
    if not proposal.course.reason:
        proposal.status, proposal.since = LAPSED, at
