"""Requests, prepared and not, under Requests' names, with the types that its users know.

They behave as Sojourn's under ``Policy.requests()``. What a program reads of a prepared request is
as in Requests: content is there as it was given, or as bytes if it was made of ``files=``; values
of fields that were given as bytes are bytes; and ``headers`` may be any mapping.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from http import cookiejar
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast
from urllib.parse import urlsplit

from sojourn_core.messages.preparation import Preparation
from sojourn_core.messages.request import PreparedRequest as CorePreparedRequest
from sojourn_core.messages.request import Request as CoreRequest
from sojourn_core.rules.policy import Policy
from sojourn_core.values.content.forms import encode_form
from sojourn_core.values.errors import (
    InvalidContent,
    InvalidContentType,
    InvalidJSONError,
    InvalidURL,
    MissingSchema,
)
from sojourn_core.values.fields import FieldLine, Fields, check_field
from sojourn_core.values.hooks import HookRegistry
from sojourn_core.values.url.shown import mask_userinfo, shown_text

from .causes import caught_as
from .cookies import cookiejar_from_dict, copy_cookie_jar, get_cookie_header
from .structures import AsFields, CaseInsensitiveDict, in_fields
from .utils.urls import get_auth_from_url

if TYPE_CHECKING:
    from sojourn_core.messages.arguments import (
        JSON,
        Body,
        Cookies,
        Data,
        Files,
        Params,
        URLInput,
    )

POLICY: Final = Policy.requests()
# Content that Requests does not stream, though it can be iterated over.
_NOT_STREAMED: Final = (str, bytes, list, tuple, Mapping)


class RequestHooksMixin(HookRegistry):
    """The base of classes that have hooks: those of ``response``, as in Requests."""

    hook_events = frozenset({"response"})
    methods_without_length = frozenset({"GET", "HEAD"})  # As in Requests: CONNECT says 0.


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
        from sojourn_core.values.content.multipart import boundary_from, encode_multipart

        if not files:
            raise ValueError("Files must be provided.")
        if isinstance(data, (str, bytes)):
            raise ValueError("Data must not be a string.")
        boundary = boundary_from(os.urandom(16))
        content, content_type = encode_multipart(data or None, files, boundary, at_once=True)
        return _joined(content), content_type


class Request(CoreRequest, RequestHooksMixin):
    """A request as the caller gave it; its arguments are those of Sojourn's own."""

    if TYPE_CHECKING:
        headers: Mapping[str, str | bytes]  # pyright: ignore[reportIncompatibleVariableOverride]

        def prepare(self) -> PreparedRequest: ...


