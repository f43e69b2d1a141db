"""One value, one spelling: the bytes that are signed, stored and hashed.

RFC 8785 restricted to what needs no judgement: objects with ASCII keys, lists, strings without lone
surrogates, integers up to 2^53 - 1, true, false and null, at most eight levels deep. Inside this profile the
standard library's encoder and RFC 8785 give identical bytes; the tests hold them against each other.
"""

import json
from typing import Any, NoReturn

from ledger.errors import NotCanonical

INT_MAX = 2**53 - 1
DEPTH_MAX = 8


def encode(value: Any) -> bytes:
    """The canonical bytes of a value. Raises NotCanonical for anything outside the profile."""
    _walk(value, 1)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def decode(data: bytes) -> Any:
    """The value of canonical bytes. Raises NotCanonical for every other spelling of it."""
    value = _read(data)
    if encode(value) != data:
        raise NotCanonical("These bytes are not canonical: the same value has another spelling.")
    return value


def _read(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float)
    except UnicodeDecodeError as error:
        raise NotCanonical("These bytes are not UTF-8.") from error
    except RecursionError as error:
        raise NotCanonical(f"Nested deeper than {DEPTH_MAX} levels.") from error
    except ValueError as error:
        raise NotCanonical(f"This is not JSON: {error}.") from error


def _no_float(text: str) -> NoReturn:
    raise NotCanonical(f"{text} is not a whole number; signed statements have no fractions.")


def _walk(value: Any, depth: int) -> None:
    # Exact types: True is an int to isinstance, and a subclass of str could print as something else.
    kind = type(value)
    if kind is str:
        _check_text(value)
    elif kind is int:
        if not -INT_MAX <= value <= INT_MAX:
            raise NotCanonical(f"{value} is beyond 2^53 - 1, which not every reader keeps exactly.")
    elif kind is dict or kind is list:
        if depth > DEPTH_MAX:
            raise NotCanonical(f"Nested deeper than {DEPTH_MAX} levels.")
        _walk_inside(value, depth + 1)
    elif kind is not bool and value is not None:
        raise NotCanonical(f"A {kind.__name__} cannot be signed.")


def _walk_inside(value: dict[str, Any] | list[Any], depth: int) -> None:
    if isinstance(value, list):
        for item in value:
            _walk(item, depth)
        return
    for key, item in value.items():
        if type(key) is not str or not key.isascii():
            raise NotCanonical(f"The name {key!r} is not ASCII text.")
        _walk(item, depth)


def _check_text(text: str) -> None:
    # Only a surrogate fails to encode; isascii settles most texts without the attempt.
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("A text holds half a character (a lone surrogate).") from error
