"""A request before and after preparation.

``Request`` is the intent: what the caller said. ``PreparedRequest`` is what will be sent: method,
URL, field lines and content, complete. Preparation checks everything that ends up in the head, so
that nothing malformed is written; names and order of its steps are those of Requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from sojourn_core.rules.auth.credentials import AuthFlow, HTTPBasicAuth
from sojourn_core.rules.cookies import CookieJar, cookies_from
from sojourn_core.rules.urls import prepare_by, read_by
from sojourn_core.values.errors import InvalidMethod, RequestException, not_taken, pairs_in, unsent
from sojourn_core.values.fields import COMMON_METHODS, Fields, check_field, cut, is_token
from sojourn_core.values.hooks import HookRegistry
from sojourn_core.values.record import replace
from sojourn_core.values.url.url import URL, parse_url

from .preparation import Derived
from .request_content import RequestContent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.content.content import Content
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.hooks import Hooks as Registered

    from .arguments import (
        JSON,
        Auth,
        Cookies,
        Data,
        Files,
        Headers,
        Hooks,
        Params,
        URLInput,
    )
    from .constraints import Constraints


class Request(HookRegistry):
    """A request as a caller describes it.

    Args:
        method: Any method token; upper-cased when it is prepared.
        url: An http or https URL.
        headers: Field lines: a mapping, or pairs.
        files: Multipart content (RFC 7578): a mapping or pairs of field name and file; a file is
            its content, or ``(filename, content[, type[, fields]])``.
        data: Content: a mapping or pairs (a form), text, bytes, a file, an iterator, or an
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
        headers: Headers = None,
        files: Files = None,
        data: Data = None,
        params: Params = None,
        auth: Auth[Any] = None,
        cookies: Cookies = None,
        hooks: Hooks[Any] | None = None,
        json: JSON = None,
    ) -> None:
        self.method = method
        self.url = url
        self.headers: Headers = {} if headers is None else headers
        self.files: Files = [] if files is None else files
        self.data: Data = [] if data is None else data
        self.params: Params = {} if params is None else params
        self.auth: Auth[Any] = auth
        self.cookies: Cookies = cookies
        self.json: JSON = json
        self.hooks: Registered = {"response": []}
        if hooks:
            for event, hook in pairs_in("hooks", hooks):
                self.register_hook(event, hook)

    def __repr__(self) -> str:
        return f"<Request [{self.method}]>"

    def prepare(self) -> PreparedRequest:
        """Prepare the request as it would be sent without a session."""
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


