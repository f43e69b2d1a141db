"""Rules to start from: each says its by-laws in the share rule's language, and pays to the cent what a pencil says.

A golden pair `tests/golden/templates/NAME-START.json` holds the facts of one run and the payout that was worked by
hand; the working stands here. `-1` and `-2` are periods: the second begins with what the first left.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from governance.rules import parse
from governance.starting import TO_TRY, about, lacking, template_names
from governance.versions import template
from tests.riverbend import REFUSED, USAGE, Riverbend
from tests.trial import tried

GOLDEN = Path(__file__).parent / "golden" / "templates"
PAIRS = sorted(path.stem for path in GOLDEN.glob("*.json"))
ASKED = (
    *("disco", "equal-shares", "es-mondragon", "fr-scic", "fr-scop", "hypha", "it-coop", "liberapay-team"),
    *("slicing-pie", "sourcecred-balanced", "us-subchapter-t"),
)
YEARLY = ("es-mondragon", "fr-scic", "fr-scop", "hypha", "it-coop", "us-subchapter-t")


class Pair(NamedTuple):
    """The payout the program computes, and the one worked by hand; what is empty is left out."""

    computed: dict[str, Any]
    by_hand: dict[str, Any]


def pair(name: str) -> Pair:
    """The golden pair of that name."""
    held = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    answer = tried(template(parts_of(name)[0]), json.dumps(held["facts"]))
    return Pair({key: value for key, value in answer.items() if value}, held["expected"])


def parts_of(golden: str) -> tuple[str, str]:
    """The template and the start of a golden pair."""
    found = re.fullmatch(r"(.+)-(income|surplus|loss)(?:-[0-9])?", golden)
    assert found
    return found[1], found[2]


def test_all_templates_are_there_and_the_default_comes_first() -> None:
    assert template_names() == ["default", *ASKED]


@pytest.mark.parametrize("name", template_names())
def test_every_start_of_a_template_has_a_golden_pair(name: str) -> None:
    starts = [start for start in ("income", "surplus", "loss") if start in parse(template(name)).pots]

    assert {start for template_name, start in map(parts_of, PAIRS) if template_name == name} == set(starts)
    assert (len(starts) == 3) == (name in YEARLY)


@pytest.mark.parametrize("name", template_names())
def test_a_template_says_first_what_it_is_and_fits_a_screen(name: str) -> None:
    text = template(name)

    assert 30 < len(about(text)) <= 120
    assert max(map(len, text.splitlines())) <= 120
    assert parse(text).title in text


@pytest.mark.parametrize("golden", PAIRS)
def test_nothing_is_paid_that_did_not_come_in(golden: str) -> None:
    facts = json.loads((GOLDEN / f"{golden}.json").read_text("utf-8"))["facts"]
    before, after = total(facts), total(pair(golden).computed)
    came_in = facts.get("amount") or cents(*(one["amount"] for one in facts["receipts"]))
    gone = cents(facts.get("costs", "0.00"), facts.get("refunds", "0.00"))
    sign = -1 if facts.get("start") == "loss" else 1

    assert after - before == sign * cents(came_in) - gone


def cents(*amounts: Any) -> int:
    return sum(one if isinstance(one, int) else int(one.replace(".", "")) for one in amounts)


def total(state: dict[str, Any]) -> int:
    """All money of a state: in pots, on accounts, of people."""
    flat = [state.get(key, {}) for key in ("carried", "accounts", "balances")]
    return sum(cents(*held.values()) for held in [*flat, *state.get("members", {}).values()])


# The pairs, each with its working.


def test_the_default_rule_keeps_a_fifth_pays_sellers_and_shares_the_rest_by_points() -> None:
    """12,000.01 - 500.00 costs = 11,500.01. A fifth is 2,300.002, at least: 2,300.01. The deals of 10,000.01 give 5 %,
    500.0005, at most: 500.00, three quarters of it to Ana. 8,700.00 are left for 300 points of Ana (30 h), 260 of Bela
    (20 h and two events), 240 of Chidi (20 for each 1,000 of 12,000): 8,700.00 x 300 / 800 = 3,262.50, and so on.
    Chidi's ten hours are a gift.
    """
    computed, by_hand = pair("default-income")

    assert computed == by_hand


def test_hyphas_income_waits_for_the_year() -> None:
    """9,000.00 - 6,500.00 costs = 2,500.00."""
    computed, by_hand = pair("hypha-income")

    assert computed == by_hand


def test_hypha_keeps_eighty_percent_and_lends_the_rest_by_hours_of_sixteen_and_more() -> None:
    """80 % of 100,000.00 = 80,000.00. Chidi has 15 hours, Dilek is on probation: 20,000.00 for 1,600 and 800 hours,
    13,333.333 and 6,666.667; the odd cent goes to Bela, whose remainder is greater.
    """
    computed, by_hand = pair("hypha-surplus")

    assert computed == by_hand


def test_hyphas_reserve_bears_eighty_percent_of_a_loss_as_far_as_it_goes_and_nobody_bears_anothers_part() -> None:
    """80 % of 10,000.00 = 8,000.00, but the reserve holds 5,000.00. The other 5,000.00 by hours: Ana 3,333.333, Bela
    1,666.667, of which her loan holds 1,000.00. The 666.667 she lacks go to the rest, the reserve, which is empty, so
    the year's result bears them; the odd cent is the rest's, whose remainder is greater.
    """
    computed, by_hand = pair("hypha-loss")

    assert computed == by_hand


def test_in_italy_a_short_month_pays_the_claims_in_proportion_and_owes_the_rest() -> None:
    """Claims: Ana (100 + 20) h x 12.00 = 1,440.00; Bela 55 x 12.00 = 660.00 and 60.00 still open; Dilek 70 x 12.00 =
    840.00; together 3,000.00. There are 2,400.00, four fifths of each; a fifth stays open.
    """
    computed, by_hand = pair("it-coop-income")

    assert computed == by_hand


def test_in_italy_the_ristorno_is_for_members_and_ends_at_thirty_percent_of_pay() -> None:
    """Of 10,000.01: 30 % = 3,000.003, at least: 3,000.01; 3 % = 300.0003, at least: 300.01; 6,699.99 are left. Points:
    Ana 1,000 x 10 + 200 x 12 = 12,400, Bela 620 x 10 = 6,200 (Dilek is no member): 4,466.66 and 2,233.33. Bela's cap is
    30 % of 5,000.00 = 1,500.00; the 733.33 above it are not shared but join the legal reserve.
    """
    computed, by_hand = pair("it-coop-surplus")

    assert computed == by_hand


def test_in_italy_the_legal_reserve_covers_a_loss_and_the_result_what_it_lacks() -> None:
    """5,000.00 = 4,200.00 + 800.00."""
    computed, by_hand = pair("it-coop-loss")

    assert computed == by_hand


def test_a_scops_income_waits_for_the_year() -> None:
    """12,000.00 - 500.00 refunded - 9,000.00 costs = 2,500.00."""
    computed, by_hand = pair("fr-scop-income")

    assert computed == by_hand


def test_a_scops_legal_reserve_ends_at_the_capital_and_all_who_worked_share() -> None:
    """15 % of 100,000.00 would be 15,000.00, but from 25,000.00 to the capital of 30,000.00 only 5,000.00 are missing.
    45,000.00 for 1,600, 800 and 600 hours: 24,000.00, 12,000.00 and 9,000.00 for Chidi, who is no member. 15,000.00 by
    a capital of 20,000.00 and 10,000.00. What is left, 35,000.00, is for development.
    """
    computed, by_hand = pair("fr-scop-surplus")

    assert computed == by_hand


def test_a_scops_loss_is_taken_from_development_then_from_the_legal_reserve() -> None:
    """60,000.00 = 20,000.00 + 30,000.00 + 10,000.00 for the result; nobody's capital is touched."""
    computed, by_hand = pair("fr-scop-loss")

    assert computed == by_hand


