"""Content with trailer fields after it (RFC 9110 section 6.5, RFC 9112 section 7.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.errors import InvalidContent, InvalidContentType, InvalidHeader
from sojourn_core.values.fields import check_field, cut, is_token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping

    from sojourn_core.values.fields import FieldLine

# RFC 9110 section 6.5.1: fields that frame a message, route it, modify the request, authenticate,
# control the response, or say how to read the content, have to come before it.
_BEFORE_CONTENT: Final = frozenset(
    {
        "transfer-encoding",
        "content-length",
        "host",
        "connection",
        "keep-alive",
        "proxy-connection",
        "upgrade",
        "te",
        "trailer",
        "cache-control",
        "expect",
        "max-forwards",
        "pragma",
        "range",
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "www-authenticate",
        "proxy-authenticate",
        "age",
        "date",
        "expires",
        "location",
        "retry-after",
        "vary",
        "warning",
        "content-encoding",
        "content-type",
        "content-range",
    }
)


class WithTrailers:
    """Content that is sent in chunks, and fields after it.

    Args:
        content: Bytes or text, a file, an iterable or an async iterable of chunks.
        trailers: Values by the names of the fields. A value may be a function without arguments,
            which is called once all of the content was sent, and gives the value, or None for no
            such field; an async session awaits what a coroutine function gives.

    Attributes:
        content: As given; bytes and text as a list of one chunk.
        names: The names, which the Trailer field of the request announces.

    Raises:
        InvalidHeader: A name is no token, or its field must come before the content (RFC 9110
            section 6.5.1), or a value that is there cannot be sent.
        InvalidContentType: The content is a form, or nothing that can be sent.
    """

    __slots__ = ("_trailers", "content", "names")

    def __init__(
        self,
        content: Any,
        trailers: Mapping[
            str, str | bytes | Callable[[], str | bytes | Awaitable[str | bytes | None] | None]
        ],
    ) -> None:
        if isinstance(content, (str, bytes, bytearray, memoryview)):
            content = [content]
        elif hasattr(content, "keys") or not any(
            hasattr(content, name) for name in ("read", "__iter__", "__aiter__")
        ):
            raise InvalidContentType(f"content cannot be of type {type(content).__name__}")
        self.content = content
        self._trailers = dict(trailers)
        for name, value in self._trailers.items():
            if not isinstance(name, str) or not is_token(name):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
                raise InvalidHeader(f"field name {cut(name)} is not a token")
            lowered = name.lower()
            if lowered in _BEFORE_CONTENT or lowered.startswith("if-"):
                raise InvalidHeader(f"field {name!r} must come before the content")
            if not callable(value):
                check_field(name, value)
        self.names = tuple(self._trailers)

    def __repr__(self) -> str:
        return f"<WithTrailers {', '.join(self.names)}>"

    def evaluate(self) -> Generator[Any, Any, list[FieldLine]]:
        """Ask for the values: yield what is to be awaited, and return the field lines.

        Raises:
            InvalidHeader: A value cannot be sent. Errors of the user's functions pass through.
        """
        lines: list[FieldLine] = []
        for name, given in self._trailers.items():
            value = given() if callable(given) else given
            if hasattr(value, "__await__"):
                value = yield value
            if value is not None:
                lines.append(check_field(name, value))
        return lines

    def lines(self) -> list[FieldLine]:
        """Return the field lines, where nothing is awaited.

        Raises:
            InvalidContent: A value is to be awaited.
            InvalidHeader: As ``evaluate`` does.
        """
        steps = self.evaluate()
        try:
            awaited = next(steps)
        except StopIteration as end:
            found: list[FieldLine] = end.value
            return found
        if hasattr(awaited, "close"):
            awaited.close()
        raise InvalidContent("a trailer that is awaited can only be sent by an async session")

    async def alines(self) -> list[FieldLine]:
        """Return the field lines, and await what is to be awaited."""
        steps = self.evaluate()
        outcome: Any = None
        try:
            while True:
                outcome = await steps.send(outcome)
        except StopIteration as end:
            found: list[FieldLine] = end.value
            return found
