"""A web made of values: answers by URL, or by a function of what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sojourn_core import Fields, RequestException, Response, ResponseHead, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sojourn_core import Limits, PreparedRequest
    from sojourn_core.commands import Send


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, as a value.

    Attributes:
        status: The status code.
        fields: The field lines, as pairs; names may repeat.
        content: The content, as its reader is to see it: no content coding is undone.
    """

    status: int = 200
    fields: tuple[tuple[str, str], ...] = ()
    content: bytes = b""

    @classmethod
    def to(cls, location: str, status: int = 302, *fields: tuple[str, str]) -> Answer:
        """Return a redirect.

        Args:
            location: The Location, as a server would send it.
            status: The status code.
            fields: Further field lines.
        """
        return cls(status, (("Location", location), *fields))

    @property
    def location(self) -> str | None:
        """The first Location, or None."""
        return next((value for name, value in self.fields if name.lower() == "location"), None)

    def response_to(self, request: PreparedRequest, limits: Limits) -> Response:
        """Make the response that a call is told.

        Args:
            request: The request that it answers.
            limits: Those of the session.
        """
        fields = Fields.from_lines(list(self.fields))
        response = Response(ResponseHead(self.status, fields), request, limits)
        response.set_content(self.content, None)
        return response


NOT_FOUND: Final = Answer(404)

Page: TypeAlias = "Answer | RequestException"
Pages: TypeAlias = "Mapping[str, Page] | Sequence[Page] | Callable[[Send], Page]"


class Web:
    """All servers that a call may meet.

    Args:
        pages: For each URL its answer; the fragment of a URL does not count, and a URL that has no
            entry is answered with 404. Or a function that answers each ``Send``. Or answers that a
            call gets one after the other, wherever it asks, and then 200. An exception in the place
            of an answer is what becomes of the request, such as a ``ConnectionError``.

    Raises:
        InvalidURL: For a URL that is none; or a sibling of that error.
    """

    __slots__ = ("_ask", "_pages", "_turns")

    def __init__(self, pages: Pages) -> None:
        self._pages: dict[str, Page] = {}
        self._ask: Callable[[Send], Page] | None = None
        self._turns: tuple[Page, ...] | None = None
        if callable(pages):
            self._ask = pages
        elif isinstance(pages, Mapping):
            for url, page in pages.items():
                self._pages[parse_url(url).with_fragment(None).text] = page
        else:
            self._turns = tuple(pages)

    def begin(self) -> Callable[[Send], Page]:
        """Return the function that answers the requests of one call."""
        if self._turns is not None:
            turns = iter(self._turns)
            return lambda _: next(turns, _OK)
        return self._find if self._ask is None else self._ask

    def _find(self, send: Send) -> Page:
        url = send.request.url or ""
        found = self._pages.get(url)
        if found is None and "#" in url:
            found = self._pages.get(url.partition("#")[0])
        return NOT_FOUND if found is None else found


_OK: Final = Answer()
