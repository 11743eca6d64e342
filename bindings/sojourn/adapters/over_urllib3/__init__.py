"""A transport of blocking sessions over urllib3: the session is ours, and the bytes are urllib3's.

Tools that patch urllib3, ``http.client`` or sockets see these requests as they see those of
Requests: vcrpy, sentry-sdk, httpretty, mocket.
"""

from __future__ import annotations

try:
    from .adapter import Urllib3Adapter
except ImportError as error:
    if (error.name or "").partition(".")[0] != "urllib3":
        raise
    raise ImportError(
        "Urllib3Adapter takes the extra urllib3: pip install 'sojourn[urllib3]'", name="urllib3"
    ) from error

__all__ = ["Urllib3Adapter"]
