"""Ways of deciding as signed data: sound, spelled one way, counted exactly, changed by no less than they ask."""

import random as chance

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from governance import voting
from governance.part import of
from governance.presets import CORE, PRESETS
from governance.profile import PLAIN, QUORUMS, Profile, Quorum, check, digest, least, wanted
from governance.profile_words import differences, parse, sentence, sentences, written
from ledger.errors import Refused
from ledger.fact import plain
from tests.village import DAY, FOUNDED, Village, found, person

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
WEEK = 7 * DAY
GOLDEN = {
    "simple-majority": "356ea6d638f997443045a2c5b8991dc9e8161323022ccff3cbfdfee0d19c0d70",
    "two-thirds": "6d628ef6d3580973ec1e993568bfe0e2a9dd20606b919abf6657dd969a8b6be3",
    "joining": "910a93c2980d6175f63869ac45bacccb21ef150262d6da0f6e6a9e88340bc6fa",
    "uk-worker-coop-meeting": "cbc30a6efc73550aab134dc4b156e965372bf9395f3e0912ef1d7e749523b012",
    "uk-written-resolution": "ec191480c25dfec618990313cc00954611870c803e2b44913fa1ff032fbd3224",
    "debian-options": "96dc7fadc1f7c8938f213e2b3cea8019caca3250ebe0d077f119e92f2e86c6e3",
    "consent": "403fc31699e30d65b7b95c8afc2a6d31fdfe540b9e24a8a87eff9211236b2814",
    "entrenched-100": "906055e824cc032cd35c7b5ca9618b34518d89e64b924746efa5cc4283137f79",
    "pilot-unit": "7e585b9e49312090f4d96b037266ab2960c403fc955af9f798037875c912e9c8",
    "approval": "7e8c6c583a94f38fa826960878b8ea8c0159f79a3fcb18af19a48968b0e5806a",
    "score": "4d643f6a23ff5559e0c6c7c3270c61fe87dc9343fc752e09075538c6a58fd1bb",
    "star": "4b254239c7fb0966d79f4fcede753f0c7a016bbad2652ae3a5dbb662ffd4e704",
    "instant-runoff": "f2c2b15e862053bea1e3e22c9170a946f91f5a84125f5582b362df12fcd662d5",
    "scottish-stv": "9b7626ef6e325610f4c8bb73797e9df74a34ff85c603f324a37cce2c7a117d03",
    "median": "90ac9e7153391d5706443bb6e622eade117abcf0c43fd5e26805ea10baeca5db",
    "split-the-pot": "fbfe4ddbb242a0f4be9a5e52636a5c77e8e796a524d6c373eda67804c79c8899",
    "sealed": "a1c5b437429c896aa1013aea21d28ec190be39ba9f0929a9d22d938c85389a68",
    "secret": "daf33980ac5da93043a0d7bb91b93553049b38e9a660f08ec2780982a2ba1309",
}

parts_of_all = st.integers(1, 30).flatmap(lambda den: st.tuples(st.integers(0, den), st.just(den)))
quorums = st.builds(Quorum, kind=st.sampled_from(QUORUMS), number=st.integers(0, 40), fraction=parts_of_all)
days = st.integers(1, 24 * 366)


def sound(profile: Profile) -> bool:
    try:
        check("drawn", profile)
    except Refused:
        return False
    return True


profiles = st.builds(
    Profile,
    method=st.sampled_from([*voting.names(), "yes-no", "yes-no"]),
    electorate=st.sampled_from(["members", "role:treasurer"]),
    base=st.sampled_from(["roll", "cast", "for+against"]),
    threshold=parts_of_all,
    strict=st.booleans(),
    quorum=quorums,
    notice_days=st.integers(0, 366),
    length_hours=days,
    early=st.booleans(),
    extension_hours=st.sampled_from([0, 0, 24]),
    second_call=st.none() | quorums,
    tie=st.sampled_from(["status-quo", "lot"]),
    challenge_hours=st.just(0),
    secrecy=st.sampled_from(["open", "open", "sealed", "secret"]),
    extension_window_hours=days,
    waiver=st.none() | parts_of_all,
    ratio=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    top=st.integers(1, 100),
    delegation_cap=st.sampled_from([0, 0, 5]),
    delegated_quorum=st.booleans(),
    roll_min=st.integers(0, 9),
    role_majorities=st.booleans(),
    entrenched=st.booleans(),
    decides=st.lists(st.sampled_from(["rule", "text", "role"]), unique=True).map(tuple),
).filter(sound)


