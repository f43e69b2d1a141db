"""A vote put together again from the files of its count: the matter and its texts, who was asked, what was said.

What comes out is what the ledger itself counts: a book that knows this one vote alone, so that the same code counts it.
Pure.
"""

from datetime import UTC, date, datetime
from typing import NoReturn

from msgspec import Struct
from msgspec.structs import replace

from governance import contestable
from governance.asked import Asked
from governance.boxes import meant_by_labels, named_for
from governance.consent_facts import Answered
from governance.count_files import (
    OPTIONS,
    PROFILE,
    PROPOSAL,
    ROLL,
    NotRecounted,
    Options,
    Roll,
    Vote,
)
from governance.count_leaves import ROOMS, Checked, Stated, of_fact
from governance.course_facts import StoodAside
from governance.days import DAY
from governance.facts import AskedToJoin, Joined, Moved, Proposed, TextPut
from governance.life import id_after
from governance.matters import join
from governance.part import RENEWAL, VERSION, Course, Delegation, Proposal, RuleText, of
from governance.presets import JOINING
from governance.profile import HOUR, Profile
from governance.proposable import check_way
from governance.recounted_doubts import doubted
from governance.ruling import digest_of
from governance.terms import Matter, Terms
from governance.voice_facts import Delegated
from ledger.book import Book
from ledger.errors import Refused
from ledger.facts import Invited

ZONES = 14 * HOUR
"""No local day begins or ends farther from that of UTC (ms)."""


class Export(Struct, frozen=True, kw_only=True):
    """What the files of a count say, read and checked one by one."""

    vote: Vote
    profile: Profile
    options: Options
    roll: Roll
    leaves: Checked

    @property
    def first(self) -> Stated:
        """The statement that the vote goes back to."""
        for one in self.leaves.statements:
            if one.index == self.vote.first and isinstance(one.fact, Moved | Proposed | Joined | AskedToJoin):
                return one
        raise NotRecounted(PROPOSAL, f"entry {self.vote.first} is no statement that puts a matter to the vote")

    @property
    def is_moved(self) -> bool:
        """Whether the matter is of the second form: with terms, and every way of deciding."""
        return isinstance(self.first.fact, Moved)


def rebuilt(export: Export) -> tuple[Book, Proposal]:
    """The vote before a ballot lies in its box, and the book that knows it. Raises NotRecounted."""
    _check_put(export)
    _check_options(export)
    vote, roll = export.vote, export.roll
    persons = [row.person for row in roll.roll]
    if persons != sorted(set(persons)) or not {*roll.recused, *roll.struck} <= set(persons):
        raise NotRecounted(ROLL, "it does not list each person once, in order")
    proposal = Proposal(
        number=vote.number,
        id=vote.id,
        index=vote.first,
        by=export.first.author,
        matter=vote.matter,
        options=[one for one, _ in export.options.texts],
        profile_name=vote.profile,
        profile=export.profile,
        replaces=vote.replaces,
        opened=vote.opened,
        closes=vote.ended,
        roll=persons,
        ballots={},
        terms=vote.terms,
        course=_course(export),
    )
    if meant_by_labels(proposal) != export.options.labels:
        raise NotRecounted(OPTIONS, "its labels are not those of this vote")
    return _book(export), proposal


def _course(export: Export) -> Course:
    vote, roll = export.vote, export.roll
    return Course(
        moved=export.is_moved,
        why=vote.follows[-1] if vote.follows else "",
        size=vote.size,
        ring=list(roll.ring),
        recused=list(roll.recused),
        struck=dict(roll.struck),
        aside=_aside(export),
        roles={role: list(at_work) for role, at_work in roll.roles.items()},
        root=vote.root,
    )


def _aside(export: Export) -> dict[str, int]:
    """Who stood aside while the vote was open."""
    vote, persons = export.vote, {row.person for row in export.roll.roll}
    found: dict[str, int] = {}
    for one, fact in of_fact(export.leaves.statements, StoodAside):
        if fact.proposal != vote.id or one.author not in persons or not vote.size <= one.index < vote.held:
            raise NotRecounted(f"statement of entry {one.index}", "nobody on the roll stands aside in this vote by it")
        found[one.author] = one.index
    return found


