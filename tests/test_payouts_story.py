"""From money that came in to payouts that are approved and explained: what treasurers and members see, to the cent.

Most stories call the real commands in this process; those about several processes at once start them.
"""

import csv
import itertools
import os
import random
import shutil
import signal
import subprocess
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.riverbend import TALLY, Riverbend

RULE = """
title = "Share rule 2025"
[accounts]
reserve = "indivisible"
network = "owed"
[points.code]
hour = 10
review = 4
[points.care]
hour = 10
[points.sales]
hour = 8
deal = { points = 25, per = "1000.00", when = "paid" }
[income]
split = [
  { part = ">= 30%", to = "reserve" },
  { part = "10%", of = "receipts", to = "network" },
  { part = "5%", of = "deals", to = "commission" },
  { part = "rest", to = "work" },
]
[commission]
share = "deals"
rest = "work"
[work]
share = "points"
roles = ["code", "care", "sales"]
half_life = 6
cap = "60%"
rest = "carry"
"""
NEW_RULE = RULE.replace("2025", "2026").replace("[points.care]\nhour = 10", "[points.care]\nhour = 14")
AUGUST, SEPTEMBER, OCTOBER = "2025-08", "2025-09", "2025-10"
THREE_DUE = "2025-11-05T09:00:00Z"
REFUSED, CANCELLED, USAGE = 6, 3, 2


def riverbend(folder: Path, *founders: str, rule: str = RULE, approvers: int | None = None) -> Riverbend:
    """A cooperative in Rome whose founders are its treasurers."""
    coop = Riverbend(folder)
    coop.homes = dict.fromkeys(founders, "founders")
    people = [word for name in founders for word in ("--founder", name)]
    options = ["--zone", "Europe/Rome", "--rule", coop.write("rule.toml", rule)]
    options += [] if approvers is None else ["--approvers", str(approvers)]
    coop.ok(founders[0], "init", "Riverbend", *options, *people, "--rehearsal")
    return coop


def busy(coop: Riverbend) -> Riverbend:
    """A month's work and money, with a deal and a gift."""
    coop.ok("Ana", "log", "12h30", "wrote the [shop]", "--role", "code")
    coop.ok("Bela", "log", "7h", "cooked for the meeting", "--role", "care")
    coop.ok("Bela", "log", "2h", "review", "--role", "code")
    coop.ok("Chidi", "log", "ACME", "--role", "sales", "--kind", "deal", "--amount", "2000.00", "--ref", "ACME-7")
    coop.ok("Dilek", "log", "3h", "a present", "--role", "care", "--gift")
    coop.ok("Ana", "income", "add", "4200.00", "--from", "ACME", "--ref", "INV-12", "--deal", "ACME-7")
    coop.ok("Ana", "expense", "add", "349.99", "--to", "Hosting")
    return coop


@pytest.fixture(scope="module")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """Three months in which nobody looked; in the first, members voted a rule that holds from the second."""
    coop = riverbend(tmp_path_factory.mktemp("autumn"), "Ana", "Bela", "Chidi", "Dilek")
    busy(coop)
    coop.ok("Ana", "propose", "rule", coop.write("new.toml", NEW_RULE))
    for name in ("Ana", "Bela", "Chidi", "Dilek"):
        coop.ok(name, "vote", "1", "yes")
    for now, ref in (("2025-09-12T09:00:00Z", "INV-13"), ("2025-10-12T09:00:00Z", "INV-14")):
        coop.now = now
        coop.ok("Ana", "log", "5h", "more", "--role", "code")
        coop.ok("Bela", "log", "5h", "more", "--role", "care")
        coop.ok("Bela", "income", "add", "1000.01", "--from", "acme", "--ref", ref, "--deal", "ACME-7")
    coop.now = THREE_DUE
    return coop