# As data.


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_run_and_says_so_in_sentences(name):
    check(name, PRESETS[name])

    told = sentences(PRESETS[name])
    assert all(line[0].isupper() and line.endswith(".") for line in told)
    assert f"Needs {sentence(PRESETS[name])}." in told


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_preset_is_called_in_signed_statements_never_changes(name):
    assert digest(PRESETS[name]) == GOLDEN[name]


def test_the_presets_that_are_named_in_by_laws_are_there():
    named = "simple-majority two-thirds uk-worker-coop-meeting uk-written-resolution debian-options consent"
    assert {*named.split(), "entrenched-100", "pilot-unit"} <= PRESETS.keys()


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_read_back_as_it_was_written(name):
    assert parse(name, written(PRESETS[name])) == PRESETS[name]


@given(profiles)
def test_any_profile_is_read_back_as_it_was_written_and_has_one_digest(profile):
    again = parse("drawn", written(profile))

    assert again == profile
    assert digest(again) == digest(profile)
    assert plain(again) == plain(profile)


@given(profiles, st.integers(0, 2**32))
def test_the_order_in_which_a_profile_is_written_changes_nothing(profile, seed):
    lines = written(profile).splitlines()
    chance.Random(seed).shuffle(lines)

    assert digest(parse("drawn", "\n".join(lines))) == digest(profile)


@given(profiles, profiles)
def test_profiles_that_differ_have_different_digests(one, other):
    assert (digest(one) == digest(other)) is (one == other)


