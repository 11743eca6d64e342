"""The patterns that a route is recognised by."""

from __future__ import annotations

import json as standard_json
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import parse_qsl

from sojourn_core.values.url.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sojourn_core.messages.request import PreparedRequest

    URLPattern: TypeAlias = str | re.Pattern[str] | Callable[[PreparedRequest], bool] | None

UNSAID: Final[Any] = object()
_PARTS: Final = re.compile(r"\{(\w+)\}|(\*\*)|(\*)")


class Pattern:
    """The look that a request must have.

    Args:
        method: A method; None for any.
        url: A URL, in whose path ``{name}`` and ``*`` stand for a segment and ``**`` for any number
            of them; a compiled expression, which is searched in the URL; a function of the request;
            None for any. A query must be in the request's, which may have more.
        params: Names and values that the query must have; None as a value for any.
        headers: Fields that the request must have; None as a value for any.
        content: The whole content, as bytes or as text.
        json: The value of the content, as JSON.

    Raises:
        InvalidURL: The URL is none.
    """

    def __init__(
        self,
        method: str | None,
        url: URLPattern,
        params: Mapping[str, str | None],
        headers: Mapping[str, str | None],
        content: str | bytes | None,
        json: Any = UNSAID,
    ) -> None:
        self._method = None if method is None else method.upper()
        self._said = url if isinstance(url, str) else getattr(url, "pattern", None)
        self._asked: Any = None if isinstance(url, str) else url
        self._place: re.Pattern[str] | None = None
        self._params = list(params.items())
        if isinstance(url, str):
            start, _, query = url.partition("?")
            self._place = _compiled(start)
            self._params.extend(parse_qsl(query, keep_blank_values=True))
        self._headers = headers
        self._content = content.encode() if isinstance(content, str) else content
        self._json = json

    def __str__(self) -> str:
        return f"{self._method or 'any method'} {self._said or 'any URL'}"

    def match(self, request: PreparedRequest) -> dict[str, str] | None:
        """Return the named parts of the path if the request fits; None if it does not."""
        if self._method is not None and request.method != self._method:
            return None
        found = self._match_url(request)
        if found is None or not self._fits_fields(request) or not self._fits_content(request):
            return None
        return found

    def _match_url(self, request: PreparedRequest) -> dict[str, str] | None:
        text, asked = request.url or "", self._asked
        place, _, query = text.partition("#")[0].partition("?")
        given = parse_qsl(query, keep_blank_values=True)
        for name, value in self._params:
            if not any(name == key and value in (None, each) for key, each in given):
                return None
        if self._place is not None:
            found: re.Match[str] | None = self._place.fullmatch(place)
        elif asked is None:
            return {}
        elif callable(asked):
            return {} if asked(request) else None
        else:
            found = asked.search(text)
        return None if found is None else {k: v for k, v in found.groupdict().items() if v}

    def _fits_fields(self, request: PreparedRequest) -> bool:
        fields = request.headers
        return all(
            name in fields and value in (None, fields[name])
            for name, value in self._headers.items()
        )

    def _fits_content(self, request: PreparedRequest) -> bool:
        content = request.body or b""
        if self._content is not None and content != self._content:
            return False
        if self._json is UNSAID:
            return True
        try:
            return bool(standard_json.loads(content) == self._json)
        except ValueError:
            return False


def _compiled(url: str) -> re.Pattern[str]:
    """Compile a URL without its query: normalised as a request's is, with its wildcards."""
    marks: list[str] = []

    def hold(found: re.Match[str]) -> str:
        name, many, _ = found.groups()
        marks.append(f"(?P<{name}>[^/]+)" if name else ".*" if many else "[^/]*")
        return f"sojournpart{len(marks) - 1}x"

    normal = re.escape(parse_url(_PARTS.sub(hold, url)).text)
    return re.compile(re.sub(r"sojournpart(\d+)x", lambda found: marks[int(found[1])], normal))
