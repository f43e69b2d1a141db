"""Proposals as members see them: what each is about, where it is in its life and why, what comes next and when."""

from collections.abc import Iterable
from fractions import Fraction

from governance import life, matters, ruling
from governance.ballots import ABSTAIN, KEEP
from governance.boxes import carried_now, labels_of
from governance.consenting import standing_in
from governance.figures import Row, asks_words, figures, needed_words, so_far
from governance.matters.rule import quoted as as_title
from governance.matters.text import shortened
from governance.part import (
    CLOSED,
    DECIDED,
    DRAFT,
    EFFECTIVE,
    FAILED,
    IN_FORCE,
    NOTICE,
    OPEN,
    PASSED,
    RENEWAL,
    SUPERSEDED,
    Proposal,
    of,
)
from governance.profile import CONSENT, NUMBERS, YES_NO
from governance.profile_words import UNOPPOSED
from governance.rule_values import percent
from governance.rules import parse
from governance.tally import KEPT, NO_VOTES, TIE
from governance.unsealing import opens_at
from governance.voting.yes_no import CHOICES
from governance.words import result_words
from ledger.book import Book
from ledger.errors import TallyError
from ledger.localtime import day, iso, when
from ledger.names import Names
from ledger.private import show

REPLACED = "replaced"
ENDS = (".", "!", "?", "…")


class UnknownProposal(TallyError):
    """A number that no proposal has."""

    exit_code = 2
    status = 404

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no proposal {number}.", "`tally proposal list` shows them.")


def numbered(book: Book, number: int) -> Proposal:
    """The proposal of that number. Raises UnknownProposal."""
    for proposal in of(book).proposals.values():
        if proposal.number == number:
            return proposal
    raise UnknownProposal(number)


# What it is about.


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """What a proposal is about, in a few words, safe to show."""
    said = matters.of(proposal.matter.sort).title(book, names, proposal)
    # A sentence is put into other sentences, which have stops of their own.
    return show(said.removesuffix(".") if not said.endswith("..") else said)


def about(book: Book, names: Names, proposal: Proposal) -> str:
    """What a proposal is about, in a sentence."""
    said = title(book, names, proposal)
    if proposal.matter.sort == "rule":
        new = said.removeprefix("share rule ")
        return f"The share rule becomes {new}, in place of {version(book, proposal.replaces or '')}."
    if proposal.matter.sort == "text":
        return f"A resolution: {said}{'' if said.endswith(ENDS) else '.'}"
    return f"{said[0].upper()}{said[1:]}."


def version(book: Book, digest: str) -> str:
    """A rule as people call it: 'rule 2 "Share rule 2026"', or by its title alone before it holds."""
    known = of(book).rules.get(digest)
    named = quoted(ruling.title_of(book, digest))
    return f"rule {known.number} {named}" if known else f"the rule {named}"


def quoted(words: str) -> str:
    """The title of a rule in quotes, safe to show; what has no title says so."""
    return show(as_title(words))


def fallback_title(book: Book, proposal: Proposal) -> str | None:
    """The rule that holds after the sunset, by its title; None where none is named: it is what held before."""
    text = of(book).texts.get(proposal.terms.fallback or "")
    return None if text is None else parse(text).title


def options(book: Book, names: Names, proposal: Proposal) -> dict[str, str]:
    """What each option is called in words, by its label; empty for yes or no."""
    if proposal.profile.method in (YES_NO, CONSENT, "median"):
        return {}
    terms, texts = proposal.terms, of(book).texts
    if terms.candidates:
        own = [names.of(one) for one in terms.candidates]
    elif proposal.matter.sort == "number":
        own = [show(name) for name in terms.names]
    elif proposal.matter.sort == "rule":
        own = [quoted(ruling.title_of(book, ruling.digest_of(texts[one]))) for one in proposal.options]
    else:
        own = [show(shortened(texts[one])) for one in proposal.options]
    keep = {KEEP: "nobody" if terms.candidates else "things stay as they are"}
    listed = {str(place): said for place, said in enumerate(own, 1)}
    return {label: (keep | listed)[label] for label in labels_of(proposal)}


