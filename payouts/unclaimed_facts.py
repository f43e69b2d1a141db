"""What is said about a balance that nobody claims: a notice, and after 90 days that it went where members voted."""

from typing import Annotated

from msgspec import Meta

from ledger.book import Book
from ledger.canonical import INT_MAX
from ledger.entry import Entry, PersonId
from ledger.errors import Refused
from ledger.fact import Fact, fact
from payouts import state
from payouts.departed.unclaimed import goes_to, to_move, to_notice

Amount = Annotated[int, Meta(ge=1, le=INT_MAX)]
LIST = "tally unclaimed list"


@fact("payouts.unclaimed_noticed")
class UnclaimedNoticed(Fact, frozen=True):
    """A balance could not be paid for as long as members voted; it goes elsewhere unless its person is heard of."""

    person: PersonId
    amount: Amount

    def check(self, book: Book, entry: Entry) -> None:
        """It is due, of exactly this amount."""
        if (self.person, self.amount) not in to_notice(book, entry.received):
            raise Refused("No such notice is due.", LIST)

    def apply(self, book: Book, entry: Entry) -> None:
        """The days of the notice begin; the person is told with everything they sign."""
        quiet = state.of(book).quiet[self.person]
        quiet.noticed, quiet.noticed_at = entry.index, entry.received


@fact("payouts.unclaimed")
class WentUnclaimed(Fact, frozen=True):
    """A balance that was noticed and not claimed lies on the account that members voted."""

    person: PersonId
    amount: Amount

    def check(self, book: Book, entry: Entry) -> None:
        """The days of the notice are over, nothing was heard, and it is exactly this amount."""
        if (self.person, self.amount) not in to_move(book, entry.received):
            raise Refused("No such balance is unclaimed.", LIST)

    def apply(self, book: Book, entry: Entry) -> None:
        """It is the cooperative's; whoever claims it later asks the members."""
        own = state.of(book)
        state.post(own.accounts, f"balance:{self.person}", f"account:{goes_to(book)}", self.amount)
        del own.quiet[self.person]
