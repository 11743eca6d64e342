"""Both bindings against httpbin, the real application, over HTTP and over HTTPS.

httpbin tells what it was sent. It closes each connection after one response.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest
from pytest_httpbin import certs

from sojourn.exceptions import ChunkedEncodingError

if TYPE_CHECKING:
    from tests.bindings.clients import Binding

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE")
STATUSES: Final = (301, 302, 303, 307, 308)
# By status, the methods that the default policy turns into GET; all others stay what they are.
BECOME_GET: Final = {
    301: {"POST"},
    302: {"POST", "PUT", "DELETE"},
    303: {"POST", "PUT", "DELETE"},
    307: set(),
    308: set(),
}


@pytest.fixture(params=["httpbin", "httpbin_secure"])
def site(request: pytest.FixtureRequest) -> str:
    """The origin of the server."""
    return str(request.getfixturevalue(request.param).url)


@pytest.fixture
def session(binding: Binding) -> Any:
    """A session that trusts the server's certificate."""
    made = binding.session()
    made.verify = certs.where()
    return made


# --- cookies ------------------------------------------------------------------------------------


def test_cookies_that_are_set_are_sent_back(binding: Binding, session: Any, site: str) -> None:
    response = binding.run(session.get(f"{site}/cookies/set?a=1&b=2"))
    assert response.json() == {"cookies": {"a": "1", "b": "2"}}  # It was redirected to /cookies.
    assert [each.status_code for each in response.history] == [302]
    assert binding.run(session.get(f"{site}/cookies")).json() == {"cookies": {"a": "1", "b": "2"}}
    assert dict(session.cookies) == {"a": "1", "b": "2"}


def test_cookies_that_are_deleted_are_gone(binding: Binding, session: Any, site: str) -> None:
    binding.run(session.get(f"{site}/cookies/set?a=1&b=2"))
    response = binding.run(session.get(f"{site}/cookies/delete?a="))
    assert response.json() == {"cookies": {"b": "2"}}
    assert dict(session.cookies) == {"b": "2"}


def test_cookies_of_one_request_are_not_kept(binding: Binding, session: Any, site: str) -> None:
    response = binding.run(session.get(f"{site}/cookies", cookies={"once": "x"}))
    assert response.json() == {"cookies": {"once": "x"}}
    assert binding.run(session.get(f"{site}/cookies")).json() == {"cookies": {}}


# --- authentication -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "status"),
    [(("user", "right"), 200), (("user", "wrong"), 401), (("other", "right"), 401), (None, 401)],
)
def test_basic_credentials(
    binding: Binding, session: Any, site: str, auth: tuple[str, str] | None, status: int
) -> None:
    response = binding.run(session.get(f"{site}/basic-auth/user/right", auth=auth))
    assert response.status_code == status
    assert response.ok is (status == 200)


def test_credentials_of_the_session_and_of_the_url(
    binding: Binding, session: Any, site: str
) -> None:
    session.auth = ("user", "right")
    assert binding.run(session.get(f"{site}/basic-auth/user/right")).ok
    session.auth = None
    with_userinfo = site.replace("://", "://user:right@")
    assert binding.run(session.get(f"{with_userinfo}/basic-auth/user/right")).ok


# --- redirects ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["redirect", "absolute-redirect", "relative-redirect"])
def test_chains_of_redirects(binding: Binding, session: Any, site: str, kind: str) -> None:
    response = binding.run(session.get(f"{site}/{kind}/3"))
    assert response.status_code == 200
    assert response.url == f"{site}/get"
    assert [each.status_code for each in response.history] == [302, 302, 302]


@pytest.mark.parametrize("status", STATUSES)
def test_what_arrives_after_a_redirect(
    binding: Binding, session: Any, site: str, status: int
) -> None:
    for method in METHODS:
        content = None if method in {"GET", "HEAD"} else '{"kept": true}'
        response = binding.run(
            session.request(
                method,
                f"{site}/redirect-to?url={quote(site, safe='')}%2Fanything&status_code={status}",
                data=content,
                headers={} if content is None else {"Content-Type": "application/json"},
                allow_redirects=True,
            )
        )
        assert [each.status_code for each in response.history] == [status], method
        assert (response.status_code, response.url) == (200, f"{site}/anything"), method
        turned = method in BECOME_GET[status]
        check_arrival(response, "GET" if turned else method, None if turned else content)


