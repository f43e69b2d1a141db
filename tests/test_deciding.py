"""What members may decide, and what follows: joining, voting, publishing results, rules, roles."""

import pytest

from governance import state
from governance.cranks import turns
from governance.rules import RuleError
from ledger import people
from ledger.errors import NotAMember, Refused, TallyError
from ledger.fact import Malformed
from tests.village import DAY, DEFAULT, FOUNDED, HOUR, Village, at, found, person, titled

SEPTEMBER, OCTOBER = at("2025-09-01"), at("2025-10-01")
WEEK = 7 * DAY


def passed_rule(village: Village, text: str, when: int, names: tuple[str, ...] = ("Ana", "Chidi")):
    """A rule proposed by the first and voted for by all; it passes a week later."""
    proposed = village.propose_rule(names[0], text, when)
    for name in names:
        village.vote(name, proposed, "yes")
    return proposed


# Joining.


def test_with_a_single_founder_the_invitation_makes_a_member_at_once():
    village = found("Ana")

    joined = village.join("Bela", village.invite("Ana", "Bela", FOUNDED + HOUR))
    village.book.advance(FOUNDED + HOUR)

    assert people.members(village.book.ledger) == sorted([person("Ana"), person("Bela")])
    assert village.proposal(joined).result.passed
    assert village.book.ledger.persons[person("Bela")].standings == [
        (FOUNDED + HOUR, "candidate"),
        (FOUNDED + HOUR, "member"),
    ]


def test_of_two_founders_the_other_must_say_yes_and_then_it_is_decided_early():
    village = found("Ana", "Chidi")
    joined = village.join("Bela", village.invite("Ana", "Bela"))

    village.book.advance(FOUNDED + DAY)
    assert village.book.ledger.persons[person("Bela")].standing == "candidate"
    village.vote("Chidi", joined, "yes", FOUNDED + 2 * DAY)
    village.book.advance(FOUNDED + 2 * DAY)

    bela = village.book.ledger.persons[person("Bela")]
    assert bela.standings == [(FOUNDED, "candidate"), (FOUNDED + 2 * DAY, "member")]
    assert village.proposal(joined).closes == FOUNDED + 2 * DAY


def test_a_candidate_speaks_of_work_only_until_admitted():
    village = found("Ana", "Chidi")
    joined = village.join("Bela", village.invite("Ana", "Bela"))

    with pytest.raises(NotAMember, match="You are not a member yet"):
        village.vote("Bela", joined, "yes")


def test_who_joins_later_is_not_on_the_roll_of_an_open_vote():
    village = found("Ana")
    proposed = village.propose_text("Ana", "We meet on Mondays.")
    village.join("Bela", village.invite("Ana", "Bela", FOUNDED + HOUR))

    with pytest.raises(Refused, match="opened before you were a member"):
        village.vote("Bela", proposed, "yes", FOUNDED + 2 * HOUR)
    assert village.proposal(proposed).roll == [person("Ana")]


def test_an_invitation_is_used_once():
    village = found("Ana")
    invited = village.invite("Ana", "Bela")
    village.join("Bela", invited)

    with pytest.raises(TallyError):
        village.join("Bela", invited)


# Ballots.


def test_the_last_ballot_counts():
    village = found("Ana", "Chidi")
    proposed = village.propose_text("Ana", "We meet on Mondays.")
    for choice in ("yes", "no", "yes"):
        village.vote("Ana", proposed, choice)
    village.vote("Chidi", proposed, "yes")
    village.vote("Chidi", proposed, "no")

    village.book.advance(FOUNDED + WEEK)

    result = village.proposal(proposed).result
    assert (result.yes, result.no, result.passed) == (1, 1, False)


def test_a_ballot_counts_until_the_very_last_millisecond_and_not_at_the_deadline():
    village = found("Ana", "Chidi")
    proposed = village.propose_text("Ana", "We meet on Mondays.")
    village.vote("Ana", proposed, "yes", FOUNDED + WEEK - 1)

    with pytest.raises(Refused, match=r"is decided\. Failed: 1 for"):
        village.vote("Chidi", proposed, "yes", FOUNDED + WEEK)


