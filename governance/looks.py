"""Proposals as members see them: what each is about, how it stands, until when; as data and in words."""

from collections.abc import Iterable
from typing import Any

from governance import state, tally
from governance.profile import sentence as profile_words
from governance.state import Proposal
from governance.tally import votes_of
from ledger.book import Book
from ledger.errors import TallyError
from ledger.localtime import day, iso
from ledger.names import Names
from ledger.private import show

Row = dict[str, Any]
TITLE_MAX = 60


class UnknownProposal(TallyError):
    """A number that no proposal has."""

    exit_code = 2
    status = 404

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no proposal {number}.", "`tally proposal list` shows them.")


def numbered(book: Book, number: int) -> Proposal:
    """The proposal of that number. Raises UnknownProposal."""
    for proposal in state.of(book).proposals.values():
        if proposal.number == number:
            return proposal
    raise UnknownProposal(number)


# What it is about.


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """What a proposal is about, in a few words."""
    matter = proposal.matter
    if matter.sort == "rule":
        return f"share rule {rule_title(book, proposal)}"
    if matter.sort == "text":
        return _shortened(state.of(book).texts[proposal.options[0]])
    who = names.of(matter.person or "")
    if matter.sort == "join":
        return f"{who} joins"
    where = f" in {matter.circle}" if matter.circle else ""
    return f"{who} becomes {matter.role}{where}" if matter.give else f"{who} stops being {matter.role}{where}"


def about(book: Book, names: Names, proposal: Proposal) -> str:
    """What a proposal is about, in a sentence."""
    said = title(book, names, proposal)
    if proposal.matter.sort == "rule":
        old = version(book, proposal.replaces or "")
        return f"The share rule becomes {rule_title(book, proposal)}, in place of {old}."
    if proposal.matter.sort == "text":
        return f"A resolution: {said}"
    return f"{said}."


def rule_title(book: Book, proposal: Proposal) -> str:
    """The title of a proposed rule, in quotes."""
    return quoted(state.title_of(book, state.digest_of(state.of(book).texts[proposal.options[0]])))


def version(book: Book, digest: str) -> str:
    """A rule as people call it: 'rule 2 "Share rule 2026"', or by its title alone before it holds."""
    known = state.of(book).rules.get(digest)
    title = quoted(state.title_of(book, digest))
    return f"rule {known.number} {title}" if known else f"the rule {title}"


def quoted(words: str) -> str:
    """Words in quotes, safe to show; what has no title says so."""
    return f'"{show(words)}"' if words else "without a title"


def _shortened(text: str) -> str:
    first = show(text.strip().partition("\n")[0].lstrip("# "))
    return first if len(first) <= TITLE_MAX else f"{first[: TITLE_MAX - 1]}…"


# How it stands.


def figures(proposal: Proposal) -> Row:
    """The votes so far, and how many are needed of how many."""
    votes = votes_of(proposal.roll, proposal.ballots)
    return {
        "yes": votes["yes"],
        "no": votes["no"],
        "abstain": votes["abstain"],
        "roll": len(proposal.roll),
        "needed": tally.needed(proposal.profile, len(proposal.roll), votes),
    }


def standing_words(proposal: Proposal) -> str:
    """The votes so far in words: "1 for, 0 against, 0 abstained; needs 2 of 2"."""
    votes = figures(proposal)
    return (
        f"{votes['yes']} for, {votes['no']} against, {votes['abstain']} abstained;"
        f" needs {votes['needed']} of {votes['roll']}"
    )


def result_words(proposal: Proposal) -> str:
    """The result in a sentence; how it stands while it is open."""
    if proposal.result is None:
        return f"Open: {standing_words(proposal)}"
    return tally.sentence(proposal.profile, proposal.result)


def status(book: Book, proposal: Proposal) -> str:
    """Where a proposal is in its life, in a word; a rule that held and holds no more is "replaced"."""
    return proposal.status if _until(book, proposal) is None else "replaced"


