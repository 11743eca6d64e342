"""A response: what is known of it once its head is there, and its content once that was read.

This is the pure half. The bindings' responses derive from it and add nothing but the reading.
"""

from __future__ import annotations

import json as json_codec
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sojourn_core.rules.cookies import CookieJar
from sojourn_core.values.content.coding import Decoder, decoder_for
from sojourn_core.values.content.pipeline import Pipeline
from sojourn_core.values.content.text import (
    IncrementalText,
    charset_of,
    charset_of_content,
    decode_json,
    decode_text,
)
from sojourn_core.values.decision import explain
from sojourn_core.values.errors import (
    HTTPError,
    JSONDecodeError,
    RequestException,
    StreamConsumedError,
)
from sojourn_core.values.fields import Fields
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.links import parse_links
from sojourn_core.values.status import PERMANENT_REDIRECT_STATUSES, REDIRECT_STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.call.course import Course
    from sojourn_core.exchange.exchange import Exchange
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.limits import Limits

    from .request import PreparedRequest

CONTENT_CHUNK_SIZE: Final = 10 * 1024
ITER_CHUNK_SIZE: Final = 512
STATE_VERSION: Final = 1  # Of what is pickled; 1 is read by all that came after.
UNMADE: Final = object()  # A ``raw`` that is made when it is asked for: few ask.


