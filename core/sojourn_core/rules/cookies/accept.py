"""The rules of who may set a cookie, and where it belongs (RFC 6265bis 5.7).

These are the steps of "store a cookie" that look at the cookie and the response alone. What needs
the jar (a secure cookie that would be overlaid, one that is replaced) is the jar's part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.named_tuple import NamedTuple

from .domain import domain_matches, is_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cookie import Cookie
    from .parse import SetCookie

_NAME_SHOWN_MAX: Final = 64


class Verdict(NamedTuple):
    """The fate of a cookie: the code, the reason and the source of the decision on it."""

    code: str
    reason: str
    section: str = "RFC 6265bis 5.7"


def decision_on(verdict: Verdict, name: str, hop: int) -> Decision:
    """Build the decision that a verdict on a cookie of that name is."""
    code, reason, section = verdict
    if len(name) > _NAME_SHOWN_MAX or not (name.isascii() and name.isprintable()):
        name = _shown(name)
    return Decision(code=code, subject=name, reason=reason, section=section, hop=hop)


def _shown(name: str) -> str:
    """Return a name for people that is long or unprintable: it comes from a server."""
    shown = name[:_NAME_SHOWN_MAX]
    shown = shown.encode("unicode_escape").decode("ascii")
    return shown if len(name) <= _NAME_SHOWN_MAX else shown + "…"


class Response(NamedTuple):
    """The facts about the response that sets cookies.

    Attributes:
        host: Canonical.
        secure: It came over a connection that counts as secure.
        same_site: The request was same-site.
        top_level: The request was a top-level navigation.
    """

    host: str
    secure: bool
    same_site: bool
    top_level: bool


STORED: Final = Verdict("cookie.stored", "the response sets it")
REPLACED: Final = Verdict("cookie.replaced", "the response sets it anew")
DELETED: Final = Verdict("cookie.deleted", "the response sets it with an end that has passed")
EXPIRED: Final = Verdict("cookie.expired", "it came with an end that has passed")
EVICTED: Final = Verdict(
    "cookie.evicted", "too many cookies are kept, and it is the first that may go"
)

CONTROL: Final = Verdict(
    "cookie.rejected.control-character",
    "the line has a control character",
    "RFC 6265bis 5.6",
)
COUNT: Final = Verdict(
    "cookie.rejected.count", "the response sets more cookies than are taken from one", ""
)
OVERLAY: Final = Verdict(
    "cookie.rejected.secure",
    "it came without TLS and would overlay a cookie that is Secure",
)

_EMPTY: Final = Verdict("cookie.rejected.empty", "it has neither a name nor a value")
_SIZE: Final = Verdict("cookie.rejected.size", "its name and value are too long")
_NOT_ASCII: Final = Verdict(
    "cookie.rejected.domain-mismatch", "its Domain has characters outside ASCII"
)
_PUBLIC_SUFFIX: Final = Verdict(
    "cookie.rejected.public-suffix", "its Domain is a public suffix, under which others have names"
)
_DOMAIN_MISMATCH: Final = Verdict(
    "cookie.rejected.domain-mismatch", "its Domain is not the host that set it nor above it"
)
_SECURE: Final = Verdict("cookie.rejected.secure", "it is Secure and came without TLS")
_CROSS_SITE: Final = Verdict(
    "cookie.rejected.same-site", "its SameSite does not let a cross-site response set it"
)
_NONE_NOT_SECURE: Final = Verdict(
    "cookie.rejected.same-site", "it has SameSite=None and is not Secure"
)
_PREFIX: Final = Verdict(
    "cookie.rejected.prefix", "it is not what its name's prefix, __Secure- or __Host-, promises"
)
_NAMELESS_PREFIX: Final = Verdict(
    "cookie.rejected.prefix", "it has no name, and its value looks like a name with a prefix"
)


def decide_domain(
    given: SetCookie, host: str, is_public_suffix: Callable[[str], bool]
) -> tuple[str, bool] | Verdict:
    """Decide the domain of a cookie and whether it is host-only, or why it may not be set.

    Args:
        given: The cookie; its Domain is in lower case and without one leading dot.
        host: Canonical host of the response.
        is_public_suffix: Asked about a Domain that is above the host, and about one equal to it.
    """
    domain = given.domain
    if not domain:
        return host, True
    if not domain.isascii():
        return _NOT_ASCII
    if domain == host or (domain[0] == "[" and domain[1:-1] == host):
        # An address has no names below it, and a public suffix that is itself the host of a site
        # (step 9) must not reach those below it: both are host-only.
        return host, is_address(host) or is_public_suffix(host)
    if not domain_matches(host, domain):
        return _DOMAIN_MISMATCH
    if is_public_suffix(domain):
        return _PUBLIC_SUFFIX
    return domain, False


def decide_refusal(
    given: SetCookie, response: Response, *, host_only: bool, path: str, size_max: int
) -> Verdict | None:
    """Decide why a cookie may not be set for what else it says; None if it may.

    Args:
        given: The cookie.
        response: Where it comes from.
        host_only: As ``decide_domain`` found.
        path: The Path that was given, or in its place the default-path.
        size_max: The most bytes of name and value together.
    """
    if len(given.name) + len(given.value) > size_max:
        return _SIZE
    if not given.name and not given.value:
        return _EMPTY
    if given.secure and not response.secure:
        return _SECURE
    # A Path that stands for the default-path will do (5.6.4), and no Path will not.
    rooted = given.path is not None and path == "/"
    refusal = None
    if given.same_site == "None" or not response.same_site:
        refusal = _same_site_refusal(given, response)
    if refusal is None and (not given.name or given.name.startswith("__")):
        return _prefix_refusal(
            given.name, given.value, secure=given.secure, host_only=host_only, rooted=rooted
        )
    return refusal


def decide_restored(
    cookie: Cookie, is_public_suffix: Callable[[str], bool], size_max: int
) -> Verdict | None:
    """Decide why a cookie that was kept elsewhere may not be kept here; None if it may.

    The rules are those for a cookie that the host named by its domain sets over TLS.

    Args:
        cookie: The cookie.
        is_public_suffix: Asked about its domain, if the cookie reaches hosts below that.
        size_max: The most bytes of name and value together.
    """
    if len(cookie.name) + len(cookie.value) > size_max:
        return _SIZE
    if not cookie.name and not cookie.value:
        return _EMPTY
    if cookie.domain and not cookie.host_only and is_public_suffix(cookie.domain):
        return _PUBLIC_SUFFIX
    if cookie.same_site == "None" and not cookie.secure:
        return _NONE_NOT_SECURE
    return _prefix_refusal(
        cookie.name,
        cookie.value,
        secure=cookie.secure,
        host_only=cookie.host_only or not cookie.domain,
        rooted=cookie.path == "/",
    )


def _same_site_refusal(given: SetCookie, response: Response) -> Verdict | None:
    if given.same_site == "None":
        return None if given.secure else _NONE_NOT_SECURE
    # "Top-level navigations can create a cookie with any SameSite value".
    if response.same_site or response.top_level:
        return None
    return _CROSS_SITE


def _prefix_refusal(
    name: str, value: str, *, secure: bool, host_only: bool, rooted: bool
) -> Verdict | None:
    if not name:
        # It is sent without "=", so a server would take its value for the name.
        if value.lower().startswith(("__secure-", "__host-")):
            return _NAMELESS_PREFIX
        return None
    if not name.startswith("__"):
        return None
    name = name.lower()
    if name.startswith("__secure-"):
        return None if secure else _PREFIX
    if name.startswith("__host-"):
        return None if secure and host_only and rooted else _PREFIX
    return None
