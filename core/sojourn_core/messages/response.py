"""A response: its head, and its content once that was read.

It does no I/O. The bindings' responses derive from it and add the reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from sojourn_core.rules.cookies import CookieJar
from sojourn_core.values.content.detection import detector
from sojourn_core.values.content.pipeline import Pipeline
from sojourn_core.values.content.text import (
    IncrementalText,
    charset_of,
    charset_of_content,
    decode_json,
    decode_text,
)
from sojourn_core.values.errors import HTTPError, RequestException, StreamConsumedError
from sojourn_core.values.fields import Fields
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.links import parse_links
from sojourn_core.values.status import PERMANENT_REDIRECT_STATUSES, REDIRECT_STATUSES
from sojourn_core.values.url.shown import shown_url

from .declared_length import oversize
from .given import Given
from .response_state import restore_state, state_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from sojourn_core.values.content.coding import Decoder
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.limits import Limits

    from .request import PreparedRequest

CONTENT_CHUNK_SIZE: Final = 10 * 1024
ITER_CHUNK_SIZE: Final = 512


class Response(Given):
    """The response to one request.

    Args:
        head: The head received; without one, every attribute is there to be set by hand.
        request: The request that it answers.
        limits: Limits on the size of its content, and on its content codings.

    Attributes:
        status_code: Status code, three digits; None before it is set by hand.
        headers: Field lines; reading one by name joins its lines, ``get_all`` does not.
        url: The URL requested, its fragment included.
        reason: The reason phrase of the status line.
        history: Earlier responses of the call (redirects and challenges), the oldest first.
        request: The request that it answers.
        seconds: ``elapsed`` as a number.
        received_at: Arrival of the head, in seconds since 1970; its cookies age from then.
        http_version: The version of the status line, such as ``"1.1"``; None if it is not known.
        raw: The content as received, as a file; None if the response did not come by a connection.
        text_charset: Charset of ``text/*`` that declares none, if the policy names one.
        encoding: The charset of the content, declared or set by the caller; None if unknown.
        trailers: Trailer fields; None before the content was read to its end.
    """

    fields_class: ClassVar[type[Fields]] = Fields

    # Requests' own name; subclasses extend it. These attributes are pickled, Requests' ten first.
    __attrs__: ClassVar[list[str]] = [
        "_content",
        "status_code",
        "headers",
        "url",
        "history",
        "encoding",
        "reason",
        "cookies",
        "elapsed",
        "request",
        "http_version",
        "received_at",
        "decisions",
        "trailers",
    ]

    text_charset: str | None = None
    seconds: float = 0.0
    received_at: float = 0.0
    connection: Any = None
    trailers: Fields | None = None
    _raw: Any = None
    _content: Any = False
    _content_consumed: bool = False
    _encoding: Any = False
    _cookies: Any = None  # A CookieJar once they were asked for. Libraries resolve annotations.
    _preview: Any = None  # Makes the request that follows, of the response.
    _next: Any = None  # A PreparedRequest, likewise.

    def __init__(
        self,
        head: ResponseHead | None = None,
        request: PreparedRequest | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        if head is None:
            self.status_code: int = None  # type: ignore[assignment]  # It is to be set by hand.
            self._headers: Fields = self.fields_class()
            self.reason: str = None  # type: ignore[assignment]
            self.http_version: str | None = None
            self.decisions = []
        else:
            self.status_code = head.status
            self._headers = head.fields
            self.reason = head.reason
            self.http_version = head.version
            self.decisions = [*head.decisions]
            self.left_out = head.decisions
        self.request: PreparedRequest = request  # type: ignore[assignment]  # None as well.
        self.url: str = None if request is None else request.url  # type: ignore[assignment]
        self.limits: Limits = limits
        self.history: list[Self] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self.status_code}]>"

    def __bool__(self) -> bool:
        return self.ok

    # --- head -----------------------------------------------------------------------------------

    @property
    def headers(self) -> Fields:
        """Field lines. Another mapping, or pairs, are converted when set: each pair is a line."""
        return self._headers

    @headers.setter
    def headers(self, given: Any) -> None:
        if not isinstance(given, Fields):
            pairs, given = given, self.fields_class()
            given.extend(pairs.items() if hasattr(pairs, "items") else pairs or ())
        self._headers = given

    @property
    def raw(self) -> Any:
        """The content as received, as a file to read from; None if there is none."""
        return self._raw

    @raw.setter
    def raw(self, raw: Any) -> None:
        self._raw = raw

    @property
    def raw_headers(self) -> list[tuple[str, str]]:
        """Field lines as received: names keep their case and may repeat."""
        return self._headers.lines

    @property
    def ok(self) -> bool:
        """The status is below 400."""
        try:
            self.raise_for_status()
        except HTTPError:
            return False
        return True

    @property
    def is_redirect(self) -> bool:
        """The response redirects to another URL (RFC 9110 section 15.4)."""
        return self.status_code in REDIRECT_STATUSES and "location" in self._headers

    @property
    def is_permanent_redirect(self) -> bool:
        """The response redirects permanently: 301 and 308."""
        return self.status_code in PERMANENT_REDIRECT_STATUSES and "location" in self._headers

    @property
    def links(self) -> dict[str, dict[str, str]]:
        """Links of the Link field by relation type, or by URL where they have none (RFC 8288)."""
        value = self._headers.get("link")
        return parse_links(value) if value else {}

    @property
    def cookies(self) -> CookieJar:
        """The cookies that this response sets."""
        jar: CookieJar | None = self._cookies
        if jar is None:
            jar = self._cookies = CookieJar(limits=self.limits)
            if "set-cookie" in self._headers and self.request is not None:  # pyright: ignore[reportUnnecessaryComparison] - by hand it may be
                jar.store(
                    self._headers.get_all("set-cookie"), self.request.parsed_url, self.received_at
                )
        return jar

    @cookies.setter
    def cookies(self, jar: CookieJar) -> None:
        self._cookies = jar

    @property
    def next(self) -> PreparedRequest | None:
        """The request that would follow a redirect that was not followed; None without one."""
        preview = self._preview
        if preview is not None:
            self._next, self._preview = preview(self), None
        following: PreparedRequest | None = self._next
        return following

    @property
    def elapsed(self) -> timedelta:
        """Time from sending the request until the head of the response arrived."""
        from datetime import timedelta

        return timedelta(seconds=self.seconds)

    @elapsed.setter
    def elapsed(self, elapsed: timedelta) -> None:
        self.seconds = elapsed.total_seconds()

    def follow_with(self, preview: Callable[[Response], PreparedRequest | None]) -> None:
        """Set the function that ``next`` calls once."""
        if self.is_redirect:
            self._preview = preview

    def raise_for_status(self) -> None:
        """Raise an error if the status is one of failure.

        Raises:
            HTTPError: The status is 400 to 599.
        """
        status = self.status_code
        if status is None or not 400 <= status < 600:  # pyright: ignore[reportUnnecessaryComparison] - by hand it may be
            return
        from .failed_status import error_for

        raise error_for(self, self._shown())

    def _shown(self) -> str | None:
        request = self.request
        if request and request.url == self.url and hasattr(request, "userinfo"):
            return request.parsed_url.shown
        return self.url and shown_url(self.url)

    # --- content --------------------------------------------------------------------------------

    @property
    def encoding(self) -> str | None:
        """The charset that the content is decoded from."""
        if self._encoding is False:
            kind = self._headers.get("content-type")
            declared = charset_of(kind)
            if declared is None and kind is not None and kind.lower().startswith("text/"):
                declared = self.text_charset
            self._encoding = declared
        known: str | None = self._encoding
        return known

    @encoding.setter
    def encoding(self, charset: str | None) -> None:
        self._encoding = charset

    @property
    def apparent_encoding(self) -> str:
        """The charset that the bytes of the content look like, whatever was declared.

        It is that of the byte order mark, UTF-8 if they are valid in it, or what the ``charset``
        extra guesses from 64 bytes on; else UTF-8.
        """
        return charset_of_content(self.content or b"", detector())

    @property
    def content(self) -> bytes:
        """The content as bytes, content codings removed; None if one made by hand has none.

        Raises:
            RuntimeError: The content was streamed, and not kept.
        """
        if self._content is False:
            if self._content_consumed:
                raise RuntimeError("The content for this response was already consumed")
            return None  # type: ignore[return-value]
        known: bytes = self._content
        return known

    @property
    def text(self) -> str:
        """The content as text, by ``encoding``, else ``apparent_encoding``; without its BOM."""
        content = self.content
        if not content:
            return ""
        return decode_text(content, self.encoding, detector())

    def json(self, **arguments: Any) -> Any:
        """Return the content parsed as JSON (RFC 8259); arguments go to ``json.loads``.

        It is UTF-8, UTF-16 or UTF-32, whichever it shows, and ``text`` if it is valid in none: a
        declared charset "really has no effect" (RFC 8259 section 11).

        Raises:
            JSONDecodeError: The content is not JSON.
        """
        from .response_json import parse_json

        return parse_json(self._json_text(), arguments, self)

    def _json_text(self) -> str:
        text = decode_json(self.content or b"")
        return self.text if text is None else text

    def pipeline(
        self, chunk_size: int | None, *, as_text: bool = False, decoded: bool = False
    ) -> Pipeline:
        """Build the pipeline that turns received content into pieces for its reader.

        Args:
            chunk_size: The most bytes in a piece; None, or a number below 1, for any number.
            as_text: Decode the pieces to text; see ``incremental_text``.
            decoded: Content codings were removed already.

        Raises:
            TypeError: The chunk size is not an int.
            ContentTooLarge: The content is declared to be larger than it may be.
        """
        if chunk_size is not None and not isinstance(chunk_size, int):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
            raise TypeError(f"chunk_size must be an int, it is instead a {type(chunk_size)}.")
        if chunk_size is not None and chunk_size < 1:  # Empty pieces would have no end.
            chunk_size = None
        most = self.limits.content_size_max
        if most is not None and (error := oversize(self, most)) is not None:
            raise error
        return Pipeline(
            None if decoded else self.decoder(),
            size=chunk_size,
            text=self.incremental_text() if as_text else None,
            size_max=most,
        )

    def incremental_text(self) -> IncrementalText:
        """Build a decoder that gives ``text`` in pieces, guessing only of content that is kept."""
        charset = self.encoding
        if charset is None and self._content:
            charset = self.apparent_encoding
        return IncrementalText(charset)

    @property
    def is_plain(self) -> bool:
        """The content needs no pipeline: it has no content coding, and its size no limit."""
        limited = self.limits.content_size_max is not None
        return not limited and "content-encoding" not in self._headers.by_name()

    def set_content(self, data: bytes, trailers: Fields | None) -> None:
        """Set the whole content, content codings removed, and the trailer fields after it."""
        self._content = data
        self._content_consumed = True
        self.trailers = trailers

    def decoder(self) -> Decoder | None:
        """Build the decoder that removes the content codings; None if there are none.

        Raises:
            DecompressionLimit: There are more codings than the limits allow.
        """
        codings = self._headers.get_all("content-encoding")
        try:
            if not codings:
                return None
            from sojourn_core.values.content.coding import decoder_for

            return decoder_for(codings, self.limits, self.noter())
        except RequestException as error:
            error.request, error.response = self.request, self
            raise

    def claim_content(self) -> bool:
        """Claim the content for one reader; return True if it was read and kept already.

        Raises:
            StreamConsumedError: The content was read before, and not kept.
        """
        if self._content is not False:
            return True
        if self._content_consumed:
            raise StreamConsumedError("the content of this response was read before", response=self)
        self._content_consumed = True
        return False

    # --- pickling -------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes of ``__attrs__``, the content among them."""
        if not self._content_consumed:
            _ = self.content
        return state_of(self, self.__attrs__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Set the attributes that the state has."""
        self.__init__()  # type: ignore[misc]  # A subclass that needs arguments has its own.
        restore_state(self, state)
        self._content_consumed = True
