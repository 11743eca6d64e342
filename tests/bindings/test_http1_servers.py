"""HTTP/1.1 beyond the plain exchange, with servers that nobody here wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn import Timeouts, WithTrailers
from sojourn_core.exchange.http10_codec import Http10Codec
from tests.bindings.clients import EVERY_BINDING, Binding, pool_of
from tests.servers.apache import PASSWORD, USER

if TYPE_CHECKING:
    from tests.servers.apache import Apache
    from tests.servers.authority import Authority
    from tests.servers.nginx import Nginx
    from tests.servers.squid import Squid

BINDINGS = EVERY_BINDING
EXPECT: Final = {"Expect": "100-continue"}
CONTENT: Final = b"sojourn." * 20_000
PATIENT: Final = Timeouts(expect=20.0)  # Whoever says nothing is waited for, and the test is slow.


@pytest.fixture
def session(binding: Binding, ca: Authority) -> Any:
    made = binding.session()
    made.verify = str(ca.path)
    return made


class Seen(list[int]):
    """The statuses of informational responses."""

    def __call__(self, response: Any) -> None:
        self.append(response.status_code)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("kind", ["bytes", "chunks"])
def test_nginx_asks_for_content(
    binding: Binding, session: Any, nginx: Nginx, scheme: str, kind: str
) -> None:
    seen = Seen()
    content = CONTENT if kind == "bytes" else binding.upload(lambda: iter([CONTENT]))
    response = binding.run(
        session.put(
            nginx.url("/upload", scheme=scheme),
            data=content,
            headers=EXPECT,
            timeout=PATIENT,
            hooks={"informational": seen},
        )
    )
    assert (response.status_code, response.text) == (200, str(len(CONTENT)))
    assert seen == [100]
    assert pool_of(session).idle_count == 1


def test_the_script_of_an_apache_asks_for_content(
    binding: Binding, session: Any, apache: Apache
) -> None:
    seen = Seen()
    response = binding.run(
        session.post(
            apache.url("/basic/echo"),
            data=b"tea",
            headers=EXPECT,
            auth=(USER, PASSWORD),
            timeout=PATIENT,
            hooks={"informational": seen},
        )
    )
    assert (response.status_code, response.content) == (200, b"tea")
    assert seen == [100]


def test_an_apache_that_asks_who_it_is_is_not_sent_the_content(
    binding: Binding, session: Any, apache: Apache
) -> None:
    asked = session.post(
        apache.url("/basic/echo"), data=iter([CONTENT]), headers=EXPECT, timeout=PATIENT
    )
    response = binding.run(asked)
    assert response.status_code == 401
    assert not response.request.content.touched


def test_an_apache_takes_trailers(binding: Binding, session: Any, apache: Apache) -> None:
    response = binding.run(
        session.post(
            apache.url("/basic/echo"),
            data=WithTrailers([b"tea"], {"X-Sum": lambda: "1"}),
            auth=(USER, PASSWORD),
        )
    )
    assert (response.status_code, response.content) == (200, b"tea")
    assert pool_of(session).idle_count == 1


def test_nginx_and_apache_are_asked_by_http_1_0(nginx: Nginx, apache: Apache) -> None:
    with sojourn.Session() as session:
        session.mount("http://", sojourn.HTTPAdapter(codecs={"http/1.1": Http10Codec}))
        for _ in range(2):
            response = session.put(nginx.url("/upload"), data=CONTENT)
            assert (response.status_code, response.text) == (200, str(len(CONTENT)))
        assert pool_of(session).idle_count == 1
        given = (USER, PASSWORD)
        response = session.post(apache.url("/basic/echo"), data=b"tea", auth=given)
        assert response.content == b"tea"


def test_a_squid_opens_a_tunnel_for_a_user(
    binding: Binding, session: Any, squid: Squid, nginx: Nginx
) -> None:
    response = binding.run(
        session.request(
            "CONNECT", nginx.url("/small"), proxies={"http": f"http://127.0.0.1:{squid.port}"}
        )
    )
    assert response.status_code == 200
    stream = response.upgraded
    host = nginx.url("/").split("/")[2]
    binding.run(stream.send(f"GET /small HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()))
    answer = b""
    while piece := binding.run(stream.receive()):
        answer += piece
    assert answer.startswith(b"HTTP/1.1 200")
    binding.run(response.close())
    assert pool_of(session).open_count == 0
