"""Sealed until the end: nobody knows how it stands, the end reveals it, and what nobody opens comes to nothing."""

import hashlib

import msgspec

from governance import ring, sealing
from governance.unsealing import Secret, context_of, message_of
from tests.test_life import NAMES, WEEK, resolution, village
from tests.village import DAY, FOUNDED, HOUR, Village, key, person

ENDED = FOUNDED + WEEK


def test_sealed_ballots_wait_closed_and_count_once_anybody_has_opened_them():
    here = village()
    moved = resolution(here, profile="sealed", sealing=here.lock())
    for name, choice in (("Ana", "yes"), ("Bela", "no"), ("Bela", "yes"), ("Chidi", "yes")):
        here.seal(name, moved, choice)
    with here.refuses("sealed ballots alone"):
        here.cast("Dilek", moved, "yes")
    with here.refuses("waits to be opened"):
        here.unseal("Dilek", moved)

    assert here.status(moved, FOUNDED + WEEK) == "closed"
    assert here.proposal(moved).ballots == {}
    here.unseal("Dilek", moved, FOUNDED + WEEK + DAY)
    proposal = here.proposal(moved)
    assert (proposal.status, proposal.course.decision.yes) == ("effective", 3)


def test_sealed_ballots_that_nobody_opens_come_to_nothing():
    here = village()
    moved = resolution(here, profile="sealed", sealing=here.lock())
    here.seal("Ana", moved, "yes")

    assert here.status(moved, FOUNDED + WEEK + 31 * DAY - 1) == "closed"
    assert here.status(moved, FOUNDED + WEEK + 31 * DAY) == "expired"
    assert here.proposal(moved).course.reason == "never opened"
    with here.refuses("waits to be opened"):
        here.unseal("Ana", moved)


def test_who_votes_for_whom_is_settled_when_a_sealed_vote_ends():
    here = village()
    moved = resolution(here, profile="sealed", sealing=here.lock())
    here.delegate("Dilek", "Ana")
    for name in ("Ana", "Bela"):
        here.seal(name, moved, "yes")
    here.delegate("Emre", "Ana", at=FOUNDED + WEEK)
    here.delegate("Dilek", None)

    here.unseal("Chidi", moved, FOUNDED + WEEK + DAY)

    assert here.proposal(moved).course.carried == {person("Dilek"): person("Ana")}


# Secret.


def secret_vote(here: Village, nonce: str = "11" * 32):
    return resolution(here, profile="secret", sealing=here.lock(nonce))


def secret(here: Village, moved, who: str, choice: str, number: int = 0, other: object = None) -> str:
    """A ballot for the mailbox, signed by one of the ring, or by who pretends to be; bound to this vote or another."""
    proposal = here.proposal(moved)
    said = Secret(choice=choice, number=number, sig="")
    keys = [bytes.fromhex(one) for one in proposal.course.ring]
    keys = keys if key(who).public in keys else [*keys[1:], key(who).public]
    salt = hashlib.sha512(f"{who} {choice} {number}".encode()).digest()
    bound = context_of(here.book, here.proposal(other or moved))
    sig = ring.sign(message_of(said), bound, keys, key(who).seed, lambda: hashlib.sha512(salt).digest())
    ballot = msgspec.json.encode(msgspec.structs.replace(said, sig=sig.hex())).decode()
    public = bytes.fromhex(proposal.terms.sealing.public)
    return sealing.seal(public, proposal.id, ballot, lambda size: salt[:size]).hex()


def mail(here: Village, moved, *boxes: str, when: int = ENDED, by: str = "Ana"):
    return here.say(by, "governance.mailed", {"proposal": moved.id, "boxes": list(boxes)}, when)


