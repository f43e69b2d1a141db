"""The ballot box of a proposal, as it stands at an instant: who is asked, what was said, who votes for whom."""

from collections.abc import Collection
from fractions import Fraction

from governance.ballots import KEEP
from governance.delegating import Named, carried
from governance.matters import number, profile
from governance.part import Delegation, Proposal, of
from governance.profile import CONSENT, SECRET_ROLL, YES_NO, Profile
from governance.tally import UNANIMOUS_BELOW, Box
from governance.terms import Matter, Terms
from governance.voting.yes_no import CHOICES
from ledger import people
from ledger.book import Book
from ledger.errors import Refused


def labels(method: str, terms: Terms, texts: int) -> list[str]:
    """What the options are called in ballots, as listed; 0 keeps things as they are."""
    if method == YES_NO:
        return list(CHOICES)
    if method == "median":
        return []
    many = len(terms.candidates) or (len(terms.names) if method == "pot" else texts)
    own = [str(place) for place in range(1, many + 1)]
    return own if method in ("pot", "stv") else [KEEP, *own]


def labels_of(proposal: Proposal) -> list[str]:
    """The labels of a proposal's options."""
    return labels(proposal.profile.method, proposal.terms, len(proposal.options))


def meant_by_labels(proposal: Proposal) -> tuple[tuple[str, str], ...]:
    """Each label with what it means: a text by its entry's id, a person, the name of a number; "" for what has none."""
    terms, is_number = proposal.terms, proposal.matter.sort == "number"
    listed = terms.candidates or (terms.names if is_number else tuple(proposal.options))
    by_label = {str(place): one for place, one in enumerate(listed, 1)}
    return tuple((label, by_label.get(label, "")) for label in labels_of(proposal))


def electorate(book: Book, asked: str, matter: Matter) -> list[str]:
    """Who is asked now: all members, or those of them who hold a role."""
    members = people.members(book.ledger)
    role = asked.removeprefix("role:")
    if role == asked:
        return members
    return [person for person in members if people.holds(book.ledger, person, role, matter.circle)]


def box_of(book: Book, proposal: Proposal, at: int) -> Box:
    """Everything a count of this proposal needs at this instant."""
    course, terms = proposal.course, proposal.terms
    sort = proposal.matter.sort
    return Box(
        proposal=proposal.id,
        profile=proposal.profile,
        options=labels_of(proposal),
        voters=proposal.voters,
        recused=len(course.recused) + len(course.aside),
        struck=len(course.struck),
        ballots=proposal.ballots,
        secret=course.opened,
        named=named_for(book, proposal, at),
        root=course.root or book.root,
        seats=terms.seats,
        ratios=ratios_of(proposal),
        now=number.as_is(book, proposal) if sort == "number" else {},
        also=profile.also(book, proposal) if sort == "profile" else None,
        roles=course.roles,
    )


def ratios_of(proposal: Proposal) -> dict[str, Fraction]:
    """How many must prefer each option for each one against, where more are needed than for the others."""
    usual = Fraction(*proposal.profile.ratio)
    own = [Fraction(*one) for one in proposal.terms.ratios] or [usual] * len(proposal.options)
    return {str(place): max(usual, one) for place, one in enumerate(own, 1) if max(usual, one) != 1}


def topic_of(proposal: Proposal) -> str:
    """What a proposal is about, for who votes for others: as its author says, or its sort."""
    return proposal.terms.topic or proposal.matter.sort


def named_for(book: Book, proposal: Proposal, at: int) -> dict[str, Named]:
    """Who votes for whom in this vote: of a person's delegations the narrowest that covers it, of these the last.

    What is said after the end of a vote changes nothing in it, however late its ballots are opened.
    """
    if proposal.course.ended is not None:
        return proposal.course.named
    held = of(book).delegations
    if not held or not proposal.profile.delegation_cap:
        return {}
    found = {}
    for person in proposal.voters:
        said = covering(book, held.get(person, []), proposal, at)
        if said is not None:
            found[person] = Named(said.to, said.index)
    return found


def carried_now(book: Book, proposal: Proposal, at: int, besides: Collection[str] = ()) -> dict[str, str]:
    """Who did not vote -> who votes for them, as a count at this instant would have it.

    Of sealed ballots all that matters is who cast one. `besides` are counted as if they had voted too.
    """
    course, profile_ = proposal.course, proposal.profile
    if not course.moved or not lets_others(profile_):
        return {}
    cast = {*proposal.ballots, *course.boxes, *besides}
    direct = [person for person in proposal.voters if person in cast]
    return carried(proposal.voters, direct, named_for(book, proposal, at), profile_.delegation_cap)


def lets_others(profile_: Profile) -> bool:
    """Whether somebody may vote for others: where nobody votes, nobody does."""
    return profile_.method != CONSENT and profile_.delegation_cap > 0


def scopes_of(proposal: Proposal) -> dict[str, str]:
    """What somebody who votes for others in this vote was named for, by scope."""
    return {
        "all": "",
        "topic": topic_of(proposal),
        "role": proposal.matter.role or "",
        "proposal": proposal.id,
    }


def covering(book: Book, said: list[Delegation], proposal: Proposal, at: int) -> Delegation | None:
    """The delegation that holds for this vote at this instant, if one does."""
    matches = scopes_of(proposal)
    rank = {"proposal": 3, "role": 2, "topic": 1, "all": 0}
    live = [
        one
        for one in said
        if one.holds(at) and matches[one.scope] == one.of and not people.is_disputed(book.ledger, one.id)
    ]
    return max(live, key=lambda one: (rank[one.scope], one.index), default=None)


def fewest(profile_: Profile) -> int:
    """With fewer asked there is no vote: of two, both must agree, and silence is no answer."""
    secret = SECRET_ROLL[0] if profile_.secrecy == "secret" else 1
    return max(1, profile_.roll_min, secret, UNANIMOUS_BELOW if profile_.method == CONSENT else 1)


def check_roll(proposal: Proposal) -> None:
    """Raise Refused where too few, or too many, would be asked."""
    from_roll, profile_ = len(proposal.voters), proposal.profile
    if from_roll < fewest(profile_):
        raise Refused(
            f"The roll has {from_roll}; {proposal.profile_name} needs at least {fewest(profile_)}.",
            "Decide it by another profile: tally profile list.",
        )
    least, most = SECRET_ROLL
    if profile_.secrecy == "secret" and from_roll > most:
        raise Refused(f"A secret ballot is for {least} to {most} members; here {from_roll} are asked.", "Vote openly.")
