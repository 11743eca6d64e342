"""The methods of a session that send: arguments, documentation and rules of both bindings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Generic

from sojourn.local.locks import new_reentrant_lock
from sojourn_core.messages.request import Request
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.timeouts import UNSET
from sojourn_core.values.url.url import SCHEME

from .call_driver import Answer_co, Hops_co, course, previewed
from .session_base import LocalSession
from .verbs import ResponseT, Verbs

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.call.call import Call
    from sojourn_core.commands import Send
    from sojourn_core.exchange.pool import PoolLimits
    from sojourn_core.messages.arguments import (
        JSON,
        Auth,
        Cert,
        Cookies,
        Data,
        Files,
        Headers,
        HedgeInput,
        Hooks,
        Params,
        Proxies,
        RetryInput,
        Timeout,
        URLInput,
        Verify,
    )
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.policy import Policy
    from sojourn_core.rules.rate_limit import RateLimit
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.route import SocketSettings
    from sojourn_core.values.timeouts import Unset

    from .adapter_base import AdapterBase
    from .addresses import Resolver
    from .call_driver import Ways


class SessionMethods(
    Verbs[Answer_co, ResponseT], LocalSession, Generic[Answer_co, Hops_co, ResponseT]
):
    """A session without its binding, which says how it sends.

    Attributes:
        adapter_class: The transport that is mounted for http and https.
    """

    adapter_class: type[AdapterBase[Answer_co]]
    _ways: Ways[Answer_co, Hops_co]

    def __init__(
        self,
        *,
        policy: Policy | None = None,
        limits: Limits | None = None,
        timeout: Timeout = UNSET,
        pool: PoolLimits | None = None,
        resolver: Resolver | None = None,
        retries: RetryInput = None,
        limit: RateLimit | str | None = None,
        socket: SocketSettings | None = None,
        hedge: HedgeInput = None,
    ) -> None:
        # With asyncio one loop sends, but any thread may have a hand in the jar.
        super().__init__(policy=policy, limits=limits, timeout=timeout, guard=new_reentrant_lock())
        given: dict[str, Any] = {} if resolver is None else {"resolver": resolver}
        if socket is not None:
            given["socket"] = socket
        adapter = self.adapter_class(pool=pool, limits=self.limits, **given)
        if retries is not None:
            self.retries = retries
        if limit is not None:
            self.limit = limit
        if hedge is not None:
            self.hedge = hedge
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def _begin_anew(self) -> None:
        kind: Any = SessionMethods  # Not the class of the session, which may take arguments.
        kind.__init__(self)

    # --- sending --------------------------------------------------------------------------------

    def request(
        self,
        method: str,
        url: URLInput,
        params: Params = None,
        data: Data = None,
        headers: Headers = None,
        cookies: Cookies = None,
        files: Files = None,
        auth: Auth[PreparedRequest] = None,
        timeout: Timeout = UNSET,
        allow_redirects: bool = True,
        proxies: Proxies = None,
        hooks: Hooks[ResponseT] | None = None,
        stream: bool | None = None,
        verify: Verify | None = None,
        cert: Cert = None,
        json: JSON = None,
        retries: RetryInput | Unset = UNSET,
        hedge: HedgeInput | Unset = UNSET,
    ) -> Answer_co:
        """Make a request and return its response.

        Args:
            method: Any method token.
            url: An http or https URL.
            params: Added to the query: a mapping, pairs, or text.
            data: Content: a form (a mapping or pairs), text, bytes, a file, or an iterator; with
                asyncio also an asynchronous one. If the iterator raises, its own error reaches the
                caller, the same object with its message.
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
            retries: How often, or by which ``RetryPolicy``, the request is sent again if it fails;
                None or 0 for never. As the session says, if nothing is said.
            hedge: After how many seconds, or by which ``HedgePolicy``, the request is sent a
                second time for the first answer; None for never. As the session says, if nothing
                is said.

        Raises:
            RequestException: Whatever goes wrong; see ``sojourn.exceptions``.
        """
        if isinstance(url, str) and len(url) > DEFAULT_LIMITS.url_size_max and SCHEME.match(url):
            self.get_adapter(url)  # It is not copied, as reading it would, if nobody takes it.
        request = Request(method, url, headers, files, data, params, auth, cookies, hooks, json)
        kind: Any = type(self)
        own, given = self.own_methods, self.__dict__
        if (
            kind.send is own["send"]
            and kind.merge_environment_settings is own["merge_environment_settings"]
            and "send" not in given
            and "merge_environment_settings" not in given
        ):  # Nobody has to be asked between preparing and sending.
            begin = partial(
                self.open_call, request, timeout, allow_redirects, proxies, stream, verify, cert
            )
            if retries is not UNSET or hedge is not UNSET:
                begin = partial(_by_rules, begin, retries, hedge)
            return self._ways.run(course(self, self._ways, begin))
        named: dict[str, Any] = {} if retries is UNSET else {"retries": retries}
        if hedge is not UNSET:
            named["hedge"] = hedge
        return self._prepare_and_send(
            request,
            (proxies, stream, verify, cert),
            timeout=timeout,
            allow_redirects=allow_redirects,
            **named,
        )

    def _prepare_and_send(self, request: Request, asked: tuple[Any, ...], **sent: Any) -> Answer_co:
        """Prepare a request, and ``send`` it, which may be overridden.

        Args:
            request: What the caller wants to be sent.
            asked: Settings that the environment has a say in, as in ``prepare_call``.
            sent: Arguments of ``send`` besides.
        """
        raise NotImplementedError

    def send(
        self,
        request: PreparedRequest,
        *,
        timeout: Timeout = UNSET,
        allow_redirects: bool = True,
        stream: bool | None = None,
        verify: Verify | None = None,
        cert: Cert = None,
        proxies: Proxies = None,
        retries: RetryInput | Unset = UNSET,
        hedge: HedgeInput | Unset = UNSET,
        **adapter_arguments: Any,
    ) -> Answer_co:
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
            retries: As in ``request``.
            hedge: As in ``request``.
            adapter_arguments: For mounted adapters whose ``send`` takes more.

        Raises:
            ValueError: For a ``Request`` that was not prepared.
            RequestException: Whatever goes wrong.
        """
        begin = partial(
            self.begin_call,
            request,
            allow_redirects=allow_redirects,
            timeout=timeout,
            stream=stream,
            verify=verify,
            cert=cert,
            proxies=proxies,
            **adapter_arguments,
        )
        if retries is not UNSET or hedge is not UNSET:
            begin = partial(_by_rules, begin, retries, hedge)
        return self._ways.run(course(self, self._ways, begin))

    def resolve_redirects(
        self,
        resp: ResponseT,
        req: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
        yield_requests: bool = False,
        *,
        retries: RetryInput | Unset = UNSET,
        hedge: HedgeInput | Unset = UNSET,
        **adapter_kwargs: Any,
    ) -> Hops_co:
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
            retries: As in ``request``, for the further hops.
            hedge: As in ``request``, for the further hops.
            adapter_kwargs: For mounted adapters whose ``send`` takes more.

        Yields:
            The response of each further hop.
        """
        begin = partial(
            self.resume_call,
            req,
            stream=stream,
            timeout=timeout,
            verify=verify,
            cert=cert,
            proxies=proxies,
            **adapter_kwargs,
        )
        if retries is not UNSET or hedge is not UNSET:
            begin = partial(_by_rules, begin, retries, hedge)
        if yield_requests:
            return self._ways.hops(previewed(self._ways, begin, resp))
        return self._ways.hops(course(self, self._ways, begin, resp))

    def transmit(self, command: Send, *, nested: bool = False) -> Answer_co:
        """Carry out a ``Send``: by the adapter that is mounted for its URL.

        Args:
            command: What to send, and how.
            nested: Whether it goes out by the session's own ``send``, which is overridden.
        """
        request, settings = command.request, command.settings
        if nested:
            return self.send(request, allow_redirects=False, **settings.for_hops())
        adapter = self.get_adapter(request.url or "")
        own: Any = self.adapter_class
        if (
            isinstance(adapter, own)
            and adapter.__class__.send is own._own_send
            and "send" not in adapter.__dict__
            and not settings.adapter_arguments
        ):  # Nobody has overridden ``send``, or given it more than ``carry`` takes.
            answer: Answer_co = adapter.carry(command)
            return answer
        return self._lend(adapter, command)

    def _lend(self, adapter: Any, command: Send) -> Answer_co:
        """Have a transport of somebody's own send a copy of the request; see ``Lent``."""
        raise NotImplementedError


def _by_rules(begin: Callable[[], Call], retries: Any, hedge: Any) -> Call:
    """Begin a call that has retries, or a hedge, of its own, in place of those of its session.

    Raises:
        InvalidArgument: They are nothing that there is.
    """
    call = begin()
    if retries is not UNSET:
        call.retry_by(retries)
    if hedge is not UNSET:
        call.hedge_by(hedge)
    return call
