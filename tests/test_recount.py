"""Anyone recounts: a vote is handed out as files, and counted again from these alone, byte for byte."""

import base64
import json
import shutil

import pytest
from hypothesis import given, settings

from governance import state
from governance.boxes import labels_of
from governance.count_files import BALLOTS, MANIFEST, STATEMENTS, NotRecounted
from governance.outcomes import counted
from governance.recounting import recount
from ledger import canonical
from ledger.entry import NAMESPACE, leaf, preimage
from tests.deeds import RULE, live, scripts
from tests.recounts import add_key, export, listed, publish, recounted, rewritten, say_by, shown, with_lines
from tests.riverbend import BAD, REFUSED, USAGE, Riverbend
from tests.test_life_sealed import mail, secret
from tests.village import DAY, FOUNDED, Village, found, key, person

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
WEEK = 7 * DAY
ENDED = FOUNDED + WEEK
LATER = FOUNDED + 60 * DAY


def village() -> Village:
    return found(*NAMES, rule=RULE)


def resolution(here: Village, *texts: str, profile: str = "simple-majority", **terms):
    return here.move("Ana", "text", profile=profile, texts=texts or ["We meet on Mondays."], terms=terms)


def by_name(files, name: str) -> dict:
    return json.loads(files[name])


# Every way of voting.


def test_a_vote_with_delegations_is_counted_again_with_who_voted_for_whom():
    here = village()
    moved = resolution(here)
    here.delegate("Bela", "Ana")
    here.delegate("Chidi", "Emre", "topic", "text")
    here.delegate("Chidi", "Ana", "proposal", moved.id)
    here.delegate("Dilek", "Ana")
    here.delegate("Dilek", None)
    here.cast("Ana", moved, "yes")
    here.cast("Emre", moved, "no")
    here.book.advance(LATER)

    found_again = recounted(here, moved)
    through = {one.person: one.to for one in found_again.export.vote.delegations}
    assert through == {person("Bela"): person("Ana"), person("Chidi"): person("Ana")}
    assert found_again.outcome.sentence.startswith("Passed: 3 for, 1 against, 0 abstained of 5 members")


@pytest.mark.parametrize(
    ("profile", "ballots"),
    [
        ("debian-options", ("1>2>0", "2>1>0", "3>1>0", "1=2", "abstain")),
        ("instant-runoff", ("1>2", "1>3", "2>1", "2>1", "3>2")),
        ("approval", ("1,2", "2", "2,3", "0,2", "abstain")),
        ("score", ("1=5,2=4", "2=5", "2=5,3=1", "0=1", "1=2,2=2")),
        ("star", ("1=5,2=4", "2=5", "2=5,3=1", "0=1", "1=2,2=2")),
    ],
)
def test_options_are_chosen_again_in_every_way(profile, ballots):
    here = village()
    moved = resolution(here, "Mondays.", "Fridays.", "Sundays.", profile=profile)
    for name, ballot in zip(NAMES, ballots, strict=True):
        here.cast(name, moved, ballot)
    here.book.advance(LATER)

    outcome = recounted(here, moved).outcome
    assert outcome.decision.passed
    assert len(outcome.transcript) > 1
    files = export(here, moved)
    by_label = dict(by_name(files, "options.json")["labels"])
    turned = [[label, by_label[str(int(label) % 3 + 1)] if meant else ""] for label, meant in by_label.items()]
    with pytest.raises(NotRecounted, match=r"options.json: its labels are not those of this vote"):
        recount(rewritten(files, "options.json", lambda options: options.update(labels=turned)))


def test_a_seat_that_a_lot_decided_is_drawn_again_by_the_root_that_the_log_proves():
    here = village()
    candidates = [person(name) for name in NAMES[:3]]
    terms = {"candidates": candidates, "seats": 1}
    moved = here.move("Ana", "role", profile="scottish-stv", role="connector", terms=terms)
    for name, ballot in zip(NAMES[:4], ("1", "1>2", "2", "2>1"), strict=True):
        here.cast(name, moved, ballot)
    here.book.advance(LATER)

    found_again = recounted(here, moved)
    assert any(line.startswith("Lot with the seed") for line in found_again.outcome.transcript)
    forged = rewritten(export(here, moved), "proposal.json", lambda vote: vote.update(root="ab" * 32))
    with pytest.raises(NotRecounted, match="did not have this root when the vote ended"):
        recount(forged)


