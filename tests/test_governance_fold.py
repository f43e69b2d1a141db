"""What members decide follows from the log and the time alone: never from who looked, when, or how often."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack

from governance import state
from governance.cranks import turns
from ledger import people
from ledger.book import state_of
from ledger.errors import TallyError
from tests.village import DAY, FOUNDED, HOUR, Village, found, parts, titled

WEEK = 7 * DAY
deeds = st.lists(
    st.tuples(
        st.sampled_from((0, 0, 1, HOUR, DAY, DAY, 3 * DAY, WEEK - 1, WEEK, 25 * DAY)),
        st.sampled_from(("join", "text", "rule", "rule", "role", "all vote", "all vote", "one votes", "crank")),
        st.integers(0, 10**6),
    ),
    max_size=16,
)
PEOPLE = ("Ana", "Chidi", "Bela", "Dilek")
CHOICES = (*("yes",) * 6, "no", "abstain")


def live(script: list[tuple[int, str, int]]) -> Village:
    """A cooperative in which all this was tried; what was refused is not in its log."""
    village, now, opened = found("Ana", "Chidi"), FOUNDED, []
    for gap, deed, number in script:
        now += gap
        try:
            _do(village, deed, number, now, opened)
        except TallyError:
            continue
    return village


def _do(village: Village, deed: str, number: int, now: int, opened: list) -> None:
    who = PEOPLE[number % 4]
    if deed == "join":
        name = PEOPLE[2 + number % 2]
        opened.append(village.join(name, village.invite("Ana", name, now)))
    elif deed == "text":
        opened.append(village.propose_text(who, f"Resolution {number}", now))
    elif deed == "rule":
        opened.append(village.propose_rule(who, titled(f"Rule {number % 3}"), now))
    elif deed == "role":
        name, role = PEOPLE[number // 4 % 4], ("treasurer", "steward")[number // 16 % 2]
        opened.append(village.propose_role(who, name, role, now, give=number // 32 % 2 == 0))
    elif deed == "one votes" and opened:
        village.vote(who, opened[-1 - number % min(3, len(opened))], CHOICES[number // 4 % 8], now)
    elif deed == "all vote" and opened:
        for place, name in enumerate(PEOPLE):
            village.vote(name, opened[-1 - number % min(2, len(opened))], CHOICES[(number >> place) % 8], now)
    elif deed == "crank":
        village.book.advance(max(now, village.book.received))
        for kind, body in turns(village.book, now):
            village.say(who, kind, body, now)


@given(deeds, st.data())
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


@given(deeds)
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


@given(deeds)
@settings(max_examples=80, deadline=None)
def test_there_is_always_a_treasurer_and_every_decision_is_settled_in_the_end(script):
    village = live(script)

    village.book.advance(village.book.received + 60 * DAY)

    own = state.of(village.book)
    assert people.treasurers(village.book.ledger)
    assert own.open == own.waiting == []
    assert all(proposal.result and proposal.status != "open" for proposal in own.proposals.values())
    assert sum(proposal.status == "in force" for proposal in own.proposals.values()) == len(own.force) - 1
