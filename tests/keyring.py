"""Statements about keys in a cooperative in memory: any key speaks for any person, rightly or not."""

from typing import Any

from ledger.entry import Entry
from ledger.key_requests import proofs_by
from ledger.record import compose
from tests.village import Village, key, person


def speak(village: Village, who: str, by: str, kind: str, body: dict[str, Any], at: int | None = None) -> Entry:
    """This person says something with the key of that name. Raises what refuses it."""
    received = village.book.received if at is None else at
    data, _ = compose(village.book, key(by), person(who), kind, body, received)
    return village.append(data, key(by), received)


def add(village: Village, who: str, by: str, new: str, at: int | None = None) -> Entry:
    """A key of a person brings another one."""
    body: dict[str, Any] = {"key": key(new).public.hex(), "paper": False}
    proofs = proofs_by([key(new)], village.book.ledger.id, "ledger.key_added", person(who), body)
    return speak(village, who, by, "ledger.key_added", body | {"proofs": proofs}, at)


def revoke(
    village: Village,
    who: str,
    by: str,
    old: str,
    reason: str = "lost",
    suspect: int | None = None,
    at: int | None = None,
) -> Entry:
    """A key of a person ends a key."""
    body = {"key": key(old).id, "reason": reason, "suspect_from": suspect}
    return speak(village, who, by, "ledger.key_revoked", body, at)


def stolen(village: Village, who: str, by: str, old: str, since: Entry) -> Entry:
    """A key of a person ends one that was in other hands since this entry."""
    return revoke(village, who, by, old, "compromised", since.index)


def reaffirm(village: Village, who: str, by: str, *entries: Any, at: int | None = None) -> Entry:
    """A person stands by statements, given by anything with an id."""
    return speak(village, who, by, "ledger.reaffirmed", {"entries": [entry.id for entry in entries]}, at)


def vouch(village: Village, by: str, whom: str, new: str, at: int | None = None) -> Entry:
    """A member vouches, with the key of their own name, for somebody's new key."""
    body: dict[str, Any] = {"person": person(whom), "key": key(new).public.hex()}
    proofs = proofs_by([key(new)], village.book.ledger.id, "ledger.vouched", person(by), body)
    return speak(village, by, by, "ledger.vouched", body | {"proofs": proofs}, at)


def veto(village: Village, who: str, by: str, new: str, at: int | None = None) -> Entry:
    """A person says no to a new key."""
    return speak(village, who, by, "ledger.recovery_vetoed", {"key": key(new).id}, at)