def check_arrival(response: Any, method: str, content: str | None) -> None:
    """Hold what httpbin was sent last against what should have been sent."""
    assert response.request.method == method
    if method == "HEAD":
        assert response.content == b""
        return
    told = response.json()
    assert (told["method"], told["data"]) == (method, content or "")
    fields = told["headers"]
    kept = content is not None
    assert fields.get("Content-Type") == ("application/json" if kept else None)
    assert fields.get("Content-Length") == (str(len(content or "")) if kept else None)
    assert "Transfer-Encoding" not in fields


@pytest.mark.parametrize("status", [307, 308])
def test_a_file_is_sent_again_from_where_it_began(
    binding: Binding, session: Any, site: str, status: int, tmp_path: Any
) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"skipped" + b"sent twice")
    with path.open("rb") as file:
        file.seek(len(b"skipped"))
        response = binding.run(
            session.post(f"{site}/redirect-to?url=/anything&status_code={status}", data=file)
        )
    assert response.json()["data"] == "sent twice"


def test_a_redirect_may_be_left_to_the_caller(binding: Binding, session: Any, site: str) -> None:
    response = binding.run(session.get(f"{site}/redirect/1", allow_redirects=False))
    assert (response.status_code, response.is_redirect) == (302, True)
    assert response.next.url == f"{site}/get"
    assert binding.run(session.send(response.next)).json()["url"].endswith("/get")


# --- content ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "key"), [("/gzip", "gzipped"), ("/deflate", "deflated")], ids=["gzip", "deflate"]
)
def test_content_codings_are_taken_off(
    binding: Binding, session: Any, site: str, path: str, key: str
) -> None:
    response = binding.run(session.get(site + path))
    assert response.json()[key] is True
    assert response.headers["Content-Encoding"] == path.removeprefix("/")


@pytest.mark.parametrize("path", ["/bytes/100000?seed=1", "/stream-bytes/100000?seed=1"])
def test_octets_arrive_as_they_were_sent(
    binding: Binding, session: Any, httpbin: Any, path: str
) -> None:
    site = httpbin.url
    whole = binding.run(session.get(site + path)).content
    assert len(whole) == 100_000
    response = binding.run(session.get(site + path, stream=True))
    streamed = binding.collect(response.iter_content(777))
    assert max(len(piece) for piece in streamed) == 777  # A size is the most that is given.
    assert b"".join(streamed) == whole


def test_lines_of_json_are_streamed(binding: Binding, session: Any, httpbin: Any) -> None:
    response = binding.run(session.get(f"{httpbin.url}/stream/5", stream=True))
    lines = binding.collect(response.iter_lines())
    assert [json.loads(line)["id"] for line in lines] == [0, 1, 2, 3, 4]


def test_content_that_only_the_end_of_tls_could_end_is_not_whole_without_it(
    binding: Binding, session: Any, httpbin_secure: Any
) -> None:
    # This server streams until it closes, and ends TLS without close_notify. Whoever can cut the
    # stream could have ended it anywhere (RFC 9112 section 9.8).
    response = binding.run(session.get(f"{httpbin_secure.url}/stream/5", stream=True))
    pieces = response.iter_content(100)
    came = b"".join(binding.first(pieces) for _ in range(10))
    assert came.startswith(b'{"url": ')
    with pytest.raises(ChunkedEncodingError, match="without close_notify"):
        binding.collect(pieces)


def test_forms_json_and_params_arrive(binding: Binding, session: Any, site: str) -> None:
    told = binding.run(session.post(f"{site}/post", data={"a": ["1", "2"], "b": "ü"})).json()
    assert told["form"] == {"a": ["1", "2"], "b": "ü"}
    told = binding.run(session.post(f"{site}/post", json={"a": [1, None]})).json()
    assert told["json"] == {"a": [1, None]}
    assert told["headers"]["Content-Type"] == "application/json"
    told = binding.run(session.get(f"{site}/get", params={"a": ["1", "2"], "ü": "&="})).json()
    assert told["args"] == {"a": ["1", "2"], "ü": "&="}


@pytest.mark.parametrize("status", [204, 304, 404, 500])
def test_statuses(binding: Binding, session: Any, site: str, status: int) -> None:
    response = binding.run(session.get(f"{site}/status/{status}"))
    assert response.status_code == status
    assert response.ok is (status < 400)


def test_text_in_its_charset(binding: Binding, session: Any, site: str) -> None:
    response = binding.run(session.get(f"{site}/encoding/utf8"))
    assert response.encoding == "utf-8"
    assert "∮ E⋅da = Q" in response.text
