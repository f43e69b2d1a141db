"""What `tally key revoke` and `tally key reaffirm` do: a key ends, and a person says which statements are hers."""

from typing import Any

from ledger import lives
from ledger.assisting import inner_of
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.key_choice import id_of
from ledger.key_devices import fingerprint_of, is_meant
from ledger.key_facts import REAFFIRMED_MAX
from ledger.proving import entry_index
from ledger.state import Key

AGAIN = "Work and open votes count again; what was decided or paid meanwhile stays as it is."


def revoke(desk: Desk, wanted: str, reason: str, suspect_from: str | None, yes: bool) -> None:
    """End a key of the person at this desk."""
    state, person = desk.book.ledger, desk.whoami
    key_id, key = _own(desk, person, wanted)
    _sign_with_another(desk, key_id)
    start = None if suspect_from is None else entry_index(suspect_from, desk.book.size)
    if start is not None and reason != lives.COMPROMISED:
        raise Usage("--suspect-from is for a key that was in other hands.", "Say --reason compromised.")
    left = [one for one in lives.live_keys(state, person) if one != key_id]
    if not left:
        desk.note("This is your last live key: without it only other members can help you (tally key recover).")
    desk.confirm(f"End the key {fingerprint_of(key.public)} for ever?", yes)
    body = {"key": key_id, "reason": reason, "suspect_from": start}
    entry = desk.record("ledger.key_revoked", body, may_wait=False).entry
    mine = disputed_of(desk, person)
    data: dict[str, Any] = {"entry": entry.index, "fingerprint": fingerprint_of(key.public), "disputed": sorted(mine)}
    lines = [f"The key {data['fingerprint']} signs no more (entry {entry.index}, {reason})."]
    if start is not None:
        lines += _doubt_lines(sorted(mine))
    desk.answer(data, *lines)


def _doubt_lines(entries: list[int]) -> list[str]:
    if not entries:
        return ["It had said nothing since then; nothing is disputed."]
    spelled = ", ".join(map(str, entries))
    return [
        f"Disputed, and out of open votes and pay: {spelled}.",
        "What of it is yours, say again:  tally key reaffirm ENTRY…     All of it:  tally key reaffirm --all",
    ]


def reaffirm(desk: Desk, wanted: tuple[str, ...], everything: bool, yes: bool) -> None:
    """Stand by disputed statements of the person at this desk."""
    if bool(wanted) == everything:
        raise Usage("Name the entries you stand by, or say --all.", "`tally key list` names those that are disputed.")
    mine = disputed_of(desk, desk.whoami)
    indices = sorted(mine) if everything else sorted({entry_index(one, desk.book.size) for one in wanted})
    if others := [index for index in indices if index not in mine]:
        raise Refused(f"No disputed statement of yours: {', '.join(map(str, others))}.", "See `tally key list`.")
    if not indices:
        raise Refused("No statement of yours is disputed.")
    spelled = ", ".join(map(str, indices))
    desk.confirm(f"Are these yours, word for word: {spelled}?", yes)
    said = []
    for start in range(0, len(indices), REAFFIRMED_MAX):
        ids = [mine[index] for index in indices[start : start + REAFFIRMED_MAX]]
        said.append(desk.record("ledger.reaffirmed", {"entries": ids}, may_wait=False).entry.index)
    desk.answer({"entries": said, "reaffirmed": indices}, f"You stand by {spelled}. {AGAIN}")


def disputed_of(desk: Desk, person: str) -> dict[int, str]:
    """The disputed entries of a person, index to id."""
    found = desk.book.ledger.disputed.items()
    return {index: one for one, index in found if inner_of(lives.entry_at(desk.book, index)).author == person}


def _own(desk: Desk, person: str, wanted: str) -> tuple[str, Key]:
    """The key of this person that is meant."""
    theirs = [(one, key) for one, key in desk.book.ledger.keys.items() if key.person == person]
    found = [(one, key) for one, key in theirs if is_meant(wanted, one, key.public)]
    if len(found) != 1:
        there = ", ".join(fingerprint_of(key.public) for _, key in theirs)
        what = "means several keys of yours" if found else "is no key of yours"
        raise Usage(f"{wanted!r} {what}.", f"Name it by its fingerprint, at least six letters: {there}.")
    return found[0]


def _sign_with_another(desk: Desk, ending: str) -> None:
    """A key that ends is not the one to say so where another live one lies here."""
    live = lives.live_keys(desk.book.ledger, desk.whoami)
    others = [file for file in desk.home.keys(desk.ledger.known.slug) if id_of(file) in live and id_of(file) != ending]
    if others:
        desk.key_file = others[0]
