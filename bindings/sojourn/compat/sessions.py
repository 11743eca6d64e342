"""The session under Requests' name, with Requests' policy, jar, fields and transports."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from sojourn.local.environment import read_environment
from sojourn.local.locks import new_reentrant_lock
from sojourn.local.netrc_files import read_netrc_as_python, with_passwords
from sojourn.shared.session_methods import SessionMethods
from sojourn_core.rules.merge import merge_hooks, merge_setting
from sojourn_core.rules.policy import Policy
from sojourn_core.values.errors import pairs_in
from sojourn_core.values.fields import Fields, as_text, check_field
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.netrc import Netrc
from sojourn_core.values.record import replace
from sojourn_core.values.timeouts import UNSET
from sojourn_core.values.url.shown import shown_text

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
)
from .prepared import shown_whole_url
from .redirects_by_hand import RedirectsByHand
from .status_codes import codes
from .structures import CaseInsensitiveDict, Sent, has_text_names, in_fields
from .their import tell_timeout, timeouts_of
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

    from sojourn_core.call.call import Call
    from sojourn_core.messages.arguments import JSON, Params, URLInput
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.values.environment import Environment
    from sojourn_core.values.fields import FieldLine

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
else:
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
_get_netrc_auth: Final = get_netrc_auth


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
        """Follow the redirects of a response, by ``send`` and the methods of this class."""
        from .standing import session_of

        settings = (stream, timeout, verify, cert, proxies, yield_requests)
        return session_of(self, Session).resolve_redirects(resp, req, *settings, **adapter_kwargs)


class Session(RedirectsByHand, SessionRedirectMixin):
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
        super(SessionMethods, self).__init__(limits=DEFAULT_LIMITS, guard=new_reentrant_lock())  # type: ignore[misc]
        self.headers = default_headers()
        self.hooks = default_hooks()
        self.mount("https://", HTTPAdapter())
        self.mount("http://", HTTPAdapter())

    def new_jar(self) -> Any:
        """Return an empty jar, as a new session has."""
        return cookiejar_from_dict({})

    def _shown_url(self, url: str) -> str:
        """Return a URL as messages show it: the whole, as Requests does, if it is not too large."""
        return shown_whole_url(url) if len(url) <= self.limits.url_size_max else shown_text(url)

    def _begin_anew(self) -> None:
        Session.__init__(self)

    def read_environment(self) -> Environment:
        """Return the environment as it is now, its netrc as Python's ``netrc`` reads it.

        An entry without a password sends nothing all the same.
        """
        ours = read_environment()
        if get_netrc_auth is not _get_netrc_auth:
            return replace(ours, netrc=Netrc())  # Not empty for ``_look_up``.
        if ours.netrc is None:
            return ours
        netrc, known = read_netrc_as_python(), self._read_as_python
        if known is None or known[0] is not ours or known[1] is not netrc:
            sendable = None if netrc is None else with_passwords(netrc, ours.netrc)
            known = self._read_as_python = (ours, netrc, replace(ours, netrc=sendable))
        return known[2]

    def _look_up(self, netrc: Any, prepared: Any, login: str | None = None) -> Any:
        """Return what netrc has for a request: as the function here says that a test has put here.

        Tests put one in the place of this module's ``get_netrc_auth``, which Requests calls.
        """
        if netrc is not None and get_netrc_auth is not _get_netrc_auth:
            return get_netrc_auth(prepared.url)
        found: Any = super()
        return found._look_up(netrc, prepared, login)

    def settings_for(self, *, timeout: Any = UNSET, **given: Any) -> SendSettings:
        """Return the settings of a call as a value; its timeout may be urllib3's ``Timeout``."""
        if not hasattr(timeout, "_connect"):
            try:
                return super().settings_for(timeout=timeout, **given)
            except ValueError as error:
                tell_timeout(error, timeout)
                raise
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

    def _merge_headers(self, merged: Any, given: Any) -> None:
        """Merge the request's own fields into the session's; of equal names the last counts."""
        pairs = [(as_text(name), value) for name, value in pairs_in("headers", given)]
        fields: Any = CaseInsensitiveDict(pairs)
        for name, value in fields.items():
            if value is None:
                merged.pop(name, None)
            else:
                merged[check_field(name, value)[0]] = value

    def _checked_line(self, name: str, value: Any) -> FieldLine:
        given = value.given if isinstance(value, Sent) else value
        return check_field(name, given)[0], value

    def resume_call(self, request: PreparedRequest, **given: Any) -> Call:
        """Return a call that goes on from a response in hand."""
        return super().resume_call(_with_fields(request), **given)

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
            method=method.upper() if isinstance(method, (str, bytes)) else method,  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
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
        calls: Any = self
        prepared, settings = calls.prepare_call(request, proxies or {}, stream, verify, cert)
        return self.send(prepared, timeout=timeout, allow_redirects=allow_redirects, **settings)

    def send(self, request: Any, **kwargs: Any) -> Response:
        """Send a prepared request; the arguments are those of Requests.

        Its ``headers`` may be any mapping: each pair is a line. Each redirect that was met after
        the first response knows the request that followed it.
        """
        sent = _with_fields(request)
        response: Any = super().send(sent, **kwargs)
        hops: list[Any] = [*response.history, response]
        if sent is not request:
            for hop in hops:
                if hop.request is sent:
                    hop.request = request
        for hop, after in pairwise(hops[1:]):
            hop._next = after.request
        if len(hops) == 1 and kwargs.get("allow_redirects") is False:
            self.foresee(response, sent, kwargs)
        answer: Response = response
        return answer

    def get(self, url: URLInput, params: Params = None, **kwargs: Unpack[GetArguments]) -> Response:
        """Send a GET request."""
        kwargs.setdefault("allow_redirects", True)
        return self.request("GET", url, params=params, **kwargs)

    def options(self, url: URLInput, **kwargs: Unpack[RequestArguments]) -> Response:
        """Send an OPTIONS request."""
        kwargs.setdefault("allow_redirects", True)
        return self.request("OPTIONS", url, **kwargs)


def _with_fields(request: Any) -> Any:
    """Return a prepared request; a copy of it, if its ``headers`` are of another kind.

    So are they if a name in them is bytes, which no rule for a field would find.
    """
    given = getattr(request, "headers", None)
    if given is None or not isinstance(request, PreparedRequest):
        return request
    if isinstance(given, Fields) and has_text_names(given):
        return request
    made = request.copy()
    made.headers = in_fields(given)
    return made


_session: Any = Session
_session.remember_methods()


def session() -> Session:
    """Make a session, as older programs do."""
    return Session()


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
