"""Where members are paid: set by themselves, sealed for treasurers alone, held when changed, never in the log."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_box_seed_keypair

from ledger.errors import NoKey, Usage
from ledger.private import TEXT_MAX
from payouts.bank.bank_check import SIZES
from payouts.bank.details_desk import read_account
from payouts.bank.details_sealing import Account, WrongDetails, is_sound, opened, promise, seal
from payouts.bank.iban import LENGTHS, checked_bic, checked_iban, looks_like_iban, plain, why_not_iban
from tests.autumn import AUGUST, copied, riverbend
from tests.bankers import HOLDERS, IBANS, ready, written
from tests.riverbend import REFUSED, USAGE, Riverbend
from tests.village import found, person

GOOD = ("DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "no9386011117947", "MT84MALT011000012345MTLCAST001S")
BAD = ("DE89370400440532013001", "NL50BANK1234567890", "DE8937040044053201300", "ZZ89370400440532013000", "", "DE8937É")
PUBLIC, SECRET = crypto_box_seed_keypair(bytes(32))
ACCOUNT = Account(iban="DE89370400440532013000", bic=None, name="Ana Müller", salt="ab" * 32)


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """Everybody's details are set; August is computed, not approved."""
    return ready(tmp_path_factory.mktemp("details"), approve=False)


@pytest.fixture
def coop(set_up: Riverbend, tmp_path: Path) -> Riverbend:
    """The same, for one story."""
    return copied(set_up, tmp_path)


# Account numbers.


@pytest.mark.parametrize("iban", GOOD)
def test_an_iban_that_can_be_right_is_taken_as_people_write_it(iban: str) -> None:
    assert checked_iban(iban) == plain(iban)


@pytest.mark.parametrize("iban", BAD)
def test_an_iban_that_cannot_be_right_is_refused_without_repeating_it(iban: str) -> None:
    with pytest.raises(Usage) as refusal:
        checked_iban(iban)

    assert not iban or iban not in refusal.value.message


def test_another_program_agrees_about_every_iban_with_a_digit_changed() -> None:
    """Lengths and check digits; it also knows the inner form of each country's numbers, which we leave to the bank."""
    from schwifty import IBAN
    from schwifty.exceptions import InvalidLength

    for iban in (*map(plain, GOOD), *IBANS.values()):
        assert IBAN(iban).is_valid
        for place in range(4, len(iban)):
            digit = "0" if iban[place] != "0" else "1"
            changed = iban[:place] + digit + iban[place + 1 :]
            assert not IBAN(changed, allow_invalid=True).is_valid
            assert why_not_iban(changed)
        with pytest.raises(InvalidLength):
            IBAN(iban + "0")
        assert why_not_iban(iban + "0")


def test_the_lengths_are_those_of_the_register() -> None:
    from schwifty.registry import get_iban_spec

    assert {country: get_iban_spec(country).iban_length for country in LENGTHS} == LENGTHS
    assert SIZES == LENGTHS


def test_a_bic_is_taken_or_left_out() -> None:
    assert (checked_bic("cobadeffxxx"), checked_bic(" "), checked_bic(None)) == ("COBADEFFXXX", None, None)
    for wrong in ("COBADEF", "COBADEFFXX", "1OBADEFF", "COBADE0F"):
        with pytest.raises(Usage):
            checked_bic(wrong)


def test_an_account_number_is_found_wherever_somebody_put_it() -> None:
    assert looks_like_iban("to DE89 3704 0044 0532 0130 00, thanks")
    assert not looks_like_iban("INV-12, 2025-09-08, NTRF 77")


# Boxes.


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=70), st.sampled_from(sorted(IBANS.values())))
def test_a_box_opens_with_its_key_and_holds_what_was_promised(name: str, iban: str) -> None:
    account = Account(iban=iban, bic="COBADEFFXXX", name=name, salt="cd" * 32)
    box = seal(account, PUBLIC.hex())

    assert opened(box, SECRET, "aa", "bb", promise("aa", "bb", account)) == account
    assert len(box) == len(seal(ACCOUNT, PUBLIC.hex())) < TEXT_MAX


def test_a_box_with_other_details_than_promised_or_for_somebody_else_is_refused() -> None:
    promised = promise("aa", "bb", ACCOUNT)
    other = Account(iban="BE68539007547034", bic=None, name="Mallory", salt=ACCOUNT.salt)
    cases = ((seal(other, PUBLIC.hex()), SECRET, "bb"), (seal(ACCOUNT, PUBLIC.hex()), SECRET, "cc"))
    for box, secret, who in (*cases, (seal(ACCOUNT, PUBLIC.hex()), b"\1" * 32, "bb"), ("no box", SECRET, "bb")):
        with pytest.raises(WrongDetails) as refusal:
            opened(box, secret, "aa", who, promised)
        assert ACCOUNT.iban not in str(refusal.value)


