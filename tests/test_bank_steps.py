"""Whatever treasurers and banks do, in any order: nobody is paid twice, no cent appears, the log gives it again."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cranks import all_turns
from ledger.errors import TallyError
from ledger.private import Text
from payouts import state
from payouts.bank.details_sealing import Account, promise, seal
from payouts.bank.due_payments import due_now
from payouts.bank.paying import LIVE, SETTLED
from tests.test_bank_details import PUBLIC
from tests.village import DAY, ROOMS, Village, at, found, parts, person

RULE = 'title = "Equal"\n[income]\nshare = "equal"\nrest = "carry"\n'
PERIOD = "2025-08"
DUE = at("2025-09-05")


def approved(names: tuple[str, ...], amount: int, minimum: str = "") -> Village:
    """August's income is shared equally and approved; everybody has set details."""
    rule = f'{RULE}minimum = "{minimum}"\n' if minimum else RULE
    village = found(*names, rule=rule)
    village.say(names[0], "payouts.box_key", {"key": PUBLIC.hex()})
    for name in names:
        details(village, name)
    village.say(names[0], "ledger.party", {"id": person("ACME"), "sort": "customer", "name": Text("ACME")})
    money = {"party": person("ACME"), "amount": amount, "currency": "EUR", "ref": "", "deals": [], "circle": ""}
    day = {"booked": "2025-08-01", "value": "2025-08-01"}
    village.say(names[0], "payouts.received", money | day)
    village.book.advance(DUE)
    while waiting := all_turns(village.book, ROOMS, DUE):
        village.say(names[0], *waiting[0], DUE)
    for name in names[:2]:
        digest = state.of(village.book).runs[PERIOD].digest
        village.say(name, "payouts.approved", {"period": PERIOD, "digest": digest})
    return village


def details(village: Village, name: str, salt: str = "ab") -> None:
    """A member says where they are paid."""
    account = Account(iban="BE68539007547034", bic=None, name=name, salt=salt * 32)
    box = {"key": PUBLIC.hex(), "sealed": Text(seal(account, PUBLIC.hex()))}
    said = {"promise": promise(village.book.ledger.id, person(name), account), "boxes": [box]}
    village.say(name, "payouts.details_set", said)


def export(village: Village, who: str = "Ana", **changes: Any) -> str:
    """A file with all that is due now; its entry's id."""
    due, _ = due_now(village.book, PERIOD, village.book.received)
    body = {
        "period": PERIOD, "form": "csv", "file": "aa" * 32, "debtor": "bb" * 32, "date": "2025-09-30",
        "created": "2025-09-05T00:00:00",
        "instructions": [
            {"eid": one.eid, "payee": one.payee, "amount": one.amount, "attempt": one.attempt, "details": one.details}
            for one in due
        ],
    }  # fmt: skip
    return village.say(who, "payouts.exported", body | changes).id


STEP = st.tuples(st.sampled_from(["export", "sent", "settle", "return", "void", "details"]), st.integers(0, 9))


@given(st.integers(3, 100_000), st.lists(STEP, max_size=14))
@settings(max_examples=100, deadline=None)
def test_no_order_of_steps_pays_twice_or_loses_a_cent(amount: int, steps: list[tuple[str, int]]) -> None:
    names = ("Ana", "Bela", "Chidi")
    village = approved(names, amount)
    owed = state.lying(village.book, "balance")
    for number, (what, which) in enumerate(steps):
        with suppress(TallyError):
            step(village, names, what, which, f"{number:02x}")
        check(village, amount, owed)

    assert parts(village.again()) == parts(village.book)


def step(village: Village, names: tuple[str, ...], what: str, which: int, salt: str) -> None:
    """One thing somebody tries."""
    own = state.of(village.book)
    eids, exports = sorted(own.payments), list(own.exports)
    if what == "export":
        export(village)
    elif what == "details":
        details(village, names[which % 3], salt)
    elif what in ("sent", "void") and exports:
        for who in names[: 1 + which % 2]:
            village.say(who, f"payouts.{'sent' if what == 'sent' else 'voided'}", {"export": exports[-1]})
    elif what == "settle" and eids:
        eid = eids[which % len(eids)]
        booked = {"eid": eid, "amount": own.payments[eid].amount, "booked": "2025-09-05", "ref": ""}
        village.say("Bela", "payouts.settled", {"payments": [booked]})
    elif what == "return" and eids:
        back = {"eid": eids[which % len(eids)], "reason": "MS03" if which else "AC04", "booked": "2025-09-05"}
        village.say("Bela", "payouts.returned", {"payments": [back]})


