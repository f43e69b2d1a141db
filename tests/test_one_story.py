"""Whatever honest people say and others forge, replay, reorder or back-date: the log tells one story."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger import canonical, entry
from ledger.errors import NotAMember, Refused, TallyError
from ledger.keys import Key
from ledger.private import Text
from tests.signing import fields, item
from tests.village import FOUNDED, HOUR, ROOMS, found, key, parts, person


class Cooperative(RuleBasedStateMachine):
    """Honest people state things; somebody forges, replays, reorders and back-dates whatever was ever signed."""

    @initialize()
    def begin(self) -> None:
        self.village = found("Ana", "Chidi")
        self.now = FOUNDED
        self.roots = {1: self.village.book.root}
        self.said = ["Ana", "Chidi"]
        self.unsent: list[tuple[bytes, Key]] = []

    @rule(hours=st.integers(0, 24 * 20))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    def _try(self, who: str, kind: str, body: dict[str, Any]) -> None:
        """Say it; an honest statement that comes at a bad moment (the vote is over) is refused and leaves no trace."""
        size = self.village.book.size
        try:
            self.village.say(who, kind, body, self.now)
        except (Refused, NotAMember):
            assert self.village.book.size == size
        else:
            assert self.village.book.size == size + 1

    @rule(who=st.sampled_from(["Ana", "Bela", "Chidi"]), minutes=st.integers(1, 900))
    def somebody_logs_work(self, who: str, minutes: int) -> None:
        if key(who).id in self.village.book.ledger.keys:
            self._try(who, "contributions.logged", {"items": [item(who, qty=minutes, note=Text("work"))]})

    @precondition(lambda self: "Bela" not in self.said)
    @rule()
    def bela_joins(self) -> None:
        self.said.append("Bela")
        self.village.join("Bela", self.village.invite("Ana", "Bela", self.now), self.now)

    @rule(who=st.sampled_from(["Ana", "Bela", "Chidi"]), choice=st.sampled_from(["yes", "no", "abstain"]))
    def somebody_votes(self, who: str, choice: str) -> None:
        for proposal in list(self.village.book.parts["governance"].proposals):
            if key(who).id in self.village.book.ledger.keys:
                self._try(who, "governance.voted", {"proposal": proposal, "choice": choice})

    @rule(who=st.sampled_from(["Ana", "Chidi"]), count=st.integers(2, 3))
    def a_statement_is_handed_in_before_the_one_it_follows(self, who: str, count: int) -> None:
        first = fields(self.village, who)
        chain = [first]
        for _ in range(count - 1):
            last = chain[-1]
            chain.append(last | {"seq": last["seq"] + 1, "prev": entry.entry_id(canonical.encode(last))})
        for later in reversed(chain[1:]):
            self._refused(canonical.encode(later), key(who).sign, self.now)

    @rule(data=st.data())
    def something_is_replayed(self, data: st.DataObject) -> None:
        entry_bytes, signature, received = data.draw(st.sampled_from(self.village.leaves))
        self._refused(entry_bytes, lambda _: signature, data.draw(st.sampled_from([received, self.now])))

    @rule(data=st.data(), flip=st.integers(1, 255))
    def something_is_forged(self, data: st.DataObject, flip: int) -> None:
        whole = canonical.encode(fields(self.village))
        signature = key("Ana").sign(entry.preimage(entry.NAMESPACE, whole))
        together = bytearray(whole + signature)
        together[data.draw(st.integers(0, len(together) - 1))] ^= flip
        self._refused(bytes(together[:-64]), lambda _: bytes(together[-64:]), self.now)

    @rule(minutes=st.integers(1, 10_000))
    def something_is_back_dated(self, minutes: int) -> None:
        received = self.village.book.received - minutes * 60_000
        self._refused(canonical.encode(fields(self.village)), key("Ana").sign, received)

    @rule(changed=st.sampled_from(["author", "ledger", "prev", "seq", "seen", "key"]))
    def a_member_lies_about_the_place(self, changed: str) -> None:
        lies = {
            "author": person("Chidi"),
            "ledger": "0" * 64,
            "prev": "0" * 64,
            "seq": 2**40,
            "seen": {"size": self.village.book.size, "root": "0" * 64},
            "key": key("Chidi").id,
        }
        whole = fields(self.village) | {changed: lies[changed]}
        self._refused(canonical.encode(whole), key("Ana").sign, self.now)

    def _refused(self, data: bytes, sign: Any, received: int) -> None:
        book = self.village.book
        book.advance(max(received, book.received))
        self.now = max(self.now, received)
        before, size, root = parts(book), book.size, book.root
        with pytest.raises(TallyError):
            book.admit(data, sign(entry.preimage(entry.NAMESPACE, data)), received)

        assert (parts(book), book.size, book.root) == (before, size, root)

    @invariant()
    def the_log_only_grows_and_has_one_root_at_each_size(self) -> None:
        book = self.village.book

        assert book.size == len(self.village.leaves) >= max(self.roots)
        assert self.roots.setdefault(book.size, book.root) == book.root

    @invariant()
    def folding_the_log_again_gives_the_same_book(self) -> None:
        book, again = self.village.book, self.village.again()
        # What falls due at the very instant of the last entry is done by whoever looks next.
        book.advance(book.until)
        again.advance(book.until)

        assert parts(again) == parts(book)
        assert (again.size, again.root, again.last_id, again.received) == (
            book.size,
            book.root,
            book.last_id,
            book.received,
        )

    def teardown(self) -> None:
        assert set(self.village.book.parts) == set(ROOMS)


Cooperative.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_whatever_is_tried_the_log_tells_one_story = Cooperative.TestCase