def _until(book: Book, proposal: Proposal) -> int | None:
    """When a rule that was in force was replaced; None for one that holds, and for all other matters."""
    if proposal.status != "in force" or proposal.since is None:
        return None
    begun = [(start, digest) for start, digest in state.of(book).force]
    own = begun.index((proposal.since, state.digest_of(state.of(book).texts[proposal.options[0]])))
    return begun[own + 1][0] if own + 1 < len(begun) else None


def _held(book: Book, proposal: Proposal) -> str:
    since, until = day(book, proposal.since or 0), _until(book, proposal)
    return f"since {since}" if until is None else f"(held {since} to {day(book, until)})"


def status_words(book: Book, proposal: Proposal) -> str:
    """Where a proposal is in its life, with the day that matters."""
    if proposal.status == "open":
        return f"open until {day(book, proposal.closes)}"
    if proposal.status == "in force":
        return f"{status(book, proposal)} {_held(book, proposal)}"
    if proposal.status == "passed" and proposal.matter.sort == "rule":
        start = state.effective_start(book, proposal)
        return f"passed, holds from {day(book, start)}" if start else "passed, holds from the next period"
    return f"{proposal.status} {day(book, proposal.since or proposal.closes)}"


def consequence(book: Book, names: Names, proposal: Proposal) -> list[str]:
    """What follows from a decision, a sentence if anything does."""
    matter = proposal.matter
    if proposal.status == "superseded":
        return [_why_superseded(book, proposal)]
    if proposal.status == "in force":
        return [f"The rule is {status(book, proposal)} {_held(book, proposal)}."]
    if proposal.status != "passed" or matter.sort == "text":
        return []
    if matter.sort == "rule":
        start = state.effective_start(book, proposal)
        return [f"The rule holds from {day(book, start)} on." if start else "The rule holds from the next period on."]
    who, since = names.of(matter.person or ""), day(book, proposal.since or 0)
    if matter.sort == "join":
        return [f"{who} became a member on {since}."]
    return [f"{who} {'became' if matter.give else 'stopped being'} {matter.role} on {since}."]


def _why_superseded(book: Book, proposal: Proposal) -> str:
    since = proposal.since or 0
    if proposal.matter.sort == "rule":
        held, old = version(book, state.rule_at(book, since)), version(book, proposal.replaces or "")
        return f"Superseded on {day(book, since)}: it was to replace {old}, but {held} was decided first."
    return f"Superseded on {day(book, since)}: by then this role could not be given or ended any more."


def row(book: Book, names: Names, proposal: Proposal) -> Row:
    """A proposal as data."""
    return {
        "number": proposal.number,
        "id": proposal.id,
        "entry": proposal.index,
        "sort": proposal.matter.sort,
        "title": title(book, names, proposal),
        "by": names.of(proposal.by),
        "profile": proposal.profile_name,
        "asks": profile_words(proposal.profile),
        "opened": iso(book, proposal.opened),
        "closes": iso(book, proposal.closes),
        "status": status(book, proposal),
        "since": iso(book, proposal.since),
        **figures(proposal),
        "result": None if proposal.result is None else result_words(proposal),
        "published": proposal.published,
    }


def by_choice(names: Names, proposal: Proposal) -> dict[str, list[str]]:
    """Who said what, and who is silent: names, sorted."""
    said = {choice: _sorted(names, _who(proposal, choice)) for choice in ("yes", "no", "abstain")}
    return said | {"silent": _sorted(names, (one for one in proposal.roll if one not in proposal.ballots))}


def _who(proposal: Proposal, choice: str) -> Iterable[str]:
    return (person for person in proposal.roll if proposal.ballots.get(person) == choice)


def _sorted(names: Names, persons: Iterable[str]) -> list[str]:
    return sorted((names.of(person) for person in persons), key=str.casefold)
