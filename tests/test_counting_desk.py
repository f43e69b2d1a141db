"""A vote that is over is counted round by round, its ballots go to other programs, and theirs are counted here."""

from fractions import Fraction
from pathlib import Path

import pytest

from governance.foreign_ballots import counted, read, written
from governance.presets import PRESETS
from governance.tally import Box, decide
from tests.riverbend import REFUSED, USAGE, Riverbend
from tests.village import person

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
OVER = "2025-08-20T09:00:00Z"


@pytest.fixture(scope="module")
def coop(tmp_path_factory) -> Riverbend:
    """Five members have elected somebody and chosen among texts; a vote is open, one was withdrawn."""
    coop = Riverbend(tmp_path_factory.mktemp("coop"), *NAMES)
    coop.ok("Ana", "propose", "election", "connector", "Ana", "Bela", "Chidi", "--profile", "scottish-stv")
    long = "It is " + "very " * 30 + "good "
    texts = ["--option", f"{long} on Mondays", "--option", 'We [do] "it" on Fridays.']
    coop.ok("Ana", "propose", "text", f"{long} on Sundays", *texts, "--profile", "star")
    coop.ok("Ana", "propose", "text", "We buy a van.")
    coop.ok("Ana", "propose", "text", "We sell the van.")
    coop.ok("Ana", "proposal", "withdraw", "4")
    for name, ballot in zip(NAMES, ("Ana>Chidi", "Bela", "Bela>Chidi", "Chidi>Ana", "abstain"), strict=True):
        coop.ok(name, "vote", "1", ballot)
    for name, ballot in zip(NAMES, ("1=5,2=4", "2=5", "2=5,3=1", "0=1", "1=2,2=2"), strict=True):
        coop.ok(name, "vote", "2", ballot)
    for name in NAMES:
        coop.ok(name, "vote", "3", "yes")
    return coop


@pytest.fixture
def over(coop: Riverbend) -> Riverbend:
    coop.now = OVER
    return coop


def test_nobody_is_told_a_count_before_its_time(coop):
    coop.now = "2025-08-07T09:00:00Z"
    for words in ((), ("--export", "early"), ("--ballots", "abif")):
        refused = coop.run("Ana", "proposal", "count", "1", *words)
        assert (refused.code, refused.out) == (REFUSED, "")
        assert "nobody counts before" in refused.err
    assert not (coop.folder / "early").exists()

    withdrawn = coop.run("Ana", "proposal", "count", "4")
    assert (withdrawn.code, withdrawn.out) == (REFUSED, "")
    assert "Proposal 4 was not counted: it is withdrawn" in withdrawn.err


def test_an_election_is_counted_round_by_round_with_the_names_of_the_candidates(over):
    said = over.ok("Emre", "proposal", "count", "1").out

    assert "4 ballots count, 0 do not; seats 1, quota 3." in said
    assert "(2) Bela 2.00000, (1) Ana 1.00000, (3) Chidi 1.00000" in said
    assert said.endswith("of 5 members; quorum 3 (there were 5).\n")


def test_a_count_as_data_has_the_decision_its_stages_as_texts_and_its_lines(over):
    data = over.data("Emre", "proposal", "count", "1")

    assert data["decision"]["passed"] is True
    assert data["stages"][0] == {"1": "1", "2": "2", "3": "1"}
    assert data["options"] == {"1": "Ana", "2": "Bela", "3": "Chidi"}
    assert any("Bela" in line for line in data["transcript"])


@pytest.mark.parametrize("form", ["blt", "abif"])
def test_another_program_counts_the_ballots_of_an_election_alike(over, form):
    text = over.ok("Emre", "proposal", "count", "1", "--ballots", form).out
    file = over.write(f"election.{form}", text)
    theirs = over.data("nobody", "proposal", "tally", file, "--method", "stv", "--seats", "1")

    ours = over.data("Emre", "proposal", "count", "1")
    assert theirs["stages"][0] == {"Ana": "1", "Bela": "2", "Chidi": "1"}
    assert len(theirs["stages"]) <= len(ours["stages"])


def test_points_go_to_abif_and_not_to_blt_and_names_that_look_alike_keep_their_numbers(over):
    text = over.ok("Emre", "proposal", "count", "2", "--ballots", "abif").out
    theirs = over.data("nobody", "proposal", "tally", over.write("star.abif", text), "--method", "star")
    blt = over.run("Emre", "proposal", "count", "2", "--ballots", "blt")

    assert [name[:9] for name in theirs["options"]] == ["0 things ", "1 It is v", "2 It is v", "3 We (do)"]
    assert theirs["winners"][0].startswith("2 ")
    assert over.data("Emre", "proposal", "count", "2")["decision"]["winners"] == ["2"]
    assert (blt.code, blt.out) == (USAGE, "")


def test_yes_and_no_are_not_ballots_of_these_formats(over):
    for form in ("blt", "abif"):
        refused = over.run("Emre", "proposal", "count", "3", "--ballots", form)
        assert (refused.code, refused.out) == (USAGE, "")


def test_ballots_are_printed_alone_also_where_the_count_is_handed_out(over):
    said = over.ok("Emre", "proposal", "count", "1", "--ballots", "blt", "--export", "handed")

    assert said.out.startswith("3 1\n")
    assert "Wrote the count to handed: 5 ballots, " in said.err
    assert (over.folder / "handed" / "manifest.json").is_file()


