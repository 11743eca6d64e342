"""The session for blocking code: the core's, with verbs."""

from __future__ import annotations

import threading
import time
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Self

from sojourn_core.hooks import hooks_for
from sojourn_core.request import PreparedRequest, Request
from sojourn_core.session import Session as CoreSession
from sojourn_core.timeouts import DEFAULT_TIMEOUTS, UNSET

from .adapter import HTTPAdapter
from .drive import drive_call

if TYPE_CHECKING:
    from types import TracebackType

    from sojourn_core.call import Call
    from sojourn_core.commands import Send
    from sojourn_core.limits import Limits
    from sojourn_core.policy import Policy
    from sojourn_core.pool import PoolLimits

    from .response import Response


class Session(CoreSession):
    """Requests that share settings, cookies and connections.

    It may be used from several threads. The arguments are settings that can be given at once; see
    the core's ``Session`` for the attributes.

    Args:
        policy: The choices on which clients differ.
        limits: What a peer may send.
        timeout: For calls that say nothing of time.
        pool: How many connections are kept.
    """

    def __init__(
        self,
        *,
        policy: Policy | None = None,
        limits: Limits | None = None,
        timeout: Any = DEFAULT_TIMEOUTS,
        pool: PoolLimits | None = None,
    ) -> None:
        super().__init__(policy=policy, limits=limits, timeout=timeout, guard=threading.RLock())
        adapter = HTTPAdapter(pool=pool, limits=self.limits)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    # --- verbs ----------------------------------------------------------------------------------

    def request(
        self,
        method: str,
        url: str | bytes,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        cookies: Any = None,
        files: Any = None,
        auth: Any = None,
        timeout: Any = UNSET,
        allow_redirects: bool = True,
        proxies: Any = None,
        hooks: Any = None,
        stream: bool | None = None,
        verify: Any = None,
        cert: Any = None,
        json: Any = None,
    ) -> Response:
        """Make a request and return its response.

        Args:
            method: Any method token.
            url: An http or https URL.
            params: Added to the query: a mapping, pairs, or text.
            data: Content: a form (a mapping or pairs), text, octets, a file, or an iterator.
            headers: Field lines; None as a value removes the session's.
            cookies: For this request only.
            files: Reserved for multipart content.
            auth: ``(user, password)`` or a callable on the prepared request.
            timeout: Seconds of silence; ``(connect, read)``; ``Timeouts``; None to wait for ever.
                The session's, if nothing is said.
            allow_redirects: Whether redirects are followed.
            proxies: Proxy URLs by scheme.
            hooks: ``{"response": function}``.
            stream: Whether the content is left for you to read.
            verify: True, False, the path of a CA bundle, or an ``ssl.SSLContext``.
            cert: A client certificate: a path, or ``(certificate, key)`` paths.
            json: A value to send as JSON.

        Raises:
            RequestException: Whatever goes wrong; see ``sojourn.exceptions``.
        """
        request = Request(
            method=method,
            url=url,
            headers=headers,
            files=files,
            data=data,
            params=params,
            auth=auth,
            cookies=cookies,
            hooks=hooks,
            json=json,
        )
        prepared = self.prepare_request(request)
        settings = self.merge_environment_settings(
            prepared.url or "", proxies, stream, verify, cert
        )
        return self.send(prepared, timeout=timeout, allow_redirects=allow_redirects, **settings)

    def get(self, url: str | bytes, params: Any = None, **kwargs: Any) -> Response:
        """GET. Arguments are those of ``request``."""
        return self.request("GET", url, params=params, **kwargs)

    def options(self, url: str | bytes, **kwargs: Any) -> Response:
        """OPTIONS. Arguments are those of ``request``."""
        return self.request("OPTIONS", url, **kwargs)

    def head(self, url: str | bytes, **kwargs: Any) -> Response:
        """HEAD, whose redirects are not followed unless you say so."""
        kwargs.setdefault("allow_redirects", False)
        return self.request("HEAD", url, **kwargs)

    def post(self, url: str | bytes, data: Any = None, json: Any = None, **kwargs: Any) -> Response:
        """POST. Arguments are those of ``request``."""
        return self.request("POST", url, data=data, json=json, **kwargs)

    def put(self, url: str | bytes, data: Any = None, **kwargs: Any) -> Response:
        """PUT. Arguments are those of ``request``."""
        return self.request("PUT", url, data=data, **kwargs)

    def patch(self, url: str | bytes, data: Any = None, **kwargs: Any) -> Response:
        """PATCH. Arguments are those of ``request``."""
        return self.request("PATCH", url, data=data, **kwargs)

    def delete(self, url: str | bytes, **kwargs: Any) -> Response:
        """DELETE. Arguments are those of ``request``."""
        return self.request("DELETE", url, **kwargs)

    # --- sending --------------------------------------------------------------------------------

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Merge the session's settings into a request."""
        if self.cookies:
            self.set_clock(clock(), time.time())
        return super().prepare_request(request)

    def send(
        self,
        request: PreparedRequest,
        *,
        timeout: Any = UNSET,
        allow_redirects: bool = True,
        stream: bool | None = None,
        verify: Any = None,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
        """Send a prepared request.

        Raises:
            ValueError: For a ``Request`` that was not prepared.
            RequestException: Whatever goes wrong.
        """
        if isinstance(request, Request):
            raise ValueError("You can only send PreparedRequests.")
        self.set_clock(clock(), time.time())
        settings = self.settings_for(
            timeout=timeout, stream=stream, verify=verify, cert=cert, proxies=proxies
        )
        call = self.call(request, allow_redirects=allow_redirects, settings=settings)
        response = drive_call(self, call)
        if not settings.stream:
            try:
                _ = response.content
            except BaseException:
                response.close()
                raise
        return response

    def transmit(self, command: Send) -> Response:
        """Carry out a ``Send`` by the adapter that is mounted for its URL."""
        request, settings = command.request, command.settings
        adapter = self.get_adapter(request.url or "")
        if isinstance(adapter, HTTPAdapter):
            return adapter.carry(command)
        response: Response = adapter.send(
            request,
            stream=settings.stream,
            timeout=settings.timeout,
            verify=settings.verify,
            cert=settings.cert,
            proxies=settings.proxies,
        )
        return response

    def run_hooks(self, response: Response, call: Call) -> Response:
        """Show a response to the request's hooks; each may put another in its place."""
        settings = call.settings
        for hook in hooks_for("response", call.request.hooks):
            made = hook(
                response,
                timeout=settings.timeout,
                verify=settings.verify,
                proxies=settings.proxies,
                stream=settings.stream,
                cert=settings.cert,
            )
            if made is not None and made is not response:
                response.close()
                response = made
        return response

    # --- ending ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Close idle connections. Responses in use can be read on; theirs are closed after."""
        for adapter in self.adapters.values():
            adapter.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