@pytest.mark.parametrize("size", [1, 3])
def test_numbers_are_set_again_by_the_rule_they_stand_in(size):
    rule = RULE
    if size > 1:
        rule = "".join(f'ask.part{one} = {{ now = "1/3", min = "0", max = "1" }}\n' for one in "abc") + RULE
    here = found(*NAMES, rule=rule)
    profile, names = ("median", ["most"]) if size == 1 else ("split-the-pot", ["parta", "partb", "partc"])
    moved = here.move("Ana", "number", profile=profile, terms={"names": names})
    ballots = ("1/4", "1/3", "1/3", "1") if size == 1 else ("1=1", "1=1/2,2=1/2", "3=1", "2=1")
    for name, ballot in zip(NAMES, ballots, strict=False):
        here.cast(name, moved, ballot)
    here.book.advance(ENDED)

    assert recounted(here, moved).outcome.decision.passed
    files = export(here, moved)
    other = rewritten(files, "options.json", lambda options: options.update(replaced=options["replaced"] + "\n"))
    with pytest.raises(NotRecounted, match="the rule whose numbers are set is another"):
        recount(other)


def test_a_stricter_profile_must_reach_its_own_threshold_also_when_counted_again():
    here = village()
    strict = 'threshold = "4/5"\nstrict = false\n'
    moved = here.move("Ana", "profile", profile="simple-majority", texts=[strict], terms={"names": ["simple-majority"]})
    here.all_cast(NAMES[:3], moved, "yes")
    here.book.advance(ENDED)

    decision = recounted(here, moved).outcome.decision
    assert (decision.passed, decision.needed) == (False, 4)


def test_sealed_ballots_are_opened_again_with_what_was_published():
    here = village()
    moved = resolution(here, profile="sealed", sealing=here.lock())
    for name, choice in (("Ana", "yes"), ("Bela", "no"), ("Bela", "yes"), ("Chidi", "yes"), ("Emre", "perhaps")):
        here.seal(name, moved, choice)
    here.unseal("Dilek", moved, ENDED + DAY)

    found_again = recounted(here, moved)
    assert found_again.outcome.decision.yes == 3
    assert found_again.proposal.course.void == 1


def test_secret_ballots_are_proved_to_be_of_the_roll_and_of_nobody():
    here = village()
    moved = resolution(here, profile="secret", sealing=here.lock())
    boxes = [
        secret(here, moved, name, choice) for name, choice in zip(NAMES, ("yes", "yes", "no", "yes"), strict=False)
    ]
    boxes += [secret(here, moved, "Nobody", "no")]
    here.book.advance(ENDED)
    mail(here, moved, *sorted(boxes))
    here.unseal("Bela", moved, ENDED + DAY)

    found_again = recounted(here, moved)
    assert found_again.proposal.course.opened == ["no", "yes", "yes", "yes"]
    assert found_again.proposal.ballots == {}
    strangers = rewritten(export(here, moved), "roll.json", lambda roll: roll.update(ring=[key("Eve").public.hex()]))
    with pytest.raises(NotRecounted, match="of its ring is of none who is asked"):
        recount(strangers)


def test_a_decision_by_consent_is_counted_again_by_the_objections_that_stand():
    here = village()
    moved = resolution(here, profile="consent")
    said = [
        here.say(name, "governance.objected", {"proposal": moved.id, "text": "ab" * 32, "harm": "cd" * 32})
        for name in ("Bela", "Chidi")
    ]
    here.say("Bela", "governance.lifted", {"objection": said[0].id})
    here.book.advance(LATER)

    assert recounted(here, moved).outcome.sentence == "Failed (objections): 1 objection stands, 5 members asked"
    assert recounted(here, here.after(moved)).export.vote.follows == ("fallback",)


def test_who_joined_was_admitted_by_the_invitation_and_the_votes():
    here = found("Ana", "Bela", "Chidi")
    joined = here.join("Dilek", here.invite("Ana", "Dilek"), FOUNDED + DAY)
    here.cast("Chidi", joined, "yes", FOUNDED + 2 * DAY)
    here.book.advance(LATER)

    outcome = recounted(here, joined).outcome
    assert (outcome.decision.passed, outcome.decision.yes) == (True, 2)


