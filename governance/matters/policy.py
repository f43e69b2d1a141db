"""What the founding said is changed: how many treasurers approve, the name, the witnesses, the days to contest."""

import importlib
import importlib.util

from governance.asked import Asked, only_texts
from governance.matters.text import shortened
from governance.part import Proposal, of
from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names
from ledger.policies import Policy


def policies(book: Book) -> dict[str, Policy]:
    """What each room lets the members decide by name (its `policies.py`)."""
    found: dict[str, Policy] = {}
    for room in book.rooms:
        if importlib.util.find_spec(f"{room}.policies"):
            found |= importlib.import_module(f"{room}.policies").POLICIES
    return found


def check(book: Book, asked: Asked) -> None:
    """One name that there is, and a value that it can have."""
    only_texts(asked, "policy", names=True)
    if len(asked.texts) != 1 or len(asked.terms.names) != 1 or asked.replaces:
        raise Refused("A vote on a policy has one name and one value.")
    name, known = asked.terms.names[0], policies(book)
    if name not in known:
        raise Refused(f"{name!r} is nothing that members set by name.", f"There are: {', '.join(known)}.")
    known[name].check(book, asked.texts[0])
    if known[name].read(book).strip() == known[name].spelled(book, asked.texts[0]):
        raise Refused(f"{name} is that already.")


def object_to(book: Book, name: str, value: str) -> None:
    """Refuse, before anybody signs, a value that could be set and serve nobody."""
    policy = policies(book).get(name)
    if policy is None or policy.unwise is None:
        return
    policy.check(book, value)
    why, hint = policy.unwise(book, value)
    if why:
        raise Refused(why, hint)


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """Which policy, and what it becomes."""
    return f"{proposal.terms.names[0]} becomes {shortened(of(book).texts[proposal.options[0]])}"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """It holds from now on."""
    policy = policies(book)[proposal.terms.names[0]]
    text = of(book).texts[proposal.options[0]]
    try:
        policy.check(book, text)
    except Refused:
        return "by then this value could not be set any more"
    proposal.course.undo = policy.read(book)
    policy.put(book, text)
    return ""


def holds(book: Book, proposal: Proposal) -> bool:
    """Whether no later decision has set it otherwise."""
    policy = policies(book)[proposal.terms.names[0]]
    return policy.read(book).strip() == policy.spelled(book, of(book).texts[proposal.options[0]])


def lapse(book: Book, proposal: Proposal, at: int) -> None:
    """It is as before, where that is possible still."""
    policy = policies(book)[proposal.terms.names[0]]
    try:
        policy.check(book, proposal.course.undo)
    except Refused:
        return
    policy.put(book, proposal.course.undo)


def consequence(names: Names, proposal: Proposal, since: str) -> str:
    """What came of it."""
    return f"{proposal.terms.names[0]} is so since {since}."
