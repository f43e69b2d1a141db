"""Which key may sign when, whose words are in doubt after a theft, and what that does to votes and to pay."""

from typing import Any

import pytest

from contributions import state as contributions
from governance import state as governance
from ledger import canonical, lives, people
from ledger.entry import Entry
from ledger.errors import NoKey, NotAMember, Refused
from ledger.key_facts import DOUBTED_MAX
from ledger.private import Text
from ledger.record import compose, consented
from payouts import state as payouts
from tests.keyring import add, reaffirm, revoke, speak, stolen, veto, vouch
from tests.signing import fields, item, refused
from tests.test_admission_keys import SMALL_ORDER
from tests.village import DAY, FOUNDED, HOUR, Village, at, found, key, parts, person

LATER = FOUNDED + 100 * HOUR
CUT = at("2025-09-05")


@pytest.fixture
def village() -> Village:
    """Four members; Ana has a phone besides, which will be stolen."""
    made = found("Ana", "Bela", "Chidi", "Dilek")
    add(made, "Ana", "Ana", "phone")
    return made


def log(village: Village, by: str = "phone", qty: int = 60) -> Entry:
    return speak(village, "Ana", by, "contributions.logged", {"items": [item("Ana") | {"qty": qty}]})


def says(village: Village, by: str) -> bool:
    """Whether this key may speak for Ana now."""
    try:
        speak(village, "Ana", by, "governance.text", {"text": "a word"})
    except NoKey:
        return False
    return True


def same_again(village: Village) -> None:
    """Whoever folds the log anew knows the same."""
    again = village.again()
    again.advance(village.book.until)
    assert parts(again) == parts(village.book)


# Adding and ending.


def test_a_key_signs_from_the_entry_after_the_one_that_brought_it(village):
    added = add(village, "Ana", "phone", "tablet")

    assert village.book.ledger.keys[key("tablet").id].since == added.index
    assert says(village, "tablet")


@pytest.mark.parametrize("used", ["Ana", "phone", "Bela", "log", "once Emre", "waiting"])
def test_a_key_that_was_ever_used_here_is_not_added(village, used):
    village.invite("Bela", "Emre")
    vouch(village, "Bela", "Chidi", "waiting")

    with pytest.raises(Refused, match="known"):
        add(village, "Ana", "Ana", used)


def test_a_key_that_ended_does_not_come_back(village):
    revoke(village, "Ana", "Ana", "phone")

    with pytest.raises(Refused, match="known"):
        add(village, "Ana", "Ana", "phone")


def test_a_key_that_fits_many_messages_is_not_added(village):
    body = {"key": SMALL_ORDER, "paper": False, "proofs": [{"key": SMALL_ORDER, "sig": "0" * 128}]}

    with pytest.raises(Refused):
        speak(village, "Ana", "Ana", "ledger.key_added", body)


def test_a_new_key_must_consent_and_to_this_very_person(village):
    body: dict[str, Any] = {"key": key("tablet").public.hex(), "paper": False, "proofs": []}
    for who, signer in (("Bela", "tablet"), ("Ana", "Mallory")):
        data, _ = compose(village.book, key(who), person(who), "ledger.key_added", body, FOUNDED)
        proofs = canonical.decode(consented(data, [key(signer)]))["body"]["proofs"]
        proofs = [proof | {"key": body["key"]} for proof in proofs]

        with pytest.raises(Refused, match="consented"):
            speak(village, "Ana", "Ana", "ledger.key_added", body | {"proofs": proofs})


def test_any_live_key_ends_any_key_of_its_person_also_itself(village):
    revoke(village, "Ana", "phone", "Ana")
    assert not says(village, "Ana")
    revoke(village, "Ana", "phone", "phone")

    assert not says(village, "phone")
    assert lives.live_keys(village.book.ledger, person("Ana")) == {}


def test_nobody_ends_a_key_of_somebody_else(village):
    with pytest.raises(Refused, match="no key of yours"):
        revoke(village, "Bela", "Bela", "phone")


@pytest.mark.parametrize(
    ("reason", "suspect"), [("bored", None), ("lost", 1), ("rotated", 0), ("compromised", 10**6)], ids=str
)
def test_a_key_ends_for_a_reason_there_is(village, reason, suspect):
    with pytest.raises(Refused):
        revoke(village, "Ana", "Ana", "phone", reason, suspect)