def test_a_transcript_with_names_tells_the_same_count():
    """Also where a lot is drawn: it is drawn by the numbers of the options, whatever they are called."""
    names = {"1": "(1) Ana", "2": "(2) Bela", "3": "(3) Ana"}
    for ballots in (("1", "2"), ("1>3", "2>3", "3"), ("2>1", "3", "1")):
        box = _box(ballots)
        plain, named = decide(box), decide(box, names)

        assert (plain.decision, plain.stages) == (named.decision, named.stages)
        assert plain.transcript != named.transcript
        assert [line for line in plain.transcript if "Lot" in line] == [
            line for line in named.transcript if "Lot" in line
        ]


def _box(ballots: tuple[str, ...]) -> Box:
    persons = [person(name) for name in NAMES]
    return Box(
        proposal="ab" * 32,
        profile=PRESETS["scottish-stv"],
        options=["1", "2", "3"],
        voters=persons,
        recused=0,
        struck=0,
        ballots=dict(zip(persons, ballots, strict=False)),
        root="cd" * 32,
    )


# Files of other programs.


BLT = (
    '4 2\n-2\n3 1 3 4 0\n4 1 3 2 0\n2 4 1 3 0\n1 2 0\n2 2=4 3 1 0\n1 0\n0\n"Adam"\n"Basil"\n"Carla"\n"Dora"\n"Board"\n'
)
ABIF = '{"title": "Where to meet"}\n=Bus:[The old bus]\n# said by mail\n3:Bus>Barn=Hall\n2:Barn>Hall\n1:Hall\n'
SCORED = "5:Bus/5,Barn/2\n4:Barn/5,Hall/4\n"


def test_a_blt_file_is_counted_by_stv_with_its_own_seats(tmp_path):
    coop = Riverbend(tmp_path)
    data = coop.data("nobody", "proposal", "tally", coop.write("board.blt", BLT))

    assert (data["title"], data["method"], data["format"]) == ("Board", "stv", "blt")
    assert (data["options"], len(data["winners"]), data["ballots"]) == (["Adam", "Carla", "Dora"], 2, 13)
    assert not (tmp_path / "nobody").exists()


def test_an_abif_file_is_counted_by_cssd_and_every_way_that_fits(tmp_path):
    coop = Riverbend(tmp_path)
    ranked, scored = coop.write("meet.abif", ABIF), coop.write("points.txt", SCORED)
    said = coop.ok("nobody", "proposal", "tally", ranked).out
    winners = {
        method: coop.data("nobody", "proposal", "tally", scored, "--method", method)["winners"]
        for method in ("cssd", "irv", "stv", "score", "star")
    }

    assert said.startswith("Where to meet: 6 ballots, counted by cssd.\n6 ballots, one against one:\n")
    assert winners == {"cssd": ["Bus"], "irv": ["Bus"], "stv": ["Bus"], "score": ["Barn"], "star": ["Bus"]}


def test_approvals_of_a_file_are_one_rank_or_ones_and_noughts():
    for text in ("3:Bus=Barn\n2:Barn\n", "3:Bus/1,Barn/1\n2:Barn/1,Bus/0\n"):
        method, outcome = counted(read(text), "approval", None)

        assert (method, outcome.winners) == ("approval", ("Barn",))
        assert outcome.stages == ({"Bus": Fraction(3), "Barn": Fraction(5)},)


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("", (), "holds no ballots"),
        ("# nothing\n\n", (), "holds no ballots"),
        ("3:Bus>Barn\n2:Bus>>Barn\n", (), "Line 2 of the ABIF text"),
        ("3:Bus>Barn\nBarn\n", (), "Line 2 of the ABIF text"),
        ("4 2\n3 1 9 0\n", (), "Line 2 of the BLT text"),
        ('2 1\n3 1 2\n0\n"A"\n"B"\n', (), "Line 2 of the BLT text"),
        ("4 2\n", (), "ends before the ballots do"),
        (ABIF, ("--method", "borda"), "Files are not counted by 'borda'"),
        (ABIF, ("--method", "star"), "give no points"),
        (ABIF, ("--method", "approval"), "approval counts no ranks"),
        (SCORED, ("--method", "approval"), "approves of nothing"),
        (ABIF, ("--seats", "2"), "Only stv fills several seats"),
        (ABIF, ("--method", "stv", "--seats", "3"), "need no count"),
    ],
)
def test_what_cannot_be_counted_is_told_with_its_line(tmp_path, text, words, why):
    coop = Riverbend(tmp_path)
    said = coop.run("nobody", "proposal", "tally", coop.write("file", text), *words)

    assert (said.code, said.out) == (USAGE, "")
    assert why in said.err


def test_a_file_that_is_not_there_or_is_no_text_is_told(tmp_path):
    coop = Riverbend(tmp_path)
    Path(tmp_path, "picture").write_bytes(b"\x89PNG\xff")

    assert coop.run("nobody", "proposal", "tally", "nowhere").code == USAGE
    assert coop.run("nobody", "proposal", "tally", "picture").code == USAGE


def test_names_that_a_format_cannot_hold_are_written_so_that_it_can():
    names = {"1": 'The "old" bus\n[red]', "2": "The barn"}
    for form in ("blt", "abif"):
        text = written(form, "Where [we] meet", "irv", 1, names, ["1>2", "2", "abstain"])

        election = read(text)
        assert election.options == ("The 'old' bus (red)", "The barn")
        assert election.ballots == [[1, [["The 'old' bus (red)"], ["The barn"]]], [1, [["The barn"]]]]
