"""A cooperative asks that members have seen its log before it pays: who may ask for that, and when it is enough."""

from typing import Any

import pytest

from ledger import checkpoint, entry, merkle, quorum
from ledger.book import Book
from ledger.checkpoint import Checkpoint
from ledger.entry import Entry
from ledger.errors import NoKey, Refused, TallyError
from ledger.keys import Key
from ledger.note import COSIGNATURE, cosign, note_with, vkey
from ledger.policy import BadPolicy
from ledger.quorum import TooFewWitnesses
from ledger.shelf import MemoryShelf
from payouts import state
from payouts.facts import PayoutApproved
from tests.test_payouts_accounts import PLAIN, log, tick, village
from tests.test_payouts_accounts import book as income
from tests.test_policy import key as eye
from tests.village import ROOMS, Village, at, key, parts, person

ORIGIN = "tally.invalid/village"
LOG_VKEY = vkey(ORIGIN, key("log").public)
SEPTEMBER = at("2025-09-05")
SEEN = SEPTEMBER // 1000


def eyes(name: str) -> str:
    return vkey(f"{name}.example", eye(name).public, COSIGNATURE)


POLICY = "".join(f"witness {name} {eyes(name)}\n" for name in ("Ana", "Bela", "Chidi"))
POLICY += "group members 2 Ana Bela Chidi\nquorum members\n"


def require(here: Village, who: str, text: str = POLICY) -> Entry:
    """A treasurer says which policy shall hold."""
    return here.say(who, "ledger.witnesses", {"policy": text})


def head(here: Village, *names: str, size: int | None = None, leaves: list[bytes] | None = None) -> str:
    """A head of this log, signed by the log and by these witnesses."""
    hashes = [merkle.leaf_hash(entry.leaf(*one)) for one in here.leaves] if leaves is None else leaves
    size = len(hashes) if size is None else size
    found = Checkpoint(ORIGIN, size, merkle.root(hashes[:size]))
    lines = [cosign(checkpoint.body(found), f"{name}.example", eye(name), SEEN) for name in names]
    return note_with(checkpoint.sign(found, key("log")), lines).decode()


def computed(*founders: str) -> Village:
    """A cooperative with a payout that waits for its approvals."""
    here = village(PLAIN, *(founders or ("Ana", "Chidi", "Dilek")))
    income(here, 100_000)
    log(here, "Ana", 60)
    tick(here, SEPTEMBER, "Ana")
    return here


def approve(here: Village, who: str, **more: Any) -> Entry:
    """A treasurer approves the payout of August."""
    digest = state.of(here.book).runs["2025-08"].digest
    return here.say(who, "payouts.approved", {"period": "2025-08", "digest": digest} | more)


def test_two_treasurers_must_say_the_same_before_it_holds():
    here = computed()
    require(here, "Ana")
    assert quorum.in_force(here.book.ledger) is None
    with pytest.raises(Refused, match="You said so already"):
        require(here, "Ana")
    require(here, "Chidi", POLICY.replace("2 Ana", "all Ana"))
    assert quorum.in_force(here.book.ledger) is None, "another text is another word"
    said = require(here, "Chidi")

    assert (here.book.ledger.policy, here.book.ledger.policy_since) == (POLICY, said.index)
    assert here.book.ledger.policy_said == {}
    with pytest.raises(Refused, match="holds already"):
        require(here, "Dilek")
    require(here, "Dilek", "")
    assert quorum.required(here.book.ledger)
    require(here, "Ana", "")
    assert quorum.required(here.book.ledger) is None
    assert parts(here.again()) == parts(here.book)