def test_what_was_written_before_a_key_ended_and_comes_after_is_refused_and_says_why(village):
    data, _ = compose(village.book, key("phone"), person("Ana"), "governance.text", {"text": "early"}, FOUNDED)
    revoke(village, "Ana", "Ana", "phone")
    error = refused(village, data, people.KeyEnded, key("phone"))

    assert "ended at entry 2" in error.message
    assert "signed again" in error.hint


def test_a_backdated_entry_of_a_stolen_key_does_not_slip_in(village):
    ended = stolen(village, "Ana", "Ana", "phone", log(village))
    data = canonical.encode(fields(village) | {"key": key("phone").id, "seq": 1, "ts": "2025-08-01T09:00:00Z"})

    refused(village, data, NoKey, key("phone"))
    assert village.book.ledger.keys[key("phone").id].until == ended.index


def test_who_is_no_member_yet_still_ends_a_stolen_key(village):
    joined = village.join("Emre", village.invite("Bela", "Emre"))
    assert village.book.ledger.persons[joined.author].standing == people.CANDIDATE
    add(village, "Emre", "Emre", "spare")
    revoke(village, "Emre", "spare", "Emre", "compromised", 0)

    with pytest.raises(NotAMember):
        speak(village, "Emre", "spare", "ledger.vouched", vouching(village, "Emre", "Chidi", "new"))


def vouching(village: Village, by: str, whom: str, new: str) -> dict[str, Any]:
    body: dict[str, Any] = {"person": person(whom), "key": key(new).public.hex(), "proofs": []}
    data, _ = compose(village.book, key(by), person(by), "ledger.vouched", body, FOUNDED)
    found: dict[str, Any] = canonical.decode(consented(data, [key(new)]))["body"]
    return found


# Disputes.


def test_only_the_suspect_span_of_the_stolen_key_is_disputed(village):
    before, own, first, second = log(village), log(village, "Ana"), log(village), log(village)
    stolen(village, "Ana", "Ana", "phone", first)
    late = log(village, "Ana")

    assert village.book.ledger.disputed == {first.id: first.index, second.id: second.index}
    for one in (before, own, late):
        assert not people.is_disputed(village.book.ledger, one.id)
    assert people.is_disputed(village.book.ledger, second.index)
    same_again(village)


def test_keys_that_a_thief_added_end_with_the_stolen_one_and_theirs(village):
    started = log(village)
    add(village, "Ana", "phone", "thief one")
    add(village, "Ana", "thief one", "thief two")
    thiefs = log(village, "thief two")
    stolen(village, "Ana", "Ana", "phone", started)

    assert not any(says(village, name) for name in ("phone", "thief one", "thief two"))
    assert people.is_disputed(village.book.ledger, thiefs.id)
    assert says(village, "Ana")
    same_again(village)


def test_the_key_that_tells_of_the_theft_is_spared_though_the_stolen_one_added_it(village):
    started = log(village)
    added = add(village, "Ana", "phone", "tablet")
    mine = log(village, "tablet")
    stolen(village, "Ana", "tablet", "phone", started)

    assert says(village, "tablet")
    assert not people.is_disputed(village.book.ledger, mine.id)
    assert not people.is_disputed(village.book.ledger, added.id)
    assert people.is_disputed(village.book.ledger, started.id)


def test_a_theft_found_out_late_disputes_what_the_ended_key_had_said(village):
    thiefs = log(village)
    ended = revoke(village, "Ana", "Ana", "phone", "rotated")
    stolen(village, "Ana", "Ana", "phone", thiefs)

    assert people.is_disputed(village.book.ledger, thiefs.id)
    assert village.book.ledger.keys[key("phone").id].until == ended.index
    with pytest.raises(Refused, match="ended already"):
        revoke(village, "Ana", "Ana", "phone")


def test_what_a_key_said_is_declared_doubtful_a_few_times_and_not_without_end(village):
    thiefs = log(village)
    for _ in range(DOUBTED_MAX):
        stolen(village, "Ana", "Ana", "phone", thiefs)
    with pytest.raises(Refused, match="declared doubtful"):
        stolen(village, "Ana", "Ana", "phone", thiefs)


def test_only_its_person_stands_by_a_statement_and_only_once(village):
    thiefs = log(village)
    stolen(village, "Ana", "Ana", "phone", thiefs)
    for who, by, entries in (("Bela", "Bela", [thiefs]), ("Ana", "Ana", [thiefs, thiefs])):
        with pytest.raises(Refused):
            reaffirm(village, who, by, *entries)
    reaffirm(village, "Ana", "Ana", thiefs)

    assert village.book.ledger.disputed == {}
    with pytest.raises(Refused):
        reaffirm(village, "Ana", "Ana", thiefs)
    same_again(village)


