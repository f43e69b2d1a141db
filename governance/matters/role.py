"""A role is given to somebody or ends; or members elect who takes it on."""

from governance.asked import Asked
from governance.ballots import KEEP
from governance.part import Proposal
from governance.profile import CONSENT, YES_NO
from governance.terms import Matter
from ledger import people
from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names

ROLES = (people.TREASURER, "steward", "connector", "clerk")


def check(book: Book, asked: Asked) -> None:
    """A person and a role that fit each other; or a role, candidates and fewer seats than these."""
    matter, terms = asked.matter, asked.terms
    if matter.role not in ROLES:
        raise Refused(f"{matter.role!r} is no role that members give.", f"There are: {', '.join(ROLES)}.")
    if asked.texts or asked.replaces:
        raise Refused("A vote on a role names a person and a role, nothing else.")
    if terms.candidates:
        _check_election(book, asked)
        return
    if matter.person is None:
        raise Refused("A vote on a role names a person and a role, nothing else.")
    if why := why_not(book, matter, matter.person):
        raise Refused(why, "`tally member list` shows who holds which role.")


def _check_election(book: Book, asked: Asked) -> None:
    matter, terms = asked.matter, asked.terms
    if matter.person is not None or not matter.give or len(set(terms.candidates)) != len(terms.candidates):
        raise Refused("An election names a role and each candidate once.")
    if asked.profile.method in (YES_NO, CONSENT):
        raise Refused("An election needs a way of voting that chooses.", "Take --profile scottish-stv or another.")
    if len(terms.candidates) <= terms.seats or (terms.seats > 1 and asked.profile.method != "stv"):
        raise Refused("An election has more candidates than seats; several seats are filled by scottish-stv.")
    for person in terms.candidates:
        if people.must_know(book.ledger, person).standing != people.MEMBER:
            raise Refused("Roles are for members.")


def why_not(book: Book, matter: Matter, person: str) -> str:
    """Why this role cannot be given or ended as things stand; "" where it can."""
    known = people.must_know(book.ledger, person)
    held = matter.role in known.roles.get(matter.circle, [])
    if known.standing != people.MEMBER:
        return "Roles are for members."
    if matter.give and held:
        return "This person has that role already."
    if not matter.give and not held:
        return "This person does not have that role."
    whole = matter.role == people.TREASURER and not matter.circle
    if whole and not matter.give and people.treasurers(book.ledger) == [person]:
        return "This is the only treasurer: vote another in first, so that payouts can be approved."
    return ""


def chosen(proposal: Proposal) -> list[str]:
    """The persons who get or lose the role by this decision."""
    decision = proposal.course.decision
    if not proposal.terms.candidates:
        return [proposal.matter.person or ""]
    # A renewal is answered by yes or no, and nobody new is chosen by it.
    won = [one for one in decision.winners if one.isdigit() and one != KEEP] if decision else []
    return [proposal.terms.candidates[int(one) - 1] for one in won]


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """Who becomes what, or who stands for it."""
    matter, terms = proposal.matter, proposal.terms
    where = f" in {matter.circle}" if matter.circle else ""
    if terms.candidates:
        stand = ", ".join(names.of(one) for one in terms.candidates)
        seats = f"{terms.seats} {matter.role}s" if terms.seats > 1 else f"a {matter.role}"
        return f"election of {seats}{where}: {stand}"
    who = names.of(matter.person or "")
    return f"{who} becomes {matter.role}{where}" if matter.give else f"{who} stops being {matter.role}{where}"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """The role is given or ended, where that is possible still."""
    return _change(book, proposal, proposal.matter.give)


def holds(book: Book, proposal: Proposal) -> bool:
    """Whether somebody of these has the role still, or has it no more where it ended."""
    matter = proposal.matter
    held = (book.ledger.persons[one].roles.get(matter.circle, []) for one in chosen(proposal))
    return any((matter.role in roles) == matter.give for roles in held)


def lapse(book: Book, proposal: Proposal, at: int) -> None:
    """It is as before."""
    _change(book, proposal, not proposal.matter.give)


def _change(book: Book, proposal: Proposal, give: bool) -> str:
    matter = Matter(sort="role", person=None, role=proposal.matter.role, circle=proposal.matter.circle, give=give)
    can = [person for person in chosen(proposal) if not why_not(book, matter, person)]
    for person in can:
        change = people.give_role if give else people.end_role
        change(book.ledger, person, matter.role or "", matter.circle)
    return "" if can else "by then this role could not be given or ended any more"


def consequence(names: Names, proposal: Proposal, since: str) -> str:
    """What came of it."""
    who, matter = ", ".join(names.of(one) for one in chosen(proposal)), proposal.matter
    return f"{who} {'became' if matter.give else 'stopped being'} {matter.role} on {since}."