def test_a_scics_income_with_what_was_carried_waits_for_the_year() -> None:
    """1,000.00 carried + 7,000.00 - 7,400.00 costs = 600.00."""
    computed, by_hand = pair("fr-scic-income")

    assert computed == by_hand


def test_a_scic_fills_its_reserves_before_the_capital_has_interest() -> None:
    """15 % of 50,000.01 would be 7,500.01, but 2,000.00 bring the legal reserve to the capital of 10,000.00. Of the
    48,000.01 left half is 24,000.005, at least: 24,000.01. Of the 24,000.00 left then 10 % are 2,400.00, by a capital
    of 6,000.00 and 4,000.00. The rest, 21,600.00, joins the statutory reserve: 45,600.01.
    """
    computed, by_hand = pair("fr-scic-surplus")

    assert computed == by_hand


def test_a_scics_loss_is_taken_from_the_statutory_reserve_first() -> None:
    """9,000.00 = 5,000.00 + 2,500.00 + 1,500.00 for the result."""
    computed, by_hand = pair("fr-scic-loss")

    assert computed == by_hand


def test_mondragons_advances_are_cut_alike_in_a_short_month_and_then_lapse() -> None:
    """100 h x 15.00 = 1,500.00; 40 h x 22.50 = 900.00; 60 h x 15.00 = 900.00; together 3,300.00. There are 3,000.00 -
    800.00 = 2,200.00, two thirds: 1,000.00, 600.00, 600.00. Nothing stays open.
    """
    computed, by_hand = pair("es-mondragon-income-1")

    assert computed == by_hand