@pytest.fixture(scope="module")
def paid(autumn: Riverbend, tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """The same, after one tick."""
    coop = Riverbend(tmp_path_factory.mktemp("paid"))
    copy_home(autumn, coop)
    coop.ok("Dilek", "payout", "tick")
    return coop


def copy_home(coop: Riverbend, to: Riverbend) -> None:
    """The same cooperative in another folder."""
    shutil.copytree(coop.folder, to.folder, dirs_exist_ok=True)
    known = to.folder / "founders" / "config" / "ledgers.toml"
    known.write_text(known.read_text().replace(str(coop.folder), str(to.folder)))
    to.homes, to.now = dict(coop.homes), coop.now


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
    assert "Nothing is due." in after
    assert "2025-08 waits for approval: 0 of 2; missing 2 more of Ana, Bela, Chidi, Dilek." in after
    assert "2025-11 runs until 2025-11-30 and is cut off 2025-12-04 00:00 (Europe/Rome), in 28 days" in after
    assert "Nothing is due." in paid.ok("Bela", "payout", "tick").out


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
    coop = Riverbend(tmp_path)
    copy_home(paid, coop)
    coop.ok("Ana", "propose", "role", "Bela", "treasurer", "--end")
    for name in ("Ana", "Chidi", "Dilek"):
        coop.ok(name, "vote", "2", "yes")
    coop.now = "2025-11-13T09:00:00Z"

    assert coop.run("Bela", "payout", "approve", AUGUST, "--yes").code == REFUSED
    assert coop.run("Bela", "expense", "add", "1.00", "--to", "Nova").code == REFUSED
    assert "Bela" not in coop.data("Ana", "payout", "show", AUGUST)["approvals"]["could"]


def test_two_of_four_treasurers_approve_and_nobody_twice(paid: Riverbend, tmp_path: Path) -> None:
    coop = Riverbend(tmp_path)
    copy_home(paid, coop)
    first = coop.ok("Ana", "payout", "approve", AUGUST, "--yes").out
    again = coop.run("Ana", "payout", "approve", AUGUST, "--yes")

    assert "1 of 2 (Ana in entry" in first
    assert (again.code, "You approved 2025-08 already" in again.err) == (REFUSED, True)
    assert "), approved." in coop.ok("Bela", "payout", "approve", AUGUST, "--confirm", AUGUST).out
    assert coop.data("Ana", "payout", "show", AUGUST)["approvals"]["approved"]


def test_an_approval_asks_for_the_name_of_the_period(paid: Riverbend) -> None:
    for options in ([], ["--no-input"], ["--confirm", SEPTEMBER]):
        said = paid.run("Ana", "payout", "approve", AUGUST, *options)

        assert said.code == CANCELLED
        assert "Nothing was recorded" in said.err
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
    coop = Riverbend(tmp_path)
    copy_home(paid, coop)
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


def start_tick(coop: Riverbend, who: str) -> subprocess.Popen[bytes]:
    """A tick in a process of its own."""
    told = {"TALLY_HOME": str(coop.folder / "founders"), "TALLY_NOW": coop.now, "PATH": os.environ["PATH"]}
    words = [TALLY, "payout", "tick", "--as", who]
    return subprocess.Popen(words, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def digests(coop: Riverbend) -> dict[str, str]:
    """The digest of every payout."""
    return {row["period"]: row["digest"] for row in coop.data("Ana", "payout", "list")["payouts"]}


def test_two_ticks_at_once_publish_every_period_once(autumn: Riverbend, paid: Riverbend, tmp_path: Path) -> None:
    coop = Riverbend(tmp_path)
    copy_home(autumn, coop)
    both = [start_tick(coop, "Bela"), start_tick(coop, "Chidi"), start_tick(coop, "Dilek")]
    said = [one.communicate(timeout=60) for one in both]

    assert [one.returncode for one in both] == [0, 0, 0], said
    lines = b"".join(out for out, _ in said).decode().splitlines()
    assert sorted(line[:16] for line in lines if "computed" in line) == [
        "2025-08 computed", "2025-09 computed", "2025-10 computed",
    ]  # fmt: skip
    assert digests(coop) == digests(paid)


def test_ticks_that_are_killed_leave_what_one_calm_tick_leaves(
    autumn: Riverbend, paid: Riverbend, tmp_path: Path
) -> None:
    coop, chance = Riverbend(tmp_path), random.Random(11)
    copy_home(autumn, coop)
    for _ in range(14):
        one = start_tick(coop, chance.choice(("Ana", "Bela", "Dilek")))
        time.sleep(chance.uniform(0.12, 0.45))
        one.send_signal(signal.SIGKILL)
        one.communicate(timeout=60)
    coop.ok("Dilek", "payout", "tick")

    assert digests(coop) == digests(paid)
    assert coop.ok("Dilek", "verify").code == 0
