"""The journal for accountants: hledger, ledger and beancount themselves judge it, and find what is made wrong in it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from payouts import exports
from tests.autumn import three_months
from tests.judges import ASK, JUDGES, PROGRAMS, complaint, held_by, journal_of, text_of, with_programs
from tests.riverbend import Riverbend
from tests.test_payouts_accounts import OCTOBER, village

REFUSED, USAGE = 6, 2


@pytest.fixture(scope="module")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """Three months and their payouts; then members spend from the reserve, and a treasurer pays a part of it."""
    coop = three_months(tmp_path_factory.mktemp("autumn"))
    coop.ok("Dilek", "payout", "tick")
    coop.ok("Ana", "propose", "reserve", "reserve", "500.00", "--to", "Roof & Sons", "--for", "a roof")
    for name in ("Ana", "Bela", "Chidi"):
        coop.ok(name, "vote", "2", "yes")
    coop.now = "2025-11-20T09:00:00Z"
    coop.ok("Ana", "expense", "add", "200.00", "--decided", "2", "--ref", 'ROOF; [2025-99-99] "a": \\1')
    return coop


# The programs agree.


@with_programs
@pytest.mark.parametrize("options", [(), ("--names",)])
def test_the_program_finds_nothing_wrong_with_the_books_of_an_autumn(
    autumn: Riverbend, tmp_path: Path, program: str, options: tuple[str, ...]
) -> None:
    text = text_of(autumn, program, *options)

    assert complaint(program, text, tmp_path) == ""
    assert text == text_of(autumn, program, *options)
    assert text.endswith("\n")


def our_own(coop: Riverbend) -> dict[str, str]:
    """Account of the chart -> balance, from our report of all accounts; income that waits stands under "awaiting"."""
    found = {}
    for row in coop.data("Ana", "report", "accounts")["rows"][:-1]:
        kind, short = row["account"], row["id"][:8]
        place = {"bank": "Assets:Bank", "network": "Liabilities:Owed:Network", "reserve": "Equity:Reserve:Reserve"}
        place |= {"balance": f"Liabilities:Members:M{short}", "awaiting": "awaiting"}
        place |= {"proposal 2": f"Liabilities:Parties:P{short}:Proposal-2"}
        found[place[kind]] = row["amount"]
    return found


@pytest.mark.parametrize("program", [one for one in PROGRAMS if one.values[0] in ASK])
def test_another_program_adds_up_to_our_own_report_cell_by_cell(
    autumn: Riverbend, tmp_path: Path, program: str
) -> None:
    found = held_by(ASK[program], text_of(autumn, program), tmp_path)

    came, cost = found.pop("Income:Receipts"), found.pop("Expenses:Costs")
    assert (came, cost) == ("-6200.02", "349.99")
    assert found.pop("Equity:Shared") == "5850.03"  # all of it has been shared, so no income awaits a run
    assert found == our_own(autumn)
    assert len(found) == 7


def test_what_every_account_held_at_the_end_of_a_period_stands_there_to_the_cent(autumn: Riverbend) -> None:
    hledger, beancount = text_of(autumn, "hledger"), text_of(autumn, "beancount")

    for last, next_day, bank in (
        ("2025-08-31", "2025-09-01", "3850.01"),
        ("2025-09-30", "2025-10-01", "4850.02"),
        ("2025-10-31", "2025-11-01", "5850.03"),
    ):
        assert f"{last} * the end of {last[:7]}\n    Assets:Bank  0.00 EUR = {bank} EUR\n" in hledger
        assert f"{next_day} balance Assets:Bank  {bank} ~ 0.00 EUR\n" in beancount
    opened = set(re.findall(r"^account (\S+)$", hledger, re.MULTILINE))
    last_check = hledger[hledger.rindex("* after entry") :]
    assert set(re.findall(r"^    (\S+)  0.00 EUR = ", last_check, re.MULTILINE)) == opened
    assert opened == set(re.findall(r"^\S+ open (\S+) EUR$", beancount, re.MULTILINE))


def test_an_accountant_sees_income_and_costs_by_month_and_finds_every_entry_again(
    autumn: Riverbend, tmp_path: Path
) -> None:
    text = text_of(autumn, "hledger", "--names")

    assert "2025-08-01 * (7) received from ACME, INV-12\n    ; entry: 7\n    ; party: P" in text
    assert re.search(r"\* \(25\.1\) 2025-08: the income of the period\n.*\n.*\n    ; period: 2025-08\n", text)
    assert "2025-08: commission to Chidi\n" in text
    assert "2025-11-12 * (proposal 2) proposal 2 decided: from reserve, for Roof & Sons\n    ; entry: 32\n" in text


# What is wrong is found.


def changed(old: str, new: str) -> Callable[[str], str]:
    """The text with every match of a pattern changed."""
    return lambda text: re.sub(old, new, text, flags=re.MULTILINE)


def payment(text: str) -> str:
    """The transaction that paid a part of what the members decided."""
    return next(part for part in text.split("\n\n") if "as proposal 2 decided" in part)


def paid_twice(text: str) -> str:
    once = payment(text)
    return text.replace(once, once.replace(" = -300.00 EUR", "") + "\n\n" + once)


def paid_before_it_was_computed(text: str) -> str:
    once = payment(text)
    return text.replace(once, once.replace("2025-11-20", "2025-11-10"))


ALL = {"hledger", "ledger", "beancount"}
MUTANTS: dict[str, tuple[Callable[[str], str], set[str]]] = {
    "unbalanced": (changed(r"Costs  349.99 EUR$", "Costs  350.00 EUR"), ALL),
    "an account that is not declared": (changed(r"^(account|\S+ open) Expenses:Costs( EUR)?\n", ""), ALL),
    "a wrong currency": (changed(r"(Costs|Bank)  (-?349.99) EUR$", r"\1  \2 USD"), ALL),
    "paid twice": (paid_twice, ALL),
    "the bank a cent off": (changed(r"(= |Bank  )4850.02( EUR$| ~)", r"\g<1>4850.03\2"), ALL),
    "an amount below a cent": (changed(r"(Costs|Bank)  (-?349.99) EUR$", r"\1  \g<2>4 EUR"), ALL),
    "an amount below a cent on one side": (changed(r"Costs  349.99 EUR$", "Costs  349.994 EUR"), ALL),
    "paid before it was decided": (paid_before_it_was_computed, {"hledger", "beancount"}),
    "a transaction lost": (changed(r"^2025-09-12 [^;]*$(\n .*)+\n", ""), ALL),
}
"""What can be wrong with a journal, and which programs find it."""


@with_programs
@pytest.mark.parametrize("what", MUTANTS)
def test_what_is_made_wrong_is_found(autumn: Riverbend, tmp_path: Path, what: str, program: str) -> None:
    mutate, finders = MUTANTS[what]
    right = text_of(autumn, program)
    wrong = mutate(right)

    assert wrong != right
    assert bool(complaint(program, wrong, tmp_path)) == (program in finders)


def test_beancount_lets_a_cent_pass_unless_it_is_told_not_to(autumn: Riverbend, tmp_path: Path) -> None:
    text = text_of(autumn, "beancount")
    off = text.replace("Assets:Bank  4850.02 ~ 0.00 EUR", "Assets:Bank  4850.03 EUR")

    assert off != text
    assert complaint("beancount", off, tmp_path) == ""


# What leaves, and where to.


def test_no_name_leaves_unless_it_is_asked_for(autumn: Riverbend) -> None:
    for program in exports.names():
        bare, named = text_of(autumn, program), text_of(autumn, program, "--names")

        for name in ("Ana", "Bela", "Chidi", "Dilek", "ACME", "Hosting", "Roof &"):
            assert name not in bare
        for name in ("Ana", "Bela", "Chidi", "ACME", "Hosting", "Roof & Sons"):
            assert name in named
        accounts = re.findall(r"\b(?:Assets|Equity|Liabilities):\S+", bare)
        assert accounts == re.findall(r"\b(?:Assets|Equity|Liabilities):\S+", named)


def test_a_journal_is_written_to_a_new_file_and_never_over_another(autumn: Riverbend) -> None:
    words = ("report", "journal", "--format", "ledger", "--out")
    written = autumn.data("Ana", *words, "autumn.ledger")
    again = autumn.run("Ana", *words, "autumn.ledger")
    elsewhere = autumn.run("Ana", *words, "nowhere/autumn.ledger")

    text = (autumn.folder / "autumn.ledger").read_text()
    assert text == text_of(autumn, "ledger")
    assert (written["transactions"], written["checks"], written["names"]) == (33, 4, False)
    assert (again.code, elsewhere.code) == (REFUSED, 1)
    assert "There is a file autumn.ledger already" in again.err
    assert text == (autumn.folder / "autumn.ledger").read_text() == autumn.ok("Ana", *words[:-1]).out
    assert written["sha256"] == autumn.data("Ana", *words[:-1])["sha256"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["journal"], "--format hledger, ledger or beancount"),
        (["journal", "--format", "gnucash"], '"gnucash" is not a form of the journal. There are: beancount, hledger'),
        (["journal", "--format", "../ledger"], "is not a form"),
        (["journal", "--csv", "-"], "The journal is no table"),
        (["accounts", "--names"], "are for the journal"),
        (["accounts", "--out", "x"], "are for the journal"),
    ],
)
def test_what_makes_no_journal_is_said(autumn: Riverbend, words: list[str], why: str) -> None:
    said = autumn.run("Ana", "report", *words)

    assert said.code == USAGE
    assert why in said.err


def test_the_folder_is_the_list_of_forms_and_two_programs_read_the_same_bytes(autumn: Riverbend) -> None:
    assert exports.names() == ("beancount", "hledger", "ledger")
    assert text_of(autumn, "hledger") == text_of(autumn, "ledger")
    assert exports.names() == tuple(sorted(JUDGES))


@with_programs
def test_a_ledger_that_has_seen_no_money_has_a_journal_too(tmp_path: Path, program: str) -> None:
    here = village()
    made = journal_of(here, OCTOBER)

    assert (made.rows, made.accounts) == ((), {})
    assert complaint(program, exports.of(program)(made), tmp_path) == ""


def test_the_answer_for_programs_tells_what_was_written(autumn: Riverbend) -> None:
    said = json.loads(autumn.ok("Ana", "report", "journal", "--format", "beancount", "--json").out)

    assert said["schema"] == "tally.report/v1"
    assert (said["report"], said["format"], said["file"], said["entries"]) == ("journal", "beancount", None, 37)
    assert "Assets:Bank" in said["accounts"]
