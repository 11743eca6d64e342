"""Policies are data: one frozen value names every choice on which clients differ.

``Policy()`` is the safe default, ``Policy.browser()`` follows Fetch. No rule asks which preset it
runs under; it reads the field that names its choice. The Q numbers are those of the register of
quirks in ``docs/decisions.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Methods:
    """A set of methods, or all but a set of them.

    Attributes:
        names: The methods.
        inverted: Whether all others are meant.
    """

    names: frozenset[str]
    inverted: bool = False

    @classmethod
    def only(cls, *names: str) -> Methods:
        """These methods."""
        return cls(frozenset(names))

    @classmethod
    def all_but(cls, *names: str) -> Methods:
        """Every method but these."""
        return cls(frozenset(names), inverted=True)

    def __contains__(self, method: object) -> bool:
        return (method in self.names) is not self.inverted


# RFC 9110 section 15.4 lets 301 and 302 turn POST into GET, which all browsers do; Requests turns
# 302 to nearly everything into GET, and its users rely on that. QUERY is as safe as GET and keeps
# its content (RFC 10008 section 2.5).
_REQUESTS_LIKE: Final[Mapping[int, Methods]] = {
    301: Methods.only("POST"),
    302: Methods.only("POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
    303: Methods.all_but("GET", "HEAD"),
}
_FETCH: Final[Mapping[int, Methods]] = {
    301: Methods.only("POST"),
    302: Methods.only("POST"),
    303: Methods.all_but("GET", "HEAD"),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Every choice on which HTTP clients differ.

    Attributes:
        becomes_get: For a redirect's status, the methods that it turns into GET. RFC 9110 sections
            15.4.2 to 15.4.4; Fetch, "HTTP-redirect fetch", step 12; Q3, Q35.
        content_fields: Fields that go when the content goes, lower case; RFC 9110 section 15.4.
        cross_origin_fields: Fields that go along to another origin, lower case; all others are
            dropped for the rest of the call. Q11.
        cross_origin_prefixes: Prefixes of such fields.
        keep_authorization_on_upgrade: Whether Authorization survives a redirect from http to https
            on the same host, both on their default ports. Requests documents that it does.
        basic_charset: What Basic credentials are encoded in, RFC 7617 section 2.1.
    """

    becomes_get: Mapping[int, Methods] = field(default_factory=lambda: dict(_REQUESTS_LIKE))
    content_fields: frozenset[str] = CONTENT_FIELDS
    cross_origin_fields: frozenset[str] = CROSS_ORIGIN_FIELDS
    cross_origin_prefixes: tuple[str, ...] = CROSS_ORIGIN_PREFIXES
    keep_authorization_on_upgrade: bool = True
    basic_charset: str = "utf-8"

    @classmethod
    def browser(cls) -> Policy:
        """What the Fetch standard does: its method table, and no credential on any new origin."""
        return cls(becomes_get=dict(_FETCH), keep_authorization_on_upgrade=False)

    def replace(self, **changes: Any) -> Policy:
        """This policy with some of its fields changed."""
        return replace(self, **changes)

    def method_after(self, status: int, method: str) -> str:
        """The method of the request that follows a redirect of ``status``."""
        if method in self.becomes_get.get(status, ()):
            return "GET"
        return method

    def crosses_origins(self, name: str, *, with_content: bool) -> bool:
        """Whether a field of this name, in lower case, may go to an origin that a server named."""
        return (
            name in self.cross_origin_fields
            or name.startswith(self.cross_origin_prefixes)
            or (
                with_content
                and (name in CROSS_ORIGIN_CONTENT_FIELDS or name.startswith("content-"))
            )
        )


DEFAULT_POLICY: Final = Policy()
