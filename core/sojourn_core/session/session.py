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
from warnings import warn

from sojourn_core.call.call import Call
from sojourn_core.call.redirect_methods import RedirectRules
from sojourn_core.messages.request import PreparedRequest, Request
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.cookies import CookieJar
from sojourn_core.rules.merge import add_hooks, merge_hooks, merge_setting
from sojourn_core.rules.policy import DEFAULT_POLICY, Policy
from sojourn_core.values.content.coding import accept_encoding
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import InvalidSchema, RequestException
from sojourn_core.values.fields import Fields, check_field
from sojourn_core.values.hooks import Hooks, default_hooks
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits
from sojourn_core.values.timeouts import UNSET, Timeouts, timeouts_from
from sojourn_core.values.url.refusals import shown_text
from sojourn_core.version import __version__

from .cookie_store import COOKIE_KEEPING, CookieKeeping
from .transport_settings import WireRules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.route import Proxy

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


class Session(WireRules, RedirectRules):
    """Settings shared by requests, and how they are prepared.

    Args:
        policy: The choices on which clients differ.
        limits: What a peer may send.
        timeout: For calls that say nothing of time, in any of the forms that they take; the
            policy's if it is not given.
        guard: A lock, if the session is used from several threads. It is held for steps on the
            jar only, never across a hook or an override.
        entropy: ``entropy(n)`` gives n random octets: for the boundaries of multipart content and
            the cnonce of Digest.

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

    request_class: type[PreparedRequest] = PreparedRequest

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
        timeout: Any = UNSET,
        guard: AbstractContextManager[Any] | None = None,
        entropy: Callable[[int], bytes] | None = None,
    ) -> None:
        self.policy: Policy = DEFAULT_POLICY if policy is None else policy
        self.limits: Limits = DEFAULT_LIMITS if limits is None else limits
        self.timeouts: Timeouts = timeouts_from(timeout, self.policy.timeouts)
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
        self.entropy: Callable[[int], bytes] | None = entropy
        self.wall = 0.0  # The latest, in seconds since 1970.
        self._wall_offset = 0.0
        self.proxy_flows: dict[Proxy, AuthFlow] = {}
        self._checked: tuple[list[FieldLine], Fields] | None = None
        self._settled = None

    # --- time -----------------------------------------------------------------------------------

    def set_clock(self, now: float, wall: float) -> None:
        """Say what time it is: monotonic seconds, and seconds since 1970 at that moment."""
        self.wall = wall
        self._wall_offset = wall - now

    def wall_at(self, now: float) -> float:
        """Seconds since 1970 at ``now``."""
        return now + self._wall_offset

    # --- preparing ------------------------------------------------------------------------------

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Merge the session's settings into a request.

        Headers and params are merged by ``merge_setting``, hooks by ``merge_hooks`` or
        ``add_hooks``; credentials and cookies are chosen as the policy says.

        Raises:
            RequestException: If it cannot be sent as it is; the error's ``request`` is ``request``.
        """
        prepared = self.request_class()
        policy = self.policy
        prepared.policy = policy
        prepared.entropy = self.entropy
        try:
            prepared.prepare_method(request.method)
            params = request.params
            if self.params:
                params = merge_setting(params, self.params)
            prepared.prepare_url(request.url, params or None)
            prepared.headers = self._merged_headers(request.headers)
            if request.cookies or self.cookies:
                self.keeping.prepare(self, prepared, request.cookies)
            if request.data or request.files or request.json is not None:
                prepared.prepare_body(request.data, request.files, request.json)
            elif prepared.method not in ("GET", "HEAD"):
                prepared.prepare_content_length(None)
            self._prepare_auth(prepared, request)
            if request.hooks.get("response") or self.hooks.get("response"):
                merge = add_hooks if policy.hooks_add_up else merge_hooks
                prepared.prepare_hooks(merge(request.hooks, self.hooks))
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
            pairs = headers.items() if hasattr(headers, "items") else headers
            headers = Fields([(name, value) for name, value in pairs if value is not None])
        lines = headers.lines
        known = self._checked
        if known is not None and known[0] == lines:
            return known[1]
        said: list[tuple[str, Any]] = [*lines]  # A subclass may keep None, which removes a line.
        checked = self.request_class.fields_class.from_lines(
            [check_field(name, value) for name, value in said if value is not None]
        )
        checked.by_name()  # Each copy takes the index along.
        self._checked = (lines.copy(), checked)
        return checked

    @property
    def keeping(self) -> CookieKeeping:
        """How the jar of this session is asked; a binding has another for jars of other kinds."""
        return COOKIE_KEEPING

    def _prepare_auth(self, prepared: PreparedRequest, request: Request) -> None:
        if request.auth is None and self.auth is None and prepared.userinfo is None:
            auth, source = self.netrc_credentials(prepared), "netrc"  # Most requests have none.
            if auth is None or not self._asks_netrc_for(prepared):
                return
        else:
            auth, source = self._choose_credentials(prepared, request)
        if auth:  # Empty credentials are said to have none.
            self.apply_auth(prepared, auth, _CREDENTIAL_SOURCES[source])

    def _asks_netrc_for(self, prepared: PreparedRequest) -> bool:
        order = self.policy.credentials_order
        if "netrc" not in order:
            return False
        by_hand = "field" in order and order.index("field") < order.index("netrc")
        return not (by_hand and "authorization" in prepared.headers)

    def _choose_credentials(self, prepared: PreparedRequest, request: Request) -> tuple[Any, str]:
        """Credentials by the policy's order, and where they come from; none, if there are none."""
        auth: Any
        for source in self.policy.credentials_order:
            if source == "field":
                if "authorization" in prepared.headers:
                    return None, source
                continue
            if source == "request":
                auth = request.auth
            elif source == "session":
                auth = self.auth
            elif source == "url":
                userinfo = prepared.userinfo
                auth = userinfo if userinfo is not None and any(userinfo) else None
            elif source == "netrc":
                auth = self.netrc_credentials(prepared)
            else:
                auth = None
            if auth is not None:
                return auth, source
        return None, ""

    def netrc_credentials(self, prepared: PreparedRequest) -> tuple[str, str] | None:
        """What netrc says of the host of a request: user and password."""
        netrc = self.read_netrc() if self.trust_env else None
        return None if netrc is None else netrc.lookup(prepared.parsed_url.host)

    def apply_auth(self, prepared: PreparedRequest, auth: Any, source: str) -> None:
        """Set credentials on a request, and note where they come from.

        Those that answer challenges are set when the request is sent: see ``Call``.

        Raises:
            TypeError: For what is neither a pair nor callable.
        """
        applied: Any = auth
        if isinstance(auth, tuple):
            pair = cast("Sequence[Any]", auth)
            if len(pair) == 2:
                applied = prepared.basic_auth(*pair)
        if not callable(applied):
            raise TypeError(
                f"auth must be (user, password) or a callable, not {type(applied).__name__}"
            )
        prepared.apply_auth(applied)
        if "authorization" in prepared.headers and not isinstance(applied, AuthFlow):
            prepared.decided(
                Decision(
                    code="auth.added",
                    subject="Authorization",
                    reason=f"credentials come from {source}",
                    section="RFC 9110 11.6.2",
                    after=str(prepared.parsed_url.origin),
                )
            )

    # --- calls ----------------------------------------------------------------------------------

    def call(
        self,
        request: Request | PreparedRequest,
        *,
        allow_redirects: bool = True,
        settings: SendSettings | None = None,
    ) -> Call:
        """A call of a request: the machine that a binding drives."""
        prepared = self.prepare_request(request) if isinstance(request, Request) else request
        try:
            if len(prepared.url or "") > DEFAULT_LIMITS.url_size_max:
                self.get_adapter(prepared.url or "")  # Before anything takes it apart.
            if settings is None:
                settings = self.settings_for(
                    proxies=self.resolve_proxies(prepared.parsed_url, self.proxies)
                )
            return Call(self, prepared, settings=settings, allow_redirects=allow_redirects)
        except RequestException as error:
            error.request = error.request or prepared
            raise

    # --- transports -----------------------------------------------------------------------------

    def mount(self, prefix: str, adapter: Any) -> None:
        """Use this transport for URLs that start with ``prefix``; the longest prefix wins.

        A prefix that ends within a host name, such as ``https://a.test``, fits
        ``https://a.test.evil.test/`` too (Q20); the policy may have it that this warns.
        """
        if self.policy.warns_of_open_mounts:
            _, found, authority = prefix.partition("://")
            if found and authority and "/" not in authority:
                warn(
                    f"the mount {prefix!r} fits hosts that only begin so; end it with a slash",
                    MountWarning,
                    stacklevel=2,
                )
        self.adapters[prefix] = adapter
        for shorter in [known for known in self.adapters if len(known) < len(prefix)]:
            self.adapters[shorter] = self.adapters.pop(shorter)

    def get_adapter(self, url: str) -> Any:
        """The transport for a URL.

        Raises:
            InvalidSchema: If none is mounted for it.
        """
        lowered = url[: DEFAULT_LIMITS.url_size_max].lower()  # A data: URL may have 100 MiB.
        for prefix, adapter in self.adapters.items():
            if lowered.startswith(prefix.lower()):
                return adapter
        raise InvalidSchema(f"No connection adapters were found for {shown_text(url)}")

    # --- state ----------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """The attributes of ``__attrs__``, and the version that wrote them.

        A TLS context cannot travel; what is trusted by default takes its place.
        """
        state = {attribute: getattr(self, attribute, None) for attribute in self.__attrs__}
        if not _travels(state.get("verify")):
            state["verify"] = True
        state["sojourn"] = __version__
        return state

    def _begin_anew(self) -> None:
        """Be as new, whatever arguments a subclass takes."""
        Session.__init__(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._begin_anew()
        for attribute, value in state.items():
            if attribute != "sojourn":
                setattr(self, attribute, value)


def _travels(verify: Any) -> bool:
    """Whether it is a flag or a path, and no context."""
    return verify is None or isinstance(verify, (bool, str)) or hasattr(verify, "__fspath__")


_CREDENTIAL_SOURCES: Final = {
    "request": "the request",
    "session": "the session",
    "url": "the user info of the URL",
    "netrc": "netrc",
}


class MountWarning(UserWarning):
    """A transport is mounted for more hosts than it seems."""
