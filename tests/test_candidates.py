"""Who has asked to join works already, and is paid once the members have said yes; never when they say no."""

from pathlib import Path

import pytest

from ledger.errors import Refused
from ledger.private import Text
from ledger.record import compose, consented
from tests.riverbend import Riverbend
from tests.village import found, key, person


def cooperative(folder: Path) -> Riverbend:
    """Ana and Chidi, and Bela who has asked to join in August and works."""
    coop = Riverbend(folder, "Ana", "Chidi")
    coop.join("Ana", "Bela")
    coop.ok("Bela", "log", "9h", "before anybody decided", "--role", "code")
    coop.ok("Ana", "log", "1h", "as ever", "--role", "code")
    coop.ok("Ana", "income", "add", "100.00", "--from", "ACME")
    return coop


def shares(coop: Riverbend, period: str) -> dict[str, str]:
    coop.ok("Ana", "payout", "tick")
    return {row["name"]: row["total"] for row in coop.data("Ana", "payout", "show", period)["people"]}


def test_a_candidates_work_waits_until_the_members_say_yes(tmp_path: Path) -> None:
    coop = cooperative(tmp_path)
    coop.now = "2025-09-05T09:00:00Z"
    before = shares(coop, "2025-08")
    assert "Bela" not in before


def test_whom_the_members_refuse_is_not_paid_and_says_nothing_more(tmp_path: Path) -> None:
    coop = cooperative(tmp_path)
    coop.ok("Ana", "vote", "1", "no")

    assert coop.run("Bela", "log", "2h", "after it", "--role", "code").code == 4
    coop.now = "2025-09-05T09:00:00Z"
    assert "Bela" not in shares(coop, "2025-08")
    assert coop.ok("Ana", "verify").code == 0


def test_who_is_admitted_after_the_cut_off_is_paid_in_the_next_run(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path, "Ana", "Chidi")
    coop.now = "2025-08-30T09:00:00Z"
    coop.join("Ana", "Bela")
    coop.ok("Bela", "log", "9h", "before anybody decided", "--role", "code")
    coop.ok("Ana", "income", "add", "100.00", "--from", "ACME")
    coop.now = "2025-09-06T09:00:00Z"
    assert shares(coop, "2025-08") == {}
    coop.ok("Chidi", "vote", "1", "yes")
    coop.now = "2025-10-04T09:00:00Z"
    assert shares(coop, "2025-09") == {"Bela": "80.00"}


def test_a_key_that_has_not_spoken_yet_cannot_join_as_somebody_else():
    """A co-founder's key signs the founding and may be silent for months; it stays hers."""
    village = found("Ana", "Chidi")
    invited = village.invite("Ana", "Zed")
    body = {"invitation": invited.id, "key": key("Chidi").public.hex(), "name": Text("Zed"), "proofs": []}
    data, _ = compose(village.book, key("Chidi"), person("Zed"), "governance.joined", body, village.book.received)

    with pytest.raises(Refused, match="known to the ledger already"):
        village.append(consented(data, [key("once Zed")]), key("Chidi"), village.book.received)
