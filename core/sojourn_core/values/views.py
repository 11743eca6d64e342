"""Requests and responses as values and rules see them: attributes to read, and nothing more.

The classes themselves stand above; they, and classes of somebody else's making, fit by their shape.
"""

from __future__ import annotations

from typing import Any, Protocol


class RequestView(Protocol):
    """A request: as the caller gave it, or prepared.

    Attributes:
        method: A method token; None before one is set.
        url: The URL as text once prepared; None before one is set.
        headers: Field lines; a mapping or pairs before it is prepared.
    """

    @property
    def method(self) -> str | None: ...
    @property
    def url(self) -> Any: ...
    @property
    def headers(self) -> Any: ...


class ResponseView(Protocol):
    """A response whose head arrived.

    Attributes:
        status_code: Status code, three digits.
        reason: The reason phrase.
        url: The URL requested.
        headers: Field lines.
        request: The request that it answers.
        content: The content as bytes; None if there can be none.
        text: The content as text.
    """

    @property
    def status_code(self) -> int | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def headers(self) -> Any: ...
    @property
    def request(self) -> RequestView | None: ...
    @property
    def content(self) -> bytes | None: ...
    @property
    def text(self) -> str: ...
    def json(self, **arguments: Any) -> Any:
        """Return the content parsed as JSON."""