# Pay.


def minutes(village: Village, period: str) -> int:
    return sum(one.qty for one in contributions.sheet(village.book, period).quantities if one.who == person("Ana"))


def test_disputed_work_waits_and_comes_into_a_later_sheet_once_it_is_reaffirmed(village):
    good, mine, thiefs = log(village, "Ana", 10), log(village, qty=20), log(village, qty=40)
    stolen(village, "Ana", "Ana", "phone", mine)
    village.book.advance(CUT)
    assert minutes(village, "2025-08") == 10

    village.say("Bela", "governance.text", {"text": "time goes on"}, CUT)
    reaffirm(village, "Ana", "Ana", mine)
    village.book.advance(CUT + 31 * DAY)

    assert minutes(village, "2025-09") == 20
    assert [work.entry for work in contributions.of(village.book).work.values()] == [thiefs.id]
    assert good.id not in village.book.ledger.disputed


def test_a_theft_that_is_told_after_a_period_was_closed_changes_nothing_in_it(village):
    thiefs = log(village, qty=40)
    village.say("Bela", "governance.text", {"text": "time goes on"}, CUT)
    before = parts(village.book)["contributions"]
    stolen(village, "Ana", "Ana", "phone", thiefs)

    assert minutes(village, "2025-08") == 40
    assert parts(village.book)["contributions"] == before


def book_income(village: Village, by: str, amount: int) -> Entry:
    body = {"party": person("ACME"), "amount": amount, "currency": "EUR", "ref": "", "deals": [], "circle": ""}
    return speak(village, "Ana", by, "payouts.received", body | {"booked": "2025-08-01", "value": "2025-08-01"})


def test_disputed_money_is_left_out_of_a_period_until_it_is_reaffirmed(village):
    village.say("Ana", "ledger.party", {"id": person("ACME"), "sort": "customer", "name": Text("ACME")})
    book_income(village, "Ana", 1000)
    thiefs = book_income(village, "phone", 700)
    stolen(village, "Ana", "Ana", "phone", thiefs)
    village.say("Bela", "governance.text", {"text": "time goes on"}, CUT)

    assert [one.amount for one in payouts.of(village.book).pins["2025-08"].money] == [1000]
    reaffirm(village, "Ana", "Ana", thiefs)
    village.book.advance(CUT + 31 * DAY)
    assert [one.amount for one in payouts.of(village.book).pins["2025-09"].money] == [700]


def run(village: Village) -> payouts.Run:
    return payouts.of(village.book).runs["2025-08"]


@pytest.fixture
def computed(village: Village) -> Village:
    from ledger.cranks import all_turns
    from tests.village import ROOMS

    village.say("Ana", "ledger.party", {"id": person("ACME"), "sort": "customer", "name": Text("ACME")})
    book_income(village, "Ana", 1000)
    log(village, "Ana")
    village.book.advance(CUT)
    while waiting := all_turns(village.book, ROOMS, CUT):
        village.say("Bela", *waiting[0], CUT)
    return village


def approve(village: Village, who: str, by: str) -> Entry:
    return speak(village, who, by, "payouts.approved", {"period": "2025-08", "digest": run(village).digest})


def test_a_disputed_approval_does_not_count_and_may_be_given_anew(computed):
    thiefs = approve(computed, "Ana", "phone")
    stolen(computed, "Ana", "Ana", "phone", thiefs)
    approve(computed, "Bela", "Bela")
    assert run(computed).approved is None

    again = approve(computed, "Ana", "Ana")

    assert run(computed).approved == again.index
    same_again(computed)


def test_a_reaffirmed_approval_is_enough_without_another_word(computed):
    thiefs = approve(computed, "Ana", "phone")
    stolen(computed, "Ana", "Ana", "phone", thiefs)
    approve(computed, "Bela", "Bela")

    assert run(computed).approved is None
    assert run(computed).approvals == {person("Bela"): run(computed).approvals[person("Bela")]}
    said = reaffirm(computed, "Ana", "Ana", thiefs)
    assert run(computed).approved == said.index


def test_a_payout_that_was_approved_stays_approved(computed):
    thiefs = approve(computed, "Ana", "phone")
    done = approve(computed, "Bela", "Bela")
    stolen(computed, "Ana", "Ana", "phone", thiefs)

    assert run(computed).approved == done.index


# Votes.


def ballot(village: Village, by: str, proposed: Entry, choice: str) -> Entry:
    return speak(village, "Ana", by, "governance.voted", {"proposal": proposed.id, "choice": choice})


