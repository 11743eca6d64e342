"""yt-dlp's networking: its handler for Requests, which reads ``raw`` and maps every error."""

from __future__ import annotations

import hashlib
import http.cookiejar
import io
import json
import sys
from typing import Any

import requests
import yt_dlp.networking._requests
from yt_dlp.cookies import YoutubeDLCookieJar
from yt_dlp.networking import HEADRequest, PATCHRequest, PUTRequest, Request
from yt_dlp.networking._requests import RequestsRH
from yt_dlp.networking.exceptions import (
    HTTPError,
    IncompleteRead,
    RequestError,
    network_exceptions,
)

LIBRARIES = ("yt_dlp",)


class Log:
    """Says what the handler says on standard error, where a test sees it."""

    def stdout(self, message: str) -> None:
        print(message, file=sys.stderr)

    error = report_warning = stdout


def handler(**options: Any) -> RequestsRH:
    return RequestsRH(logger=Log(), **options)


def named(program: Any) -> list[Any]:
    """The error of the handler, and whether those who retry catch it."""
    try:
        program()
    except RequestError as error:
        return [type(error).__name__, isinstance(error, network_exceptions)]
    return ["none"]


def sent(url: str) -> Any:
    headers = {"X-Own": "own", "User-Agent": "Player/1"}
    with handler(headers=headers, timeout=10) as rh:
        plain = rh.send(Request(f"{url}/a?b=c", headers={"X-Call": "call"}))
        posted = rh.send(Request(f"{url}/form", data=b"a=b"))
        streamed = rh.send(Request(f"{url}/file", data=io.BytesIO(b"from a file")))
        generated = rh.send(Request(f"{url}/pieces", data=iter([b"one", b"two"])))
        put = rh.send(PUTRequest(f"{url}/put", data=b"put"))
        patched = rh.send(PATCHRequest(f"{url}/patch", data=b"patched"))
        head = rh.send(HEADRequest(f"{url}/content"))
        return {
            "plain": [plain.status, plain.reason, plain.url.removeprefix(url), told(plain)],
            "posted": told(posted),
            "streamed": told(streamed),
            "generated": told(generated),
            "put": told(put),
            "patched": told(patched),
            "head": [head.status, head.read().decode(), head.get_header("content-length")],
        }


def told(response: Any) -> Any:
    """What the site saw, without what is the same in each request."""
    seen = json.loads(response.read())
    for name in ("host", "accept", "accept-language", "sec-fetch-mode"):
        seen["fields"].pop(name, None)
    return [seen["method"], seen["target"], seen["content"], seen["fields"]]


def redirected(url: str) -> Any:
    found: dict[str, Any] = {}
    with handler() as rh:
        for status in (301, 302, 303, 307, 308):
            for method, content in (("GET", None), ("POST", b"text"), ("PUT", b"text")):
                request = Request(f"{url}/redirect/{status}", data=content, method=method)
                response = rh.send(request)
                *sent, fields = told(response)
                kept = fields.get("content-length"), fields.get("content-type")
                found[f"{method} {status}"] = [*sent, *kept]
        dots = rh.send(Request(f"{url}/redirect/302?to={url}/a/../b"))
        fragment = rh.send(Request(f"{url}/redirect/302?to=/end%23part"))
        found["dots"] = [told(dots)[1], dots.url.removeprefix(url)]
        found["fragment"] = fragment.url.removeprefix(url)
        try:
            rh.send(Request(f"{url}/loop"))
        except HTTPError as error:
            found["loop"] = [error.status, error.redirect_loop, error.reason]
    return found


def cookies(url: str) -> Any:
    jar = YoutubeDLCookieJar()
    jar.set_cookie(
        http.cookiejar.Cookie(
            *(0, "given", "by-hand", None, False, "127.0.0.1", True, False, "/", True),
            *(False, None, False, None, None, {}),
        )
    )
    with handler(cookiejar=jar) as rh:
        first = told(rh.send(Request(f"{url}/set?a=b")))
        second = told(rh.send(Request(f"{url}/again")))
        other = YoutubeDLCookieJar()
        alone = told(rh.send(Request(f"{url}/alone", extensions={"cookiejar": other})))
        by_hand = told(rh.send(Request(f"{url}/hand", headers={"Cookie": "own=1"})))
        sent = [each[3].get("cookie") for each in (first, second, alone, by_hand)]
        return [*sent, sorted(each.name for each in jar)]


