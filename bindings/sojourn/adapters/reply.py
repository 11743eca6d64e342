"""The answer of a handler, as a value that both bindings make responses of."""

from __future__ import annotations

import json as standard_json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.messages.declared_length import framed_length
from sojourn_core.messages.given import head_of
from sojourn_core.values.fields import Fields

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

    from sojourn_core.values.fields import FieldsInput
    from sojourn_core.values.head import ResponseHead

_UNSAID: Final[Any] = object()
_NO_CONTENT_STATUSES: Final = frozenset({204, 304})


class PassThrough(Enum):
    """The answer that is none: the request goes on to another transport."""

    PASS_THROUGH = "pass through"  # noqa: S105 - it is no password


PASS_THROUGH: Final = PassThrough.PASS_THROUGH


@dataclass(frozen=True, slots=True, init=False)
class Reply:
    """A response before it is one: status, field lines, content.

    It may be given as often as you like, by blocking and asynchronous handlers alike, unless its
    content is an iterator.

    Args:
        status: Three digits.
        fields: Field lines: a mapping, or pairs; names may repeat in pairs.
        content: The content as it would be received, codings included: bytes, text (as UTF-8), or
            an iterable of bytes, which may be asynchronous for an ``AsyncSession``.
        json: A value whose JSON is the content, with its Content-Type, unless that is given.
        reason: The reason phrase; that of RFC 9110 section 15 if it is not given.

    Raises:
        TypeError: Both ``content`` and ``json`` are given.
    """

    status: int
    fields: Fields
    content: bytes | Iterable[bytes] | AsyncIterable[bytes]
    reason: str | None

    def __init__(
        self,
        status: int = 200,
        fields: FieldsInput | None = None,
        content: bytes | str | Iterable[bytes] | AsyncIterable[bytes] = b"",
        *,
        json: Any = _UNSAID,
        reason: str | None = None,
    ) -> None:
        lines = Fields(fields)
        kind = None
        if json is not _UNSAID:
            if content != b"":
                raise TypeError("a reply has either content or json")
            content, kind = standard_json.dumps(json), "application/json"
        elif isinstance(content, str):
            kind = "text/plain; charset=utf-8"
        if kind is not None and "content-type" not in lines:
            lines["Content-Type"] = kind
        octets = content.encode() if isinstance(content, str) else content
        for name, value in (("status", status), ("fields", lines), ("reason", reason)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "content", octets)

    def head(self) -> ResponseHead:
        """Return its head, which its response owns."""
        return head_of(self.status, self.fields.copy(), self.reason)

    def content_for(self, method: str | None) -> Any:
        """Return its content as the answer to a method (RFC 9110 sections 9.3.2 and 6.4.1)."""
        return b"" if has_no_content(method, self.status) else self.content


def has_no_content(method: str | None, status: int) -> bool:
    """Return True if the response to a method has no content, whatever its fields say."""
    return method == "HEAD" or status in _NO_CONTENT_STATUSES


def length_of(method: str | None, head: ResponseHead) -> int | None:
    """Return the number of bytes that a head declares for its content; None if it declares none."""
    return None if has_no_content(method, head.status) else framed_length(head.fields)