def test_a_disputed_ballot_gives_way_to_the_earlier_good_one(village):
    proposed = village.propose_text("Bela", "We meet on Mondays")
    ballot(village, "Ana", proposed, "yes")
    thiefs = ballot(village, "phone", proposed, "no")
    stolen(village, "Ana", "Ana", "phone", thiefs)
    assert village.proposal(proposed).ballots == {person("Ana"): "yes"}

    reaffirm(village, "Ana", "Ana", thiefs)

    assert village.proposal(proposed).ballots == {person("Ana"): "no"}
    same_again(village)


def test_a_disputed_ballot_without_an_earlier_one_is_none_and_a_new_one_stands(village):
    proposed = village.propose_text("Bela", "We meet on Mondays")
    thiefs = ballot(village, "phone", proposed, "no")
    stolen(village, "Ana", "Ana", "phone", thiefs)
    assert village.proposal(proposed).ballots == {}

    ballot(village, "Ana", proposed, "yes")
    reaffirm(village, "Ana", "Ana", thiefs)

    assert village.proposal(proposed).ballots == {person("Ana"): "yes"}


def test_a_vote_that_was_decided_stays_decided(village):
    proposed = village.propose_text("Bela", "We meet on Mondays")
    thiefs = ballot(village, "phone", proposed, "yes")
    village.vote("Bela", proposed, "yes")
    village.vote("Chidi", proposed, "yes")
    village.say("Dilek", "governance.text", {"text": "done"}, FOUNDED + 8 * DAY)
    assert village.proposal(proposed).status == "passed"
    before = parts(village.book)["governance"]
    stolen(village, "Ana", "Ana", "phone", thiefs)

    assert parts(village.book)["governance"] == before


@pytest.mark.parametrize(("in_time", "status"), [(False, "failed"), (True, "passed")])
def test_what_a_thief_proposed_does_not_pass_unless_it_is_reaffirmed(village, in_time, status):
    put = speak(village, "Ana", "phone", "governance.text", {"text": "All to me"})
    matter = {"sort": "text", "person": None, "role": None, "circle": "", "give": True}
    body = {"matter": matter, "options": [put.id], "profile": "simple-majority", "replaces": None}
    proposed = speak(village, "Ana", "phone", "governance.proposed", body)
    village.vote("Bela", proposed, "yes")
    village.vote("Chidi", proposed, "yes")
    stolen(village, "Ana", "Ana", "phone", put)
    village.vote("Dilek", proposed, "yes")
    assert village.proposal(proposed).status == "open"
    if in_time:
        reaffirm(village, "Ana", "Ana", proposed)
    village.say("Dilek", "governance.text", {"text": "a week on"}, FOUNDED + 8 * DAY)

    assert village.proposal(proposed).status == status
    same_again(village)


def test_a_thiefs_invitation_is_no_yes_and_lets_nobody_in(village):
    used, open_ = (speak(village, "Ana", "phone", "ledger.invited", invitation(name)) for name in ("Emre", "Femi"))
    joined = village.join("Emre", used)
    assert governance.of(village.book).proposals[joined.id].ballots == {person("Ana"): "yes"}
    stolen(village, "Ana", "Ana", "phone", used)

    assert governance.of(village.book).proposals[joined.id].ballots == {}
    with pytest.raises(Refused, match="stolen"):
        village.join("Femi", open_)
    reaffirm(village, "Ana", "Ana", used, open_)
    assert governance.of(village.book).proposals[joined.id].ballots == {person("Ana"): "yes"}
    village.join("Femi", open_)
    same_again(village)


def invitation(name: str) -> dict[str, Any]:
    return {"person": person(name), "admission": key(f"once {name}").public.hex(), "name": Text(name)}


# Recoveries.


def recovered(village: Village, new: str = "new") -> bool:
    found = village.book.ledger.keys.get(key(new).id)
    return found is not None and found.until is None


def test_three_members_and_three_days_bring_a_person_back(village):
    last = [vouch(village, by, "Ana", "new") for by in ("Bela", "Chidi", "Dilek")][-1]
    village.book.advance(last.received + lives.WAIT - 1)
    assert not recovered(village)
    village.book.advance(last.received + lives.WAIT)

    assert recovered(village)
    assert not lives.live_keys(village.book.ledger, person("Ana")).keys() - {key("new").id}
    speak(village, "Ana", "new", "governance.text", {"text": "back"}, village.book.until)
    assert not says(village, "Ana")
    same_again(village)


