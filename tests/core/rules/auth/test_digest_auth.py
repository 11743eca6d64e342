"""Conversations with a server that asks for Digest: what is sent, remembered and counted."""

from __future__ import annotations

import asyncio
import copy
import io
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Content, HTTPBasicAuth, PreparedRequest
from sojourn_core.messages.preparation import Preparation
from sojourn_core.rules.auth.challenge import parse_challenges
from sojourn_core.rules.auth.digest_auth import (
    NONCES_MAX,
    SPACES_MAX,
    HTTPDigestAuth,
    HTTPProxyDigestAuth,
)
from sojourn_core.values.errors import InvalidHeader, LocalProtocolError
from sojourn_core.values.record import replace
from tests.core.conversation import respond

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sojourn_core import Response

A = "http://a.test/x"


def prepare(url: str = A, method: str = "GET", **given: Any) -> PreparedRequest:
    request = PreparedRequest()
    request.prepare(method, url, **given)
    request.preparation = Preparation(entropy=bytes)
    return request


def challenged(nonce: str = "n1", more: str = "qop=auth", *, status: int = 401) -> Response:
    name = "Proxy-Authenticate" if status == 407 else "WWW-Authenticate"
    return respond(status, (name, f'Digest realm="r", nonce="{nonce}", {more}'))


def said(request: PreparedRequest | None, name: str = "authorization") -> Mapping[str, str] | None:
    """What the credentials of a request say."""
    assert request is not None
    value = request.headers.get(name)
    return None if value is None else parse_challenges([value])[0].params


def use(request: PreparedRequest | None, name: str = "authorization") -> str | None:
    """Nonce and count that a request uses, as ``n1:1``."""
    params = said(request, name)
    return None if params is None else f"{params['nonce']}:{int(params.get('nc', '0'), 16)}"


def talk(auth: HTTPDigestAuth, *responses: Response, url: str = A) -> list[str | None]:
    """What each request of one call uses; the call ends where there is no next one."""
    flow = auth.begin()
    request: PreparedRequest | None = flow(prepare(url))
    uses = [use(request)]
    for response in responses:
        assert request is not None
        request = flow.respond(request.copy(), response)
        if request is None:
            return [*uses, "end"]
        uses.append(use(request))
    return uses


OK = respond(200)


# --- conversations ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        pytest.param(
            [[challenged(), OK], [OK], [OK]],
            [[None, "n1:1", "end"], ["n1:2", "end"], ["n1:3", "end"]],
            id="answered once, then unasked",
        ),
        pytest.param(
            [[challenged(), challenged("n2")], [OK]],
            [[None, "n1:1", "end"], [None, "end"]],
            id="wrong credentials are not sent again",
        ),
        pytest.param(
            [[challenged(), challenged("n2", "qop=auth, stale=true"), OK]],
            [[None, "n1:1", "n2:1", "end"]],
            id="a stale nonce costs one more answer",
        ),
        pytest.param(
            [[challenged(f"n{n}", "qop=auth, stale=true") for n in range(1, 9)]],
            [[None, "n1:1", "n2:1", "end"]],
            id="but only one",
        ),
        pytest.param(
            [[challenged("n1", "qop=auth, stale=true")] * 9],
            [[None, "n1:1", "end"]],
            id="a stale nonce that is no other",
        ),
        pytest.param(
            [[challenged(), OK], [challenged("n2", "qop=auth, stale=true"), OK], [OK]],
            [[None, "n1:1", "end"], ["n1:2", "n2:1", "end"], ["n2:2", "end"]],
            id="gone stale between two calls",
        ),
        pytest.param(
            [[challenged(), OK], [challenged("n2"), OK]],
            [[None, "n1:1", "end"], ["n1:2", "n2:1", "end"]],
            id="gone stale, and the server does not say so",
        ),
        pytest.param(
            [[challenged(), OK], [challenged("n2"), challenged("n3")]],
            [[None, "n1:1", "end"], ["n1:2", "n2:1", "end"]],
            id="unasked, and wrong",
        ),
        pytest.param(
            [[challenged(), OK], [challenged("n1")], [OK], [challenged("n1"), OK], [OK]],
            [
                [None, "n1:1", "end"],
                ["n1:2", "end"],
                [None, "end"],
                [None, "n1:3", "end"],
                ["n1:4", "end"],
            ],
            id="a nonce that never changes is counted on",
        ),
        pytest.param(
            [[challenged("n1", "algorithm=MD5"), OK], [OK]],
            [[None, "n1:0", "end"], ["n1:0", "end"]],
            id="without qop there is no count",
        ),
        pytest.param(
            [[respond(401), OK], [respond(401, ("WWW-Authenticate", 'Basic realm="r"'))]],
            [[None, "end"], [None, "end"]],
            id="nothing that can be answered",
        ),
        pytest.param(
            [[challenged(status=407)], [challenged(status=407)]],
            [[None, "end"], [None, "end"]],
            id="a proxy's challenge is not the origin's",
        ),
    ],
)
def test_calls_one_after_another(
    calls: list[list[Response]], expected: list[list[str | None]]
) -> None:
    auth = HTTPDigestAuth("u", "p")
    assert [talk(auth, *responses) for responses in calls] == expected


