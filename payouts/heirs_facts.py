"""What is said about somebody who has died: who inherits, who agrees to that, and what went to the heirs."""

from fractions import Fraction
from typing import Annotated

from msgspec import Meta

from ledger import people
from ledger.book import Book
from ledger.canonical import INT_MAX
from ledger.entry import Entry, Hex64, PersonId
from ledger.errors import Refused
from ledger.fact import Fact, Piece, fact
from payouts import state
from payouts.departed.heirs import STEWARD, account_of, are_enough, inherited, parts_of, stands
from payouts.departed.heirs_kept import Heir, Naming, keys_spoken

HEIRS_MAX = 50


class Inherits(Piece, frozen=True):
    """A party or a member who inherits, and which part: "1/2"."""

    to: PersonId
    part: Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}\Z")]


@fact("payouts.heirs_named")
class HeirsNamed(Fact, frozen=True):
    """A treasurer or a steward says that a member has died, and who inherits what is owed to them; papers stay out."""

    person: PersonId
    heirs: Annotated[tuple[Inherits, ...], Meta(min_length=1, max_length=HEIRS_MAX)]

    def check(self, book: Book, entry: Entry) -> None:
        """Of somebody else whom the ledger knows; known heirs, each once, of whom none says it; all parts are one."""
        must_be_neutral(book, entry.author, self.person, [heir.to for heir in self.heirs])
        people.must_know(book.ledger, self.person)
        ids = [heir.to for heir in self.heirs]
        if len(set(ids)) != len(ids) or self.person in ids:
            raise Refused("An heir stands here twice, or is the person who died.", "Name each heir once.")
        unknown = [one for one in ids if one not in book.ledger.parties and one not in book.ledger.persons]
        if unknown:
            raise Refused("An heir is nobody whom the ledger knows.", "Name them first, as a party.")
        if sum(Fraction(heir.part) for heir in self.heirs) != 1:
            raise Refused("The parts of the heirs do not come to the whole.", "Write parts such as 1/2 and 1/2.")

    def apply(self, book: Book, entry: Entry) -> None:
        """Nothing goes to them before two treasurers and a steward say the same, and some days are over."""
        state.of(book).heirs[entry.id] = Naming(
            person=self.person,
            heirs=[Heir(to=heir.to, part=heir.part) for heir in self.heirs],
            entry=entry.index,
            spoken=keys_spoken(book.ledger, self.person),
            said={entry.author: entry.index},
        )


@fact("payouts.heirs_agreed")
class HeirsAgreed(Fact, frozen=True):
    """Another treasurer or a steward has seen the papers too and agrees to who inherits."""

    naming: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """Once, about somebody else, of a naming that waits for it; not by an heir."""
        one = state.of(book).heirs.get(self.naming)
        if one is None or one.enough is not None or not stands(book, one):
            raise Refused("There are no such heirs to agree to.", "tally heirs list")
        must_be_neutral(book, entry.author, one.person, [heir.to for heir in one.heirs])
        if entry.author in one.said:
            raise Refused(f"You have said so already (entry {one.said[entry.author]}).", "Another one agrees.")

    def apply(self, book: Book, entry: Entry) -> None:
        """With two treasurers and a steward, three people, the days begin."""
        one = state.of(book).heirs[self.naming]
        one.said[entry.author] = entry.index
        if are_enough(book, one.said):
            one.enough = entry.received


@fact("payouts.inherited")
class Inherited(Fact, frozen=True):
    """What was on a balance, or came there since, goes to the heirs."""

    naming: Hex64
    amount: Annotated[int, Meta(ge=1, le=INT_MAX)]

    def check(self, book: Book, entry: Entry) -> None:
        """The heirs hold by now, the person is silent, and it is exactly what is payable of the balance."""
        one = state.of(book).heirs.get(self.naming)
        speaks = one is not None and one.person == entry.author
        if speaks or (self.naming, self.amount) not in inherited(book, entry.received):
            raise Refused("Nothing of this is due to heirs.", "tally heirs list")

    def apply(self, book: Book, entry: Entry) -> None:
        """It is owed to them, in their parts."""
        own = state.of(book)
        one = own.heirs[self.naming]
        parts, one.debts = parts_of(one, self.naming, self.amount)
        one.last = entry.index
        for heir, part in parts.items():
            if part:
                state.post(own.accounts, f"balance:{one.person}", account_of(book, heir), part)
                one.given[heir] = one.given.get(heir, 0) + part


def must_be_neutral(book: Book, author: str, person: str, heirs: list[str]) -> None:
    """A treasurer or a steward, who neither is the person nor inherits."""
    if not any(people.holds(book.ledger, author, role) for role in (people.TREASURER, STEWARD)):
        raise Refused("Only a treasurer or a steward may do this.", "tally member list shows who they are.")
    if author == person or author in heirs:
        raise Refused("This is about your own purse, so somebody else says it.", "tally heirs list")
