"""The session: Requests' ``Session`` without the I/O.

It holds the settings that requests are prepared with, and the methods that prepare them. A binding
derives its own class from it and adds the verbs; what an override changes here, it changes in every
binding. Nothing here waits, and nothing reads a clock, a file or the environment: the binding says
what time it is (``set_clock``).
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final, cast

from .auth import HTTPBasicAuth
from .call import Call
from .coding import accept_encoding
from .cookies import CookieJar, cookies_from
from .decision import Decision
from .errors import InvalidSchema, RequestException
from .fields import Fields, check_field, cut
from .hooks import Hooks, default_hooks
from .limits import DEFAULT_LIMITS, Limits
from .merge import merge_hooks, merge_setting
from .policy import DEFAULT_POLICY, Policy
from .rebuilding import RedirectRules
from .request import PreparedRequest, Request
from .settings import SendSettings
from .timeouts import DEFAULT_TIMEOUTS, UNSET, Timeouts, timeouts_from
from .version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from .fields import FieldLine

DEFAULT_REDIRECT_LIMIT: Final = 30


def default_user_agent(name: str = "sojourn") -> str:
    """The User-Agent that is sent if nothing else is said."""
    return f"{name}/{__version__}"


def default_headers() -> Fields:
    """The fields that a session sends if nothing else is said."""
    return Fields(
        [
            ("User-Agent", default_user_agent()),
            ("Accept-Encoding", accept_encoding()),
            ("Accept", "*/*"),
            ("Connection", "keep-alive"),
        ]
    )


class Session(RedirectRules):
    """Settings shared by requests, and how they are prepared.

    Args:
        policy: The choices on which clients differ.
        limits: What a peer may send.
        timeout: For calls that say nothing of time; in any of the forms that they take.
        guard: A lock, if the session is used from several threads. It is held for steps on the
            jar only, never across a hook or an override.

    Attributes:
        headers: Sent with each request; a request's own win, and None removes one.
        auth: ``(user, password)`` or a callable on the prepared request.
        proxies: Proxy URLs by scheme.
        hooks: Functions that see each response.
        params: Added to the query of each URL.
        stream: Whether content is read later, by the caller.
        verify: True, False, the path of a CA bundle, or an ``ssl.SSLContext``.
        cert: A client certificate.
        max_redirects: How many redirects one call follows.
        trust_env: Whether the environment may say something.
        cookies: The jar.
        adapters: Transports by URL prefix, the longest first.
    """

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
        "policy",
        "limits",
        "timeouts",
    ]

    def __init__(
        self,
        *,
        policy: Policy | None = None,
        limits: Limits | None = None,
        timeout: Any = DEFAULT_TIMEOUTS,
        guard: AbstractContextManager[Any] | None = None,
    ) -> None:
        self.policy: Policy = DEFAULT_POLICY if policy is None else policy
        self.limits: Limits = DEFAULT_LIMITS if limits is None else limits
        self.timeouts: Timeouts = timeouts_from(timeout, DEFAULT_TIMEOUTS)
        self.headers: Any = default_headers()
        self.auth: Any = None
        self.proxies: Any = {}
        self.hooks: Hooks = default_hooks()
        self.params: Any = {}
        self.stream: bool = False
        self.verify: Any = True
        self.cert: Any = None
        self.max_redirects: int = DEFAULT_REDIRECT_LIMIT
        self.trust_env: bool = True
        self.cookies: Any = CookieJar(limits=self.limits)
        self.adapters: OrderedDict[str, Any] = OrderedDict()
        self.guard: AbstractContextManager[Any] = nullcontext() if guard is None else guard
        self._wall_offset = 0.0
        self._wall = 0.0
        self._checked: tuple[list[FieldLine], Fields] | None = None
        self._settled: tuple[Any, Any, Any, Any, SendSettings] | None = None

    # --- time -----------------------------------------------------------------------------------

    def set_clock(self, now: float, wall: float) -> None:
        """Say what time it is: monotonic seconds, and seconds since 1970 at that moment."""
        self._wall = wall
        self._wall_offset = wall - now

    def wall_at(self, now: float) -> float:
        """Seconds since 1970 at ``now``."""
        return now + self._wall_offset

    # --- preparing ------------------------------------------------------------------------------

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Merge the session's settings into a request.

        Headers, params and auth are merged by ``merge_setting``, hooks by ``merge_hooks``; cookies
        are the jar's for this URL and the request's own, which replace those of the same name.

        Raises:
            RequestException: If it cannot be sent as it is; the error's ``request`` is ``request``.
        """
        prepared = PreparedRequest()
        try:
            prepared.prepare_method(request.method)
            params = request.params
            if self.params:
                params = merge_setting(params, self.params)
            prepared.prepare_url(request.url, params or None)
            prepared.headers = self._merged_headers(request.headers)
            self._prepare_cookies(prepared, request.cookies)
            if request.data or request.files or request.json is not None:
                prepared.prepare_body(request.data, request.files, request.json)
            elif prepared.method not in ("GET", "HEAD"):
                prepared.prepare_content_length(None)
            self._prepare_auth(prepared, request)
            if request.hooks.get("response") or self.hooks.get("response"):
                prepared.prepare_hooks(merge_hooks(request.hooks, self.hooks))
        except RequestException as error:
            error.request = error.request or request
            raise
        return prepared

    def _merged_headers(self, given: Any) -> Fields:
        merged = self._checked_headers().copy()
        if not given:
            return merged
        removed: set[str] = set()
        replaced: set[str] = set()
        pairs: Any = given.lines if isinstance(given, Fields) else None
        if pairs is None:
            pairs = given.items() if hasattr(given, "items") else given
        for name, value in pairs:
            if value is None:
                removed.add(
                    name.lower() if isinstance(name, str) else name.decode("latin-1").lower()
                )
                continue
            field_name, field_value = check_field(name, value)
            lowered = field_name.lower()
            if lowered in replaced:  # A second line of the request's own.
                merged.add(field_name, field_value)
            else:
                merged[field_name] = field_value
                replaced.add(lowered)
        for name in removed:
            merged.discard(name)
        return merged

    def _checked_headers(self) -> Fields:
        """The session's own lines, checked; anew only when they have changed."""
        headers = self.headers
        if not isinstance(headers, Fields):
            headers = Fields(headers)
        lines = headers.lines
        known = self._checked
        if known is not None and known[0] == lines:
            return known[1]
        checked = Fields.from_lines([check_field(name, value) for name, value in lines])
        checked.by_name()  # Each copy takes the index along.
        self._checked = (lines.copy(), checked)
        return checked

    def _prepare_cookies(self, prepared: PreparedRequest, given: Any) -> None:
        if not given and not self.cookies:
            return
        if "cookie" in prepared.headers:
            if given:
                prepared.prepare_cookies(given)
            return
        if given:
            prepared.cookies = cookies_from(given)
        self.set_cookies(prepared, self._wall, unscoped=True)

    def set_cookies(self, prepared: PreparedRequest, wall: float, *, unscoped: bool) -> None:
        """Make the Cookie field of a request from the jar and from the request's own cookies.

        Args:
            prepared: A request that has no Cookie field of its own.
            wall: Seconds since 1970.
            unscoped: Whether cookies that were set without a domain may go along: only to the
                origin that the caller asked for.
        """
        url = prepared.parsed_url
        own = prepared.cookies if unscoped else None
        with self.guard:
            if own is None:
                field = self.cookies.cookie_field(url, wall, unscoped=unscoped)
            else:
                merged = own.retrieve(url, wall)
                names = {cookie.name for cookie in merged}
                kept = self.cookies.retrieve(url, wall, unscoped=unscoped)
                sent = [cookie for cookie in kept if cookie.name not in names] + merged
                field = "; ".join(cookie.pair for cookie in sent) or None
        prepared.set_jar_field(field)
        if field is not None:
            prepared.decided(
                Decision(
                    code="cookie.sent",
                    subject="Cookie",
                    reason=f"{field.count(';') + 1} of the jar's cookies fit this URL",
                    section="RFC 6265bis 5.8.3",
                )
            )

    def _prepare_auth(self, prepared: PreparedRequest, request: Request) -> None:
        auth = request.auth if request.auth is not None else self.auth
        if auth is None:
            userinfo = prepared.userinfo
            if userinfo is None or not any(userinfo):
                return
            auth, source = userinfo, "the user info of the URL"
        else:
            source = "the request" if request.auth is not None else "the session"
        if "authorization" in prepared.headers:
            return
        self.apply_auth(prepared, auth, source)

    def apply_auth(self, prepared: PreparedRequest, auth: Any, source: str) -> None:
        """Set credentials on a request, and note where they come from."""
        applied: Any = auth
        if isinstance(auth, tuple):
            pair = cast("Sequence[Any]", auth)
            if len(pair) == 2:
                applied = HTTPBasicAuth(*pair, charset=self.policy.basic_charset)
        if not callable(applied):
            raise TypeError(
                f"auth must be (user, password) or a callable, not {type(applied).__name__}"
            )
        prepared.apply_auth(applied)
        if "authorization" in prepared.headers:
            prepared.decided(
                Decision(
                    code="auth.added",
                    subject="Authorization",
                    reason=f"credentials come from {source}",
                    section="RFC 9110 11.6.2",
                    after=str(prepared.parsed_url.origin),
                )
            )

    # --- settings for the wire ------------------------------------------------------------------

    def merge_environment_settings(
        self, url: str, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> dict[str, Any]:
        """The settings of a call for the wire: its own, else the session's."""
        return {
            "proxies": merge_setting(dict(proxies or {}), self.proxies, dict)
            if proxies or self.proxies
            else {},
            "stream": self.stream if stream is None else stream,
            "verify": self.verify if verify is None else verify,
            "cert": self.cert if cert is None else cert,
        }

    def settings_for(
        self,
        *,
        timeout: Any = UNSET,
        stream: Any = None,
        verify: Any = None,
        cert: Any = None,
        proxies: Any = None,
    ) -> SendSettings:
        """The same as a value, with the timeouts of the call.

        Raises:
            ValueError: For a timeout in none of the forms that there are.
        """
        if proxies is None:
            proxies = self.proxies
        timeouts = timeouts_from(timeout, self.timeouts)
        timeout = None if timeout is UNSET else timeout
        stream = self.stream if stream is None else bool(stream)
        verify = self.verify if verify is None else verify
        cert = self.cert if cert is None else cert
        known = self._settled  # Most calls of a session are made under the same settings.
        if (
            known is not None
            and not proxies
            and known[0] is timeouts
            and known[1] is stream
            and known[2] is verify
            and known[3] is cert
            and known[4].timeout is timeout
        ):
            return known[4]
        settings = SendSettings(
            timeouts=timeouts,
            timeout=timeout,
            stream=stream,
            verify=verify,
            cert=cert,
            proxies=dict(proxies or ()),  # A value of its own: the caller's may change.
        )
        if not proxies:
            self._settled = (timeouts, stream, verify, cert, settings)
        return settings

    def call(
        self,
        request: Request | PreparedRequest,
        *,
        allow_redirects: bool = True,
        settings: SendSettings | None = None,
    ) -> Call:
        """A call of a request: the machine that a binding drives."""
        prepared = self.prepare_request(request) if isinstance(request, Request) else request
        if settings is None:
            settings = self.settings_for()
        try:
            return Call(self, prepared, settings=settings, allow_redirects=allow_redirects)
        except RequestException as error:
            error.request = error.request or prepared
            raise

    # --- transports -----------------------------------------------------------------------------

    def mount(self, prefix: str, adapter: Any) -> None:
        """Use this transport for URLs that start with ``prefix``; the longest prefix wins."""
        self.adapters[prefix] = adapter
        for shorter in [known for known in self.adapters if len(known) < len(prefix)]:
            self.adapters[shorter] = self.adapters.pop(shorter)

    def get_adapter(self, url: str) -> Any:
        """The transport for a URL.

        Raises:
            InvalidSchema: If none is mounted for it.
        """
        lowered = url.lower()
        for prefix, adapter in self.adapters.items():
            if lowered.startswith(prefix.lower()):
                return adapter
        raise InvalidSchema(f"no transport is mounted for {cut(url.partition(':')[0])} URLs")

    # --- state ----------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        return {attribute: getattr(self, attribute, None) for attribute in self.__attrs__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__()  # type: ignore[misc]  # A subclass that needs arguments has its own.
        for attribute, value in state.items():
            setattr(self, attribute, value)