def test_of_the_secret_ballots_of_one_key_the_last_counts_and_nobody_can_tell_whose_it_is():
    here = village()
    moved = secret_vote(here)
    boxes = [secret(here, moved, name, "yes") for name in NAMES[:3]]
    boxes += [secret(here, moved, "Dilek", "yes"), secret(here, moved, "Dilek", "no", number=1)]
    here.book.advance(ENDED)
    mail(here, moved, *sorted(boxes))
    here.unseal("Bela", moved, ENDED + DAY)

    course = here.proposal(moved).course
    assert course.opened == ["no", "yes", "yes", "yes"]
    assert (course.void, here.proposal(moved).ballots, here.proposal(moved).status) == (0, {}, "effective")


def test_a_secret_ballot_by_nobody_of_the_roll_or_for_another_vote_counts_for_nothing():
    here = village()
    moved, other = secret_vote(here), secret_vote(here, "22" * 32)
    boxes = [secret(here, moved, name, "yes") for name in NAMES[:3]]
    boxes += [
        secret(here, moved, "Nobody", "no"),
        secret(here, moved, "Dilek", "no", other=other),
        secret(here, moved, "Emre", "perhaps"),
    ]
    here.book.advance(ENDED)
    mail(here, moved, *sorted(boxes))
    here.unseal("Bela", moved, ENDED + DAY)

    course = here.proposal(moved).course
    assert (course.opened, course.void) == (["yes"] * 3, 3)
    assert course.decision.cast == 3


def test_the_mailbox_is_emptied_after_the_end_and_opened_a_day_later():
    here = village()
    moved = secret_vote(here)
    one, other = sorted(secret(here, moved, name, "yes") for name in NAMES[:2])
    with here.refuses("takes secret ballots alone"):
        here.cast("Ana", moved, "yes")
    with here.refuses("is emptied when it has closed"):
        mail(here, moved, one, when=ENDED - 1)
    with here.refuses("published sorted, each once"):
        mail(here, moved, other, one)
    with here.refuses("No ballot of this secret vote is published yet"):
        here.unseal("Ana", moved)
    mail(here, moved, one)
    with here.refuses("24 hours after the first"):
        here.unseal("Ana", moved, ENDED + DAY - 1)
    with here.refuses("published already"):
        mail(here, moved, one, when=ENDED + DAY - 1)

    mail(here, moved, other, when=ENDED + DAY - 1)
    with here.refuses("are over"):
        mail(here, moved, secret(here, moved, "Chidi", "no"), when=ENDED + DAY)
    here.unseal("Ana", moved)

    assert here.proposal(moved).course.decision.yes == 2


def test_nobody_stuffs_the_mailbox():
    here = village()
    moved = secret_vote(here)
    boxes = sorted(secret(here, moved, "Ana", "yes", number) for number in range(11))
    here.book.advance(ENDED)

    with here.refuses("more ballots than this roll can have cast"):
        mail(here, moved, *boxes)


def test_whoever_publishes_first_cannot_keep_the_ballots_of_others_out():
    here = village()
    moved = secret_vote(here)
    junk = sorted(hashlib.shake_256(bytes([number])).hexdigest(600) for number in range(10))
    rest = sorted(secret(here, moved, name, "no") for name in NAMES)
    here.book.advance(ENDED)

    mail(here, moved, *junk)
    with here.refuses("more ballots than this roll can have cast"):
        mail(here, moved, rest[0])
    mail(here, moved, *rest, by="Bela")
    here.unseal("Chidi", moved, ENDED + DAY)

    course = here.proposal(moved).course
    assert (course.opened, course.void) == (["no"] * 5, 10)
    assert course.mailed_by == {person("Ana"): 10, person("Bela"): 5}


def test_a_secret_vote_is_wrong_only_in_who_said_what():
    """Its roll is published with keys, and nothing of it names an author."""
    here = village()
    moved = secret_vote(here)
    assert len(here.proposal(moved).course.ring) == 5
    with here.refuses("Nobody can stand aside"):
        here.say("Bela", "governance.stood_aside", {"proposal": moved.id}, FOUNDED + HOUR)
