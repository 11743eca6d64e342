"""The head of a response of urllib3, as a value that was looked at.

``http.client`` takes much for a head. What a message may not say of its framing (RFC 9112 section
6.3), and more than the limits allow, is an error here as it is elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.exchange.failures import timeout_error
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import ConflictingLengths, ConnectionError, RemoteProtocolError
from sojourn_core.values.fields import Fields, cut, is_field
from sojourn_core.values.head import ResponseHead

if TYPE_CHECKING:
    from sojourn_core.exchange.plan import ExchangePlan
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.limits import Limits


def head_of(raw: Any, plan: ExchangePlan, now: float, *, lenient: bool) -> ResponseHead:
    """Return the head of a response.

    Args:
        raw: urllib3's.
        plan: Of its request.
        now: Monotonic seconds.
        lenient: As ``Policy.lenient_heads``: names and values may be what no field is.

    Raises:
        DeadlineExceeded: It came too late.
        RemoteProtocolError: It is more than the limits allow, or not valid.
        ConnectionError: It is informational, and ``http.client`` takes it for the response.
    """
    if now > plan.deadline:
        raise timeout_error(plan, Phase.SENDING, now)
    lines = [(str(name), _unfolded(str(value))) for name, value in raw.headers.items()]
    _hold_to(plan.limits, lines)
    for name, value in () if lenient else lines:
        if value and not is_field(name, value):
            raise RemoteProtocolError(f"field {cut(name)} of the response is not valid")
    fields = Fields.from_lines(lines)
    _check_framing(fields)
    status = int(raw.status)
    if status < 200:
        raise ConnectionError(
            f"{plan.place} answered with {status}, which urllib3 takes for the response"
        )
    version = f"{raw.version // 10}.{raw.version % 10}" if raw.version else "1.1"
    return ResponseHead(status, fields, (raw.reason or "").strip(), version)


def _unfolded(value: str) -> str:
    """Return a value in one line (RFC 9112 section 5.2)."""
    if "\n" not in value and "\r" not in value:
        return value.strip(" \t")
    return " ".join(part.strip(" \t") for part in value.splitlines())


def _hold_to(limits: Limits, lines: list[FieldLine]) -> None:
    if len(lines) > limits.field_lines_max:
        raise RemoteProtocolError(
            f"the response has more than {limits.field_lines_max} field lines"
        )
    sizes = [len(name) + len(value) + 4 for name, value in lines]
    if max(sizes, default=0) > limits.field_line_size_max:
        raise RemoteProtocolError(
            f"a field line of the response is larger than {limits.field_line_size_max} bytes"
        )
    if sum(sizes) > limits.head_size_max:
        raise RemoteProtocolError(
            f"the head of the response is larger than {limits.head_size_max} bytes"
        )


def _check_framing(fields: Fields) -> None:
    """Refuse framing that ``http.client`` would pass over, and read to the end of the stream."""
    names = fields.by_name()
    coding = names.get("transfer-encoding")
    if coding is not None and coding.strip().lower() != "chunked":
        raise RemoteProtocolError(f"the transfer coding {cut(coding)} is not supported")
    said = names.get("content-length")
    if said is None or coding is not None:
        return
    lengths = {each.strip() for each in said.split(",")}
    if not all(each.isascii() and each.isdecimal() for each in lengths):
        raise RemoteProtocolError(f"the Content-Length {cut(said)} of the response is no length")
    if len({int(each) for each in lengths}) > 1:
        raise ConflictingLengths(f"the response has Content-Length {cut(said)}")
