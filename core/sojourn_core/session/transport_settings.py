"""The settings of a session for the wire: proxies, trust, certificates, time.

A call's own settings, the session's and those of the environment become one. The environment is a
value that a binding has read; nothing here looks it up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.call.ports import CallSettings
from sojourn_core.messages.settings import SendSettings
from sojourn_core.rules.urls import parse_by
from sojourn_core.values.environment import EMPTY_ENVIRONMENT, Environment
from sojourn_core.values.errors import InvalidProxyURL, not_taken
from sojourn_core.values.record import replace
from sojourn_core.values.timeouts import NO_TIMEOUTS, UNSET, Timeouts, timeouts_from

from .sending import SendingRules

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.auth.credentials import AuthFlow
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.route import Proxy
    from sojourn_core.values.url.url import URL


class ResolvedProxies(dict[str, str]):
    """Proxies of a call, those of the environment among them.

    Attributes:
        given: Those that the caller and the session gave: what the next hop starts from, since
            ``no_proxy`` may keep it from the proxies of the environment.
    """

    def __init__(self, merged: dict[str, str], given: dict[str, str]) -> None:
        super().__init__(merged)
        self.given = given


class UngivenProxies(dict[str, str]):
    """No proxies, because nobody has said anything of them: those of the session count."""


UNGIVEN: Final = UngivenProxies()


class WireRules(SendingRules):
    """The part of a session that settles what a call does on the wire."""

    policy: Policy
    limits: Limits
    max_redirects: int
    timeouts: Timeouts
    proxies: Any
    stream: bool
    verify: Any
    cert: Any
    trust_env: bool
    proxy_flows: dict[Proxy, AuthFlow]
    _settled: tuple[Any, Any, Any, Any, SendSettings] | None = None

    def read_environment(self) -> Environment:
        """Return the environment as it is now: the same object for as long as it is the same."""
        return EMPTY_ENVIRONMENT

    @property
    def environment(self) -> Environment:
        """The environment as it is now, if it counts (``trust_env``)."""
        return self.read_environment() if self.trust_env else EMPTY_ENVIRONMENT

    def merge_environment_settings(
        self, url: str, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> dict[str, Any]:
        """Return the settings of a call for the wire: its own, the session's, the environment's.

        Which of them count, and in what order, is the policy's ``proxy_order`` and
        ``verify_order``.

        Args:
            url: The URL that is asked.
            proxies: Those of the call, or None. They are not changed.
            stream: As in the call, or None.
            verify: As in the call, or None.
            cert: As in the call, or None.

        Returns:
            ``proxies``, ``stream``, ``verify`` and ``cert``.
        """
        return self._merge(self.environment, url, proxies, stream, verify, cert)

    def _merge(
        self, environment: Environment, url: str, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> dict[str, Any]:
        merged: Any = {}
        if proxies or self.proxies or environment.proxies:
            merged = self._merge_proxies(parse_by(self.policy, url), _mapping(proxies), environment)
        if environment.authorities:
            verify = self._merge_verify(verify, environment)
        elif verify is None:
            verify = self.verify
        return {
            "proxies": merged,
            "stream": self.stream if stream is None else stream,
            "verify": verify,
            "cert": self.cert if cert is None else cert,
        }

    def settings_of(
        self,
        prepared: PreparedRequest,
        *,
        timeout: Any,
        stream: Any,
        verify: Any,
        cert: Any,
        proxies: Any,
    ) -> tuple[SendSettings, CallSettings]:
        """Return the settings of a call that is prepared and sent in one go, as values.

        It is ``settings_for`` of ``merge_environment_settings``, with the environment as it was
        when the request was prepared, and ``call_settings``. Most calls of a session have the same,
        without proxies.

        Args:
            prepared: The request.
            timeout: As in the call, as all that follow.
            stream: Whether content is read later.
            verify: What is trusted.
            cert: A client certificate.
            proxies: Proxy URLs by scheme.
        """
        environment = prepared.preparation.environment
        if environment is None:
            environment = self.environment
        if proxies or self.proxies or environment.proxies:
            merged = self._merge(environment, prepared.url or "", proxies, stream, verify, cert)
            return self.settings_for(timeout=timeout, **merged), self.call_settings(environment)
        known = self._merged
        if (
            known is not None
            and known[0] is environment
            and known[1] is self.policy
            and known[2] is self.limits
            and known[3] == self.max_redirects
            and known[4] is timeout
            and known[5] is self.timeouts
            and known[6] is stream
            and known[7] is self.stream
            and known[8] is verify
            and known[9] is self.verify
            and known[10] is cert
            and known[11] is self.cert
        ):
            found: tuple[SendSettings, CallSettings] = known[12]
            return found
        made_of = (
            environment,
            self.policy,
            self.limits,
            self.max_redirects,
            timeout,
            self.timeouts,
            stream,
            self.stream,
            verify,
            self.verify,
            cert,
            self.cert,
        )
        merged = self._merge(environment, "", None, stream, verify, cert)
        made = (
            self.settings_for(timeout=timeout, **merged),
            self.call_settings(environment),
        )
        self._merged = (*made_of, made)
        return made

    def call_settings(self, environment: Environment) -> CallSettings:
        """Return the settings that a call takes from its session when it is made."""
        known = self._call_settings
        if (
            known is None
            or known.policy is not self.policy
            or known.limits is not self.limits
            or known.redirects_max != self.max_redirects
            or known.environment is not environment
        ):
            known = self._call_settings = CallSettings(
                policy=self.policy,
                limits=self.limits,
                redirects_max=self.max_redirects,
                proxy_flows=self.proxy_flows,
                environment=environment,
                retries=self._retries,
                turns=self._turns,
            )
        return known

    def resolve_proxies(
        self, url: URL, proxies: Any, environment: Environment | None = None
    ) -> dict[str, str]:
        """Return the proxies for one hop: those given, and else the environment's.

        Args:
            url: Of the hop.
            proxies: Those of the call, or what an earlier hop had.
            environment: As the call has read it; None to read it.
        """
        given = proxies.given if isinstance(proxies, ResolvedProxies) else dict(proxies or {})
        if environment is None:
            environment = self.environment
        if not environment.proxies or "environment" not in self.policy.proxy_order:
            return given
        return self._with_environment(url, given, environment)

    def _merge_proxies(
        self, url: URL, proxies: Mapping[str, str | None], environment: Environment
    ) -> dict[str, str]:
        order = self.policy.proxy_order
        sources: dict[str, Any] = {"request": proxies, "session": self.proxies or {}}
        if _precedes("environment", "session", order):
            found = self._environment_proxies(url, proxies, environment)
            sources["environment"] = found
            merged: dict[str, Any] = {}
            for source in reversed(order):
                merged.update(sources[source])
            return {key: value for key, value in merged.items() if value is not None}
        said: dict[str, Any] = {}
        for source in reversed([each for each in order if each != "environment"]):
            said.update(sources[source])
        given = {key: value for key, value in said.items() if value is not None}
        if "environment" not in order:
            return given
        if environment.proxies:  # None says that there is no proxy, and the empty text keeps it so.
            given |= {key: "" for key, value in said.items() if value is None}
        return self._with_environment(url, given, environment)

    def _with_environment(
        self, url: URL, given: dict[str, str], environment: Environment
    ) -> dict[str, str]:
        from sojourn_core.rules.proxies import select_proxy  # Most environments name none.

        if select_proxy(url, given) is not None:
            return given
        found = self._environment_proxies(url, given, environment)
        proxy = found.get(url.scheme, found.get("all"))
        if not proxy:
            return given
        return ResolvedProxies({url.scheme: proxy, **given}, given)

    def _environment_proxies(
        self, url: URL, given: Mapping[str, str | None], environment: Environment
    ) -> dict[str, str]:
        from sojourn_core.rules.proxies import environment_proxies

        return environment_proxies(
            url,
            environment,
            given.get("no_proxy"),
            strict=self.policy.strict_no_proxy,
        )

    def _merge_verify(self, verify: Any, environment: Environment) -> Any:
        order = self.policy.verify_order
        known = self.verify
        authority = None
        if "environment" in order:
            authority = environment.authority(self.policy.authority_variables)
        by_default = _precedes("environment", "session", order) or verify or known in (None, True)
        if authority is not None and verify in (None, True) and by_default:
            return authority  # True, which nobody may have said, is what is trusted by default.
        return known if verify is None else verify

    def complete_settings(
        self, settings: SendSettings, url: URL, environment: Environment
    ) -> SendSettings:
        """Return settings with what they leave to the session and its environment.

        Args:
            settings: As ``settings_for`` makes them; whoever gave them proxies has said all.
            url: Of the first request.
            environment: As the call has read it.
        """
        if not isinstance(settings.proxies, UngivenProxies):
            return settings
        proxies = self.resolve_proxies(url, self.proxies, environment)
        verify = settings.verify
        if environment.authorities and verify is True:
            verify = self._merge_verify(None, environment)
        if not proxies and verify is settings.verify:
            return settings
        return replace(settings, proxies=proxies, verify=verify)

    def settings_for(
        self,
        *,
        timeout: Any = UNSET,
        stream: Any = None,
        verify: Any = None,
        cert: Any = None,
        proxies: Any = None,
        **adapter_arguments: Any,
    ) -> SendSettings:
        """Return the settings of a call as a value, for ``Session.call``.

        What is left out is the session's. Where that depends on the URL, or on the environment,
        the call sees to it when it is made: proxies that are not given, and CA bundles.

        Args:
            timeout: In any of the forms that a call takes; the session's if it is not given.
            stream: The session's if it is None, as all that follow.
            verify: What is trusted.
            cert: A client certificate.
            proxies: Proxy URLs by scheme; an empty mapping for none at all, whatever the session
                and the environment say.
            adapter_arguments: For mounted adapters that take more.

        Raises:
            ValueError: For a timeout in none of the forms that there are.
            InvalidProxyURL: For proxies that are no mapping.
            InvalidArgument: For a certificate that is neither a path nor paths.
        """
        timeouts = timeouts_from(timeout, self.timeouts)
        if timeout is UNSET:
            timeout = None if timeouts is NO_TIMEOUTS else (timeouts.connect, timeouts.read)
        stream = self.stream if stream is None else bool(stream)
        verify = self.verify if verify is None else verify
        cert = self.cert if cert is None else cert
        context = self.verify if verify is False and hasattr(self.verify, "wrap_bio") else None
        key_log = self.environment.key_log
        known = self._settled  # Most calls of a session are made under the same settings.
        if (
            known is not None
            and not proxies
            and not adapter_arguments
            and (known[4].proxies is UNGIVEN) is (proxies is None)
            and known[0] is timeouts
            and known[1] is stream
            and known[2] is verify
            and known[3] is cert
            and known[4].context is context
            and known[4].timeout == timeout
            and known[4].key_log == key_log
            and known[4].refused_networks is self.policy.refused_networks
            and known[4].lenient_heads is self.policy.lenient_heads
            and known[4].needs_close_notify is self.policy.needs_close_notify
        ):
            return known[4]
        if cert is not None and not _is_certificate(cert):
            raise not_taken("cert", "a path or a pair of paths, (certificate, key)", cert)
        if proxies is None:
            proxies = UNGIVEN
        elif not isinstance(proxies, ResolvedProxies):  # A value of its own: the caller's changes.
            proxies = dict(_mapping(proxies))
        settings = SendSettings(
            timeouts=timeouts,
            timeout=timeout,
            stream=stream,
            verify=verify,
            cert=cert,
            key_log=key_log,
            context=context,
            proxies=proxies,
            refused_networks=self.policy.refused_networks,
            lenient_heads=self.policy.lenient_heads,
            needs_close_notify=self.policy.needs_close_notify,
            hedges=self._hedges,
            adapter_arguments=adapter_arguments,
        )
        if not proxies and not adapter_arguments:
            self._settled = (timeouts, stream, verify, cert, settings)
        return settings


def _is_certificate(cert: object) -> bool:
    """Tell whether it may be a path, or paths; how many they are is the binding's to check."""
    return isinstance(cert, (str, bytes, tuple, list)) or hasattr(cert, "__fspath__")


def _mapping(proxies: Any) -> Mapping[str, Any]:
    """Return proxies as they were given. They may hold credentials: an error names their type."""
    if proxies and not isinstance(proxies, Mapping):
        kind = type(proxies).__name__
        raise InvalidProxyURL(f"proxies must be a mapping of proxy URLs by scheme, not {kind}")
    given: Mapping[str, Any] = proxies or {}  # pyright: ignore[reportUnknownVariableType] - it is the caller's
    return given


def _precedes(one: str, other: str, order: tuple[str, ...]) -> bool:
    return one in order and (other not in order or order.index(one) < order.index(other))