def read(url: str) -> Any:
    found: dict[str, Any] = {}
    with handler() as rh:
        for page in ("content", "chunked", "gzip", "deflate", "br"):
            response = rh.send(Request(f"{url}/{page}"))
            first, second, rest = response.read(6), response.read(1000), response.read()
            whole = first + second + rest
            end = [response.read(10).decode(), response.closed]
            found[page] = [first.decode(), len(second), len(whole), hash_of(whole), end]
        empty = rh.send(Request(f"{url}/status/204"))
        found["204"] = [empty.status, empty.read().decode()]
        fields = rh.send(Request(f"{url}/gzip")).headers
        found["fields"] = [fields["Content-Encoding"], fields.get_all("content-type")]
    return found


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]


def failed(url: str, silent: str, nobody: str) -> Any:
    found: dict[str, Any] = {}
    with handler() as rh:
        for status in (400, 404, 500, 503, 304, 300):
            try:
                rh.send(Request(f"{url}/status/{status}"))
            except HTTPError as error:
                response = error.response
                found[str(status)] = [error.status, error.reason, response.read().decode()]
                error.close()
        for page in ("short", "short-chunks"):
            response = rh.send(Request(f"{url}/{page}"))
            try:
                response.read()
            except IncompleteRead as error:
                found[page] = [error.partial, error.expected, type(error.cause).__name__]
        coded = rh.send(Request(f"{url}/bad-gzip"))
        found["bad-gzip"] = named(coded.read)
        found["nothing"] = named(lambda: rh.send(Request(f"{url}/nothing")))
        found["nobody"] = named(lambda: rh.send(Request(nobody)))
        silence = Request(silent, extensions={"timeout": 0.2})
        found["silent"] = named(lambda: rh.send(silence))
        found["scheme"] = named(lambda: rh.validate(Request("ftp://a.test/")))
    return found


def stalled(url: str) -> Any:
    with handler(timeout=0.2) as rh:
        response = rh.send(Request(url))
        return [response.read(4).decode(), named(lambda: response.read(4))]


def proxied(url: str, proxy: str, closed: str, asking: str) -> Any:
    found: dict[str, Any] = {}
    with handler(proxies={"all": proxy}) as rh:
        found["all"] = told(rh.send(Request(f"{url}/by-proxy")))[1]
        none = {"all": proxy, "no": "127.0.0.1"}
        found["no"] = told(rh.send(Request(f"{url}/direct", proxies=none)))[1]
        by_environment = Request(f"{url}/own", proxies={"http": None})
        found["none"] = told(rh.send(by_environment))[1]
        away = Request(f"{url}/x", proxies={"all": closed})
        found["closed"] = named(lambda: rh.send(away))
        refused = Request(url.replace("http:", "https:"), proxies={"all": asking})
        found["refused"] = named(lambda: rh.send(refused))
        unknown = Request(f"{url}/x", proxies={"http": "gopher://a.test"})
        found["scheme"] = named(lambda: rh.validate(unknown))
    return found


def secured(url: str, certificate: str) -> Any:
    found: dict[str, Any] = {}
    with handler() as rh:
        found["untrusted"] = named(lambda: rh.send(Request(f"{url}/a")))
    with handler(verify=False) as rh:
        found["unverified"] = told(rh.send(Request(f"{url}/a")))[1]
    with handler(verify=False, client_cert={"client_certificate": certificate}) as rh:
        found["client"] = told(rh.send(Request(f"{url}/client")))[1]
    with handler(verify=False, source_address="127.0.0.2") as rh:
        found["source"] = told(rh.send(Request(f"{url}/source")))[1]
    with handler(verify=False) as rh:
        plain = url.replace("https:", "http:")
        found["plain"] = named(lambda: rh.send(Request(f"{plain}/a")))
    return found


assert issubclass(yt_dlp.networking._requests.RequestsSession, requests.Session)
