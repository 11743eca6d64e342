"""The session under Requests' name, with Requests' policy, jar, fields and transports."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from sojourn.local.environment import read_environment
from sojourn.local.netrc_files import read_netrc_as_python, with_passwords
from sojourn.shared.session_methods import SessionMethods
from sojourn_core.rules.merge import merge_hooks, merge_setting
from sojourn_core.rules.policy import Policy
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.timeouts import UNSET

from .adapters import HTTPAdapter
from .auth import _basic_auth_str  # pyright: ignore[reportPrivateUsage] - Requests has it here too
from .borrowed import borrowed
from .compat import cookielib, urljoin, urlparse
from .cookies import (
    RequestsCookieJar,
    cookiejar_from_dict,
    extract_cookies_to_jar,
    merge_cookies,
)
from .exceptions import (
    ChunkedEncodingError,
    ContentDecodingError,
    InvalidSchema,
    RequestException,
    TooManyRedirects,
)
from .hooks import default_hooks, dispatch_hook
from .models import (
    DEFAULT_REDIRECT_LIMIT,
    REDIRECT_STATI,
    PreparedRequest,
    Request,
    Response,
    shown_whole_url,
)
from .status_codes import codes
from .structures import CaseInsensitiveDict
from .their import timeouts_of
from .utils import (
    DEFAULT_PORTS,
    default_headers,
    get_auth_from_url,
    get_environ_proxies,
    get_netrc_auth,
    requote_uri,
    resolve_proxies,
    rewind_body,
    should_bypass_proxies,
    to_key_val_list,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Unpack

    from sojourn_core.messages.arguments import JSON, Params, URLInput
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.values.environment import Environment
    from sojourn_core.values.netrc import Netrc

    from .arguments import (
        Auth,
        Cert,
        Cookies,
        Data,
        Files,
        GetArguments,
        Headers,
        Hooks,
        Proxies,
        RequestArguments,
        Timeout,
        Verify,
    )
    from .session_types import RedirectTypes as RedirectRules
    from .session_types import SessionTypes as SyncSession
else:
    from sojourn.sync.session import Session as SyncSession
    from sojourn_core.call.redirect_methods import RedirectRules

__all__ = [
    "DEFAULT_PORTS",
    "DEFAULT_REDIRECT_LIMIT",
    "REDIRECT_STATI",
    "CaseInsensitiveDict",
    "ChunkedEncodingError",
    "ContentDecodingError",
    "HTTPAdapter",
    "InvalidSchema",
    "OrderedDict",
    "PreparedRequest",
    "Request",
    "RequestsCookieJar",
    "Response",
    "Session",
    "SessionRedirectMixin",
    "TooManyRedirects",
    "_basic_auth_str",
    "codes",
    "cookiejar_from_dict",
    "cookielib",
    "default_headers",
    "default_hooks",
    "dispatch_hook",
    "extract_cookies_to_jar",
    "get_auth_from_url",
    "get_environ_proxies",
    "get_netrc_auth",
    "merge_cookies",
    "merge_hooks",
    "merge_setting",
    "requote_uri",
    "resolve_proxies",
    "rewind_body",
    "session",
    "should_bypass_proxies",
    "to_key_val_list",
    "urljoin",
    "urlparse",
]

POLICY: Final = Policy.requests()
_SETTINGS: Final = ("stream", "verify", "cert", "proxies")


class SessionRedirectMixin(RedirectRules):
    """The methods that decide a redirect; a session overrides the two that send."""

    policy = POLICY

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """Send a prepared request."""
        raise NotImplementedError

    def resolve_redirects(
        self,
        resp: Response,
        req: PreparedRequest,
        stream: bool = False,
        timeout: Timeout = None,
        verify: Verify = True,
        cert: Cert = None,
        proxies: Proxies = None,
        yield_requests: bool = False,
        **adapter_kwargs: Any,
    ) -> Generator[Response, None, None]:
        """Follow the redirects of a response."""
        raise NotImplementedError


class Session(SyncSession, SessionRedirectMixin):
    """Requests' session: its attributes, its defaults and its accidents.

    ``Policy.requests`` names the accidents, and those that are mended all the same.
    """

    request_class = PreparedRequest
    _read_as_python: tuple[Environment, Netrc | None, Environment] | None = None
    default_policy = POLICY

    __attrs__ = [  # noqa: RUF012 - Requests' own name, which subclasses extend
        "headers",
        "cookies",
        "auth",
        "proxies",
        "hooks",
        "params",
        "verify",
        "cert",
        "adapters",
        "stream",
        "trust_env",
        "max_redirects",
    ]

    def __init__(self) -> None:
        # The constructor of the blocking binding is left out: it mounts other transports.
        super(SessionMethods, self).__init__(limits=DEFAULT_LIMITS, guard=threading.RLock())  # type: ignore[misc]
        self.headers = default_headers()
        self.hooks = default_hooks()
        self.mount("https://", HTTPAdapter())
        self.mount("http://", HTTPAdapter())

    def new_jar(self) -> Any:
        """Return an empty jar, as a new session has."""
        return cookiejar_from_dict({})

    def _shown_url(self, url: str) -> str:
        """Return a URL as messages show it: the whole, as Requests does."""
        return shown_whole_url(url)

    def _begin_anew(self) -> None:
        Session.__init__(self)

    def read_environment(self) -> Environment:
        """Return the environment as it is now, its netrc as Python's ``netrc`` reads it.

        An entry without a password sends nothing all the same.
        """
        ours = read_environment()
        if ours.netrc is None:
            return ours
        netrc, known = read_netrc_as_python(), self._read_as_python
        if known is None or known[0] is not ours or known[1] is not netrc:
            sendable = None if netrc is None else with_passwords(netrc, ours.netrc)
            known = self._read_as_python = (ours, netrc, replace(ours, netrc=sendable))
        return known[2]

    def settings_for(self, *, timeout: Any = UNSET, **given: Any) -> SendSettings:
        """Return the settings of a call as a value; its timeout may be urllib3's ``Timeout``."""
        if not hasattr(timeout, "_connect"):
            return super().settings_for(timeout=timeout, **given)
        settings = super().settings_for(timeout=None, **given)
        return replace(settings, timeouts=timeouts_of(timeout), timeout=timeout)

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Merge the session's settings into a request; the result has a jar of its own."""
        try:
            prepared: PreparedRequest = super().prepare_request(request)
        except RequestException as error:
            if error.request is request:
                error.request = None  # Requests knows of none before it is prepared.
            raise
        if prepared.cookies is None:  # Digest's hook stores cookies there.
            prepared.cookies = RequestsCookieJar()  # type: ignore[assignment]
        return prepared

    def request(
        self,
        method: str,
        url: URLInput,
        params: Params = None,
        data: Data = None,
        headers: Headers = None,
        cookies: Cookies = None,
        files: Files = None,
        auth: Auth = None,
        timeout: Timeout = None,
        allow_redirects: bool = True,
        proxies: Proxies = None,
        hooks: Hooks | None = None,
        stream: bool | None = None,
        verify: Verify | None = None,
        cert: Cert = None,
        json: JSON = None,
    ) -> Response:
        """Make a request and return its response; the arguments are those of Requests.

        Without a ``timeout`` it waits without end, as Requests does.
        """
        request = Request(
            method=method.upper(),
            url=url,
            headers=headers,
            files=files,
            data=data or {},
            json=json,
            params=params or {},
            auth=auth,
            cookies=cookies,
            hooks=hooks,
        )
        prepared = self.prepare_request(request)
        settings = self.merge_environment_settings(
            prepared.url or "", proxies or {}, stream, verify, cert
        )
        return self.send(prepared, timeout=timeout, allow_redirects=allow_redirects, **settings)

    def send(self, request: Any, **kwargs: Any) -> Response:
        """Send a prepared request; the arguments are those of Requests.

        Each redirect that was met after the first response knows the request that followed it.
        """
        response: Any = super().send(request, **kwargs)
        if response.history:
            hops = [*response.history, response]
            for hop, after in pairwise(hops[1:]):
                hop._next = after.request
        elif kwargs.get("allow_redirects") is False:
            self._foresee(response, request, kwargs)
        sent: Response = response
        return sent

    def resolve_redirects(
        self,
        resp: Any,
        req: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
        yield_requests: bool = False,
        **adapter_kwargs: Any,
    ) -> Generator[Any, None, None]:
        """Follow the redirects of a response, as Requests does.

        A response has its history once the next one is asked for, and the last one has none. With
        ``yield_requests`` nothing is sent, so there is no end: the same request comes again, until
        they are too many.
        """
        given = {
            "stream": stream,
            "timeout": timeout,
            "verify": verify,
            "cert": cert,
            "proxies": proxies,
            **adapter_kwargs,
        }
        if yield_requests:
            return self._following_requests(resp, req, given)
        return self._following_responses(resp, req, given)

    def _following_responses(
        self, resp: Any, req: Any, given: dict[str, Any]
    ) -> Generator[Any, None, None]:
        resp.history = []
        hop: Any
        for hop in super().resolve_redirects(resp, req, **given):
            history, hop.history = hop.history, []
            self._foresee(hop, hop.request, given)
            yield hop
            if hop.is_redirect:
                hop.history = history

    def _following_requests(
        self, resp: Any, req: Any, given: dict[str, Any]
    ) -> Generator[Any, None, None]:
        history: list[Any] = []
        while True:
            found = list(super().resolve_redirects(resp, req, yield_requests=True, **given))
            if not found:
                return
            resp.history = history[:]
            history.append(resp)
            if len(history) > self.max_redirects:
                said = f"Exceeded {self.max_redirects} redirects."
                raise TooManyRedirects(said, response=resp)
            req = found[0]
            yield req

    def _foresee(self, response: Any, request: Any, given: dict[str, Any]) -> None:
        """Prepare the request that a redirect leads to, by an override if there is one."""
        overridden = type(self).resolve_redirects is not Session.resolve_redirects
        if not (overridden or response.is_redirect):
            return
        settings = {name: given.get(name, getattr(self, name)) for name in _SETTINGS}
        settings |= {name: given[name] for name in given if name != "allow_redirects"}
        try:
            if overridden:
                hops = self.resolve_redirects(response, request, yield_requests=True, **settings)
            elif response.next is None:
                hops = super().resolve_redirects(response, request, yield_requests=True, **settings)
            else:
                return
            response._next = next(iter(hops), None)
        except RequestException:
            pass  # ``response.next`` raises it.

    def get(self, url: URLInput, params: Params = None, **kwargs: Unpack[GetArguments]) -> Response:
        """Send a GET request."""
        kwargs.setdefault("allow_redirects", True)
        return self.request("GET", url, params=params, **kwargs)

    def options(self, url: URLInput, **kwargs: Unpack[RequestArguments]) -> Response:
        """Send an OPTIONS request."""
        kwargs.setdefault("allow_redirects", True)
        return self.request("OPTIONS", url, **kwargs)


_session: Any = Session
_session.remember_methods()


def session() -> Session:
    """Make a session, as older programs do."""
    return Session()


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
