"""What the people of a run say: work, votes, texts, and what they take back; each statement and what became of it."""

from typing import TYPE_CHECKING, Any

from contributions.handing_in import draft_item
from governance import state as governance
from ledger.entry import entry_id, read
from ledger.outbox import Signed
from ledger.private import Kept

if TYPE_CHECKING:
    from tests.simulator.device import Device


class Statement:
    """Something said once, however often it had to be signed and sent."""

    def __init__(self, kind: str, body: dict[str, Any]) -> None:
        self.kind, self.body = kind, body
        self.index: int | None = None  # its place, once the log has acknowledged it
        self.receipt = b""
        self.refused = ""

    def signed(self, data: bytes, signature: bytes, words: dict[str, Kept]) -> None:
        """Its present bytes; earlier ones are never sent again by the device."""
        self.data, self.signature, self.words = data, signature, words
        self.id, self.seq = entry_id(data), read(data).seq

    @property
    def sent(self) -> Signed:
        """As it travels."""
        return Signed(self.data, self.signature, self.words)

    def acknowledged(self, index: int, receipt: bytes) -> None:
        """The log has proved that it is there."""
        self.index, self.receipt = index, receipt


def something(device: "Device") -> tuple[str, dict[str, Any]]:
    """Kind and body of what this person might say now."""
    deeds = [_work, _work, _work, _text, _vote, _back]
    deeds += [_erase, _add_key, _revoke]
    return device.world.dice.choice(deeds)(device)


def _work(device: "Device") -> tuple[str, dict[str, Any]]:
    dice, world = device.world.dice, device.world
    note = f"work {len(device.said)} of {device.name} {device.number}"
    item = draft_item(device.person, world.day, "care", "hour", dice.randint(1, 300), note)
    return "contributions.logged", {"items": [item]}


def _text(device: "Device") -> tuple[str, dict[str, Any]]:
    return "governance.text", {"text": f"Text {len(device.said)} of {device.name} {device.number}."}


def _vote(device: "Device") -> tuple[str, dict[str, Any]]:
    """On anything that is open; a text is put to the vote where nothing is."""
    state, dice = governance.of(device.book), device.world.dice
    if state.open:
        return "governance.voted", {"proposal": dice.choice(state.open), "choice": dice.choice(["yes", "no"])}
    if not state.texts:
        return _text(device)
    matter = {"sort": "text", "person": None, "role": None, "circle": "", "give": True}
    options = [dice.choice(list(state.texts))]
    return "governance.proposed", {
        "matter": matter,
        "options": options,
        "profile": "simple-majority",
        "replaces": None,
    }


def _back(device: "Device") -> tuple[str, dict[str, Any]]:
    """Own work is taken back."""
    own = [said for said in device.said if said.kind == "contributions.logged" and said.index is not None]
    if not own:
        return _work(device)
    said = device.world.dice.choice(own)
    return "contributions.retracted", {"items": [{"entry": said.id, "items": [1]}]}


def _erase(device: "Device") -> tuple[str, dict[str, Any]]:
    """The words of own work go."""
    own = [said for said in device.said if said.kind == "contributions.logged" and said.index is not None]
    if not own:
        return _work(device)
    said = device.world.dice.choice(own)
    body = {"entry": said.id, "index": said.index, "field": "/items/0/note", "basis": "consent-withdrawn"}
    return "ledger.erased", body


def _add_key(device: "Device") -> tuple[str, dict[str, Any]]:
    """A key of this device alone."""
    if device.own.id in device.book.ledger.keys:
        return _work(device)
    return "ledger.key_added", {"key": device.own.public.hex(), "paper": False, "proofs": []}


def _revoke(device: "Device") -> tuple[str, dict[str, Any]]:
    """Another key of the same person ends; it may have been in other hands."""
    keys, dice = device.book.ledger.keys, device.world.dice
    others = [
        (one, key)
        for one, key in keys.items()
        if key.person == device.person and one != device.key.id and not key.until
    ]
    if not others:
        return _work(device)
    one, key = dice.choice(others)
    reason = dice.choice(["rotated", "lost", "compromised"])
    suspect = dice.randint(key.since, device.book.size) if reason == "compromised" else None
    return "ledger.key_revoked", {"key": one, "reason": reason, "suspect_from": suspect}
