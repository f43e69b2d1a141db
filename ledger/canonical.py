"""One value, one spelling: the bytes that are signed, stored and hashed.

RFC 8785 restricted to what needs no judgement: objects with ASCII keys, lists, strings without lone
surrogates, integers up to 2^53 - 1, true, false and null, at most eight levels deep. Reading accepts only what writing
gives, byte for byte, so that it does not matter what else the JSON library would take. Inside this profile the
library's sorted output and RFC 8785 are the same; the tests hold them against each other.
"""

from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ledger.errors import NotCanonical

INT_MAX = 2**53 - 1
DEPTH_MAX = 8

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()


def encode(value: Any) -> bytes:
    """The canonical bytes of a value. Raises NotCanonical for anything outside the profile."""
    _check((value,), 1)
    return _encoder.encode(value)


def decode(data: bytes) -> Any:
    """The value of canonical bytes. Raises NotCanonical for every other spelling of it."""
    try:
        value = _decoder.decode(data)
    except UnicodeDecodeError as error:
        raise NotCanonical("These bytes are not UTF-8.") from error
    except RecursionError as error:
        raise NotCanonical(f"Nested deeper than {DEPTH_MAX} levels.") from error
    except msgspec.DecodeError as error:
        raise NotCanonical(f"This is not JSON: {error}.") from error
    if encode(value) != data:
        raise NotCanonical("These bytes are not canonical: the same value has another spelling.")
    return value


def decode_many(data: bytes) -> Any:
    """The same verdict as `decode`, thrice as quick once it was called; for whoever reads entries by the thousand."""
    # In ASCII the library alone holds most entries to the profile; what it does not take at once is looked at value by
    # value, for the verdict and its words.
    try:
        if data.isascii() and _encoder.encode(value := _usual().decode(data)) == data:
            return value
    except (msgspec.DecodeError, RecursionError):
        pass
    return decode(data)


@cache
def _usual() -> msgspec.json.Decoder[Any]:
    """Reads values at most so many levels deep, whose numbers are whole and within bounds; it takes 10 ms to make."""
    lists: Any = list
    objects: Any = dict
    plain: Any = Annotated[int, Meta(ge=-INT_MAX, le=INT_MAX)] | str | bool | None
    found = plain
    for _ in range(DEPTH_MAX):
        found = plain | lists[found] | objects[str, found]
    return msgspec.json.Decoder(found)


def _check(values: Iterable[Any], depth: int) -> None:
    # Exact types: True is an int to isinstance, and a subclass of str could print as something else. One call for
    # each object or list and none for their leaves: every entry passes here when it is written.
    for value in values:
        kind = type(value)
        if kind is str:
            if not value.isascii():
                _check_letters(value)
        elif kind is int:
            if not -INT_MAX <= value <= INT_MAX:
                raise NotCanonical("A number is beyond 2^53 - 1, which not every reader keeps exactly.")
        elif kind is dict:
            _check_names(value, depth)
            _check(value.values(), depth + 1)
        elif kind is list:
            _check_depth(depth)
            _check_row(value, depth + 1)
        elif kind is float:
            raise NotCanonical(f"{value} is not a whole number; signed statements have no fractions.")
        elif value is not None and kind is not bool:
            raise NotCanonical(f"A {kind.__name__} cannot be signed.")


def _check_row(values: list[Any], depth: int) -> None:
    """What a list holds; a list of objects or of lists, as long as the lines of a run, is looked at in one go."""
    kinds = set(map(type, values))
    if kinds == {dict}:
        _check_depth(depth)
        if set(map(type, chain.from_iterable(values))) <= {str}:
            _check_names(dict.fromkeys(chain.from_iterable(values)), depth)
        else:
            for value in values:
                _check_names(value, depth)
        _check(chain.from_iterable(map(dict.values, values)), depth + 1)
    elif kinds == {list}:
        _check_depth(depth)
        _check(chain.from_iterable(values), depth + 1)
    else:
        _check(values, depth)


def _check_names(value: dict[Any, Any], depth: int) -> None:
    _check_depth(depth)
    for name in value:
        if type(name) is not str or not name.isascii():
            raise NotCanonical(f"The name {name!r} is not ASCII text.")


def _check_depth(depth: int) -> None:
    if depth > DEPTH_MAX:
        raise NotCanonical(f"Nested deeper than {DEPTH_MAX} levels.")


def _check_letters(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("A text holds half a character (a lone surrogate).") from error
