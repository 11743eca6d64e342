"""Basic and Bearer credentials through both bindings, and what netrc says, against Apache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sojourn import BearerAuth, HTTPBasicAuth, Policy
from tests.servers.apache import ACCENTED, PASSWORD, USER
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bindings.clients import Binding
    from tests.servers.apache import Apache
    from tests.servers.scripted import HandlerServer, Received

ECHO = "/basic/echo"
LATIN1 = Policy(basic_charset="latin-1")


# --- Basic --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "policy", "status"),
    [
        ((USER, PASSWORD), None, 200),
        ((USER, "wrong"), None, 401),
        (None, None, 401),
        (("utf8", ACCENTED), None, 200),
        (("latin1", ACCENTED), None, 401),
        (HTTPBasicAuth("latin1", ACCENTED, charset="latin-1"), None, 200),
        (("latin1", ACCENTED.encode("latin-1")), None, 200),
        (("latin1", ACCENTED), LATIN1, 200),
        (("utf8", ACCENTED), LATIN1, 401),
        (HTTPBasicAuth("utf8", ACCENTED), LATIN1, 200),
        (("utf8", ACCENTED.encode()), LATIN1, 200),
    ],
)
def test_basic_credentials_and_their_charset(
    binding: Binding, apache: Apache, auth: Any, policy: Policy | None, status: int
) -> None:
    query = apache.unique()
    session = binding.session(policy=policy)
    response = binding.run(session.get(apache.url(f"{ECHO}?{query}"), auth=auth))
    assert (response.status_code, response.history) == (status, [])
    assert [each.status for each in apache.accesses(query, 1)] == [status]


@pytest.mark.parametrize(("user", "password"), [(USER, PASSWORD), ("utf8", ACCENTED)])
def test_basic_credentials_in_the_url(
    binding: Binding, apache: Apache, user: str, password: str
) -> None:
    userinfo = f"{quote(user, safe='')}:{quote(password, safe='')}"
    response = binding.run(
        binding.session().put(apache.url(ECHO, userinfo=userinfo), data=b"content")
    )
    assert (response.status_code, response.content) == (200, b"content")


def test_basic_credentials_go_along_within_the_origin(binding: Binding, apache: Apache) -> None:
    session = binding.session()
    response = binding.run(
        session.post(apache.url("/basic/moved"), data=b"content", auth=(USER, PASSWORD))
    )
    assert [each.status_code for each in response.history] == [307]
    assert (response.status_code, response.content) == (200, b"content")


# --- Bearer -------------------------------------------------------------------------------------


def test_a_bearer_token(binding: Binding, serve: Callable[..., HandlerServer]) -> None:
    def tell(request: Received) -> bytes:
        known = request.value("Authorization") == "Bearer right"
        challenge = ("WWW-Authenticate", 'Bearer error="invalid_token"')
        return answer(200) if known else answer(401, challenge)

    server = serve(tell)
    session = binding.session()
    for token, status in (("right", 200), ("wrong", 401)):
        response = binding.run(session.get(server.url(), auth=BearerAuth(token)))
        assert (response.status_code, response.history) == (status, [])
    assert len(server.requests) == 2


# --- netrc --------------------------------------------------------------------------------------


def netrc_entry(machine: str, login: str = USER, password: str = PASSWORD) -> str:
    quoted = password.replace("\\", "\\\\").replace('"', '\\"')
    return f'machine {machine} login {login} password "{quoted}"\n'


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``netrc(text)``: what the file that NETRC names says from now on."""
    path = tmp_path / "netrc"
    monkeypatch.setenv("NETRC", str(path))

    def write(text: str) -> None:
        path.write_text(text)
        path.chmod(0o600)

    return write


