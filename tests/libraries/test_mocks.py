"""requests-mock and responses at work: what is mocked never leaves, the rest does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answers import echo
from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer


def test_requests_mock_answers_and_remembers(serve: Callable[..., HandlerServer]) -> None:
    server = serve(echo)
    assert result_of("mock.mocked", server.url("/")) == {
        "json": {"a": 1},
        "field": "b",
        "cookies": {"c": "d"},
        "texts": ["one", "two", 201],
        "raised": True,
        "redirected": ["http://a.test/json", [302]],
        "unknown": True,
        "history": [
            ["GET", "http://a.test/json", None],
            ["POST", "http://a.test/text?q=1", "b=c"],
            ["POST", "http://a.test/text", '{"k": 1}'],
            ["GET", "http://a.test/error", None],
            ["GET", "http://a.test/away", None],
            ["GET", "http://a.test/json", None],
            ["GET", server.url("/"), None],
        ],
        "query": {"q": ["1"]},
        "sent": {"k": 1},
    }
    assert server.requests == []


def test_requests_mock_lets_the_rest_through(serve: Callable[..., HandlerServer]) -> None:
    server = serve(echo)
    assert result_of("mock.passed_through", server.url("")) == ["/real", "mocked"]
    assert len(server.requests) == 1


def test_requests_mock_is_mounted() -> None:
    told = result_of("mock.mounted")
    assert told == [["0123", "4567", "89"], ["line", "line"], "file", 3]


def test_responses_answers_and_remembers(serve: Callable[..., HandlerServer]) -> None:
    server = serve(echo)
    assert result_of("mocked_responses.activated", server.url("")) == {
        "json": {"a": 1},
        "cookies": [{"c": "d"}, {"c": "d"}],
        "posted": "posted",
        "raised": "slow",
        "refused": True,
        "redirected": ["http://a.test/json", [301]],
        "called": "sent",
        "real": "/real",
        "calls": [
            ["GET", "http://a.test/json"],
            ["GET", "http://a.test/error"],
            ["GET", "http://a.test/unknown"],
            ["GET", "http://a.test/away"],
            ["GET", "http://a.test/json"],
            ["POST", "http://a.test/form"],
            ["PUT", "http://a.test/call"],
        ],
    }
    assert [each.target for each in server.requests] == ["/real"]


def test_responses_counts_the_retries_of_an_adapter() -> None:
    assert result_of("mocked_responses.retried") == ["answer", 1, 3]


def test_requests_mock_puts_its_own_request_on_the_response() -> None:
    assert result_of("mock.looked_at") == {
        "query": ["b=c&d=e&d=f", "", ""],
        "qs": [{"b": ["c"], "d": ["e", "f"]}, {}, {}],
        "parts": [
            ["http", "a.test:8080", "a.test", 8080],
            ["http", "a.test", "a.test", 80],
            ["https", "b.test", "b.test", 443],
        ],
        "path": ["/path", "/json", "/"],
        "text": [None, '{"k": 1}', None],
        "json": {"k": 1},
        "timeout": [1, 2],
        "settings": [False, "file", {"https": "http://p.test"}],
        "field": "own",
        "answers": ["GET /path", 202, "Own", "/next"],
        "same": [True, True, True],
        "matched": [True, 3, "https://b.test/"],
    }


def test_requests_mock_matches_queries_fields_and_content() -> None:
    assert result_of("mock.matched") == [
        "query",
        "field",
        "pattern",
        "own",
        "raw",
        ["NoMockAddress", "GET"],
        ["NoMockAddress", "GET"],
        ["NoMockAddress", "PUT"],
    ]


def test_the_matchers_of_responses() -> None:
    """Each takes one request, and refuses another."""
    refused = "Connection refused by Responses - the call doesn't match any registered mock."
    told = result_of("mocked_responses.matched")
    assert told == {name: [name, refused] for name in told}
    assert len(told) == 12


def test_responses_calls_back() -> None:
    assert result_of("mocked_responses.called_back") == {
        "seen": [
            ["POST", "http://a.test/?q=1", {"q": "1"}, "f=g"],
            "application/x-www-form-urlencoded",
            ["POST", "http://a.test/", {}, "content"],
            "multipart/form-data",
            ["POST", "http://a.test/", {}, '{"k": 1}'],
            "application/json",
        ],
        "answer": [201, "answer", "e", "text/own"],
        "cookies": [["a", "b"], ["c", "d"]],
        "streamed": [["0123", "4567", "89"], "", "1"],
        "call": ["http://a.test/?q=1", "answer", "f=g"],
        "count": [True, 5],
    }


def test_responses_keeps_an_order_and_misses_what_was_not_asked() -> None:
    assert result_of("mocked_responses.ordered") == [
        ["0", "1", "2"],
        "Not all requests have been executed [('GET', 'http://a.test/never')]",
    ]