def test_a_simple_majority_stays_open_to_its_end_though_everybody_has_voted():
    village = found("Ana")
    proposed = village.propose_text("Ana", "We meet on Mondays.")
    village.vote("Ana", proposed, "yes")

    village.book.advance(FOUNDED + WEEK - 1)

    assert village.proposal(proposed).status == "open"


def test_an_odd_choice_is_refused():
    village = found("Ana")
    proposed = village.propose_text("Ana", "We meet on Mondays.")

    with pytest.raises(Refused, match="no choice here"):
        village.vote("Ana", proposed, "maybe")


# Publishing results.


def test_a_result_is_published_by_anybody_after_its_time_once_and_only_as_it_is():
    village = found("Ana", "Chidi")
    proposed = village.propose_text("Ana", "We meet on Mondays.")
    village.vote("Ana", proposed, "yes")
    outcome = {"passed": False, "yes": 1, "no": 0, "abstain": 0, "roll": 2, "needed": 2}
    body = {"proposal": proposed.id, "outcome": outcome}

    with pytest.raises(Refused, match="still open"):
        village.say("Chidi", "governance.closed", body, FOUNDED + WEEK - 1)
    with pytest.raises(Refused, match="not the result"):
        village.say("Chidi", "governance.closed", body | {"outcome": outcome | {"yes": 2}}, FOUNDED + WEEK)
    village.say("Chidi", "governance.closed", body, FOUNDED + WEEK)
    with pytest.raises(Refused, match="published already"):
        village.say("Ana", "governance.closed", body, FOUNDED + WEEK)


def test_the_crank_publishes_what_check_lets_in_and_then_nothing():
    village = found("Ana")
    village.propose_text("Ana", "We meet on Mondays.")
    village.join("Bela", village.invite("Ana", "Bela"))
    village.book.advance(FOUNDED + WEEK)

    for kind, body in turns(village.book, FOUNDED + WEEK):
        village.say("Bela", kind, body, FOUNDED + WEEK)

    assert len(village.leaves) == 7
    assert turns(village.book, FOUNDED + WEEK) == []


# Rules.


def test_a_rule_holds_from_the_start_of_the_next_period_and_only_then():
    village = found("Ana", "Chidi")
    proposed = passed_rule(village, titled("Second"), FOUNDED)

    village.book.advance(SEPTEMBER - 1)
    first = state.current(village.book)
    assert village.proposal(proposed).status == "passed"
    village.book.advance(SEPTEMBER)

    assert village.proposal(proposed).status == "in force"
    assert state.of(village.book).rules[state.current(village.book)].title == "Second"
    assert state.rule_at(village.book, SEPTEMBER - 1) == first
    assert state.rule_at(village.book, SEPTEMBER) == state.current(village.book)


def test_a_rule_decided_at_the_very_start_of_a_period_holds_in_it():
    village = found("Ana", "Chidi")
    proposed = passed_rule(village, titled("Second"), SEPTEMBER - WEEK)

    village.book.advance(SEPTEMBER)

    assert village.proposal(proposed).since == SEPTEMBER


def test_of_two_rules_that_compete_the_one_decided_first_holds_and_the_other_is_superseded():
    """Whatever their ids are: twelve pairs, and no hash ever decides."""
    for place in range(12):
        village = found("Ana", "Chidi")
        one = passed_rule(village, titled(f"One {place}"), FOUNDED)
        other = passed_rule(village, titled(f"Other {place}"), FOUNDED + (place % 2) * HOUR)

        village.book.advance(OCTOBER)

        assert (village.proposal(one).status, village.proposal(other).status) == ("in force", "superseded")
        assert state.of(village.book).rules[state.current(village.book)].title == f"One {place}"


