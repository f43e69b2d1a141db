"""The commands about heirs, as they are typed."""

from pathlib import Path

from ledger.money import parse_amount
from tests.bankers import accounts, ready
from tests.riverbend import REFUSED, USAGE


def test_a_member_dies_and_the_heirs_are_named_agreed_to_shown_and_credited(tmp_path: Path) -> None:
    coop = ready(tmp_path)
    coop.ok("Ana", "propose", "role", "Dilek", "steward")
    for name in ("Ana", "Bela", "Chidi"):
        coop.ok(name, "vote", "1", "yes")
    coop.now = "2025-09-12T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    had = accounts(coop)["balance Chidi"]

    assert "Nobody's heirs are named" in coop.ok("Ana", "heirs", "list").out
    assert coop.run("Ana", "heirs", "name", "Chidi", "Farah=1/2", "--yes").code == USAGE
    assert coop.run("Ana", "heirs", "name", "Chidi", "Farah=half", "--yes").code == USAGE
    assert coop.run("Chidi", "heirs", "name", "Chidi", "Farah", "--yes").code == REFUSED
    assert coop.run("Bela", "heirs", "agree", "Chidi", "--yes").code == REFUSED
    size = coop.size("Ana")
    coop.ok("Ana", "heirs", "name", "Chidi", "Farah=50%", "Emil=1/2", "--yes")
    assert coop.size("Ana") == size + 3
    assert not coop.data("Dilek", "heirs", "agree", "Chidi", "--yes")["enough"]
    assert "holds from 2025-09-26 on" in coop.ok("Bela", "heirs", "agree", "Chidi", "--yes").out
    assert "holds from 2025-09-26" in coop.ok("Ana", "heirs", "list").out

    coop.now = "2025-09-26T10:00:00Z"
    assert "went to the heirs, Farah 1/2, Emil 1/2" in coop.ok("Ana", "payout", "tick").out

    found = accounts(coop)
    halves = sorted(found[f"payable {name}"] for name in ("Farah", "Emil"))
    assert "balance Chidi" not in found
    assert sum(parse_amount(half.lstrip("-"), 2) for half in halves) == parse_amount(had.lstrip("-"), 2)
    coop.ok("Bela", "verify")


def test_who_is_alive_says_anything_and_it_is_over(tmp_path: Path) -> None:
    coop = ready(tmp_path)
    coop.ok("Ana", "heirs", "name", "Chidi", "Farah", "--yes")

    said = coop.ok("Chidi", "log", "1h", "alive", "--role", "care")

    assert "Others have said that you died" in said.err
    assert "over: the person has spoken" in coop.ok("Ana", "heirs", "list").out
    assert coop.run("Bela", "heirs", "agree", "Chidi", "--yes").code == REFUSED
