"""The cases that are tried with each proxy.

The origins are the site's, for HTTP and for HTTPS. An open proxy takes everybody, and a guarded one
only those with its password.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.errors import ProxyError

from .cases import PLAIN, UPLOAD_SIZE, pieces
from .proxies import PASSWORD, USER, WRONG
from .sites.content import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from .visits import Detour

TIMES: Final = 4


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that is tried with a proxy.

    Attributes:
        name: As the page and the tests have it.
        claim: What holds if it passes, for the page.
        run: Tries it; an error means that it does not hold.
        userinfo: What the proxy's URL says before the "@"; None if the proxy is open.
    """

    name: str
    claim: str
    run: Callable[[Detour], None]
    userinfo: str | None = None


def plain(detour: Detour) -> None:
    """Ask an http origin."""
    for _ in range(TIMES):
        response = detour.get(detour.plain + "/text")
        assert (response.status_code, response.content) == (200, TEXT)


def secure(detour: Detour) -> None:
    """Ask an https origin some times, through one tunnel."""
    first = None
    for _ in range(TIMES):
        response = detour.get(detour.secure + "/text")
        assert (response.status_code, response.content) == (200, TEXT)
        first = first or detour.kept
        assert first is not None, "the tunnel is closed"
        assert detour.kept is first, "another tunnel is used"


def upload(detour: Detour) -> None:
    """Upload through a tunnel, and without one."""
    expected = hashlib.sha256(b"".join(pieces(UPLOAD_SIZE))).hexdigest()
    for origin in (detour.plain, detour.secure):
        content = b"".join(pieces(UPLOAD_SIZE))
        response = detour.ask("PUT", origin + "/upload", data=content)
        assert (response.status_code, response.text) == (200, f"{UPLOAD_SIZE} {expected}")


def both(detour: Detour) -> None:
    """Ask both origins."""
    for origin in (detour.plain, detour.secure):
        response = detour.get(origin + "/text", headers=PLAIN)
        assert (response.status_code, response.content) == (200, TEXT)


def barred(detour: Detour) -> None:
    """Be turned away: by a status where the proxy forwards, else by an error."""
    if detour.forwards:
        assert detour.get(detour.plain + "/text").status_code == detour.bars
    else:
        _fails(detour, detour.plain)
    _fails(detour, detour.secure)


def unknown(detour: Detour) -> None:
    """Be asked for a password, where there is none: by 407."""
    detour.bars = 407
    barred(detour)


def nobody(detour: Detour) -> None:
    """Ask for an origin where nobody listens."""
    if detour.forwards:
        assert detour.get(detour.closed).status_code >= 500
    else:
        _fails(detour, detour.closed)
    _fails(detour, detour.closed.replace("http:", "https:"))


def _fails(detour: Detour, url: str) -> None:
    try:
        response: Any = detour.get(url)
    except ProxyError:
        return
    raise AssertionError(f"{response} is no error")


CASES: Final = (
    Case("http", "an http origin answers through the proxy", plain),
    Case("https", f"so does an https origin, {TIMES} times through one tunnel", secure),
    Case("upload", "10 MiB arrive, by size and SHA-256, at both", upload),
    Case(
        "nobody there",
        "an origin where nobody listens is an answer of the proxy's, or its error",
        nobody,
    ),
    Case("password", "the proxy takes a user and a password", both, f"{USER}:{PASSWORD}@"),
    Case(
        "wrong password",
        "http is answered by 407 (tinyproxy: 401), and a tunnel is refused as ProxyError",
        barred,
        f"{USER}:{WRONG}@",
    ),
    Case("no password", "and the same without any", unknown, ""),
)
