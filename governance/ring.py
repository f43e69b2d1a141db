"""A secret ballot: somebody on the roll signed it, and only once; nobody can tell who.

A linkable ring signature (LSAG: Liu, Wei, Wong 2004) on the prime subgroup of Ed25519's curve, with the members'
ordinary keys. The signer closes a ring of challenges that runs through every key of the roll; where it was closed
cannot be seen. The linking tag is the same for all ballots of one key in one vote, and unlike in every other vote.

Its limits are told wherever it is offered: nobody outside has reviewed it; it does not help whoever is forced to show
the key; a key stolen later shows which past ballots were its own; it needs the secret itself, which an ssh-agent
does not hand out. How many keys a roll needs to hide anybody is judged elsewhere.
"""

from collections.abc import Callable, Sequence
from hashlib import sha512

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_from_uniform,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
    crypto_core_ed25519_scalar_sub,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)

from ledger.errors import Refused
from ledger.keys import valid_point
from ledger.sshsig import string

SIZE = 32
"""Bytes of a point and of a scalar."""
ORDER = 2**252 + 27742317777372353535851937790883648493
"""How many points the prime subgroup has (L of RFC 8032)."""

CONTEXT = b"tally-ring-context-v1"
BASE = b"tally-ring-base-v1"
CHALLENGE = b"tally-ring-challenge-v1"

Draw = Callable[[], bytes]
"""Gives 64 bytes that nobody can foresee and that never come again: with a known one the secret key can be computed."""


def context(ledger: str, proposal: str, roll_keys: Sequence[bytes], options: Sequence[str]) -> bytes:
    """What one vote is: the ledger, the proposal, the public keys of its roll and its options, each in their order.

    Every part has its length before it, so that no other vote has the same bytes.
    """
    keys = b"".join(string(key) for key in roll_keys)
    texts = b"".join(string(option.encode()) for option in options)
    return b"".join(string(part) for part in (CONTEXT, ledger.encode(), proposal.encode(), keys, texts))


def sign(message: bytes, context: bytes, ring: Sequence[bytes], seed: bytes, draw: Draw) -> bytes:
    """A signature by one key of the ring: tag, c(0), s(0) … s(n-1), each of 32 bytes.

    `ring` are the public keys that `context` was made of, in the same order; `seed` the 32 secret bytes of the signer's
    key. Raises Refused if that key is not in the ring, and for a ring with a key that is none.
    """
    secret = _secret(seed)
    public = crypto_scalarmult_ed25519_base_noclamp(secret)
    if public not in ring:
        raise Refused("Your key is not on the roll of this vote.", "Vote with the key you had when the vote opened.")
    if not all(valid_point(key) for key in ring):
        raise Refused("The roll of this vote holds a key that is not a sound Ed25519 key.")
    point = _base_point(context)
    chain = _Chain(message, context, point, crypto_scalarmult_ed25519_noclamp(secret, point))
    return _closed(chain, ring, ring.index(public), secret, draw)


def verify(message: bytes, context: bytes, ring: Sequence[bytes], signature: bytes) -> bool:
    """Did the owner of some key of this ring sign exactly this message in this vote?

    `ring` are the public keys that `context` was made of, in the same order. A signature has one spelling: with another
    point or number written for the same one it is refused. Never raises for what strangers send.
    """
    if not ring or len(signature) != SIZE * (len(ring) + 2):
        return False
    linking, first, *answers = (signature[start : start + SIZE] for start in range(0, len(signature), SIZE))
    # With a part of small order added to the tag, one key would have eight tags and could vote eight times. The check
    # of libsodium takes only points of the prime subgroup, in their canonical spelling, and not the neutral one.
    if not all(valid_point(point) for point in (linking, *ring)):
        return False
    if not all(_is_canonical(scalar) for scalar in (first, *answers)):
        return False
    chain = _Chain(message, context, _base_point(context), linking)
    challenge = first
    for key, answer in zip(ring, answers, strict=True):
        challenge = chain.next(key, challenge, answer)
    return challenge == first


def tag(signature: bytes) -> bytes:
    """The linking tag (32 bytes) of a signature that was verified: one for each key and context.

    Such a ballot names nobody, so anybody may send it again: the caller takes the same bytes once, and only the first.
    """
    return signature[:SIZE]


class _Chain:
    """The ring of challenges of one signature: each follows from the one before, a key and an answer."""

    def __init__(self, message: bytes, context: bytes, point: bytes, linking: bytes) -> None:
        self.point, self.linking = point, linking
        # All challenges begin with the same bytes, which are hashed once for the whole ring.
        self._start = sha512(b"".join(string(part) for part in (CHALLENGE, message, context, linking)))

    def challenge(self, left: bytes, right: bytes) -> bytes:
        """Hash(message, context, tag, left point, right point), as a scalar."""
        hashed = self._start.copy()
        hashed.update(left + right)
        return crypto_core_ed25519_scalar_reduce(hashed.digest())

    def start(self, once: bytes) -> bytes:
        """The challenge after the signer's place, from a number that is used once."""
        left = crypto_scalarmult_ed25519_base_noclamp(once)
        return self.challenge(left, crypto_scalarmult_ed25519_noclamp(once, self.point))

    def next(self, key: bytes, challenge: bytes, answer: bytes) -> bytes:
        """c(j+1) from s(j)*B + c(j)*P(j) and s(j)*h + c(j)*I."""
        # No product here is the neutral point, which libsodium would refuse to give: the points have prime order, the
        # answers are checked not to be zero, and no hash is ever found that comes to a zero challenge.
        left = crypto_core_ed25519_add(
            crypto_scalarmult_ed25519_base_noclamp(answer), crypto_scalarmult_ed25519_noclamp(challenge, key)
        )
        right = crypto_core_ed25519_add(
            crypto_scalarmult_ed25519_noclamp(answer, self.point),
            crypto_scalarmult_ed25519_noclamp(challenge, self.linking),
        )
        return self.challenge(left, right)


def _closed(chain: _Chain, ring: Sequence[bytes], mine: int, secret: bytes, draw: Draw) -> bytes:
    size = len(ring)
    challenges, answers = [b""] * size, [b""] * size
    once = crypto_core_ed25519_scalar_reduce(draw())
    challenges[(mine + 1) % size] = chain.start(once)
    # Around the ring with answers by chance, from the place after the signer's to the one before it. At the signer's
    # own place the answer is computed; it is spread as evenly as the others, because `once` is.
    for place in (*range(mine + 1, size), *range(mine)):
        answers[place] = crypto_core_ed25519_scalar_reduce(draw())
        challenges[(place + 1) % size] = chain.next(ring[place], challenges[place], answers[place])
    owed = crypto_core_ed25519_scalar_mul(challenges[mine], secret)
    answers[mine] = crypto_core_ed25519_scalar_sub(once, owed)
    return b"".join((chain.linking, challenges[0], *answers))


def _secret(seed: bytes) -> bytes:
    """The secret scalar of an Ed25519 seed (RFC 8032 section 5.1.5), reduced mod L."""
    half = bytearray(sha512(seed).digest()[:SIZE])
    half[0] &= 248
    half[31] &= 127
    half[31] |= 64
    return crypto_core_ed25519_scalar_reduce(bytes(half) + bytes(SIZE))


def _base_point(context: bytes) -> bytes:
    """The point h of a vote, whose relation to B nobody knows: tags are multiples of it."""
    return crypto_core_ed25519_from_uniform(sha512(string(BASE) + string(context)).digest()[:SIZE])


def _is_canonical(scalar: bytes) -> bool:
    return 0 < int.from_bytes(scalar, "little") < ORDER