def _book(export: Export) -> Book:
    """A book that knows this vote, its texts, who votes for whom, and by which statements nobody stood at the end."""
    book = Book(ROOMS, _NoShelf())
    state, vote, leaves = of(book), export.vote, export.leaves.all
    book.ledger.id = vote.ledger
    book.ledger.disputed = doubted(leaves, vote.held)
    state.texts = dict(export.options.texts)
    if export.options.replaced:
        text = RuleText(number=1, text=export.options.replaced, title="")
        state.rules[digest_of(text.text)] = text
    state.delegations = _delegations(export)
    return book


# What was put.


def _check_put(export: Export) -> None:
    """Raise NotRecounted unless matter, terms and id are those of the statement that the vote goes back to."""
    vote, first = export.vote, export.first
    matter, terms, profile, replaces = _put(first)
    if vote.follows:
        terms = replace(terms, draft=False)
    if (vote.matter, vote.terms, vote.replaces) != (matter, terms, replaces):
        raise NotRecounted(PROPOSAL, f"its matter or terms are not those of entry {first.index}")
    if not vote.follows and vote.profile != profile:
        raise NotRecounted(PROPOSAL, f"its profile is not the one of entry {first.index}")
    if vote.follows and not export.is_moved:
        raise NotRecounted(PROPOSAL, "nothing follows by itself on a vote of this form")
    made = first.entry.id
    for why in vote.follows:
        made = id_after(why, made)
    if vote.id != made:
        raise NotRecounted(PROPOSAL, f"its id does not follow from entry {first.index}")


def _put(first: Stated) -> tuple[Matter, Terms, str, str | None]:
    """Matter, terms, profile and the rule that it would replace."""
    fact = first.fact
    if isinstance(fact, Moved):
        return fact.matter, fact.terms, fact.profile, fact.replaces
    if isinstance(fact, Proposed):
        return fact.matter, Terms(), fact.profile, fact.replaces
    return join.matter_of(first.author), Terms(), JOINING, None


def _check_options(export: Export) -> None:
    """Raise NotRecounted unless the options are those that were put, word for word, and fit the way of voting."""
    listed = [one for one, _ in export.options.texts]
    if not _are_put(export, listed):
        raise NotRecounted(OPTIONS, "its texts are not those that were put to the vote")
    texts = {one.entry.id: fact.text for one, fact in of_fact(export.leaves.statements, TextPut)}
    for one, text in export.options.texts:
        if texts.get(one) != text:
            raise NotRecounted(OPTIONS, f"the text {one[:16]} is not the one in the log")
    replaced = export.options.replaced
    if bool(replaced) != (export.vote.matter.sort == "number"):
        raise NotRecounted(OPTIONS, "a rule is replaced where its numbers are set, and nowhere else")
    if replaced and digest_of(replaced) != export.vote.replaces:
        raise NotRecounted(OPTIONS, "the rule whose numbers are set is another")
    if export.is_moved and export.vote.follows[-1:] != (RENEWAL,):
        _check_way(export, [text for _, text in export.options.texts])


def _are_put(export: Export, listed: list[str]) -> bool:
    """Whether these are the options of the first statement, or of what came of it."""
    fact = export.first.fact
    options = list(fact.options) if isinstance(fact, Moved | Proposed) else []
    versions = [list(answered.options) for _, answered in of_fact(export.leaves.statements, Answered)]
    for why in export.vote.follows:
        if why == VERSION:
            if not versions:
                return False
            options = versions.pop(0)
        elif why == RENEWAL and set(listed) <= set(options):
            options = listed
    return listed == options


