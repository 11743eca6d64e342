"""Texts of URLs to try, and what becomes of them, for every test of URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from sojourn_core.values.errors import InvalidSchema, InvalidURL, MissingSchema

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.url.url import URL

ATTRIBUTES = [
    "text",
    "scheme",
    "host",
    "zone",
    "port",
    "explicit_port",
    "userinfo",
    "path",
    "query",
    "fragment",
    "target",
    "host_field",
    "authority",
    "origin",
    "endpoint",
]


def everything(url: URL) -> dict[str, Any]:
    return {name: getattr(url, name) for name in ATTRIBUTES}


HOSTS = st.sampled_from(
    [
        "a.test",
        "b-c_d.e",
        "1.a",
        "127.0.0.1",
        "xn--bcher-kva.x",
        "a.test.",
        "[::1]",
        "A.test",
        "a.1x",
    ]
)
PIECES = st.sampled_from(
    [*"/?#.%@:;=&~-_aZ09", "/..", "/.", "//", "%2F", "%7E", "%e9", "%41", "%5B", "%", "š", " "]
)
TAILS = st.lists(PIECES, max_size=12).map("".join)
PORTS = st.sampled_from(["", ":80", ":443", ":8080", ":65535", ":65536", ":", ":080", ":0"])
SCHEMES = st.sampled_from(["http", "https"])
USERINFO = st.sampled_from(["", "", "u@", "u:p@", "%40:@"])
TEXTS = st.builds(
    lambda scheme, userinfo, host, port, tail: f"{scheme}://{userinfo}{host}{port}{tail}",
    SCHEMES,
    USERINFO,
    HOSTS,
    PORTS,
    st.just("") | TAILS.map("/".__add__) | TAILS.map("?".__add__) | TAILS.map("#".__add__),
)


def result(read: Callable[..., URL], *arguments: Any) -> object:
    """All of a URL, or the error."""
    try:
        return everything(read(*arguments))
    except (InvalidURL, InvalidSchema, MissingSchema) as error:
        return type(error), str(error)


def outcome(read: Callable[[str], object], text: str) -> type:
    """What reading a text comes to: a URL, or the error that refuses it."""
    try:
        return type(read(text))
    except (InvalidURL, InvalidSchema, MissingSchema) as error:
        return type(error)
