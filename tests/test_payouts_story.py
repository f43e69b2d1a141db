"""From money that came in to payouts that are approved and explained: what treasurers and members see, to the cent.

Most stories call the real commands in this process; those about several processes at once start them.
"""

import csv
import itertools
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.autumn import AUGUST, OCTOBER, SEPTEMBER, copied, riverbend, three_months
from tests.riverbend import Riverbend

REFUSED, CANCELLED, USAGE = 6, 3, 2


@pytest.fixture(scope="module")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """Three months in which nobody looked."""
    return three_months(tmp_path_factory.mktemp("autumn"))


@pytest.fixture(scope="module")
def paid(autumn: Riverbend, tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """The same, after one tick."""
    coop = copied(autumn, tmp_path_factory.mktemp("paid"))
    coop.ok("Dilek", "payout", "tick")
    return coop


def money(text: str) -> Fraction:
    """An amount of an answer."""
    return Fraction(text)


def test_three_missed_months_are_three_payouts_each_under_its_own_rule(paid: Riverbend) -> None:
    rows = paid.data("Ana", "payout", "list")["payouts"]

    assert [(row["period"], row["rule"]) for row in rows] == [(AUGUST, 1), (SEPTEMBER, 2), (OCTOBER, 2)]
    weights = {
        period: paid.data("Bela", "why", "Bela", period)["shares"][0]["weight"] for period in (AUGUST, SEPTEMBER)
    }
    assert weights[AUGUST] == "90"  # 7 h × 10 + 2 h × 10
    assert Fraction(weights[SEPTEMBER]) == 5 * 14 + (7 * 14 + 2 * 10) * Fraction(
        11, 12
    )  # August's work, faded a little


def test_every_payout_adds_up_to_its_income(paid: Riverbend) -> None:
    for period in (AUGUST, SEPTEMBER, OCTOBER):
        show = paid.data("Ana", "payout", "show", period)

        people = sum(money(row["total"]) for row in show["people"])
        accounts = sum(money(row["change"]) for row in show["accounts"])
        pots = sum(money(row["change"]) for row in show["pots"])
        assert people + accounts + pots == money(show["income"]) == money(show["received"]) - money(show["spent"])
        assert all(sum(map(money, row["pots"].values())) == money(row["total"]) for row in show["people"])


def test_the_reasons_lead_to_the_very_amount_by_calculator(paid: Riverbend) -> None:
    for period, name in itertools.product((AUGUST, SEPTEMBER, OCTOBER), ("Ana", "Bela", "Chidi", "Dilek")):
        shown = {row["name"]: row for row in paid.data("Ana", "payout", "show", period)["people"]}
        why = paid.data(name, "why", name, period)

        assert sum(money(share["amount"]) for share in why["shares"]) == money(why["total"])
        assert why["total"] == shown.get(name, {"total": "0.00"})["total"]
        assert bool(why["nothing"]) or len(why["shares"]) == 2
        for share in why["shares"]:
            check_share(share)
        balance = next(row for row in why["lies_on"] if row["account"] == "balance")
        assert money(balance["opening"]) + money(balance["shares"]) == money(balance["closing"])
        assert paid.data(name, "statement", name, period)["total"] == why["total"]


def check_share(share: dict[str, Any]) -> None:
    """Redo a share from what is written there."""
    assert money(share["rounded_down"]) + money(share["cent"]) == money(share["amount"])
    assert (
        money(share["rounded_down"])
        <= Fraction(share["exact_fraction"])
        < money(share["rounded_down"]) + Fraction(1, 100)
    )
    rate = share["rate"]
    if rate is not None:
        weight = Fraction(share["weight"]) / Fraction(rate["free"])
        assert Fraction(rate["base_fraction"]) * weight == Fraction(share["exact_fraction"])
    rows = share["weighing"].get("work")
    if rows is not None:
        for row in rows:
            points, _, per = row["measure"].partition(" per ")
            per = per.removesuffix("h")
            assert Fraction(row["quantity"]) * Fraction(points) / Fraction(per) * Fraction(row["fade"]) == Fraction(
                row["weighs"]
            )
        assert sum(Fraction(row["weighs"]) for row in rows) == Fraction(share["weight"])


def test_the_reasons_name_the_entries_and_the_words_behind_a_share(paid: Riverbend) -> None:
    told = paid.ok("Ana", "why", "Ana", AUGUST).out

    assert '1.1  2025-08-12  12h30 "wrote the [shop]"' in told.replace("2025-08-01", "2025-08-12")
    assert "ACME, INV-12" in told
    assert 'rule 1 "Share rule 2025", of the founding (entry 0)' in told
    assert "voted in as proposal 1" in paid.ok("Ana", "why", "Ana", OCTOBER).out


def test_somebody_who_got_nothing_learns_why(paid: Riverbend) -> None:
    why = paid.data("Dilek", "why", "Dilek", AUGUST)

    assert why["total"] == "0.00"
    assert {one["pot"]: one["why"] for one in why["nothing"]} == {
        "commission": "no deal that was paid is theirs",
        "work": "no work as care, code, sales that counts (1 given as a gift)",
    }


def test_an_amount_can_be_asked_for_only_once_it_is_computed(autumn: Riverbend) -> None:
    for words in (["payout", "show"], ["why", "Bela"], ["statement", "Bela"], ["report"]):
        said = autumn.run("Bela", *words, AUGUST)

        assert said.code == REFUSED
        assert "due to be closed" in said.err


def test_what_is_due_is_said_in_words_and_dates(autumn: Riverbend, paid: Riverbend) -> None:
    before, after = autumn.ok("Bela", "payout", "due").out, paid.ok("Bela", "payout", "due").out

    assert "2025-08 is due: cut off 2025-09-04 00:00 (Europe/Rome), to be closed and computed under rule 1" in before
    assert "No period is to be closed or computed now." in after
    assert "2025-08 waits for approval: 0 of 2; missing 2 more of Ana, Bela, Chidi, Dilek." in after
    assert "2025-11 runs until 2025-11-30 and is cut off 2025-12-04 00:00 (Europe/Rome), in 28 days" in after
    assert "Nothing is due." in paid.ok("Bela", "payout", "tick").out


def test_what_is_due_counts_the_votes_whose_results_wait(autumn: Riverbend, tmp_path: Path) -> None:
    coop = copied(autumn, tmp_path)
    assert "Also to be published: the result of a vote." in coop.ok("Bela", "payout", "due").out
    coop.ok("Ana", "propose", "rule", coop.write("other.toml", 'income = { share = "equal", rest = "carry" }'))
    coop.now = "2025-11-25T09:00:00Z"
    assert "Also to be published: the results of 2 votes." in coop.ok("Bela", "payout", "due").out


def test_the_report_ties_in_a_spreadsheet(paid: Riverbend) -> None:
    paid.ok("Ana", "report", AUGUST, "--csv", "august.csv")

    with (paid.folder / "august.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    of = {row["to"]: money(row["amount"]) for row in rows if row["row"] == "total"}
    to_people = sum(money(row["amount"]) for row in rows if row["row"] == "line" and row["sort"] == "person")
    to_accounts = sum(money(row["amount"]) for row in rows if row["row"] == "line" and row["sort"] == "account")
    assert (of["people"], of["accounts"]) == (to_people, to_accounts)
    assert of["people"] == sum(money(row["amount"]) for row in rows if row["row"] == "person")
    assert of["people"] + of["accounts"] + of["pots"] == of["income"] == money("3850.01")


def test_all_accounts_sum_to_zero_in_the_report(paid: Riverbend) -> None:
    *rows, together = paid.data("Ana", "report", "accounts")["rows"]

    assert sum(money(row["amount"]) for row in rows) == 0 == money(together["amount"])
    assert {row["account"]: row["amount"] for row in rows}["bank"] == "5850.03"
    assert {row["account"]: row["what"] for row in rows}["reserve"] == "indivisible"
    assert "A minus is money that is owed to somebody or kept" in paid.ok("Ana", "report", "accounts").out


def test_nobody_is_a_cent_off_over_all_time(paid: Riverbend) -> None:
    fair = paid.data("Ana", "payout", "fairness")

    assert fair["within_a_unit"]
    assert {row["name"] for row in fair["drifts"]} >= {"Ana", "Bela", "Chidi"}


def test_a_name_cannot_become_a_formula_or_steer_the_terminal(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, "Ana")
    coop.ok("Ana", "income", "add", "1.00", "--from", "=HYPERLINK(1)\x1b[31m")

    listed = coop.ok("Ana", "income", "list").out
    assert "\x1b" not in listed
    assert "=HYPERLINK(1)\\x1b[31m" in listed


def test_a_party_is_not_made_for_money_that_is_refused(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, "Ana", "Bela")
    before = coop.data("Ana", "checkpoint")["size"]

    assert coop.run("Ana", "income", "add", "5.00", "--from", "Nova", "--date", "2025-08-02").code == USAGE
    assert coop.run("Ana", "income", "add", "0.00", "--from", "Nova").code == USAGE
    assert coop.run("Ana", "income", "add", "5.00", "--from", "Nova", "--circle", "NOT A CIRCLE").code == REFUSED
    assert coop.run("Ana", "income", "add", "5.00", "--from", "Nova", "--ref", "x" * 101).code == REFUSED
    assert coop.data("Ana", "checkpoint")["size"] == before


def test_a_paper_is_booked_once_even_after_its_period_is_computed(paid: Riverbend) -> None:
    again = paid.run("Ana", "income", "add", "4200.00", "--from", "ACME", "--ref", "INV-12")

    assert again.code == REFUSED
    assert "booked already, in a period that is computed" in again.err


def test_only_treasurers_book_and_approve(paid: Riverbend, tmp_path: Path) -> None:
    coop = copied(paid, tmp_path)
    coop.ok("Ana", "propose", "role", "Bela", "treasurer", "--end")
    for name in ("Ana", "Chidi", "Dilek"):
        coop.ok(name, "vote", "2", "yes")
    coop.now = "2025-11-13T09:00:00Z"

    assert coop.run("Bela", "payout", "approve", AUGUST, "--yes").code == REFUSED
    assert coop.run("Bela", "expense", "add", "1.00", "--to", "Nova").code == REFUSED
    assert "Bela" not in coop.data("Ana", "payout", "show", AUGUST)["approvals"]["could"]


def test_two_of_four_treasurers_approve_and_nobody_twice(paid: Riverbend, tmp_path: Path) -> None:
    coop = copied(paid, tmp_path)
    first = coop.ok("Ana", "payout", "approve", AUGUST, "--yes").out
    again = coop.run("Ana", "payout", "approve", AUGUST, "--yes")

    assert "1 of 2 (Ana in entry" in first
    assert (again.code, "You approved the payout of 2025-08 already" in again.err) == (REFUSED, True)
    assert "), approved." in coop.ok("Bela", "payout", "approve", AUGUST, "--confirm", AUGUST).out
    assert coop.data("Ana", "payout", "show", AUGUST)["approvals"]["approved"]
    assert "Approvals: 3 treasurers, 2 needed (Ana in" in coop.ok("Chidi", "payout", "approve", AUGUST, "--yes").out


def test_who_approves_a_period_hears_of_earlier_ones_that_wait(paid: Riverbend, tmp_path: Path) -> None:
    coop = copied(paid, tmp_path)

    said = coop.ok("Ana", "payout", "approve", SEPTEMBER, "--yes").err
    assert f"{AUGUST} comes before {SEPTEMBER} and is not approved yet." in said
    assert "not approved yet" not in coop.ok("Ana", "payout", "approve", AUGUST, "--yes").err


def test_an_approval_asks_for_the_name_of_the_period(paid: Riverbend) -> None:
    for options in ([], ["--no-input"], ["--confirm", SEPTEMBER]):
        said = paid.run("Ana", "payout", "approve", AUGUST, *options)

        assert said.code == CANCELLED
        assert "Nothing was recorded" in said.err
    assert f"--yes or --confirm {AUGUST}" in paid.run("Ana", "payout", "approve", AUGUST, "--no-input").err
    assert paid.data("Ana", "payout", "show", AUGUST)["approvals"]["have"] == 0


def sole_earner(folder: Path, *founders: str) -> Riverbend:
    """Ana did all of the month's work; one approval is enough."""
    coop = riverbend(folder, *founders, approvers=1)
    coop.ok("Ana", "log", "2h", "all of it", "--role", "code")
    coop.ok("Ana", "income", "add", "100.00", "--from", "ACME")
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    return coop


def test_nobody_approves_their_own_pay_alone(tmp_path: Path) -> None:
    coop = sole_earner(tmp_path, "Ana", "Bela")

    alone = coop.data("Ana", "payout", "approve", AUGUST, "--yes")
    assert (alone["approved"], alone["have"], alone["need"]) == (False, 1, 1)
    assert "nobody approves their own pay alone" in alone["missing"]
    assert coop.data("Bela", "payout", "approve", AUGUST, "--yes")["approved"]


def test_who_is_alone_in_the_ledger_approves_alone(tmp_path: Path) -> None:
    coop = sole_earner(tmp_path, "Ana")

    assert coop.data("Ana", "payout", "approve", AUGUST, "--yes")["approved"]


def test_late_money_goes_into_the_next_run(paid: Riverbend, tmp_path: Path) -> None:
    coop = copied(paid, tmp_path)
    said = coop.ok("Ana", "income", "add", "7.00", "--from", "ACME", "--date", "2025-08-20").out

    assert "It goes into the run of 2025-11" in said
    assert "in a period that is closed already" in said
    assert coop.data("Ana", "income", "list")["money"][0]["period"] == "2025-11"


def test_money_that_no_deal_was_logged_for_is_pointed_out(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, "Ana")

    assert (
        "Nobody has logged selling NOVA-1 yet"
        in coop.ok("Ana", "income", "add", "7.00", "--from", "Nova", "--deal", "NOVA-1").out
    )


def test_before_anything_is_computed_nobody_can_say_what_a_rule_would_have_paid(autumn: Riverbend) -> None:
    impact = autumn.data("Ana", "rule", "try", "new.toml")["impact"]

    assert impact["periods"] == []
    assert "No period is computed yet" in impact["words"]


def test_members_see_what_a_rule_would_have_paid_and_nothing_appears_from_nowhere(paid: Riverbend) -> None:
    impact = paid.data("Ana", "rule", "try", "new.toml")["impact"]

    for one in (*impact["periods"], impact["together"]):
        rows = [row for sort in ("people", "accounts", "pots") for row in one[sort]]
        assert sum(money(row["difference"]) for row in rows) == 0
        assert all(money(row["under"]) - money(row["paid"]) == money(row["difference"]) for row in rows)
    august, september, _ = impact["periods"]
    assert {row["name"]: row["difference"] for row in august["people"]}["Bela"].startswith("1")
    assert all(row["difference"] == "0.00" for row in september["people"])  # that rule was in force already


def test_the_rule_in_force_would_have_paid_what_was_paid(paid: Riverbend) -> None:
    august = paid.data("Ana", "rule", "try", "rule.toml")["impact"]["periods"][0]

    assert all(row["difference"] == "0.00" for sort in ("people", "accounts", "pots") for row in august[sort])


def test_a_report_for_programs_is_json_also_where_a_table_was_asked_for(paid: Riverbend) -> None:
    table, data = (paid.ok("Ana", "report", AUGUST, "--csv", "-", *more) for more in ([], ["--json"]))

    assert list(csv.DictReader(table.out.splitlines())) == data.data["rows"]
    assert table.out.endswith("\r\n")
    assert not table.out.endswith("\r\n\r\n")
    assert "rehearsal" in table.err
    assert (data.data["rehearsal"], data.data["schema"]) == (True, "tally.report/v1")


def test_instants_in_json_say_their_offset(autumn: Riverbend, paid: Riverbend) -> None:
    due, after = autumn.data("Ana", "payout", "due"), paid.data("Ana", "payout", "due")

    assert [one["cut"] for one in due["due"]][:1] == ["2025-09-04T00:00:00+02:00"]
    assert after["next"]["cut"] == "2025-12-04T00:00:00+01:00"
    assert paid.data("Ana", "payout", "show", AUGUST)["cut"] == "2025-09-04T00:00:00+02:00"


def test_where_too_few_treasurers_are_left_it_is_said_that_members_can_approve_themselves(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path, "Ana", "Bela", "Chidi")
    coop.now = "2025-09-05T08:00:00Z"
    coop.ok("Ana", "payout", "tick")
    for name in ("Bela", "Chidi"):
        coop.ok(name, "member", "leave", "--yes")

    said = coop.ok("Ana", "payout", "approve", "2025-08", "--yes").out

    assert "or they approve it themselves: tally propose payout 2025-08" in " ".join(said.split())
    assert "is approved" in coop.ok("Ana", "propose", "payout", "2025-08").out