class Response:
    """The response to one request.

    Args:
        head: What its head says; without one, all is there to be set by hand.
        request: What was sent.
        limits: What its content may grow to.

    Attributes:
        status_code: Three digits.
        headers: Field lines; reading one by name joins its lines, ``get_all`` does not.
        url: The URL that was asked, its fragment included.
        reason: The reason phrase of the status line.
        history: The responses that led here: redirects, challenges. Never the response itself.
        request: What was sent.
        seconds: ``elapsed`` as a number.
        received_at: When that was, in seconds since 1970; the age of its cookies counts from it.
        http_version: The version of the status line, such as ``"1.1"``; None if it is not known.
        raw: The content as it came, as a file; None if the response did not come by a connection.
        decisions: What was decided on the way, in order.
        text_charset: What ``text/*`` without a charset is read in, if the policy names one.
        encoding: The charset of the content: declared, or as set by you; None if unknown.
        trailers: Fields that came after the content; None before it was read.
    """

    fields_class: ClassVar[type[Fields]] = Fields

    # Requests' own name, and its ten attributes first: what is pickled, which subclasses extend.
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

    def __init__(
        self,
        head: ResponseHead | None = None,
        request: PreparedRequest | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        if head is None:
            self.status_code: int | None = None
            self._headers: Fields = self.fields_class()
            self.reason: str | None = None
            self.http_version: str | None = None
        else:
            self.status_code = head.status
            self._headers = head.fields
            self.reason = head.reason
            self.http_version = head.version
        self.request: PreparedRequest | None = request
        self.url: str | None = None if request is None else request.url
        self.limits: Limits = limits
        self.history: list[Response] = []
        self.seconds: float = 0.0
        self.received_at = 0.0
        self.decisions: list[Decision] = []
        self._raw: Any = None
        self.connection: Any = None
        self.trailers: Fields | None = None
        self._content: Any = False
        self._content_consumed = False
        self._encoding: Any = False
        self._cookies: CookieJar | None = None
        self._call: Course | None = None
        self._next: PreparedRequest | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self.status_code}]>"

    def __bool__(self) -> bool:
        return self.ok

    # --- what the head says ---------------------------------------------------------------------

    @property
    def headers(self) -> Fields:
        """Field lines. What is set as a plain mapping, or as pairs, becomes a section of them."""
        return self._headers

    @headers.setter
    def headers(self, given: Any) -> None:
        if not isinstance(given, Fields):
            pairs: Any = given.items() if hasattr(given, "items") else given or ()
            given = self.fields_class([*pairs])
        self._headers = given

    @property
    def raw(self) -> Any:
        """The content as it came, as a file to read from; None if there is none."""
        return self._raw

    @raw.setter
    def raw(self, raw: Any) -> None:
        self._raw = raw

    @property
    def raw_headers(self) -> list[tuple[str, str]]:
        """Each field line as it came: names with their case, repetitions kept."""
        return self._headers.lines

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        try:
            self.raise_for_status()
        except HTTPError:
            return False
        return True

    @property
    def is_redirect(self) -> bool:
        """Whether the response names another URL to ask (RFC 9110 section 15.4)."""
        return self.status_code in REDIRECT_STATUSES and "location" in self._headers

    @property
    def is_permanent_redirect(self) -> bool:
        """Whether it does so for good: 301 and 308."""
        return self.status_code in PERMANENT_REDIRECT_STATUSES and "location" in self._headers

    @property
    def links(self) -> dict[str, dict[str, str]]:
        """The Link field by relation type, else by URL (RFC 8288)."""
        value = self._headers.get("link")
        return parse_links(value) if value else {}

    @property
    def cookies(self) -> CookieJar:
        """The cookies that this response set."""
        jar = self._cookies
        if jar is None:
            jar = self._cookies = CookieJar(limits=self.limits)
            if "set-cookie" in self._headers and self.request is not None:
                jar.store(
                    self._headers.get_all("set-cookie"), self.request.parsed_url, self.received_at
                )
        return jar

    @cookies.setter
    def cookies(self, jar: CookieJar) -> None:
        self._cookies = jar

    @property
    def next(self) -> PreparedRequest | None:
        """The request that a redirect which was not followed leads to; None if it leads nowhere."""
        call = self._call
        if call is not None:
            self._next = call.peek(self)
            self._call = None
        return self._next

    @property
    def elapsed(self) -> timedelta:
        """From sending the request until the head of the response was there."""
        return timedelta(seconds=self.seconds)

    @elapsed.setter
    def elapsed(self, elapsed: timedelta) -> None:
        self.seconds = elapsed.total_seconds()

    def follow_with(self, call: Course) -> None:
        """Remember the call that knows where a redirect leads, until somebody asks."""
        if self.is_redirect:
            self._call = call

    def raise_for_status(self) -> None:
        """Raise if the status says that the request failed.

        Raises:
            HTTPError: For 400 to 599.
        """
        status = self.status_code
        if status is None or not 400 <= status < 600:
            return
        side = "Client" if status < 500 else "Server"
        reason: Any = self.reason
        if isinstance(reason, bytes):
            try:
                reason = reason.decode()
            except UnicodeDecodeError:
                reason = reason.decode("latin-1")
        url = self.url
        request = self.request
        # It may be one made by hand, of another class.
        if request is not None and request.url == url and getattr(request, "userinfo", None):
            url = request.parsed_url.without_userinfo().text
        raise HTTPError(f"{status} {side} Error: {reason} for url: {url}", response=self)

    def explain(self) -> str:
        """Everything that was decided on the way here, with its reasons, as text."""
        return explain(self.decisions)

    # --- content --------------------------------------------------------------------------------

    @property
    def encoding(self) -> str | None:
        """The charset that the content is read in."""
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
    def content(self) -> bytes | None:
        """The octets of the content, codings taken off; None if there can be none.

        Raises:
            RuntimeError: If it was streamed and is gone.
        """
        if self._content is False:
            if self._content_consumed:
                raise RuntimeError("The content for this response was already consumed")
            return None
        known: bytes | None = self._content
        return known

    @property
    def text(self) -> str:
        """The content as text: in ``encoding``, else in ``apparent_encoding``.

        A byte order mark is no part of it.
        """
        content = self.content
        if not content:
            return ""
        return decode_text(content, self.encoding, detector())

    def json(self, **arguments: Any) -> Any:
        """The content as JSON; arguments go to ``json.loads``.

        It is UTF-8, UTF-16 or UTF-32, whichever it shows, and ``text`` if it is valid in none: a
        declared charset "really has no effect" (RFC 8259 section 11).

        Raises:
            JSONDecodeError: If it is not JSON.
        """
        text = self._json_text()
        try:
            return json_codec.loads(text, **arguments)
        except (ValueError, RecursionError) as error:
            raise self._no_json(error, arguments) from None

    def _json_text(self) -> str:
        text = decode_json(self.content or b"")
        return self.text if text is None else text

    def _no_json(self, error: Exception, arguments: dict[str, Any]) -> Exception:
        """The error for content that cannot be read: too deep or too long a number, too."""
        if isinstance(error, json_codec.JSONDecodeError):
            return JSONDecodeError(error.msg, error.doc, error.pos, response=self)
        if arguments:  # The caller's own functions may have raised it.
            return error
        return JSONDecodeError(str(error), self.text, 0, response=self)

    def pipeline(
        self, chunk_size: int | None, *, as_text: bool = False, decoded: bool = False
    ) -> Pipeline:
        """Build what turns the bytes of this response into pieces for its reader.

        Args:
            chunk_size: Bytes in each piece; None, or a number below 1, for pieces as they come.
            as_text: Give text in place of bytes; see ``incremental_text``.
            decoded: Content codings were taken off already.

        Raises:
            TypeError: For a chunk size that is no number.
        """
        if chunk_size is not None and not isinstance(chunk_size, int):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
            raise TypeError(f"chunk_size must be an int, it is instead a {type(chunk_size)}.")
        if chunk_size is not None and chunk_size < 1:  # Pieces of no octets would have no end.
            chunk_size = None
        return Pipeline(
            None if decoded else self.decoder(),
            size=chunk_size,
            text=self.incremental_text() if as_text else None,
            size_max=self.limits.content_size_max,
        )

    def incremental_text(self) -> IncrementalText:
        """Build what decodes the content of this response piece by piece, as ``text`` does it.

        Nothing is guessed of content that is still to come.
        """
        charset = self.encoding
        if charset is None and self._content:
            charset = self.apparent_encoding
        return IncrementalText(charset)

    def take_at_hand(self, exchange: Exchange) -> bool:
        """Keep the content, if all of it came with the head and can be taken as it is.

        Most responses are that small. Their readers need no pipeline.
        """
        if (
            "content-encoding" in self._headers.by_name()
            or self.limits.content_size_max is not None
        ):
            return False
        data = exchange.at_hand()
        if data is None:
            return False
        self._content = data
        self._content_consumed = True
        self.trailers = exchange.trailers
        return True

    def decoder(self) -> Decoder | None:
        """What takes the content codings of this response off; None if there are none.

        Raises:
            DecompressionLimit: If there are more than may be stacked.
        """
        codings = self._headers.get_all("content-encoding")
        try:
            if not codings:
                return None
            return decoder_for(codings, self.limits, self.decisions.append)
        except RequestException as error:
            error.request, error.response = self.request, self
            raise

    def claim_content(self) -> bool:
        """Whether the content is in hand already; else its reader has it from now on, once.

        Raises:
            StreamConsumedError: If somebody read it before.
        """
        if self._content is not False:
            return True
        if self._content_consumed:
            raise StreamConsumedError("the content of this response was read before", response=self)
        self._content_consumed = True
        return False

    # --- state ----------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """The attributes of ``__attrs__``, the content among them, and the version of the state.

        What leads to a connection stays behind, and so do content of the request that is streamed
        and credentials that are objects: the fields that they set are there.
        """
        if not self._content_consumed:
            _ = self.content
        state = {attribute: getattr(self, attribute, None) for attribute in self.__attrs__}
        state["request"] = _portable(state.get("request"))
        state["_version"] = STATE_VERSION
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what is there: a state of another version may have less, or more."""
        self.__init__()  # type: ignore[misc]  # A subclass that needs arguments has its own.
        for attribute, value in state.items():
            if attribute != "_version":
                with suppress(AttributeError):  # What is computed by now.
                    setattr(self, attribute, value)
        self._content_consumed = True