def test_a_key_that_closes_nothing_is_refused() -> None:
    village = found("Ana", "Bela")

    assert not is_sound(bytes(32))
    with village.refuses("no sound key"):
        village.say("Ana", "payouts.box_key", {"key": "00" * 32})
    village.say("Ana", "payouts.box_key", {"key": PUBLIC.hex()})
    with village.refuses("known already"):
        village.say("Bela", "payouts.box_key", {"key": PUBLIC.hex()})


def test_details_are_sealed_for_treasurers_of_today_and_promised_by_the_member_alone() -> None:
    from ledger.private import Text

    village = found("Ana", "Bela")
    village.say("Ana", "payouts.box_key", {"key": PUBLIC.hex()})
    box = {"key": PUBLIC.hex(), "sealed": Text(seal(ACCOUNT, PUBLIC.hex()))}
    mine = {"promise": promise(village.book.ledger.id, person("Bela"), ACCOUNT), "boxes": [box]}
    with village.refuses("nobody who is a treasurer"):
        village.say("Bela", "payouts.details_set", mine | {"boxes": [box | {"key": "ab" * 32}]})
    with village.refuses("sealed twice"):
        village.say("Bela", "payouts.details_set", mine | {"boxes": [box, box]})
    village.say("Bela", "payouts.details_set", mine)
    with village.refuses("promised before"):
        village.say("Ana", "payouts.details_set", mine)
    with village.refuses("not details that hold now"):
        village.say("Ana", "payouts.details_resealed", mine | {"promise": "ab" * 32})


# Stories.


@pytest.mark.parametrize(
    "text",
    [
        'iban = "DE89370400440532013001"\nname = "Ana"',
        'iban = "DE89370400440532013000"',
        'iban = "DE89370400440532013000"\nname = ""',
        'iban = "DE89370400440532013000"\nname = "Ana"\nbic = "X"',
        'iban = "DE89370400440532013000"\nname = "Ana"\nphone = "1"',
        "DE89370400440532013000",
        'iban = 5\nname = "Ana"',
        f"iban = {'[' * 5_000}{']' * 5_000}",
    ],
)
def test_a_file_that_is_not_right_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Usage) as refusal:
        read_account(text)

    assert "DE89" not in refusal.value.message + refusal.value.hint


def test_a_member_sees_her_own_details_and_only_treasurers_with_a_key_see_others(coop: Riverbend) -> None:
    assert coop.data("Dilek", "payout", "details", "show")["iban"] == IBANS["Dilek"]
    assert coop.data("Bela", "payout", "details", "show", "Dilek")["holder"] == HOLDERS["Dilek"]

    coop.join("Ana", "Emil")
    said = coop.run("Emil", "payout", "details", "show", "Dilek")
    assert (said.code, IBANS["Dilek"] in said.out + said.err) == (NoKey.exit_code, False)
    assert coop.run("Emil", "payout", "key").code != 0


def test_changed_details_are_held_for_seven_days_and_named_before_approval_and_export(coop: Riverbend) -> None:
    coop.ok("Chidi", "payout", "details", "set", "--file", written(coop, "new", "BE71096123456769", "Chidi Okafor"))
    said = coop.ok("Ana", "payout", "approve", AUGUST, "--yes")
    assert "Chidi: payment details changed on 2025-09-04, held for 7 days." in said.err
    assert "Ana: payment details set on 2025-08-01, the first ones." not in said.err
    coop.ok("Bela", "payout", "approve", AUGUST, "--yes")
    out = coop.ok("Ana", "payout", "export", AUGUST, "--date", "2025-09-08", "--out", "a.xml", "--yes")

    assert "Chidi is not paid yet" in out.err
    assert "2 payments" in out.out
    states = {row["name"]: row["state"] for row in coop.data("Ana", "payout", "details", "check")["details"]}
    assert states == {"Ana": "good", "Bela": "good", "Dilek": "good", "Chidi": "changed, held until 2025-09-11"}
    coop.now = "2025-09-11T09:00:01Z"
    late = coop.data("Ana", "payout", "export", AUGUST, "--date", "2025-09-12", "--out", "b.xml", "--yes")
    assert late["payments"] == 1
    assert "BE71096123456769" in (coop.folder / "b.xml").read_text()


