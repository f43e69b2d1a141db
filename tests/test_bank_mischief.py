"""What a dishonest payee, member or treasurer tries with payments, and does not get."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nacl.bindings import crypto_box_seed_keypair

from payouts.bank import details_desk
from payouts.bank.details_desk import sealed
from payouts.bank.details_sealing import Account, promise
from payouts.bank.due_payments import due_now
from payouts.state import of
from tests.autumn import AUGUST
from tests.bank_says import camt, entry, minor, one
from tests.bankers import exported, payments, ready
from tests.riverbend import REFUSED, Riverbend
from tests.test_book_year import FIRST, JANUARY, book, close, log, tick, village
from tests.village import person

LATER = "2025-09-10T09:00:00Z"
SHARING = """
[accounts]
reserve = "indivisible"
[points.work]
hour = 10
[income]
split = [{ part = "rest", to = "result" }]
[surplus]
split = [{ part = "10%", to = "reserve" }, { part = "rest", to = "members" }]
[members]
share = "points"
rest = "reserve"
"""


@pytest.fixture
def sent(tmp_path: Path) -> Riverbend:
    """The bank has August's file."""
    coop = ready(tmp_path)
    exported(coop)
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.now = LATER
    return coop


def as_table(coop: Riverbend, cents: int, eid: str) -> tuple[str, str]:
    rows = [f"2025-09-08,-{minor(row) / 100:.2f},{row['eid']}" for row in payments(coop).values()]
    head = "Date,Amount,Text\n"
    return head + "\n".join(rows), f"{head}2025-09-09,{cents / 100:.2f},thanks {eid}\n"


def as_camt(coop: Riverbend, cents: int, eid: str) -> tuple[str, str]:
    rows = list(payments(coop).values())
    paid = [entry("08", minor(row), one("08", minor(row), row["eid"]), ref=f"R{n}") for n, row in enumerate(rows)]
    back = entry("08", cents, one("08", cents, eid), "CRDT", ref="X")
    return camt("08", paid, -sum(map(minor, rows))), camt("08", [back], cents)


@pytest.mark.parametrize("form", [as_table, as_camt])
def test_nobody_is_paid_twice_who_sends_a_cent_with_the_id_of_the_payment(sent: Riverbend, form: Callable) -> None:
    first, second = form(sent, 1, payments(sent)["Bela"]["eid"])
    sent.ok("Ana", "bank", "read", sent.write("first", first), "--yes")

    said = sent.data("Ana", "bank", "read", sent.write("second", second), "--yes")

    assert said["returned"] == []
    assert "does not call it a return" in said["flagged"][0]["why"]
    assert payments(sent)["Bela"]["state"] == "settled"


def test_no_treasurer_frees_the_own_payment_for_a_second_file(sent: Riverbend) -> None:
    said = sent.run("Ana", "payout", "return", AUGUST, "Ana", "--reason", "MS03")

    assert (said.code, "another treasurer says" in said.err) == (REFUSED, True)
    sent.ok("Bela", "payout", "return", AUGUST, "Ana", "--reason", "MS03")


def test_an_account_of_another_kind_makes_only_its_own_payment_wait(tmp_path: Path) -> None:
    coop = ready(tmp_path, but="Bela")
    account = coop.write("us.toml", 'routing = "021000021"\nnumber = "12345678"\nkind = "checking"\nname = "Bela"\n')
    coop.ok("Bela", "payout", "details", "set", "--file", account)

    said = coop.ok("Ana", "payout", "export", AUGUST, "--date", "2025-09-08", "--out", "august.xml", "--yes")

    assert "Bela" in said.err
    assert set(payments(coop)) == {"Ana", "Chidi"}


def test_a_box_of_rubbish_makes_only_its_own_payment_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coop = ready(tmp_path, but="Bela")
    account = coop.write("bela.toml", 'iban = "BE68539007547034"\nname = "Bela"\n')
    with monkeypatch.context() as swapped:
        swapped.setattr(details_desk, "seal", lambda account, public: "é")
        coop.ok("Bela", "payout", "details", "set", "--file", account)

    coop.ok("Ana", "payout", "details", "check")
    coop.ok("Ana", "payout", "export", AUGUST, "--date", "2025-09-08", "--out", "august.xml", "--yes")

    assert set(payments(coop)) == {"Ana", "Chidi"}


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0" encoding="foo"?><a/>',
        '<?xml version="1.0" encoding="gb2312"?><a/>',
        "Date,Amount,Text\n2025-01-01,1," + "x" * 140_000 + "\n",
    ],
)
def test_a_file_in_strange_letters_is_refused_in_words(sent: Riverbend, text: str) -> None:
    said = sent.run("Ana", "bank", "read", sent.write("odd", text), "--yes")

    assert said.code not in (0, 1)
    assert said.err


def test_an_account_number_in_a_reference_of_the_bank_stays_out_of_the_log(sent: Riverbend) -> None:
    row = payments(sent)["Bela"]
    table = f"Date,Amount,Text,Bank reference\n2025-09-08,-{minor(row) / 100:.2f},{row['eid']},BE68 5390 0754 7034\n"

    sent.ok("Ana", "bank", "read", sent.write("table", table), "--yes")

    home = sent.folder / "founders"
    holding = [path.name for path in home.rglob("*") if path.is_file() and b"BE68539007547034" in path.read_bytes()]
    assert all(name.startswith("details-") for name in holding), "only in the payee's own note of her account"


def test_a_year_that_is_not_approved_is_paid_to_nobody_under_a_period_that_is() -> None:
    here = village(SHARING, "Ana", "Bela")
    log(here, "Ana", 20)
    book(here, 100_000)
    tick(here, JANUARY)
    last = list(of(here.book).runs)[-1]
    for name in ("Ana", "Bela"):
        here.say(name, "payouts.approved", {"period": last, "digest": of(here.book).runs[last].digest})
    public = crypto_box_seed_keypair(b"1" * 32)[0].hex()
    here.say("Ana", "payouts.box_key", {"key": public})
    account = Account(iban="BE68539007547034", bic=None, name="Ana", salt="0" * 64)
    promised = promise(here.book.ledger.id, person("Ana"), account)
    here.say("Ana", "payouts.details_set", sealed(promised, account, [public]))

    year = close(here)
    assert due_now(here.book, last, here.book.received)[0] == []

    for name in ("Ana", "Bela"):
        here.say(name, "payouts.year_approved", {"year": FIRST, "digest": year.digest})
    assert [one.amount for one in due_now(here.book, last, here.book.received)[0]] == [90_000]
