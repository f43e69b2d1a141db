"""A profile as people read and write it: in sentences, as TOML, and what one changes in another."""

import tomllib
from fractions import Fraction
from typing import Any

import msgspec

from governance.profile import CONSENT, NUMBERS, PLAIN, Profile, Quorum, check
from ledger.errors import Refused
from ledger.fact import plain

WHOSE = {"roll": "the roll", "cast": "the ballots cast", "for+against": "those for and against"}
METHODS = {
    "yes-no": "yes, no or abstain",
    "approval": "everybody names all options that are good enough; the one named most wins",
    "score": "everybody gives points; the most points win",
    "star": "everybody gives points; of the two with the most points the one preferred by more wins",
    "cssd": "everybody ranks the options; the one that beats each other one, one against one, wins",
    "irv": "everybody ranks the options; the last is left out, round by round, until one has more than half",
    "stv": "everybody ranks the candidates; seats go in proportion to the votes",
    "median": "everybody names a number; the middle one holds",
    "pot": "everybody divides the whole; the division in the middle holds",
    CONSENT: "nobody has a reasoned objection",
}
_FRACTIONS = ("threshold", "ratio", "waiver")


def sentence(profile: Profile) -> str:
    """What the profile asks for, in words."""
    length = _time(profile.length_hours)
    early = ", earlier once nothing can change it" if profile.early else ""
    if profile.method == CONSENT:
        return f"no objection that stands, within {length}; otherwise a vote by {profile.fallback}"
    if profile.method in NUMBERS or profile.method == "stv":
        return f"{METHODS[profile.method]}, within {length}"
    share = f"{profile.threshold[0]}/{profile.threshold[1]}"
    more = "more than" if profile.strict else "at least"
    return f"{more} {share} of {WHOSE[profile.base]}, within {length}{early}"


def sentences(profile: Profile) -> list[str]:
    """Everything a profile says, a sentence a line."""
    asked = profile.electorate.removeprefix("role:")
    lines = [
        f"Who is asked: {'all members' if asked == 'members' else f'the members who are {asked}'}, as of the opening.",
        f"How: {METHODS[profile.method]}.",
        f"Needs {sentence(profile)}.",
        f"Quorum: {quorum_words(profile.quorum)}.",
        f"Notice: {f'{profile.notice_days} clear days' if profile.notice_days else 'none; the vote opens at once'}"
        + (f", fewer where {_share(profile.waiver)} of the members say so." if profile.waiver else "."),
    ]
    if profile.roll_min:
        lines.append(f"With fewer than {profile.roll_min} on the roll there is no vote.")
    if profile.second_call:
        again = quorum_words(profile.second_call)
        lines.append(f"Second call: where the quorum is missed, once more after fresh notice, with {again}.")
    if profile.extension_hours:
        window = _time(profile.extension_window_hours)
        lines.append(f"Where the quorum is first reached in the last {window}, {_time(profile.extension_hours)} more.")
    return [*lines, *_how_it_ends(profile)]


def _how_it_ends(profile: Profile) -> list[str]:
    lines = [
        "Tie: a lot that anybody can draw again." if profile.tie == "lot" else "Tie: things stay as they are.",
        {
            "open": "Ballots are open: everybody sees who voted how.",
            "sealed": "Ballots are sealed: nobody sees how they stand until the end; then everybody sees them.",
            "secret": "Ballots are secret (experimental): nobody sees who voted how.",
        }[profile.secrecy],
    ]
    if profile.method == "cssd":
        lines.append(f"An option needs {_share(profile.ratio)} times as many for it as against it.")
    if profile.method in ("score", "star"):
        lines.append(f"Points go from 0 to {profile.top}.")
    cap = profile.delegation_cap
    counted = "they take part" if profile.delegated_quorum else "they do not count for the quorum"
    lines.append(f"One may vote for at most {cap} others; {counted}." if cap else "Nobody votes for others.")
    if profile.role_majorities:
        lines.append("A rule that moves money between roles fails where more than half of a role are against.")
    if profile.challenge_hours:
        many, span = profile.challengers, _time(profile.challenge_hours)
        lines.append(f"Challenge: {many} members make the others vote again, within {span} after the count.")
    if profile.decides:
        lines.append(f"It decides on these alone: {', '.join(profile.decides)}.")
    if profile.entrenched:
        lines.append("Entrenched: only by this profile itself can it be changed; no second call.")
    return lines