def winners_words(book: Book, names: Names, proposal: Proposal) -> str:
    """Who or what won, by name; "" where that is plain or nothing did."""
    decision = proposal.course.decision
    if decision is None or not decision.passed or decision.winners == ("yes",):
        return ""
    known = options(book, names, proposal)
    if proposal.matter.sort == "number":
        pairs = [
            (known.get(one.partition("=")[0], proposal.terms.names[0]), one.rpartition("=")[2])
            for one in decision.winners
        ]
        return ", ".join(f"{name} is {percent(Fraction(value))}" for name, value in pairs)
    return ", ".join(known.get(one, one) for one in decision.winners)


# How it stands.


def standing_words(book: Book, names: Names, proposal: Proposal) -> str:
    """The votes so far in words: "1 for, 0 against, 0 abstained; needs 2 of 2"."""
    if proposal.profile.method == CONSENT:
        standing = len(standing_in(proposal, book.ledger.disputed))
        return f"{standing} objection{'s' if standing != 1 else ''} standing, {len(proposal.voters)} members asked"
    votes = figures(book, proposal)
    quorum = f"; quorum {votes['quorum']}" if votes["quorum"] else ""
    if votes["cast"] is None:
        return f"{votes['roll']} members asked; nobody sees how many have voted{quorum}"
    if votes["yes"] is None:
        return f"{votes['cast']} of {votes['roll']} ballots are in{quorum}"
    quorum += f" (so far {votes['present']})" if quorum else ""
    voted = f"{votes['cast']} of {votes['roll']} have voted"
    if proposal.profile.method in UNOPPOSED:
        return f"{voted}{quorum}"
    needs = f"; needs {needed_words(book, proposal, votes)}{quorum}"
    figure = f"{votes['yes']} for, {votes['no']} against, {votes['abstain']} abstained"
    if proposal.profile.method == YES_NO:
        return f"{figure}{needs}"
    return f"{voted}{_in_front(book, names, proposal, figure) if votes['cast'] else ''}{needs}"


def _in_front(book: Book, names: Names, proposal: Proposal, figure: str) -> str:
    """Which option leads so far, and how many are for it and against it."""
    found, known = so_far(book, proposal), options(book, names, proposal)
    if found is None or found.decision.reason in (TIE, NO_VOTES):
        return "; none is in front"
    if found.decision.reason == KEPT:
        return f"; in front: {known[KEEP]}"
    return f"; in front: {known[found.leads].rstrip('.')} ({figure})"


def outcome_words(book: Book, names: Names, proposal: Proposal) -> str:
    """The result in a sentence, with names; how it stands while it is open."""
    if not proposal.is_decided:
        is_open = proposal.status == OPEN
        return f"Open: {standing_words(book, names, proposal)}" if is_open else status_words(book, proposal)
    return result_words(proposal, winners_words(book, names, proposal))


def status(book: Book, proposal: Proposal) -> str:
    """Where a proposal is in its life, in a word; a rule that held and holds no more is "replaced"."""
    return proposal.status if _until(book, proposal) is None else REPLACED


def _until(book: Book, proposal: Proposal) -> int | None:
    """When a rule that was in force was replaced; None for one that holds, and for all other matters."""
    if proposal.status != IN_FORCE or proposal.since is None:
        return None
    begun = of(book).force
    own = begun.index((proposal.since, ruling.digest_of(ruling.text_won(book, proposal))))
    return begun[own + 1][0] if own + 1 < len(begun) else None


def _held(book: Book, proposal: Proposal) -> str:
    since, until = day(book, proposal.since or 0), _until(book, proposal)
    return f"since {since}" if until is None else f"(held {since} to {day(book, until)})"


