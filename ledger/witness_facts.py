"""What treasurers say about witnesses: so many of these must have seen the log before a payout is approved."""

import re
from typing import Annotated

from msgspec import Meta

from ledger import people, policy
from ledger.book import Book
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.fact import Fact, fact
from ledger.keys import valid_point
from ledger.note import parse_vkey
from ledger.quorum import log_vkeys

POLICY_MAX = 20_000
_STEERING = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Controls, invisible signs and those that turn the direction of what follows."""
AGREEING = 2  # treasurers who must say the same, where there are so many


@fact("ledger.witnesses")
class WitnessesNamed(Fact, frozen=True):
    """A treasurer says which policy on witnesses shall hold (C2SP tlog-policy); an empty text: none."""

    policy: Annotated[str, Meta(max_length=POLICY_MAX)]

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, a policy that reads and fits this ledger, and news."""
        self.check_by(book, entry.author)

    def check_by(self, book: Book, author: str) -> None:
        """The same before anybody is asked to sign."""
        state = book.ledger
        people.must_hold(state, author, people.TREASURER)
        if self.policy == state.policy:
            raise Refused("That is what holds already.", "`tally witness policy show` tells what does.")
        if author in agreeing(book, self.policy) and len(agreeing(book, self.policy)) < needed(book):
            index = state.policy_said[author][1]
            raise Refused(f"You said so already (entry {index}).", "Another treasurer says the same.")
        if self.policy:
            if _STEERING.search(self.policy):
                raise Refused("The policy holds signs that would steer a terminal.", "Write it in plain letters.")
            check_keys(book, self.policy)

    def apply(self, book: Book, entry: Entry) -> None:
        """A treasurer's newest word stands; once two of them (or the only one) say the same, it holds."""
        state = book.ledger
        state.policy_said[entry.author] = (self.policy, entry.index)
        agreed = agreeing(book, self.policy)
        if len(agreed) >= needed(book):
            state.policy, state.policy_since, state.policy_said = self.policy, entry.index, {}


def check_keys(book: Book, text: str) -> None:
    """Raise Refused unless a policy speaks of this log alone, and no key in it serves two purposes."""
    wanted, own = policy.parse(text.encode()), log_vkeys(book.ledger)
    for one in wanted.logs:
        if one.vkey not in own:
            raise Refused("The policy names another log than this ledger's.", f"This log's key is {own[-1]}.")
    for witness in wanted.witnesses.values():
        public = parse_vkey(witness.vkey).public
        if not valid_point(public):
            raise Refused(f"The key of the witness {witness.name} is not a sound Ed25519 key.")
        if people.key_is_taken(book.ledger, public.hex()):
            raise Refused(
                f"The witness {witness.name} has a key that signs something else in this ledger.",
                "A witness has a key of its own: tally witness new --name NAME.",
            )


def agreeing(book: Book, text: str) -> list[str]:
    """The treasurers whose newest word is this policy, of those who are treasurers now and stand by it."""
    state, said = book.ledger, book.ledger.policy_said
    same = [one for one in people.treasurers(state) if one in said and said[one][0] == text]
    return [one for one in same if not people.is_disputed(state, said[one][1])]


def needed(book: Book) -> int:
    """How many treasurers must say the same."""
    return min(AGREEING, len(people.treasurers(book.ledger)))