def test_two_of_three_are_not_enough(village):
    for by in ("Bela", "Chidi"):
        vouch(village, by, "Ana", "new")
    village.book.advance(LATER + 100 * DAY)

    assert not recovered(village)


def test_where_two_are_members_one_word_is_enough_after_fourteen_days():
    village = found("Ana", "Bela")
    vouch(village, "Bela", "Ana", "new")
    village.book.advance(FOUNDED + lives.WAIT_ALONE - 1)
    assert not recovered(village)
    village.book.advance(FOUNDED + lives.WAIT_ALONE)

    assert recovered(village)


def test_of_two_keys_for_one_person_each_member_speaks_for_one(village):
    for by in ("Bela", "Chidi", "Dilek"):
        vouch(village, by, "Ana", "wrong")
    vouch(village, "Dilek", "Ana", "right")
    village.book.advance(LATER + DAY)
    assert not recovered(village, "wrong")

    for by in ("Bela", "Chidi"):
        vouch(village, by, "Ana", "right", LATER + DAY)
    village.book.advance(LATER + 5 * DAY)

    assert recovered(village, "right")
    assert village.book.ledger.recoveries == {}


def test_a_veto_needs_more_than_half_of_all_to_be_overruled(village):
    for by in ("Bela", "Chidi", "Dilek"):
        vouch(village, by, "Ana", "new")
    veto(village, "Ana", "Ana", "new")
    village.book.advance(LATER)
    assert not recovered(village)

    for by in ("Bela", "Chidi"):
        vouch(village, by, "Ana", "new", LATER)
    village.book.advance(LATER + 100 * DAY)
    assert not recovered(village)
    vouch(village, "Dilek", "Ana", "new", LATER + 100 * DAY)
    with pytest.raises(Refused, match="no to it already"):
        veto(village, "Ana", "Ana", "new")
    village.book.advance(LATER + 104 * DAY)

    assert recovered(village)


def test_who_said_no_once_is_asked_for_by_more_than_half_whichever_key_is_wanted():
    village = found("Ana", "Bela", "Chidi", "Dilek", "Emre", "Femi")

    def asked() -> int:
        wanted = lives.wanted(village.book.ledger, key("later").public.hex(), person("Ana"), village.book.size)
        return lives.needed(village.book.ledger, wanted)

    assert asked() == 3
    vouch(village, "Bela", "Ana", "new")
    veto(village, "Ana", "Ana", "new")

    assert asked() == 4


def test_where_two_are_members_a_veto_stands():
    village = found("Ana", "Bela")
    vouch(village, "Bela", "Ana", "new")
    veto(village, "Ana", "Ana", "new")
    vouch(village, "Bela", "Ana", "new")
    village.book.advance(FOUNDED + 1000 * DAY)

    assert not recovered(village)


def test_a_word_given_with_a_stolen_key_is_none(village):
    thiefs = vouch(village, "Bela", "Ana", "new")
    add(village, "Bela", "Bela", "spare")
    for by in ("Chidi", "Dilek"):
        vouch(village, by, "Ana", "new")
    stolen(village, "Bela", "spare", "Bela", thiefs)
    village.book.advance(LATER)
    assert not recovered(village)

    speak(village, "Bela", "spare", "ledger.vouched", vouching(village, "Bela", "Ana", "new"), LATER)
    village.book.advance(2 * LATER - FOUNDED)

    assert recovered(village)


def test_who_was_robbed_of_every_key_comes_back_and_undoes_what_the_thief_said(village):
    """The thief has the phone: ends Ana's own key, adds one, doubts her words, and says no to her recovery."""
    mine = log(village, "Ana")
    first = add(village, "Ana", "phone", "thief")
    revoke(village, "Ana", "thief", "Ana", "compromised", 0)
    assert people.is_disputed(village.book.ledger, mine.id)
    for by in ("Bela", "Chidi", "Dilek"):
        vouch(village, by, "Ana", "new")
    veto(village, "Ana", "thief", "new")
    for by in ("Bela", "Chidi", "Dilek"):
        vouch(village, by, "Ana", "new")
    spoken = log(village, "thief")
    village.book.advance(LATER)

    assert recovered(village)
    stolen_again = revoke(village, "Ana", "new", "phone", "compromised", first.index, LATER)
    reaffirm(village, "Ana", "new", mine)

    assert not people.is_disputed(village.book.ledger, mine.id)
    assert people.is_disputed(village.book.ledger, spoken.id)
    assert not any(says(village, name) for name in ("phone", "thief", "Ana"))
    assert stolen_again.index in range(village.book.size)
    same_again(village)