def test_the_only_treasurer_decides_alone_and_others_do_not():
    here = computed("Ana")
    require(here, "Ana")
    assert quorum.required(here.book.ledger)

    here = computed()
    here.join("Femi", here.invite("Ana", "Femi"))
    with pytest.raises(TallyError):
        require(here, "Femi")
    assert here.book.ledger.policy_said == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("quorum nobody\n", BadPolicy),
        (POLICY.rstrip("\n"), BadPolicy),
        (f"log {vkey('tally.invalid/other', key('log').public)}\n{POLICY}", Refused),
        (f"witness Ana {vkey('Ana', key('Ana').public, COSIGNATURE)}\nquorum Ana\n", Refused),
        (f"witness Log {vkey('Log', key('log').public, COSIGNATURE)}\nquorum Log\n", Refused),
        (f"witness Low {vkey('Low', bytes(32), COSIGNATURE)}\nquorum Low\n", Refused),
        (f"# \u202emirrored\n{POLICY}", Refused),
        (f"# {'long ' * 5000}\n{POLICY}", Refused),
    ],
    ids=["unreadable", "cut off", "another log", "a member's key", "the log's key", "no point", "bidi", "too long"],
)
def test_a_policy_that_could_not_be_fulfilled_or_misleads_is_refused(text: str, why: type[TallyError]):
    here = computed()
    before = parts(here.book)
    with pytest.raises(why):
        require(here, "Ana", text)
    assert parts(here.book) == before


def test_a_policy_may_name_this_log():
    here = computed("Ana")
    require(here, "Ana", f"log {LOG_VKEY}\n{POLICY}")
    approve(here, "Ana", cosigned=head(here, "Ana", "Bela"))


def test_without_a_policy_an_approval_needs_no_witness():
    here = computed()
    approve(here, "Ana")
    require(here, "Ana", "quorum none\n")
    require(here, "Chidi", "quorum none\n")
    approve(here, "Chidi")

    assert state.of(here.book).runs["2025-08"].approved is not None


def test_with_a_policy_two_of_three_must_have_signed_a_head_that_holds_the_payout():
    here = computed()
    run = state.of(here.book).runs["2025-08"]
    require(here, "Ana")
    require(here, "Chidi")
    with pytest.raises(TooFewWitnesses, match=r"2 of Ana, Bela, Chidi must\. Signed: none yet\. Missing: Ana, Bela"):
        approve(here, "Ana")
    with pytest.raises(TooFewWitnesses, match=r"Signed: Bela\. Missing: Ana, Chidi"):
        approve(here, "Ana", cosigned=head(here, "Bela"))
    with pytest.raises(Refused, match=f"does not hold entry {run.entry}"):
        approve(here, "Ana", cosigned=head(here, "Ana", "Bela", size=run.entry))

    approve(here, "Ana", cosigned=head(here, "Ana", "Bela", size=run.entry + 1))
    approve(here, "Chidi", cosigned=head(here, "Chidi", "Bela"))
    assert state.of(here.book).runs["2025-08"].approved is not None
    assert parts(here.again()) == parts(here.book)


def test_whoever_verifies_later_judges_the_heads_again():
    here = computed("Ana")
    require(here, "Ana")
    good = approve(here, "Ana", cosigned=head(here, "Ana", "Bela"))
    book = Book(ROOMS, MemoryShelf())
    book.root_at = here.empty_book().root_at
    for one in here.leaves:
        book.admit(*one)
        book.fold(*one)

    assert parts(book) == parts(here.book)
    assert book.size == good.index + 1
    said = PayoutApproved(period="2025-08", digest="00" * 32, cosigned=head(here, "Ana"))
    with pytest.raises(TooFewWitnesses):
        quorum.check(book, said.cosigned, 0)


def test_one_witness_that_signs_anything_makes_no_quorum_and_cannot_sign_for_others():
    here = computed()
    require(here, "Ana")
    require(here, "Chidi")
    mine, theirs = head(here, "Ana"), head(here, "Bela")
    forged = cosign(mine.partition("\n\n")[0] + "\n", "Bela.example", eye("Ana"), SEEN)
    stolen = theirs.splitlines()[-1]
    with pytest.raises(TooFewWitnesses):
        approve(here, "Ana", cosigned=mine + mine.splitlines()[-1] + "\n")
    with pytest.raises(TooFewWitnesses):
        approve(here, "Ana", cosigned=f"{mine}{forged}\n")
    approve(here, "Dilek", cosigned=head(here, "Ana", "Chidi"))
    # A line of Bela's over an older head does not check under this one.
    with pytest.raises(Refused, match="does not check"):
        approve(here, "Ana", cosigned=f"{head(here, 'Ana')}{stolen}\n")


