"""Proposals as members see them: what each is about, where it is in its life and why, what comes next and when."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from governance import first_form, life, matters, ruling
from governance.ballots import ABSTAIN, KEEP
from governance.boxes import box_of, labels_of
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
from governance.profile_words import sentence as profile_words
from governance.rule_values import percent
from governance.tally import Decision, decide
from governance.voting.yes_no import CHOICES
from governance.words import result_words
from ledger.book import Book
from ledger.errors import TallyError
from ledger.localtime import day, iso, when
from ledger.names import Names
from ledger.private import show

Row = dict[str, Any]
REPLACED = "replaced"


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
    return show(matters.of(proposal.matter.sort).title(book, names, proposal))


def about(book: Book, names: Names, proposal: Proposal) -> str:
    """What a proposal is about, in a sentence."""
    said = title(book, names, proposal)
    if proposal.matter.sort == "rule":
        new = said.removeprefix("share rule ")
        return f"The share rule becomes {new}, in place of {version(book, proposal.replaces or '')}."
    if proposal.matter.sort == "text":
        return f"A resolution: {said}"
    return f"{said[0].upper()}{said[1:]}."


def version(book: Book, digest: str) -> str:
    """A rule as people call it: 'rule 2 "Share rule 2026"', or by its title alone before it holds."""
    known = of(book).rules.get(digest)
    named = quoted(ruling.title_of(book, digest))
    return f"rule {known.number} {named}" if known else f"the rule {named}"


def quoted(words: str) -> str:
    """The title of a rule in quotes, safe to show; what has no title says so."""
    return show(as_title(words))


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


def so_far(book: Book, proposal: Proposal) -> Decision | None:
    """What it would come to now; None where nobody may know that yet, or it has not opened."""
    if proposal.course.decision is not None:
        return proposal.course.decision
    if proposal.status != OPEN or proposal.profile.secrecy != "open" or not proposal.course.moved:
        return None
    if proposal.profile.method == CONSENT:
        return None
    return decide(box_of(book, proposal, book.until)).decision


def figures(book: Book, proposal: Proposal) -> Row:
    """The votes so far, and how many are needed of how many; of sealed votes only how many took part."""
    if not proposal.course.moved:
        return _first_form_figures(proposal)
    found, course = so_far(book, proposal), proposal.course
    cast = found.cast if found else _cast(proposal)
    return {
        "yes": found.yes if found else None,
        "no": found.no if found else None,
        "abstain": found.abstain if found else None,
        "cast": cast,
        "carried": found.carried if found else 0,
        "roll": len(proposal.voters),
        "recused": len(course.recused) + len(course.aside),
        "struck": len(course.struck),
        "needed": found.needed if found else 0,
        "quorum": found.quorum if found else 0,
        "present": found.present if found else cast,
    }


def _cast(proposal: Proposal) -> int | None:
    """How many have cast a ballot; of a secret vote nobody can say."""
    if proposal.profile.secrecy == "secret":
        return None
    return len(proposal.course.boxes if proposal.profile.secrecy == "sealed" else proposal.ballots)


def _first_form_figures(proposal: Proposal) -> Row:
    votes = first_form.votes_of(proposal.voters, proposal.ballots)
    return {
        "yes": votes["yes"],
        "no": votes["no"],
        "abstain": votes["abstain"],
        "cast": votes.total(),
        "carried": 0,
        "roll": len(proposal.voters),
        "recused": 0,
        "struck": len(proposal.course.struck),
        "needed": first_form.needed(proposal.profile, len(proposal.voters), votes),
        "quorum": 0,
        "present": votes.total(),
    }


def standing_words(book: Book, proposal: Proposal) -> str:
    """The votes so far in words: "1 for, 0 against, 0 abstained; needs 2 of 2"."""
    if proposal.profile.method == CONSENT:
        standing = sum(one.lifted is None for one in proposal.course.objections.values())
        return f"{standing} objection{'s' if standing != 1 else ''} standing, {len(proposal.voters)} members asked"
    votes = figures(book, proposal)
    if votes["cast"] is None:
        return f"{votes['roll']} members asked; nobody sees how many have voted"
    if votes["yes"] is None or proposal.profile.method in ("median", "pot", "stv"):
        return f"{votes['cast']} of {votes['roll']} have voted"
    figure = f"{votes['yes']} for, {votes['no']} against, {votes['abstain']} abstained"
    if proposal.profile.method != YES_NO:
        figure = f"{votes['cast']} of {votes['roll']} have voted; the option that leads: {figure}"
    quorum = f"; quorum {votes['quorum']} (so far {votes['present']})" if votes["quorum"] else ""
    return f"{figure}; needs {votes['needed']} of {votes['roll']}{quorum}"


def outcome_words(book: Book, names: Names, proposal: Proposal) -> str:
    """The result in a sentence, with names; how it stands while it is open."""
    if not proposal.is_decided:
        return f"Open: {standing_words(book, proposal)}" if proposal.status == OPEN else status_words(book, proposal)
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
    ahead = life.next_instant(book, proposal)
    said = {
        DRAFT: f"draft, until {day(book, ahead or 0)}",
        NOTICE: f"announced, opens {day(book, ahead or 0)}",
        OPEN: f"open until {day(book, proposal.closes)}",
        CLOSED: f"closed, ballots wait to be opened until {day(book, ahead or 0)}",
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


def life_line(book: Book, proposal: Proposal) -> str:
    """The whole life so far in one line, with what comes next."""
    course = proposal.course
    steps = [(course.put if course.moved else proposal.opened, "put")]
    steps += [(proposal.opened, "opened")] if course.size is not None or not course.moved else []
    ended = course.ended or (proposal.closes if proposal.result else None)
    steps += [(ended, "closed")] if ended and proposal.status != CLOSED else []
    steps += [(course.decided, "counted")] if course.decided else []
    told = [f"{what} {day(book, at)}" for at, what in steps]
    ahead = life.next_instant(book, proposal)
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
        "asks": profile_words(proposal.profile),
        "secrecy": proposal.profile.secrecy,
        "opened": iso(book, proposal.opened),
        "closes": iso(book, proposal.closes),
        "status": status(book, proposal),
        "line": life_line(book, proposal),
        "next": iso(book, life.next_instant(book, proposal)),
        "since": iso(book, proposal.since),
        "review": terms.review,
        "sunset": terms.sunset,
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
    through = course.carried if proposal.is_decided else _carried_now(book, proposal)
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
    silent = (one for one in proposal.voters if one not in proposal.ballots and one not in through)
    struck = {"struck": _sorted(names, course.struck)} if course.struck else {}
    return said | {"silent": _sorted(names, silent)} | struck


def _carried_now(book: Book, proposal: Proposal) -> dict[str, str]:
    if not proposal.course.moved or proposal.profile.method == CONSENT or proposal.status != OPEN:
        return {}
    return decide(box_of(book, proposal, book.until)).carried


def _sorted(names: Names, persons: Iterable[str]) -> list[str]:
    return sorted((names.of(person) for person in persons), key=str.casefold)
