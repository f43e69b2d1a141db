"""Who votes for whom, and who was told of a vote, when and how."""

from typing import Annotated

from msgspec import Meta

from governance import life
from governance.casting import known
from governance.days import ahead, end_of
from governance.delegating import SCOPES, led_with
from governance.messages import NOTICE, REMINDER
from governance.part import DRAFT, Delegation, of
from ledger import people
from ledger.book import Book
from ledger.entry import Entry, Hex64, PersonId
from ledger.errors import Refused
from ledger.fact import Day, Fact, Piece, fact
from ledger.facts import Name
from ledger.names import Names

KEPT_MAX = 100
"""Delegations of one person that hold at once."""
OFTEN_MAX = 10
"""How often one member tells each of the others of a vote, a notice and reminders: every time stays in the log."""
MESSAGE, MAIL = "message", "mail"
OTHERWISE = ("letter", "phone", "in-person")
WAYS = (MESSAGE, MAIL, *OTHERWISE)
"""How somebody is told: by the program, or otherwise by a member."""


@fact("governance.delegated")
class Delegated(Fact, frozen=True):
    """A member lets another vote for her where she does not vote herself: in everything, a topic, a role, one proposal.

    `to` null ends what she said before for the same.
    """

    to: PersonId | None
    scope: Name
    of: Annotated[str, Meta(pattern=r"^[a-z0-9_-]*\Z", max_length=64)]
    until: Day | None  # its last day; null: until it is ended

    def check(self, book: Book, entry: Entry) -> None:
        """Another member, for something that is voted on, and not more than one may carry."""
        if self.scope not in SCOPES or (self.scope == "all") != (self.of == ""):
            raise Refused(f"{self.scope!r} {self.of!r} is nothing to vote for others in.", f"Say {', '.join(SCOPES)}.")
        if self.scope == "proposal":
            known(book, self.of)
        held = self._same(book, entry.author)
        if self.to is None:
            if not held:
                raise Refused("You let nobody vote for you in this.", "`tally delegation list` shows for what you do.")
            return
        if self.to == entry.author:
            raise Refused("You cannot name yourself.", "Name another member, or vote.")
        if people.must_know(book.ledger, self.to).standing != people.MEMBER:
            raise Refused("Only a member can vote for you.", "`tally member list` shows them.")
        if self.until is not None:
            ahead(book, self.until, entry.received)
        if len(of(book).delegations.get(entry.author, [])) - len(held) >= KEPT_MAX:
            raise Refused(f"You have {KEPT_MAX} of these already.", "End one: tally delegation end.")
        self._check_cap(book, entry)

    def _check_cap(self, book: Book, entry: Entry) -> None:
        """With this one more, nobody may stand for more others than the widest profile allows."""
        cap = max(profile.delegation_cap for profile in of(book).profiles.values())
        if self.scope == "proposal":
            cap = known(book, self.of).profile.delegation_cap
        assert self.to is not None
        many = max(
            len(led_with(entry.author, named[entry.author], named))
            for named in beside(book, entry.author, self.to, (self.scope, self.of), entry.received)
        )
        if many > cap:
            raise Refused(
                f"With this {many} members would be led to one; at most {cap} may be.", "Name somebody else, or vote."
            )

    def in_words(self, book: Book, names: Names) -> str:
        """What a witness reads."""
        what = f"proposal {known(book, self.of).number}" if self.scope == "proposal" else f"{self.scope} {self.of}"
        return f"lets {names.of(self.to) if self.to else 'nobody'} vote in {what.strip()}"

    def check_assisted(self, book: Book, entry: Entry) -> None:
        """What somebody has said herself stands: it could not be brought back when she contests this."""
        own = [one for one in self._same(book, entry.author) if one.id not in book.ledger.assisted]
        if any(one.holds(entry.received) and not people.is_disputed(book.ledger, one.id) for one in own):
            raise Refused("This member has said herself who votes for her in this; that stands.", "She can change it.")

    def _same(self, book: Book, person: str) -> list[Delegation]:
        held = of(book).delegations.get(person, [])
        return [one for one in held if (one.scope, one.of) == (self.scope, self.of)]

    def apply(self, book: Book, entry: Entry) -> None:
        """It holds from now on, in votes that are open too, until the person votes herself."""
        kept = of(book).delegations.setdefault(entry.author, [])
        kept[:] = [one for one in kept if (one.scope, one.of) != (self.scope, self.of)]
        if self.to is not None:
            until = None if self.until is None else end_of(book, self.until)
            made = Delegation(to=self.to, scope=self.scope, of=self.of, until=until, index=entry.index, id=entry.id)
            kept.append(made)
        for proposal in map(of(book).proposals.__getitem__, of(book).open):
            # A quorum may be reached like this too.
            if proposal.profile.extension_hours:
                life.changed(book, proposal, entry.received)


