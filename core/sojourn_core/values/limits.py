"""Every limit on what a peer can make Sojourn hold, read or wait for, by name.

The numbers are defaults; each can be set. The source of a number stands beside it.
"""

from __future__ import annotations

from typing import Any, Final

from .pickling import NamedState
from .record import record, replace
from .value import Value

KIB: Final = 1024
MIB: Final = 1024 * KIB


@record(frozen=True, kw_only=True)
class Limits(Value, NamedState):
    """The most that a peer may send. Sizes are in bytes.

    Attributes:
        head_size_max: One response head (or trailer section). ureq has 64 KiB too,
            curl 300 KiB.
        field_line_size_max: One field line, and the status line. aiohttp has 8,190.
        field_lines_max: Field lines in one head. curl has 5,000, http.client 100.
        informational_heads_max: 1xx heads before the final one.
        informational_size_max: Bytes in all those heads together.
        location_size_max: A Location field value.
        url_size_max: A URL that a request is sent to; curl has 65,535.
        drain_size_max: Bytes of a redirect's or failed response's content, or behind the end of a
            content coding, that are read only to keep the connection.
        drain_seconds_max: Time for that; OkHttp allows 100 ms.
        challenges_max: Challenges that credentials answer on one hop of a call.
        content_codings_max: Content codings stacked on one response; curl allows 5.
        decoded_step_max: Bytes that a decoder puts out at once.
        decoded_ratio_max: Decoded bytes for each encoded one, beyond ``decoded_free``.
        decoded_free: Decoded bytes that are not measured by that ratio.
        coding_members_max: Members of one gzip or zstd stream in a row that hold nothing; aiohttp
            has 1,024. Members with content are bounded by the ratio alone.
        chunk_overhead_free: Bytes of chunk framing that are always admitted.
        chunk_overhead_ratio: Further bytes of framing for each byte of content.
        content_size_max: Decoded content of one response; None is no limit.
        set_cookies_max: Set-Cookie lines taken from one response, as curl.
        cookie_size_max: Name and value of one cookie together (RFC 6265bis 5.7).
        cookies_per_domain_max: Cookies kept for one domain.
        cookies_max: Cookies kept in one jar.
        cookie_deletions_max: Records of deleted cookies kept in one jar, for when it is merged with
            another.
        cookies_sent_max: Cookies in one request, as curl.
        cookie_field_size_max: The Cookie field of one request, as curl.
    """

    head_size_max: int = 64 * KIB
    field_line_size_max: int = 16 * KIB
    field_lines_max: int = 256
    informational_heads_max: int = 16
    informational_size_max: int = 64 * KIB
    location_size_max: int = 8 * KIB
    url_size_max: int = 64 * KIB - 1
    drain_size_max: int = 64 * KIB
    drain_seconds_max: float = 0.05
    challenges_max: int = 10
    content_codings_max: int = 2
    decoded_step_max: int = 64 * KIB
    decoded_ratio_max: int = 200
    decoded_free: int = 16 * MIB
    coding_members_max: int = 1024
    chunk_overhead_free: int = 16 * KIB
    chunk_overhead_ratio: int = 16
    content_size_max: int | None = None
    set_cookies_max: int = 50
    cookie_size_max: int = 4096
    cookies_per_domain_max: int = 180
    cookies_max: int = 3000
    cookie_deletions_max: int = 1000
    cookies_sent_max: int = 150
    cookie_field_size_max: int = 8190

    def replace(self, **changes: Any) -> Limits:
        """Return these limits with some of them changed."""
        return replace(self, **changes)


DEFAULT_LIMITS: Final = Limits()