def test_a_new_treasurer_reads_details_once_they_are_sealed_anew(coop: Riverbend) -> None:
    told = coop.ok("Chidi", "payout", "key").out
    assert "You cannot read those of Ana, Bela, Chidi, Dilek yet" in told
    reminded = coop.ok("Dilek", "log", "1h", "dishes", "--role", "care").err
    assert "A treasurer cannot read your payment details yet: tally payout details reseal" in reminded
    assert coop.run("Chidi", "payout", "details", "show", "Dilek").code == NoKey.exit_code
    coop.ok("Dilek", "payout", "details", "reseal")
    assert coop.data("Chidi", "payout", "details", "show", "Dilek")["iban"] == IBANS["Dilek"]

    done = coop.data("Bela", "payout", "details", "reseal")
    assert sorted(row["name"] for row in done["resealed"]) == ["Ana", "Bela", "Chidi"]
    assert "Every treasurer can read" in coop.ok("Bela", "payout", "details", "reseal").out
    assert "cannot read" not in coop.ok("Dilek", "log", "1h", "dishes", "--role", "care").err
    rows = coop.data("Chidi", "payout", "details", "check")["details"]
    assert [(row["opens"], row["unread_by"]) for row in rows] == [(True, [])] * 4


def test_details_wait_for_the_first_treasurers_key(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, "Ana", "Bela")
    said = coop.run("Ana", "payout", "details", "set", "--file", written(coop, "Ana", IBANS["Ana"], "Ana"))

    assert (said.code, "payout key" in said.err) == (REFUSED, True)
    assert coop.run("Ana", "payout", "details", "set").code == USAGE


def test_keys_and_copies_are_readable_by_their_owner_alone(coop: Riverbend) -> None:
    home = coop.folder / "founders"
    kept = [*home.glob("boxes/*/*/*.pem"), *home.rglob("details-*.json"), home / "config" / "bank.toml"]

    assert len(kept) == 2 + 4 + 1
    assert not [path for path in kept if path.stat().st_mode & 0o077]


def test_a_treasurers_key_on_a_real_ledger_is_locked(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path)
    coop.write("passphrase", "four words are good\n")
    secret = {"TALLY_PASSPHRASE_FILE": str(tmp_path / "passphrase"), "TALLY_NOW": ""}
    coop.ok("Ana", "init", "Riverbend", "--founder", "Ana", **secret)
    coop.ok("Ana", "payout", "key", **secret)
    coop.ok("Ana", "payout", "details", "set", "--file", written(coop, "Ana", IBANS["Ana"], "Ana"), **secret)
    (key,) = (tmp_path / "Ana" / "boxes").rglob("*.pem")

    assert "ENCRYPTED" in key.read_text()
    os.unlink(next((tmp_path / "Ana").rglob("details-*.json")))
    assert IBANS["Ana"] in coop.ok("Ana", "payout", "details", "show", **secret).out
    assert coop.run("Ana", "payout", "details", "show", TALLY_NOW="").code == NoKey.exit_code


def test_two_treasurers_and_a_steward_set_details_for_who_has_died_and_two_weeks_are_waited(coop: Riverbend) -> None:
    coop.ok("Ana", "propose", "role", "Dilek", "steward")
    for name in ("Ana", "Bela", "Chidi"):
        coop.ok(name, "vote", "1", "yes")
    coop.now = "2025-09-12T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    file = written(coop, "heirs", "BE71096123456769", "Heirs of Chidi")
    coop.ok("Ana", "payout", "details", "set-for", "Chidi", "--file", file, "--why", "died")
    assert "Others have set payment details for you" in coop.ok("Chidi", "log", "1h", "alive", "--role", "care").err
    assert coop.run("Chidi", "payout", "details", "agree", "Chidi", "--yes").code == REFUSED
    assert coop.run("Ana", "payout", "details", "agree", "Chidi", "--yes").code == REFUSED
    assert not coop.data("Bela", "payout", "details", "agree", "Chidi", "--yes")["enough"]
    assert coop.data("Dilek", "payout", "details", "agree", "Chidi", "--yes")["enough"]
    states = {row["name"]: row["state"] for row in coop.data("Ana", "payout", "details", "check")["details"]}
    assert states["Chidi"] == "changed, held until 2025-09-26"

    assert coop.data("Bela", "payout", "details", "show", "Chidi")["holder"] == "Heirs of Chidi"
    coop.ok("Chidi", "payout", "details", "set", "--file", written(coop, "alive", IBANS["Chidi"], "Chidi Okafor"))
    assert coop.data("Bela", "payout", "details", "show", "Chidi")["holder"] == "Chidi Okafor"


def test_a_box_is_not_written_over_by_somebody_else() -> None:
    from ledger.private import Text

    village = found("Ana", "Bela")
    village.say("Ana", "payouts.box_key", {"key": PUBLIC.hex()})
    box = {"key": PUBLIC.hex(), "sealed": Text(seal(ACCOUNT, PUBLIC.hex()))}
    mine = {"promise": promise(village.book.ledger.id, person("Bela"), ACCOUNT), "boxes": [box]}
    village.say("Bela", "payouts.details_set", mine)

    with village.refuses("sealed for this key already"):
        village.say("Ana", "payouts.details_resealed", mine)
