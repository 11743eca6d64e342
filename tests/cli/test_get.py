"""``sojourn get``: what it sends, what it shows, how it ends."""

from __future__ import annotations

import base64
import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.servers.scripted import Received, response
from tests.servers.steps import ReadHead, Reset, Send

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended
    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, ScriptedServer

    Run = Callable[..., Ended]
    Serve = Callable[..., HandlerServer]
    Script = Callable[..., ScriptedServer]

pytestmark = pytest.mark.usefixtures("no_leaks")

FORM = "application/x-www-form-urlencoded"


def hello(_: Received) -> bytes:
    """Answer everything with 200."""
    return response(200, ("Content-Type", "text/plain"), content=b"hello\n")


def away(received: Received) -> bytes:
    """Redirect ``/start`` to ``/end?code=1234#token=5678``, and answer that."""
    if received.target.startswith("/end"):
        return hello(received)
    return response(302, ("Location", "/end?code=1234#token=5678"))


# --- what is sent ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "method", "content", "content_type"),
    [
        ([], "GET", b"", None),
        (["-X", "delete"], "DELETE", b"", None),
        (["-X", "PURGE"], "PURGE", b"", None),
        (["-I"], "HEAD", b"", None),
        (["-d", "a=1"], "POST", b"a=1", FORM),
        (["-d", "a=1", "--data", "b=2"], "POST", b"a=1&b=2", FORM),
        (["-d", ""], "POST", b"", FORM),
        (["-X", "PUT", "-d", "a=1"], "PUT", b"a=1", FORM),
        (["--data-binary", "a\nb"], "POST", b"a\nb", FORM),
        (["--json", '{"a":1}'], "POST", b'{"a":1}', "application/json"),
        (["--json", '{"a":', "--json", "1}"], "POST", b'{"a":1}', "application/json"),
        (["-d", "x", "-H", "Content-Type: text/x"], "POST", b"x", "text/x"),
        (["-d", "x", "-H", "content-type:"], "POST", b"x", None),
    ],
)
def test_method_and_content(
    arguments: list[str],
    method: str,
    content: bytes,
    content_type: str | None,
    run: Run,
    serve: Serve,
) -> None:
    server = serve(hello)
    assert run("get", server.url(), *arguments).code == 0
    (received,) = server.requests
    assert received.method == method
    assert received.content == content
    assert received.value("content-type") == content_type


@pytest.mark.parametrize(
    ("option", "sent"),
    [("--data", b"firstsecond\x00"), ("--data-binary", b"first\r\nsecond\n\x00")],
)
def test_content_of_a_file(
    option: str, sent: bytes, run: Run, serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "content"
    file.write_bytes(b"first\r\nsecond\n\x00")
    server = serve(hello)
    assert run("get", server.url(), option, f"@{file}").code == 0
    assert server.requests[0].content == sent


@pytest.mark.parametrize("option", ["--data", "--data-binary", "--json"])
def test_content_of_standard_input(
    option: str, run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'"typed"')))
    server = serve(hello)
    assert run("get", server.url(), option, "@-").code == 0
    assert server.requests[0].content == b'"typed"'


def test_json_asks_for_json(run: Run, serve: Serve) -> None:
    server = serve(hello)
    assert run("get", server.url(), "--json", "{}").code == 0
    assert server.requests[0].value("accept") == "application/json"


def test_fields_are_added_repeated_emptied_and_left_out(run: Run, serve: Serve) -> None:
    server = serve(hello)
    lines = ["X-One: 1", "X-Two: a", "x-two:b ", "Empty;", "User-Agent:", "Accept: text/html"]
    assert run("get", server.url(), *(f"-H{line}" for line in lines)).code == 0
    (received,) = server.requests
    assert received.values("x-one") == ["1"]
    assert received.values("x-two") == ["a", "b"]
    assert received.values("empty") == [""]
    assert received.values("user-agent") == []
    assert received.values("accept") == ["text/html"]


