"""The session for asyncio: the core's, with verbs to await."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

from sojourn.shared.session_base import LocalSession
from sojourn.shared.verbs import Verbs
from sojourn_core.messages.adapter_send import Lent
from sojourn_core.messages.request import Request
from sojourn_core.values.timeouts import UNSET

from .adapter import AsyncHTTPAdapter
from .call_driver import drive_call, drive_hops

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Coroutine  # noqa: F401 - see the base
    from types import TracebackType

    from sojourn_core.commands import Send
    from sojourn_core.exchange.pool import PoolLimits
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.limits import Limits

    from .response import AsyncResponse


class AsyncSession(Verbs["Coroutine[Any, Any, AsyncResponse]"], LocalSession):
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
        request = Request(method, url, headers, files, data, params, auth, cookies, hooks, json)
        prepared, settings = self.prepare_call(request, proxies, stream, verify, cert)
        return await self.send(
            prepared, timeout=timeout, allow_redirects=allow_redirects, **settings
        )

    # --- sending --------------------------------------------------------------------------------

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
        call = self.begin_call(
            request,
            allow_redirects=allow_redirects,
            timeout=timeout,
            stream=stream,
            verify=verify,
            cert=cert,
            proxies=proxies,
            **adapter_arguments,
        )
        return await drive_call(self, call)

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
        call = self.resume_call(
            req,
            stream=stream,
            timeout=timeout,
            verify=verify,
            cert=cert,
            proxies=proxies,
            **adapter_kwargs,
        )
        if yield_requests:
            following = call.preview(resp)
            if following is not None:
                yield following
            return
        async for response in drive_hops(self, call, resp):
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
        with Lent(command) as lent:
            answer = await adapter.send(lent.copy, **command.settings.given())
            response: AsyncResponse = lent.named(answer)
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


AsyncSession.remember_methods()
