"""What a message about a vote says: what is proposed, until when, how to answer. Never who voted, nor how it stands.

Words come in and words go out: what is handed in here depends on no ballot.
"""

from msgspec import Struct

NOTICE, REMINDER = "notice", "reminder"
TITLE_MAX = 100
TEXT_MAX = 8_000
"""Characters of a title in a subject, and of one text in a message; who wants more of it asks the ledger."""


class Vote(Struct, frozen=True, kw_only=True):
    """All that a message tells of a vote, in words that are safe to show."""

    cooperative: str
    rehearsal: bool
    number: int
    title: str
    about: str  # a sentence
    by: str  # the name of who put it forward
    opens: str  # with the zone
    closes: str
    is_open: bool
    is_secret: bool
    asked: int
    needs: str
    quorum: str
    ballots: str  # a sentence on who will see them
    options: dict[str, str]  # by number; empty where there is nothing to choose from
    parts: tuple[tuple[str, str], ...]  # a head, and below it lines, or a text word for word
    answer: tuple[str, ...]  # how to answer and where to read on, a line each


def subject(vote: Vote, what: str) -> str:
    """The subject line of a notice or a reminder."""
    title = vote.title if len(vote.title) <= TITLE_MAX else f"{vote.title[: TITLE_MAX - 1]}…"
    kind = "reminder, proposal" if what == REMINDER else "proposal"
    return f"{vote.cooperative}: {kind} {vote.number}, {title}"


def text(vote: Vote, what: str, name: str) -> str:
    """The whole message to the member of this name."""
    paragraphs = [
        f"{name},",
        _opening(vote, what),
        _facts(vote),
        *([_listed(vote)] if vote.options else []),
        *(f"{head}:\n\n{_cut(part, vote.number)}" for head, part in vote.parts),
        "\n".join(vote.answer),
        *(["This ledger is a rehearsal: nobody is paid."] if vote.rehearsal else []),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _opening(vote: Vote, what: str) -> str:
    remind = "this is a reminder: " if what == REMINDER else ""
    if not vote.is_open:
        return f"{remind}proposal {vote.number} is announced to the members of {vote.cooperative}; you will be asked."
    if not remind:
        return f"proposal {vote.number} is before the members of {vote.cooperative}, and you are asked."
    if vote.is_secret:
        # Nobody can tell who has voted, so everybody is reminded.
        return f"{remind}proposal {vote.number} of {vote.cooperative} is open. If you have voted, all is done."
    return f"{remind}proposal {vote.number} of {vote.cooperative} is open, and nothing was heard from you so far."


def _facts(vote: Vote) -> str:
    rows = (
        ("What", vote.about),
        ("Put by", vote.by),
        ("Opened" if vote.is_open else "Opens", vote.opens),
        ("Closes", vote.closes),
        ("Asked", f"{vote.asked} member{'' if vote.asked == 1 else 's'}"),
        ("Needs", vote.needs),
        ("Quorum", vote.quorum),
        ("Ballots", vote.ballots),
    )
    return "\n".join(f"{head:<8} {said}" for head, said in rows)


def _listed(vote: Vote) -> str:
    lines = (f"  {label}  {said}" for label, said in vote.options.items())
    return "\n".join(["To choose from:", *lines])


def _cut(part: str, number: int) -> str:
    """The text, or as much of it as a message bears."""
    if len(part) <= TEXT_MAX:
        return part
    return f"{part[:TEXT_MAX]}…\n\n(It goes on. The whole text: tally proposal show {number})"