@pytest.mark.parametrize("option", ["-a", "-u", "--auth", "--user"])
def test_credentials(option: str, run: Run, serve: Serve) -> None:
    server = serve(hello)
    assert run("get", server.url(), option, "ada:pass:word").code == 0
    expected = base64.b64encode(b"ada:pass:word").decode()
    assert server.requests[0].value("authorization") == f"Basic {expected}"


def test_a_missing_password_is_asked_for_at_a_terminal(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"<{prompt}>")
    server = serve(hello)
    assert run("get", server.url(), "-a", "ada").code == 0
    expected = base64.b64encode(b"ada:<Password for ada: >").decode()
    assert server.requests[0].value("authorization") == f"Basic {expected}"


# --- what is shown --------------------------------------------------------------------------------


def test_the_content_is_standard_output(run: Run, serve: Serve) -> None:
    assert run("get", serve(hello).url()) == (0, b"hello\n", "")


def test_content_codings_are_taken_off(run: Run, serve: Serve) -> None:
    import gzip

    packed = gzip.compress(b"unpacked")
    server = serve(lambda _: response(200, ("Content-Encoding", "gzip"), content=packed))
    assert run("get", server.url()).out == b"unpacked"


def test_the_head_is_shown_before_the_content(run: Run, serve: Serve) -> None:
    server = serve(lambda _: response(404, ("X-A", "1"), ("X-A", "2"), content=b"no"))
    ended = run("get", "-i", server.url())
    assert ended.out == b"HTTP 404 Not Found\nX-A: 1\nX-A: 2\nContent-Length: 2\n\nno"
    assert ended.code == 0


def test_a_head_cannot_steer_the_terminal(run: Run, serve: Serve) -> None:
    server = serve(lambda _: response(200, ("X-Bell", "a\u009b2Jb")))
    assert b"X-Bell: a\\x9b2Jb\n" in run("get", "-i", server.url()).out


def test_explain_tells_hops_and_decisions_and_no_secret(run: Run, serve: Serve) -> None:
    def handler(received: Received) -> bytes:
        if received.target.startswith("/end"):
            return hello(received)
        return response(
            302,
            ("Location", "/end?code=1234#token=5678"),
            ("Set-Cookie", "sid=cookie-value"),
        )

    server = serve(handler)
    url = f"http://ada:pass-word@{server.host}:{server.port}/start?key=query-value"
    ended = run("get", "--explain", "-H", "X-Key: field-value", url)
    origin = f"http://{server.host}:{server.port}"
    assert ended.code == 0
    assert ended.out == b"hello\n"
    assert ended.err.splitlines() == [
        f"1. GET http://***@{server.host}:{server.port}/start?key=…",
        "   sent with Authorization",
        (
            "   * Authorization added: credentials come from the user info of the URL"
            " (RFC 9110 11.6.2)"
        ),
        "   -> 302 Found, Location: /end?code=…",
        "   * cookie sid stored: the response sets it (RFC 6265bis 5.7)",
        f"2. GET {origin}/end?code=…",
        "   sent with Authorization, Cookie",
        "   * redirect followed: status 302 with a Location (RFC 9110 15.4.3)",
        "   * Cookie sent: 1 of the jar's cookies fit this URL (RFC 6265bis 5.8.3)",
        "   -> 200 OK",
    ]


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/a?b#c", "/a?…"),
        ("/a?b=1&c=2&d#e", "/a?b=…&c=…&…"),
        ("//ada:pw@b.test/x", "//***@b.test/x"),
        ("http://ada@b.test?x", "http://***@b.test/?…"),
        ("http://b.test/a@b", "http://b.test/a@b"),
        ("plain", "plain"),
    ],
)
def test_a_location_is_shown_without_what_may_be_secret(location: str, shown: str) -> None:
    from sojourn.cli.story import shown_location

    assert shown_location(location) == shown


