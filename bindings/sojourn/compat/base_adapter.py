"""The base of every transport, under Requests' name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn.sync.adapter import BaseAdapter as SyncBaseAdapter

if TYPE_CHECKING:
    from .arguments import Cert, Proxies, Timeout, Verify
    from .models import PreparedRequest, Response


class BaseAdapter(SyncBaseAdapter):
    """The base of every transport."""

    def __init__(self) -> None:
        # A subclass may have a second base beside it.
        super().__init__()

    if TYPE_CHECKING:  # An override names the classes of this package.

        def send(
            self,
            request: PreparedRequest,
            stream: bool = False,
            timeout: Timeout = None,
            verify: Verify = True,
            cert: Cert = None,
            proxies: Proxies = None,
        ) -> Response: ...