class PreparedRequest(RequestEncodingMixin, RequestHooksMixin, CorePreparedRequest):
    """A prepared request: fields in a ``CaseInsensitiveDict``, cookies in a standard jar."""

    preparation = Preparation(POLICY, os.urandom)
    reads_files_at_once = True
    fields_class: ClassVar[type[Fields]] = CaseInsensitiveDict
    basic_class: ClassVar[Any]  # ``auth`` has it, and sets it here.
    _cookies: Any

    if TYPE_CHECKING:
        headers: CaseInsensitiveDict[str | bytes]
        body: Body

    def __init__(self) -> None:
        super().__init__()
        nothing: Any = None
        self.headers = nothing  # As in Requests, until they are prepared.

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
            raise MissingSchema(f"{said}{shown[1:-1]}?") from None
        except InvalidURL as error:
            said = str(error)
            masked = shown_text(_text(url).strip())
            if said.startswith(f"invalid URL {masked}"):
                said = f"Invalid URL {shown_whole_url(url)}{said[len(masked) + 12 :]}"
                error.args = (said.replace(": no host", ": No host"),)
            raise

    @staticmethod
    def _get_idna_encoded_host(host: str) -> str:
        """Return the ASCII form of a host: a private name that programs read all the same.

        Raises:
            UnicodeError: It has none.
        """
        import idna

        return idna.encode(host, uts46=True).decode("ascii")

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
            made[check_field(name, value)[0]] = value
        self.headers = made  # pyright: ignore[reportIncompatibleVariableOverride]

    def prepare_body(self, data: Data, files: Files, json: JSON = None) -> None:  # type: ignore[override]  # Both are a must.
        """Set the content and its framing.

        Content is as it was given: text and forms are text, and what has a buffer is the object
        itself. What is made of ``files`` is bytes, so the files may be closed.

        Raises:
            InvalidContent: It cannot be sent; a stream beside ``files`` is a NotImplementedError.
            InvalidJSONError: ``json`` has no JSON form.
        """
        given: Any = _unpacked(data)
        files = _unpacked(files)
        streamed = hasattr(data, "__iter__") and not isinstance(data, _NOT_STREAMED)
        with AsFields(self):
            if streamed and files:
                raise _exclusive(self)
            if streamed and (json is None or data):
                self._prepare_stream(data)
                return
            if not (data or files or json is not None):
                self._forget_framing()
            try:
                super().prepare_body(given, files, json)
            except InvalidJSONError as error:
                error.request = self
                raise
        self._body_position = None
        if files:
            self.body = _joined(self.body)
        elif data and isinstance(self.body, bytes) and not isinstance(data, bytes):
            is_form = isinstance(data, (list, tuple, Mapping))
            self.body = self.body.decode("ascii") if is_form else given

    def _prepare_stream(self, data: Any) -> None:
        """Set content that Requests does not look into: a file, an iterable, a buffer."""
        self.body, self._body_position = data, _position_of(data)
        self.prepare_content_length(data)
        if not self._is_framed():
            self._frame(None)

    def _multipart(self, data: Any, files: Any) -> tuple[Any, str]:
        content, content_type = super()._multipart(data, files)
        return _joined(content), content_type

    def prepare_content_length(self, body: Any) -> None:
        """Set Content-Length: of content that has a length above zero, or of none.

        Any other content is left as it is; ``HTTPAdapter`` sends it in chunks.

        Raises:
            InvalidContent: The content cannot be sent.
        """
        with AsFields(self):
            length = None if body is None else self._length_of(body)
            if body is None or length:
                super().prepare_content_length(body)
            elif "transfer-encoding" in self.headers and length is None:
                return  # It is framed already, as content without a length.
            elif length is None or self.headers.first("content-length") != "0":
                self._forget_framing()

    def apply_auth(self, auth: Any) -> None:
        """Let an authentication have its way with this request, which is framed again after it."""
        super().apply_auth(auth)
        self.prepare_content_length(self.body)

    def _foreign_lines(self) -> list[FieldLine]:
        return in_fields(self.headers).lines

    def _settle(self) -> None:
        if self.body is None:
            with AsFields(self):
                self._forget_framing()

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


def _unpacked(items: Any) -> Any:
    """Return the items of a form as Requests unpacks them: text of two characters is a pair.

    Raises:
        InvalidContent: An item is bytes, and no pair; natively they would be pieces of a stream.
    """
    given: Any = items
    if not isinstance(items, (list, tuple)):
        return given
    for number, item in enumerate(given):
        if isinstance(item, bytes) and len(item) != 2:
            raise InvalidContent(f"item {number} of the form data, of type bytes, is not a pair")
    return [
        (each[0], each[1]) if isinstance(each, (str, bytes)) and len(each) == 2 else each
        for each in given
    ]


def _exclusive(request: PreparedRequest) -> InvalidContent:
    """Build the error for content that would be a stream and multipart at once."""
    error = InvalidContent("a stream cannot be sent beside files", request=request)
    caught_as(error, NotImplementedError)
    return error


def shown_whole_url(url: Any) -> str:
    """Return a URL for a message: Requests' own text, but for the user info."""
    return repr(mask_userinfo(_text(url)))


def _text(url: Any) -> str:
    return url.decode("utf-8", "replace") if isinstance(url, bytes) else str(url)


def _joined(content: Any) -> bytes:
    """Return multipart content as bytes.

    Raises:
        InvalidContentType: A part of it can only be read by an async session.
    """
    if isinstance(content, bytes):
        return content
    if hasattr(content, "__aiter__"):
        raise InvalidContentType("a part of the files can only be read by an async session")
    return b"".join(content)


def _position_of(body: Any) -> Any:
    """Return the position of a file, an object if it does not know, None for anything else."""
    tell = getattr(body, "tell", None)
    if tell is None:
        return None
    try:
        return tell()
    except OSError:
        return object()  # So that Requests' ``rewind_body`` knows that it is a file.
