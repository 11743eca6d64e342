"""Requests and responses under Requests' names, with the types that its users know.

They behave as Sojourn's; the differences are in the policy, in the classes of fields and jars, and
in the attributes of a response that can be set.
"""

from __future__ import annotations

import os
from http import cookiejar
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast, overload
from urllib.parse import urlsplit

from sojourn.shared.foreign import pieces_of
from sojourn.shared.partial import joined
from sojourn.sync.response import Response as SyncResponse
from sojourn_core.messages.preparation import Preparation
from sojourn_core.messages.request import PreparedRequest as CorePreparedRequest
from sojourn_core.messages.request import Request as CoreRequest
from sojourn_core.messages.response import CONTENT_CHUNK_SIZE, ITER_CHUNK_SIZE
from sojourn_core.rules.policy import Policy
from sojourn_core.session.session import DEFAULT_REDIRECT_LIMIT
from sojourn_core.values.content.forms import encode_form
from sojourn_core.values.content.multipart import boundary_from, encode_multipart
from sojourn_core.values.content.text import IncrementalText, decode_json, decode_text
from sojourn_core.values.errors import InvalidURL, MissingSchema, RequestException
from sojourn_core.values.fields import Fields, check_field
from sojourn_core.values.hooks import HookRegistry
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.shown import mask_userinfo, shown_text

from . import compat
from .borrowed import borrowed
from .cookies import RequestsCookieJar, cookiejar_from_dict, copy_cookie_jar, get_cookie_header
from .lines import ChunkLines
from .structures import CaseInsensitiveDict
from .utils.urls import get_auth_from_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Literal, Protocol

    from sojourn_core.messages.arguments import (
        JSON,
        Body,
        Cookies,
        Data,
        Files,
        Params,
        URLInput,
    )

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
POLICY: Final = Policy.requests()


class RequestHooksMixin(HookRegistry):
    """The base of classes that have hooks."""


class RequestEncodingMixin:
    """The base of classes that have a URL, and content to be encoded."""

    url: str | None

    @property
    def path_url(self) -> str:
        """Path and query of the URL."""
        url: str = self.url  # type: ignore[assignment]
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return (parts.path or "/") + query

    @staticmethod
    def _encode_params(data: Any) -> Any:
        """Encode a form as text; text, bytes, files and scalars are returned as they are."""
        if isinstance(data, (str, bytes)) or hasattr(data, "read") or not hasattr(data, "__iter__"):
            return data
        return encode_form(data).decode("ascii")

    @staticmethod
    def _encode_files(files: Any, data: Any) -> tuple[bytes, str]:
        """Return multipart content as bytes, and its Content-Type.

        Raises:
            ValueError: There are no files, or the data is text.
        """
        if not files:
            raise ValueError("Files must be provided.")
        if isinstance(data, (str, bytes)):
            raise ValueError("Data must not be a string.")
        boundary = boundary_from(os.urandom(16))
        content, content_type = encode_multipart(data or None, files, boundary)
        if not isinstance(content, bytes):
            content = b"".join(cast("Any", content))
        return content, content_type


class Request(CoreRequest, RequestHooksMixin):
    """A request as the caller gave it; its arguments are those of Sojourn's own."""

    if TYPE_CHECKING:
        headers: Mapping[str, str | bytes]  # pyright: ignore[reportIncompatibleVariableOverride]

        def prepare(self) -> PreparedRequest: ...


class PreparedRequest(RequestEncodingMixin, RequestHooksMixin, CorePreparedRequest):
    """A prepared request: fields in a ``CaseInsensitiveDict``, cookies in a standard jar."""

    preparation = Preparation(POLICY, os.urandom)
    fields_class: ClassVar[type[Fields]] = CaseInsensitiveDict
    basic_class: ClassVar[Any]  # ``auth`` has it, and sets it here.
    _cookies: Any

    if TYPE_CHECKING:
        headers: CaseInsensitiveDict[str | bytes]
        body: Body

    def prepare_url(self, url: URLInput, params: Params) -> None:  # type: ignore[override]  # Both are a must.
        """Set the URL, with the parameters added to its query.

        Raises:
            MissingSchema: The URL has no scheme.
            InvalidURL: No request can be sent to it.
        """
        try:
            super().prepare_url(url, params)
        except MissingSchema:
            # Tests and programs look for these words.
            shown = shown_whole_url(url)
            said = f"Invalid URL {shown}: No scheme supplied. Perhaps you meant https://"
            raise MissingSchema(f"{said}{shown[1:-1].lstrip('/')}?") from None
        except InvalidURL as error:
            said = str(error)
            masked = shown_text(_text(url).strip())
            if said.startswith(f"invalid URL {masked}"):
                said = f"Invalid URL {shown_whole_url(url)}{said[len(masked) + 12 :]}"
                error.args = (said.replace(": no host", ": No host"),)
            raise

    @property
    def userinfo(self) -> tuple[str, str] | None:
        """User and password of the URL; None unless it has both, whatever its host may be."""
        url = self.url or ""
        found = get_auth_from_url(url) if "@" in url else ("", "")
        return found if any(found) else None

    def basic_auth(self, username: Any, password: Any) -> Any:
        """Return Basic credentials as Requests makes them, for ``(username, password)``."""
        return self.basic_class(username, password)

    def prepare_headers(self, headers: Mapping[str, str | bytes] | None) -> None:  # type: ignore[override]
        """Set the field lines.

        Raises:
            InvalidHeader: A line cannot be sent; None is not a value.
        """
        made: CaseInsensitiveDict[str | bytes] = CaseInsensitiveDict()
        for name, value in headers.items() if headers else ():
            field_name, field_value = check_field(name, value)
            made[field_name] = field_value
        self.headers = made  # pyright: ignore[reportIncompatibleVariableOverride]

    def prepare_body(self, data: Data, files: Files, json: JSON = None) -> None:  # type: ignore[override]  # Both are a must.
        """Set the content and its framing; text and forms stay text, which programs read."""
        super().prepare_body(data, files, json)
        if isinstance(self.body, bytes) and data and not files and not isinstance(data, bytes):
            self.body = data if isinstance(data, str) else self.body.decode("ascii")
            if not self.body:  # A form of nothing; the length is said when it is sent.
                self.headers.pop("Content-Length", None)

    def prepare_cookies(self, cookies: Cookies) -> None:
        """Set the Cookie field by the rules of ``http.cookiejar``, unless there is one already.

        So only the first call for a request has an effect.
        """
        jar: Any = cookies
        if not isinstance(cookies, cookiejar.CookieJar):
            given: Any = cookies
            jar = cookiejar_from_dict(given)
        self._cookies = jar
        field = get_cookie_header(jar, self)
        if field is not None:
            self.set_jar_field(field)

    def copy(self) -> Self:
        """Return a copy with its own fields and jar; content and hooks are shared."""
        made = type(self)()
        made.__dict__.update(self.__dict__)
        made.headers = cast("Any", None) if self.headers is None else self.headers.copy()  # pyright: ignore[reportUnnecessaryComparison] - Requests' own may be None
        made._cookies = copy_cookie_jar(self._cookies)
        return made


Request.prepared_class = PreparedRequest


def shown_whole_url(url: Any) -> str:
    """Return a URL for a message: Requests' own text, but for the user info."""
    return repr(mask_userinfo(_text(url)))


def _text(url: Any) -> str:
    return url.decode("utf-8", "replace") if isinstance(url, bytes) else str(url)


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
    _cookies: RequestsCookieJar | None = None  # type: ignore[assignment]
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
        """Build what decodes the content piece by piece, from ``encoding``; a mark stays in it."""
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
        self.close()


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
