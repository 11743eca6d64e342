"""Sets of methods, and the tables of what redirects make of a method.

RFC 9110 section 15.4 leaves the choice to clients, and they differ. A table says for a status which
methods it concerns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .named_state import NamedState

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Methods(NamedState):
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
# curl turns a POST into GET. Methods named by -X stay what they are, and their content goes where
# that of a POST would. (What --upload-file sends is a PUT of another kind, which 301 and 302 repeat
# and 303 turns into GET; there is no telling them apart here.)
CURL_BECOMES_GET: Final[Mapping[int, Methods]] = {
    301: Methods.only("POST"),
    302: Methods.only("POST"),
    303: Methods.only("POST"),
}
CURL_LOSES_CONTENT: Final[Mapping[int, Methods]] = {
    301: Methods.all_but(),
    302: Methods.all_but(),
    303: Methods.all_but(),
}
