"""WSGI applications as transports: bare ones, and one of Flask."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

import flask
import pytest

import sojourn
from sojourn.adapters import WSGIAdapter
from sojourn.exceptions import (
    ChunkedEncodingError,
    InvalidContent,
    LocalProtocolError,
    ReadTimeout,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

URL = "http://app.test"


def session_with(app: Callable[..., Any], **settings: Any) -> sojourn.Session:
    session = sojourn.Session()
    session.mount("http://app.test/", WSGIAdapter(app, **settings))
    return session


def make_flask() -> flask.Flask:
    app = flask.Flask("app")
    app.secret_key = "k"

    @app.route("/who")
    def who() -> Any:
        environ = flask.request.environ
        return {
            "client": [environ["REMOTE_ADDR"], environ["REMOTE_PORT"]],
            "url": flask.request.url,
            "agent": flask.request.headers["User-Agent"],
        }

    @app.route("/login", methods=["POST"])
    def login() -> Any:
        flask.session["name"] = flask.request.form["name"]
        return flask.redirect("/hello")

    @app.route("/hello")
    def hello() -> str:
        return f"hello {flask.session['name']}"

    @app.route("/upload", methods=["POST"])
    def upload() -> str:
        return str(len(flask.request.stream.read()))

    @app.route("/stream")
    def stream() -> flask.Response:
        return flask.Response(str(number) for number in range(3))

    @app.route("/broken")
    def broken() -> str:
        raise KeyError("mine")

    return app


def test_flask_sees_the_client_and_the_url() -> None:
    with session_with(make_flask(), client=("192.0.2.1", 1234)) as session:
        seen = session.get(f"{URL}/who?q=%C3%A4").json()
    assert seen["client"] == ["192.0.2.1", "1234"]
    assert seen["url"] == "http://app.test/who?q=ä"
    assert seen["agent"].startswith("sojourn/")


def test_flask_redirects_and_sets_cookies() -> None:
    with session_with(make_flask()) as session:
        response = session.post(f"{URL}/login", data={"name": "Ann"})
        assert response.text == "hello Ann"
        assert [each.status_code for each in response.history] == [302]
        assert "session" in session.cookies


def test_flask_reads_streamed_content() -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    with session_with(make_flask()) as session:
        assert session.post(f"{URL}/upload", data=pieces()).text == "100000"
        assert session.post(f"{URL}/upload", data=b"abc").text == "3"
        assert session.get(f"{URL}/stream").text == "012"


def test_flask_answers_for_its_errors_by_itself() -> None:
    with session_with(make_flask()) as session:
        assert session.get(f"{URL}/broken").status_code == 500
        assert session.get(f"{URL}/none").status_code == 404


def test_what_an_application_raises_reaches_the_caller_or_is_a_500() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        raise KeyError("mine")

    with session_with(app) as session, pytest.raises(KeyError, match="mine"):
        session.get(URL)
    with session_with(app, raise_server_exceptions=False) as session:
        assert session.get(URL).status_code == 500


def test_what_it_raises_within_the_content_too() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"a"
        raise KeyError("mine")

    with session_with(app) as session, pytest.raises(KeyError, match="mine"):
        session.get(URL)
    with (
        session_with(app, raise_server_exceptions=False) as session,
        pytest.raises(ChunkedEncodingError),
    ):
        session.get(URL)


def test_the_adapter_keeps_to_the_protocol() -> None:
    @validator
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        content = environ["wsgi.input"].read(10)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter_closed([content, environ["PATH_INFO"].encode("latin-1")])

    class iter_closed:  # noqa: N801
        def __init__(self, pieces: list[bytes]) -> None:
            self.pieces = iter(pieces)

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> bytes:
            return next(self.pieces)

        def close(self) -> None:
            closed.append(True)

    closed: list[bool] = []
    with session_with(app) as session:
        response = session.post(f"{URL}/%C3%A4", data=b"abc", headers={"Content-Type": "text/x"})
        assert response.content == "abc/ä".encode()
    assert closed == [True]


def test_an_application_is_mounted_below_a_path() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode()]

    with session_with(app, root_path="/app") as session:
        assert session.get(f"{URL}/app/x").text == "/app|/x"


def test_pieces_come_as_the_application_gives_them() -> None:
    made: list[int] = []

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            for number in range(3):
                made.append(number)
                yield str(number).encode()
        finally:
            made.append(-1)

    with session_with(app) as session:
        response = session.get(URL, stream=True)
        read = response.iter_content(None)
        assert (next(read), made) == (b"0", [0])
        assert (next(read), made) == (b"1", [0, 1])
        response.close()
        assert made == [0, 1, -1]


def test_the_older_write_comes_before_what_is_returned() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        write = start_response("200 OK", [])
        write(b"first ")
        return [b"second"]

    with session_with(app) as session:
        assert session.get(URL).text == "first second"


def test_cookie_pairs_and_repeated_fields_are_joined_as_they_should() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [f"{environ['HTTP_X_A']}|{environ['HTTP_COOKIE']}".encode()]

    with session_with(app) as session:
        headers = [("X-A", "1"), ("X-A", "2")]
        response = session.get(URL, headers=headers, cookies={"a": "1", "b": "2"})
        assert response.text == "1, 2|a=1; b=2"


@pytest.mark.parametrize(
    ("app", "message"),
    [
        (lambda environ, start_response: [], "did not call start_response"),
        (
            lambda environ, start_response: [
                start_response("200 OK", []),
                start_response("200 OK", []),
            ],
            "twice",
        ),
    ],
)
def test_an_application_that_breaks_the_protocol_is_an_error(app: Any, message: str) -> None:
    with session_with(app) as session, pytest.raises(LocalProtocolError, match=message):
        session.get(URL)


def test_an_application_may_replace_its_head_until_content_was_sent() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        try:
            raise KeyError
        except KeyError as error:
            start_response("503 Busy", [], (type(error), error, error.__traceback__))
        return [b"busy"]

    with session_with(app) as session:
        response = session.get(URL)
        assert (response.status_code, response.reason) == (503, "Busy")


def test_one_that_takes_too_long_is_an_error() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        time.sleep(0.02)
        start_response("200 OK", [])
        return [b""]

    with session_with(app) as session, pytest.raises(ReadTimeout):
        session.get(URL, timeout=0.001)


def test_asynchronous_content_is_refused() -> None:
    async def pieces() -> Any:
        yield b"x"

    with session_with(make_flask()) as session, pytest.raises(InvalidContent):
        session.post(URL, data=pieces())
