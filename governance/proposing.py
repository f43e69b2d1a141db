"""What `tally propose` does: checks that the members could decide it, and only then records anything."""

import os
from typing import Any

import msgspec
from msgspec import Struct

from governance import matters, proposable, ruling
from governance.asked import Asked
from governance.ballots import number_in, typed
from governance.facts import TEXT_MAX
from governance.figures import asks_words, figures, needed_words, quorum_asked
from governance.locking import new_lock
from governance.looks import about, options, row, status_words, version
from governance.loose import check_loose
from governance.matters.profile import changes, decided_by
from governance.next_steps import limits, next_steps, tell_members
from governance.part import DRAFT, OPEN, Proposal, of
from governance.profile import CONSENT
from governance.profile_words import parse, sentence
from governance.telling import points, tell
from governance.terms import Matter, Sealing, Terms
from governance.versions import changes_of
from ledger import naming
from ledger.doors import Desk, panels
from ledger.errors import Refused, Usage
from ledger.fact import CORRECT, Malformed, in_words, plain
from ledger.localtime import when
from ledger.money import parse_amount
from ledger.people import must_speak
from ledger.reading import text_in
from ledger.spans import parse_day

KIND = "governance.moved"
PREVIOUS = "previous"


class Wanted(Struct, frozen=True, kw_only=True):
    """What was said beside the matter itself, as it was typed."""

    profile: str
    draft: bool = False
    topic: str | None = None
    recuse: tuple[str, ...] = ()
    review: str | None = None
    sunset: str | None = None
    fallback: str | None = None
    ratios: tuple[str, ...] = ()


def propose_rule(desk: Desk, file: str, others: tuple[str, ...], wanted: Wanted) -> None:
    """Put a new share rule before the members, or several, in place of the newest one."""
    texts = [text_in(one) for one in (file, *others)]
    _propose(desk, _matter("rule"), texts, wanted, ruling.upcoming(desk.book), {})


def propose_text(desk: Desk, said: str, others: tuple[str, ...], wanted: Wanted) -> None:
    """Put a resolution before the members: the text of a file, or the words themselves; or several to choose from."""
    texts = [_words(one).strip() for one in (said, *others)]
    if not all(texts):
        raise Usage("The text is empty.", "Write what is to be decided.")
    _propose(desk, _matter("text"), texts, wanted, None, {})


def propose_role(desk: Desk, name: str, role: str, give: bool, circle: str, wanted: Wanted) -> None:
    """Propose that somebody takes on a role, or lays it down."""
    matter = Matter(sort="role", person=desk.names.person(name), role=role, circle=circle, give=give)
    _propose(desk, matter, [], wanted, None, {})


def propose_election(desk: Desk, role: str, names: tuple[str, ...], seats: int, circle: str, wanted: Wanted) -> None:
    """Let the members elect who takes on a role."""
    matter = Matter(sort="role", person=None, role=role, circle=circle, give=True)
    candidates = [desk.names.person(name) for name in names]
    _propose(desk, matter, [], wanted, None, {"candidates": candidates, "seats": seats})


def propose_member(desk: Desk, name: str, expel: bool, why: str | None, wanted: Wanted) -> None:
    """Propose that somebody is expelled, or becomes a member again."""
    matter = Matter(sort="member", person=desk.names.person(name), role=None, circle="", give=not expel)
    _propose(desk, matter, [_words(why).strip()] if why else [], wanted, None, {})


def propose_profile(desk: Desk, name: str, file: str, wanted: Wanted) -> None:
    """Propose a way of deciding; who may decide it follows from what it changes."""
    by = decided_by(desk.book, name)
    if wanted.profile not in ("", by):
        raise Refused(f"The profile {name} is changed by {by} alone.", "Leave --profile out.")
    text = text_in(file)
    if not text.strip():
        raise Usage(f"{file} is empty.", "Begin with: tally profile show two-thirds > FILE")
    parse(name, text)
    _propose(desk, _matter("profile"), [text], msgspec.structs.replace(wanted, profile=by), None, {"names": [name]})


def propose_policy(desk: Desk, name: str, value: str, wanted: Wanted) -> None:
    """Propose another value of something that the founding said."""
    text = text_in(value) if os.path.isfile(value) else value
    matters.of("policy").object_to(desk.book, name, text)
    _propose(desk, _matter("policy"), [text], wanted, None, {"names": [name]})


