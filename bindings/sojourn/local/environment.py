"""Reads the environment: proxies, CA bundles and netrc, once for as long as nothing has changed.

Each call asks, so asking must cost next to nothing. What was read is kept beside all variables as
they were, and the state of the netrc file; both are compared each time, and nothing else is done.
Comparing all variables is cheaper than getting those few that matter, and finds a change of any
``*_proxy``: values that did not change are the same objects. It takes no lock: what is kept is
replaced as a whole, and two threads that find a change both read it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, cast
from urllib.parse import urlsplit

from sojourn_core.rules.policy import AUTHORITY_VARIABLES
from sojourn_core.values.environment import Environment
from sojourn_core.values.netrc import Netrc

if TYPE_CHECKING:
    from collections.abc import Mapping

NETRC_FILES: Final = ("~/.netrc", "~/_netrc")
# Settings of the operating system (registry, SystemConfiguration) do not say when they change.
SYSTEM_SECONDS_MAX: Final = 1.0

_SUFFIX: Final = "_proxy"
_HAS_SYSTEM_PROXIES: Final = sys.platform in {"darwin", "win32"}

# Device, inode, mtime and ctime in nanoseconds, size: a file renamed into place, or made readable,
# is another one.
_FileState: TypeAlias = tuple[int, int, int, int, int]


class _Kept(NamedTuple):
    """What was read, and what it was read from.

    Attributes:
        source: The mapping behind ``os.environ``.
        variables: A copy of it.
        candidates: Where a netrc file may be.
        found: The path and the state of the one that is there, or None.
        stale_at: Monotonic time after which settings of the operating system are read anew.
        environment: What was read.
    """

    source: Mapping[Any, Any]
    variables: Mapping[Any, Any]
    candidates: tuple[str, ...]
    found: tuple[str, _FileState] | None
    stale_at: float | None
    environment: Environment


_kept: _Kept | None = None


def read_environment(*, netrc: bool = True) -> Environment:
    """What the environment says now; the same object for as long as that is the same.

    Args:
        netrc: Whether to look if the netrc file has changed; else what was read of it last may do.

    Proxies are those of ``urllib.request.getproxies``, ``no_proxy`` and ``NO_PROXY`` as Requests
    reads them, CA bundles those of ``AUTHORITY_VARIABLES``, and netrc the file that ``NETRC``
    names, or else ``~/.netrc`` or ``~/_netrc``. A netrc file that cannot be read is as good as
    none.
    """
    kept = _kept
    source = _source()
    if (
        kept is not None
        and kept.source is source
        and kept.variables == source
        and (not netrc or kept.found == _find(kept.candidates))
        and (kept.stale_at is None or time.monotonic() < kept.stale_at)
    ):
        return kept.environment
    return _read(source, kept)


def get_netrc_auth(url: str | bytes, raise_errors: bool = False) -> tuple[str, str] | None:
    """Login and password that the netrc file has for the host of a URL, as in Requests.

    Raises:
        netrc.NetrcParseError, OSError, UnicodeError: The file cannot be read, and ``raise_errors``
            is true.
        ValueError: The URL cannot be read.
    """
    if isinstance(url, bytes):
        url = url.decode()
    if raise_errors:
        found = _find(_candidates(os.environ))
        read = None if found is None else _read_netrc(found[0])
    else:
        read = read_environment().netrc
    if read is None:
        return None
    host = urlsplit(url).hostname
    return None if host is None else read.lookup(host)


def _source() -> Mapping[Any, Any]:
    """The mapping behind ``os.environ``, which gives in nanoseconds what that takes a while for."""
    return cast("Mapping[Any, Any]", getattr(os.environ, "_data", os.environ))


def _read(source: Mapping[Any, Any], before: _Kept | None) -> Environment:
    """Read all of it, and keep it beside what it was read from."""
    global _kept  # noqa: PLW0603  # The one place that replaces it.
    variables = dict(source)  # In one step: other threads may be changing it.
    # A name that is bytes is one of POSIX, in the encoding of file names; fsdecode leaves text.
    named = {os.fsdecode(name): os.fsdecode(value) for name, value in variables.items()}
    candidates = _candidates(named)
    found = _find(candidates)  # Before the file is read: if it changes meanwhile, it is read again.
    if before is not None and before.found == found:
        known = before.environment.netrc
    else:
        known = None if found is None else _read_netrc_or_none(found[0])
    proxies = _proxies_of(named)
    stale_at: float | None = None
    if _HAS_SYSTEM_PROXIES and not proxies:
        proxies = _system_proxies()
        stale_at = time.monotonic() + SYSTEM_SECONDS_MAX
    environment = Environment(
        proxies=proxies,
        no_proxy=named.get("no_proxy") or named.get("NO_PROXY") or proxies.get("no"),
        authorities={name: named[name] for name in AUTHORITY_VARIABLES if named.get(name)},
        netrc=known,
    )
    if before is not None and before.environment == environment:
        environment = before.environment
    _kept = _Kept(source, variables, candidates, found, stale_at, environment)
    return environment


def _proxies_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Proxies by what stands before ``_proxy``, in lower case; names in lower case come first.

    An empty variable in lower case takes away what others say. Under CGI, where a field "Proxy" of
    a request becomes ``HTTP_PROXY``, that name in lower case alone counts (CVE-2016-1000110).
    """
    proxies: dict[str, str] = {}
    for name, value in variables.items():
        lowered = name.lower()
        if value and lowered.endswith(_SUFFIX):
            proxies[lowered.removesuffix(_SUFFIX)] = value
    if "REQUEST_METHOD" in variables:
        proxies.pop("http", None)
    for name, value in variables.items():
        if name.endswith(_SUFFIX):
            key = name.lower().removesuffix(_SUFFIX)
            if value:
                proxies[key] = value
            else:
                proxies.pop(key, None)
    return proxies


def _system_proxies() -> dict[str, str]:
    from urllib.request import getproxies  # It loads http.client, and ssl.

    return getproxies()


def _candidates(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Where a netrc file may be; the first that exists counts. ``NETRC`` stands alone."""
    named = variables.get("NETRC")
    places = NETRC_FILES if named is None else (named,) if named else ()
    try:
        return tuple(str(Path(place).expanduser()) for place in places)
    except RuntimeError:  # Nobody knows where home is.
        return ()


def _find(candidates: tuple[str, ...]) -> tuple[str, _FileState] | None:
    """The first candidate that exists, and its state.

    ``os.access`` says "no" in half the time that ``os.stat`` takes to raise, and usually there is
    no netrc file.
    """
    for path in candidates:
        if os.access(path, os.F_OK):
            try:
                made = os.stat(path)  # noqa: PTH116  # Path.stat takes twice as long.
            except OSError:  # It has gone in between.
                continue
            state = (made.st_dev, made.st_ino, made.st_mtime_ns, made.st_ctime_ns, made.st_size)
            return path, state
    return None


def _read_netrc_or_none(path: str) -> Netrc | None:
    from netrc import NetrcParseError

    try:
        return _read_netrc(path)
    except (NetrcParseError, OSError, UnicodeError):
        return None


def _read_netrc(path: str) -> Netrc:
    from netrc import netrc

    machines = {
        name: (login or account, password)
        for name, (login, account, password) in netrc(path).hosts.items()
    }
    return Netrc(machines, machines.pop("default", None))
