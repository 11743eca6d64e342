"""The cookie vectors: Set-Cookie and Cookie of the http-state suite, dates, and RFC 6265bis.

Each function asserts one case of its file. A case of one file may hold many steps.
"""

from __future__ import annotations

from typing import Any

from sojourn_core.rules.cookies import CookieJar
from sojourn_core.rules.cookies.date import parse_date
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits
from sojourn_core.values.url.url import parse_url

START = 1767225600  # 2026-01-01T00:00:00Z, the clock of a first step that names no time.


def check_http_state(case: dict[str, Any]) -> None:
    """One response with its Set-Cookie lines, then one request (cookies/http_state.json)."""
    suffixes = frozenset(case["public_suffixes"])
    jar = CookieJar(is_public_suffix=suffixes.__contains__)
    jar.store(case["set_cookie"], parse_url(case["request_url"]), case["now"])
    expected = case.get("rfc6265bis_cookie_header", case["expected_cookie_header"])
    if case.get("disabled_upstream"):
        return
    assert jar.cookie_field(parse_url(case["request2_url"]), case["now"]) == expected


def check_date(case: dict[str, Any]) -> None:
    """One Expires value (cookies/dates.json)."""
    assert parse_date(case["date"]) == case["expected"]


def check_rfc6265bis(case: dict[str, Any]) -> None:
    """Responses and requests in turn, on one jar (cookies/rfc6265bis.json)."""
    suffixes = frozenset(case.get("public_suffixes", ()))
    jar = CookieJar(limits=_limits(case), is_public_suffix=suffixes.__contains__)
    now = START
    for step in case["steps"]:
        now = step.get("at", now)
        url = parse_url(step["url"]) if step["op"] != "set_many" else None
        match step["op"]:
            case "set":
                assert url is not None
                jar.store(
                    [step["header"]],
                    url,
                    now,
                    same_site=step.get("same_site", True),
                    top_level=step.get("top_level", True),
                )
            case "set_many":
                _set_many(jar, step, now)
            case "get":
                assert url is not None
                _get(jar, step, now)
            case unknown:
                raise AssertionError(f"a step {unknown!r} is not known")


def _limits(case: dict[str, Any]) -> Limits:
    changes = {
        name: case[key]
        for key, name in (
            ("max_per_domain", "cookies_per_domain_max"),
            ("max_total", "cookies_max"),
        )
        if key in case
    }
    return DEFAULT_LIMITS.replace(**changes)


def _set_many(jar: CookieJar, step: dict[str, Any], now: float) -> None:
    for j in range(step["j"][0], step["j"][1] + 1):
        for i in range(step["i"][0], step["i"][1] + 1):
            url, header = (
                text.replace("{i}", str(i)).replace("{j}", str(j))
                for text in (step["url"], step["header"])
            )
            jar.store([header], parse_url(url), now)


def _get(jar: CookieJar, step: dict[str, Any], now: float) -> None:
    url = parse_url(step["url"])
    cookies = jar.retrieve(
        url,
        now,
        same_site=step.get("same_site", True),
        top_level=step.get("top_level", True),
        method=step.get("method", "GET"),
    )
    pairs = [f"{cookie.name}={cookie.value}" if cookie.name else cookie.value for cookie in cookies]
    assert ("; ".join(pairs) or None) == step["expect"]
    if step.get("same_site", True):
        # The field has limits of its own; none of these cases reaches them.
        assert jar.cookie_field(url, now) == step["expect"]
        assert jar.cookie_field(url, now) == step["expect"]  # From what the jar remembers.
