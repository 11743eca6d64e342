"""Expect: 100-continue, as far as a request says it (RFC 9110 section 10.1.1).

It asks the server to say whether it takes the content before any of it is sent. A request without
content must not ask, and whether the field is heeded at all is the policy's choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.content.content import Content

if TYPE_CHECKING:
    from .request import PreparedRequest

CONTINUE: Final = "100-continue"


def expects(request: PreparedRequest) -> bool:
    """Return whether the content of a request waits for 100 (Continue)."""
    headers: Any = request.headers
    return (
        request.preparation.policy.heeds_expect
        and asks(headers.by_name().get("expect", ""))
        and content_size(request) != 0
    )


def asks(value: str) -> bool:
    """Return whether a value of Expect asks for 100 (Continue)."""
    return CONTINUE in [each.strip(" \t").lower() for each in value.split(",")]


def content_size(request: PreparedRequest) -> int | None:
    """Return how many bytes the content of a request has, 0 without any; None if it is unknown."""
    content = request.content
    return content.length if isinstance(content, Content) else len(content or b"")
