"""What a case is: a small program, what the origins answer to it, and what may differ."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from tests.servers.scripted import response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Origins, by the name of their host; see ``origins`` for how a name becomes an address.
A: Final = "http://a.test"
A8: Final = "http://a.test:8080"
A_TLS: Final = "https://a.test"
A_TLS8: Final = "https://a.test:8443"
WWW: Final = "http://www.a.test"
B: Final = "http://b.test"
B_TLS: Final = "https://b.test"
PROXY: Final = "http://proxy.test:3128"
PROXY2: Final = "http://proxy2.test:3128"
CLIENTS: Final = ("requests", "compat", "session", "async")
# Users whom the origins know, so that a Digest response can be checked where it arrives.
PASSWORDS: Final = {"user": "pass", "other": "else"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as an origin saw it.

    Attributes:
        place: The origin that was connected to, as a URL without a path; through a tunnel, the
            origin behind it and ``via`` the proxy's.
        line: Request line.
        fields: Field lines in wire order, names in their own case.
        content: Content without its framing; None if the client went away before its end.
    """

    place: str
    line: str
    fields: tuple[tuple[str, str], ...]
    content: bytes | None

    @property
    def method(self) -> str:
        """Method."""
        return self.line.partition(" ")[0]

    @property
    def target(self) -> str:
        """Request-target as sent."""
        return self.line.partition(" ")[2].rpartition(" ")[0]

    def value(self, name: str) -> str | None:
        """Give the first value of a field, by its name in any case."""
        return next((value for each, value in self.fields if each.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Reply:
    """Octets for a request, and what comes after them.

    Attributes:
        data: A response, or a part of one.
        then: ``keep`` the connection if the response allows it, ``close`` or ``reset`` it, or
            ``hold`` it, silent, until the client goes away.
    """

    data: bytes = b""
    then: Literal["keep", "close", "reset", "hold"] = "keep"


if TYPE_CHECKING:
    Answer = bytes | Reply | Callable[[Seen], bytes | Reply]
    # By URL without the query, or by ``METHOD URL``. A tuple is answered in turn.
    Replies = Mapping[str, Answer | tuple[Answer, ...]]
    Act = Callable[[Any, Any, Any], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One program and the world it runs in.

    Attributes:
        name: Unique.
        rows: Rows of the feature table that it is about: ``S26``, ``Q9``.
        act: ``act(requests, session, at)``: the module, a new session of it, and the stage with
            what a program needs beside them. What it returns, or raises, is recorded.
        replies: What the origins answer; where nothing is said, 200 with the request line.
        env: Environment variables; ``{ca}`` and ``{folder}`` stand for paths.
        netrc: Content of the file that NETRC names.
        raises: Class of the error that Requests ends with, or None.
        ordered: Whether the order of field lines is compared.
        transport: Whether what the transport of Requests adds of its own is compared.
        watched: Whether what the origins saw is compared; not where an upload breaks off, for
            how much of it arrives is chance.
        native: Whether the sessions of Sojourn run it, too; not what is about the inside of the
            transport of Requests.
        differs: Key of ``deviations.DEVIATIONS`` for each client that does otherwise: ``compat``
            (than Requests) or ``session`` (than Requests; the asyncio session with it).
    """

    name: str
    rows: tuple[str, ...]
    act: Act
    replies: Replies = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    netrc: str | None = None
    raises: str | None = None
    ordered: bool = True
    transport: bool = False
    watched: bool = True
    native: bool = True
    differs: Mapping[str, str] = field(default_factory=dict)


CASES: Final[dict[str, Case]] = {}


def add(name: str, rows: str, act: Act, **options: Any) -> None:
    """Add a case; ``rows`` are separated by spaces, options are those of ``Case``.

    ``compat`` and ``session`` are short for the entries of ``differs``.
    """
    assert name not in CASES, f"two cases are called {name!r}"
    differs = {who: options.pop(who) for who in ("compat", "session") if who in options}
    CASES[name] = Case(name=name, rows=tuple(rows.split()), act=act, differs=differs, **options)


def case(rows: str, **options: Any) -> Callable[[Act], Act]:
    """Add the function below as a case of its name; arguments are those of ``add``."""

    def register(act: Act) -> Act:
        add(act.__name__, rows, act, **options)
        return act

    return register


def call(
    name: str,
    rows: str,
    method: str,
    url: str,
    arguments: Mapping[str, Any] | Callable[[Any], Mapping[str, Any]] | None = None,
    **options: Any,
) -> None:
    """Add a case of one ``session.request(method, url, **arguments)``.

    Arguments that are used up by a run are made for it by a function of the stage; ``before``
    among the options is called with the session first.
    """
    prepare = options.pop("before", None)

    def act(requests: Any, session: Any, at: Any) -> Any:
        if prepare is not None:
            prepare(session)
        made = arguments(at) if callable(arguments) else deepcopy(arguments or {})
        return session.request(method, url, **made)

    add(name, rows, act, **options)


# --- responses --------------------------------------------------------------------------------


def ok(content: bytes = b"ok", *fields: tuple[str, str], status: int = 200) -> bytes:
    """Write a response with content, ``text/plain`` unless it has a Content-Type."""
    if not any(name.lower() == "content-type" for name, _ in fields):
        fields = (("Content-Type", "text/plain"), *fields)
    return response(status, *fields, content=content)


def bare(content: bytes, *fields: tuple[str, str], status: int = 200) -> bytes:
    """Write a response with these fields and a Content-Length only."""
    return response(status, *fields, content=content)


def to(location: str, status: int = 302, *fields: tuple[str, str], content: bytes = b"") -> bytes:
    """Write a redirect."""
    return response(status, ("Location", location), *fields, content=content)


def setting(*cookies: str, content: bytes = b"ok") -> bytes:
    """Write a response that sets cookies, by their Set-Cookie values."""
    return ok(content, *(("Set-Cookie", cookie) for cookie in cookies))


def echo(seen: Seen) -> bytes:
    """Answer with what was asked."""
    return ok(f"{seen.method} {seen.target}".encode())
