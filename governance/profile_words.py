"""A profile as people read and write it: in sentences, as TOML, and what one changes in another."""

import tomllib
from fractions import Fraction
from typing import Any

import msgspec

from governance.profile import CONSENT, NUMBERS, PLAIN, YES_NO, Profile, Quorum, check
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
BALLOTS = {
    "open": "open: everybody sees who voted how",
    "sealed": "sealed: nobody sees how they stand until the end; then everybody sees them",
    "secret": "secret (experimental): nobody sees who voted how",
}
UNOPPOSED = {
    "stv": "the seats then go in proportion to the votes",
    "median": "the middle number then holds",
    "pot": "the division in the middle then holds",
}
"""Ways of voting in which nothing stands for or against: there are enough ballots, or there are not."""
_FRACTIONS = ("threshold", "ratio", "waiver")
DIGITS_MAX = 15


def sentence(profile: Profile, also: Profile | None = None) -> str:
    """What the profile asks for, in words; `also` is a new profile whose threshold must be reached too."""
    length = _time(profile.length_hours)
    early = ", earlier once nothing can change it" if profile.early else ""
    if profile.method == CONSENT:
        return f"no objection that stands, within {length}; otherwise a vote by {profile.fallback}"
    if profile.method in UNOPPOSED:
        return f"{_many(profile.quorum)} to vote, within {length}; {UNOPPOSED[profile.method]}"
    own, new = _threshold(profile), _threshold(also) if also else ""
    too = f" and, since the new profile asks for it, {new}" if new not in ("", own) else ""
    return f"{own}{too}, within {length}{early}"


def _threshold(profile: Profile) -> str:
    if profile.threshold[0] == profile.threshold[1]:
        return f"all of {WHOSE[profile.base]}"
    more = "more than" if profile.strict else "at least"
    return f"{more} {_share(profile.threshold)} of {WHOSE[profile.base]}"


def sentences(profile: Profile) -> list[str]:
    """Everything a profile says, a sentence a line; what has no meaning in its way of voting is left out."""
    asked = profile.electorate.removeprefix("role:")
    lines = [
        f"Who is asked: {'all members' if asked == 'members' else f'the members who are {asked}'}, as of the opening.",
        f"How: {METHODS[profile.method]}.",
        f"Needs {sentence(profile)}.",
    ]
    if profile.method not in (YES_NO, CONSENT, *UNOPPOSED):
        lines.append("For is who would rather have the winner than things as they are; against, the other way round.")
    if profile.method != CONSENT:
        lines.append(f"Quorum: {quorum_words(profile.quorum)}.")
    return [*lines, *_when_it_opens(profile), *_how_it_ends(profile), *_who_and_what(profile)]


def _when_it_opens(profile: Profile) -> list[str]:
    days = f"{profile.notice_days} clear days" if profile.notice_days else "none; the vote opens at once"
    fewer = f", fewer where {_share(profile.waiver)} of the members say so" if profile.waiver else ""
    lines = [f"Notice: {days}{fewer}."]
    if profile.roll_min:
        lines.append(f"With fewer than {profile.roll_min} on the roll there is no vote.")
    if profile.second_call and profile.method != CONSENT:
        again = "after fresh notice" if profile.notice_days else "at once"
        lines.append(
            f"Second call: where the quorum is missed, all are asked again, {again};"
            f" quorum then: {quorum_words(profile.second_call)}."
        )
    if profile.extension_hours and profile.method != CONSENT:
        last, more = _time(profile.extension_window_hours), _time(profile.extension_hours)
        lines.append(
            f"Where the quorum is first reached {last} or less before the end, the vote ends {more} later, once."
        )
    return lines


