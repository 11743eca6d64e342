"""Forms and JSON: what a request carries that is encoded before it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeGuard

from sojourn_core.values.errors import InvalidContent, InvalidJSONError, UnencodableJSON

FORM_TYPE: Final = "application/x-www-form-urlencoded"
JSON_TYPE: Final = "application/json"
_OCTETS: Final = (bytes, bytearray, memoryview)


def encode_form(data: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> bytes:
    """Encode a form as ``application/x-www-form-urlencoded``, byte for byte as Requests does.

    Args:
        data: A mapping, or pairs of name and value. A value that is a collection gives one pair
            for each of its members; None gives none; str is UTF-8, bytes are taken as they are,
            and anything else is written as ``str`` writes it.

    Raises:
        InvalidContent: An item is not a pair, or text cannot be UTF-8.
    """
    from urllib.parse import urlencode  # It loads ipaddress.

    try:
        return urlencode(list(form_pairs(data)), doseq=True).encode("ascii")
    except UnicodeEncodeError as error:
        raise InvalidContent(f"form data cannot be encoded as UTF-8: {error.reason}") from error


def form_pairs(data: Mapping[Any, Any] | Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each name and value of form data, as they were given: see ``encode_form``.

    Raises:
        InvalidContent: An item is not a pair.
    """
    for name, value in pairs_of(data, "form data"):
        one = isinstance(value, (str, bytes)) or not hasattr(value, "__iter__")
        values: Iterable[Any] = [value] if one else value
        for member in values:
            if member is not None:
                yield name, member


def pairs_of(given: Mapping[Any, Any] | Iterable[Any], what: str) -> Iterator[tuple[Any, Any]]:
    """Yield the items of a mapping, or of an iterable of pairs; ``what`` names it in the error.

    Raises:
        InvalidContent: An item is not a pair.
    """
    items: Iterable[Any] = given.items() if is_mapping(given) else given
    for position, item in enumerate(items):
        if isinstance(item, (str, *_OCTETS)):
            # Requests takes "ab" for the pair of "a" and "b", which nobody can have meant.
            raise _not_a_pair(position, item, what)
        try:
            name, value = item
        except (TypeError, ValueError):
            raise _not_a_pair(position, item, what) from None
        yield name, value


def encode_json(value: Any) -> bytes:
    """Encode a value as JSON, byte for byte as Requests does: ASCII, blanks after ``,`` and ``:``.

    Raises:
        InvalidJSONError: The value has no JSON form: NaN and the infinities (RFC 8259 section 6),
            objects of other types, and what contains itself.
    """
    try:
        import json

        return json.dumps(value, allow_nan=False).encode("ascii")
    except TypeError as error:
        raise UnencodableJSON(f"value cannot be encoded as JSON: {error}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidJSONError(f"value cannot be encoded as JSON: {error}") from error


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Return True for a mapping of whatever is in it."""
    return isinstance(value, Mapping)


def _not_a_pair(position: int, item: object, what: str) -> InvalidContent:
    # The item may hold a secret, as forms do; its type does not.
    return InvalidContent(
        f"item {position} of the {what}, of type {type(item).__name__}, is not a pair"
    )
