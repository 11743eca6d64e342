"""Reads the Set-Cookie lines of a response up to where the jar comes in (RFC 6265bis 5.6, 5.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from .accept import CONTROL, Response, Verdict, decide_domain, decide_refusal
from .domain import default_path
from .parse import SetCookie, parse_set_cookie

if TYPE_CHECKING:
    from collections.abc import Callable

# A name to show, and why its cookie may not be set.
Refused: TypeAlias = tuple[str, Verdict]


class Placed:
    """A cookie that a response may set, unless the jar has something against it.

    Attributes:
        given: The line.
        domain: Canonical, without a leading dot.
        host_only: The cookie goes to the host ``domain`` alone.
        path: Starts with ``/``.
        own: The domain is the host itself, and none above it.
    """

    __slots__ = ("domain", "given", "host_only", "own", "path")

    def __init__(
        self, given: SetCookie, domain: str, path: str, *, host_only: bool, own: bool
    ) -> None:
        self.given = given
        self.domain = domain
        self.path = path
        self.host_only = host_only
        self.own = own


def receive_line(
    line: str,
    response: Response,
    url_path: str,
    is_public_suffix: Callable[[str], bool],
    size_max: int,
) -> Placed | Refused:
    """Read one line, and decide on it as far as the line and the response go.

    Args:
        line: The value of a Set-Cookie line, with one code point for each byte.
        response: Where it comes from.
        url_path: Path of the URL, for a cookie that names none.
        is_public_suffix: Asked about the domain that it names.
        size_max: The most bytes of name and value together.
    """
    given = parse_set_cookie(line)
    if given is None:
        # A line without "=" is all value, and no value is shown.
        name, equals, _ = line.partition(";")[0].partition("=")
        return (name.strip(" \t") if equals else ""), CONTROL
    scope = decide_domain(given, response.host, is_public_suffix)
    if isinstance(scope, Verdict):
        return given.name, scope
    domain, host_only = scope
    path = given.path or default_path(url_path)
    refusal = decide_refusal(given, response, host_only=host_only, path=path, size_max=size_max)
    if refusal is not None:
        return given.name, refusal
    return Placed(given, domain, path, host_only=host_only, own=domain == response.host)
