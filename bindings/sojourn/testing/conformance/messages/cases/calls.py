"""Cases of redirects, cookies and credentials, which the driver must leave to the session."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from sojourn.testing.conformance.messages.case import (
    LARGE,
    OK,
    Asked,
    came,
    case,
    has,
    lacks,
    saw,
    to,
)
from sojourn.testing.conformance.messages.web import Reply, answer
from sojourn_core.messages.credentials import HTTPDigestAuth
from sojourn_core.rules.retry_policy import RetryPolicy
from sojourn_core.values import errors as e

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sojourn.testing.conformance.messages.case import MessageCase
    from sojourn.testing.conformance.messages.web import Incoming


SECRETS: Final = {"Authorization": "Bearer s", "X-Api-Key": "k", "Cookie": "c=d"}
SET: Final = answer(200, b"ok", ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/only"))
BASIC: Final = "Basic YWRhOnBhc3M="
PATIENT: Final = RetryPolicy(statuses={503}, backoff=0.05, jitter=0.0)


def _from_to(status: int, target: str = "/to") -> Callable[[str, str], dict[str, Any]]:
    """Make pages that redirect, and tell of what arrives in the end."""

    def arrived(incoming: Incoming) -> Reply:
        return answer(200, f"{incoming.method} ".encode() + incoming.content)

    return lambda a, b: {"/": to(status, target.format(a=a, b=b)), "/to": arrived}


def _if_sent(cookie: str) -> Callable[[Incoming], Reply]:
    """Make a page for who sends this Cookie field."""
    return lambda incoming: OK if has("Cookie", cookie)(incoming) else answer(400)


def _digest(incoming: Incoming) -> Reply:
    if any(value.startswith("Digest ") for value in incoming.values("Authorization")):
        return OK
    challenge = 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'
    return answer(401, b"who?", ("WWW-Authenticate", challenge), reason="Unauthorized")


def _busy() -> Callable[[Incoming], Reply]:
    """Make a page that is busy once, and wants nobody back before some time has passed."""
    asked: list[float] = []

    def page(_: Incoming) -> Reply:
        asked.append(monotonic())
        if len(asked) == 1:
            return answer(503, b"busy", reason="Service Unavailable")
        return OK if asked[1] - asked[0] >= PATIENT.backoff else answer(400, b"too early")

    return page


def _busy_once(_a: str, _b: str) -> dict[str, Any]:
    return {"/": _busy()}


def cases() -> Iterator[MessageCase]:
    """Yield the cases."""
    for status in (301, 302, 303):
        yield case(
            f"{status} makes a GET of a POST",
            Asked(
                method="POST",
                arguments={"data": b"x"},
                content=b"GET ",
                history=(status,),
                ends_at="{a}/to",
            ),
            needs="redirects content",
            pages=_from_to(status),
        )
    for status in (307, 308):
        yield case(
            f"{status} keeps method and content",
            Asked(method="POST", arguments={"data": b"x"}, content=b"POST x", history=(status,)),
            needs="redirects content",
            pages=_from_to(status),
        )
        yield case(
            f"{status} sends the content of a list again",
            Asked(
                method="PUT", arguments={"data": [b"x", b"y"]}, content=b"PUT xy", history=(status,)
            ),
            needs="redirects uploads",
            pages=_from_to(status),
        )
    yield case(
        "content of an iterator cannot be sent again",
        Asked(
            method="PUT", arguments=lambda: {"data": iter([b"x"])}, error=e.UnrewindableBodyError
        ),
        needs="redirects uploads",
        pages=_from_to(307),
        judge=came(("PUT", "/")),
    )
    yield case(
        "secrets stay at their origin",
        Asked(arguments={"headers": SECRETS}, content=b"GET ", history=(302,)),
        needs="redirects",
        pages=_from_to(302, "{b}/to"),
        judge=saw("/to", lacks(*SECRETS), "a secret went to another origin"),
    )
    yield case(
        "fields go along within an origin",
        Asked(arguments={"headers": SECRETS}, content=b"GET ", history=(302,)),
        needs="redirects",
        pages=_from_to(302),
        judge=saw("/to", has("X-Api-Key", "k"), "a field was dropped"),
    )
    yield case(
        "a chain of five",
        Asked(url="{a}/5", history=(302,) * 5),
        needs="redirects",
        pages={f"/{n}": to(302, f"/{n - 1}") if n else OK for n in range(6)},
    )
    yield case(
        "a circle ends",
        Asked(error=e.TooManyRedirects),
        needs="redirects",
        pages={"/": to(302, "/")},
    )
    yield case(
        "a redirect that is not followed is handed over",
        Asked(status=302, content=b"moved", arguments={"allow_redirects": False}),
        needs="redirects",
        pages={"/": to(302, "/to")},
        judge=came(("GET", "/")),
    )
    yield case(
        "a redirect with much content is not read for long",
        Asked(history=(302,)),
        needs="redirects",
        pages={"/": answer(302, LARGE * 4, ("Location", "/to"), reason="Moved"), "/to": OK},
    )
    yield case(
        "a Location of another scheme is refused",
        Asked(error=e.RedirectRefused),
        needs="redirects",
        pages={"/": to(302, "file:///etc/passwd")},
        judge=came(("GET", "/")),
    )
    yield case(
        "no Location leads nowhere", Asked(status=302, content=b""), pages={"/": answer(302)}
    )

    yield case(
        "cookies come back",
        Asked(),
        Asked(url="{a}/next"),
        Asked(url="{a}/only"),
        needs="cookies",
        pages={
            "/": SET,
            "/next": _if_sent("a=1"),
            "/only": _if_sent("b=2; a=1"),
        },
    )
    yield case(
        "cookies go to no other host",
        Asked(),
        Asked(url="{b}/next"),
        needs="cookies",
        pages={"/": SET, "/next": OK},
        judge=saw("/next", lacks("Cookie"), "a cookie went to another host"),
    )
    yield case(
        "a redirect sets a cookie",
        Asked(history=(302,)),
        needs="cookies redirects",
        pages={"/": to(302, "/to", ("Set-Cookie", "a=1; Path=/")), "/to": OK},
        judge=saw("/to", has("Cookie", "a=1"), "the cookie is not there"),
    )
    yield case(
        "a secure cookie is not kept from another host in clear text",
        Asked(url="{b}/"),
        Asked(url="{b}/next"),
        needs="cookies",
        pages={"/": answer(200, b"ok", ("Set-Cookie", "__Secure-a=1; Path=/")), "/next": OK},
        judge=saw("/next", lacks("Cookie"), "the cookie was kept"),
    )
    yield case(
        "a cookie is deleted",
        Asked(),
        Asked(url="{a}/gone"),
        Asked(url="{a}/next"),
        needs="cookies",
        pages={
            "/": answer(200, b"ok", ("Set-Cookie", "a=1; Path=/")),
            "/gone": answer(200, b"ok", ("Set-Cookie", "a=1; Path=/; Max-Age=0")),
            "/next": OK,
        },
        judge=saw("/next", lacks("Cookie"), "the cookie is still there"),
    )

    yield case(
        "credentials of the call",
        Asked(arguments={"auth": ("ada", "pass")}),
        needs="credentials",
        judge=saw("/", has("Authorization", BASIC), "the credentials are others"),
    )
    yield case(
        "a challenge is answered, with the content again",
        Asked(
            method="POST",
            arguments=lambda: {"auth": HTTPDigestAuth("ada", "pass"), "data": [b"x"]},
            history=(401,),
        ),
        needs="credentials uploads",
        pages={"/": _digest},
        judge=came(("POST", "/"), ("POST", "/")),
    )
    yield case(
        "a challenge that nobody can answer is handed over",
        Asked(status=401, content=b"who?"),
        needs="credentials",
        pages={"/": _digest},
        judge=came(("GET", "/")),
    )
    yield case(
        "credentials do not go to another origin",
        Asked(arguments={"auth": ("ada", "pass")}, content=b"GET ", history=(302,)),
        needs="credentials redirects",
        pages=_from_to(302, "{b}/to"),
        judge=saw("/to", lacks("Authorization"), "the credentials went along"),
    )
    yield case(
        "a request is sent again when its time has come, and not before",
        Asked(arguments={"retries": PATIENT}),
        needs="pauses",
        pages=_busy_once,
        judge=came(("GET", "/"), ("GET", "/")),
    )