def _how_it_ends(profile: Profile) -> list[str]:
    if profile.method == CONSENT:
        return ["Everybody sees who objects, and why."]
    lines = [] if profile.method in NUMBERS else [_tie(profile)]
    lines.append(f"Ballots are {BALLOTS[profile.secrecy]}.")
    if profile.method == "cssd":
        usual = Fraction(*profile.ratio) == 1
        wanted = "more for it than" if usual else f"at least {_share(profile.ratio)} times as many for it as"
        lines.append(f"An option needs {wanted} against it, or it is left out.")
    if profile.method in ("score", "star"):
        lines.append(f"Points go from 0 to {profile.top}.")
    return lines


def _tie(profile: Profile) -> str:
    drawn = profile.tie == "lot" and profile.method != YES_NO
    return "Tie: a lot that anybody can draw again." if drawn else "Tie: things stay as they are."


def _who_and_what(profile: Profile) -> list[str]:
    lines = []
    cap = profile.delegation_cap
    counted = "they count as taking part" if profile.delegated_quorum else "they do not count for the quorum"
    if profile.method != CONSENT:
        lines.append(f"One may vote for at most {cap} others; {counted}." if cap else "Nobody votes for others.")
    if profile.role_majorities:
        lines.append("A rule that moves money between roles fails where more than half of a role are against.")
    if profile.challenge_hours:
        many, span = profile.challengers, _time(profile.challenge_hours)
        who = "1 member makes" if many == 1 else f"{many} members make"
        lines.append(f"Challenge: {who} all vote again, by saying so within {span} after the count.")
    if profile.decides:
        lines.append(f"It decides on these alone: {', '.join(profile.decides)}.")
    if profile.entrenched:
        lines.append("Entrenched: only by this profile itself can it be changed; no second call.")
    return lines


def quorum_words(quorum: Quorum) -> str:
    """A quorum in words."""
    if quorum.kind == "none":
        return "none"
    supports = quorum.kind in ("support", "sqrt")
    one = quorum.kind == "fixed" and quorum.number == 1
    return f"{_many(quorum)} {'must be for it' if supports else 'takes part' if one else 'take part'}"


def _many(quorum: Quorum) -> str:
    """How many a quorum is, in words."""
    part = f"at least {_share(quorum.fraction)} of the roll"
    both = f"{part}, and at least {quorum.number},"
    return {
        "none": "somebody",
        "participation": both if quorum.number else part,
        "support": both if quorum.number else part,
        "fixed": f"at least {quorum.number}",
        "max": f"at least {quorum.number}, and {part},",
        "min": f"at least {quorum.number} or {part}, whichever is less,",
        "sqrt": "at least 3/2 of the square root of the roll",
    }[quorum.kind]


def _share(pair: tuple[int, int] | None) -> str:
    """A fraction as it was written: "2/3", "75%", "3"."""
    numerator, denominator = pair or (0, 1)
    return {1: str(numerator), 100: f"{numerator}%"}.get(denominator, f"{numerator}/{denominator}")


def _time(hours: int) -> str:
    days, left = divmod(hours, 24)
    return f"{hours} hour{'s' if hours != 1 else ''}" if left else f"{days} day{'s' if days != 1 else ''}"


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
    except RecursionError as error:
        raise Refused(f"Profile {name}: its lists and tables are nested too deep.") from error
    except ValueError as error:
        raise Refused(f"Profile {name}: a number or date in it cannot be one.") from error
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
    whole_numbers = all(one.isascii() and one.isdigit() and len(one) <= DIGITS_MAX for one in digits)
    if isinstance(value, float) or not whole_numbers or (percent and slash):
        raise Refused(f"Profile {name}: {part} = {text[:40]!r} is no fraction.", 'Write "2/3" or "75%".')
    if not int(digits[1]):
        raise Refused(f"Profile {name}: {part} divides by nothing.")
    return [int(numerator), 100 if percent else int(digits[1])]


def differences(old: Profile, new: Profile) -> list[str]:
    """What one profile changes in another, a sentence for each part."""
    before, after = sentences(old), sentences(new)
    gone = [f"no longer: {line}" for line in before if line not in after]
    come = [f"now: {line}" for line in after if line not in before]
    return gone + come
