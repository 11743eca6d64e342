"""Between h11's events and values: heads, field lines, and the end of a request."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

import h11

from sojourn_core.values.fields import Fields
from sojourn_core.values.head import ResponseHead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sojourn_core.values.fields import FieldLine

    from .head_reader import HeadReader

END: Final = h11.EndOfMessage()


def end_with(trailers: Sequence[FieldLine]) -> h11.EndOfMessage:
    """Return the end of a request that has trailers."""
    return h11.EndOfMessage(
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in trailers]
    )


def head_of(
    event: h11.Response | h11.InformationalResponse, fields: Fields, reader: HeadReader
) -> ResponseHead:
    """Return the head that an event has, with the decisions of its reader."""
    return ResponseHead(
        event.status_code,
        fields,
        event.reason.decode("latin-1"),
        event.http_version.decode("latin-1"),
        reader.decisions,
    )


def fields_of(event: h11.Response | h11.InformationalResponse | h11.EndOfMessage) -> Fields:
    """Decode field lines as ISO-8859-1, the only way that loses nothing: all of them at once."""
    items = event.headers.raw_items()
    text = b"\n".join(chain.from_iterable(items)).decode("latin-1")
    each = iter(text.split("\n") if items else ())
    return Fields.from_lines(list(zip(each, each, strict=True)))