def test_an_answer_covers_the_request_that_it_goes_with() -> None:
    flow = HTTPDigestAuth("u", "p").begin()
    request = prepare("http://a.test/d/x?q=1#f", "PUT", data=b"content")
    request.preparation = Preparation(entropy=lambda size: bytes(range(size)))
    answered = flow.respond(request, challenged("n1", "qop=auth-int, opaque=o"))
    assert answered is request
    assert request.headers["Authorization"].startswith('Digest username="u", realm="r", nonce="n1"')
    params = said(request)
    assert params is not None
    assert params["uri"] == "/d/x?q=1"
    assert params["qop"] == "auth-int"
    assert params["cnonce"] == "000102030405060708090a0b0c0d0e0f"
    assert params["opaque"] == "o"


def test_the_target_may_be_another_than_that_of_the_url() -> None:
    request = prepare()
    request.preparation = replace(request.preparation, target="http://a.test/x")
    params = said(HTTPDigestAuth("u", "p").respond(request, challenged()))
    assert params is not None
    assert params["uri"] == "http://a.test/x"


def test_each_hop_has_its_own_answers() -> None:
    auth = HTTPDigestAuth("u", "p")
    flow = auth.begin()
    first = flow.respond(prepare(), challenged())
    assert first is not None
    assert flow.respond(first, challenged("n2", "qop=auth, stale=true")) is not None
    hop = flow(prepare("http://a.test/y"))
    assert use(hop) == "n2:2"
    assert use(flow.respond(hop, challenged("n3"))) == "n3:1"


def test_the_flow_itself_answers_as_a_call_does_first() -> None:
    auth = HTTPDigestAuth("u", "p")
    request = auth.respond(auth(prepare()), challenged())
    assert use(request) == "n1:1"
    assert request is not None
    assert auth.respond(request, challenged()) is None


def test_what_was_answered_is_seen_in_the_request() -> None:
    """Hooks may have changed the request, or taken the credentials away."""
    flow = HTTPDigestAuth("u", "p").begin()
    assert flow.respond(prepare(), challenged()) is not None
    assert flow.respond(prepare(), challenged("n2", "qop=auth, stale=true")) is None


# --- whom they are for ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (A, "n1:2"),
        ("http://a.test/elsewhere", "n1:2"),
        ("http://A.test:80/", "n1:2"),
        ("https://a.test/x", None),
        ("http://a.test:8080/x", None),
        ("http://b.test/x", None),
        ("http://sub.a.test/x", None),
    ],
)
def test_a_challenge_is_remembered_for_its_origin_alone(url: str, expected: str | None) -> None:
    auth = HTTPDigestAuth("u", "p")
    assert talk(auth, challenged()) == [None, "n1:1"]
    assert talk(auth, url=url) == [expected]


def test_a_field_of_an_earlier_hop_does_not_stay() -> None:
    auth = HTTPDigestAuth("u", "p")
    request = auth.respond(prepare(), challenged())
    assert request is not None
    request.prepare_url("http://b.test/")
    assert said(auth(request)) is None


@pytest.mark.parametrize("field", ["Basic abc=", "Bearer t", "Custom"])
def test_other_credentials_stay(field: str) -> None:
    request = prepare(headers={"Authorization": field})
    assert HTTPDigestAuth("u", "p")(request).headers["Authorization"] == field