@given(scripts)
@settings(max_examples=60, deadline=None)
def test_whatever_members_did_every_decision_is_counted_again_and_alike_where_options_have_names(script):
    here = live(script)
    here.book.advance(FOUNDED + 200 * DAY)
    for proposal in state.of(here.book).proposals.values():
        if not proposal.is_decided:
            continue
        plain = recounted(here, proposal).outcome
        named = counted(here.book, proposal, {label: f"({label}) a" for label in labels_of(proposal)})
        assert (named.decision, named.stages) == (plain.decision, plain.stages)


# What is special about ballots.


def test_late_ballots_are_handed_out_marked_and_do_not_count():
    here = village()
    moved = resolution(here)
    here.all_cast(NAMES[:3], moved, "yes")
    late = here.cast("Emre", moved, "no", ENDED + 1, signed=ENDED - DAY)

    files = export(here, moved)
    assert json.loads(files[BALLOTS].splitlines()[-1])["marks"] == ["late"]
    assert recount(files).outcome.decision.no == 0
    hidden = with_lines(files, BALLOTS, lambda lines: [*lines[:-1], lines[-1].replace(b'["late"]', b"[]")])
    with pytest.raises(NotRecounted, match=f"ballot of entry {late.index}: it is marked as usual, but is late"):
        recount(hidden)


def test_a_ballot_cast_with_help_is_checked_by_helper_and_witness():
    here = village()
    moved = resolution(here)
    here.all_cast(NAMES[:2], moved, "yes")
    here.helped("Ana", "Bela", "Emre", "governance.voted", {"proposal": moved.id, "choice": "yes"})
    here.book.advance(ENDED)

    files = export(here, moved)
    assert json.loads(files[BALLOTS].splitlines()[-1])["marks"] == ["assisted"]
    assert recount(files).outcome.decision.passed


def test_a_ballot_that_a_thief_cast_does_not_count_and_the_one_before_does():
    """The thief adds a key of her own and votes with it; the member says since when her key was in other hands."""
    here = village()
    moved = resolution(here)
    here.all_cast(NAMES[:3], moved, "yes")
    stolen = here.cast("Chidi", moved, "no")
    spare = add_key(here, "Chidi")
    say_by(here, spare, "Chidi", "ledger.key_revoked", _stolen("Chidi", stolen.index))
    here.book.advance(ENDED)

    decision = recounted(here, moved).outcome.decision
    assert (decision.passed, decision.yes, decision.no) == (True, 3, 0)


def _stolen(who: str, since: int) -> dict:
    return {"key": key(who).id, "reason": "compromised", "suspect_from": since}


def test_a_key_of_after_the_opening_is_handed_out_with_the_statement_that_brought_it():
    here = village()
    moved = resolution(here)
    here.all_cast(NAMES[:2], moved, "yes")
    spare = add_key(here, "Emre")
    say_by(here, spare, "Emre", "governance.voted", {"proposal": moved.id, "choice": "yes"})
    here.book.advance(ENDED)

    files = export(here, moved)
    assert [one["person"] for one in by_name(files, "roll.json")["later"]] == [person("Emre")]
    assert recount(files).outcome.decision.passed
    without = rewritten(files, "roll.json", lambda roll: roll.update(later=[]))
    with pytest.raises(NotRecounted, match=r"roll.json: its later keys are not those that signed"):
        recount(without)


# What was changed is named.


@pytest.fixture(scope="module")
def five():
    """A vote of five whose roll and result are published, and another vote beside it."""
    here = village()
    moved, other = resolution(here), resolution(here, "We buy a van.")
    here.delegate("Emre", "Ana")
    here.cast("Ana", moved, "no")
    here.all_cast(NAMES[:3], moved, "yes")
    here.cast("Dilek", moved, "no")
    here.cast("Bela", other, "no")
    here.book.advance(ENDED)
    publish(here, "Bela")
    return here, moved, other


