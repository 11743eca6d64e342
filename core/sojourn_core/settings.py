"""What a call sets for the wire, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .timeouts import DEFAULT_TIMEOUTS, Timeouts

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSettings:
    """What a transport is given beside the request; the arguments of Requests' adapters.

    Attributes:
        timeouts: Seconds for each phase.
        timeout: The argument that they were made from, for adapters that take it as it was given.
        stream: Whether the caller reads the content later.
        verify: True, False, the path of a CA bundle, or an ``ssl.SSLContext``.
        cert: A client certificate: None, the path of a PEM file, or ``(certificate, key)`` paths.
        proxies: Proxy URLs by scheme, as given.
    """

    timeouts: Timeouts = DEFAULT_TIMEOUTS
    timeout: Any = None
    stream: bool = False
    verify: Any = True
    cert: Any = None
    # A proxy's URL may hold its credentials.
    proxies: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