def test_only_so_many_origins_are_remembered() -> None:
    auth = HTTPDigestAuth("u", "p")
    for number in range(SPACES_MAX + 2):
        url = f"http://h{number}.test/"
        assert talk(auth, challenged(), url=url) == [None, "n1:1"]
    assert talk(auth, url="http://h1.test/") == [None]
    assert talk(auth, url="http://h2.test/") == ["n1:2"]


def test_only_so_many_nonces_are_counted() -> None:
    auth = HTTPDigestAuth("u", "p")
    for number in range(NONCES_MAX + 1):
        assert talk(auth, challenged(f"n{number}"))[-1] == f"n{number}:1"
    assert talk(auth, challenged("n1"))[-1] == "n1:3"  # The oldest that is left.
    assert talk(auth, challenged("n0"))[-1] == "n0:1"  # That was the one to go.
    assert talk(auth) == ["n0:2"]


# --- nextnonce and -sess ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ('nextnonce="n9"', "n9:1"),
        ('qop=auth, nextnonce=n9, nc="00000001"', "n9:1"),
        ('nextnonce="n1"', "n1:2"),
        ('nextnonce=""', "n1:2"),
        ("nextnonce", "n1:2"),
        ("rspauth=abc", "n1:2"),
    ],
)
def test_the_nonce_that_the_server_wants_next(info: str, expected: str) -> None:
    auth = HTTPDigestAuth("u", "p")
    assert talk(auth, challenged(), respond(200, ("Authentication-Info", info)))[-1] == "end"
    assert talk(auth) == [expected]


def test_a_next_nonce_counts_only_beside_credentials() -> None:
    auth = HTTPDigestAuth("u", "p")
    info = respond(200, ("Authentication-Info", "nextnonce=n9"))
    assert talk(auth, info) == [None, "end"]
    assert talk(auth) == [None]
    assert talk(auth, challenged()) == [None, "n1:1"]
    by_hand = prepare(headers={"Authorization": 'Digest realm="other", nonce="n1"'})
    assert auth.respond(by_hand, info) is None
    assert talk(auth) == ["n1:2"]


def entropies(*values: int) -> Any:
    each = iter(values)
    return lambda size: bytes([next(each)] * size)


def test_a_session_keeps_its_cnonce() -> None:
    auth = HTTPDigestAuth("u", "p")
    requests = [prepare() for _ in range(3)]
    for number, request in enumerate(requests):
        request.preparation = Preparation(entropy=entropies(number, 0xFF))
    cnonces = []
    asked = challenged("n1", "qop=auth, algorithm=MD5-sess")
    for request in [auth.respond(requests[0], asked), *map(auth, requests[1:])]:
        params = said(request)
        assert params is not None
        cnonces.append(params["cnonce"])
    assert cnonces == ["00" * 16] * 3


def test_a_session_lasts_beyond_its_nonce() -> None:
    """RFC 7616 section 3.4.2: its key is made with nonce and cnonce of the first request."""
    auth = HTTPDigestAuth("u", "p")
    more = "qop=auth, algorithm=MD5-sess"
    talk(auth, challenged("n1", more), respond(200, ("Authentication-Info", "nextnonce=n2")))
    kept = said(auth(prepare()))
    made_anew = said(HTTPDigestAuth("u", "p").respond(prepare(), challenged("n2", more)))
    assert kept is not None
    assert made_anew is not None
    assert {name for name in kept if kept[name] != made_anew[name]} == {"response"}


# --- content and entropy ----------------------------------------------------------------------


@pytest.mark.parametrize("data", [io.BytesIO(b"content"), [b"con", b"tent"]], ids=["file", "list"])
def test_streamed_content_is_hashed_if_it_can_be_read_again(data: Any) -> None:
    integrity = challenged("n1", "qop=auth-int")
    request = prepare(method="PUT", data=data)
    assert isinstance(request.content, Content)
    list(request.content.chunks())  # It was sent once.
    fields = []
    for content in (request, prepare(method="PUT", data=b"content")):
        answer = HTTPDigestAuth("u", "p").respond(content, integrity)
        assert answer is not None
        fields.append(answer.headers["Authorization"])
    assert fields[0] == fields[1]
    assert request.content.touched  # Whoever sends it puts it back to its start.


