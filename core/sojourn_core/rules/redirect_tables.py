"""Tables of redirects: the methods that they rewrite, and the fields that they drop or carry.

RFC 9110 section 15.4 leaves much of it to clients, and they differ. A table of methods says for a
status which methods it concerns; names of fields are in lower case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.pickling import NamedState
from sojourn_core.values.record import record
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping


@record(frozen=True)
class Methods(Value, NamedState):
    """A set of methods, or all but a set of them.

    Attributes:
        names: The methods.
        inverted: Whether all others are meant.
    """

    names: frozenset[str]
    inverted: bool = False

    @classmethod
    def only(cls, *names: str) -> Methods:
        """Build a set of these methods."""
        return cls(frozenset(names))

    @classmethod
    def all_but(cls, *names: str) -> Methods:
        """Build a set of every method but these."""
        return cls(frozenset(names), inverted=True)

    def __contains__(self, method: object) -> bool:
        return (method in self.names) is not self.inverted

    def __str__(self) -> str:
        named = ", ".join(sorted(self.names))
        if not self.inverted:
            return named or "none"
        return f"all but {named}" if named else "all"


# RFC 9110 section 15.4 lets 301 and 302 turn POST into GET, which all browsers do; Requests turns
# 302 to nearly everything into GET, and its users rely on that. QUERY is as safe as GET and keeps
# its content (RFC 10008 section 2.5).
DEFAULT_BECOMES_GET: Final[Mapping[int, Methods]] = {
    301: Methods.only("POST"),
    302: Methods.only("POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
    303: Methods.all_but("GET", "HEAD"),
}
# Fetch, "HTTP-redirect fetch", step 12.
FETCH_BECOMES_GET: Final[Mapping[int, Methods]] = {
    301: Methods.only("POST"),
    302: Methods.only("POST"),
    303: Methods.all_but("GET", "HEAD"),
}
# Requests' rebuild_method.
REQUESTS_BECOMES_GET: Final[Mapping[int, Methods]] = {
    301: Methods.only("POST"),
    302: Methods.all_but("GET", "HEAD"),
    303: Methods.all_but("GET", "HEAD"),
}
# Requests' resolve_redirects purges the content of whatever is not 307 or 308.
REQUESTS_LOSES_CONTENT: Final[Mapping[int, Methods]] = {
    301: Methods.all_but(),
    302: Methods.all_but(),
    303: Methods.all_but(),
}
# curl turns what --data sends, a POST, into GET. What --upload-file sends, a PUT, it repeats as it
# was after 301 and 302, and turns into GET after 303. Any other method is named by -X, for content
# of --data: it stays what it is, and its content goes where that of a POST would.
CURL_BECOMES_GET: Final[Mapping[int, Methods]] = {
    301: Methods.only("POST"),
    302: Methods.only("POST"),
    303: Methods.only("POST", "PUT"),
}
CURL_LOSES_CONTENT: Final[Mapping[int, Methods]] = {
    301: Methods.all_but("PUT"),
    302: Methods.all_but("PUT"),
    303: Methods.all_but(),
}

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
# Requests purges these.
REQUESTS_CONTENT_FIELDS: Final = frozenset({"content-length", "content-type", "transfer-encoding"})

# Fields that may go to an origin that a server names: they say nothing of who asks.
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