def test_a_dropped_ballot_is_missed(five):
    here, moved, _ = five
    files = export(here, moved)
    without = files | {BALLOTS: b"".join(files[BALLOTS].splitlines(keepends=True)[:-1])}

    with pytest.raises(NotRecounted, match=r"FAIL: ballots.jsonl: it is not the file that manifest.json names"):
        recount(without)
    with pytest.raises(NotRecounted, match=r"its result is not what these ballots come to: Passed: 4 for, 0 against"):
        recount(listed(without))


def test_swapped_ballots_are_seen(five):
    here, moved, _ = five
    swapped = with_lines(export(here, moved), BALLOTS, lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]])

    with pytest.raises(NotRecounted, match=r"ballots.jsonl: entry \d+ does not stand in the order of the log"):
        recount(swapped)


def test_a_ballot_of_another_vote_does_not_count_here(five):
    here, moved, other = five
    added = export(here, other)[BALLOTS].splitlines(keepends=True)
    files = with_lines(export(here, moved), BALLOTS, lambda lines: [*lines, *added])

    with pytest.raises(NotRecounted, match=r"ballot of entry \d+: it is of another vote"):
        recount(files)


def test_a_ballot_that_the_log_does_not_have_is_none(five):
    """Signed as it should be, but never sent in."""
    here, moved, _ = five
    files = export(here, moved)
    *_, last = files[BALLOTS].splitlines()
    line = json.loads(last)
    data, signature, received = here.leaves[line["index"]]
    made = data.replace(b'"no"', b'"yes"')
    signature = key("Dilek").sign(preimage(NAMESPACE, made))
    line["leaf"] = base64.b64encode(leaf(made, signature, received)).decode()
    forged = with_lines(files, BALLOTS, lambda lines: [*lines[:-1], canonical.encode(line) + b"\n"])

    with pytest.raises(NotRecounted, match=rf"ballot of entry {line['index']}: the inclusion proof does not lead"):
        recount(forged)


def test_a_ballot_that_its_author_did_not_sign_is_named_even_where_the_log_has_it():
    """A log that takes in what nobody signed is found out by whoever counts again."""
    here = village()
    moved = resolution(here)
    here.all_cast(NAMES[:3], moved, "yes")
    data, _, received = here.leaves[-1]
    here.leaves[-1] = (data, key("Ana").sign(b"something else"), received)
    here.book = here.again()
    here.book.advance(ENDED)

    with pytest.raises(NotRecounted, match=r"FAIL: ballot of entry \d+: the signature is not its author's"):
        recount(export(here, moved))


CHANGES = {
    "somebody is left out of the roll": (
        "roll.json",
        lambda roll: roll["roll"].pop(),
        "none of its author's on the roll",
    ),
    "a stranger is on the roll": (
        "roll.json",
        lambda roll: roll["roll"].append({"person": "f" * 32, "keys": []}),
        "roll.json: it is not the roll that entry",
    ),
    "a key is another": (
        "roll.json",
        lambda roll: [row.update(keys=[key("Eve").public.hex()]) for row in roll["roll"]],
        "none of its author's on the roll",
    ),
    "somebody is recused": (
        "roll.json",
        lambda roll: roll.update(recused=[roll["roll"][0]["person"]]),
        "roll.json: it is not the roll that entry",
    ),
    "the threshold is lower": (
        "profile.json",
        lambda profile: profile.update(threshold=[1, 4]),
        "profile.json: it is not the profile that entry",
    ),
    "the text is another": (
        "options.json",
        lambda options: options["texts"][0].__setitem__(1, "We never meet."),
        "options.json: the text .* is not the one in the log",
    ),
    "a label is another": ("options.json", lambda options: options["labels"].pop(), "its labels are not those"),
    "it ended earlier": ("proposal.json", lambda vote: vote.update(ended=vote["ended"] - 1), "did not end when"),
    "it opened later": ("proposal.json", lambda vote: vote.update(opened=vote["opened"] + 1), "before the vote opened"),
    "the log was shorter": ("proposal.json", lambda vote: vote.update(held=vote["held"] - 1), "did not have this root"),
    "somebody votes for another": (
        "proposal.json",
        lambda vote: vote["delegations"][0].update(to=person("Dilek")),
        "who votes for whom is not what the members said",
    ),
    "the matter is another": (
        "proposal.json",
        lambda vote: vote["matter"].update(circle="berlin"),
        "its matter or terms are not those of entry",
    ),
    "the id is another": ("proposal.json", lambda vote: vote.update(id="ab" * 32), "its id does not follow"),
    "the ledger is another": ("proposal.json", lambda vote: vote.update(ledger="ab" * 32), "belongs to another ledger"),
    "the result is another": (
        "proposal.json",
        lambda vote: vote["result"].update(passed=False),
        "its result is not what these ballots come to: Passed: 4 for, 1 against",
    ),
    "nobody is said to have published it": (
        "proposal.json",
        lambda vote: vote.update(published=None),
        "the statement that published the result is not the one it should be",
    ),
}