def test_mondragons_good_month_pays_the_advances_and_leaves_the_rest_to_the_result() -> None:
    """5,000.00 - 3,300.00 = 1,700.00; nothing of the month before is paid now."""
    computed, by_hand = pair("es-mondragon-income-2")

    assert computed == by_hand


def test_mondragon_divides_a_surplus_ten_twenty_seventy() -> None:
    """Of 90,000.01: 10 % = 9,000.001, at least: 9,000.01; 20 % = 18,000.002: 18,000.01; 62,999.99 are left. By pay of
    24, 18 and 12 thousand, that is 4, 3 and 2 ninths: 27,999.9956, 20,999.9967, 13,999.9978. Two cents are left over;
    they go to the greatest remainders, Chidi (0.78) and Bela (0.67).
    """
    computed, by_hand = pair("es-mondragon-surplus")

    assert computed == by_hand


def test_mondragons_members_bear_a_loss_out_of_their_capital_and_no_further() -> None:
    """20 % of 10,000.00 = 2,000.00, but the reserve holds 1,500.00. 8,500.00 in ninths: 3,777.778, 2,833.333 and
    1,888.889, of which Chidi's capital holds 1,000.00. The missing 888.889 find the reserve empty, so the result bears
    them. Two odd cents: to the rest (0.89) and Ana (0.78).
    """
    computed, by_hand = pair("es-mondragon-loss")

    assert computed == by_hand


def test_under_subchapter_t_income_waits_for_the_year() -> None:
    """8,000.00 - 6,750.00 costs = 1,250.00."""
    computed, by_hand = pair("us-subchapter-t-income")

    assert computed == by_hand


def test_under_subchapter_t_at_least_a_fifth_of_patronage_is_cash() -> None:
    """Of 60,000.01: 30 % = 18,000.003 and 70 % = 42,000.007; the odd cent is patronage. For 1,500, 900 and 600 hours
    of members (Dilek is none): 21,000.005, 12,600.003, 8,400.002; the odd cent is Ana's. 80 % of 21,000.01 are
    16,800.008, rounded down as capital, so that 4,200.01 are cash: a little more than a fifth.
    """
    computed, by_hand = pair("us-subchapter-t-surplus")

    assert computed == by_hand


def test_under_subchapter_t_a_loss_lowers_the_same_accounts() -> None:
    """30 % of 12,000.00 = 3,600.00; 8,400.00 by hours: 4,200.00, 2,520.00, 1,680.00. Chidi's capital holds 1,000.00;
    the 680.00 it lacks are taken from the collective account, which holds 6,400.00 by then.
    """
    computed, by_hand = pair("us-subchapter-t-loss")

    assert computed == by_hand


def test_slices_stay_for_ever_and_cash_weighs_four_times() -> None:
    """Ana 150 h x 60.00 x 2 = 18,000 slices, whenever; Bela 2,500.00 x 4 = 10,000; Chidi, who left, 1,000.00 x 2 =
    2,000. 9,000.00 - 3,000.00 costs = 6,000.00 for 30,000 slices: 0.20 a slice.
    """
    computed, by_hand = pair("slicing-pie-income")

    assert computed == by_hand


def test_a_discos_unpaid_livelihood_stays_open_and_what_love_has_over_flows_to_care() -> None:
    """1,000.00 = 750.00 + 150.00 + 100.00. Ana claims 40 x 25.00 = 1,000.00, gets 750.00, and 250.00 stay open. Bela
    claims 8 x 15.00 = 120.00 of 150.00; 30.00 flow on. Chidi claims 12 x 10.00 = 120.00 of 130.00; 10.00 stay. Dilek's
    care is no member's.
    """
    computed, by_hand = pair("disco-income-1")

    assert computed == by_hand


