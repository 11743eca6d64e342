"""Responses under Requests' names; the requests stand in ``prepared``.

They behave as Sojourn's; the differences are in the classes of fields and jars, in how text is
read, and in the attributes that can be set.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any, ClassVar, Final, overload

from sojourn.shared.foreign import pieces_of
from sojourn.shared.partial import joined
from sojourn.sync.response import Response as SyncResponse
from sojourn_core.messages.response import CONTENT_CHUNK_SIZE, ITER_CHUNK_SIZE
from sojourn_core.session.session import DEFAULT_REDIRECT_LIMIT
from sojourn_core.values.content.text import IncrementalText, decode_json, decode_text
from sojourn_core.values.errors import RequestException
from sojourn_core.values.fields import Fields
from sojourn_core.values.limits import DEFAULT_LIMITS

from . import compat
from .borrowed import borrowed
from .cookies import RequestsCookieJar
from .lines import ChunkLines
from .prepared import PreparedRequest, Request, RequestEncodingMixin, RequestHooksMixin
from .reading import ReadingOn
from .structures import CaseInsensitiveDict, in_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, Protocol

    class Connection(Protocol):
        def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response: ...
        def close(self) -> None: ...


__all__ = [
    "CONTENT_CHUNK_SIZE",
    "DEFAULT_REDIRECT_LIMIT",
    "ITER_CHUNK_SIZE",
    "REDIRECT_STATI",
    "PreparedRequest",
    "Request",
    "RequestEncodingMixin",
    "RequestHooksMixin",
    "Response",
]

REDIRECT_STATI: Final = (301, 302, 303, 307, 308)


class Response(SyncResponse):
    """The response to one request, whose attributes can all be set.

    It reads its content from ``raw``: Sojourn's own file, urllib3's response, or any other.
    """

    fields_class: ClassVar[type[Fields]] = CaseInsensitiveDict
    lines_class = ChunkLines

    if TYPE_CHECKING:
        headers: CaseInsensitiveDict[str]  # pyright: ignore[reportIncompatibleMethodOverride]
        request: PreparedRequest  # pyright: ignore[reportIncompatibleVariableOverride]
        raw: Any
        connection: Connection  # type: ignore[assignment]

        @property
        def next(self) -> PreparedRequest | None: ...

    else:

        @SyncResponse.headers.setter
        def headers(self, given: Any) -> None:
            self._headers = given if isinstance(given, Fields) else in_lines(given)

    # Subclasses such as that of requests-cache never call ``__init__``, which sets these.
    limits = DEFAULT_LIMITS
    http_version: str | None = None
    received_at = 0.0
    seconds = 0.0
    trailers = None
    connection = None  # type: ignore[assignment]
    _closed = False
    _content: Any = False
    _content_consumed = False
    _cookies: RequestsCookieJar | None = None
    _driver = None
    _encoding = None
    _preview: Any = None
    _raw = None

    def __init__(self) -> None:
        super().__init__()
        self._encoding = None  # The adapter sets it; it is not read from the fields.

    def _shown(self) -> str | None:
        """Return the whole URL but for its user info: Requests' own text, without a password."""
        url, request = self.url, self.request
        if request is not None and request.url == url and getattr(request, "userinfo", None):  # pyright: ignore[reportUnnecessaryComparison] - by hand it may be
            return request.parsed_url.without_userinfo().text
        return url

    @property
    def _next(self) -> Any:
        """The request that would follow: a private name that programs read all the same."""
        return self.__dict__.get("_next") if self._preview is None else self.next

    @_next.setter
    def _next(self, request: Any) -> None:  # pyright: ignore[reportIncompatibleVariableOverride] - made when it is read
        self._preview = None
        self.__dict__["_next"] = request

    def _name(self, error: BaseException) -> None:
        super()._name(error)
        if isinstance(error, RequestException):
            from .told import tell_content

            tell_content(error, self.raw if hasattr(self.raw, "headers") else self)

    def __nonzero__(self) -> bool:
        """Return True if the status is below 400."""
        return self.ok

    @property  # type: ignore[override]
    def cookies(self) -> RequestsCookieJar:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The cookies that this response sets, in a ``RequestsCookieJar``."""
        if self._cookies is None:
            self._cookies = RequestsCookieJar()
        return self._cookies

    @cookies.setter
    def cookies(self, jar: RequestsCookieJar) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._cookies = jar  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def apparent_encoding(self) -> str | None:  # type: ignore[override]
        """The charset detected from the content; UTF-8 if nothing is installed that detects."""
        detector: Any = compat.chardet
        if detector is None:
            return "utf-8"
        found: str = detector.detect(self.content or b"")["encoding"]
        return found

    @property
    def text(self) -> str:
        """The content as text, decoded from ``encoding``, or from the charset detected."""
        content = self.content
        if not content:
            return ""
        encoding = self.apparent_encoding if self.encoding is None else self.encoding
        return decode_text(content, encoding or "utf-8", keeps_mark=True)

    def _json_text(self) -> str:
        content = self.content or b""
        shown = None if self.encoding or len(content) <= 3 else decode_json(content)
        return self.text if shown is None else shown

    def incremental_text(self) -> IncrementalText:
        """Build what decodes the content piece by piece, from ``encoding``; a mark stays in it.

        Raises:
            LookupError: The encoding is unknown. ``text`` takes UTF-8 then, as with Requests.
        """
        if self.encoding is not None:
            codecs.lookup(self.encoding)
        return IncrementalText(self.encoding, keeps_mark=True)

    @property
    def content(self) -> bytes:
        """The content as bytes, content codings removed. It is read now if it was not."""
        if self._content is False and not self._content_consumed:
            if self.take_at_hand():
                pass
            elif self.status_code == 0 or self.raw is None:
                self._content = None
            else:
                self._content = joined(self.iter_content(CONTENT_CHUNK_SIZE))
        known = super().content
        self._content_consumed = True
        return known

    @overload  # type: ignore[override]
    def iter_content(
        self, chunk_size: int | None = 1, decode_unicode: Literal[False] = False
    ) -> Iterator[bytes]: ...
    @overload
    def iter_content(
        self, chunk_size: int | None = 1, *, decode_unicode: bool
    ) -> Iterator[str | bytes]: ...
    def iter_content(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, chunk_size: int | None = 1, decode_unicode: bool = False
    ) -> Iterator[Any]:
        """Iterate over the content in pieces, content codings removed, read from ``raw``.

        A second iteration goes on where the first one stopped: content counts as read once its
        end was seen.

        Args:
            chunk_size: Bytes in each piece, the last one excepted. If the content is sent in
                chunks, a piece is a chunk, or at most so many bytes of it. None for all in one
                piece, or a piece for each chunk.
            decode_unicode: Give text, decoded from ``encoding``; bytes if that is None.

        Raises:
            StreamConsumedError: The content was read before, and not kept.
        """
        as_text = decode_unicode and self.encoding is not None
        pipeline = self.pipeline(chunk_size, as_text=as_text, decoded=True)
        if self._content is not False or self._content_consumed:
            self.claim_content()
            return pipeline.again(self._content or b"")
        return self._to_the_end(self._pass_on(pipeline, pieces_of(self.raw, chunk_size)))

    def _to_the_end(self, pieces: Iterator[Any]) -> Iterator[Any]:
        yield from pieces
        self._content_consumed = True

    def discard(self, limit: int, deadline: float) -> None:
        """Read the content and keep it, if it has no more than ``limit`` bytes; then close.

        Requests reads all of it, so that each response in ``history`` has its content.
        """
        kept: list[bytes] = []
        try:
            if self._content is False and not self._content_consumed and self.raw is not None:
                if self.take_at_hand():
                    return
                for piece in self.iter_content(CONTENT_CHUNK_SIZE):
                    kept.append(piece)
                    limit -= len(piece)
                    if limit < 0:
                        break
                else:
                    self._content = b"".join(kept)
        except (RequestException, RuntimeError):
            pass  # The redirect is followed whatever is wrong with the content.
        if self._driver is not None:
            self._content_consumed = True  # A part of it, which nobody is to take for the whole.
        self.close()

    def _let_go(self) -> None:
        consumed = self._content_consumed
        if isinstance(self._raw, ReadingOn):
            self._raw.note_left()
        super()._let_go()
        self._content_consumed = consumed  # As with Requests, content that was closed is empty.


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