def quorum_words(quorum: Quorum) -> str:
    """A quorum in words."""
    part = f"{_share(quorum.fraction)} of the roll"
    return {
        "none": "no quorum",
        "participation": _both(quorum, part, "take part"),
        "support": _both(quorum, part, "must be for it"),
        "fixed": f"at least {quorum.number} take part",
        "max": f"at least {quorum.number} and at least {part} take part",
        "min": f"at least {quorum.number} or at least {part} take part, whichever is less",
        "sqrt": "at least 3/2 of the square root of the roll must be for it",
    }[quorum.kind]


def _both(quorum: Quorum, part: str, verb: str) -> str:
    return f"at least {part}{f', and {quorum.number},' if quorum.number else ''} {verb}"


def _share(pair: tuple[int, int] | None) -> str:
    numerator, denominator = pair or (0, 1)
    return str(numerator) if denominator == 1 else f"{numerator}/{denominator}"


def _time(hours: int) -> str:
    days, left = divmod(hours, 24)
    return f"{hours} hours" if left else f"{days} day{'s' if days != 1 else ''}"


# As TOML.


def written(profile: Profile) -> str:
    """The profile as a TOML text that `parse` reads back to the same profile."""
    fields = plain(profile)
    lines = [f"{name} = {_value(name, value)}" for name, value in fields.items() if value is not None]
    return "\n".join(lines) + "\n"


def _value(name: str, value: Any) -> str:
    if name in _FRACTIONS:
        return f'"{value[0]}/{value[1]}"'
    if isinstance(value, dict):
        fraction = value["fraction"]
        return f'{{ kind = "{value["kind"]}", number = {value["number"]}, fraction = "{fraction[0]}/{fraction[1]}" }}'
    if isinstance(value, list):
        return f"[{', '.join(map(_quoted, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _quoted(value)


def _quoted(word: str) -> str:
    return f'"{word}"'


def parse(name: str, text: str) -> Profile:
    """The profile in a TOML text; what is left out is as in simple-majority. Raises Refused, naming what is wrong."""
    try:
        fields: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"Profile {name} is not TOML: {error}.") from error
    usual = plain(PLAIN)
    for part, value in fields.items():
        usual[part] = _read(name, part, value)
    try:
        found = msgspec.convert(usual, Profile, strict=True)
    except msgspec.ValidationError as error:
        raise Refused(
            f"Profile {name} is not right: {error}.", "`tally profile show` prints one to start from."
        ) from error
    check(name, found)
    return found


def _read(name: str, part: str, value: Any) -> Any:
    if part in _FRACTIONS:
        return _fraction(name, part, value)
    if part in ("quorum", "second_call") and isinstance(value, dict):
        quorum = {"number": 0, "fraction": "0/1"} | value
        return quorum | {"fraction": _fraction(name, f"{part}.fraction", quorum["fraction"])}
    return value


def _fraction(name: str, part: str, value: Any) -> list[int]:
    """A fraction as a pair, not reduced: "2/3", "75%", "1"."""
    text = str(value).strip()
    whole = text.removesuffix("%")
    numerator, slash, denominator = whole.partition("/")
    percent = whole != text
    digits = (numerator, denominator if slash else "1")
    if isinstance(value, float) or not all(one.isascii() and one.isdigit() for one in digits) or (percent and slash):
        raise Refused(f"Profile {name}: {part} = {text!r} is no fraction.", 'Write "2/3" or "75%".')
    if not int(digits[1]):
        raise Refused(f"Profile {name}: {part} divides by nothing.")
    return [int(numerator), 100 if percent else int(digits[1])]


def differences(old: Profile, new: Profile) -> list[str]:
    """What one profile changes in another, a sentence for each part."""
    before, after = sentences(old), sentences(new)
    gone = [f"no longer: {line}" for line in before if line not in after]
    come = [f"now: {line}" for line in after if line not in before]
    return gone + come


def is_stricter(new: Profile, old: Profile) -> bool:
    """Whether a yes-no profile asks for a greater part than another."""
    return (Fraction(*new.threshold), new.strict) > (Fraction(*old.threshold), old.strict)
