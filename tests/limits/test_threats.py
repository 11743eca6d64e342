"""The limits that the list of threats names, beside the defaults; what differs is named."""

from __future__ import annotations

from typing import Final

from sojourn_core.rules.auth import challenge
from sojourn_core.rules.cookies.parse import LIFETIME_SECONDS_MAX
from sojourn_core.rules.policy import Policy
from sojourn_core.rules.retry import RESENDS_MAX
from sojourn_core.session.session import DEFAULT_REDIRECT_LIMIT
from sojourn_core.values.limits import DEFAULT_LIMITS, KIB, MIB
from sojourn_core.values.timeouts import DEFAULT_TIMEOUTS
from tests.threats.rows import read_list

LIMITS: Final = DEFAULT_LIMITS
TIMES: Final = DEFAULT_TIMEOUTS

TIMEOUTS: Final = (
    "connect 10 s, silence on read, write and pool 60 s, no total by default; each settable, None "
    "means none; sojourn.compat has none by default"
)

# What the list says, word for word, what that is here, and what is here.
TABLE: Final[dict[str, tuple[str, object, object]]] = {
    "response head, total bytes (one message, also CONNECT and trailers)": (
        "64 KiB",
        64 * KIB,
        LIMITS.head_size_max,
    ),
    "response header line": ("16 KiB", 16 * KIB, LIMITS.field_line_size_max),
    "response header lines": ("256", 256, LIMITS.field_lines_max),
    "informational (1xx) heads per exchange": (
        "16 heads and 64 KiB",
        (16, 64 * KIB),
        (LIMITS.informational_heads_max, LIMITS.informational_size_max),
    ),
    "redirect hops": (
        "30 (the Session attribute max_redirects)",
        30,
        DEFAULT_REDIRECT_LIMIT,
    ),
    "Location header": ("8 KiB", 8 * KIB, LIMITS.location_size_max),
    "request URL": ("64 KiB - 1", 64 * KIB - 1, LIMITS.url_size_max),
    "redirect or error body drained to keep a connection": (
        "64 KiB raw, 50 ms",
        (64 * KIB, 0.05),
        (LIMITS.drain_size_max, LIMITS.drain_seconds_max),
    ),
    "content codings in one response": ("2 (settable to 5)", 2, LIMITS.content_codings_max),
    "decoded bytes per step": ("64 KiB or the read size", 64 * KIB, LIMITS.decoded_step_max),
    "decoded to encoded ratio": (
        "200:1 above 16 MiB",
        (200, 16 * MIB),
        (LIMITS.decoded_ratio_max, LIMITS.decoded_free),
    ),
    "gzip or zstd members in a row that yield no content": (
        "1,024",
        1024,
        LIMITS.coding_members_max,
    ),
    "chunk framing overhead": (
        "16 KiB + 16 x body bytes",
        (16 * KIB, 16),
        (LIMITS.chunk_overhead_free, LIMITS.chunk_overhead_ratio),
    ),
    "Set-Cookie lines taken from one response": ("50", 50, LIMITS.set_cookies_max),
    "cookie name + value": ("4,096 bytes", 4096, LIMITS.cookie_size_max),
    "cookies per domain / per jar": (
        "180 / 3,000",
        (180, 3000),
        (LIMITS.cookies_per_domain_max, LIMITS.cookies_max),
    ),
    "cookies sent / Cookie header bytes": (
        "150 / 8,190",
        (150, 8190),
        (LIMITS.cookies_sent_max, LIMITS.cookie_field_size_max),
    ),
    "cookie lifetime": ("400 days", 400 * 24 * 60 * 60, LIFETIME_SECONDS_MAX),
    "auth challenge parameters / rounds": (
        "32 / 10",
        (32, 10),
        (challenge.PARAMETERS_MAX, LIMITS.challenges_max),
    ),
    "automatic resend on a dead pooled connection": ("1", 1, RESENDS_MAX),
    "connect / total deadline": (
        TIMEOUTS,
        (10.0, 60.0, 60.0, 60.0, None, None),
        (
            TIMES.connect,
            TIMES.read,
            TIMES.write,
            TIMES.pool,
            TIMES.total,
            Policy.requests().timeouts.connect,
        ),
    ),
}

# Limits that are otherwise here, each with its reason.
DEVIATIONS: Final[dict[str, str]] = {
    "Retry-After honoured": "It is heeded only under a policy of retries, which has its own limit.",
}


def test_each_limit_of_the_list_is_here_or_named() -> None:
    listed = {row["name"]: row["ours"] for row in read_list()["limits"]}
    assert listed.keys() == TABLE.keys() | DEVIATIONS.keys()
    assert {name: listed[name] for name in TABLE} == {name: row[0] for name, row in TABLE.items()}


def test_the_defaults_are_those_of_the_list() -> None:
    assert {name: row[2] for name, row in TABLE.items()} == {
        name: row[1] for name, row in TABLE.items()
    }
