"""A response: what is known of it once its head is there, and its content once that was read.

This is the pure half. The bindings' responses derive from it and add nothing but the reading.
"""

from __future__ import annotations

import json as json_codec
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from .coding import Decoder, decoder_for
from .cookies import CookieJar
from .decision import explain
from .errors import HTTPError, JSONDecodeError, RequestException, StreamConsumedError
from .fields import Fields
from .limits import DEFAULT_LIMITS
from .links import parse_links
from .reading import Pipeline
from .status import PERMANENT_REDIRECT_STATUSES, REDIRECT_STATUSES
from .text import charset_of, decode_text, json_encoding

if TYPE_CHECKING:
    from collections.abc import Callable

    from .call import Call
    from .decision import Decision
    from .exchange import Exchange
    from .head import ResponseHead
    from .limits import Limits
    from .request import PreparedRequest

CONTENT_CHUNK_SIZE: Final = 10 * 1024
ITER_CHUNK_SIZE: Final = 512


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
        decisions: What was decided on the way, in order.
        encoding: The charset of the content: declared, or as set by you; None if unknown.
        trailers: Fields that came after the content; None before it was read.
    """

    def __init__(
        self,
        head: ResponseHead | None = None,
        request: PreparedRequest | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        if head is None:
            self.status_code: int | None = None
            self.headers: Fields = Fields()
            self.reason: str | None = None
        else:
            self.status_code = head.status
            self.headers = head.fields
            self.reason = head.reason
        self.request: PreparedRequest | None = request
        self.url: str | None = None if request is None else request.url
        self.limits: Limits = limits
        self.history: list[Response] = []
        self.seconds: float = 0.0
        self.received_at = 0.0
        self.decisions: list[Decision] = []
        self.raw: Any = None
        self.connection: Any = None
        self.trailers: Fields | None = None
        self._content: Any = False
        self._content_consumed = False
        self._encoding: Any = False
        self._cookies: CookieJar | None = None
        self._call: Call | None = None
        self._next: PreparedRequest | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self.status_code}]>"

    def __bool__(self) -> bool:
        return self.ok

    # --- what the head says ---------------------------------------------------------------------

    @property
    def raw_headers(self) -> list[tuple[str, str]]:
        """Each field line as it came: names with their case, repetitions kept."""
        return self.headers.lines

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
        return self.status_code in REDIRECT_STATUSES and "location" in self.headers

    @property
    def is_permanent_redirect(self) -> bool:
        """Whether it does so for good: 301 and 308."""
        return self.status_code in PERMANENT_REDIRECT_STATUSES and "location" in self.headers

    @property
    def links(self) -> dict[str, dict[str, str]]:
        """The Link field by relation type, else by URL (RFC 8288)."""
        value = self.headers.get("link")
        return parse_links(value) if value else {}

    @property
    def cookies(self) -> CookieJar:
        """The cookies that this response set."""
        jar = self._cookies
        if jar is None:
            jar = self._cookies = CookieJar(limits=self.limits)
            if "set-cookie" in self.headers and self.request is not None:
                jar.store(
                    self.headers.get_all("set-cookie"), self.request.parsed_url, self.received_at
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

    def follow_with(self, call: Call) -> None:
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
        if self.request is not None and self.request.url == url:
            url = self.request.parsed_url.without_userinfo().text
        raise HTTPError(f"{status} {side} Error: {reason} for url: {url}", response=self)

    def explain(self) -> str:
        """Everything that was decided on the way here, with its reasons, as text."""
        return explain(self.decisions)

    # --- content --------------------------------------------------------------------------------

    @property
    def encoding(self) -> str | None:
        """The charset that the content is read in."""
        if self._encoding is False:
            self._encoding = charset_of(self.headers.get("content-type"))
        known: str | None = self._encoding
        return known

    @encoding.setter
    def encoding(self, charset: str | None) -> None:
        self._encoding = charset

    @property
    def apparent_encoding(self) -> str:
        """The charset that the octets of the content look like.

        It takes the ``charset`` extra; without it, and where that finds nothing, UTF-8 it is.
        """
        detect = detector()
        found = None if detect is None else detect(self.content or b"")
        return found or "utf-8"

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
        """The content as text: in ``encoding``, else by its BOM, else detected, else as UTF-8."""
        content = self.content
        if not content:
            return ""
        return decode_text(content, self.encoding, detector())

    def json(self, **arguments: Any) -> Any:
        """The content as JSON; arguments go to ``json.loads``.

        Raises:
            JSONDecodeError: If it is not JSON.
        """
        content = self.content or b""
        if self.encoding is None and len(content) > 3:
            try:
                return json_codec.loads(content.decode(json_encoding(content)), **arguments)
            except UnicodeDecodeError:
                pass  # Then as text it is, whatever that makes of it.
            except json_codec.JSONDecodeError as error:
                raise JSONDecodeError(error.msg, error.doc, error.pos, response=self) from None
        try:
            return json_codec.loads(self.text, **arguments)
        except json_codec.JSONDecodeError as error:
            raise JSONDecodeError(error.msg, error.doc, error.pos, response=self) from None

    def pipeline(self, chunk_size: int | None, *, as_text: bool = False) -> Pipeline:
        """What turns the octets of this response into pieces for its reader.

        Raises:
            TypeError: For a chunk size that is no number.
        """
        if chunk_size is not None and not isinstance(chunk_size, int):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
            raise TypeError(f"chunk_size must be an int, it is instead a {type(chunk_size)}.")
        charset = (self.encoding or "utf-8") if as_text else None
        return Pipeline(
            self.decoder(),
            size=chunk_size,
            charset=charset,
            size_max=self.limits.content_size_max,
        )

    def take_at_hand(self, exchange: Exchange) -> bool:
        """Keep the content, if all of it came with the head and can be taken as it is.

        Most responses are that small. Their readers need no pipeline.
        """
        if "content-encoding" in self.headers.by_name() or self.limits.content_size_max is not None:
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
        codings = self.headers.get_all("content-encoding")
        try:
            return decoder_for(codings, self.limits) if codings else None
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
                best = from_bytes(content).best()
                return None if best is None else best.encoding

            _detector = guess
    return _detector


_detector: Callable[[bytes], str | None] | None = None
_detector_known = False