def test_a_refused_redirect_is_explained(run: Run, serve: Serve) -> None:
    server = serve(away)
    ended = run("get", "--explain", "--max-redirects", "0", server.url("/start"))
    assert (ended.code, ended.out) == (3, b"")
    *story, problem = ended.err.splitlines()
    assert story[-1].startswith("   * redirect refused: 0 redirects were followed")
    assert problem == "sojourn: Exceeded 0 redirects."


def test_decisions_on_a_request_that_could_not_be_made_are_told(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(b"piped")))
    server = serve(lambda _: response(307, ("Location", "/again")))
    ended = run("get", "--explain", "--data-binary", "@-", server.url())
    assert ended.code == 3
    assert "   * content sent again: " in ended.err
    assert ended.err.splitlines()[-1].startswith("sojourn: the content was a stream")


# --- where it goes --------------------------------------------------------------------------------


def test_a_file_gets_the_content(run: Run, serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "here"
    assert run("get", serve(hello).url(), "-o", str(file)) == (0, b"", "")
    assert file.read_bytes() == b"hello\n"
    assert [each.name for each in tmp_path.iterdir()] == ["here"]


def test_a_file_that_was_there_is_replaced_in_one_step(
    run: Run, serve: Serve, tmp_path: Path
) -> None:
    file, link = tmp_path / "here", tmp_path / "link"
    file.write_text("before")
    file.chmod(0o640)
    link.symlink_to(file)
    assert run("get", serve(hello).url(), "-o", str(link)).code == 0
    assert link.is_symlink()
    assert file.read_bytes() == b"hello\n"
    assert file.stat().st_mode & 0o777 == 0o640


def test_content_that_breaks_off_leaves_no_half_file(
    run: Run, scripted: Script, tmp_path: Path
) -> None:
    file = tmp_path / "here"
    file.write_text("before")
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
    server = scripted([ReadHead(), Send(head)])
    ended = run("get", server.url(), "-o", str(file))
    assert ended.code == 3
    assert ended.err.startswith("sojourn: ")
    assert file.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["here"]


def test_a_device_is_written_to_and_not_replaced(run: Run, serve: Serve) -> None:
    from pathlib import Path

    assert run("get", serve(hello).url(), "-o", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("place", "why"), [("missing/file", "No such file or directory"), ("", "Is a directory")]
)
def test_a_file_that_cannot_be_written(
    place: str, why: str, run: Run, serve: Serve, tmp_path: Path
) -> None:
    file = str(tmp_path / place)
    ended = run("get", serve(hello).url(), "-o", file)
    assert ended == (4, b"", f"sojourn: {file} cannot be written: {why}\n")


def test_a_terminal_is_spared_binary_content(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda _: response(200, content=b"\x7fELF\x00\x01"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    ended = run("get", server.url())
    assert (ended.code, ended.out) == (4, b"")
    assert ended.err.startswith("sojourn: the content is binary")
    assert run("get", server.url(), "-o", "-").out == b"\x7fELF\x00\x01"


# --- how it ends ----------------------------------------------------------------------------------


def test_a_status_is_a_failure_only_if_that_is_asked_for(run: Run, serve: Serve) -> None:
    server = serve(lambda _: response(404, content=b"no\n"))
    assert run("get", server.url()) == (0, b"no\n", "")
    assert run("get", "-f", server.url()) == (
        1,
        b"",
        "sojourn: the response is 404 Not Found\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["/x"], "no scheme supplied"),
        (["?x"], "no scheme supplied"),
        ([""], "no scheme supplied"),
        (["mailto:ada@a.test"], "neither http nor https"),
        (["::1:x"], "invalid URL"),
        (["http://a.test:port/"], "invalid URL"),
        (["http://a.test/", "-X", ""], "is not a token"),
        (["http://a.test/", "--cacert", ""], "--cacert names no file"),
        (["http://a.test/", "-d", "@"], " cannot be read: "),
        (["http://a.test/", "-d", "@/"], "/ cannot be read: Is a directory"),
        (["http://"], "no host supplied"),
        (["http://a.test\\@b.test/"], "the authority has a backslash"),
        (["http://a.test/", "-X", "A B"], "is not a token"),
        (["http://a.test/", "-H", "A: b\nc"], "A"),
        (["http://a.test/", "-H", "secret"], "no colon"),
        (["http://a.test/", "-a", "ada"], "no password"),
        (["http://a.test/", "-d", "@/no/such/file"], "/no/such/file cannot be read: No such file"),
        (["http://a.test/", "--data-binary", "@/no"], "/no cannot be read: No such file"),
        (["https://a.test/", "--cacert", "/no/such/file"], "/no/such/file"),
    ],
)
def test_nothing_is_sent_for_what_makes_no_sense(
    arguments: list[str], message: str, run: Run
) -> None:
    ended = run("get", *arguments)
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.startswith("sojourn: ")
    assert ended.err.count("\n") == 1
    assert message in ended.err
    assert "secret" not in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["put", "http://a.test/"],
        ["get"],
        ["get", "http://a.test/", "-d", "x", "--json", "{}"],
        ["get", "http://a.test/", "--timeout", "0"],
        ["get", "http://a.test/", "--max-redirects", "-1"],
        ["get", "http://a.test/", "--max-redirects", "x"],
        ["get", "http://a.test/", "--retry", "-1"],
        ["get", "http://a.test/", "--timeout", "inf"],
        ["get", "http://a.test/", "--timeout", "nan"],
        ["get", "http://a.test/", "-m", "1e300"],
        ["get", "http://a.test/", "-d"],
        ["get", "http://a.test/", "--inc"],
        ["get", "http://a.test/", "--max", "3"],
        ["get", "http://a.test/", "--max-t", "3"],
        ["get", "http://a.test/", "-if7"],
        ["--vers"],
    ],
)
def test_usage(arguments: list[str], run: Run) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.startswith("usage: sojourn")


