"""The length that a response declares for what its reader will get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import ContentTooLarge
from sojourn_core.values.fields import Fields

if TYPE_CHECKING:
    from sojourn_core.values.views import ResponseView

_NO_CONTENT_STATUSES: Final = frozenset({204, 304})


def oversize(response: ResponseView, most: int) -> ContentTooLarge | None:
    """Return the error for content that is declared to have more than ``most`` bytes; else None."""
    length = declared_length(response)
    if length is None or length <= most:
        return None
    return ContentTooLarge(f"the content is larger than {most} bytes", response=response)


def declared_length(response: ResponseView) -> int | None:
    """Return the length of the content as its reader will get it, before any of it has come.

    Returns:
        A number of bytes; None if it is not declared, if the content is decoded or framed
        otherwise, or if there is none whatever its length says (RFC 9112 section 6.3: HEAD, 204,
        304). A coding that is not taken off here, ``identity`` or an unknown one, changes nothing.
    """
    fields = response.headers
    if not isinstance(fields, Fields):  # A hook may have made a response of another class.
        return None
    length = framed_length(fields)
    if length is None:
        return None
    codings = fields.get_all("content-encoding")
    if codings:
        from sojourn_core.values.content.coding import is_decoded

        if is_decoded(codings):
            return None
    if getattr(response.request, "method", None) == "HEAD":
        return None
    return None if response.status_code in _NO_CONTENT_STATUSES else length


def framed_length(fields: Fields) -> int | None:
    """Return the bytes of content, codings included, that the fields of a response declare.

    Returns:
        None if they declare none, or frame the content otherwise (RFC 9112 section 6.3, rule 3).
    """
    names = fields.by_name()
    said = names.get("content-length", "").partition(",")[0]  # All members agree.
    if not (said.isascii() and said.isdigit()) or "transfer-encoding" in names:
        return None
    return int(said)