@pytest.mark.parametrize(("name", "change", "words"), CHANGES.values(), ids=CHANGES)
def test_whoever_changes_a_file_and_its_hash_is_found_out(five, name, change, words):
    here, moved, _ = five

    with pytest.raises(NotRecounted, match=words):
        recount(rewritten(export(here, moved), name, change))


def test_a_statement_that_is_left_out_is_missed(five):
    here, moved, _ = five
    files = export(here, moved)
    for place in range(files[STATEMENTS].count(b"\n")):
        without = with_lines(files, STATEMENTS, lambda lines, at=place: lines[:at] + lines[at + 1 :])
        with pytest.raises(NotRecounted):
            recount(without)


def test_a_head_that_another_log_signed_vouches_for_nothing(five):
    here, moved, _ = five
    files = listed(export(here, moved) | {"checkpoint": shown(here, "Eve").note})

    with pytest.raises(NotRecounted, match="FAIL: checkpoint: None of the known keys signed"):
        recount(files)


@pytest.mark.parametrize("name", ["proposal.json", BALLOTS, "log.vkey", MANIFEST])
def test_a_missing_file_is_named_and_so_is_one_too_many(five, name):
    here, moved, _ = five
    files = export(here, moved)

    with pytest.raises(NotRecounted, match=f"FAIL: {name}: it is missing"):
        recount({one: data for one, data in files.items() if one != name})
    with pytest.raises(NotRecounted, match=r"FAIL: names.json: it does not belong here"):
        recount(files | {"names.json": b"{}"})


def test_flipping_any_byte_of_any_file_fails():
    """A vote of the usual form, with somebody voting for another, and roll and result published."""
    here = found("Ana", "Bela", "Chidi")
    moved = here.move("Ana", "text", texts=["We meet on Mondays."])
    here.delegate("Chidi", "Ana")
    here.all_cast(("Ana", "Bela"), moved, "yes")
    here.book.advance(ENDED)
    publish(here, "Bela")
    files = export(here, moved)
    assert recount(files).outcome.decision.passed

    for name, data in files.items():
        for place in range(len(data)):
            changed = bytearray(data)
            changed[place] ^= 1 << place % 8
            with pytest.raises(NotRecounted):
                recount(files | {name: bytes(changed)})


def test_a_flipped_byte_in_a_ballot_names_the_ballot(five):
    here, moved, _ = five
    files = export(here, moved)
    lines = files[BALLOTS].splitlines(keepends=True)
    for number, line in enumerate(lines):
        leaf_at = line.index(b'"leaf":"') + 100
        changed = line[:leaf_at] + (b"A" if line[leaf_at : leaf_at + 1] != b"A" else b"B") + line[leaf_at + 1 :]
        index = json.loads(line)["index"]

        with pytest.raises(NotRecounted, match=f"FAIL: ballot of entry {index}: "):
            recount(files | {BALLOTS: b"".join([*lines[:number], changed, *lines[number + 1 :]])})


# At the desk.


