"""When a member has died: three people say who inherits, two weeks are waited, and any word of theirs ends it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.entry import Entry
from payouts import exports, state
from payouts.bank.due_payments import amounts_due, due_now
from payouts.capital.capital_moves import redemption_of
from payouts.departed.heirs import inherited, parts_of
from payouts.departed.heirs_kept import Heir, Naming
from tests.judges import complaint, journal_of, with_programs
from tests.keyring import add, stolen
from tests.test_bank_details import PUBLIC
from tests.test_bank_steps import details
from tests.test_book_year import lying, ties
from tests.test_capital import RULE as CAPITAL_RULE
from tests.test_capital import YEARS, approve, year_of
from tests.test_payouts_accounts import ACME, book, tick
from tests.village import DAY, Village, at, found, person

RULE = '[income]\nshare = "equal"\nrest = "carry"\n'
FOUR = ("Ana", "Bela", "Chidi", "Dilek")
PERIOD = "2025-08"
SEPTEMBER = at("2025-09-05")


def village(rule: str = RULE, period: str = "month") -> Village:
    """Four treasurers, of whom Dilek is a steward too; a customer and two heirs are known."""
    here = found(*FOUR, rule=rule, period=period)
    for party, sort in ((ACME, "customer"), (person("Farah"), "heir"), (person("Emil"), "heir")):
        here.say("Ana", "ledger.party", {"id": party, "sort": sort, "name": "00" * 32})
    moved = here.propose_role("Ana", "Dilek", "steward")
    for name in FOUR:
        here.vote(name, moved, "yes")
    here.status(moved, here.book.until + 8 * DAY)
    return here


def august(here: Village) -> None:
    book(here, 10_003)
    tick(here, SEPTEMBER, "Ana")
    for name in ("Ana", "Bela"):
        digest = state.of(here.book).runs[PERIOD].digest
        here.say(name, "payouts.approved", {"period": PERIOD, "digest": digest})


def heirs(*parts: tuple[str, str]) -> list[dict[str, str]]:
    return [{"to": person(name), "part": part} for name, part in parts]


def name_them(here: Village, who: str = "Chidi", **more: Any) -> Entry:
    """Ana says who inherits, Bela and Dilek agree."""
    body = {"person": person(who), "heirs": heirs(("Farah", "2/3"), ("Emil", "1/3"))} | more
    said = here.say("Ana", "payouts.heirs_named", body)
    for name in ("Bela", "Dilek"):
        here.say(name, "payouts.heirs_agreed", {"naming": said.id})
    return said


def test_after_two_weeks_the_balance_goes_to_the_heirs_in_their_parts() -> None:
    here = village()
    august(here)
    had = lying(here, f"balance:{person('Chidi')}")
    said = name_them(here)
    assert inherited(here.book, said.received + 13 * DAY) == []

    tick(here, said.received + 14 * DAY, "Ana")

    assert lying(here, f"balance:{person('Chidi')}") == 0
    assert lying(here, f"payable:{person('Farah')}") + lying(here, f"payable:{person('Emil')}") == had
    assert lying(here, f"payable:{person('Farah')}") in (had * 2 // 3, had * 2 // 3 + 1)
    # Heirs are parties: they are paid with the next file, once their account is known.
    assert amounts_due(here.book, PERIOD)[person("Farah")] == lying(here, f"payable:{person('Farah')}")
    assert due_now(here.book, PERIOD, here.book.received)[1][person("Farah")] == "no-details"
    ties(here)


def test_any_word_of_the_person_is_the_end_of_it_before_and_after() -> None:
    here = village()
    august(here)
    said = name_them(here)
    later = said.received + 15 * DAY
    assert inherited(here.book, later)

    here.say("Chidi", "governance.text", {"text": "I am here."})

    assert inherited(here.book, later) == []
    with here.refuses("Nothing of this is due"):
        here.say("Ana", "payouts.inherited", {"naming": said.id, "amount": 2_501}, later)
    with here.refuses("no such heirs"):
        here.say("Bela", "payouts.heirs_agreed", {"naming": said.id})
    ties(here)


def test_who_is_said_to_be_dead_hears_of_it_at_the_next_command_and_does_not_pay_the_heirs() -> None:
    here = village()
    august(here)
    said = name_them(here)
    assert any("named heirs" in words for words in state.reminders(here.book, person("Chidi")))
    later = said.received + 15 * DAY
    ((naming, amount),) = inherited(here.book, later)
    with here.refuses("Nothing of this is due"):
        here.say("Chidi", "payouts.inherited", {"naming": naming, "amount": amount}, later)
    with here.refuses("Nothing of this is due"):
        here.say("Ana", "payouts.inherited", {"naming": naming, "amount": amount + 1}, later)


def test_nothing_is_exported_to_who_is_said_to_be_dead() -> None:
    here = village()
    here.say("Ana", "payouts.box_key", {"key": PUBLIC.hex()})
    for name in FOUR:
        details(here, name)
    august(here)
    assert person("Chidi") in {one.payee for one in due_now(here.book, PERIOD, here.book.received)[0]}

    name_them(here)

    due, waiting = due_now(here.book, PERIOD, here.book.received)
    assert (person("Chidi") in {one.payee for one in due}, waiting[person("Chidi")]) == (False, "heirs")


def test_a_word_from_a_key_that_was_stolen_pays_no_heirs() -> None:
    here = village()
    add(here, "Bela", "Bela", "Bela's phone", here.book.until)
    august(here)
    said = name_them(here)
    later = said.received + 15 * DAY
    assert inherited(here.book, later)

    stolen(here, "Bela", "Bela's phone", "Bela", said)

    assert inherited(here.book, later) == []


def test_what_no_treasurers_have_approved_waits_for_them() -> None:
    here = village()
    book(here, 10_003)
    tick(here, SEPTEMBER, "Ana")
    said = name_them(here)

    assert inherited(here.book, said.received + 15 * DAY) == []


@pytest.mark.parametrize(
    ("who", "more", "words"),
    [
        ("Chidi", {}, "own purse"),
        ("Ana", {"heirs": heirs(("Ana", "1/1"))}, "own purse"),
        ("Ana", {"heirs": heirs(("Farah", "1/2"))}, "do not come to the whole"),
        ("Ana", {"heirs": heirs(("Farah", "1/2"), ("Farah", "1/2"))}, "twice"),
        ("Ana", {"heirs": heirs(("Chidi", "1/1"))}, "twice, or is the person"),
        ("Ana", {"heirs": heirs(("Nobody", "1/1"))}, "nobody whom the ledger knows"),
        ("Ana", {"person": "ab" * 16}, "does not know"),
    ],
)
def test_what_cannot_be_said_of_heirs(who: str, more: dict[str, Any], words: str) -> None:
    here = village()
    body = {"person": person("Chidi"), "heirs": heirs(("Farah", "1/2"), ("Emil", "1/2"))} | more

    with here.refuses(words):
        here.say(who, "payouts.heirs_named", body)


def test_three_people_say_so_and_none_of_them_twice() -> None:
    here = village()
    august(here)
    body = {"person": person("Chidi"), "heirs": heirs(("Farah", "1/1"))}
    said = here.say("Ana", "payouts.heirs_named", body)
    with here.refuses("said so already"):
        here.say("Ana", "payouts.heirs_agreed", {"naming": said.id})
    here.say("Dilek", "payouts.heirs_agreed", {"naming": said.id})
    assert inherited(here.book, said.received + 15 * DAY) == []

    here.say("Bela", "payouts.heirs_agreed", {"naming": said.id})

    assert inherited(here.book, said.received + 15 * DAY)
    with here.refuses("no such heirs"):
        here.say("Bela", "payouts.heirs_agreed", {"naming": said.id})


def test_a_member_who_inherits_has_it_on_the_own_balance() -> None:
    here = village()
    august(here)
    had = lying(here, f"balance:{person('Chidi')}")
    said = here.say("Ana", "payouts.heirs_named", {"person": person("Dilek"), "heirs": heirs(("Chidi", "1/1"))})
    here.say("Bela", "payouts.heirs_agreed", {"naming": said.id})
    # Dilek is the only steward: another is needed.
    assert inherited(here.book, said.received + 15 * DAY) == []

    other = here.say("Ana", "payouts.heirs_named", {"person": person("Chidi"), "heirs": heirs(("Bela", "1/1"))})
    with here.refuses("own purse"):
        here.say("Bela", "payouts.heirs_agreed", {"naming": other.id})
    assert had == lying(here, f"balance:{person('Chidi')}")


def test_capital_of_who_has_died_is_redeemed_like_that_of_who_has_left_and_goes_to_the_heirs() -> None:
    here = village(CAPITAL_RULE, "quarter")
    moved = here.move("Ana", "policy", None, texts=["[loan]\nredeemed = 0"], terms={"names": ["capital"]})
    here.all_cast(FOUR, moved, "yes")
    year_of(here, YEARS[0], 80_000)
    approve(here, YEARS[0], "Ana", "Bela")
    here.book.advance(at("2026-05-01"))
    name_them(here)

    year_of(here, YEARS[1], 0)

    (row,) = redemption_of(here.book, YEARS[1]).rows
    assert (row.person, row.due) == (person("Chidi"), row.held)
    assert lying(here, f"balance:{person('Chidi')}") == row.due
    approve(here, YEARS[1], "Ana", "Bela")
    tick(here, here.book.received, "Ana")
    assert lying(here, f"balance:{person('Chidi')}") == 0
    assert lying(here, f"payable:{person('Farah')}") + lying(here, f"payable:{person('Emil')}") == row.due
    ties(here)


@settings(max_examples=50)
@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=12))
def test_over_the_years_no_heir_is_a_cent_off(amounts: list[int]) -> None:
    thirds = [Heir(to=name, part="1/3") for name in ("ab", "cd", "ef")]
    naming, given_so_far = Naming(person="p", heirs=thirds, entry=1, spoken={}), dict[str, int]()
    for amount in amounts:
        parts, naming.debts = parts_of(naming, "11" * 32, amount)
        for heir, part in parts.items():
            given_so_far[heir] = given_so_far.get(heir, 0) + part

    assert sum(given_so_far.values()) == sum(amounts)
    assert all(abs(3 * part - sum(amounts)) <= 3 for part in given_so_far.values())


@with_programs
def test_the_judges_agree_with_what_heirs_were_given(tmp_path: Any, program: str) -> None:
    here = village()
    august(here)
    said = name_them(here)
    tick(here, said.received + 14 * DAY, "Ana")
    text = exports.of(program)(journal_of(here, here.book.until))

    assert complaint(program, text, tmp_path) == ""
