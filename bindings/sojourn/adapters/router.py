"""A handler that is put together of routes, and remembers what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sojourn_core.values.url.shown import shown_url

from .patterns import UNSAID, Pattern
from .reply import PASS_THROUGH, PassThrough, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable, Mapping
    from typing import Self

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.values.fields import FieldsInput

    from .patterns import URLPattern


class UnexpectedRequest(AssertionError):
    """No route fits a request, or a request was not made as a test asserts.

    It is no ``RequestException``: code that goes on after errors of the network does not hide it.
    """


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request that a route has answered.

    Attributes:
        request: As it would have been sent, with its content as bytes in ``body``.
        parts: The named parts of its path.
    """

    request: PreparedRequest
    parts: dict[str, str] = field(default_factory=dict[str, str])


class Route:
    """A pattern and its answers. ``Router.add`` makes it.

    Attributes:
        calls: The requests that it has answered, in order.
    """

    def __init__(self, pattern: Pattern) -> None:
        self._pattern = pattern
        self._answers: list[Any] = []
        self.calls: list[Recorded] = []

    def __repr__(self) -> str:
        return f"<Route {self._pattern}, called {self.call_count} times>"

    # --- answers --------------------------------------------------------------------------------

    def respond(
        self,
        status: int = 200,
        fields: FieldsInput | None = None,
        content: bytes | str | Iterable[bytes] | AsyncIterable[bytes] = b"",
        *,
        json: Any = UNSAID,
        reason: str | None = None,
    ) -> Self:
        """Add an answer; the arguments are those of ``Reply``.

        With several answers each is given once, in order, and the last one ever after.
        """
        more = {} if json is UNSAID else {"json": json}
        self._answers.append(Reply(status, fields, content, reason=reason, **more))
        return self

    def answer(self, handler: Callable[[PreparedRequest], Any]) -> Self:
        """Add a handler, as ``MockAdapter`` takes one, in the place of an answer.

        A handler with parameters beside the request gets the named parts of the path by these.
        """
        self._answers.append(handler)
        return self

    def fail(self, error: BaseException) -> Self:
        """Add an error that is raised in the place of an answer, such as ``ConnectTimeout()``."""
        self._answers.append(error)
        return self

    def pass_through(self) -> Self:
        """Add sending the request to where it would go."""
        self._answers.append(PASS_THROUGH)
        return self

    def match(self, request: PreparedRequest) -> dict[str, str] | None:
        """Return the named parts of the path if the request fits; None if it does not."""
        return self._pattern.match(request)

    def handle(self, request: PreparedRequest, parts: dict[str, str]) -> Any:
        """Answer a request that fits."""
        number = len(self.calls)
        self.calls.append(Recorded(request, parts))
        if not self._answers:
            return Reply()
        answer = self._answers[min(number, len(self._answers) - 1)]
        if isinstance(answer, (Reply, PassThrough)):
            return answer
        if isinstance(answer, BaseException):
            raise answer
        return answer(request, **parts)

    # --- assertions -----------------------------------------------------------------------------

    @property
    def called(self) -> bool:
        """It has answered a request."""
        return bool(self.calls)

    @property
    def call_count(self) -> int:
        """The number of requests that it has answered."""
        return len(self.calls)

    @property
    def last_request(self) -> PreparedRequest:
        """The request that it has answered last.

        Raises:
            UnexpectedRequest: There is none.
        """
        if not self.calls:
            raise UnexpectedRequest(f"no request came for {self._pattern}")
        return self.calls[-1].request

    def assert_called(self, times: int | None = None) -> None:
        """Check that it was asked.

        Args:
            times: How often; None for once or more.

        Raises:
            UnexpectedRequest: It was not.
        """
        if (self.call_count == 0) if times is None else (self.call_count != times):
            wanted = "at least once" if times is None else f"{times} times"
            raise UnexpectedRequest(
                f"{self._pattern} was to be called {wanted}, and was {self.call_count} times"
            )


class Router:
    """A handler for ``MockAdapter`` and ``AsyncMockAdapter``: the first route that fits answers.

    Args:
        passes: Requests that no route fits go to where they would go; else they are an error.

    Attributes:
        routes: In the order in which they are tried.
        calls: All requests, those that were passed on or fitted no route included.
    """

    def __init__(self, *, passes: bool = False) -> None:
        self.passes = passes
        self.routes: list[Route] = []
        self.calls: list[Recorded] = []

    def __call__(self, request: PreparedRequest) -> Any:
        """Answer a request.

        Raises:
            UnexpectedRequest: No route fits.
        """
        for route in self.routes:
            parts = route.match(request)
            if parts is not None:
                self.calls.append(Recorded(request, parts))
                return route.handle(request, parts)
        self.calls.append(Recorded(request))
        if self.passes:
            return PASS_THROUGH
        known = "".join(f"\n  {route!r}" for route in self.routes) or " there are none"
        shown = f"{request.method} {shown_url(request.url or '')}"
        raise UnexpectedRequest(f"no route fits {shown}; routes:{known}")

    # --- routes ---------------------------------------------------------------------------------

    def add(
        self,
        method: str | None = None,
        url: URLPattern = None,
        *,
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str | None] | None = None,
        content: str | bytes | None = None,
        json: Any = UNSAID,
    ) -> Route:
        """Add a route, which answers 200 without content until it is told otherwise.

        Args:
            method: A method; None for any.
            url: A URL, in whose path ``{name}`` and ``*`` stand for a segment and ``**`` for any
                number of them; a compiled expression, which is searched in the URL; a function of
                the request; None for any. A query must be in the request's, which may have more.
            params: Names and values that the query must have; None as a value for any.
            headers: Fields that the request must have; None as a value for any.
            content: The whole content that it must have.
            json: The value of its content, as JSON.

        Raises:
            InvalidURL: The URL is none.
        """
        route = Route(Pattern(method, url, params or {}, headers or {}, content, json))
        self.routes.append(route)
        return route

    def get(self, url: URLPattern, **pattern: Any) -> Route:
        """Add a route for GET; see ``add``."""
        return self.add("GET", url, **pattern)

    def post(self, url: URLPattern, **pattern: Any) -> Route:
        """Add a route for POST; see ``add``."""
        return self.add("POST", url, **pattern)

    def put(self, url: URLPattern, **pattern: Any) -> Route:
        """Add a route for PUT; see ``add``."""
        return self.add("PUT", url, **pattern)

    def patch(self, url: URLPattern, **pattern: Any) -> Route:
        """Add a route for PATCH; see ``add``."""
        return self.add("PATCH", url, **pattern)

    def delete(self, url: URLPattern, **pattern: Any) -> Route:
        """Add a route for DELETE; see ``add``."""
        return self.add("DELETE", url, **pattern)

    # --- assertions -----------------------------------------------------------------------------

    def assert_all_called(self) -> None:
        """Check that each route was asked.

        Raises:
            UnexpectedRequest: It names those that were not.
        """
        unused = [repr(route) for route in self.routes if not route.called]
        if unused:
            raise UnexpectedRequest("never called:\n  " + "\n  ".join(unused))

    def reset(self) -> None:
        """Forget the requests, and keep the routes; answers begin anew."""
        self.calls.clear()
        for route in self.routes:
            route.calls.clear()
