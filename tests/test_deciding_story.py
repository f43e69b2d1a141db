"""A year of a cooperative of twelve, as they type it: passed, failed, tied, overtaken, challenged, agreed to."""

from pathlib import Path

import pytest

from tests.riverbend import REFUSED, Riverbend

TWELVE = ("Ana", "Bela", "Chidi", "Dilek", "Emre", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kamala", "Luis")
SEPTEMBER, OCTOBER, NOVEMBER = ("2025-09-01T09:00:00Z", "2025-10-01T09:00:00Z", "2025-11-03T09:00:00Z")


@pytest.fixture
def twelve(tmp_path: Path) -> Riverbend:
    return Riverbend(tmp_path, *TWELVE)


def vote(coop: Riverbend, number: int, choice: str, *who: str) -> None:
    """These members vote so; all of them where nobody is named."""
    for name in who or TWELVE:
        coop.ok(name, "vote", str(number), choice)


def status(coop: Riverbend, number: int) -> str:
    return str(coop.data("Ana", "proposal", "show", str(number))["status"])


def test_a_year_of_twelve_members(twelve):
    # August: passed, failed and tied.
    twelve.ok("Ana", "propose", "rule", twelve.rule("More kept", '">= 20%"', '">= 30%"'), "--profile", "two-thirds")
    twelve.ok("Bela", "propose", "text", "We meet on Mondays.")
    twelve.ok("Chidi", "propose", "text", "We meet on Fridays.")
    vote(twelve, 1, "yes", *TWELVE[:8])
    vote(twelve, 1, "no", *TWELVE[8:])
    vote(twelve, 2, "yes", *TWELVE[:5])
    vote(twelve, 3, "yes", *TWELVE[:6])
    vote(twelve, 3, "no", *TWELVE[6:])
    twelve.now = "2025-08-20T09:00:00Z"

    assert [status(twelve, number) for number in (1, 2, 3)] == ["passed", "failed", "failed"]
    assert [twelve.data("Ana", "proposal", "show", one)["reason"] for one in "23"] == ["threshold", "tie"]
    assert (
        "Passed: 8 for, 4 against, 0 abstained of 12 members; needed 8."
        in twelve.ok("Ana", "proposal", "show", "1").out
    )

    # A second rule against the same one is overtaken when the first holds.
    twelve.now = SEPTEMBER
    assert status(twelve, 1) == "in force"
    for title in ("Care first", "Code first"):
        twelve.ok("Dilek", "propose", "rule", twelve.rule(title, "hour = 10\nreview", "hour = 11\nreview"))
    vote(twelve, 4, "yes")
    vote(twelve, 5, "yes")
    twelve.now = OCTOBER
    assert [status(twelve, number) for number in (4, 5)] == ["in force", "superseded"]

    # A decision is challenged in time, and everybody votes again.
    twelve.ok("Emre", "propose", "text", "The office moves to the mill.", "--profile", "pilot-unit")
    vote(twelve, 6, "yes", *TWELVE[:4])
    twelve.now = "2025-10-05T09:00:00Z"
    assert status(twelve, 6) == "decided"
    for name in ("Goran", "Hana"):
        twelve.ok(name, "proposal", "challenge", "6", "Half of us were at the fair.")
    assert status(twelve, 6) == "superseded"
    vote(twelve, 7, "no", *TWELVE[4:])
    vote(twelve, 7, "yes", *TWELVE[:4])
    twelve.now = "2025-10-20T09:00:00Z"
    assert status(twelve, 7) == "failed"

    # A decision by consent: an objection is taken in, the new version stands.
    twelve.now = NOVEMBER
    twelve.ok("Ines", "propose", "text", "We work four days a week.", "--profile", "consent", "--review", "2026-05-01")
    twelve.ok("Jonas", "proposal", "object", "8", "Nobody answers on Fridays.", "--harm", "We lose whom we serve.")
    twelve.ok("Ines", "proposal", "answer", "8", "integrate", twelve.write("two.txt", "Four days; Fridays in turns."))
    twelve.now = "2025-11-20T09:00:00Z"
    assert [status(twelve, number) for number in (8, 9)] == ["superseded", "effective"]
    twelve.ok("Ines", "proposal", "outcome", "9", "We begin in December with a list of Fridays.")
    assert "Outcome: We begin in December" in twelve.ok("Luis", "proposal", "show", "9").out

    # All of it is published by whoever ticks, and anybody checks it again.
    twelve.ok("Kamala", "payout", "tick")
    assert "OK: " in twelve.ok("Kamala", "verify", "--full").out
    twelve.now = "2026-05-02T09:00:00Z"
    assert "decision 9 was to be looked at again on 2026-05-01" in twelve.ok("Luis", "votes").out


def test_whose_vote_is_cast_by_another_sees_how_and_takes_it_back(twelve):
    twelve.ok("Ana", "propose", "text", "We meet on Mondays.")
    twelve.ok("Bela", "delegation", "to", "Chidi", "--topic", "text", "--until", "2025-12-31")
    # In everything is in votes on text too.
    assert "This goes in a circle" in twelve.ok("Chidi", "delegation", "to", "Bela").out
    assert "This goes in a circle" in twelve.ok("Chidi", "delegation", "to", "Bela", "--topic", "text").out
    twelve.ok("Chidi", "delegation", "end", "--topic", "text")
    twelve.ok("Chidi", "vote", "1", "no")

    assert "Chidi votes for you here unless you do, and has voted no" in twelve.ok("Bela", "delegation", "list").out
    shown = twelve.data("Bela", "proposal", "show", "1")
    assert shown["votes"]["no"] == ["Bela (through Chidi)", "Chidi"]
    twelve.ok("Bela", "vote", "1", "yes")
    assert twelve.data("Bela", "proposal", "show", "1")["votes"]["yes"] == ["Bela"]


def test_nobody_carries_more_others_than_five(twelve):
    for name in TWELVE[1:6]:
        twelve.ok(name, "delegation", "to", "Ana")
    before = twelve.size("Ana")

    refused = twelve.run("Goran", "delegation", "to", "Bela")
    assert refused.code == REFUSED
    assert "6 members would be led to one; at most 5" in refused.err
    assert twelve.size("Ana") == before


SEALED = """
method = "approval"
base = "cast"
length_hours = 168
secrecy = "sealed"
"""
READING = (
    ("proposal", "show", "2"),
    ("proposal", "list"),
    ("votes",),
    ("verify",),
    ("delegation", "list"),
    ("member", "list"),
    ("payout", "due"),
    ("checkpoint",),
    ("doctor",),
    ("assist", "list"),
)


def test_while_a_vote_is_sealed_nothing_tells_how_it_stands(twelve):
    """Every reading command, every exported file, the folder itself: no ballot, no count by option."""
    twelve.ok("Ana", "propose", "profile", "under-seal", twelve.write("sealed.toml", SEALED))
    vote(twelve, 1, "yes")
    twelve.now = "2025-08-20T09:00:00Z"
    texts = [word for number in range(2, 10) for word in ("--option", f"Our house number {number} it shall be.")]
    twelve.ok("Ana", "propose", "text", "Our house number 1 it shall be.", *texts, "--profile", "under-seal")
    ballots = ("2,5,8", "1,5,9", "5,6,7", "3,5,7")
    for name, ballot in zip(TWELVE, ballots, strict=False):
        assert ballot not in twelve.ok(name, "vote", "2", ballot).out
    twelve.ok("Ana", "export", "tiles", "site")

    for words in READING:
        for more in ((), ("--json",)):
            said = twelve.run("Bela", *words, *more)
            assert not [ballot for ballot in ballots if ballot in said.out + said.err], words
    shown = twelve.data("Bela", "proposal", "show", "2")
    assert (shown["cast"], shown["yes"], shown["no"], shown["result"]) == (4, None, None, None)
    assert twelve.run("Bela", "proposal", "count", "2").code == REFUSED
    held = b"".join(path.read_bytes() for path in twelve.folder.rglob("*") if path.is_file())
    assert not [ballot for ballot in ballots if ballot.encode() in held]

    twelve.now = "2025-08-28T09:00:00Z"
    assert "Passed (Our house number 5 it shall be.): 4 for" in twelve.ok("Chidi", "proposal", "close", "2").out
    assert twelve.data("Bela", "proposal", "show", "2")["votes"]["2,5,8"] == ["Ana"]


def test_a_late_ballot_from_an_outbox_is_kept_and_does_not_count(twelve):
    """Signed before the end, received after it: the log keeps it, the count does not."""
    twelve.ok("Ana", "propose", "text", "We meet on Mondays.")
    vote(twelve, 1, "yes", *TWELVE[:6])
    home = twelve.folder / "founders" / "ledgers" / "riverbend"
    away = home.with_name("away")
    twelve.data("Luis", "votes")
    home.rename(away)
    assert twelve.run("Luis", "vote", "1", "yes").code == 75
    away.rename(home)
    twelve.now = "2025-08-08T09:00:01Z"
    twelve.ok("Luis", "sync")

    shown = twelve.data("Ana", "proposal", "show", "1")
    assert shown["status"] == "failed"
    assert list(shown["late"]) == ["Luis"]
    assert "Late, kept and not counted: Luis" in twelve.ok("Ana", "proposal", "show", "1").out
    assert twelve.run("Kamala", "vote", "1", "yes").code == REFUSED


def test_a_rule_that_takes_from_a_role_needs_that_most_of_it_are_not_against(twelve):
    """Ten of twelve want it, but of those who sell four of five do not: it fails, and says why."""
    profile = 'base = "for+against"\nrole_majorities = true\n'
    twelve.ok("Ana", "propose", "profile", "with-roles", twelve.write("roles.toml", profile))
    vote(twelve, 1, "yes")
    twelve.now = "2025-08-20T09:00:00Z"
    for name in TWELVE[7:]:
        twelve.ok(name, "log", "3h", "Talks", "--role", "sales")
    for name in TWELVE[:7]:
        twelve.ok(name, "log", "3h", "Parser", "--role", "code")
    less = twelve.rule("Less for sales", "[points.sales]\nhour = 10", "[points.sales]\nhour = 5")
    only_title = twelve.rule("Another title")
    for file in (less, only_title):
        twelve.ok("Ana", "propose", "rule", file, "--profile", "with-roles")
    for number in (2, 3):
        vote(twelve, number, "yes", *TWELVE[:8])
        vote(twelve, number, "no", *TWELVE[8:])
    twelve.now = "2025-08-28T09:00:00Z"

    shown = twelve.data("Ana", "proposal", "show", "2")
    assert (shown["status"], shown["reason"]) == ("failed", "role sales 1 of 5")
    assert "Failed (role sales 1 of 5): 8 for, 4 against" in twelve.ok("Ana", "proposal", "show", "2").out
    assert status(twelve, 3) == "passed"


def test_the_members_see_before_they_vote_what_each_option_would_have_paid_them(twelve):
    twelve.now = "2025-08-20T09:00:00Z"
    for name, role in zip(TWELVE, ("code", "care", "community", "sales") * 3, strict=True):
        twelve.ok(name, "log", "3h", "Work", "--role", role)
    twelve.ok("Ana", "income", "add", "12000.00", "--from", "ACME")
    twelve.now = "2025-09-04T09:00:00Z"
    twelve.ok("Ana", "payout", "tick")
    more = twelve.rule("More for care", "[points.care]\nhour = 10", "[points.care]\nhour = 30")
    twelve.ok("Ana", "propose", "rule", more, "--option", twelve.rule("Less kept", '">= 20%"', '">= 10%"'))

    impact = twelve.data("Bela", "proposal", "show", "1")["impact"]
    mine = [option["together"]["mine"] for option in impact["options"]]
    assert [own["under"] for own in mine] == ["800.00", "1600.00", "900.00"]
    for option in impact["options"]:
        assert option["together"]["sum"] == {"paid": "12000.00", "under": "12000.00", "difference": "0.00"}
    told = twelve.ok("Bela", "votes").out
    assert "it would have paid you EUR 0: 800.00 (+0.00), 1: 1,600.00 (+800.00), 2: 900.00 (+100.00)" in told


def test_whom_a_matter_concerns_stands_aside_and_nobody_is_kept_out_by_others(twelve):
    twelve.ok("Ana", "propose", "text", "Bela's workshop gets the new lathe.")
    refused = twelve.run("Ana", "propose", "text", "Another matter of hers.", "--recuse", "Bela")
    assert (refused.code, "stand-aside" in refused.err) == (REFUSED, True)

    twelve.ok("Bela", "vote", "1", "yes")
    vote(twelve, 1, "yes", *TWELVE[2:7])
    assert twelve.data("Ana", "proposal", "show", "1")["needed"] == 7
    twelve.ok("Bela", "proposal", "stand-aside", "1")

    shown = twelve.data("Ana", "proposal", "show", "1")
    assert (shown["roll"], shown["needed"], shown["yes"], shown["recused"]) == (11, 6, 5, 1)
    assert "Recused Bela" in twelve.ok("Ana", "proposal", "show", "1").out
    assert twelve.run("Bela", "vote", "1", "yes").code == REFUSED
