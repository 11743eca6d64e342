"""The calls of a session on a machine: the time that it is, the proxies that count, and a mode.

A subclass that overrides ``send`` or ``resolve_redirects`` gets each hop through it, and so does a
program that puts others in their place.
"""

from __future__ import annotations

import time
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sojourn_core.call.call import Call
from sojourn_core.call.ports import ALONE, DELEGATED, NESTED, WHOLE
from sojourn_core.messages.request import Request
from sojourn_core.session.session import Session as CoreSession

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest

    from .clock import Clock

OVERRIDABLE: Final = ("send", "resolve_redirects", "merge_environment_settings")


class Calls(CoreSession):
    """The core's session, whose calls a binding drives.

    Attributes:
        own_methods: The binding's own ``OVERRIDABLE`` methods, as they were when it was loaded.
        clock: The monotonic clock of the binding, in seconds.
    """

    own_methods: ClassVar[dict[str, Any]] = {}
    clock: Clock = monotonic

    @classmethod
    def remember_methods(cls) -> None:
        """Remember the methods of this class, so that others in their place are known."""
        cls.own_methods = {name: getattr(cls, name) for name in OVERRIDABLE}

    @property
    def sends_by_override(self) -> bool:
        """``send`` is another than the binding's own."""
        kind: Any = type(self)
        return kind.send is not self.own_methods["send"] or "send" in self.__dict__

    @property
    def follows_by_override(self) -> bool:
        """``send`` or ``resolve_redirects`` is another than the binding's own."""
        kind: Any = type(self)
        own, given = self.own_methods, self.__dict__
        return (
            kind.send is not own["send"]
            or kind.resolve_redirects is not own["resolve_redirects"]
            or "send" in given
            or "resolve_redirects" in given
        )

    def prepare_cookies(self, prepared: PreparedRequest, given: Any) -> None:
        """Set the Cookie field of a new request, by the time that it is."""
        wall = self.wall = time.time()
        self.wall_offset = wall - self.clock()
        self.keeping.prepare(self, prepared, given)

    def prepare_call(
        self, request: Request, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> tuple[PreparedRequest, dict[str, Any]]:
        """Return a request prepared, and the settings that it is sent with.

        Args:
            request: What the caller wants to be sent.
            proxies: As in the call, or None; as all that follow.
            stream: Whether the content is left for the caller to read.
            verify: What is trusted.
            cert: A client certificate.
        """
        prepared = self.prepare_request(request)
        url, environment = prepared.url or "", prepared.preparation.environment
        kind, name = type(self), "merge_environment_settings"
        overridden = getattr(kind, name) is not self.own_methods[name] or name in self.__dict__
        if environment is None or overridden:  # Somebody is to be asked, who reads it anew.
            return prepared, self.merge_environment_settings(url, proxies, stream, verify, cert)
        return prepared, self._merge(environment, url, proxies, stream, verify, cert)

    def open_call(
        self,
        request: Request,
        timeout: Any,
        allow_redirects: bool,
        proxies: Any,
        stream: Any,
        verify: Any,
        cert: Any,
    ) -> Call:
        """Prepare a request, and return its call.

        This is ``prepare_call`` and ``begin_call`` in one go, for a session that overrides neither
        ``merge_environment_settings`` nor ``send``, which would have to be asked in between.

        Args:
            request: What the caller wants to be sent.
            timeout: As in the call, as all that follow.
            allow_redirects: Whether redirects are followed.
            proxies: Proxy URLs by scheme.
            stream: Whether the content is left for the caller to read.
            verify: What is trusted.
            cert: A client certificate.
        """
        prepared = self.prepare_request(request)
        settings, rules = self.settings_of(
            prepared, timeout=timeout, stream=stream, verify=verify, cert=cert, proxies=proxies
        )
        mode = WHOLE if allow_redirects else ALONE
        kind: Any = type(self)
        if allow_redirects and (
            kind.resolve_redirects is not self.own_methods["resolve_redirects"]
            or "resolve_redirects" in self.__dict__
        ):
            mode = DELEGATED
        wall = self.wall = time.time()
        self.wall_offset = wall - self.clock()
        return Call(prepared, self, rules, settings, mode)

    def begin_call(
        self, request: PreparedRequest, *, allow_redirects: bool, proxies: Any, **given: Any
    ) -> Call:
        """Return a call of a prepared request.

        Args:
            request: As ``prepare_request`` makes it.
            allow_redirects: Whether redirects are followed.
            proxies: Those of the session and the environment, if it is None.
            given: As in ``settings_for``.

        Raises:
            ValueError: For a ``Request`` that was not prepared.
        """
        if isinstance(request, Request):
            raise ValueError("You can only send PreparedRequests.")
        self.set_clock(self.clock(), time.time())
        environment = self.environment
        if proxies is None:
            proxies = self.resolve_proxies(request.parsed_url, self.proxies, environment)
        settings = self.settings_for(proxies=proxies, **given)
        mode = None
        if allow_redirects and self.follows_by_override:
            mode = DELEGATED
        return self.call(
            request,
            allow_redirects=allow_redirects,
            settings=settings,
            mode=mode,
            environment=environment,
        )

    def resume_call(self, request: PreparedRequest, **given: Any) -> Call:
        """Return a call that goes on from a response in hand.

        Args:
            request: The request that was answered.
            given: As in ``settings_for``.
        """
        if given.get("proxies") is None:
            given["proxies"] = {}  # Those of the session are not the redirect's, as in Requests.
        settings = self.settings_for(**given)
        self.set_clock(self.clock(), time.time())
        mode = NESTED if self.sends_by_override else WHOLE
        return self.call(request, settings=settings, mode=mode)
