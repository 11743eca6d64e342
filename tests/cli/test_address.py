"""A URL as people type it: what is put before it, and what is said if that was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sojourn
from sojourn.cli.address import complete
from tests.servers.scripted import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

    Run = Callable[..., Ended]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        # A port, or a path, of this machine.
        (":8801/x", "http://localhost:8801/x"),
        (":8801", "http://localhost:8801"),
        (":8801?a=1", "http://localhost:8801?a=1"),
        (":/x", "http://localhost/x"),
        (":", "http://localhost"),
        # This machine, and this network.
        ("localhost:8801/x", "http://localhost:8801/x"),
        ("LocalHost", "http://LocalHost"),
        ("api.localhost:3000", "http://api.localhost:3000"),
        ("127.0.0.1:8801/x", "http://127.0.0.1:8801/x"),
        ("127.1", "http://127.1"),
        ("192.168.0.0x1f", "http://192.168.0.0x1f"),
        ("[::1]:8801/x", "http://[::1]:8801/x"),
        ("[fe80::1]", "http://[fe80::1]"),
        ("::1/x", "http://[::1]/x"),
        ("fe80::1", "http://[fe80::1]"),
        ("ada@::1?a=1", "http://ada@[::1]?a=1"),
        ("printer/status", "http://printer/status"),
        ("printer:631", "http://printer:631"),
        ("nas.local", "http://nas.local"),
        ("wiki.internal./x", "http://wiki.internal./x"),
        ("a.test:8080", "http://a.test:8080"),
        # Everywhere else.
        ("example.org", "https://example.org"),
        ("example.org:8443/x?a=b:c#d", "https://example.org:8443/x?a=b:c#d"),
        ("example.org.", "https://example.org."),
        ("//example.org/x", "https://example.org/x"),
        ("test.example", "https://test.example"),
        ("notlocalhost.example", "https://notlocalhost.example"),
        ("ada:pw@example.org", "https://ada:pw@example.org"),
        ("ada:1234@localhost:80/", "http://ada:1234@localhost:80/"),
        ("ada@10.0.0.1", "http://ada@10.0.0.1"),
        ("b\u00fccher.example", "https://b\u00fccher.example"),
        (" example.org\n", "https://example.org"),
    ],
)
def test_a_url_without_a_scheme_gets_the_usual_one(typed: str, url: str) -> None:
    address = complete(typed)
    assert address.url == url
    assert url.startswith(f"{address.guessed}://")


@pytest.mark.parametrize(
    "typed",
    [
        "http://a.test",
        "HTTPS://a.test",
        "http:a.test",
        "https:",
        "ftp://a.test/x",
        "mailto:ada@a.test",
        "data:text/plain,x",
        "x:y",
        "/x",
        "?a=1",
        "#a",
        "\\\\a.test",
        "",
        "ada@",
    ],
)
def test_nothing_is_guessed_where_a_scheme_stands_or_no_host_does(typed: str) -> None:
    address = complete(typed)
    assert (address.url, address.guessed) == (typed, "")


@given(st.text(max_size=20) | st.from_regex(r"[a-z:@/\[\].0-9]{1,12}", fullmatch=True))
def test_a_guess_changes_nothing_but_what_comes_first(typed: str) -> None:
    address = complete(typed)
    if address.guessed:
        shown = typed.strip(" \t\r\n\f\v").lstrip("/:")
        assert shown in address.url.replace("[", "").replace("]", "") or shown in address.url
    else:
        assert address.url == typed


def test_a_name_of_this_machine_is_asked_over_http(run: Run, serve: Callable[..., object]) -> None:
    server = serve(lambda received: response(200, content=received.target.encode()))
    for typed in (f":{server.port}/x", f"127.0.0.1:{server.port}/x", f"localhost:{server.port}/x"):
        ended = run("get", typed)
        assert (ended.code, ended.out, ended.err) == (0, b"/x", "")


def test_a_guess_that_fails_says_what_was_perhaps_meant(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sojourn.ConnectionError("no way", maybe_sent=False)

    monkeypatch.setattr("sojourn.cli.get.drive_call", fail)
    said = "sojourn: no way; perhaps http://a.example:8801/x?key=\u2026\n"
    assert run("get", "a.example:8801/x?key=SECRET") == (3, b"", said)
    assert run("get", "https://a.example/").err == "sojourn: no way\n"
    assert run("get", "localhost").err == "sojourn: no way\n"


def test_http_is_no_guess_for_a_server_that_speaks_tls(
    run: Run, serve: Callable[..., object], ca: object
) -> None:
    server = serve(lambda _: response(200), context=ca.server_context())
    ended = run("get", f"localhost:{server.port}")
    assert ended.code == 3
    assert ended.err.endswith(f"; perhaps https://localhost:{server.port}\n")


@pytest.mark.parametrize("url", ["127.0.0.1/x", "a.test", "/x"])
def test_the_library_guesses_nothing(url: str) -> None:
    with pytest.raises(sojourn.exceptions.MissingSchema):
        sojourn.get(url)


@given(st.text(max_size=30))
def test_whatever_is_typed_ends_in_one_line(typed: str) -> None:
    import contextlib
    import io
    from unittest.mock import patch

    from sojourn.cli import main

    def fail(*_: object) -> None:
        raise sojourn.ConnectionError("no way", maybe_sent=False)

    err = io.StringIO()
    with patch("sojourn.cli.get.drive_call", fail), contextlib.redirect_stderr(err):
        code = main(["get", "--", typed])
    assert code in {2, 3}
    assert err.getvalue().count("\n") == 1