@pytest.mark.parametrize(
    ("arguments", "method", "content", "shows_head"),
    [
        (["-if"], "GET", b"", True),
        (["-fiX", "PUT"], "PUT", b"", True),
        (["-fiXPUT"], "PUT", b"", True),
        (["-ij", "{}"], "POST", b"{}", True),
        (["-ij{}"], "POST", b"{}", True),
        (["-fkd", "a=1"], "POST", b"a=1", False),
        (["-fim2"], "GET", b"", True),
    ],
)
def test_short_options_combine(
    arguments: list[str], method: str, content: bytes, shows_head: bool, run: Run, serve: Serve
) -> None:
    server = serve(hello)
    ended = run("get", server.url(), *arguments)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(b"HTTP 200") == shows_head
    assert (server.requests[0].method, server.requests[0].content) == (method, content)


# --- what the environment says --------------------------------------------------------------------


def test_the_proxy_of_the_environment_is_taken(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda received: response(200, content=received.target.encode()))
    monkeypatch.setenv("http_proxy", server.url())
    assert run("get", "http://a.test/x").out == b"http://a.test/x"
    assert run("get", "a.test/x").out == b"http://a.test/x"
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert run("get", server.url("/x")).out == b"/x"


def test_a_proxy_of_the_environment_that_is_none_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://ada:SECRET@a b:1")
    ended = run("get", "http://a.test/x")
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, b"", 1)
    assert "SECRET" not in ended.err


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_authorities_of_the_environment_are_trusted(
    name: str, run: Run, serve: Serve, ca: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve(hello, context=ca.server_context()).url()
    monkeypatch.setenv(name, str(ca.path))
    assert run("get", url) == (0, b"hello\n", "")
    monkeypatch.setenv(name, "/no/such/file")
    ended = run("get", url)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "/no/such/file" in ended.err
    assert run("get", "--cacert", str(ca.path), url).code == 0
    assert run("get", "-k", url).code == 0


def test_the_password_of_a_netrc_is_sent(
    run: Run, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login ada password pw\n")
    monkeypatch.setenv("NETRC", str(file))
    server = serve(hello)
    assert run("get", server.url()).code == 0
    expected = base64.b64encode(b"ada:pw").decode()
    assert server.requests[0].value("authorization") == f"Basic {expected}"


def test_help_has_the_exit_codes(run: Run) -> None:
    ended = run("get", "--help")
    assert ended.code == 0
    for code in (130, 141, 143):
        assert f"  {code}  ".encode() in ended.out


def test_nobody_answers(run: Run, serve: Serve) -> None:
    server = serve(hello)
    url = server.url()
    server.close()
    ended = run("get", "-d", "x", url)
    assert (ended.code, ended.out) == (3, b"")
    assert ended.err.startswith(f"sojourn: cannot connect to {url[:-1]}: ")
    assert "may have been carried out" not in ended.err


def test_a_request_that_may_have_been_carried_out_is_said_to(run: Run, scripted: Script) -> None:
    server = scripted([ReadHead(), Reset()])
    ended = run("get", "-d", "x", server.url())
    assert ended.code == 3
    assert ended.err.endswith("; the request may have been carried out all the same\n")


def test_redirects_are_left_alone_if_that_is_asked_for(run: Run, serve: Serve) -> None:
    server = serve(away)
    ended = run("get", "-i", "--no-follow", server.url("/start"))
    assert ended.code == 0
    assert ended.out.startswith(b"HTTP 302 Found\nLocation: /end")
    assert len(server.requests) == 1


def test_certificates_are_verified_unless_told_otherwise(
    run: Run, serve: Serve, ca: Authority
) -> None:
    server = serve(hello, context=ca.server_context())
    refused = run("get", server.url())
    assert (refused.code, refused.out) == (3, b"")
    assert refused.err.startswith("sojourn: no TLS connection to '127.0.0.1': ")
    assert run("get", "--cacert", str(ca.path), server.url()) == (0, b"hello\n", "")
    assert run("get", "-k", server.url()) == (0, b"hello\n", "")


@pytest.mark.parametrize(
    ("option", "message"),
    [("--timeout", "no answer from"), ("--max-time", "took longer than it may in all")],
)
def test_time_is_limited(option: str, message: str, run: Run, scripted: Script) -> None:
    from tests.servers.steps import WaitClosed

    server = scripted([ReadHead(), WaitClosed()])
    ended = run("get", server.url(), option, "0.05")
    assert ended.code == 3
    assert message in ended.err


def test_an_interrupt_is_one_line(run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sojourn.cli.get.drive_call", interrupt)
    assert run("get", serve(hello).url()) == (130, b"", "sojourn: interrupted\n")


def test_json_is_sent_as_it_was_written(run: Run, serve: Serve) -> None:
    server = serve(hello)
    text = '{ "a" : 1.0,\n "é": null }'
    assert run("get", server.url(), "--json", text).code == 0
    assert server.requests[0].content == text.encode()
    assert json.loads(server.requests[0].content) == {"a": 1.0, "é": None}


# --- tried again ----------------------------------------------------------------------------------


def test_a_request_is_tried_again_as_often_as_it_is_said(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sojourn.cli.ways.RETRY_SECONDS", 0.0)
    server = serve(lambda request: hello(request) if len(server.requests) == 3 else response(503))
    ended = run("get", "--retry", "2", "--explain", server.url())
    assert (ended.code, ended.out) == (0, b"hello\n")
    assert len(server.requests) == 3
    assert ended.err.count("request sent again: the response is a 503; retry") == 2
    ended = run("get", "--retry", "1", "--explain", serve(lambda _: response(503)).url())
    assert "request not sent again: the response is a 503, and retries_max is 1" in ended.err
