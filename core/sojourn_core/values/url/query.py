"""Params, and their encoding as a query, in the way of Requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from sojourn_core.values.errors import InvalidArgument, InvalidURL, not_taken
from sojourn_core.values.expressions import expression

from .percent import encode_query

Params: TypeAlias = "Mapping[Any, Any] | Iterable[tuple[Any, Any]] | str | bytes | None"

_NO_WORK: Final = expression(r"[A-Za-z0-9._~-]*")


def encode_params(params: Params) -> str:
    """Encode params as a query, without the ``?``; the result is empty if there are none.

    A mapping or pairs are encoded as a form is (a blank is ``+``): a value that is a list repeats
    its name, None drops it. Text and bytes (in UTF-8) are a query already; only what may not stand
    in one is escaped, ``#`` included.

    Raises:
        InvalidURL: The text cannot be encoded: a lone surrogate, or bytes that are not UTF-8.
        TypeError: ``params`` is of another type.
        ValueError: An item of the params is not a pair.
    """
    try:
        if isinstance(params, bytes):
            params = params.decode()
        if isinstance(params, str):
            return encode_query(params)
        return encode_pairs(params) if params else ""
    except UnicodeError:
        raise InvalidURL("params are not text that can be encoded as UTF-8") from None


def encode_pairs(pairs: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> str:
    """Encode names and values as ``application/x-www-form-urlencoded``; None drops its name.

    Raises:
        UnicodeEncodeError: There is a lone surrogate.
        InvalidArgument: ``pairs`` is neither a mapping nor iterable, or an item is not a pair.
    """
    given: Any = pairs
    if not hasattr(given, "__iter__"):
        raise not_taken("params", "a mapping, pairs, str or bytes", given)
    encoded: list[str] = []
    item: Any
    for item in given.items() if isinstance(pairs, Mapping) else given:
        try:
            name, value = item
        except (TypeError, ValueError):
            raise InvalidArgument(
                f"an item of the params is a {type(item).__name__}, no pair",
                maybe_sent=False,
            ) from None
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            value = (value,)
        for each in value:
            if each is None:
                continue
            if isinstance(each, (str, bytes)) or not hasattr(each, "__len__"):
                encoded.append(f"{_quoted(name)}={_quoted(each)}")
            else:  # A list in a list: spread out once more, as urlencode does.
                from urllib.parse import urlencode

                encoded.append(urlencode([(name, each)], doseq=True))
    return "&".join(encoded)


def _quoted(value: Any) -> str:
    text = value if isinstance(value, bytes) else str(value)
    if isinstance(text, str) and _NO_WORK.fullmatch(text) is not None:
        return text
    from urllib.parse import quote_plus  # It loads ipaddress.

    return quote_plus(text)
