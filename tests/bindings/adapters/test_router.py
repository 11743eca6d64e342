"""Routes: what fits them, what they answer, and what they assert."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

import sojourn
from sojourn.adapters import AsyncMockAdapter, MockAdapter, Reply, Router, UnexpectedRequest
from sojourn.exceptions import ConnectionError, InvalidURL


def asked(method: str = "GET", url: str = "https://a.test/", **more: Any) -> Any:
    return sojourn.Request(method, url, **more).prepare()


@pytest.mark.parametrize(
    ("pattern", "url", "parts"),
    [
        ("https://a.test/", "https://a.test/", {}),
        ("https://A.test", "https://a.test/", {}),
        ("https://a.test/", "https://a.test/x", None),
        ("https://a.test/", "http://a.test/", None),
        ("https://a.test/", "https://a.test/?q=1#f", {}),
        ("https://a.test/items/{id}", "https://a.test/items/7", {"id": "7"}),
        ("https://a.test/items/{id}", "https://a.test/items/7/parts", None),
        ("https://a.test/*/x", "https://a.test/b/x", {}),
        ("https://a.test/*/x", "https://a.test/b/c/x", None),
        ("https://a.test/**", "https://a.test/b/c/x", {}),
        ("https://*.test/", "https://b.test/", {}),
        ("https://a.test/?q=1", "https://a.test/?p=2&q=1", {}),
        ("https://a.test/?q=1", "https://a.test/?q=2", None),
        (re.compile(r"/v(?P<version>\d)/"), "https://a.test/v2/x", {"version": "2"}),
        (re.compile(r"/v\d/"), "https://a.test/x", None),
        (lambda request: request.url.endswith("z"), "https://a.test/z", {}),
        (lambda request: request.url.endswith("z"), "https://a.test/y", None),
        (None, "https://a.test/y", {}),
    ],
)
def test_urls_that_fit(pattern: Any, url: str, parts: dict[str, str] | None) -> None:
    assert Router().get(pattern).match(asked(url=url)) == parts


@pytest.mark.parametrize(
    ("pattern", "request_", "fits"),
    [
        ({"method": "post"}, asked("POST"), True),
        ({"method": "post"}, asked("PUT"), False),
        ({"params": {"q": None}}, asked(url="https://a.test/?q="), True),
        ({"params": {"q": None}}, asked(), False),
        ({"params": {"q": "1"}}, asked(url="https://a.test/?q=2&q=1"), True),
        ({"headers": {"X-A": "1"}}, asked(headers={"x-a": "1"}), True),
        ({"headers": {"X-A": "1"}}, asked(headers={"x-a": "2"}), False),
        ({"headers": {"X-A": None}}, asked(headers={"x-a": "2"}), True),
        ({"content": "a"}, asked("POST", data=b"a"), True),
        ({"content": b"a"}, asked("POST", data=b"b"), False),
        ({"json": {"a": 1}}, asked("POST", json={"a": 1}), True),
        ({"json": {"a": 1}}, asked("POST", json={"a": 2}), False),
        ({"json": {"a": 1}}, asked("POST", data=b"no json"), False),
    ],
)
def test_requests_that_fit(pattern: dict[str, Any], request_: Any, fits: bool) -> None:
    assert (Router().add(**pattern).match(request_) is not None) is fits


def test_a_pattern_must_be_a_url() -> None:
    with pytest.raises(InvalidURL):
        Router().get("https://a b/")


def test_the_first_route_that_fits_answers() -> None:
    router = Router()
    first = router.get("https://a.test/x").respond(201)
    second = router.add().respond(202)
    with sojourn.Session() as session:
        session.mount("https://", MockAdapter(router))
        assert session.get("https://a.test/x").status_code == 201
        assert session.put("https://a.test/x", data=b"c").status_code == 202
    assert (first.call_count, second.call_count) == (1, 1)
    assert second.last_request.body == b"c"
    assert [each.request.method for each in router.calls] == ["GET", "PUT"]
    router.assert_all_called()


def test_answers_are_given_in_turn_and_the_last_one_ever_after() -> None:
    router = Router()
    route = router.get("https://a.test/").respond(503).fail(ConnectionError("gone")).respond(200)
    with sojourn.Session() as session:
        session.mount("https://", MockAdapter(router))
        assert session.get("https://a.test/").status_code == 503
        with pytest.raises(ConnectionError, match="gone"):
            session.get("https://a.test/")
        assert [session.get("https://a.test/").status_code for _ in range(2)] == [200, 200]
        router.reset()
        assert session.get("https://a.test/").status_code == 503
    route.assert_called(times=1)


@pytest.mark.event_loop
def test_handlers_get_the_named_parts_and_may_be_awaited() -> None:
    router = Router()

    async def item(request: Any, id: str) -> Reply:  # noqa: A002 - the pattern's name
        await asyncio.sleep(0)
        return Reply(json={"id": id})

    router.get("https://a.test/items/{id}").answer(item)

    async def main() -> Any:
        async with sojourn.AsyncSession() as session:
            session.mount("https://", AsyncMockAdapter(router))
            return await session.get("https://a.test/items/9")

    assert asyncio.run(main()).json() == {"id": "9"}


def test_a_request_that_fits_no_route_fails_the_test_and_shows_no_secret() -> None:
    router = Router()
    router.get("https://a.test/known")
    with sojourn.Session() as session:
        session.mount("https://", MockAdapter(router))
        with pytest.raises(UnexpectedRequest, match=r"GET https://\S*a\.test/other") as caught:
            session.get("https://user:secret@a.test/other?token=secret")
    assert "secret" not in str(caught.value)
    assert "GET https://a.test/known" in str(caught.value)


def test_assertions_name_what_was_not_called() -> None:
    router = Router()
    route = router.post("https://a.test/never")
    assert not route.called
    for check in (router.assert_all_called, route.assert_called):
        with pytest.raises(UnexpectedRequest, match=r"POST https://a\.test/never"):
            check()
    with pytest.raises(UnexpectedRequest, match="no request came"):
        _ = route.last_request


@pytest.mark.parametrize("way", ["route", "router"])
def test_requests_pass_through_to_where_they_would_go(way: str) -> None:
    router = Router(passes=way == "router")
    if way == "route":
        router.get("https://a.test/**").pass_through()
    real = MockAdapter(lambda request: Reply(content="real"))
    with sojourn.Session() as session:
        session.mount("https://", MockAdapter(router, passes_to=real))
        assert session.get("https://a.test/x").text == "real"
    assert len(router.calls) == 1