def check(village: Village, amount: int, owed: dict[str, int]) -> None:
    """What is owed and what is settled is together what the run gave, for everybody; the accounts are zero in sum."""
    own = state.of(village.book)
    balances = state.lying(village.book, "balance")
    settled = {eid: one for eid, one in own.payments.items() if one.status == SETTLED}
    assert sum(own.accounts.values()) == 0
    assert own.accounts.get(state.BANK, 0) == amount - sum(one.amount for one in settled.values())
    for payee, given_ in owed.items():
        paid = [one for one in settled.values() if one.payee == payee]
        live = [one for one in own.payments.values() if one.payee == payee and one.status in LIVE]
        assert balances.get(payee, 0) == given_ - sum(one.amount for one in paid) >= 0
        assert len(paid) + len(live) <= 1
    assert len({(one.payee, one.attempt) for one in own.payments.values()}) == len(own.payments)


def test_a_file_pays_what_is_due_and_nothing_else() -> None:
    village = approved(("Ana", "Bela", "Chidi"), 10_000)
    due, _ = due_now(village.book, PERIOD, village.book.received)
    rows = [
        {"eid": one.eid, "payee": one.payee, "amount": one.amount, "attempt": 1, "details": one.details} for one in due
    ]
    assert sum(one.amount for one in due) == 10_000
    with village.refuses("another amount than is due"):
        export(village, instructions=[rows[0] | {"amount": rows[0]["amount"] + 1}])
    with village.refuses("another amount than is due"):
        export(village, instructions=[rows[0] | {"amount": rows[0]["amount"] - 1}])
    for wrong in ({"payee": rows[1]["payee"]}, {"attempt": 2}, {"details": "ab" * 32}, {"eid": "E" + "0" * 32}):
        with village.refuses("not due, or not to this account"):
            export(village, instructions=[rows[0] | wrong])
    with village.refuses("each once"):
        export(village, instructions=[rows[0], rows[0]])
    with village.refuses("is over"):
        export(village, date="2025-09-01")
    with village.refuses("more than a year"):
        export(village, date="2027-09-01")
    with village.refuses("no time"):
        export(village, created="2025-09-05T25:00:00")
    with village.refuses("no payout of 2025-09"):
        export(village, period="2025-09")
    export(village, instructions=rows[:1])
    with village.refuses("not due"):
        export(village, instructions=rows[:1])
    export(village, "Chidi", instructions=rows[1:])


def test_what_is_below_the_minimum_of_the_rule_waits_on_the_balance() -> None:
    village = approved(("Ana", "Bela", "Chidi"), 3_001, minimum="10.01")

    assert [one.amount for one in due_now(village.book, PERIOD, village.book.received)[0]] == [1_001]


def test_what_was_settled_and_what_was_sent_is_said_of_known_things_only() -> None:
    village = approved(("Ana", "Bela"), 5_000)
    booked = {"eid": "E" + "0" * 32, "amount": 1, "booked": "2025-09-05", "ref": ""}
    with village.refuses("made no payment"):
        village.say("Ana", "payouts.settled", {"payments": [booked]})
    with village.refuses("no such file"):
        village.say("Ana", "payouts.sent", {"export": "ab" * 32})
    export(village)
    eid = min(state.of(village.book).payments)
    with village.refuses("another amount"):
        village.say("Ana", "payouts.settled", {"payments": [booked | {"eid": eid}]})
    with village.refuses("twice"):
        village.say("Ana", "payouts.settled", {"payments": [booked | {"eid": eid, "amount": 2_500}] * 2})
    with village.refuses("lies in the future"):
        later = {"eid": eid, "amount": 2_500, "booked": "2025-09-09"}
        village.say("Ana", "payouts.settled", {"payments": [booked | later]})


def test_changed_details_wait_seven_days_whatever_a_treasurer_says() -> None:
    village = approved(("Ana", "Bela"), 5_000)
    details(village, "Bela", "cd")
    changed = village.book.received
    assert due_now(village.book, PERIOD, changed)[1] == {person("Bela"): "held"}
    assert len(due_now(village.book, PERIOD, changed + 7 * DAY)[0]) == 2

    rows = [
        {"eid": one.eid, "payee": one.payee, "amount": one.amount, "attempt": 1, "details": one.details}
        for one in due_now(village.book, PERIOD, changed + 7 * DAY)[0]
    ]
    with village.refuses("not due"):
        export(village, instructions=rows)


@pytest.mark.parametrize("reason", ["AC01", "AC04", "AC06", "MD07"])
def test_an_account_that_the_bank_refused_is_not_paid_to_again(reason: str) -> None:
    village = approved(("Ana", "Bela"), 5_000)
    export(village)
    (eid,) = [eid for eid, one in state.of(village.book).payments.items() if one.payee == person("Bela")]
    back = {"eid": eid, "reason": reason, "booked": "2025-09-05"}
    village.say("Ana", "payouts.returned", {"payments": [back]})

    assert due_now(village.book, PERIOD, village.book.received)[1][person("Bela")] == "blocked"