def test_what_is_left_out_is_as_in_a_simple_majority():
    assert parse("empty", "") == PLAIN


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("weights = 2", "unknown field `weights`"),
        ("quorum = { kind = 'none', weight = 1 }", "unknown field `weight`"),
        ('threshold = "3/2"', "more than everybody"),
        ('threshold = "101%"', "more than everybody"),
        ('threshold = "1/1"\nstrict = true', "more than everybody"),
        ('waiver = "3/2"', "more than everybody"),
        ('quorum = { kind = "support", fraction = "4/3" }', "more than everybody"),
        ('second_call = { kind = "participation", fraction = "4/3" }', "more than everybody"),
        ('threshold = "1/0"', "divides by nothing"),
        ('ratio = "0/3"', "the ratio is 0"),
        ("threshold = 0.5", "is no fraction"),
        ('threshold = "0.5"', "is no fraction"),
        ('threshold = "-1/2"', "is no fraction"),
        ('threshold = "1/2%"', "is no fraction"),
        ('threshold = "١/٢"', "is no fraction"),
        ('threshold = "' + "9" * 5000 + '/1"', "is no fraction"),
        ("length_hours = " + "9" * 5000, "cannot be one"),
        ("quorum = " + "[" * 5000, "nested too deep|is not TOML"),
        ("length_hours = 0", "length_hours"),
        ("length_hours = 1.5", "length_hours"),
        ("notice_days = 1000000000", "it takes years"),
        ("length_hours = 9000", "it takes years"),
        ('strict = "yes"', "strict"),
        ('method = "lottery"', "method cannot be 'lottery'"),
        ('tie = "casting"', "tie cannot be 'casting'"),
        ('base = "shares"', "base cannot be 'shares'"),
        ('secrecy = "mostly"', "secrecy cannot be 'mostly'"),
        ('electorate = "customers"', "nobody can be asked"),
        ('electorate = "role:"', "nobody can be asked"),
        ('quorum = { kind = "most" }', "quorum cannot be 'most'"),
        ("challenge_hours = 24", "go together"),
        ("challengers = 2", "go together"),
        ('method = "consent"', "needs a fallback"),
        ('fallback = "two-thirds"', "only consent has a fallback"),
        ('early = true\nsecrecy = "sealed"', "ends early"),
        ('secrecy = "secret"', "knows no proxies"),
        ('secrecy = "sealed"\nextension_hours = 1\nquorum = { kind = "sqrt" }', "only who took part"),
        ('entrenched = true\nsecond_call = { kind = "fixed", number = 1 }', "has no second call"),
        ("threshold = '2/3", "is not TOML"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused_in_words(text, words):
    with pytest.raises(Refused, match=words) as refused:
        parse("odd", text)

    assert refused.value.exit_code == 6
    assert "odd" in refused.value.message
    assert len(refused.value.message) < 400


def test_percentages_and_fractions_say_the_same_threshold():
    for text in ("75%", "3/4", "6/8"):
        profile = parse("own", f'threshold = "{text}"\nstrict = false')
        assert [least(n, _fraction(profile), profile.strict) for n in (4, 5, 100)] == [3, 4, 75]


def _fraction(profile: Profile):
    from fractions import Fraction

    return Fraction(*profile.threshold)


def test_what_a_profile_changes_in_another_is_said_line_by_line():
    changed = replace(PLAIN, threshold=(2, 3), strict=False)

    assert differences(PLAIN, PLAIN) == []
    assert [line for line in differences(PLAIN, changed) if "2/3" in line] == [
        "now: Needs at least 2/3 of the roll, within 7 days."
    ]


# How many.


def ceiling(number: int, parts: int) -> int:
    return -(-number // parts)


def test_how_many_are_wanted_is_the_mathematical_ceiling_or_one_above_the_floor():
    """Every n up to 500, every fraction with up to 20 parts."""
    from fractions import Fraction

    for den in range(1, 21):
        for num in range(den + 1):
            fraction = Fraction(num, den)
            for n in range(501):
                assert least(n, fraction, strict=False) == ceiling(num * n, den)
                assert least(n, fraction, strict=True) == num * n // den + 1


@pytest.mark.parametrize("kind", QUORUMS)
def test_a_quorum_is_the_ceiling_of_its_fraction_and_its_number(kind):
    for den in range(1, 21):
        for num in range(0, den + 1, 3):
            for n in (*range(40), 250, 499, 500):
                part = ceiling(num * n, den)
                expected = {"none": 0, "fixed": 3, "min": min(3, part)}.get(kind, max(3, part))
                supports, found_ = wanted(Quorum(kind=kind, number=3, fraction=(num, den)), n)
                assert supports is (kind in ("support", "sqrt"))
                assert kind == "sqrt" or found_ == expected


def test_debians_quorum_is_the_least_number_that_reaches_three_halves_of_the_root():
    for n in range(2001):
        _, v = wanted(Quorum(kind="sqrt", number=0, fraction=(0, 1)), n)

        assert 4 * v * v >= 9 * n
        assert v == 0 or 4 * (v - 1) * (v - 1) < 9 * n


# Changing them.


def village(*names: str, **profiles_: Profile) -> Village:
    return found(*(names or NAMES), profiles=profiles_)


def change(here: Village, name: str, profile: Profile, by: str, when: int = FOUNDED):
    return here.move("Ana", "profile", when, by, [written(profile)], {"names": [name]})


@pytest.mark.parametrize(
    ("threshold", "strict", "yes", "passes"),
    [((4, 5), False, 3, False), ((4, 5), False, 4, True), ((1, 5), False, 2, False), ((1, 5), False, 3, True)],
)
def test_a_profile_is_changed_by_the_threshold_it_has_and_the_new_one_where_stricter(threshold, strict, yes, passes):
    here = village()
    new = replace(PLAIN, threshold=threshold, strict=strict)
    moved = change(here, "simple-majority", new, "simple-majority")
    here.all_cast(NAMES[:yes], moved, "yes")

    assert (here.status(moved, FOUNDED + WEEK) == "effective") is passes
    assert (of(here.book).profiles["simple-majority"] == new) is passes


@pytest.mark.parametrize(("yes", "passes"), [(3, False), (4, True)])
def test_a_new_profile_needs_two_thirds(yes, passes):
    here = village()
    moved = change(here, "own", replace(PLAIN, threshold=(1, 3)), "two-thirds")
    here.all_cast(NAMES[:yes], moved, "yes")

    assert (here.status(moved, FOUNDED + 14 * DAY) == "effective") is passes
    assert ("own" in of(here.book).profiles) is passes


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("simple-majority", "two-thirds"),
        ("two-thirds", "simple-majority"),
        ("own", "simple-majority"),
        ("entrenched-100", "two-thirds"),
        ("joining", "simple-majority"),
        ("consent", "simple-majority"),
        ("debian-options", "simple-majority"),
    ],
)
def test_no_profile_is_changed_by_a_way_that_is_easier_than_its_own(name, by):
    here = village()
    text = written(replace(PLAIN, threshold=(3, 5)))
    here.put("Ana", text)

    with here.refuses(f"The profile {name} is changed by .* alone"):
        here.move("Ana", "profile", FOUNDED, by, [text], {"names": [name]})


