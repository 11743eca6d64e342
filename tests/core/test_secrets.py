"""No secret in any repr: a canary is put wherever a secret can be, and everything is shown."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from sojourn_core import (
    BearerAuth,
    Fields,
    HTTPBasicAuth,
    HTTPProxyAuth,
    PoolKey,
    Proxy,
    Request,
    Response,
    ResponseHead,
    Route,
    SendSettings,
    Session,
    parse_url,
    plan_exchange,
)
from sojourn_core.commands import Deliver, Discard, Fail, Hook, Rewind, Send
from sojourn_core.values.errors import RequestException
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.core.conversation import redirect, respond, session

CANARY = "canary"
ENCODED = b64encode(f"{CANARY}:{CANARY}".encode()).decode()
URL = f"http://{CANARY}:{CANARY}@a.test/x"
PROXY = f"http://{CANARY}:{CANARY}@proxy.test:3128"


def owner(**given: Any) -> Session:
    proxies = given.pop("proxies", {"http": PROXY})
    made = session(auth=(CANARY, CANARY), proxies=proxies, cert=("me.pem", "key.pem"))
    made.headers["Authorization"] = f"Bearer {CANARY}"
    made.headers["Cookie"] = f"a={CANARY}"
    made.headers["Proxy-Authorization"] = f"Basic {ENCODED}"
    made.cookies.set("session", CANARY)
    return made


def intent(**given: Any) -> Request:
    return Request(
        "POST",
        URL,
        auth=HTTPBasicAuth("user", CANARY),
        cookies={"request": CANARY},
        data=[CANARY.encode()],
        **given,
    )


def answers() -> list[Response]:
    made = ("Set-Cookie", f"b={CANARY}")
    return [
        redirect(307, "/y", made),
        redirect(307, f"http://{CANARY}:{CANARY}@b.test/?{CANARY}#{CANARY}", made),
        redirect(302, f"ftp://{CANARY}:{CANARY}@b.test/", made),
    ]


def everything() -> dict[str, Any]:
    """What a call and its surroundings are made of, each under its name."""
    this = owner()
    request = intent(hooks={"response": lambda response: None})
    call = this.call(request)
    command: Any = call.start(0.0)
    shown: dict[str, Any] = {
        "session": this,
        "session headers": this.headers,
        "session cookies": this.cookies,
        "settings": this.settings_for(),
        "request": request,
        "call": call,
    }
    responses = iter(answers())
    count = 0
    while True:
        count += 1
        shown[f"{count} {type(command).__name__}"] = command
        match command:
            case Send(request=prepared):
                shown[f"{count} headers"] = prepared.headers
                shown[f"{count} parsed"] = prepared.parsed_url
                shown[f"{count} content"] = prepared.content
                list(prepared.content.chunks())
                response = next(responses)
                command = call.answered(response, 0.0)
                shown[f"{count} response"] = response
                kept = [line for line in response.headers.lines if line[0] != "Location"]
                # A Location is shown as it came: what it names, the server knows already.
                shown[f"{count} response headers"] = Fields(kept)
                shown[f"{count} response cookies"] = response.cookies
            case Hook(response=response):
                command = call.hooked(response, 0.0)
            case Discard():
                command = call.discarded(0.0)
            case Rewind(content=content):
                content.rewind()
                command = call.rewound(0.0)
            case Fail(error=error):
                shown["error"] = error
                shown["message"] = str(error)
                break
            case Deliver():
                raise AssertionError("the last redirect is refused")
    shown["decisions"] = call.decisions
    shown["cookies"] = list(this.cookies)
    return shown


SHOWN = everything()


def test_the_call_took_the_course_that_was_meant() -> None:
    names = [name.partition(" ")[2] for name in SHOWN]
    for command in ("Send", "Hook", "Discard", "Rewind", "Fail"):
        assert command in names
    assert len(SHOWN["cookies"]) == 3
    assert CANARY in SHOWN["1 Send"].request.headers["Authorization"]


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_of_a_call_shows_a_secret(name: str) -> None:
    shown = f"{SHOWN[name]!r} {SHOWN[name]!s}"
    if name.endswith("parsed"):
        shown = repr(SHOWN[name])  # Its text is the URL; somebody has to know it.
        if shown.count(CANARY) == 2:  # Its query and its fragment are not user info.
            shown = shown.partition("?")[0]
    assert CANARY not in shown
    assert ENCODED not in shown


@pytest.mark.parametrize(
    "value",
    [
        HTTPBasicAuth("user", CANARY),
        HTTPProxyAuth("user", CANARY),
        BearerAuth(CANARY),
        parse_url(URL),
        PoolKey(parse_url(URL).origin, Route(Proxy(parse_url(PROXY)))),
        SendSettings(proxies={"http": PROXY}),
        ResponseHead(200, respond(200, ("Set-Cookie", f"a={CANARY}")).headers),
        plan_exchange(
            owner(proxies={}).call(intent()).start(0.0), limits=DEFAULT_LIMITS, tls_context=None
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_value_shows_a_secret(value: Any) -> None:
    assert CANARY not in repr(value)
    assert ENCODED not in repr(value)


@pytest.mark.parametrize(
    "given",
    [
        {"headers": {"Authorization": f"{CANARY}\r\n"}},
        {"headers": {"Cookie": f"{CANARY}\u20ac"}},
        {"headers": {"X-Key": f" {CANARY}"}},
        {"headers": {"X-Key": [CANARY]}},
        {"auth": (f"{CANARY}:", CANARY)},
        {"auth": ("user", f"{CANARY}\n")},
        {"cookies": {"a": f"{CANARY};"}},
        {"cookies": {"a": f"{CANARY}\n"}},
        {"url": f"http://{CANARY}:{CANARY}@a.test:port/"},
        {"url": f"http://{CANARY}:{CANARY}@a b.test/"},
        {"url": f"//{CANARY}:{CANARY}@a.test/"},
        {"data": {"a": f"{CANARY}\ud800"}},
        {"json": {"a": {CANARY}}},
        {"data": b"x", "headers": {"Content-Length": "5", "Authorization": CANARY}},
    ],
)
def test_no_error_of_preparing_shows_a_secret(given: dict[str, Any]) -> None:
    url = given.pop("url", "http://a.test/")
    with pytest.raises((RequestException, ValueError)) as caught:
        session().call(Request("POST", url, **given))
    assert CANARY not in f"{caught.value!r} {caught.value!s}"
