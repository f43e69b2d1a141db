"""From ballots to a result: who was asked, who said what, and whether that is enough.

A ballot box holds all that a count needs, so that whoever has its content counts again without the ledger. Pure.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from governance.ballots import ABSTAIN, KEEP, grouped, prefers
from governance.by_name import count_by_name
from governance.delegating import Named, carried
from governance.lots import Drawing
from governance.profile import NUMBERS, YES_NO, Profile, least, wanted
from governance.voting import Outcome, count, yes_no
from governance.voting.yes_no import CHOICES
from ledger.entry import Natural
from ledger.fact import Piece

Votes = Counter[str]
UNANIMOUS_BELOW = 3
"""Where fewer are asked, all of them must agree: one of two would outvote the other by staying away."""

QUORUM, THRESHOLD, NO_VOTES, TIE, KEPT = "quorum", "threshold", "no votes", "tie", "things as they are preferred"
OBJECTED, UNOPENED = "objections", "never opened"


class Result(Piece, frozen=True):
    """The outcome of a vote as it is published: figures alone, since words may be put better one day."""

    passed: bool
    yes: Natural
    no: Natural
    abstain: Natural
    roll: Natural
    needed: Natural


class Decision(Piece, frozen=True):
    """The outcome of a vote in any way of counting, as it is published: figures and codes, no sentences.

    `winners` are options by their labels in the order elected, or the numbers that were set; empty where things stay
    as they are. `yes` and `no` are who preferred the winner to things as they are, and the other way round.
    """

    passed: bool
    winners: tuple[Annotated[str, Meta(pattern=r"^[a-z0-9=/]+\Z")], ...]
    reason: Annotated[str, Meta(pattern=r"^[a-z0-9 _-]*\Z")]  # why it failed, "" where it passed
    roll: Natural  # asked, without who is recused or struck
    recused: Natural
    struck: Natural
    cast: Natural  # ballots counted, those through others included
    carried: Natural  # through others
    yes: Natural
    no: Natural
    abstain: Natural
    needed: Natural
    present: Natural  # for the quorum
    quorum: Natural  # how many of these there had to be


class Box(Struct, kw_only=True):
    """All that a count needs."""

    proposal: str
    profile: Profile
    options: list[str]  # labels as listed; for yes-no the choices
    voters: list[str]
    recused: int
    struck: int
    ballots: dict[str, str]  # person -> as spelled
    secret: list[str] = field(default_factory=list)  # ballots whose authors nobody knows
    named: dict[str, Named] = field(default_factory=dict)
    root: str = ""
    seats: int = 1
    ratios: dict[str, Fraction] = field(default_factory=dict)
    now: dict[str, Fraction] = field(default_factory=dict)  # numbers as they are: "" for a median, else by option
    also: Profile | None = None  # what is decided must reach this threshold too
    roles: dict[str, list[str]] = field(default_factory=dict)  # of each of these roles most must not be against


class Counted(Struct, frozen=True, kw_only=True):
    """A decision, with what a member can follow it by."""

    decision: Decision
    carried: dict[str, str]
    stages: tuple[dict[str, Fraction], ...]
    transcript: tuple[str, ...]
    leads: str = ""  # the option by its label that stands against things as they are


class Said(Struct, frozen=True, kw_only=True):
    """What was said, through others too."""

    all: list[str]
    of: dict[str, str]
    carried: dict[str, str]
    present: int


def decide(box: Box, names: Mapping[str, str] | None = None) -> Counted:
    """Count what lies in the box. `names` are what the transcript calls the options, by label, each another."""
    said = _said(box)
    if box.profile.method == YES_NO:
        return _yes_or_no(box, said)
    outcome, drawing = _counted(box, said, names or {})
    if box.profile.method in NUMBERS:
        return _numbers(box, said, outcome)
    if box.profile.method == "stv":
        return _elected(box, said, outcome, drawing)
    return _option(box, said, outcome, drawing)


def _said(box: Box) -> Said:
    asked = frozenset(box.voters)
    direct = {person: ballot for person, ballot in box.ballots.items() if person in asked}
    through = carried(box.voters, direct.keys(), box.named, box.profile.delegation_cap) if box.named else {}
    by_person = direct | {person: direct[voter] for person, voter in through.items()}
    every = [*by_person.values(), *box.secret]
    present = len(every) - (0 if box.profile.delegated_quorum else len(through))
    return Said(all=every, of=by_person, carried=through, present=present)


# Yes or no.


def _yes_or_no(box: Box, said: Said) -> Counted:
    votes = Counter(said.all)
    decision = verdict(box, votes, said.present, len(said.carried))
    if decision.passed and (against := _role_against(box, said, "yes", "no")):
        decision = _but(decision, against)
    stage = {choice: Fraction(votes[choice]) for choice in CHOICES}
    return Counted(decision=decision, carried=said.carried, stages=(stage,), transcript=(words(decision),))


def verdict(box: Box, votes: Votes, present: int, through: int = 0) -> Decision:
    """What so many yes, no and abstentions come to."""
    figures = (votes["yes"], votes["no"], votes["abstain"])
    support, quorum = wanted(box.profile.quorum, len(box.voters))
    present = votes["yes"] if support else present
    need, reason = _enough(box, *figures)
    if figures[:2] == (0, 0):
        reason = NO_VOTES
    elif present < quorum:
        reason = QUORUM
    return _decision(box, figures, need, present, quorum, reason, ("yes",), through)


def _enough(box: Box, yes: int, no: int, abstain: int) -> tuple[int, str]:
    """(how many must be for it, why they are not enough)."""
    need = max(needed_of(profile, len(box.voters), yes, no, abstain) for profile in (box.profile, box.also) if profile)
    if len(box.voters) < UNANIMOUS_BELOW:
        need = max(need, len(box.voters))
    if yes < need:
        return need, TIE if yes == no else THRESHOLD
    return need, "" if yes > no else TIE


def needed_of(profile: Profile, roll: int, yes: int, no: int, abstain: int) -> int:
    """How many must be for it, by the threshold alone."""
    return least(yes_no.base_of(profile.base, roll, yes, no, abstain), Fraction(*profile.threshold), profile.strict)


def _decision(
    box: Box,
    figures: tuple[int, int, int],
    need: int,
    present: int,
    quorum: int,
    reason: str,
    winners: tuple[str, ...],
    through: int,
) -> Decision:
    yes, no, abstain = figures
    return Decision(
        passed=not reason,
        winners=() if reason else winners,
        reason=reason,
        roll=len(box.voters),
        recused=box.recused,
        struck=box.struck,
        cast=yes + no + abstain,
        carried=through,
        yes=yes,
        no=no,
        abstain=abstain,
        needed=need,
        present=present,
        quorum=quorum,
    )


def _but(decision: Decision, reason: str) -> Decision:
    return replace(decision, passed=False, winners=(), reason=reason)


def _role_against(box: Box, said: Said, one: str, other: str) -> str:
    """The first role of which more than half are against, as "role sales 1 of 5"; "" where there is none."""
    asked = frozenset(box.voters)
    for role, at_work in sorted(box.roles.items()):
        persons = [person for person in at_work if person in asked]
        ballots = [said.of[person] for person in persons if person in said.of]
        sides = Counter(_side(box, ballot, one, other) for ballot in ballots)
        if 2 * sides[-1] > len(persons):
            return f"role {role} {sides[1]} of {len(persons)}"
    return ""


def _side(box: Box, ballot: str, one: str, other: str) -> int:
    if box.profile.method == YES_NO:
        return {one: 1, other: -1}.get(ballot, 0)
    return prefers(box.profile.method, ballot, one, other)


# Options, seats, numbers.


def _counted(box: Box, said: Said, names: Mapping[str, str]) -> tuple[Outcome, Drawing | None]:
    profile = box.profile
    drawing = Drawing(box.proposal, box.root) if profile.tie == "lot" else None
    terms: dict[str, Any] = {"tie": drawing}
    if profile.method == "stv":
        terms |= {"seats": box.seats}
    elif profile.method == "median":
        terms = {"status_quo": box.now[""]}
    elif profile.method == "pot":
        terms = {"status_quo": {option: box.now[option] for option in box.options}}
    elif profile.method == "cssd":
        terms |= {"default": KEEP, "ratios": box.ratios} | _support(box)
    else:
        terms |= {"status_quo": KEEP}
        terms |= {"top": profile.top} if profile.method in ("score", "star") else {}
    ballots = grouped(profile.method, said.all)
    if names:
        return count_by_name(profile.method, ballots, box.options, names, terms), drawing
    return count(profile.method, ballots, box.options, **terms), drawing


def _support(box: Box) -> dict[str, Any]:
    """The quorum of each option over things as they are, where it is support that counts."""
    support, quorum = wanted(box.profile.quorum, len(box.voters))
    if not (support and quorum):
        return {}
    return {"quorum": Fraction(quorum, max(1, len(box.voters))), "roll": len(box.voters)}


def _option(box: Box, said: Said, outcome: Outcome, drawing: Drawing | None) -> Counted:
    """The winner must also be preferred to things as they are by as many as the profile asks for."""
    winner = outcome.winners[0] if outcome.winners else ""
    facing = winner if winner not in ("", KEEP) else _best(outcome, box)
    sides = (
        Counter(prefers(box.profile.method, ballot, facing, KEEP) for ballot in said.all) if facing else Counter[int]()
    )
    figures = (sides[1], sides[-1], sides[0])
    support, quorum = wanted(box.profile.quorum, len(box.voters))
    present = figures[0] if support else said.present
    need, short = _enough(box, *figures)
    if all(ballot == ABSTAIN for ballot in said.all):
        reason = NO_VOTES
    elif present < quorum:
        reason = QUORUM
    elif winner == "":
        reason = TIE
    else:
        reason = KEPT if winner == KEEP else short
    decision = _decision(box, figures, need, present, quorum, reason, (winner,), len(said.carried))
    if decision.passed and (against := _role_against(box, said, winner, KEEP)):
        decision = _but(decision, against)
    return replace(_told(decision, said, outcome, drawing), leads=facing)


def _best(outcome: Outcome, box: Box) -> str:
    """The option that is shown against things as they are where those won, or nobody: the best of the last stage."""
    last = outcome.stages[-1] if outcome.stages else {}
    others = [option for option in box.options if option != KEEP]
    return max(others, key=lambda option: (last.get(option, Fraction(-1)), -box.options.index(option)), default="")


def _elected(box: Box, said: Said, outcome: Outcome, drawing: Drawing | None) -> Counted:
    reason = _why_not(box, said) or ("" if outcome.winners else TIE)
    return _told(_plain(box, said, reason, outcome.winners), said, outcome, drawing)


def _numbers(box: Box, said: Said, outcome: Outcome) -> Counted:
    found = outcome.winners if box.profile.method == "median" else _parts(box, outcome)
    now = tuple(
        f"{option}={box.now[option]}" if option else str(box.now[option])
        for option in ("", *box.options)
        if option in box.now
    )
    reason = _why_not(box, said) or (KEPT if found == now else "")
    return _told(_plain(box, said, reason, found), said, outcome, None)


def _parts(box: Box, outcome: Outcome) -> tuple[str, ...]:
    shares = outcome.stages[-1]
    return tuple(f"{option}={shares.get(option, Fraction(0))}" for option in box.options)


def _why_not(box: Box, said: Said) -> str:
    if all(ballot == ABSTAIN for ballot in said.all):
        return NO_VOTES
    return QUORUM if said.present < wanted(box.profile.quorum, len(box.voters))[1] else ""


def _plain(box: Box, said: Said, reason: str, winners: Sequence[str]) -> Decision:
    """A decision in which nothing stands for or against."""
    abstained = sum(ballot == ABSTAIN for ballot in said.all)
    figures = (len(said.all) - abstained, 0, abstained)
    quorum = wanted(box.profile.quorum, len(box.voters))[1]
    return _decision(box, figures, 0, said.present, quorum, reason, tuple(winners), len(said.carried))


def _told(decision: Decision, said: Said, outcome: Outcome, drawing: Drawing | None) -> Counted:
    lines = (*outcome.transcript, *(drawing.lines if drawing else ()), words(decision))
    return Counted(decision=decision, carried=said.carried, stages=outcome.stages, transcript=lines)


# In words.


def words(decision: Decision, won: str = "") -> str:
    """The result in one sentence: "Passed: 14 for, 3 against, 2 abstained of 26 members; needed 14".

    `won` is what won by name; without it, by label.
    """
    head = "Passed" if decision.passed else f"Failed ({decision.reason})"
    if decision.passed and decision.winners != ("yes",):
        head = f"Passed ({won or ', '.join(decision.winners)})"
    people = f"{decision.roll} member{'s' if decision.roll != 1 else ''}"
    if decision.reason == OBJECTED or (decision.passed and not decision.cast):
        many = decision.no
        stand = f"{many or 'no'} objection{'s' if many > 1 else ''} stand{'' if many > 1 else 's'}"
        said = f"{stand}, {people} asked"
    elif decision.needed or decision.no:
        said = f"{decision.yes} for, {decision.no} against, {decision.abstain} abstained of {people}"
    else:
        said = f"{decision.yes} voted, {decision.abstain} abstained of {people}"
    more = [f"needed {decision.needed}"] if decision.needed else []
    more += [f"quorum {decision.quorum} (there were {decision.present})"] if decision.quorum else []
    more += [f"{decision.carried} through others"] if decision.carried else []
    more += [f"{decision.recused} recused"] if decision.recused else []
    more += [f"{decision.struck} struck"] if decision.struck else []
    return f"{head}: {said}{'; ' if more else ''}{', '.join(more)}"


# While a vote is open.


def is_settled(box: Box) -> bool:
    """Whether the ballots at hand decide a yes-no vote, however those vote who have not yet.

    Nobody helps a proposal more than all the silent saying yes, and nobody harms it more than all of them saying
    no or, where a quorum is missing, nothing; so it is enough to look at these ends. Who lets another vote may still
    vote herself, so she counts as silent here.
    """
    said = _said(replace(box, named={}))
    votes, silent = Counter(said.all), len(box.voters) - len(said.of)
    ends = [votes, *(votes + Counter({choice: silent}) for choice in CHOICES)]
    presents = [said.present, *[said.present + silent] * len(CHOICES)]
    return len({verdict(box, end, present).passed for end, present in zip(ends, presents, strict=True)}) == 1


def has_quorum(box: Box) -> bool:
    """Whether the quorum is reached with the ballots at hand."""
    said = _said(box)
    support, quorum = wanted(box.profile.quorum, len(box.voters))
    if support and box.profile.method == YES_NO:
        return Counter(said.all)["yes"] >= quorum
    return said.present >= quorum
