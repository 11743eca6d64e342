"""A request before and after preparation.

``Request`` is the intent: what the caller said. ``PreparedRequest`` is what will be sent: method,
URL, field lines and content, complete. Preparation checks everything that ends up in the head, so
that nothing malformed is written; names and order of its steps are those of Requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from sojourn_core.rules.auth.credentials import AuthFlow, HTTPBasicAuth
from sojourn_core.rules.cookies import CookieJar, cookies_from
from sojourn_core.rules.policy import DEFAULT_POLICY
from sojourn_core.values.content.content import Content, prepare_content
from sojourn_core.values.errors import InvalidContent, InvalidMethod, LocalProtocolError
from sojourn_core.values.fields import Fields, check_field, cut, is_token
from sojourn_core.values.hooks import HookRegistry, Hooks, default_hooks
from sojourn_core.values.url.prepare import prepare_url
from sojourn_core.values.url.url import URL, parse_any_url, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.url.url import Origin

    from .send import Send

# Methods whose requests say nothing of their content when they have none (RFC 9110 section 8.6).
_WITHOUT_LENGTH = frozenset({"GET", "HEAD"})


class Request(HookRegistry):
    """What a caller wants to be sent.

    Args:
        method: Any method token; upper-cased when it is prepared.
        url: An http or https URL.
        headers: Field lines: a mapping, or pairs.
        files: Multipart content (RFC 7578): a mapping or pairs of field name and file; a file is
            its content, or ``(filename, content[, type[, fields]])``.
        data: Content: a mapping or pairs (a form), text, octets, a file, an iterator, or an
            asynchronous iterator.
        params: What is added to the URL's query: a mapping, pairs, or text.
        auth: ``(user, password)``, or a callable on the prepared request.
        cookies: A mapping or a jar; for this request only.
        hooks: ``{"response": function}`` or a list of functions.
        json: A value whose JSON is the content, if there is no ``data``.
    """

    prepared_class: ClassVar[type[PreparedRequest] | None] = None

    def __init__(
        self,
        method: str | None = None,
        url: str | bytes | None = None,
        headers: Any = None,
        files: Any = None,
        data: Any = None,
        params: Any = None,
        auth: Any = None,
        cookies: Any = None,
        hooks: Any = None,
        json: Any = None,
    ) -> None:
        self.method = method
        self.url = url
        self.headers: Any = {} if headers is None else headers
        self.files: Any = [] if files is None else files
        self.data: Any = [] if data is None else data
        self.params: Any = {} if params is None else params
        self.auth = auth
        self.cookies = cookies
        self.json = json
        self.hooks: Hooks = default_hooks()
        if hooks:
            for event, hook in hooks.items():
                self.register_hook(event, hook)

    def __repr__(self) -> str:
        return f"<Request [{self.method}]>"

    def prepare(self) -> PreparedRequest:
        """The request as it would be sent without a session."""
        prepared = (self.prepared_class or PreparedRequest)()
        prepared.prepare(
            method=self.method,
            url=self.url,
            headers=self.headers,
            files=self.files,
            data=self.data,
            json=self.json,
            params=self.params,
            auth=self.auth,
            cookies=self.cookies,
            hooks=self.hooks,
        )
        return prepared


class PreparedRequest(HookRegistry):
    """What will be sent.

    Attributes:
        method: A method token.
        url: The URL as text, normalised.
        headers: Field lines, without Host, which is made from the URL unless it is given here.
        body: None, octets, or what is streamed: a file, an iterator, an asynchronous iterator.
        hooks: Functions that see the response.
        home: The origin that the caller asked for, if a redirect led elsewhere: what was given
            without a place belongs there. None for the origin of the URL.
        auth: The authentication that was applied last.
        jar_field: The Cookie field that was made from jars, if that is where it comes from.
        jar_field_by_hand: The part of it that the caller gave for an earlier hop.
        noted: Decisions taken while preparing, which no call has taken over yet.
        policy: The choices on which clients differ; a session sets its own.
        entropy: ``entropy(n)`` gives n random octets, as the session's.
        digest_uri: The request-target that Digest counts, if it is not that of the URL.
        sending: The command that it is sent by, while a mounted transport has it.
        proxy_origin: The proxy that credentials are asked for, if it is not the origin.
        is_hop: Whether a redirect led to this request.
    """

    policy: Policy = DEFAULT_POLICY
    entropy: Callable[[int], bytes] | None = None
    fields_class: ClassVar[type[Fields]] = Fields
    digest_uri: str | None = None
    proxy_origin: Origin | None = None
    sending: Send | None = None
    is_hop: bool = False

    def __init__(self) -> None:
        self.method: str | None = None
        self.url: str | None = None
        self.headers: Fields = self.fields_class()
        self.body: Any = None
        self.hooks: Hooks = default_hooks()
        self.home: Origin | None = None
        self._cookies: CookieJar | None = None
        self._body_position: Any = None
        self._framing: tuple[str | None, str | None] | None = None  # As made here.
        self.auth: Any = None
        self.jar_field: str | None = None
        self._parsed: URL | None = None
        self.jar_field_by_hand: str | None = None
        self._content: tuple[Any, Content] | None = None
        self.noted: list[Decision] | None = None

    def __repr__(self) -> str:
        return f"<PreparedRequest [{self.method}]>"

    def prepare(
        self,
        method: Any = None,
        url: Any = None,
        headers: Any = None,
        files: Any = None,
        data: Any = None,
        params: Any = None,
        auth: Any = None,
        cookies: Any = None,
        hooks: Any = None,
        json: Any = None,
    ) -> None:
        """Prepare everything, in the order that the steps depend on each other."""
        self.prepare_method(method)
        self.prepare_url(url, params)
        self.prepare_headers(headers)
        self.prepare_cookies(cookies)
        self.prepare_body(data, files, json)
        self.prepare_auth(auth, url)
        self.prepare_hooks(hooks)

    def prepare_method(self, method: str | bytes | None) -> None:
        """Set the method, in upper case.

        Raises:
            InvalidMethod: If it is not a token (RFC 9110 section 9.1).
        """
        if isinstance(method, bytes):
            method = method.decode("latin-1")
        if method is not None:
            method = method.upper()
            if not is_token(method):
                raise InvalidMethod(f"method {cut(method)} is not a token")
        self.method = method

    def prepare_url(self, url: str | bytes | None, params: Any = None) -> None:
        """Set the URL, with the parameters added to its query."""
        self.home = None
        if not params and isinstance(url, str) and url.startswith(("http://", "https://")):
            parsed = self._parsed = parse_url(url)
            self.url = parsed.text
        else:
            self.url = prepare_url(cast("str | bytes", url), params)

    def prepare_headers(self, headers: Any) -> None:
        """Set the field lines; one whose value is None is left out.

        Raises:
            InvalidHeader: If a line cannot be sent.
        """
        if not headers:
            lines: list[tuple[Any, Any]] = []
        elif isinstance(headers, Fields):
            lines = [*headers.lines]
        else:
            lines = [*(headers.items() if hasattr(headers, "items") else headers)]
        self.headers = self.fields_class.from_lines(
            [check_field(name, value) for name, value in lines if value is not None]
        )

    def prepare_cookies(self, cookies: Any) -> None:
        """Make the Cookie field, unless one was given by hand."""
        if not cookies:
            return
        jar = self._cookies = cookies_from(cookies)
        if "cookie" not in self.headers:
            # The cookies are meant for this very request, whatever their age.
            self.set_jar_field(jar.cookie_field(self.parsed_url, 0.0))

    def set_jar_field(self, field: str | None) -> None:
        """Set a Cookie field that was made from jars, and remember that it was."""
        self.jar_field = field
        if field is not None:
            self.headers["Cookie"] = field

    def prepare_body(self, data: Any, files: Any = None, json: Any = None) -> None:
        """Set the content, its Content-Type and its framing.

        Raises:
            InvalidContent: If it cannot be sent, or contradicts the Content-Length given.
        """
        made: tuple[Any, str | None]
        made = self._multipart(data, files) if files else prepare_content(data, json)
        self.body, content_type = made
        self._body_position = None if isinstance(self.body, bytes) else _position_of(self.body)
        body = self.body
        self.prepare_content_length(body)
        if content_type is not None and "content-type" not in self.headers:
            self.headers["Content-Type"] = content_type

    def _multipart(self, data: Any, files: Any) -> tuple[Any, str]:
        from sojourn_core.values.content import multipart

        heeds = self.policy.heeds_given_boundary
        given = self.headers.first("content-type") if heeds else None
        boundary = None if given is None else multipart.boundary_of(given)
        if boundary is None:
            if self.entropy is None:
                raise LocalProtocolError("multipart content needs PreparedRequest.entropy")
            boundary = multipart.boundary_from(self.entropy(16))
            if given is not None:
                self.headers["Content-Type"] = multipart.with_boundary(given, boundary)
        return multipart.encode_multipart(data, files, boundary)

    def prepare_content_length(self, body: Any) -> None:
        """Frame the content: Content-Length if its length is known, else chunked.

        A Content-Length that was given is believed for content whose length is not known, and
        counted when it is sent. Never both fields (RFC 9112 section 6.2).

        Raises:
            InvalidContent: If a Content-Length was given that the content does not have.
        """
        headers = self.headers
        if body is None:
            if self.method not in _WITHOUT_LENGTH and not self._is_framed():
                headers["Content-Length"] = "0"
                self._framing = ("0", None)
            return
        length = self._length_of(body)
        given = headers.first("content-length")
        if self._framing is not None and self._framing == (
            given,
            headers.first("transfer-encoding"),
        ):
            headers.discard("content-length")  # They were made here for earlier content.
            headers.discard("transfer-encoding")
            given = None
        if given is not None and "transfer-encoding" in headers:
            raise InvalidContent("Content-Length and Transfer-Encoding exclude each other")
        if length is None or given is None:
            if not self._is_framed():
                framed = length is not None
                name = "Content-Length" if framed else "Transfer-Encoding"
                headers[name] = str(length) if framed else "chunked"
                self._framing = (str(length), None) if framed else (None, "chunked")
        elif given != str(length):
            if not self.policy.overwrites_content_length:
                raise InvalidContent(
                    f"Content-Length {cut(given)} was given, and the content has {length} octets"
                )
            headers["Content-Length"] = str(length)

    def _length_of(self, body: Any) -> int | None:
        """How many octets there are; None for content that goes in chunks."""
        if isinstance(body, bytes):
            return len(body)
        length = self._stream(body).length
        return None if length == 0 and self.policy.chunks_empty_files else length

    def _is_framed(self) -> bool:
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    def _stream(self, body: Any) -> Content:
        known = self._content
        if known is None or known[0] is not body:
            known = self._content = (body, Content(body))
        return known[1]

    @property
    def content(self) -> Content | bytes | None:
        """The content to send: none, octets, or a stream."""
        body = self.body
        if body is None or isinstance(body, bytes):
            return body
        if isinstance(body, str):
            return body.encode()
        return self._stream(body)

    def prepare_auth(self, auth: Any, url: Any = "") -> None:
        """Set the credentials: those given, else those of the URL's user info.

        An Authorization field that was given by hand stays as it is, if the policy's
        ``credentials_order`` begins with it (Q6).
        """
        if auth is None:
            userinfo = self.userinfo
            if userinfo is None or not any(userinfo):
                return
            auth = userinfo
        if not auth:
            return
        if self.policy.credentials_order[:1] == ("field",) and "authorization" in self.headers:
            return
        self.apply_auth(auth)

    def basic_auth(self, username: Any, password: Any) -> Any:
        """What ``(username, password)`` stands for: Basic credentials."""
        return HTTPBasicAuth(username, password, charset=self.policy.basic_charset)

    def apply_auth(self, auth: Any) -> None:
        """Let an authentication have its way with this request.

        One that answers challenges is remembered, and has it when the request is sent.
        """
        if isinstance(auth, tuple):
            pair = cast("Sequence[Any]", auth)
            if len(pair) == 2:
                auth = self.basic_auth(*pair)
        self.auth = auth
        if isinstance(auth, AuthFlow):
            return
        body = self.body
        result: Any = cast("Callable[[PreparedRequest], PreparedRequest]", auth)(self)
        if result is None:
            raise TypeError("auth must return the request that it was given")
        if result is not self:
            self.__dict__.update(result.__dict__)
        for name, value in self.headers.lines:
            check_field(name, value)
        if self.body is not body:
            self.headers.discard("content-length")
            self.prepare_content_length(self.body)

    def prepare_hooks(self, hooks: Any) -> None:
        """Register all hooks."""
        given: Mapping[str, Any] = hooks or {}
        for event, hook in given.items():
            self.register_hook(event, hook)

    def copy(self) -> PreparedRequest:
        """A request of its own: fields and jar are copied, content and hooks are shared."""
        made = type(self)()
        made.__dict__.update(self.__dict__)
        made.headers = self.headers.copy()
        if self._cookies is not None:
            made.cookies = self._cookies.copy()
        made.noted = None
        return made

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        # Made again when they are needed; sources of entropy and streams do not travel.
        state["_parsed"] = state["_content"] = None
        state.pop("entropy", None)
        state.pop("sending", None)
        return state

    @property
    def cookies(self) -> CookieJar | None:
        """The cookies given for this very request, or None."""
        return self._cookies

    @cookies.setter
    def cookies(self, cookies: CookieJar | None) -> None:
        self._cookies = cookies

    @property
    def parsed_url(self) -> URL:
        """The URL as a value.

        Raises:
            InvalidURL: If it is none that can be asked; or a sibling of that error.
        """
        parsed = self._parsed
        if parsed is None or parsed.text is not self.url:
            parsed = self._parsed = parse_any_url(self.url or "")
            self.url = parsed.text  # Which may have been set by hand.
        return parsed

    @property
    def userinfo(self) -> tuple[str, str] | None:
        """User and password that the URL holds, if it is an http or https URL and has them."""
        parsed = self._parsed
        if parsed is None or parsed.text is not self.url:
            if not (self.url or "")[:6].lower().startswith(("http:", "https:")):
                return None
            parsed = self.parsed_url
        return parsed.userinfo

    @property
    def path_url(self) -> str:
        """The request-target in origin form: path and query."""
        return self.parsed_url.target

    def decided(self, decision: Decision) -> None:
        """Note a decision that was taken while preparing."""
        if self.noted is None:
            self.noted = []
        self.noted.append(decision)


def _position_of(body: Any) -> Any:
    """Where a file stands; None for what is none."""
    tell = getattr(body, "tell", None)
    if tell is None:
        return None
    try:
        return tell()
    except OSError:
        return None