@pytest.mark.parametrize(
    ("text", "host", "status"),
    [
        (netrc_entry("127.0.0.1"), "127.0.0.1", 200),
        (netrc_entry("localhost"), "localhost", 200),
        (netrc_entry("b.test", "u", "p") + netrc_entry("127.0.0.1"), "127.0.0.1", 200),
        (netrc_entry("127.0.0.1", password="wrong"), "127.0.0.1", 401),
        (netrc_entry("localhost"), "127.0.0.1", 401),
        (netrc_entry("27.0.0.1"), "127.0.0.1", 401),
        (netrc_entry("127.0.0.1.b.test"), "127.0.0.1", 401),
        ("", "127.0.0.1", 401),
    ],
)
def test_netrc_is_asked_for_the_host(
    binding: Binding,
    apache: Apache,
    netrc: Callable[[str], None],
    text: str,
    host: str,
    status: int,
) -> None:
    netrc(text)
    response = binding.run(binding.session().get(apache.url(ECHO, host=host)))
    assert (response.status_code, response.history) == (status, [])
    assert ("Authorization" in response.request.headers) is (f"machine {host} " in text)


def test_netrc_is_the_last_to_be_asked(
    binding: Binding, apache: Apache, netrc: Callable[[str], None]
) -> None:
    netrc(netrc_entry("127.0.0.1"))
    session = binding.session()
    url = apache.url(ECHO)
    assert binding.run(session.get(url, auth=("me", "wrong"))).status_code == 401
    assert binding.run(session.get(apache.url(ECHO, userinfo="me:wrong"))).status_code == 401
    assert binding.run(session.get(url, headers={"Authorization": "Basic x"})).status_code == 401
    session.trust_env = False
    assert binding.run(session.get(url)).status_code == 401
    session.trust_env = True
    assert binding.run(session.get(url)).status_code == 200


def test_a_netrc_file_that_changes_is_read_anew(
    binding: Binding, apache: Apache, netrc: Callable[[str], None]
) -> None:
    session = binding.session()
    for text, status in (("", 401), (netrc_entry("127.0.0.1"), 200), ("machine", 401)):
        netrc(text)
        assert binding.run(session.get(apache.url(ECHO))).status_code == status


def test_netrc_is_read_before_digest_is_asked_for(
    binding: Binding, apache: Apache, netrc: Callable[[str], None]
) -> None:
    """It has Basic credentials for a host that wants Digest: they are wrong there."""
    netrc(netrc_entry("127.0.0.1"))
    response = binding.run(binding.session().get(apache.url("/digest/echo")))
    assert (response.status_code, response.history) == (401, [])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("asks", [False, True])
def test_netrc_of_one_origin_is_not_sent_to_another(
    binding: Binding,
    apache: Apache,
    netrc: Callable[[str], None],
    serve: Callable[..., HandlerServer],
    host: str,
    asks: bool,
) -> None:
    """Another port of the same host is another origin too, and netrc knows no ports."""
    netrc(netrc_entry("127.0.0.1") + netrc_entry("localhost"))
    challenge = ("WWW-Authenticate", 'Basic realm="basic"')
    other = serve(lambda _: answer(401, challenge) if asks else answer(200))
    response = binding.run(
        binding.session().get(apache.url(f"/basic/to?{other.url('/x', host=host)}"))
    )
    assert [each.status_code for each in response.history] == [302]
    assert response.status_code == (401 if asks else 200)
    assert [each.value("Authorization") for each in other.requests] == [None]


def test_netrc_may_be_asked_for_each_redirect(
    binding: Binding,
    apache: Apache,
    netrc: Callable[[str], None],
    serve: Callable[..., HandlerServer],
) -> None:
    netrc(netrc_entry("127.0.0.1") + netrc_entry("localhost", "other", "secret"))
    other = serve(lambda _: answer(200))
    session = binding.session(policy=Policy(netrc_on_redirects=True))
    binding.run(session.get(apache.url(f"/basic/to?{other.url('/x', host='localhost')}")))
    (request,) = other.requests
    assert request.value("Authorization") == "Basic b3RoZXI6c2VjcmV0"