def _check_way(export: Export, texts: list[str]) -> None:
    vote = export.vote
    asked = Asked(
        by=export.first.author,
        matter=vote.matter,
        terms=vote.terms,
        texts=texts,
        profile_name=vote.profile,
        profile=export.profile,
        replaces=vote.replaces,
    )
    try:
        check_way(asked)
    except Refused as refused:
        raise NotRecounted(PROFILE, refused.message.rstrip(".")) from refused


# Who opened it, and who votes for whom.


def first_ballots(export: Export, book: Book) -> dict[str, str]:
    """Whoever invited somebody, or helped to ask, has said yes with that."""
    fact = export.first.fact
    persons = {row.person for row in export.roll.roll}
    by = fact.helper if isinstance(fact, AskedToJoin) else ""
    if isinstance(fact, Joined):
        for one, _ in of_fact(export.leaves.statements, Invited):
            if one.entry.id == fact.invitation and one.entry.id not in book.ledger.disputed:
                by = one.author
    return {by: "yes"} if by in persons else {}


def _delegations(export: Export) -> dict[str, list[Delegation]]:
    """Who lets whom vote, by everything that was said about it before the end; without what had lapsed by then."""
    found: dict[str, list[Delegation]] = {}
    said = of_fact(export.leaves.statements, Delegated)
    if not set(export.vote.lapsed) <= {one.index for one, _ in said}:
        raise NotRecounted(PROPOSAL, "what had lapsed at the end is not what the members said")
    for one, fact in said:
        if one.index >= export.vote.held:
            continue
        kept = [held for held in found.get(one.author, []) if (held.scope, held.of) != (fact.scope, fact.of)]
        if fact.to is not None:
            until = 0 if _has_lapsed(export, one.index, fact.until) else None
            made = Delegation(to=fact.to, scope=fact.scope, of=fact.of, until=until, index=one.index, id=one.entry.id)
            kept.append(made)
        found[one.author] = kept
    return found


def contested_since(export: Export) -> set[int]:
    """The entries said with help by which nobody stood any more when a vote that waited for this was counted."""
    vote, leaves = export.vote, export.leaves.all
    if vote.counted == vote.held:
        return set()
    helped = {one.index for one in leaves if one.is_assisted}
    return helped & {*doubted(leaves, vote.counted).values()}


def _has_lapsed(export: Export, index: int, until: str | None) -> bool:
    """Whether this had lapsed when the vote ended, as the export says. It cannot be off by more than time zones are."""
    said, ended = index in export.vote.lapsed, export.vote.ended
    if until is None:
        possible = not said
    else:
        over = _utc_end(until)
        possible = over - ZONES <= ended if said else over + ZONES > ended
    if not possible:
        raise NotRecounted(PROPOSAL, f"whether entry {index} had lapsed at the end is not told right")
    return said


def _utc_end(day: str) -> int:
    """The instant (ms) at which a date is over in UTC."""
    try:
        midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    except ValueError as error:
        raise NotRecounted(PROPOSAL, f"{day} is no date") from error
    return int(midnight.timestamp()) * 1000 + DAY


def check_named(export: Export, book: Book, proposal: Proposal) -> None:
    """Settle who votes for whom. Raises NotRecounted unless the export says the same."""
    proposal.course.named = named_for(book, proposal, export.vote.ended) if export.is_moved else {}
    told = [(one.person, one.to, one.entry) for one in export.vote.delegations]
    kept = contestable.without(proposal, contested_since(export)).course.named
    if told != sorted((person, named.to, named.index) for person, named in kept.items()):
        raise NotRecounted(PROPOSAL, "who votes for whom is not what the members said")


class _NoShelf:
    """Where a book keeps sheets of closed periods: one that knows a single vote has none."""

    def put(self, data: bytes, sources: list[str]) -> str:
        """Nothing is kept."""
        _none()

    def get(self, digest: str) -> bytes:
        """Nothing is there."""
        _none()

    def settled(self, source: str, sheets: set[str]) -> bool:
        """Nothing was settled."""
        return False


def _none() -> NoReturn:
    raise NotRecounted(PROPOSAL, "a vote has no sheets")
