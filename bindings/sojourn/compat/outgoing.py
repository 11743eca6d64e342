"""A request as it goes out, with the fields that Requests' transport adds of its own.

Where a program says nothing of them, or has removed them from its session, urllib3 sends
``Accept-Encoding: identity``, a User-Agent, and the framing of content that has none. They are not
on the prepared request, before or after. ``urllib3.util.SKIP_HEADER`` as a value says that there is
to be no such field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.messages.adapter_send import on_behalf
from sojourn_core.session.defaults import default_user_agent
from sojourn_core.values.errors import InvalidHeader, RequestException
from sojourn_core.values.fields import Fields

from .structures import CaseInsensitiveDict, has_text_names, in_fields

if TYPE_CHECKING:
    from sojourn_core.commands import Send

SKIP_HEADER: Final = "@@@SKIP_HEADER@@@"  # urllib3's own, which is not imported.
USER_AGENT: Final = f"{default_user_agent()} (transport)"
_SKIPPABLE: Final = frozenset({"accept-encoding", "user-agent"})
# Methods of which urllib3 says nothing when they have no content.
_WITHOUT_LENGTH: Final = frozenset({"GET", "HEAD", "DELETE", "TRACE", "OPTIONS", "CONNECT"})


def as_it_goes_out(request: Any) -> Any:
    """Return the request itself if nothing is to be added, else a copy to be sent in its place.

    Args:
        request: A prepared request; its ``headers`` may be any mapping.

    Raises:
        InvalidHeader: A field is to be skipped that cannot be.
    """
    given: Any = request.headers
    is_text = isinstance(given, Fields) and has_text_names(given)
    fields: Fields = given if is_text else in_fields(given)
    names = fields.by_name()
    skips = SKIP_HEADER in names.values()
    framing = _framing_of(request, names)
    if (
        fields is given
        and not skips
        and framing is None
        and "user-agent" in names
        and "accept-encoding" in names
    ):
        return request
    lines = [] if "accept-encoding" in names else [("Accept-Encoding", "identity")]
    if framing is not None:
        lines.append(framing)
    if "user-agent" not in names:
        lines.append(("User-Agent", USER_AGENT))
    for name, value in fields.lines:
        if not skips or value != SKIP_HEADER or type(value) is not str:  # Not one given as bytes.
            lines.append((name, value))
        elif name.lower() not in _SKIPPABLE:
            raise InvalidHeader(f"field {name!r} cannot be skipped", request=request)
    made = request.copy()
    made.headers = CaseInsensitiveDict.from_lines(lines)
    return made


def _framing_of(request: Any, names: Any) -> tuple[str, str] | None:
    """Return the field that frames the content, if none is there (RFC 9112 section 6)."""
    if "content-length" in names or "transfer-encoding" in names:
        return None
    if request.body is not None:
        return "Transfer-Encoding", "chunked"
    if request.method in _WITHOUT_LENGTH:
        return None
    return "Content-Length", "0"


def on_behalf_of(request: Any, send: Send) -> Send:
    """Add to a command what the call insists on, and check its fields: see ``on_behalf``.

    Args:
        request: What the adapter was given, which errors name.
        send: Has the request as it goes out.

    Raises:
        InvalidHeader, InvalidContent: For fields that must not be sent.
    """
    try:
        return on_behalf(send.request, send)
    except RequestException as error:
        if error.request is send.request:
            error.request = request
        raise