def test_streamed_content_has_no_answer_to_auth_int_alone() -> None:
    auth = HTTPDigestAuth("u", "p")
    integrity = challenged("n1", "qop=auth-int")
    assert auth.respond(prepare(method="PUT", data=iter([b"x"])), integrity) is None
    assert use(auth.respond(prepare(method="PUT", data=b"x"), integrity)) == "n1:1"
    assert use(auth(prepare(method="PUT", data=iter([b"x"])))) is None
    both = challenged("n2", 'qop="auth-int, auth"')
    assert use(auth.respond(prepare(method="PUT", data=iter([b"x"])), both)) == "n2:1"


def test_text_is_hashed_as_the_octets_that_are_sent() -> None:
    answers = []
    for body in ("\xe4", "\xe4".encode()):
        request = prepare(method="PUT")
        request.body = body
        asked = challenged("n1", "qop=auth-int")
        answers.append(said(HTTPDigestAuth("u", "p").respond(request, asked)))
    assert answers[0] == answers[1]


def test_a_cnonce_takes_entropy() -> None:
    auth = HTTPDigestAuth("u", "p")
    bare = prepare()
    bare.preparation = Preparation()
    with pytest.raises(LocalProtocolError, match="Digest takes entropy"):
        auth.respond(bare, challenged())
    assert use(auth.respond(bare.copy(), challenged("n1", "opaque=o"))) == "n1:0"
    assert use(auth(bare.copy())) == "n1:0"
    assert use(auth.respond(prepare(), challenged("n2"))) == "n2:1"
    bare = prepare()
    bare.preparation = Preparation()
    assert use(auth(bare)) is None  # Who sends it has some, and the server will ask.


def test_a_nonce_can_be_used_up() -> None:
    auth = HTTPDigestAuth("u", "p")
    assert talk(auth, challenged()) == [None, "n1:1"]
    counts, cnonce = auth._spaces["http://a.test"]._nonces["n1"]
    assert next(counts) == 2
    used_up = count(0xFFFFFFFF)
    auth._spaces["http://a.test"]._nonces["n1"] = (used_up, cnonce)
    auth._spaces["http://a.test"].current = None
    assert talk(auth, challenged()) == [None, "n1:4294967295"]
    assert talk(auth, challenged()) == [None, "end"]
    assert talk(auth, challenged("n2")) == [None, "n2:1"]


# --- proxies ----------------------------------------------------------------------------------


def through(proxy: str | None) -> PreparedRequest:
    request = prepare()
    if proxy is not None:
        request.preparation = replace(request.preparation, proxy=proxy)
    return request


def test_a_proxy_is_answered_with_its_own_field() -> None:
    auth = HTTPProxyDigestAuth("u", "p")
    assert auth.proxy
    assert auth.begin().proxy
    asked = challenged(status=407)
    request = auth.respond(through("http://p.test"), asked)
    assert use(request, "proxy-authorization") == "n1:1"
    assert use(request) is None
    assert auth.respond(prepare(), challenged()) is None
    assert use(auth(through("http://p.test")), "proxy-authorization") == "n1:2"
    info = respond(200, ("Proxy-Authentication-Info", "nextnonce=n2"))
    assert request is not None
    assert auth.respond(request, info) is None
    assert use(auth(through("http://p.test")), "proxy-authorization") == "n2:1"


@pytest.mark.parametrize("other", ["http://q.test", None])
def test_what_one_proxy_said_is_not_sent_to_another(other: str | None) -> None:
    auth = HTTPProxyDigestAuth("u", "p")
    asked = challenged(status=407)
    assert auth.respond(through("http://p.test"), asked) is not None
    assert use(auth(through(other)), "proxy-authorization") is None


def test_a_proxy_that_is_not_known_is_answered_and_never_told_unasked() -> None:
    auth = HTTPProxyDigestAuth("u", "p")
    asked = challenged(status=407)
    for expected in ("n1:1", "n1:2"):
        request = auth(through(None))
        assert use(request, "proxy-authorization") is None
        assert use(auth.respond(request, asked), "proxy-authorization") == expected


