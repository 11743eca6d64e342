"""The sources of the parts of a request, told before anything is sent.

``Session.explain`` prepares a request as ``request`` does, and tells of each field and cookie, of
the credentials, the proxy and the trust, who says so. No value of a field or cookie is shown.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from sojourn_core.messages.request import Request
from sojourn_core.rules.access import closed_to
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.cookies import CookieJar
from sojourn_core.rules.proxies import bypasses, choose_proxy, proxy_authorization
from sojourn_core.values.fields import Fields, as_text
from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.record import record
from sojourn_core.values.value import Value

from .credential_sources import source_of_credentials
from .defaults import default_headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.environment import Environment
    from sojourn_core.values.url.url import URL

Kind: TypeAlias = Literal["field", "cookie", "credential", "proxy", "trust"]
Source: TypeAlias = Literal["request", "session", "environment", "netrc", "url", "default"]

_HEADINGS: Final[dict[Kind, str]] = {
    "field": "fields",
    "cookie": "cookies",
    "credential": "credentials",
    "proxy": "proxy",
    "trust": "trust",
}
_DIRECT: Final = "none"
# The arguments of a call that describe its request; the others are for the wire.
_DESCRIBING: Final = ("headers", "files", "data", "params", "auth", "cookies", "hooks", "json")


@record(frozen=True, kw_only=True)
class RequestPart(Value):
    """A part of a request.

    Attributes:
        kind: ``field``, ``cookie``, ``credential``, ``proxy`` or ``trust``.
        name: The name of the field or cookie, the field or the class of the credentials, the origin
            of the proxy or "none", or what is trusted.
        source: Who says so: ``request`` (the arguments of the call), ``session``, ``environment``,
            ``netrc``, ``url`` (user info, or the host), or ``default``.
        note: A few words more, for people; empty if there is nothing to add.
    """

    kind: Kind
    name: str
    source: Source
    note: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.source}{f' ({self.note})' if self.note else ''}"


@record(frozen=True, kw_only=True)
class Explanation(Value):
    """The parts of a request that would be sent; ``str`` writes it for people.

    Attributes:
        method: The method.
        url: The URL as it may be shown: without user info, fragment and the values of the query.
        parts: Its parts: fields in the order in which they would be sent, and so on.
        decisions: What was decided while it was prepared; the policy's refusal of the place among
            them.
    """

    method: str
    url: str
    parts: tuple[RequestPart, ...]
    decisions: tuple[Decision, ...] = ()

    def of(self, kind: Kind) -> tuple[RequestPart, ...]:
        """Return the parts of a kind."""
        return tuple(part for part in self.parts if part.kind == kind)

    def as_json(self) -> str:
        """Return it as JSON text: an object whose ``parts`` and ``decisions`` are arrays."""
        parts = [
            {"kind": part.kind, "name": part.name, "source": part.source, "note": part.note}
            for part in self.parts
        ]
        decisions = [
            {
                "code": each.code,
                "subject": each.subject,
                "reason": each.reason,
                "section": each.section,
            }
            for each in self.decisions
        ]
        return json.dumps(
            {"method": self.method, "url": self.url, "parts": parts, "decisions": decisions}
        )

    def __str__(self) -> str:
        lines = [f"{self.method} {self.url}"]
        for kind, heading in _HEADINGS.items():
            parts = self.of(kind)
            if parts:
                lines += [heading, *(f"  {part}" for part in parts)]
        if self.decisions:
            lines += ["decided", *(f"  {decision}" for decision in self.decisions)]
        return "\n".join(lines)


class Explained(Protocol):
    """A session, as far as it is asked."""

    policy: Policy
    headers: Any
    auth: Any
    proxies: Any
    verify: Any
    cert: Any

    @property
    def environment(self) -> Environment:
        """The environment, if it counts."""
        ...

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Merge the session's settings into a request."""
        ...

    def merge_environment_settings(
        self, url: str, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> dict[str, Any]:
        """Return the settings of a call for the wire."""
        ...


def explain_request(
    session: Explained, method: str, url_given: str | bytes, given: Mapping[str, Any]
) -> Explanation:
    """Tell where the parts of a request would come from.

    Args:
        session: Its session.
        method: As a caller gives it, as all that follow.
        url_given: The URL.
        given: The arguments of the call besides.

    Raises:
        RequestException: If it cannot be sent as it is.
    """
    described = {name: given[name] for name in _DESCRIBING if name in given}
    request = Request(method, url_given, **described)
    prepared = session.prepare_request(request)
    url = prepared.parsed_url
    cookies = tuple(_cookies(request, prepared))
    credentials = _credentials(request, prepared)
    parts = [*_fields(_Asked(session, request, prepared, cookies, credentials)), *cookies]
    if credentials is not None:
        parts.append(credentials)
    parts += _wire(session, prepared, url, given)
    closed = closed_to(url, session.policy)
    decisions = prepared.preparation.decisions + (() if closed is None else (closed,))
    return Explanation(
        method=prepared.method or "", url=url.shown, parts=tuple(parts), decisions=decisions
    )


# --- fields -----------------------------------------------------------------------------------


class _Asked(NamedTuple):
    """A request as it was described and as it is prepared, and what is known of it already."""

    session: Explained
    request: Request
    prepared: PreparedRequest
    cookies: tuple[RequestPart, ...]
    credentials: RequestPart | None


def _fields(asked: _Asked) -> Iterator[RequestPart]:
    own, left_out = _names(asked.request.headers)
    names = dict.fromkeys(name for name, _ in _lines(asked.prepared.headers))
    present = {name.lower() for name in names}
    if "host" not in present:
        yield RequestPart(kind="field", name="Host", source="url")
    bindings, origin = asked.session.policy.field_origins, asked.prepared.parsed_url.origin
    for name in names:
        source, note = _field_source(asked, name.lower(), own)
        if origin not in bindings.get(name.lower(), (origin,)):
            note = "not sent: the policy binds it to other origins"
        yield RequestPart(kind="field", name=name, source=source, note=note)
    for lowered in sorted(left_out - present):
        yield RequestPart(kind="field", name=lowered, source="request", note="left out")


def _field_source(asked: _Asked, name: str, own: set[str]) -> tuple[Source, str]:
    """Return who has set a field, and a note.

    Args:
        asked: The request.
        name: Of the field, in lower case.
        own: The names that the caller gives for this request, in lower case.
    """
    if name == "cookie" and asked.cookies:
        by_request = all(part.source == "request" for part in asked.cookies)
        return ("request" if by_request else "session"), "cookies"
    credentials = asked.credentials
    if credentials is not None and name == credentials.name.lower():
        return credentials.source, "credentials"
    if name in asked.prepared.preparation.derived:
        return "request", "framing of its content"
    if name in own:
        return "request", ""
    lines = [line for line in _lines(asked.prepared.headers) if line[0].lower() == name]
    known = [line for line in _lines(asked.session.headers) if line[0].lower() == name]
    if known == lines:
        defaults = default_headers().lines
        return ("default" if all(line in defaults for line in known) else "session"), ""
    if name.startswith("content-"):
        return "request", "its content"
    return ("default", "") if credentials is None else (credentials.source, "credentials")


def _names(headers: Any) -> tuple[set[str], set[str]]:
    """Return the names that a caller gives a value, and those that None leaves out."""
    pairs: Any = headers.lines if isinstance(headers, Fields) else headers or ()
    pairs = list(pairs.items() if hasattr(pairs, "items") else pairs)
    own = {as_text(name).lower() for name, value in pairs if value is not None}
    return own, {as_text(name).lower() for name, value in pairs if value is None}


def _lines(headers: Any) -> list[tuple[str, str]]:
    """Return field lines as text, whatever kind of mapping has them."""
    if isinstance(headers, Fields):
        return [*headers.lines]
    return [(as_text(name), as_text(value)) for name, value in headers.items() if value is not None]


# --- cookies and credentials ------------------------------------------------------------------


def _cookies(request: Request, prepared: PreparedRequest) -> Iterator[RequestPart]:
    field = {name.lower(): value for name, value in _lines(prepared.headers)}.get("cookie")
    if field is None:
        return
    derived = prepared.preparation.of("cookie", field) is not None
    by_hand: Source = "request" if "cookie" in _names(request.headers)[0] else "session"
    given = _cookie_names(request.cookies)
    for pair in field.split(";"):
        name = pair.partition("=")[0].strip()
        if not derived:
            yield RequestPart(kind="cookie", name=name, source=by_hand, note="the Cookie field")
        elif name in given:
            yield RequestPart(kind="cookie", name=name, source="request")
        else:
            yield RequestPart(kind="cookie", name=name, source="session", note="its jar")


def _cookie_names(given: Any) -> set[str]:
    """Return the names of the cookies that a caller gives: a jar, a mapping, or pairs."""
    if not given:
        return set()
    is_jar = isinstance(given, CookieJar) or hasattr(given, "extract_cookies")
    each_of: Any = given.items() if hasattr(given, "items") and not is_jar else given
    return {each.name if hasattr(each, "name") else str(each[0]) for each in each_of}


def _credentials(request: Request, prepared: PreparedRequest) -> RequestPart | None:
    """Return the credentials for the origin, if there are any that are not a field by hand."""
    for decision in prepared.preparation.decisions:
        source = source_of_credentials(decision)
        if source is not None:
            return RequestPart(kind="credential", name="Authorization", source=source)
    auth: Any = prepared.auth
    if auth is None:
        return None
    by_request = auth is request.auth
    return RequestPart(
        kind="credential",
        name=type(auth).__name__,
        source="request" if by_request else "session",
        note="it answers challenges" if isinstance(auth, AuthFlow) else "",
    )


# --- the wire ---------------------------------------------------------------------------------


def _wire(
    session: Explained, prepared: PreparedRequest, url: URL, given: Mapping[str, Any]
) -> Iterator[RequestPart]:
    environment = prepared.preparation.environment or session.environment
    proxies, verify, cert = given.get("proxies"), given.get("verify"), given.get("cert")
    merged = session.merge_environment_settings(prepared.url or "", proxies, None, verify, cert)
    proxy, key = choose_proxy(url, merged["proxies"])
    source = _proxy_source(session, key, merged["proxies"], proxies or {})
    if proxy is None:
        note = "it says to go directly"
        if key is None:
            source, note = "default", ""
            if environment.proxies and bypasses(
                url, environment.no_proxy or "", strict=session.policy.strict_no_proxy
            ):
                source, note = "environment", "no_proxy"
        yield RequestPart(kind="proxy", name=_DIRECT, source=source, note=note)
    else:
        note = f"{key!r} of the proxies fits this URL"
        if session.policy.tunnel_http and url.scheme == "http" and not proxy.is_socks:
            note += ", by a tunnel"
        yield RequestPart(kind="proxy", name=str(proxy.url.origin), source=source, note=note)
        shown = proxy_authorization(proxy, session.policy.basic_charset) is not None
        if shown or (proxy.is_socks and any(proxy.url.userinfo or ())):
            note = "the user info of the proxy's URL"
            name = "Proxy-Authorization" if shown else "user of the SOCKS proxy"
            yield RequestPart(kind="credential", name=name, source=source, note=note)
    if url.scheme != "https" and (proxy is None or proxy.url.scheme != "https"):
        return
    yield _trust(session, environment, verify, merged["verify"])
    if merged["cert"] is not None and url.scheme == "https":
        source = "session" if cert is None else "request"
        yield RequestPart(kind="credential", name="client certificate", source=source)


def _proxy_source(
    session: Explained, key: str | None, merged: Mapping[str, Any], given: Mapping[str, Any]
) -> Source:
    """Return who names the proxy under a key: the first in the policy's order that does."""
    named: dict[str, Mapping[str, Any]] = {"request": given, "session": session.proxies or {}}
    for source in session.policy.proxy_order:
        known = named.get(source)
        if key is None or known is None or key not in known:
            continue
        if (known[key] or "") == (merged[key] or ""):
            return "request" if source == "request" else "session"
    return "environment"


def _trust(session: Explained, environment: Environment, verify: Any, found: Any) -> RequestPart:
    authority = environment.authority(session.policy.authority_variables)
    source: Source = "default"
    if authority is not None and found == authority and found != verify:
        source = "environment"
    elif verify is not None and found is verify:
        source = "request"
    elif session.verify is not True:
        source = "session"
    name = "the certificates that are trusted by default"
    if found is False:
        name = "nothing is verified"
    elif found is not True:
        name = str(found) if isinstance(found, str) else type(found).__name__
    return RequestPart(kind="trust", name=name, source=source)
