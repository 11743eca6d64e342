"""Requests and responses as values and rules see them: attributes to read, and nothing more.

The classes themselves stand above; they, and classes of somebody else's making, fit by their shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta


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
        content: The content as bytes.
        text: The content as text.
        encoding: The charset of the text.
        elapsed: The time from sending the request to the response's head.
        cookies: The cookies that it sets.
        history: The responses before it in its call, the first first.
        ok: Its status is below 400.
        is_redirect: It leads to another place.
    """

    @property
    def status_code(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Any: ...
    @property
    def request(self) -> RequestView: ...
    @property
    def content(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    @property
    def encoding(self) -> str | None: ...
    @property
    def elapsed(self) -> timedelta: ...
    @property
    def cookies(self) -> Any: ...
    @property
    def history(self) -> Sequence[Any]: ...
    @property
    def ok(self) -> bool: ...
    @property
    def is_redirect(self) -> bool: ...
    def json(self, **arguments: Any) -> Any:
        """Return the content parsed as JSON."""

    def raise_for_status(self) -> object:
        """Raise HTTPError if the status is 400 or above."""