def test_what_is_entrenched_is_changed_by_all():
    here = village()
    moved = change(here, "entrenched-100", replace(PLAIN, length_hours=24), "entrenched-100")
    opened = here.proposal(moved).course.opens
    here.all_cast(NAMES[:4], moved, "yes", opened)

    assert here.status(moved, opened + 28 * DAY) == "failed"
    assert of(here.book).profiles["entrenched-100"] == PRESETS["entrenched-100"]


@pytest.mark.parametrize("name", CORE)
@pytest.mark.parametrize(
    "part",
    [
        {"method": "approval"},
        {"secrecy": "sealed"},
        {"notice_days": 1},
        {"electorate": "role:treasurer"},
        {"quorum": Quorum(kind="fixed", number=2, fraction=(0, 1))},
        {"challenge_hours": 24, "challengers": 1},
    ],
)
def test_what_the_program_itself_opens_votes_by_stays_an_open_vote_at_once(name, part):
    here = village()
    text = written(replace(CORE[name], early=False, **part))
    here.put("Ana", text)

    with here.refuses("The program opens votes by"):
        here.move("Ana", "profile", FOUNDED, "two-thirds" if name == "joining" else name, [text], {"names": [name]})


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("two-thirds", written(PRESETS["two-thirds"]), "as it is"),
        ("Über", "", "no name for a profile"),
        ("-own", "", "no name for a profile"),
        ("own-\n", "", "no name for a profile"),
        ("o" * 41, "", "no name for a profile"),
        ("own", 'threshold = "3/2"', "more than everybody"),
        ("own", "weights = 3", "unknown field"),
        ("own", 'method = "consent"\nfallback = "nowhere"', "no profile 'nowhere' to fall back on"),
        ("own", 'decides = ["weather"]', "no matter"),
    ],
)
def test_a_profile_that_could_not_be_followed_is_refused_before_anybody_votes(name, text, words):
    here = village()
    here.say("Ana", "governance.text", {"text": text or "tie = 'lot'"})

    with here.refuses(words):
        here.move("Ana", "profile", FOUNDED, "two-thirds", [text or "tie = 'lot'"], {"names": [name]})


def test_votes_that_open_after_a_change_are_decided_by_it():
    here = village()
    moved = change(here, "simple-majority", replace(PLAIN, threshold=(1, 5)), "simple-majority")
    here.all_cast(NAMES, moved, "yes")
    later = here.move("Ana", "text", FOUNDED + WEEK, texts=["We meet on Mondays."])
    here.all_cast(NAMES[:2], later, "yes")

    assert here.status(later, FOUNDED + 2 * WEEK) == "effective"


def test_a_profile_for_some_matters_decides_no_others():
    here = village(talk=replace(PLAIN, decides=("text",)))

    here.move("Ana", "text", FOUNDED, "talk", ["We meet on Mondays."])
    with here.refuses("talk does not decide on a role"):
        here.move("Ana", "role", FOUNDED, "talk", person=person("Bela"), role="steward")


def test_a_profile_asks_only_those_who_hold_its_role():
    here = village(stewards=replace(PLAIN, electorate="role:steward"))
    for name in ("Bela", "Chidi", "Dilek"):
        given_ = here.move("Ana", "role", FOUNDED, person=person(name), role="steward")
        here.all_cast(NAMES, given_, "yes")
    here.book.advance(FOUNDED + WEEK)
    moved = here.move("Ana", "text", None, "stewards", ["We meet on Mondays."])

    assert here.proposal(moved).roll == sorted(map(person, ("Bela", "Chidi", "Dilek")))
    with here.refuses("asks those who were steward"):
        here.cast("Ana", moved, "no")
    here.all_cast(("Bela", "Chidi"), moved, "yes")
    assert here.status(moved, FOUNDED + 2 * WEEK) == "effective"


def test_a_profile_has_the_fields_that_by_laws_name_and_no_others():
    assert "weight" not in " ".join(asdict(PLAIN))
    assert digest(replace(PLAIN, tie="lot")) != digest(PLAIN)