# --- many at once -----------------------------------------------------------------------------

SHARED = 200  # Calls that share an object.


def server() -> Iterator[Response]:
    """Challenges of two nonces, in turns: both come back again and again."""
    for number in count():
        yield challenged(f"n{number // 3 % 2}")


def uses_of(auth: HTTPDigestAuth, url: str, response: Response) -> list[str]:
    flow = auth.begin()
    sent = flow(prepare(url))
    uses = [use(sent)]
    answered = flow.respond(sent.copy(), response)
    if answered is not None:
        uses.append(use(answered))
    return [f"{url} {each}" for each in uses if each is not None]


def urls_and_responses() -> list[tuple[str, Response]]:
    responses = server()
    return [(f"http://h{number % 2}.test/", next(responses)) for number in range(SHARED)]


@pytest.mark.threads
def test_threads_never_use_a_count_twice() -> None:
    auth = HTTPDigestAuth("u", "p")
    rounds, threads = 20, 32
    together = Barrier(threads)

    def calls(_: int) -> list[str]:
        """Calls that all meet the same nonce at once: a new one in each round."""
        uses = []
        for number in range(rounds):
            together.wait()
            uses += uses_of(auth, A, challenged(f"n{number}"))
        return uses

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # Threads take turns as often as they can.
    try:
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(calls, range(threads)))
    finally:
        sys.setswitchinterval(interval)
    uses = [each for uses in found for each in uses]
    assert len(uses) >= rounds * threads
    assert len(set(uses)) == len(uses)


@pytest.mark.event_loop
def test_tasks_never_use_a_count_twice() -> None:
    auth = HTTPDigestAuth("u", "p")

    async def call(url: str, response: Response) -> list[str]:
        flow = auth.begin()
        sent = flow(prepare(url))
        await asyncio.sleep(0)
        answered = flow.respond(sent.copy(), response)
        return [f"{url} {use(each)}" for each in (sent, answered) if each and use(each)]

    async def calls() -> list[list[str]]:
        return await asyncio.gather(*(call(*each) for each in urls_and_responses()))

    uses = [each for uses in asyncio.run(calls()) for each in uses]
    assert len(uses) >= SHARED
    assert len(set(uses)) == len(uses)


# --- as a value -------------------------------------------------------------------------------


def test_equality_is_by_fields() -> None:
    auth = HTTPDigestAuth("u", "p")
    talk(auth, challenged())
    assert auth == HTTPDigestAuth("u", "p")
    assert hash(auth) == hash(HTTPDigestAuth("u", "p"))
    others = [
        HTTPDigestAuth("u", "q"),
        HTTPDigestAuth("v", "p"),
        HTTPProxyDigestAuth("u", "p"),
        HTTPBasicAuth("u", "p"),
        ("u", "p"),
    ]
    for other in others:
        assert auth != other


def test_a_copy_remembers_no_challenge() -> None:
    auth = HTTPDigestAuth("u", "p")
    auth.quotes_all = True
    talk(auth, challenged())
    # Made by this very test.
    for made in (pickle.loads(pickle.dumps(auth)), copy.copy(auth), copy.deepcopy(auth)):
        assert made == auth
        assert made.quotes_all
        assert talk(made) == [None]
    assert talk(auth) == ["n1:2"]


def test_the_password_is_not_shown() -> None:
    auth = HTTPProxyDigestAuth("u", "secret")
    assert repr(auth) == "HTTPProxyDigestAuth('u', '***')"
    assert "secret" not in repr(auth.begin())


def test_a_user_name_that_cannot_be_sent_is_refused_before_anything_is() -> None:
    with pytest.raises(InvalidHeader) as caught:
        HTTPDigestAuth("se\rcret", "secret")(prepare())
    assert "secret" not in str(caught.value)


def test_the_form_of_requests() -> None:
    class AsRequests(HTTPDigestAuth):
        quotes_all = True

    request = AsRequests("u", "p").respond(prepare(), challenged("n1", "qop=auth, algorithm=MD5"))
    assert request is not None
    assert (
        ', algorithm="MD5", qop="auth", nc=00000001, cnonce="' in request.headers["Authorization"]
    )