def _portable(request: Any) -> Any:
    """A request that can be pickled: Sojourn's own without streams, credentials and sources.

    Requests' own cannot be, if its content is a file or an iterator; here only that is left out.
    """
    if not hasattr(request, "jar_field"):
        return request
    made = request.copy()
    if not isinstance(made.body, (bytes, str)):
        made.body = None
    made.auth = made._content = None
    made.__dict__.pop("entropy", None)
    made.__dict__.pop("policy", None)
    return made


def detector() -> Callable[[bytes], str | None] | None:
    """What guesses charsets: charset-normalizer, if it is installed."""
    global _detector, _detector_known  # noqa: PLW0603 - an import that is made once
    if not _detector_known:
        _detector_known = True
        try:
            from charset_normalizer import from_bytes
        except ImportError:
            pass
        else:

            def guess(content: bytes) -> str | None:
                best = from_bytes(content, cp_exclusion=_NOT_GUESSED).best()
                return None if best is None else best.encoding.replace("_", "-")

            _detector = guess
    return _detector


# Any two bytes are a character of UTF-16: without a mark that guess is never wrong.
_NOT_GUESSED: Final = ["utf_16_be", "utf_16_le", "utf_32_be", "utf_32_le"]
_detector: Callable[[bytes], str | None] | None = None
_detector_known = False
