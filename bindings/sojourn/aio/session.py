"""The session for asyncio: the core's, with verbs to await."""

from __future__ import annotations

import inspect
import threading
import time
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final, Self

from sojourn.shared.session_base import LocalSession
from sojourn_core.call.call import Call
from sojourn_core.messages.request import PreparedRequest, Request
from sojourn_core.values.hooks import hooks_for
from sojourn_core.values.timeouts import UNSET

from .adapter import AsyncHTTPAdapter
from .call_driver import drive_call, drive_hops

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Coroutine
    from types import TracebackType

    from sojourn_core.commands import Send
    from sojourn_core.exchange.pool import PoolLimits
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.limits import Limits

    from .response import AsyncResponse


class AsyncSession(LocalSession):
    """Requests that share settings, cookies and connections.

    It belongs to the event loop that it is first used on. The arguments are settings that can be
    given at once; see the core's ``Session`` for the attributes.

    Args:
        policy: The choices on which clients differ.
        limits: What a peer may send.
        timeout: For calls that say nothing of time; the policy's if it is not given.
        pool: How many connections are kept.
    """

    def __init__(
        self,
        *,
        policy: Policy | None = None,
        limits: Limits | None = None,
        timeout: Any = UNSET,
        pool: PoolLimits | None = None,
    ) -> None:
        # One loop sends, but any thread may have a hand in the jar.
        super().__init__(policy=policy, limits=limits, timeout=timeout, guard=threading.RLock())
        adapter = AsyncHTTPAdapter(pool=pool, limits=self.limits)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def _begin_anew(self) -> None:
        AsyncSession.__init__(self)

    # --- verbs ----------------------------------------------------------------------------------

    async def request(
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
    ) -> AsyncResponse:
        """Make a request and return its response.

        Args:
            method: Any method token.
            url: An http or https URL.
            params: Added to the query: a mapping, pairs, or text.
            data: Content: a form (a mapping or pairs), text, octets, a file, or an
                iterator, async or not.
            headers: Field lines; None as a value removes the session's.
            cookies: For this request only.
            files: Multipart content: a mapping or pairs of field name and file; a file is its
                content, or ``(filename, content[, type[, fields]])``.
            auth: ``(user, password)`` or a callable on the prepared request.
            timeout: Seconds of silence; ``(connect, read)``; ``Timeouts``; None to wait for ever.
                The session's, if nothing is said.
            allow_redirects: Whether redirects are followed.
            proxies: Proxy URLs by ``scheme://host``, ``scheme``, ``all://host`` or ``all``.
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
        return await self.send(
            prepared, timeout=timeout, allow_redirects=allow_redirects, **settings
        )

    def get(
        self, url: str | bytes, params: Any = None, **kwargs: Any
    ) -> Coroutine[Any, Any, AsyncResponse]:
        """GET. Arguments are those of ``request``."""
        return self.request("GET", url, params=params, **kwargs)

    def options(self, url: str | bytes, **kwargs: Any) -> Coroutine[Any, Any, AsyncResponse]:
        """OPTIONS. Arguments are those of ``request``."""
        return self.request("OPTIONS", url, **kwargs)

    def head(self, url: str | bytes, **kwargs: Any) -> Coroutine[Any, Any, AsyncResponse]:
        """HEAD, whose redirects are not followed unless you say so."""
        kwargs.setdefault("allow_redirects", False)
        return self.request("HEAD", url, **kwargs)

    def post(
        self, url: str | bytes, data: Any = None, json: Any = None, **kwargs: Any
    ) -> Coroutine[Any, Any, AsyncResponse]:
        """POST. Arguments are those of ``request``."""
        return self.request("POST", url, data=data, json=json, **kwargs)

    def put(
        self, url: str | bytes, data: Any = None, **kwargs: Any
    ) -> Coroutine[Any, Any, AsyncResponse]:
        """PUT. Arguments are those of ``request``."""
        return self.request("PUT", url, data=data, **kwargs)

    def patch(
        self, url: str | bytes, data: Any = None, **kwargs: Any
    ) -> Coroutine[Any, Any, AsyncResponse]:
        """PATCH. Arguments are those of ``request``."""
        return self.request("PATCH", url, data=data, **kwargs)

    def delete(self, url: str | bytes, **kwargs: Any) -> Coroutine[Any, Any, AsyncResponse]:
        """DELETE. Arguments are those of ``request``."""
        return self.request("DELETE", url, **kwargs)

    # --- sending --------------------------------------------------------------------------------

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Merge the session's settings into a request."""
        if self.cookies or request.cookies:
            self.set_clock(clock(), time.time())
        return super().prepare_request(request)

    async def send(
        self,
        request: PreparedRequest,
        *,
        timeout: Any = UNSET,
        allow_redirects: bool = True,
        stream: bool | None = None,
        verify: Any = None,
        cert: Any = None,
        proxies: Any = None,
        **adapter_arguments: Any,
    ) -> AsyncResponse:
        """Send a prepared request.

        A subclass that overrides this, or ``resolve_redirects``, gets each hop through it.

        Args:
            request: As ``prepare_request`` makes it.
            timeout: As in ``request``, as all that follow.
            allow_redirects: Whether redirects are followed.
            stream: Whether the content is left for you to read.
            verify: What is trusted.
            cert: A client certificate.
            proxies: Those of the session and the environment, if they are not given.
            adapter_arguments: For mounted adapters whose ``send`` takes more.

        Raises:
            ValueError: For a ``Request`` that was not prepared.
            RequestException: Whatever goes wrong.
        """
        if isinstance(request, Request):
            raise ValueError("You can only send PreparedRequests.")
        self.set_clock(clock(), time.time())
        if proxies is None:
            proxies = self.resolve_proxies(request.parsed_url, self.proxies)
        settings = self.settings_for(
            timeout=timeout,
            stream=stream,
            verify=verify,
            cert=cert,
            proxies=proxies,
            **adapter_arguments,
        )
        if allow_redirects and self._sends_hops_by_overrides():
            response = await self._send_by_hops(request, settings)
        else:
            call = self.call(request, allow_redirects=allow_redirects, settings=settings)
            response = await drive_call(self, call)
            if request.is_hop and response.is_redirect:
                return response  # Whoever follows it drains it, within limits.
        if not settings.stream:
            try:
                await response.read()
            except BaseException:
                await response.close()
                raise
        return response

    def _sends_hops_by_overrides(self) -> bool:
        return (
            self._sends_by_an_override()
            or type(self).resolve_redirects is not _RESOLVE_REDIRECTS
            or "resolve_redirects" in self.__dict__
        )

    def _sends_by_an_override(self) -> bool:
        return type(self).send is not _SEND or "send" in self.__dict__

    async def _send_by_hops(
        self, request: PreparedRequest, settings: SendSettings
    ) -> AsyncResponse:
        """Send a request, and each hop of its redirects by the session's own methods."""
        first = response = await drive_call(
            self, self.call(request, allow_redirects=False, settings=settings)
        )
        history: list[Any] = [first]
        hops = self.resolve_redirects(first, first.request or request, **settings.given())
        async for response in hops:
            history.append(response)
        if response is not first:
            response.history = response.history or history[:-1]
        return response

    async def resolve_redirects(
        self,
        resp: AsyncResponse,
        req: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
        yield_requests: bool = False,
        **adapter_kwargs: Any,
    ) -> AsyncIterator[Any]:
        """Follow the redirects of a response in hand.

        Args:
            resp: The response; it is drained when the next one is asked for.
            req: The request that it answers.
            stream: Whether content is left for you to read.
            timeout: As in ``request``, as the next three.
            verify: What is trusted.
            cert: A client certificate.
            proxies: Proxy URLs by scheme.
            yield_requests: Give the request that comes next, and send nothing.
            adapter_kwargs: For mounted adapters whose ``send`` takes more.

        Yields:
            The response of each further hop.
        """
        settings = self.settings_for(
            timeout=timeout,
            stream=stream,
            verify=verify,
            cert=cert,
            proxies=proxies,
            **adapter_kwargs,
        )
        nested = self._sends_by_an_override()
        self.set_clock(clock(), time.time())
        call = Call(self, req, settings=settings, nested=nested)
        if yield_requests:
            following = call.peek(resp)
            if following is not None:
                yield following
            return
        async for response in drive_hops(self, call, resp):
            if not stream and not response.is_redirect:
                await response.read()
            yield response

    def transmit(self, command: Send, *, nested: bool = False) -> Awaitable[AsyncResponse]:
        """Carry out a ``Send``: by the adapter that is mounted for its URL.

        Args:
            command: What to send, and how.
            nested: Whether it goes out by the session's own ``send``, which is overridden.
        """
        request, settings = command.request, command.settings
        if nested:
            return self.send(request, allow_redirects=False, **settings.given())
        adapter = self.get_adapter(request.url or "")
        if isinstance(adapter, AsyncHTTPAdapter) and adapter.carries(settings):
            return adapter.carry(command)
        return self._send_by(adapter, command)

    async def _send_by(self, adapter: Any, command: Send) -> AsyncResponse:
        request = command.request
        request.sending = command
        try:
            response: AsyncResponse = await adapter.send(request, **command.settings.given())
        finally:
            request.sending = None
        return response

    async def run_hooks(self, response: AsyncResponse, call: Call) -> AsyncResponse:
        """Show a response to the request's hooks; each may put another in its place.

        A hook may be a plain function or one that is awaited.
        """
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
            if inspect.isawaitable(made):
                made = await made
            if made is not None and made is not response:
                await response.close()
                response = made
        return response

    # --- ending ---------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close idle connections. Responses in use can be read on; theirs are closed after."""
        for adapter in self.adapters.values():
            await adapter.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


# As they are here, whoever puts others in their place later.
_SEND: Final = AsyncSession.send
_RESOLVE_REDIRECTS: Final = AsyncSession.resolve_redirects
