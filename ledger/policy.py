"""Whose eyes a cooperative relies on: the witnesses it names, and how many of them must have seen the same log.

The text is a C2SP tlog-policy file: lines `log`, `witness`, `group` and one `quorum`, read strictly. Names are
octets that mean nothing beyond the file; the quorum is a witness, a group, or `none`. A head of the log is judged
by the cosignatures under it. Every mistake is named with its line.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, field

from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import NoteError, Usage
from ledger.note import COSIGNATURE, ED25519, KnownKey, open_note, parse_vkey, read_number

NONE = "none"
MOST = 32  # of logs, of witnesses and of groups: what C2SP tlog-policy asks every reader to take
_BLANK = re.compile("[ \t]+")
_FORBIDDEN = re.compile(rb"[^\x09\x0a\x20-\x7e\x80-\xff]")


class BadPolicy(Usage):
    """A policy that cannot be read, or does not hold together; says in which line."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"The policy is not right in line {line}: {why}.", "Correct it and try again.")


class Log(Struct, frozen=True):
    """A log the policy speaks about."""

    vkey: str
    url: str


class Witness(Struct, frozen=True):
    """A witness: its name in this policy, its verifier key (a cosigner's), and where it can be asked ("": nowhere)."""

    name: str
    vkey: str
    url: str


class Group(Struct, frozen=True):
    """So many of these witnesses and groups."""

    name: str
    needed: int
    members: tuple[str, ...]


class Policy(Struct, frozen=True):
    """A policy, read. `quorum` names a witness or a group, or is `none`."""

    logs: tuple[Log, ...]
    witnesses: dict[str, Witness]
    groups: dict[str, Group]
    quorum: str

    @property
    def is_strict(self) -> bool:
        """Whether anybody must have seen a head at all."""
        return self.quorum != NONE


class _Draft(Struct):
    """What the lines so far have said."""

    logs: list[Log] = field(default_factory=list)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    keys: dict[str, list[KnownKey]] = field(default_factory=lambda: {"log": [], "witness": []})
    joined: set[str] = field(default_factory=set)  # names that are members of some group
    quorum: str = ""


class _Wrong(Exception):
    """What is wrong with a line, before its number is known."""


def parse(data: bytes) -> Policy:
    """Read a policy. Raises BadPolicy with the line of the first mistake."""
    draft, lines = _Draft(), data.split(b"\n")
    for number, raw in enumerate(lines, 1):
        try:
            if found := _FORBIDDEN.search(raw):
                raise _Wrong(f"the byte {found[0][0]:#04x} does not belong into a policy")
            if number == len(lines) and raw:
                raise _Wrong("it does not end; every line ends in a newline")
            # Opaque octets: another spelling of a letter is another name, and no octet is lost.
            _read_line(draft, _words(raw.decode("utf-8", "surrogateescape")))
        except (_Wrong, NoteError) as wrong:
            raise BadPolicy(number, str(wrong).rstrip(".")) from wrong
    if not draft.quorum:
        raise BadPolicy(len(lines), "the file ends without a quorum")
    return Policy(tuple(draft.logs), draft.witnesses, draft.groups, draft.quorum)


def _words(line: str) -> list[str]:
    words = [word for word in _BLANK.split(line) if word]
    return [] if words and words[0].startswith("#") else words


def _read_line(draft: _Draft, words: list[str]) -> None:
    if not words:
        return
    read = _LINES.get(words[0])
    if read is None:
        raise _Wrong(f"{words[0]!r} is not log, witness, group or quorum")
    read(draft, words[1:])


def _read_log(draft: _Draft, words: list[str]) -> None:
    if len(words) not in (1, 2):
        raise _Wrong("a log is written: log VKEY [URL]")
    _add_key(draft, "log", words[0], ED25519)
    draft.logs.append(Log(words[0], words[1] if len(words) == 2 else ""))


def _read_witness(draft: _Draft, words: list[str]) -> None:
    if len(words) not in (2, 3):
        raise _Wrong("a witness is written: witness NAME VKEY [URL]")
    _must_be_new(draft, words[0])
    _add_key(draft, "witness", words[1], COSIGNATURE)
    draft.witnesses[words[0]] = Witness(words[0], words[1], words[2] if len(words) == 3 else "")