def test_heads_of_another_past_another_size_or_another_log_are_worth_nothing():
    here = computed()
    require(here, "Ana")
    require(here, "Chidi")
    size, hashes = here.book.size, [merkle.leaf_hash(entry.leaf(*one)) for one in here.leaves]
    forked = [*hashes[:-1], merkle.leaf_hash(b"another")]
    ahead = [*hashes, merkle.leaf_hash(b"not there yet")]
    named = head(here, "Ana", "Bela").replace(ORIGIN, "tally.invalid/another")
    for note, why in (
        (head(here, "Ana", "Bela", leaves=forked), "another past"),
        (head(here, "Ana", "Bela", leaves=ahead), f"{size + 1} entries; this one has {size}"),
        (named, "does not check"),
        (head(here, "Ana", "Bela").replace("\n\n", "\n", 1), "does not check"),
        ("x", "does not check"),
    ):
        with pytest.raises(Refused, match=why):
            approve(here, "Ana", cosigned=note)
    unsigned = note_with(checkpoint.sign(Checkpoint(ORIGIN, size, merkle.root(hashes)), Key(bytes(32))), [])
    lines = "".join(line + "\n" for line in head(here, "Ana", "Bela").splitlines()[-2:])
    with pytest.raises(Refused, match="does not check"):
        approve(here, "Ana", cosigned=unsigned.decode() + lines)


def test_a_head_that_nobody_asked_for_is_judged_all_the_same():
    here = computed()
    with pytest.raises(Refused, match="does not check"):
        approve(here, "Ana", cosigned="x")
    for empty in ("", None):
        with pytest.raises(Refused):
            approve(here, "Ana", cosigned=empty)
    approve(here, "Ana", cosigned=head(here, "Ana"))


def test_no_part_of_a_good_head_is_one():
    here = computed("Ana")
    require(here, "Ana")
    good = head(here, "Ana", "Bela")
    for place in range(0, len(good), 7):
        for bad in (good[:place], good[:place] + chr(ord(good[place]) + 1) + good[place + 1 :]):
            with pytest.raises(TallyError):
                approve(here, "Ana", cosigned=bad)
    approve(here, "Ana", cosigned=good)


def test_the_newest_head_with_a_quorum_is_found_and_bad_ones_are_passed_over():
    here = computed("Ana")
    require(here, "Ana")
    run, wanted = state.of(here.book).runs["2025-08"], quorum.required(here.book.ledger)
    size = here.book.size
    enough = head(here, "Ana", "Bela", size=run.entry + 1).encode()
    heads = [
        head(here, "Ana", "Bela", "Chidi", size=run.entry).encode(),
        enough,
        head(here, "Chidi").encode(),
        head(here, "Ana", "Bela", leaves=[bytes(32)] * size).encode(),
        b"no note",
    ]
    found, judged = quorum.newest(here.book, wanted, heads, run.entry)
    assert (found, judged.head.size, set(judged.times)) == (enough, run.entry + 1, {"Ana", "Bela"})
    found, judged = quorum.newest(here.book, wanted, heads[2:], run.entry)
    assert (found, set(judged.times)) == (None, {"Chidi"})
    assert quorum.newest(here.book, wanted, heads[:1], run.entry) == (None, None)


def test_a_treasurer_without_the_key_says_nothing():
    here = computed()
    with pytest.raises(NoKey):
        here.say("Nobody", "ledger.witnesses", {"policy": POLICY})
    assert person("Nobody") not in here.book.ledger.policy_said
