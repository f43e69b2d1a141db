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
    _check(value, 1)
    return _encoder.encode(value).encode()


def decode(data: bytes) -> Any:
    """The value of canonical bytes. Raises NotCanonical for every other spelling of it."""
    value = _read(data)
    if encode(value) != data:
        raise NotCanonical("These bytes are not canonical: the same value has another spelling.")
    return value


def _read(data: bytes) -> Any:
    try:
        return _decoder.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotCanonical("These bytes are not UTF-8.") from error
    except RecursionError as error:
        raise NotCanonical(f"Nested deeper than {DEPTH_MAX} levels.") from error
    except ValueError as error:
        raise NotCanonical(f"This is not JSON: {error}.") from error


def _no_float(text: str) -> NoReturn:
    raise NotCanonical(f"{text} is not a whole number; signed statements have no fractions.")


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_decoder = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)


def _check(value: Any, depth: int) -> None:
    # Exact types: True is an int to isinstance, and a subclass of str could print as something else. The common
    # leaves come first and without a further call: every entry passes here each time it is verified.
    kind = type(value)
    if kind is str:
        if not value.isascii():
            _check_letters(value)
    elif kind is int:
        if not -INT_MAX <= value <= INT_MAX:
            raise NotCanonical(f"{value} is beyond 2^53 - 1, which not every reader keeps exactly.")
    elif kind is dict:
        _check_depth(depth)
        for name, item in value.items():
            if type(name) is not str or not name.isascii():
                raise NotCanonical(f"The name {name!r} is not ASCII text.")
            _check(item, depth + 1)
    elif kind is list:
        _check_depth(depth)
        for item in value:
            _check(item, depth + 1)
    elif kind is not bool and value is not None:
        raise NotCanonical(f"A {kind.__name__} cannot be signed.")


def _check_depth(depth: int) -> None:
    if depth > DEPTH_MAX:
        raise NotCanonical(f"Nested deeper than {DEPTH_MAX} levels.")


def _check_letters(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("A text holds half a character (a lone surrogate).") from error