class PreparedRequest(RequestContent):
    """A request that is ready to be sent.

    Attributes:
        method: A method token.
        url: The URL as text, normalised. What is set here is sent as it stands, but blanks and
            control characters: with these ``InvalidURL`` is raised before anything is sent.
        headers: Field lines, without Host, which is made from the URL unless it is given here.
        body: None, bytes, or what is streamed: a file, an iterator, an asynchronous iterator.
        hooks: Functions that see the response.
        auth: The authentication that was applied last.
        preparation: What preparing it knew: policy, entropy, which fields were derived.
        constraints: What a call insists on; only on the copy that a mounted transport is handed.
    """

    fields_class: ClassVar[type[Fields]] = Fields
    constraints: Constraints | None = None
    method: str | None = None
    url: str | None = None
    body: Any = None
    auth: Any = None
    _cookies: CookieJar | None = None
    _body_position: Any = None
    _parsed: URL | None = None
    _content: tuple[Any, Content] | None = None

    def __init__(self) -> None:
        self.headers: Fields = self.fields_class()
        self.hooks: Registered = {"response": []}

    def __repr__(self) -> str:
        return f"<PreparedRequest [{self.method}]>"

    def prepare(
        self,
        method: str | None = None,
        url: URLInput | None = None,
        headers: Headers = None,
        files: Files = None,
        data: Data = None,
        params: Params = None,
        auth: Auth[Any] = None,
        cookies: Cookies = None,
        hooks: Hooks[Any] | None = None,
        json: JSON = None,
    ) -> None:
        """Prepare everything, in the order that the steps depend on each other."""
        try:
            self.prepare_method(method)
            self.prepare_url(url, params)
            self.prepare_headers(headers)
            self.prepare_cookies(cookies)
            self.prepare_body(data, files, json)
            self.prepare_auth(auth, url)
            self.prepare_hooks(hooks)
        except RequestException as error:
            unsent(error, None)
            raise

    def prepare_method(self, method: str | bytes | None) -> None:
        """Set the method, in upper case.

        Raises:
            InvalidMethod: If it is not a token (RFC 9110 section 9.1).
        """
        if isinstance(method, bytes):
            method = method.decode("latin-1")
        if method is not None:
            if not isinstance(method, str):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
                raise not_taken("method", "str or bytes", method)
            method = method.upper()
            if method not in COMMON_METHODS and not is_token(method):
                raise InvalidMethod(f"method {cut(method)} is not a token")
        self.method = method

    def prepare_url(self, url: URLInput | None, params: Params = None) -> None:
        """Set the URL, with the parameters added to its query."""
        known = self.preparation
        if known.home is not None:
            self.preparation = replace(known, home=None)
        policy = known.policy
        if policy.path_as_is or policy.url_rules == "requests":
            self._prepare_url_by(policy, url, params)
        elif not params and isinstance(url, str) and url.startswith(("http://", "https://")):
            parsed = self._parsed = parse_url(url)
            self.url = parsed.text
        else:
            self._prepare_url_by(policy, url, params)

    def _prepare_url_by(self, policy: Policy, url: URLInput | None, params: Params) -> None:
        given: Any = params
        named: Any = url
        found = prepare_by(policy, named, given)
        if isinstance(found, str):
            self.url = found
        else:
            self.go_to(found)

    def go_to(self, url: URL) -> None:
        """Set a URL that was read already, and leave all else as it is."""
        self._parsed = url
        self.url = url.text

    def prepare_headers(self, headers: Headers) -> None:
        """Set the field lines; one whose value is None is left out.

        Raises:
            InvalidHeader: If a line cannot be sent.
        """
        if not headers:
            lines: list[tuple[Any, Any]] = []
        elif isinstance(headers, Fields):
            lines = [*headers.lines]
        else:
            lines = pairs_in("headers", headers)
        self.headers = self.fields_class.from_lines(
            [check_field(name, value) for name, value in lines if value is not None]
        )

    def prepare_cookies(self, cookies: Cookies) -> None:
        """Make the Cookie field, unless one was given by hand."""
        if not cookies:
            return
        jar = self._cookies = cookies_from(cookies)
        if "cookie" not in self.headers:
            # The cookies are meant for this very request, whatever their age.
            self.set_jar_field(jar.cookie_field(self.parsed_url, 0.0))

    def set_jar_field(self, field: str | None, by_hand: str | None = None, *said: Decision) -> None:
        """Set a Cookie field that was made from jars, and remember that it was.

        Args:
            field: Its value; None for no field.
            by_hand: The part of it that the caller gave for an earlier hop.
            said: What was decided on it.
        """
        if field is not None:
            self.headers["Cookie"] = field
            made = Derived(field, "jar", by_hand)
            self.preparation = self.preparation.deriving("cookie", made, *said)
        elif "cookie" in self.preparation.derived:
            self.derive("cookie", None)

    def prepare_auth(self, auth: Auth[Any], url: URLInput | None = "") -> None:
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
        order = self.preparation.policy.credentials_order
        if order[:1] == ("field",) and "authorization" in self.headers:
            return
        self.apply_auth(auth)

    def basic_auth(self, username: Any, password: Any) -> Any:
        """Return what ``(username, password)`` stands for: Basic credentials."""
        return HTTPBasicAuth(username, password, charset=self.preparation.policy.basic_charset)

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
        body: Any = self.body
        headers: Any = self.headers
        before = headers.lines.copy() if isinstance(headers, Fields) else self._foreign_lines()
        result: Any = cast("Callable[[PreparedRequest], PreparedRequest]", auth)(self)
        if result is None:
            raise TypeError("auth must return the request that it was given")
        if result is not self:
            self.__dict__.update(result.__dict__)
        after: Any = self.headers
        for line in after.lines if isinstance(after, Fields) else self._foreign_lines():
            if line not in before:  # The others were checked when they were set.
                check_field(*line)
        if self.body is not body or self.headers is not headers:
            self._settle()

    def _foreign_lines(self) -> list[FieldLine]:
        """Return the lines of a mapping that somebody has put in the place of the fields."""
        return [*self.headers.items()]

    def _settle(self) -> None:
        """Frame the content anew, after an authentication has set it, or other fields."""
        headers: Any = self.headers
        if not isinstance(headers, Fields):
            self.headers = self.fields_class(headers)
        self.headers.discard("content-length")
        self.prepare_content_length(self.body)

    def prepare_hooks(self, hooks: Hooks[Any] | None) -> None:
        """Register all hooks."""
        given: Mapping[str, Any] = hooks or {}
        for event, hook in given.items():
            self.register_hook(event, hook)

    def copy(self) -> Self:
        """Copy the request: fields and jar are copied, content and hooks are shared."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        headers: Any = self.headers
        made.headers = headers.copy() if isinstance(headers, Fields) else self.fields_class(headers)
        if self._cookies is not None:
            made.cookies = self._cookies.copy()
        return made

    def trimmed(self) -> PreparedRequest:
        """Copy the request, without blanks at the end of field values (RFC 9112 section 5)."""
        made = self.copy()
        lines = [(name, value.rstrip(" \t")) for name, value in self.headers.lines]
        made.headers = self.fields_class.from_lines(lines)
        return made

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        # Made again when they are needed; sources of entropy and streams do not travel.
        state["_parsed"] = state["_content"] = None
        state.pop("constraints", None)
        state["preparation"] = self.preparation.to_travel()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        known = state.get("preparation")
        if known is not None:
            self.preparation = replace(known, entropy=type(self).preparation.entropy)

    @property
    def cookies(self) -> CookieJar | None:
        """The cookies given for this very request, or None."""
        return self._cookies

    @cookies.setter
    def cookies(self, cookies: CookieJar | None) -> None:
        self._cookies = cookies

    @property
    def parsed_url(self) -> URL:
        """The URL as a value. One that was set by hand is read, and sent, as it stands.

        Raises:
            InvalidURL: If it is none that can be asked; or a sibling of that error.
        """
        parsed = self._parsed
        if parsed is None or parsed.text is not self.url:
            try:
                parsed = self._parsed = read_by(self.preparation.policy, self.url or "")
            except RequestException as error:
                unsent(error, self)
                raise
            self.url = parsed.text  # The same text, and by now the same object.
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
        known = self.preparation
        self.preparation = replace(known, decisions=(*known.decisions, decision))
