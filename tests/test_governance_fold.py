"""What members decide follows from the log and the time alone: never from who looked, when, or how often."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack

from governance import state
from ledger import people
from ledger.book import state_of
from tests.deeds import live, scripts
from tests.village import DAY, FOUNDED, Village, parts

FAR = 400 * DAY
ENDS = {"failed", "passed", "in force", "superseded", "effective", "withdrawn", "expired", "lapsed"}


@given(scripts, st.data())
@settings(max_examples=120, deadline=None)
def test_folding_any_part_of_the_log_and_looking_at_any_times_gives_the_same_book(script, data):
    village = live(script)
    size = data.draw(st.integers(1, len(village.leaves)), "entries")
    later = data.draw(st.lists(st.integers(0, 100 * DAY), min_size=1, max_size=4), "looks")
    last = village.leaves[size - 1][2]

    at_once = village.again(size)
    at_once.advance(last + max(later))
    looked_at = _folded_with_looks(village, size, data)
    for look in sorted(later):
        looked_at.advance(last + look)

    assert parts(at_once) == parts(looked_at)


def _folded_with_looks(village: Village, size: int, data):
    """The same entries, but between any two somebody looked at the book, which was kept and opened again."""
    book = village.empty_book()
    for place, leaf in enumerate(village.leaves[:size]):
        book.fold(*leaf)
        if place + 1 < size:
            span = village.leaves[place + 1][2] - leaf[2]
            book.advance(leaf[2] + data.draw(st.integers(0, span)))
        book.parts = {room: msgpack.decode(part, type=state_of(room).State) for room, part in parts(book).items()}
    return book


@given(scripts)
@settings(max_examples=80, deadline=None)
def test_a_log_that_was_admitted_is_admitted_again_and_gives_the_same_decisions(script):
    village = live(script)

    admitted, folded = village.empty_book(), village.again()
    for leaf in village.leaves:
        admitted.admit(*leaf)
        admitted.fold(*leaf)
    for book in (admitted, folded):
        book.advance(book.received + 60 * DAY)

    assert parts(admitted) == parts(folded)


@given(scripts)
@settings(max_examples=80, deadline=None)
def test_every_decision_is_settled_in_the_end_and_tells_how(script):
    village = live(script)

    village.book.advance(FOUNDED + FAR)

    own = state.of(village.book)
    assert own.open == own.waiting == own.pending == own.scheduled == []
    for proposal in own.proposals.values():
        assert proposal.status in ENDS
        assert proposal.is_decided or proposal.course.reason or proposal.status == "withdrawn"
    # Each rule that holds or held was voted, but the one of the founding and those that came back when one lapsed.
    came = sum(proposal.status in ("in force", "lapsed") for proposal in own.proposals.values())
    assert len(own.force) - 1 <= 2 * came


@given(scripts)
@settings(max_examples=80, deadline=None)
def test_no_vote_ends_the_last_treasurer_and_nobody_is_counted_twice(script):
    village = live(script)

    village.book.advance(FOUNDED + FAR)

    left = {person for person, known in village.book.ledger.persons.items() if known.standing == people.FORMER}
    assert people.treasurers(village.book.ledger) or left
    for proposal in state.of(village.book).proposals.values():
        course = proposal.course
        assert course.carried.keys() <= set(proposal.voters) - proposal.ballots.keys()
        if course.decision is not None:
            assert course.decision.cast <= course.decision.roll == len(proposal.voters) <= len(proposal.roll)


@given(scripts, st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_a_result_stays_what_it_was_whatever_is_said_later(script, days):
    village = live(script)
    before = village.again(max(1, len(village.leaves) // 2))

    decided = {one.id: (one.course.decision, one.result) for one in state.of(before).proposals.values()}
    village.book.advance(FOUNDED + days * DAY + FAR)
    after = state.of(village.book).proposals

    for one, found in decided.items():
        assert found == (None, None) or found == (after[one].course.decision, after[one].result)