def test_a_disco_pays_open_claims_with_the_new_ones() -> None:
    """2,000.00 = 1,500.00 + 300.00 + 200.00. Ana claims 20 x 25.00 = 500.00 and the open 250.00; 750.00 flow to love.
    Bela claims 60.00 of 1,050.00; 990.00 flow to care: with 200.00 and 10.00 that is 1,200.00, of which Chidi claims
    100.00. Last month's work is not claimed twice.
    """
    computed, by_hand = pair("disco-income-2")

    assert computed == by_hand


def test_in_the_first_week_of_sourcecred_nobody_has_been_paid_and_both_policies_agree() -> None:
    """Ana 30 points, Bela 10: 500.00 and 400.00 in quarters."""
    computed, by_hand = pair("sourcecred-balanced-income-1")

    assert computed == by_hand


def test_in_the_second_week_of_sourcecred_who_got_too_little_catches_up() -> None:
    """This week: Bela 40 points, Chidi 20: 333.333 and 166.667. Of all time: Ana 30, Bela 50, Chidi 20; the balanced
    pot has given 400.00 and gives 400.00: their parts of 800.00 are 240.00, 400.00, 160.00. Ana had 300.00, gets
    nothing and gives nothing back; Bela had 100.00 and lacks 300.00, Chidi 160.00: 400.00 by 300 and 160 is 260.8696
    and 139.1304. 100.00 are beyond the budgets and stay.
    """
    computed, by_hand = pair("sourcecred-balanced-income-2")

    assert computed == by_hand


def test_takes_above_the_income_of_a_team_are_cut_alike() -> None:
    """40.00 + 60.00 + 25.00 = 125.00 of 100.00: four fifths of each. Dilek is no member. What was not paid lapses."""
    computed, by_hand = pair("liberapay-team-income-1")

    assert computed == by_hand


def test_nobody_takes_more_than_twice_what_the_team_gave_last_week() -> None:
    """Ana asks 80.00 and had 32.00: 64.00. Bela asks 10.00, Chidi 30.00 (had 20.00). 120.00 - 104.00 = 16.00 stay."""
    computed, by_hand = pair("liberapay-team-income-2")

    assert computed == by_hand


def test_equal_shares_are_equal_but_for_a_cent_and_that_goes_to_whom_rounding_shortened_most() -> None:
    """A fifth of 100.01 = 20.002, at least: 20.01. 80.00 / 3 = 26.6667: two cents are left over. Rounding owes Ana 0.4
    of a cent; Chidi had 0.1 and Bela 0.3 too much: Ana and Chidi get them. Who left and who is no member yet share
    nothing; hours do not count.
    """
    computed, by_hand = pair("equal-shares-income")

    assert computed == by_hand


# At the terminal.


def test_a_template_is_printed_word_for_word_without_any_ledger(tmp_path: Path) -> None:
    nobody = Riverbend(tmp_path)

    assert nobody.ok("Nobody", "rule", "new", "--template", "hypha").out == template("hypha")
    assert nobody.ok("Nobody", "rule", "new").out == template()
    assert nobody.data("Nobody", "rule", "new", "--template", "disco")["text"] == template("disco")


@pytest.mark.parametrize("name", ["nowhere", "", "../default", "default.toml"])
def test_a_template_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    said = Riverbend(tmp_path).run("Nobody", "rule", "new", "--template", name)

    assert said.code == USAGE
    assert "rule new --list" in said.err


def test_all_templates_are_listed_and_those_marked_that_can_only_be_tried(tmp_path: Path) -> None:
    nobody = Riverbend(tmp_path)
    listed = nobody.data("Nobody", "rule", "new", "--list")["templates"]
    drawn = " ".join(nobody.ok("Nobody", "rule", "new", "--list").out.split())

    assert [one["name"] for one in listed] == template_names()
    assert drawn.count(TO_TRY) == sum(not one["in_force"] for one in listed)
    for one in listed:
        assert one["about"] in drawn
        assert one["in_force"] == (lacking(template(one["name"])) == "")
    assert nobody.run("Nobody", "rule", "new", "--list", "--template", "hypha").code == USAGE


def test_in_a_ledger_a_check_says_what_of_a_template_cannot_be_put_in_force_yet(tmp_path: Path) -> None:
    village = Riverbend(tmp_path, "Ana", "Bela")

    for name in template_names():
        file = village.write(f"{name}.toml", template(name))
        said = village.run("Ana", "rule", "check", file)
        why = lacking(template(name))

        assert said.code == (REFUSED if why else 0)
        assert why in said.err