def propose_number(desk: Desk, names: tuple[str, ...], wanted: Wanted) -> None:
    """Ask the members for numbers of the share rule."""
    profile = wanted.profile or ("median" if len(names) == 1 else "split-the-pot")
    changed = msgspec.structs.replace(wanted, profile=profile)
    _propose(desk, _matter("number"), [], changed, ruling.upcoming(desk.book), {"names": list(names)})


def propose_spending(desk: Desk, account: str, amount: str, party: str, purpose: str, wanted: Wanted) -> None:
    """Propose to spend money of a reserve or fund; a party that is new is named first."""
    minor = parse_amount(amount, desk.book.ledger.exponent)
    text = plain(_words(purpose).strip())
    to = naming.named(desk, party)
    terms = {"account": account, "amount": minor, "party": to.id}
    if to.is_new:
        # Everything but the party is checked before it is named, so that it is never named for nothing.
        _check_account(desk, account, minor)
        naming.made(desk, to, "supplier")
    _propose(desk, _matter("reserve"), [text], wanted, None, terms)


def _check_account(desk: Desk, account: str, minor: int) -> None:
    for why in matters.of("reserve").reasons(desk.book, account, minor):
        raise Refused(why, "`tally report` shows what lies where.")


def propose_payout(desk: Desk, text: str, wanted: Wanted) -> None:
    """Let the members approve a payout, an amendment or a book year that too few treasurers are left for."""
    for to_approve in panels(desk.rooms, "to_approve"):
        period, digest = to_approve(desk.book, text)
        _propose(desk, _matter("payout"), [], wanted, None, {"period": period, "digest": digest})


def _words(said: str) -> str:
    if said == "-" or os.path.isfile(said):  # which, unlike Path, finds no fault with long words
        return text_in(said)
    if not any(letter.isspace() for letter in said.strip()):
        # A mistyped file name would otherwise become what the members vote on.
        raise Usage(f"There is no file {said}, and one word is no resolution.", "Write a sentence in quotes.")
    return said


def _matter(sort: str) -> Matter:
    return Matter(sort=sort, person=None, role=None, circle="", give=True)


def _propose(
    desk: Desk, matter: Matter, texts: list[str], wanted: Wanted, replaces: str | None, own: dict[str, Any]
) -> None:
    """Check as admission will, record the texts and then the proposal, and tell how to vote."""
    _, person = desk.me
    book = desk.book
    must_speak(book.ledger, person, KIND)
    profile = wanted.profile or ("simple-majority" if len(texts) < 2 else "debian-options")
    proposable.check_profile(book, profile)
    for text in texts:
        if len(text) > TEXT_MAX:
            raise Usage(f"The text has {len(text)} characters; at most {TEXT_MAX} fit.", "Link to a longer text.")
    texts = plain(texts)  # before the first of several is recorded
    if len(set(texts)) != len(texts):
        raise Usage("Two options are the same, letter for letter.", "Leave one out.")
    terms = _terms(desk, wanted, profile, own)
    asked = Asked(
        by=person,
        matter=matter,
        terms=terms,
        texts=texts,
        profile_name=profile,
        profile=of(book).profiles[profile],
        replaces=replaces,
    )
    proposable.check(book, asked, max(desk.now, book.received))
    fallback = _fallback(desk, wanted)
    check_loose(book, person, len({*texts, *([fallback] if fallback else [])} - set(of(book).texts.values())))
    said = [put_text(desk, text) for text in texts]
    if fallback is not None:
        terms = msgspec.structs.replace(terms, fallback=put_text(desk, fallback))
    body = {
        "matter": plain(matter),
        "options": said,
        "profile": profile,
        "replaces": replaces,
        "terms": plain(terms),
    }
    recorded = desk.record(KIND, body)
    _tell(desk, of(desk.book).proposals[recorded.entry.id])


def _terms(desk: Desk, wanted: Wanted, profile: str, own: dict[str, Any]) -> Terms:
    """The terms as they are signed. Raises Usage or Refused for what cannot be meant."""
    today = desk.today
    said: dict[str, Any] = {
        "draft": wanted.draft,
        "topic": wanted.topic,
        "recused": [desk.names.person(name) for name in wanted.recuse],
        "ratios": [_ratio(one) for one in wanted.ratios],
        "review": None if wanted.review is None else parse_day(wanted.review, today).isoformat(),
        "sunset": None if wanted.sunset is None else parse_day(wanted.sunset, today).isoformat(),
        "sealing": plain(_lock(desk, profile)),
    }
    try:
        return msgspec.convert(said | own, Terms, strict=True)
    except msgspec.ValidationError as error:
        raise Malformed(f"This cannot be proposed: {in_words(error)}.", CORRECT) from error


