"""Names of fields, in lower case, by what becomes of them in a redirect."""

from __future__ import annotations

from typing import Final

# Fields that describe content (RFC 9110 sections 8 and 15.4), and those that frame it.
CONTENT_FIELDS: Final = frozenset(
    {
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "content-md5",
        "content-digest",
        "repr-digest",
        "digest",
        "expect",
        "last-modified",
        "trailer",
        "transfer-encoding",
    }
)
# curl sends what was given by hand with each hop, and frames the content itself.
CURL_CONTENT_FIELDS: Final = frozenset({"content-length", "transfer-encoding", "expect"})
# What Requests purges.
REQUESTS_CONTENT_FIELDS: Final = frozenset({"content-length", "content-type", "transfer-encoding"})

# What may go to an origin that a server names: fields that say nothing of who asks.
CROSS_ORIGIN_FIELDS: Final = frozenset(
    {
        "accept",
        "cache-control",
        "connection",
        "dnt",
        "expect",
        "keep-alive",
        "pragma",
        "range",
        "sec-gpc",
        "te",
        "upgrade-insecure-requests",
        "user-agent",
        "x-requested-with",
    }
)
CROSS_ORIGIN_PREFIXES: Final = ("accept-", "if-")
# And with content that goes along, what describes and frames it.
CROSS_ORIGIN_CONTENT_FIELDS: Final = frozenset({"digest", "trailer", "transfer-encoding"})
