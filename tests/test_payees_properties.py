"""Whatever is billed, made payable, exported, paid and sent back: accounts sum to zero, and bills follow the money."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import TallyError
from payouts import state
from payouts.bank.due_payments import due_now
from payouts.kept import Bill
from payouts.parties.party_dues import amounts_to_parties, free, open_bills
from payouts.parties.payees import in_order, making_up, together, without
from tests.test_payees_admission import HUB, KEYS, RULE, STONE, approved, bill, details, due, owed, paid
from tests.test_payouts_accounts import SEPTEMBER, book, log, tick, village
from tests.village import Village, assert_every_book_is_the_same

PARTIES = (HUB, STONE)
BILLS = st.lists(
    st.builds(
        Bill,
        entry=st.integers(0, 5),
        amount=st.integers(1, 50),
        due=st.sampled_from(["", "2025-09-01", "2025-10-01"]),
        ref=st.just(""),
    ),
    max_size=6,
    unique_by=lambda one: one.entry,
)


@given(BILLS, st.integers(0, 400))
def test_bills_are_made_up_and_taken_to_the_cent(bills: list[Bill], amount: int) -> None:
    known = sum(one.amount for one in bills)
    made = making_up(bills, amount)
    left = without(bills, made)

    assert sum(one.amount for one in made) == amount
    assert sum(one.amount for one in left) == max(0, known - amount)
    assert together([*left, *made]) == in_order(bills)
    assert all(one.amount > 0 for one in (*made, *left))


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(("bill", "due", "paid", "credit", "export", "sent", "settle", "return", "void")),
        st.integers(0, 1),
        st.integers(1, 900),
    ),
    max_size=25,
)


def ready() -> Village:
    """A month is approved; two parties have details."""
    here = village(RULE, "Ana", "Chidi")
    for party in PARTIES:
        here.say("Ana", "ledger.party", {"id": party, "sort": "fund", "name": "00" * 32})
    for name, key in KEYS.items():
        here.say(name, "payouts.box_key", {"key": key})
    log(here, "Ana", 60)
    book(here, 100_000)
    tick(here, SEPTEMBER)
    approved(here)
    owed(here)
    for party in PARTIES:
        here.say("Chidi", "payouts.details_agreed", {"promise": details(here, "Ana", party)})
    return here


def did(here: Village, deed: str, which: int, amount: int) -> None:
    """Somebody tries something."""
    own = state.of(here.book)
    made = {one.export for one in own.payments.values() if one.status == "exported"}
    exports = [one for one in own.exports if one in made]
    moving = [eid for eid, one in sorted(own.payments.items()) if one.status in ("exported", "sent")]
    back = [eid for eid, one in sorted(own.payments.items()) if one.status in ("exported", "sent", "settled")]
    if deed == "bill":
        bill(here, amount, PARTIES[which], due=f"2025-10-{amount % 28 + 1:02}")
    elif deed == "due":
        due(here, "account:network", amount)
    elif deed == "paid":
        paid(here, amount, PARTIES[which])
    elif deed == "credit":
        credited = {"party": PARTIES[which], "amount": amount, "ref": f"CN-{len(here.leaves)}", "booked": "2025-09-04"}
        here.say("Ana", "payouts.credited", credited)
    elif deed == "export":
        export(here)
    elif deed == "sent" and exports:
        here.say("Ana", "payouts.sent", {"export": exports[which % len(exports)]})
    elif deed == "settle" and moving:
        eid = moving[which % len(moving)]
        one = {"eid": eid, "amount": own.payments[eid].amount, "booked": "2025-09-04", "ref": ""}
        here.say("Ana", "payouts.settled", {"payments": [one]})
    elif deed == "return" and back:
        one = {"eid": back[which % len(back)], "reason": "MS03", "booked": "2025-09-04"}
        here.say("Ana", "payouts.returned", {"payments": [one]})
    elif deed == "void" and exports:
        for who in ("Ana", "Chidi"):
            here.say(who, "payouts.voided", {"export": exports[which % len(exports)]})


def export(here: Village) -> None:
    """All that is due goes into a file."""
    found, _ = due_now(here.book, "2025-08", here.book.received)
    rows = [
        {"eid": one.eid, "payee": one.payee, "amount": one.amount, "attempt": one.attempt, "details": one.details}
        for one in found
    ]
    body = {"period": "2025-08", "form": "csv", "file": "aa" * 32, "debtor": "bb" * 32, "date": "2025-09-08"}
    here.say("Ana", "payouts.exported", body | {"created": "2025-09-05T09:00:00", "instructions": rows})


@settings(max_examples=40, deadline=None)
@given(DEEDS)
def test_accounts_sum_to_zero_and_bills_follow_the_money(deeds: list[tuple[str, int, int]]) -> None:
    here, own = ready(), None
    for deed, which, amount in deeds:
        try:
            did(here, deed, which, amount)
        except TallyError:
            continue
        own = state.of(here.book)
        assert sum(own.accounts.values()) == 0
        for party in PARTIES:
            lies, way = -own.accounts.get(f"payable:{party}", 0), lies_on_the_way(here, party)
            assert lies - way == free(here.book, party) == sum(one.amount for one in open_bills(here.book, party)) >= 0
            assert amounts_to_parties(here.book).get(party, 0) == free(here.book, party)
            assert None not in [one.entry for one in open_bills(here.book, party)]

    assert_every_book_is_the_same(here)


def lies_on_the_way(here: Village, party: str) -> int:
    """What is exported or sent; each of these payments holds the bills it pays."""
    live = [one for one in state.of(here.book).payments.values() if one.status in ("exported", "sent")]
    mine = [one for one in live if one.payee == party]
    assert all(sum(held.amount for held in one.bills) == one.amount for one in mine)
    return sum(one.amount for one in mine)