def _lock(desk: Desk, profile: str) -> Sealing | None:
    known = of(desk.book).profiles[profile]
    return None if known.secrecy == "open" else new_lock(desk.ledger, max(desk.now, desk.book.received))


def _ratio(text: str) -> tuple[int, int]:
    """ "3:1", "3" or "3/2" as how many there must be for each one against."""
    found = number_in(text.replace(":", "/"))
    return found.numerator, found.denominator


def _fallback(desk: Desk, wanted: Wanted) -> str | None:
    """The text that holds after a sunset; None for what held before."""
    if wanted.fallback is None:
        return None
    if wanted.sunset is None:
        raise Usage("A fallback is what holds after a sunset.", "Say --sunset DAY too.")
    if wanted.fallback == PREVIOUS:
        return None
    text = text_in(wanted.fallback)
    ruling.check(desk.book, text)
    return text


def put_text(desk: Desk, text: str) -> str:
    """The entry that holds this text: one that is in the log already, or a new one."""
    held = next((one for one, put in of(desk.book).texts.items() if put == text), None)
    return held or desk.record("governance.text", {"text": text}).entry.id


def _rivals(desk: Desk, proposal: Proposal) -> list[str]:
    """A word about other rules that are being voted on for the same place."""
    own = of(desk.book)
    others = [
        str(one.number)
        for one in map(own.proposals.__getitem__, own.open)
        if one.replaces == proposal.replaces and one is not proposal
    ]
    if not others:
        return []
    return [
        f"Also before the members in its place: proposal {', '.join(others)}. Of rules that pass,"
        " the one decided first holds; the others are superseded."
    ]


def _tell(desk: Desk, proposal: Proposal) -> None:
    book = desk.book
    data = row(book, desk.names, proposal)
    lines = [f"Proposal {proposal.number}. {about(book, desk.names, proposal)}"]
    texts = [of(book).texts[one] for one in proposal.options]
    if proposal.matter.sort == "rule" and proposal.replaces:
        data["differences"] = changes_of(book, proposal.replaces, texts[0])
        lines += _changes(desk, proposal, texts)
        lines += _rivals(desk, proposal)
    if proposal.matter.sort == "profile":
        is_new = proposal.terms.names[0] not in of(book).profiles
        new = parse(proposal.terms.names[0], texts[0])
        lines += points([sentence(new)] if is_new else changes(book, proposal))
    listed = options(book, desk.names, proposal)
    lines += [f"  {label}  {said}" for label, said in listed.items()] if len(listed) > 2 else []
    tell(desk, data, [*lines, *_next_words(desk, proposal)])


def _changes(desk: Desk, proposal: Proposal, texts: list[str]) -> list[str]:
    lines = []
    for place, text in enumerate(texts, 1):
        which = f" by option {place}" if len(texts) > 1 else ""
        lines += [f"What changes{which} in {version(desk.book, proposal.replaces or '')}:"]
        lines += points(changes_of(desk.book, proposal.replaces or "", text) or ["Nothing in what the rule does."])
    return lines


def _next_words(desk: Desk, proposal: Proposal) -> list[str]:
    book, number = desk.book, proposal.number
    need = needed_words(book, proposal, figures(book, proposal))
    quorum = quorum_asked(proposal.profile)
    needs = f"It needs {asks_words(book, proposal)}{f': {need}' if need else ''}{f'; {quorum}' if quorum else ''}."
    if proposal.status != OPEN:
        a = "a " if proposal.status == DRAFT else ""
        said = f"It is {a}{status_words(book, proposal)}."
        return [needs, said, *limits(proposal), *next_steps(book, proposal)]
    act = "Object" if proposal.profile.method == CONSENT else "Vote"
    return [
        needs,
        f"Open until {when(book, proposal.closes)}.",
        *limits(proposal),
        f"{act}:  {typed(proposal.profile.method, number)}",
        tell_members(proposal),
    ]