def beside(book: Book, who: str, to: str, scope: tuple[str, str], at: int) -> list[dict[str, str]]:
    """Who would let whom vote in each scope in which this one counts, once `who` names `to`: the narrower goes first.

    What is said for everything counts in each narrower scope too, for those who said nothing there.
    """
    whole, narrower = in_scope(book, "all", "", at), {who: to}
    if scope[0] == "all":
        whole |= narrower
        scopes = {(one.scope, one.of) for said in of(book).delegations.values() for one in said if one.holds(at)}
        open_ones = {*of(book).open, *of(book).pending}
        narrow = sorted(one for one in scopes if one[0] != "proposal" or one[1] in open_ones)
        return [whole, *(whole | in_scope(book, *one, at) for one in narrow if one[0] != "all")]
    return [whole | in_scope(book, *scope, at) | narrower]


def in_scope(book: Book, scope: str, what: str, at: int) -> dict[str, str]:
    """Who lets whom vote in exactly this."""
    return {
        person: one.to
        for person, said in of(book).delegations.items()
        for one in said
        if (one.scope, one.of) == (scope, what) and one.holds(at) and not people.is_disputed(book.ledger, one.id)
    }


class Notice(Piece, frozen=True):
    """One person was told, in one of the ways there are."""

    person: PersonId
    how: Name


@fact("governance.notified")
class Notified(Fact, frozen=True):
    """These persons were told of a proposal: that it is there, or that they have not answered. Never who voted what."""

    proposal: Hex64
    what: Name  # "notice" or "reminder"
    told: Annotated[tuple[Notice, ...], Meta(min_length=1, max_length=1000)]

    def check(self, book: Book, entry: Entry) -> None:
        """Members, each once, of a proposal that is announced, in ways that there are."""
        proposal = known(book, self.proposal)
        if proposal.status == DRAFT:
            raise Refused(f"Proposal {proposal.number} is a draft; nobody is told of it yet.")
        if self.what not in (NOTICE, REMINDER):
            raise Refused(f"{self.what!r} is no message about a vote.", f"There are: {NOTICE}, {REMINDER}.")
        persons = [one.person for one in self.told]
        if len(set(persons)) != len(persons) or not set(persons) <= set(people.members(book.ledger)):
            raise Refused("Members are told, each once.")
        if any(one.how not in WAYS for one in self.told):
            raise Refused("One of these is no way to tell somebody.", f"There are: {', '.join(WAYS)}.")
        # Counted for each member alone, so that nobody uses up what others may tell.
        if proposal.course.told_by.get(entry.author, 0) + len(persons) > OFTEN_MAX * len(people.members(book.ledger)):
            raise Refused(
                f"Of proposal {proposal.number} you have told every member {OFTEN_MAX} times.",
                "Somebody else may go on, or let it rest.",
            )

    def apply(self, book: Book, entry: Entry) -> None:
        """It can be shown who was told when."""
        course = known(book, self.proposal).course
        for one in self.told:
            course.told.setdefault(one.person, []).append((entry.received, one.how, self.what))
        course.told_by[entry.author] = course.told_by.get(entry.author, 0) + len(self.told)
