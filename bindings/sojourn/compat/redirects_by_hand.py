"""Redirects that a program follows by hand, one by one, as Requests lets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .exceptions import RequestException, TooManyRedirects

if TYPE_CHECKING:
    from collections.abc import Generator

    from .session_types import SessionTypes as SyncSession
else:
    from sojourn.sync.session import Session as SyncSession

_SETTINGS: Final = ("stream", "verify", "cert", "proxies")


class RedirectsByHand(SyncSession):
    """A session whose ``resolve_redirects`` gives what that of Requests gives, when it gives it."""

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
            self.foresee(hop, hop.request, given)
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

    def foresee(self, response: Any, request: Any, given: dict[str, Any]) -> None:
        """Prepare the request that a redirect leads to, by an override if there is one."""
        overridden = type(self).resolve_redirects is not RedirectsByHand.resolve_redirects
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
