"""What can be done next with a matter, by which command: shown where it is put, looked at and counted."""

from fractions import Fraction

from governance.ballots import typed
from governance.boxes import electorate
from governance.looks import next_instant
from governance.part import BEFORE, CLOSED, DECIDED, DRAFT, NOTICE, OPEN, Proposal
from governance.profile import CONSENT, least
from governance.unsealing import opens_at
from ledger.book import Book
from ledger.localtime import when

SECRET = (
    "Ballots are secret: nobody sees who voted how, but everybody's voting alike shows it. This is experimental: its"
    " scheme was reviewed by nobody outside, a voter can prove how she voted, a key that is stolen later shows it, and"
    " whoever keeps the ledger sees when ballots come and from where, and can open them early."
)


def next_steps(book: Book, proposal: Proposal) -> list[str]:
    """The commands that lead on from here, a line each."""
    number = proposal.number
    if proposal.status == DRAFT:
        return [f"Announce it:  tally proposal announce {number}"]
    if proposal.status == NOTICE:
        return [tell_members(proposal), *_waive(book, proposal)]
    if proposal.status == OPEN:
        act = "Object" if proposal.profile.method == CONSENT else "Vote"
        return [f"{act}:  {typed(proposal.profile.method, number)}"]
    if proposal.status == CLOSED:
        return closed_steps(book, proposal)
    if proposal.status == DECIDED and proposal.is_decided:
        return [_challenge(book, proposal)]
    return []


def tell_members(proposal: Proposal) -> str:
    """How the members are told of it."""
    return f"Tell the members:  tally proposal notify {proposal.number}"


def limits(proposal: Proposal) -> list[str]:
    """What everybody should know before voting in secret; nothing for other votes, and once it is over."""
    return [SECRET] if proposal.profile.secrecy == "secret" and proposal.status in (*BEFORE, OPEN) else []


def _waive(book: Book, proposal: Proposal) -> list[str]:
    """How shorter notice is agreed to, and how many more that takes."""
    if proposal.profile.waiver is None:
        return []
    asked = electorate(book, proposal.profile.electorate, proposal.matter)
    said = sum(one in proposal.course.waivers for one in asked)
    takes = least(len(asked), Fraction(*proposal.profile.waiver), strict=False)
    shorter = f"If shorter notice is enough for you:  tally proposal waive {proposal.number}"
    return [f"{shorter}  ({said} of {len(asked)} have said so; it takes {takes})"]


def closed_steps(book: Book, proposal: Proposal) -> list[str]:
    """How ballots that are not opened come to be: those of a secret vote are published a day before."""
    close, opens = f"tally proposal close {proposal.number}", opens_at(proposal)
    if opens is None:
        return [f"Publish the ballots:  {close}", "They are opened 24 hours later, with the same command."]
    if opens > book.until:
        return [
            f"Open the ballots, from {when(book, opens)} on:  {close}",
            f"Until then the same command adds ballots that lie in the mailbox and are not published: {close}",
        ]
    return [f"Open and count the ballots:  {close}"]


def _challenge(book: Book, proposal: Proposal) -> str:
    many, until = proposal.profile.challengers, when(book, next_instant(book, proposal) or 0)
    who = "1 member makes" if many == 1 else f"{many} members make"
    return f'Until {until} {who} all vote again:  tally proposal challenge {proposal.number} "why"'
