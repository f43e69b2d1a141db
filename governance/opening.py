"""From being put forward to the open vote: draft, notice, and what is pinned when the ballot box opens.

Options, profile and roll are settled at the opening; nothing of them can be edited afterwards.
"""

from governance import matters
from governance.asked import Asked
from governance.boxes import check_roll, electorate
from governance.constituencies import constituencies
from governance.days import after_clear_days
from governance.locks import check_lock
from governance.part import DRAFT, NOTICE, OPEN, RENEWAL, SUPERSEDED, Proposal, of
from governance.profile import HOUR
from governance.proposable import all_recused, check_way
from governance.rolls import ring_of
from ledger.book import Book
from ledger.errors import Refused


def put(book: Book, proposal: Proposal, at: int) -> None:
    """A matter is put forward: as a draft, with notice, or at once."""
    state = of(book)
    state.proposals[proposal.id] = proposal
    proposal.course.put = at
    if proposal.terms.draft:
        proposal.status = DRAFT
        state.pending.append(proposal.id)
    else:
        announce(book, proposal, at)


def announce(book: Book, proposal: Proposal, at: int) -> None:
    """The members are told; it opens after so many clear days, or at once."""
    _take_profile(book, proposal)
    days = proposal.profile.notice_days
    proposal.course.put = at
    if proposal.id in of(book).pending:
        of(book).pending.remove(proposal.id)
    if not days:
        open_now(book, proposal, at)
        return
    proposal.status, proposal.course.opens = NOTICE, after_clear_days(book, at, days)
    of(book).pending.append(proposal.id)


def waive(book: Book, proposal: Proposal, at: int) -> None:
    """Enough members say that shorter notice will do: the vote opens."""
    numerator, denominator = proposal.profile.waiver or (1, 1)
    asked = electorate(book, proposal.profile.electorate, proposal.matter)
    if sum(one in proposal.course.waivers for one in asked) * denominator >= numerator * len(asked):
        of(book).pending.remove(proposal.id)
        open_now(book, proposal, at)


def open_now(book: Book, proposal: Proposal, at: int) -> None:
    """Options, profile and roll are pinned; from now on ballots are taken."""
    _take_profile(book, proposal)
    pin_roll(book, proposal)
    try:
        check_roll(proposal)
        check_lock(book, proposal.profile, proposal.terms, at)
        if proposal.course.why != RENEWAL:
            check_way(asked_of(book, proposal))
            matters.of(proposal.matter.sort).check(book, asked_of(book, proposal))
    except Refused as refused:
        proposal.status, proposal.since, proposal.course.reason = SUPERSEDED, at, refused.message.rstrip(".")
        return
    proposal.status, proposal.opened = OPEN, at
    proposal.closes = at + proposal.profile.length_hours * HOUR
    of(book).open.append(proposal.id)


def _take_profile(book: Book, proposal: Proposal) -> None:
    """The profile as it is now; what follows on another matter keeps the one it was given."""
    if not proposal.course.why:
        proposal.profile = of(book).profiles.get(proposal.profile_name, proposal.profile)


def pin_roll(book: Book, proposal: Proposal) -> None:
    """Who is asked is settled: joining later adds nobody."""
    out = all_recused(asked_of(book, proposal))
    proposal.roll = electorate(book, proposal.profile.electorate, proposal.matter)
    proposal.course.recused = [person for person in proposal.roll if person in out]
    proposal.course.roles = constituencies(book, proposal)
    proposal.course.size = book.size
    if proposal.profile.secrecy == "secret":
        proposal.course.ring = ring_of(book, proposal)


def asked_of(book: Book, proposal: Proposal) -> Asked:
    """The proposal as it was put."""
    texts = of(book).texts
    return Asked(
        by=proposal.by,
        matter=proposal.matter,
        terms=proposal.terms,
        texts=[texts[one] for one in proposal.options],
        profile_name=proposal.profile_name,
        profile=proposal.profile,
        replaces=proposal.replaces,
    )