@pytest.fixture(scope="module")
def riverbend(tmp_path_factory) -> Riverbend:
    """Five members have decided in four ways, and everything is published."""
    coop = Riverbend(tmp_path_factory.mktemp("riverbend"), *NAMES)
    coop.ok("Ana", "propose", "text", "We meet on Mondays.")
    coop.ok(
        "Ana",
        "propose",
        "text",
        "We meet on Tuesdays.",
        "--option",
        "We meet on Fridays.",
        "--profile",
        "debian-options",
    )
    coop.ok("Ana", "propose", "election", "connector", "Ana", "Bela", "Chidi", "--profile", "scottish-stv")
    coop.ok("Ana", "propose", "text", "We buy a van.", "--profile", "secret")
    coop.ok("Ana", "propose", "text", "We sell the barn.", "--profile", "sealed")
    coop.ok("Emre", "delegation", "to", "Bela", "--topic", "text")
    ballots = {
        1: ("yes", "no", "yes", "abstain"),
        2: ("2>1>0", "2>0", "1>2", "2=1>0"),
        3: ("Ana", "Ana>Bela", "Bela", "Bela>Ana"),
        4: ("yes", "yes", "no", "yes", "yes"),
        5: ("yes", "no", "no", "no"),
    }
    for number, said in ballots.items():
        for name, ballot in zip(NAMES, said, strict=False):
            coop.ok(name, "vote", str(number), ballot)
    for coop.now in ("2025-08-20T09:00:00Z", "2025-08-22T09:00:00Z"):
        coop.ok("Dilek", "payout", "tick")
    for number in ballots:
        coop.ok("Chidi", "proposal", "count", str(number), "--export", f"count-{number}")
    return coop


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_count_is_repeated_from_the_folder_alone(riverbend, tmp_path, number):
    """In another folder, by somebody without a home, without the ledger."""
    shutil.copytree(riverbend.folder / f"count-{number}", tmp_path / "handed over")
    stranger = Riverbend(tmp_path)
    said = stranger.run("stranger", "proposal", "recount", "handed over")

    result = riverbend.data("Ana", "proposal", "count", str(number))["decision"]
    assert said.code == 0, said.err
    assert said.out.startswith("PASS: ")
    assert stranger.data("stranger", "proposal", "recount", "handed over")["decision"] == result
    assert not (tmp_path / "stranger").exists()


def test_a_recount_says_what_it_rests_on_and_what_it_cannot_know(riverbend):
    said = riverbend.ok("stranger", "proposal", "recount", "count-1").out
    data = riverbend.data("stranger", "proposal", "recount", "count-1")

    assert "PASS: Failed (tie): 2 for, 2 against, 1 abstained of 5 members; needed 3, 1 through others." in said
    assert f"roll       5, as published in entry {data['roll_published']}\n" in said
    assert f"result     as published in entry {data['published']}\n" in said
    assert "That no ballot was left out can only be seen in the whole log" in said
    assert data["vkey"] in said


def test_no_name_and_no_private_word_is_handed_out(riverbend):
    for number in range(1, 6):
        held = b"".join(path.read_bytes() for path in (riverbend.folder / f"count-{number}").iterdir())
        leaves = b"".join(
            base64.b64decode(json.loads(line)["leaf"])
            for name in (BALLOTS, STATEMENTS)
            for line in (riverbend.folder / f"count-{number}" / name).read_bytes().splitlines()
        )
        assert not [name for name in NAMES if name.encode() in held + leaves]


def test_a_folder_that_is_there_is_never_written_into(riverbend):
    refused = riverbend.run("Ana", "proposal", "count", "1", "--export", "count-1")

    assert refused.code == REFUSED
    assert refused.err == "count-1 is there already. Name a new folder.\n"


def test_a_changed_file_fails_with_exit_five_and_another_folder_with_exit_two(riverbend, tmp_path):
    shutil.copytree(riverbend.folder / "count-2", tmp_path / "changed")
    file = tmp_path / "changed" / "profile.json"
    file.write_bytes(file.read_bytes().replace(b'"strict":true', b'"strict":false'))
    stranger = Riverbend(tmp_path)
    failed = stranger.run("stranger", "proposal", "recount", "changed")

    assert failed.code == BAD
    assert failed.err == "FAIL: profile.json: it is not the file that manifest.json names.\n"
    for folder in (".", "nowhere"):
        assert stranger.run("stranger", "proposal", "recount", folder).code == USAGE


def test_a_folder_inside_or_a_file_beside_does_not_belong_there(riverbend, tmp_path):
    shutil.copytree(riverbend.folder / "count-2", tmp_path / "count")
    (tmp_path / "count" / "more").mkdir()
    failed = Riverbend(tmp_path).run("stranger", "proposal", "recount", "count")

    assert (failed.code, failed.err) == (BAD, "FAIL: more: it does not belong here.\n")