def status_words(book: Book, proposal: Proposal) -> str:
    """Where a proposal is in its life, with the day that matters and, where something failed, why."""
    course = proposal.course
    ahead = next_instant(book, proposal)
    said = {
        DRAFT: f"draft, until {day(book, ahead or 0)}",
        NOTICE: f"announced, opens {day(book, ahead or 0)}",
        OPEN: f"open until {day(book, proposal.closes)}",
        CLOSED: f"closed, {_wait_words(book, proposal)}",
        DECIDED: f"decided, takes effect {day(book, ahead or 0)} unless challenged"
        if proposal.is_decided
        else f"closed, counted {day(book, ahead or 0)}, since ballots cast with help may be contested until then",
        IN_FORCE: f"{status(book, proposal)} {_held(book, proposal)}",
    }
    if proposal.status in said:
        return said[proposal.status]
    if proposal.status == PASSED and proposal.matter.sort in ("rule", "number"):
        start = ruling.effective_start(book, proposal)
        return f"passed, holds from {day(book, start)}" if start else "passed, holds from the next period"
    why = course.reason or (course.decision.reason if course.decision and proposal.status == FAILED else "")
    return f"{proposal.status}{f' ({why})' if why else ''} {day(book, proposal.since or proposal.closes)}"


def next_instant(book: Book, proposal: Proposal) -> int | None:
    """When something comes next in this matter: it goes on by itself, or secret ballots may be opened."""
    opens = opens_at(proposal) if proposal.status == CLOSED else None
    return opens if opens is not None and opens > book.until else life.next_instant(book, proposal)


def _wait_words(book: Book, proposal: Proposal) -> str:
    """What ballots that are not opened wait for."""
    last, opens = life.next_instant(book, proposal) or 0, opens_at(proposal)
    if opens is None:
        return f"ballots wait to be published until {day(book, last)}"
    if opens > book.until:
        return f"ballots are published, and opened from {when(book, opens)} on"
    return f"ballots wait to be opened until {day(book, last)}"


def has_opened(proposal: Proposal) -> bool:
    """Whether ballots were ever taken: after its notice a matter may be superseded at the instant it was to open."""
    course = proposal.course
    after_notice = course.opens is None or proposal.opened > course.put
    return not course.moved or (course.size is not None and after_notice)


def life_line(book: Book, proposal: Proposal) -> str:
    """The whole life so far in one line, with what comes next."""
    course = proposal.course
    steps = [(course.put if course.moved else proposal.opened, "put")]
    steps += [(proposal.opened, "opened")] if has_opened(proposal) else []
    ended = course.ended or (proposal.closes if proposal.result else None)
    steps += [(ended, "closed")] if ended and proposal.status != CLOSED else []
    steps += [(course.decided, "counted")] if course.decided else []
    told = [f"{what} {day(book, at)}" for at, what in steps]
    ahead = next_instant(book, proposal)
    next_words = [f"next {when(book, ahead)}"] if ahead is not None else []
    return ", ".join([*told, status_words(book, proposal), *next_words])


def consequence(book: Book, names: Names, proposal: Proposal) -> list[str]:
    """What follows from a decision, a sentence if anything does."""
    after = of(book).proposals.get(proposal.course.after)
    follows = (
        [f"Proposal {after.number} follows on it ({after.course.why}): {status_words(book, after)}."] if after else []
    )
    if proposal.status == SUPERSEDED:
        return [_why_superseded(book, proposal), *follows]
    if proposal.status == IN_FORCE:
        why = [f"{one[0].upper()}{one[1:]}."] if (one := proposal.course.reason.rstrip(".")) else []
        return [f"The rule is {status(book, proposal)} {_held(book, proposal)}.", *why, *follows]
    if proposal.status == PASSED and proposal.matter.sort in ("rule", "number"):
        start = ruling.effective_start(book, proposal)
        held = f"The rule holds from {day(book, start)} on." if start else "The rule holds from the next period on."
        return [held, *follows]
    own = matters.of(proposal.matter.sort)
    if proposal.status in (PASSED, EFFECTIVE) and hasattr(own, "consequence") and proposal.course.why != RENEWAL:
        return [own.consequence(names, proposal, day(book, proposal.since or 0)), *follows]
    return follows


