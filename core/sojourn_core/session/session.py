"""The session: Requests' ``Session`` without the I/O.

It holds the settings that requests are prepared with, and the methods that prepare them. A binding
derives its own class from it and adds the verbs; what an override changes here, it changes in every
binding. Nothing here waits, and nothing reads a clock, a file or the environment: the binding says
what time it is (``set_clock``).
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final, Self
from warnings import warn

from sojourn_core.call.call import Call
from sojourn_core.call.ports import Mode
from sojourn_core.call.redirect_methods import RedirectRules
from sojourn_core.messages.request import PreparedRequest, Request
from sojourn_core.rules.cookies import CookieJar
from sojourn_core.rules.policy import DEFAULT_POLICY, Policy
from sojourn_core.values.errors import PAIRS, InvalidSchema, RequestException, unsent
from sojourn_core.values.hooks import Hooks, default_hooks
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits
from sojourn_core.values.timeouts import UNSET, Timeouts, timeouts_from
from sojourn_core.values.url.shown import shown_text
from sojourn_core.version import __version__

from .attributes import (
    is_count,
    is_empty_or_mapping,
    is_hooks,
    is_pairs,
    is_query,
    setting,
)
from .cookie_store import COOKIE_KEEPING, CookieKeeping, GuardedJar, LastSent
from .defaults import default_headers
from .mounts import MountsSetting
from .preparing import PreparingRules
from .transport_settings import WireRules

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from contextlib import AbstractContextManager

    from sojourn_core.messages.arguments import (
        Auth,
        Cert,
        Headers,
        Params,
        Proxies,
        Timeout,
        Verify,
    )
    from sojourn_core.messages.arguments import Hooks as HooksInput
    from sojourn_core.messages.response import Response
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.rules.auth.credentials import AuthFlow
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.environment import Environment
    from sojourn_core.values.fields import Fields
    from sojourn_core.values.route import Proxy

    from .attributes import Setting

DEFAULT_REDIRECT_LIMIT: Final = 30


class Session(WireRules, PreparingRules, RedirectRules):
    """Settings shared by requests, and how they are prepared.

    Args:
        policy: The choices on which clients differ.
        limits: What a peer may send.
        timeout: For calls that say nothing of time, in any of the forms that they take; the
            policy's if it is not given.
        guard: A reentrant lock, if the session is used from several threads. The jar holds it for
            each of its steps, and never across a caller's code.
        entropy: ``entropy(n)`` gives n random bytes: for the boundaries of multipart content and
            the cnonce of Digest.

    Attributes:
        headers: Sent with each request; a request's own win, and None removes one.
        auth: ``(user, password)`` or a callable on the prepared request; or a dictionary of these
            by origin, for which they are used alone: ``{"https://a.test": (user, password)}``.
        proxies: Proxy URLs by scheme.
        hooks: Functions that see each response.
        params: Added to the query of each URL.
        stream: Whether content is read later, by the caller.
        verify: True, False, the path of a CA bundle, or an ``ssl.SSLContext``.
        cert: A client certificate.
        max_redirects: How many redirects one call follows.
        trust_env: Whether the environment may say something.
        cookies: The jar.
        adapters: Transports by URL prefix, the longest first; see ``Mounts``.

    Set to None, an attribute has nothing set: no fields, no hooks, an empty jar, no transports, the
    default policy and limits, the timeouts of the policy, ``DEFAULT_REDIRECT_LIMIT``; a flag is
    off, and ``verify`` is as by default. What cannot be taken is an ``InvalidArgument``.
    """

    default_policy: Policy = DEFAULT_POLICY

    policy: Policy = setting(
        "a Policy", lambda value: isinstance(value, Policy), lambda session: session.default_policy
    )
    limits: Limits = setting(
        "Limits", lambda value: isinstance(value, Limits), lambda _: DEFAULT_LIMITS
    )
    timeouts: Timeouts = setting(
        "Timeouts",
        lambda value: isinstance(value, Timeouts),
        lambda session: session.policy.timeouts,
    )
    headers: Setting[Fields, Headers] = setting(
        PAIRS,
        is_pairs,
        lambda session: session.request_class.fields_class(),
    )
    proxies: Setting[dict[str, str], Proxies] = setting(
        "a mapping of proxy URLs by scheme", is_empty_or_mapping, lambda _: {}
    )
    hooks: Setting[Hooks, HooksInput[Any] | None] = setting(
        'a mapping such as {"response": function}', is_hooks, lambda _: default_hooks()
    )
    params: Setting[MutableMapping[str, Any], Params] = setting(
        "a mapping, pairs, or text", is_query, lambda _: {}
    )
    max_redirects: int = setting("a whole number", is_count, lambda _: DEFAULT_REDIRECT_LIMIT)
    cookies: GuardedJar = GuardedJar()
    adapters: MountsSetting = MountsSetting()
    keeping: CookieKeeping = COOKIE_KEEPING  # These two follow from the jar.
    stores_elsewhere: bool = False
    last_sent: LastSent | None = None
    jar_wall: Callable[[], float] | None = None  # The clock of its jars; a binding has one.

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
        "retries",
        "limit",
        "hedge",
    ]

    def __init__(
        self,
        *,
        policy: Policy | None = None,
        limits: Limits | None = None,
        timeout: Timeout = UNSET,
        guard: AbstractContextManager[Any] | None = None,
        entropy: Callable[[int], bytes] | None = None,
    ) -> None:
        self.policy = self.default_policy if policy is None else policy
        self.limits = DEFAULT_LIMITS if limits is None else limits
        self.timeouts = timeouts_from(timeout, self.policy.timeouts)
        self.headers = default_headers()
        self.auth: Auth[PreparedRequest] = None
        self.proxies = {}
        self.hooks = default_hooks()
        self.params = {}
        self.stream: bool = False
        self.verify: Verify = True
        self.cert: Cert = None
        self.max_redirects = DEFAULT_REDIRECT_LIMIT
        self.trust_env: bool = True
        self.guard: AbstractContextManager[Any] = nullcontext() if guard is None else guard
        self.cookies = None
        self.adapters = None
        self.entropy: Callable[[int], bytes] | None = entropy
        self.wall = 0.0  # The latest, in seconds since 1970.
        self.wall_offset = 0.0
        self.proxy_flows: dict[Proxy, AuthFlow] = {}
        self._settled = None
        self._call_settings = None

    # --- time -----------------------------------------------------------------------------------

    def set_clock(self, now: float, wall: float) -> None:
        """Say what time it is: monotonic seconds, and seconds since 1970 at that moment."""
        self.wall = wall
        self.wall_offset = wall - now

    def wall_at(self, now: float) -> float:
        """Return the seconds since 1970 at ``now``."""
        return now + self.wall_offset

    # --- cookies --------------------------------------------------------------------------------

    def new_jar(self) -> Any:
        """Return an empty jar, as a new session has."""
        return CookieJar(limits=self.limits)

    def keeping_of(self, jar: Any) -> CookieKeeping:
        """Return the rules of a jar; a binding has others for jars of other kinds."""
        return COOKIE_KEEPING

    def prepare_cookies(self, prepared: PreparedRequest, given: Any) -> None:
        """Set the Cookie field of a new request; see ``CookieKeeping.prepare``."""
        self.keeping.prepare(self, prepared, given)

    def store_cookies(
        self, request: PreparedRequest, response: Response, now: float, hop: int
    ) -> list[Decision]:
        """Keep the cookies that a response sets, and return a decision on each."""
        return self.keeping.store(self, request, response, now + self.wall_offset, hop)

    def rebuild_cookies(
        self,
        old: PreparedRequest,
        request: PreparedRequest,
        response: Response,
        now: float,
        *,
        at_home: bool,
        same_origin: bool,
    ) -> None:
        """Set the Cookie field of the next request; see ``CookieKeeping.rebuild``."""
        if not self.cookies and request.cookies is None:
            derived = request.preparation.derived
            if "cookie" not in derived and "cookie" not in request.headers.by_name():
                return  # Most requests have none.
        wall = now + self.wall_offset
        self.keeping.rebuild(
            self, old, request, response, wall, at_home=at_home, same_origin=same_origin
        )

    # --- calls ----------------------------------------------------------------------------------

    def call(
        self,
        request: Request | PreparedRequest,
        *,
        allow_redirects: bool = True,
        settings: SendSettings | None = None,
        mode: Mode | None = None,
        environment: Environment | None = None,
    ) -> Call:
        """Return a call of a request: the machine that a binding drives.

        A binding's ``send`` asks it; its ``request`` makes the same call in one go, and asks
        ``prepare_request`` and ``settings_for`` alone. What has to see each request overrides
        ``send`` or ``prepare_request``.

        Args:
            request: As the caller gave it, or prepared.
            allow_redirects: Whether the call follows redirects.
            settings: For the wire, as ``settings_for`` makes them; those of the session, if they
                are not given.
            mode: Who follows redirects, if it is neither the call nor nobody.
            environment: As it was read for this call; None to read it.

        Raises:
            RequestException: If the request cannot be sent as it is.
        """
        prepared = self.prepare_request(request) if isinstance(request, Request) else request
        try:
            if len(prepared.url or "") > DEFAULT_LIMITS.url_size_max:
                self.get_adapter(prepared.url or "")  # Before anything takes it apart.
            if environment is None:
                environment = self.environment
            settings = self.complete_settings(
                self.settings_for() if settings is None else settings,
                prepared.parsed_url,
                environment,
            )
        except RequestException as error:
            unsent(error, prepared)
            raise
        if mode is None:
            mode = Mode.WHOLE if allow_redirects else Mode.ALONE
        return Call(prepared, self, self.call_settings(environment), settings, mode)

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

    def get_adapter(self, url: str) -> Any:
        """Return the transport for a URL.

        Raises:
            InvalidSchema: If none is mounted for it.
        """
        mounts = self.adapters
        known = mounts.schemes.get(url[: url.find(":") + 3])
        if known is not None:
            return known
        lowered = url[: DEFAULT_LIMITS.url_size_max].lower()  # A data: URL may have 100 MiB.
        for prefix, adapter in mounts.ordered or mounts.in_order():
            if lowered.startswith(prefix):
                return adapter
        shown = self._shown_url(url)
        raise InvalidSchema(f"No connection adapters were found for {shown}", maybe_sent=False)

    def _shown_url(self, url: str) -> str:
        """Return a URL as messages show it."""
        return shown_text(url)

    # --- state ----------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes of ``__attrs__``, and the version that wrote them.

        Raises:
            TypeError: One of them has no form as data. A TLS context is such a thing, and nothing
                may take its place: a copy would trust others than its original does.
        """
        state = self._settings()
        if not _travels(state.get("verify")):
            raise TypeError(no_data("verify", state["verify"]))
        self._check_state(state)
        return state

    def _check_state(self, state: dict[str, Any]) -> None:
        """Raise TypeError if a setting has no form as data; what can tell is on a machine."""

    def __copy__(self) -> Self:
        """Return another session with the same settings, which both share."""
        overridden = type(self).__getstate__ is not Session.__getstate__
        made = object.__new__(type(self))
        made.__setstate__(self.__getstate__() if overridden else self._settings())
        return made

    def _settings(self) -> dict[str, Any]:
        state = {attribute: getattr(self, attribute, None) for attribute in self.__attrs__}
        state["sojourn"] = __version__
        return state

    def _begin_anew(self) -> None:
        """Begin as new, whatever arguments a subclass takes."""
        Session.__init__(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._begin_anew()
        for attribute, value in state.items():
            if attribute != "sojourn":
                setattr(self, attribute, value)


def no_data(name: str, value: object) -> str:
    """Say of a setting that it can be neither pickled nor copied deeply."""
    return (
        f"the session's {name} has no form as data ({type(value).__name__}): "
        "take it off before, and set it again on the copy"
    )


def _travels(verify: Any) -> bool:
    """Tell whether it is a flag, a path or a value, and no context."""
    if verify is None or isinstance(verify, (bool, str)):
        return True
    return hasattr(verify, "__fspath__") or hasattr(verify, "fingerprints")


class MountWarning(UserWarning):
    """A transport is mounted for more hosts than it seems."""
