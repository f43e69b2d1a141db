"""What a message about a vote is made from: the matter, its terms and its texts, without a single ballot."""

from governance.ballots import typed
from governance.figures import also_of
from governance.looks import about, options, title
from governance.messages import Vote
from governance.part import OPEN, Proposal, of
from governance.profile import CONSENT, HOUR
from governance.profile_words import BALLOTS, quorum_words, sentence
from governance.rules import parse
from governance.ruling import text_of
from governance.telling import as_it_is, points
from governance.versions import changes_of
from ledger.book import Book
from ledger.doors import Desk
from ledger.localtime import when
from ledger.names import Names
from ledger.private import show


def vote_of(desk: Desk, proposal: Proposal, asked: int) -> Vote:
    """All that messages tell of this vote, on which so many are asked."""
    book, names, profile = desk.book, desk.names, proposal.profile
    is_open = proposal.status == OPEN
    opens = proposal.opened if is_open else proposal.course.opens or proposal.course.put
    closes = proposal.closes if is_open else opens + profile.length_hours * HOUR
    consent = profile.method == CONSENT
    return Vote(
        cooperative=show(book.ledger.name),
        rehearsal=book.ledger.rehearsal,
        number=proposal.number,
        title=title(book, names, proposal),
        about=_about(book, names, proposal),
        by=names.of(proposal.by),
        opens=f"{when(book, opens)}{'' if is_open or not profile.waiver else ', or once enough say they need no more'}",
        closes=when(book, closes),
        is_open=is_open,
        is_secret=profile.secrecy == "secret",
        asked=asked,
        needs=sentence(profile, also_of(book, proposal)),
        quorum="nobody has to say anything" if consent else quorum_words(profile.quorum),
        ballots="nobody votes: who says nothing agrees" if consent else BALLOTS[profile.secrecy],
        options=options(book, names, proposal),
        parts=tuple(_parts(book, proposal)),
        answer=tuple(_answer(proposal)),
    )


def _about(book: Book, names: Names, proposal: Proposal) -> str:
    """What it is, and which proposal it follows on, where it opened by itself."""
    before = of(book).proposals.get(proposal.course.before)
    follows = f" It follows on proposal {before.number} ({proposal.course.why})." if before else ""
    return f"{about(book, names, proposal)}{follows}"


def _parts(book: Book, proposal: Proposal) -> list[tuple[str, str]]:
    """What is put, word for word; of rules also what they change, of numbers between what."""
    if proposal.matter.sort == "number":
        return [("What is asked", "\n".join(points(_asks(book, proposal))))]
    texts = [of(book).texts[one] for one in proposal.options]
    parts = []
    for place, text in enumerate(texts, 1):
        which = f"Option {place}" if len(texts) > 1 else "The text"
        if proposal.matter.sort == "rule":
            changes = changes_of(book, proposal.replaces or "", text) or ["Nothing in what the rule does."]
            parts.append((f"{which}, what it changes", "\n".join(map(show, points(changes)))))
        parts.append((f"{which}, word for word", as_it_is(text)))
    return parts


def _asks(book: Book, proposal: Proposal) -> list[str]:
    asks = parse(text_of(book, proposal.replaces or "")).asks
    bounds = ((name, asks[name]) for name in proposal.terms.names)
    return [f"{show(name)}: now {one.now.text}, from {one.min.text} to {one.max.text}" for name, one in bounds]


def _answer(proposal: Proposal) -> list[str]:
    """How to answer and where to read on: the commands."""
    number, profile, is_open = proposal.number, proposal.profile, proposal.status == OPEN
    paid = ", and what it would have paid you" if proposal.matter.sort in ("rule", "number") else ""
    lines = [f"To read all of it{paid}:  tally proposal show {number}"]
    if not is_open and profile.waiver:
        lines.append(f"If shorter notice is enough for you:  tally proposal waive {number}")
    act = "object" if profile.method == CONSENT else "vote"
    return [*lines, f"To {act}{'' if is_open else ', then'}:  {typed(profile.method, number)}"]