def _why_superseded(book: Book, proposal: Proposal) -> str:
    since = proposal.since or 0
    if proposal.course.reason:
        return f"Superseded on {day(book, since)}: {proposal.course.reason}."
    if proposal.matter.sort in ("rule", "number"):
        held, old = version(book, ruling.rule_at(book, since)), version(book, proposal.replaces or "")
        return f"Superseded on {day(book, since)}: it was to replace {old}, but {held} was decided first."
    return f"Superseded on {day(book, since)}: by then this role could not be given or ended any more."


def row(book: Book, names: Names, proposal: Proposal) -> Row:
    """A proposal as data."""
    course, terms = proposal.course, proposal.terms
    proposals = of(book).proposals
    return {
        "number": proposal.number,
        "id": proposal.id,
        "entry": proposal.index,
        "sort": proposal.matter.sort,
        "title": title(book, names, proposal),
        "by": names.of(proposal.by),
        "profile": proposal.profile_name,
        "asks": asks_words(book, proposal),
        "secrecy": proposal.profile.secrecy,
        "opened": iso(book, proposal.opened),
        "closes": iso(book, proposal.closes),
        "status": status(book, proposal),
        "line": life_line(book, proposal),
        "next": iso(book, next_instant(book, proposal)),
        "since": iso(book, proposal.since),
        "review": terms.review,
        "sunset": terms.sunset,
        "fallback": fallback_title(book, proposal),
        **figures(book, proposal),
        "options": options(book, names, proposal),
        "result": result_words(proposal) or None,
        "winners": list(course.decision.winners) if course.decision else [],
        "reason": course.reason or (course.decision.reason if course.decision else ""),
        "before": proposals[course.before].number if course.before else None,
        "after": proposals[course.after].number if course.after else None,
        "published": proposal.published,
    }


# Who said what.


def said_words(proposal: Proposal, choice: str) -> str:
    """A ballot as people read it: numbers as percentages, all else as it is spelled."""
    if proposal.profile.method not in NUMBERS or choice == ABSTAIN:
        return choice
    parts = [part.rpartition("=") for part in choice.split(",")]
    return ",".join(f"{label}{sign}{percent(Fraction(value))}" for label, sign, value in parts)


def by_choice(book: Book, names: Names, proposal: Proposal) -> dict[str, list[str]]:
    """Who said what, through whom, and who is silent: names, sorted. Of sealed votes only who took part."""
    course = proposal.course
    choices: list[str] = list(CHOICES) if proposal.profile.method == YES_NO else []
    if proposal.profile.secrecy == "secret":
        return {}
    if proposal.profile.secrecy == "sealed" and not course.secret:
        cast = {"sealed": _sorted(names, course.boxes)}
        return cast | {"silent": _sorted(names, (one for one in proposal.voters if one not in course.boxes))}
    through = course.carried if proposal.is_decided else carried_now(book, proposal, book.until)
    said: dict[str, list[str]] = {choice: [] for choice in choices}
    for person in proposal.voters:
        if person in proposal.ballots:
            helped = " (with help)" if person in course.assisted else ""
            choice = said_words(proposal, proposal.ballots[person])
            said.setdefault(choice, []).append(names.of(person) + helped)
        elif person in through:
            choice = said_words(proposal, proposal.ballots[through[person]])
            said.setdefault(choice, []).append(f"{names.of(person)} (through {names.of(through[person])})")
    if not choices:
        # Ballots that most have cast come first; the ids of persons decide no order that anybody sees.
        said = dict(sorted(said.items(), key=lambda one: (-len(one[1]), one[0])))
    said = {choice: sorted(who, key=str.casefold) for choice, who in said.items()}
    heard = {*proposal.ballots, *through, *(one.by for one in course.objections.values())}
    silent = (one for one in proposal.voters if one not in heard)
    struck = {"struck": _sorted(names, course.struck)} if course.struck else {}
    return said | {"silent": _sorted(names, silent)} | struck


def _sorted(names: Names, persons: Iterable[str]) -> list[str]:
    return sorted((names.of(person) for person in persons), key=str.casefold)
