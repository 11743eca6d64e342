"""What is never sent, because no peer could be meant to read it: nothing is connected for it."""

from __future__ import annotations

from math import nan
from typing import Any, Final

from sojourn_core.values.errors import (
    InvalidContent,
    InvalidContentType,
    InvalidHeader,
    InvalidJSONError,
    InvalidMethod,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
)
from tests.scenarios.model import REFUSED, A, Intent, Outcome, Scenario, Seen, get, ok, one, serve


def refused(name: str, intent: Intent, error: type[Exception], says: str) -> Scenario:
    """Fails before anything is connected: there is a host that refuses, and nobody asks it."""
    return one(name, intent, {A: REFUSED}, Outcome(error=error, says=says, maybe_sent=False))


def with_fields(name: str, fields: Any, says: str) -> Scenario:
    """Fields that cannot be sent."""
    return refused(name, get(f"{A}/", headers=fields), InvalidHeader, says)


URLS: Final = (
    refused("a URL without a host", get("http:///x"), InvalidURL, "no host supplied"),
    refused("a URL without a scheme", get("a.test/x"), MissingSchema, "https://a.test/x?"),
    refused("no URL at all", get(""), MissingSchema, "no scheme supplied"),
    refused("a scheme without a transport", get("ftp://a.test/x"), InvalidSchema, "ftp"),
    refused("a port that is no number", get("http://a.test:x/"), InvalidURL, "port"),
    refused("a host with a blank", get("http://a test/"), InvalidURL, "invalid URL"),
    refused("a host with a line end", get("http://a.test\r\n.b.test/"), InvalidURL, "invalid URL"),
    refused("a backslash for a slash", get("http://a.test\\@b.test/"), InvalidURL, "invalid URL"),
)

FIELDS: Final = (
    with_fields("a line end in a value", {"X-A": "1\r\nX-B: 2"}, "'X-A'"),
    with_fields("a bare line feed in a value", {"X-A": "1\nX-B: 2"}, "'X-A'"),
    with_fields("a nul in a value", {"X-A": "1\x00"}, "'X-A'"),
    with_fields("a blank before a value", {"X-A": " 1"}, "'X-A'"),
    with_fields("a value that is a number", {"X-A": 1}, "'X-A'"),
    with_fields("a value beyond what octets say", {"X-A": "€"}, "'X-A'"),
    with_fields("a name with a colon", {"X-A: b": "1"}, "'X-A: b'"),
    with_fields("a name with a line end", {"X\r\n": "1"}, "name"),
    with_fields("no name", {"": "1"}, "name"),
    with_fields("a Host with a path", {"Host": "a.test/x"}, "Host 'a.test/x'"),
    with_fields("a Host with a blank", {"Host": "a b"}, "Host 'a b'"),
    with_fields("a Host with user info", {"Host": "u@a.test"}, "Host 'u@a.test'"),
    with_fields("a Host of two", {"Host": "a.test,b.test"}, "Host 'a.test,b.test'"),
    with_fields("two lengths", [("Content-Length", "1"), ("content-length", "1")], "'Content-L"),
    with_fields("a length that is no number", {"Content-Length": "+1"}, "'+1'"),
    with_fields("a coding that is not sent", {"Transfer-Encoding": "gzip"}, "'gzip'"),
    with_fields("two Hosts", [("Host", "a.test"), ("host", "b.test")], "'Host'"),
)

REST: Final = (
    refused("a method with a blank", Intent("GET /x", f"{A}/"), InvalidMethod, "'GET /X'"),
    refused("a method with a line end", Intent("G\r\nET", f"{A}/"), InvalidMethod, "method"),
    refused("no method", Intent("", f"{A}/"), InvalidMethod, "method"),
    refused(
        "a length that the content has not",
        Intent("POST", f"{A}/", {"data": b"abc", "headers": {"Content-Length": "2"}}),
        InvalidContent,
        "Content-Length '2'",
    ),
    refused(
        "JSON that there is not",
        Intent("POST", f"{A}/", {"json": {"a": nan}}),
        InvalidJSONError,
        "JSON",
    ),
    refused(
        "content that is a number",
        Intent("POST", f"{A}/", {"data": 7}),
        InvalidContentType,
        "of type int",
    ),
    Scenario(
        name="a refusal changes nothing for the next request",
        intents=(get(f"{A}/", headers={"X": "\n"}), get("http://"), get(f"{A}/")),
        peers={A: (serve(ok(b"well")),)},
        outcomes=(
            Outcome(error=InvalidHeader, says="'X'", maybe_sent=False),
            Outcome(error=InvalidURL, says="no host", maybe_sent=False),
            Outcome(status=200, content=b"well"),
        ),
        seen=(Seen(A, "GET /", {"x": None}),),
    ),
)

SCENARIOS: Final = (*URLS, *FIELDS, *REST)
