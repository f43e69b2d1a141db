"""Thanks are kept and shown; money follows them only where the rule says so, and then each giver counts once."""

from pathlib import Path

from governance.versions import template
from tests.riverbend import REFUSED, USAGE, Riverbend

RULE = (
    template()
    .replace('[work]\nshare = "points"', '[work]\nshare = "thanks"')
    .replace('roles = ["code", "community", "care", "sales"]\n', "")
)


def test_thanks_are_kept_with_their_words_and_move_no_money_by_themselves(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path, "Ana", "Chidi")
    coop.now = "2025-08-20T09:00:00Z"
    said = coop.ok("Ana", "thanks", "chidi", "He stayed until the last guest had gone.")

    assert "You thanked Chidi (entry 1)" in said.out
    row = coop.data("Chidi", "thanks")["thanks"][0]
    assert (row["from"], row["to"], row["why"]) == ("Ana", "Chidi", "He stayed until the last guest had gone.")
    assert coop.run("Ana", "thanks", "Ana", "Well done, me.").code == REFUSED
    assert coop.run("Ana", "thanks", "Chidi").code == USAGE
    assert coop.run("Ana", "thanks", "Nobody", "Thank you.").code == USAGE
    assert coop.size("Ana") == 2


def test_by_a_rule_that_shares_by_thanks_each_giver_counts_once_and_the_reasons_name_the_entries(
    tmp_path: Path,
) -> None:
    assert 'share = "thanks"' in RULE
    coop = Riverbend(tmp_path)
    coop.homes = dict.fromkeys(("Ana", "Bela", "Chidi"), "founders")
    people = [word for name in coop.homes for word in ("--founder", name)]
    coop.ok("Ana", "init", "Riverbend", *people, "--rehearsal", "--rule", coop.write("thanks.toml", RULE))
    coop.now = "2025-08-20T09:00:00Z"
    for giver, to in (("Ana", "Bela"), ("Ana", "Bela"), ("Chidi", "Bela"), ("Bela", "Ana")):
        coop.ok(giver, "thanks", to, "For the soup.")
    coop.ok("Ana", "income", "add", "1000.00", "--from", "ACME")
    coop.now = "2025-09-04T09:00:00Z"
    coop.ok("Ana", "payout", "tick")

    paid = {row["name"]: row["total"] for row in coop.data("Ana", "payout", "show", "2025-08")["people"]}
    assert paid == {"Ana": "266.67", "Bela": "533.33"}
    why = coop.ok("Bela", "why", "Bela", "2025-08").out
    assert "Weighs 2 thanks from different people, all together 3" in why
    assert "1: thanked in entry 2" in why
    assert coop.data("Ana", "thanks", "--period", "2025-08")["thanks"][0]["why"] == "For the soup."
    assert coop.data("Ana", "thanks")["thanks"] == []