def test_a_rule_decided_for_later_can_itself_be_replaced_before_it_holds():
    village = found("Ana", "Chidi")
    second = passed_rule(village, titled("Second"), FOUNDED)
    third = passed_rule(village, titled("Third"), FOUNDED + WEEK)

    village.book.advance(SEPTEMBER)

    assert (village.proposal(second).status, village.proposal(third).status) == ("in force", "in force")
    assert state.of(village.book).rules[state.current(village.book)].title == "Third"


def test_a_proposal_against_an_old_rule_is_refused():
    village = found("Ana", "Chidi")
    old = state.current(village.book)
    passed_rule(village, titled("Second"), FOUNDED)
    put = village.say("Ana", "governance.text", {"text": titled("Third")}, SEPTEMBER)
    matter = {"sort": "rule", "person": None, "role": None, "circle": "", "give": True}
    body = {"matter": matter, "options": [put.id], "profile": "simple-majority", "replaces": old}

    with pytest.raises(Refused, match="no longer the newest"):
        village.say("Ana", "governance.proposed", body)


def test_the_rule_that_holds_cannot_be_proposed_again_but_an_older_one_can():
    village = found("Ana")
    passed_rule(village, titled("Second"), FOUNDED, ("Ana",))

    with pytest.raises(Refused, match="letter for letter"):
        village.propose_rule("Ana", titled("Second"), SEPTEMBER)
    back = passed_rule(village, DEFAULT, SEPTEMBER, ("Ana",))
    village.book.advance(OCTOBER)

    assert village.proposal(back).status == "in force"
    assert state.of(village.book).rules[state.current(village.book)].number == 1
    assert [start for start, _ in state.of(village.book).force] == [0, SEPTEMBER, OCTOBER]


def test_a_rule_that_cannot_be_read_or_paid_is_refused_with_its_place():
    village = found("Ana")

    with pytest.raises(RuleError, match=r"^work: "):
        village.propose_rule("Ana", DEFAULT.replace('rest = "carry"', 'rest = "nowhere"'))
    late = DEFAULT.replace('"next_period"', '"true_up"')
    with pytest.raises(Refused, match="indivisible"):
        village.propose_rule("Ana", late.replace('rest = "carry"', 'rest = "reserve"'))


PAID = 'accounts.reserve = "fund"\npoints.code.hour = 1\nincome = { share = "points", rest = "carry" }\n'


@pytest.mark.parametrize(
    ("rule", "place", "why"),
    [
        ('late = "true_up"\n' + PAID.replace("fund", "indivisible").replace("carry", "reserve"), "income", "late work"),
        (PAID.replace('rest = "carry"', 'circle = "Berlin Süd", rest = "carry"'), "income", "Berlin Süd"),
        (PAID + 'points."Küche".hour = 1\n', "points.Küche", "Küche"),
        (PAID + f"points.{'a' * 41}.hour = 1\n", f"points.{'a' * 41}", "at most 40"),
        (PAID + 'points.code."code review" = 1\n', "points.code", "code review"),
    ],
)
def test_what_this_version_cannot_follow_is_refused_by_place_before_anybody_votes(rule: str, place: str, why: str):
    village = found("Ana")

    with pytest.raises(RuleError, match=place) as refused:
        village.propose_rule("Ana", rule)
    assert (refused.value.pot, why in f"{refused.value.message} {refused.value.hint}") == (place, True)
    with pytest.raises(RuleError, match=place):
        found("Ana", rule=rule)


def test_a_minimum_and_a_number_that_members_set_are_followed():
    rule = PAID.replace('rest = "carry"', 'rest = "carry", minimum = "20.00", cap = "@most"')
    village = found("Ana", rule=rule + 'ask.most = { now = "50%", min = "0", max = "1" }\n')

    assert state.of(village.book).rules


def test_two_thirds_of_three_are_two_and_they_have_fourteen_days():
    village = found("Ana", "Bela", "Chidi")
    proposed = village.propose_rule("Ana", titled("Second"), FOUNDED, "two-thirds")
    village.vote("Ana", proposed, "yes")
    village.vote("Chidi", proposed, "yes", FOUNDED + 14 * DAY - 1)

    village.book.advance(FOUNDED + 14 * DAY)

    assert village.proposal(proposed).status == "passed"