def _read_group(draft: _Draft, words: list[str]) -> None:
    if len(words) < 3:
        raise _Wrong("a group is written: group NAME all|any|NUMBER MEMBER…")
    name, count, *members = words
    _must_be_new(draft, name)
    if len(draft.groups) == MOST:
        raise _Wrong(f"there are more than {MOST} groups")
    for member in members:
        _must_be_defined(draft, member)
        if member in draft.joined:
            raise _Wrong(f"{member!r} is a member already; each may be one once")
        draft.joined.add(member)
    needed = {"all": len(members), "any": 1}.get(count) or read_number(count)
    if not 1 <= needed <= len(members):
        raise _Wrong(f"{needed} of {len(members)} members cannot be asked for")
    draft.groups[name] = Group(name, needed, tuple(members))


def _read_quorum(draft: _Draft, words: list[str]) -> None:
    if len(words) != 1:
        raise _Wrong("the quorum is written: quorum NAME, or: quorum none")
    if draft.quorum:
        raise _Wrong("there is a second quorum")
    if words[0] != NONE:
        _must_be_defined(draft, words[0])
    draft.quorum = words[0]


_LINES: Mapping[str, Callable[[_Draft, list[str]], None]] = {
    "log": _read_log,
    "witness": _read_witness,
    "group": _read_group,
    "quorum": _read_quorum,
}


def _must_be_new(draft: _Draft, name: str) -> None:
    if name == NONE or name in draft.witnesses or name in draft.groups:
        raise _Wrong(f"the name {name!r} is taken")


def _must_be_defined(draft: _Draft, name: str) -> None:
    if name not in draft.witnesses and name not in draft.groups:
        raise _Wrong(f"no line before defines {name!r}")


def _add_key(draft: _Draft, sort: str, vkey: str, kind: int) -> None:
    if not _is_text(vkey):
        raise _Wrong("the verifier key is not UTF-8")
    key, others = parse_vkey(vkey), draft.keys[sort]
    if key.kind != kind:
        raise _Wrong(f"the verifier key of {key.name} is not of the kind that a {sort} signs with")
    # Two keys of one name and id could not be told apart under a note.
    if any(other.public == key.public or (other.name, other.id) == (key.name, key.id) for other in others):
        raise _Wrong(f"the key of {key.name} is there already")
    if len(others) == MOST:
        raise _Wrong(f"there are more than {MOST} {'logs' if sort == 'log' else 'witnesses'}")
    others.append(key)


def _is_text(word: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in word)


# Judging a head.


class Cosigned(Struct, frozen=True):
    """A head of the log that was judged: what it says, and which witnesses saw it when (name -> seconds since 1970)."""

    head: Checkpoint
    times: dict[str, int]


def cosigned(policy: Policy, note: bytes, log_vkeys: Sequence[str]) -> Cosigned:
    """Judge a head that the log has signed with one of these keys: which witnesses of the policy stand under it.

    Raises NoteError if the log has not signed it, or if the line of a witness does not check.
    """
    names = {parse_vkey(one.vkey).public: one.name for one in policy.witnesses.values()}
    opened = open_note(note, [*log_vkeys, *(one.vkey for one in policy.witnesses.values())])
    head = open_checkpoint(note, *log_vkeys)
    # Lines of the log itself say no time.
    return Cosigned(head, {names[one.public]: one.time for one in opened.signatures if one.time is not None})


def is_enough(policy: Policy, have: Iterable[str]) -> bool:
    """Whether the witnesses of these names are a quorum."""
    return not policy.is_strict or _holds(policy, policy.quorum, frozenset(have))


def _holds(policy: Policy, name: str, have: frozenset[str]) -> bool:
    group = policy.groups.get(name)
    if group is None:
        return name in have
    return sum(_holds(policy, member, have) for member in group.members) >= group.needed


def in_words(policy: Policy, name: str | None = None) -> str:
    """What a quorum asks for: "2 of ana, bela, chidi"; groups within groups in brackets."""
    name = policy.quorum if name is None else name
    group = policy.groups.get(name)
    if group is None:
        return "nobody" if name == NONE else name
    members = [f"({in_words(policy, one)})" if one in policy.groups else one for one in group.members]
    return f"{group.needed} of {', '.join(members)}" if len(members) > 1 else in_words(policy, group.members[0])
