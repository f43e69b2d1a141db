"""What the cooperative asks of its log before it pays: that enough witnesses have seen it, and the same one.

The treasurers put a policy into the log (`ledger/witness_facts.py`). While one with a quorum holds, a payout is
approved together with a head of this log that holds the payout and that a quorum has signed; whoever verifies the
ledger later judges that head again, from the log alone.
"""

from collections.abc import Iterable, Sequence

from ledger import log_keys, policy
from ledger.book import Book
from ledger.errors import NoteError, Refused, VerificationFailed
from ledger.policy import Cosigned, Policy
from ledger.state import State


class TooFewWitnesses(Refused):
    """Not enough witnesses have signed a head of the log that holds what is to be approved."""


def in_force(state: State) -> Policy | None:
    """The policy that holds now; None when the cooperative asks for none."""
    return policy.parse(state.policy.encode()) if state.policy else None


def required(state: State) -> Policy | None:
    """The policy that holds now, if it asks for anybody at all."""
    found = in_force(state)
    return found if found and found.is_strict else None


def log_vkeys(state: State) -> tuple[str, ...]:
    """The verifier keys of this log, all it ever had: that a head is of this log is told by its root too."""
    return log_keys.vkeys(state.origin, log_keys.chain(state))


def check(book: Book, note: str | None, index: int) -> None:
    """Raise Refused unless a quorum has seen this log with its entry `index`, if the cooperative asks for that.

    `note` is the head they signed. One that is given is judged even when nobody asks for it: what stands in the log
    as seen was seen.
    """
    wanted = required(book.ledger)
    if note is None:
        if wanted:
            raise too_few(wanted, ())
        return
    judged = of_this_log(book, note.encode(), wanted or _nobody())
    if judged.head.size <= index:
        raise Refused(f"The witnesses signed the log of {judged.head.size} entries, which does not hold entry {index}.")
    if wanted and not policy.is_enough(wanted, judged.times):
        raise too_few(wanted, judged.times)


def of_this_log(book: Book, note: bytes, wanted: Policy) -> Cosigned:
    """The head in a note, judged: this log signed it, its root is ours at that size. Raises Refused if it is not so."""
    try:
        judged = policy.cosigned(wanted, note, log_vkeys(book.ledger))
    except NoteError as error:
        raise Refused(f"The head that witnesses signed does not check: {error.message}", error.hint) from error
    if judged.head.size > book.size:
        raise Refused(f"Witnesses signed a log of {judged.head.size} entries; this one has {book.size}.")
    if judged.head.root.hex() != _root_at(book, judged.head.size):
        raise Refused(
            f"Witnesses signed another past than this log's, at size {judged.head.size}.",
            "Somebody shows two logs: compare the heads with `tally checkpoint compare`.",
        )
    return judged


def newest(book: Book, wanted: Policy, heads: Sequence[bytes], index: int) -> tuple[bytes | None, Cosigned | None]:
    """Of these cosigned heads, oldest first, the newest with entry `index` that a quorum signed, and how it is judged.

    Where there is none: None, and the head that most witnesses signed, if any did. Those that do not check are
    passed over.
    """
    best: Cosigned | None = None
    for note in reversed(heads):
        try:
            judged = of_this_log(book, note, wanted)
        except Refused:
            continue
        if judged.head.size <= index:
            break
        if policy.is_enough(wanted, judged.times):
            return note, judged
        if judged.times and (best is None or len(judged.times) > len(best.times)):
            best = judged
    return None, best


def too_few(wanted: Policy, have: Iterable[str]) -> TooFewWitnesses:
    """What is said when this is no quorum: who must sign, who has, who is missing."""
    have = set(have)
    missing = ", ".join(name for name in wanted.witnesses if name not in have)
    signed = ", ".join(name for name in wanted.witnesses if name in have) or "none yet"
    return TooFewWitnesses(
        f"Too few witnesses have signed a head of the log that holds this payout: {policy.in_words(wanted)} must. "
        f"Signed: {signed}. Missing: {missing}.",
        "Each of them runs `tally witness once`; those that can be reached are asked by `tally witness ask`.",
    )


def _nobody() -> Policy:
    return policy.parse(b"quorum none\n")


def _root_at(book: Book, size: int) -> str:
    if size == book.size:
        return book.root
    if book.root_at is None:
        raise VerificationFailed("The root of an earlier size is not at hand here.")
    return book.root_at(size).hex()