def test_the_profile_of_joining_is_for_joining_alone():
    village = found("Ana")

    with pytest.raises(Refused, match="no profile 'joining'"):
        village.propose_rule("Ana", titled("Second"), FOUNDED, "joining")


# Roles.


def test_a_role_that_is_given_makes_a_second_treasurer():
    village = found("Ana")
    village.join("Bela", village.invite("Ana", "Bela"))
    proposed = village.propose_role("Ana", "Bela", "treasurer", FOUNDED + HOUR)
    for name in ("Ana", "Bela"):
        village.vote(name, proposed, "yes")

    village.book.advance(FOUNDED + HOUR + WEEK)

    assert people.treasurers(village.book.ledger) == sorted([person("Ana"), person("Bela")])


def test_the_only_treasurer_is_not_ended_but_a_treasurer_of_a_circle_is():
    village = found("Ana")

    with pytest.raises(Refused, match="only treasurer"):
        village.propose_role("Ana", "Ana", "treasurer", give=False)
    for give in (True, False):
        proposed = village.propose_role("Ana", "Ana", "treasurer", give=give, circle="berlin")
        village.vote("Ana", proposed, "yes")
        village.book.advance(village.book.received + WEEK)
        village.say("Ana", "governance.text", {"text": "time passes"}, village.book.received + WEEK)

    assert people.treasurers(village.book.ledger) == [person("Ana")]
    assert village.book.ledger.persons[person("Ana")].roles["berlin"] == []


def test_two_votes_together_cannot_leave_the_cooperative_without_a_treasurer():
    """What closes at the same instant is done as it was proposed: eight times, and no hash ever decides."""
    for _ in range(8):
        village = found("Ana", "Chidi")
        ends = [village.propose_role("Ana", name, "treasurer", give=False) for name in ("Ana", "Chidi")]
        for proposed in ends:
            village.vote("Ana", proposed, "yes")
            village.vote("Chidi", proposed, "yes")

        village.book.advance(FOUNDED + WEEK)

        assert people.treasurers(village.book.ledger) == [person("Chidi")]
        assert [village.proposal(one).status for one in ends] == ["passed", "superseded"]


@pytest.mark.parametrize(
    ("name", "role", "give", "words"),
    [
        ("Ana", "king", True, "no role that members give"),
        ("Ana", "treasurer", True, "has that role already"),
        ("Ana", "steward", False, "does not have that role"),
        ("Dilek", "steward", True, "does not know"),
        ("Bela", "steward", True, "for members"),
    ],
)
def test_a_role_that_cannot_be_given_or_ended_is_refused(name, role, give, words):
    village = found("Ana", "Chidi")
    village.join("Bela", village.invite("Ana", "Bela"))

    with pytest.raises(Refused, match=words):
        village.propose_role("Ana", name, role, give=give)


# What a proposal may not say.


@pytest.mark.parametrize(
    "parts_said",
    [
        {"options": []},
        {"options": ["ab" * 32]},
        {"matter": {"sort": "weather"}},
        {"matter": {"sort": "join"}},
        {"matter": {"person": person("Ana")}},
        {"matter": {"give": False}},
        {"matter": {"circle": "berlin"}},
        {"replaces": "ab" * 32},
        {"profile": "coin"},
    ],
)
def test_a_proposal_that_means_nothing_is_refused(parts_said):
    village = found("Ana")
    put = village.say("Ana", "governance.text", {"text": "We meet on Mondays."})
    matter = {"sort": "text", "person": None, "role": None, "circle": "", "give": True}
    body = {"matter": matter, "options": [put.id], "profile": "simple-majority", "replaces": None} | parts_said
    body["matter"] = matter | parts_said.get("matter", {})

    with pytest.raises(Refused):
        village.say("Ana", "governance.proposed", body)


def test_a_resolution_needs_words():
    village = found("Ana")

    with pytest.raises(Malformed):
        village.propose_text("Ana", "")
