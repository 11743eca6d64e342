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
from os import F_OK, access
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.rules.policy import AUTHORITY_VARIABLES
from sojourn_core.values.environment import Environment
from sojourn_core.values.named_tuple import NamedTuple

from .netrc_files import find_netrc, netrc_candidates, read_netrc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .netrc_files import FileState

# Settings of the operating system (registry, SystemConfiguration) do not say when they change.
SYSTEM_SECONDS_MAX: Final = 1.0

_SUFFIX: Final = "_proxy"
_HAS_SYSTEM_PROXIES: Final = sys.platform in {"darwin", "win32"}


class _Kept(NamedTuple):
    """The environment that was read, and what it was read from.

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
    found: tuple[str, FileState] | None
    stale_at: float | None
    environment: Environment


_kept: _Kept | None = None


def read_environment() -> Environment:
    """Return what the environment says now: the same object for as long as that is the same.

    Proxies are those of ``urllib.request.getproxies``, ``no_proxy`` and ``NO_PROXY`` as Requests
    reads them, CA bundles those of ``AUTHORITY_VARIABLES``, and netrc the file that ``NETRC``
    names, or else ``~/.netrc`` or ``~/_netrc``. What cannot be read of a netrc file is in its
    value's reports.
    """
    kept = _kept
    # The mapping behind ``os.environ`` is many times as fast.
    source: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
    if (
        kept is not None
        and kept.source is source
        and kept.variables == source
        and (kept.stale_at is None or time.monotonic() < kept.stale_at)
    ):
        if kept.found is not None:
            if kept.found == find_netrc(kept.candidates):
                return kept.environment
        else:
            for path in kept.candidates:  # Usually there is none, and none appears.
                if access(path, F_OK):
                    break
            else:
                return kept.environment
    return _read(source, kept)


def _read(source: Mapping[Any, Any], before: _Kept | None) -> Environment:
    """Read all of it, and keep it beside what it was read from."""
    global _kept  # noqa: PLW0603  # The one place that replaces it.
    variables = dict(source)  # In one step: other threads may be changing it.
    # A name that is bytes is one of POSIX, in the encoding of file names; fsdecode leaves text.
    named = {os.fsdecode(name): os.fsdecode(value) for name, value in variables.items()}
    candidates = netrc_candidates(named)
    # Before the file is read: if it changes meanwhile, it is read again.
    found = find_netrc(candidates)
    if before is not None and before.found == found:
        known = before.environment.netrc
    else:
        known = None if found is None else read_netrc(found[0])
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
        key_log=named.get("SSLKEYLOGFILE") or None,
    )
    if before is not None and before.environment == environment:
        environment = before.environment
    _kept = _Kept(source, variables, candidates, found, stale_at, environment)
    return environment


def _proxies_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Return proxies by what stands before ``_proxy``, in lower case.

    Names in lower case come first. An empty variable in lower case takes away what others say.
    Under CGI, where a field "Proxy" of a request becomes ``HTTP_PROXY``, that name in lower case
    alone counts (CVE-2016-1000110).
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
