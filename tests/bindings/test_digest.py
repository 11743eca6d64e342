"""Digest through both bindings, against servers that are not ours, and one that is strict."""

from __future__ import annotations

import asyncio
import hashlib
import io
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn import HTTPDigestAuth
from sojourn.exceptions import UnrewindableBodyError
from sojourn_core.rules.auth.challenge import parse_challenges
from tests.bindings.clients import Binding, pool_of
from tests.servers import digest as strict
from tests.servers.apache import ACCENTED, PASSWORD, USER
from tests.servers.digest import DigestServer
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.apache import Apache
    from tests.servers.scripted import HandlerServer

TASKS: Final = 100
THREADS: Final = 32
ROUNDS: Final = 5  # Requests of each of them.
CONTENT: Final = b"sojourn." * 8192


def earlier(response: Any) -> list[int]:
    """The statuses that led to a response."""
    return [each.status_code for each in response.history]


def said(response: Any) -> dict[str, str]:
    """What the credentials of a response's request say."""
    (credentials,) = parse_challenges([response.request.headers["Authorization"]])
    return dict(credentials.params)


# --- Apache -------------------------------------------------------------------------------------


@pytest.fixture
def session(binding: Binding) -> Any:
    made = binding.session()
    made.auth = HTTPDigestAuth(USER, PASSWORD)
    return made


def test_one_challenge_is_enough(binding: Binding, session: Any, apache: Apache) -> None:
    query = apache.unique()
    url = apache.url(f"/digest/echo?{query}")
    responses = [binding.run(session.get(url)) for _ in range(4)]
    assert [earlier(each) for each in responses] == [[401], [], [], []]
    assert [said(each)["nc"] for each in responses] == [f"{n:08x}" for n in range(1, 5)]
    assert len({said(each)["cnonce"] for each in responses}) == 4
    accesses = apache.accesses(query, 5)
    assert [each.status for each in accesses] == [401, 200, 200, 200, 200]
    assert [each.earlier for each in accesses] == [0, 1, 2, 3, 4]  # On one connection.


def test_the_target_is_counted_with_its_query(
    binding: Binding, session: Any, apache: Apache
) -> None:
    for target in ("/digest/echo?a=b&c=%2F", "/digest/echo?d=ä \"'", "/digest/%65cho"):
        assert binding.run(session.get(apache.url(target))).status_code == 200


def test_wrong_credentials_are_sent_once(binding: Binding, session: Any, apache: Apache) -> None:
    session.auth = HTTPDigestAuth(USER, "wrong")
    query = apache.unique()
    for _ in range(2):
        response = binding.run(session.get(apache.url(f"/digest/echo?{query}")))
        assert (earlier(response), response.status_code) == ([401], 401)
    assert [each.status for each in apache.accesses(query, 4)] == [401] * 4
    assert pool_of(session).idle_count == 1
    # Nothing is kept of them: the next ones are right at once.
    response = binding.run(
        session.get(apache.url("/digest/echo"), auth=HTTPDigestAuth(USER, PASSWORD))
    )
    assert (earlier(response), response.status_code) == ([401], 200)


def test_a_password_that_is_changed_fails_with_its_old_nonce(
    binding: Binding, session: Any, apache: Apache
) -> None:
    assert binding.run(session.get(apache.url("/digest/echo"))).status_code == 200
    session.auth.password = "wrong"
    query = apache.unique()
    response = binding.run(session.get(apache.url(f"/digest/echo?{query}")))
    assert (earlier(response), response.status_code) == ([401], 401)
    assert [each.status for each in apache.accesses(query, 2)] == [401, 401]


@pytest.mark.parametrize("space", ["digest", "next", "stale"])
def test_a_redirect_within_the_space(
    binding: Binding, session: Any, apache: Apache, space: str
) -> None:
    """What is sent after it names the new target: Apache refuses the old one."""
    response = binding.run(session.post(apache.url(f"/{space}/moved"), data=CONTENT))
    assert (response.status_code, response.content) == (200, CONTENT)
    assert response.url == apache.url(f"/{space}/echo")
    assert earlier(response) == ([401, 307] if space == "digest" else [401, 307, 401])


def test_nonces_for_one_request_of_which_the_next_is_told(
    binding: Binding, session: Any, apache: Apache
) -> None:
    responses = [binding.run(session.get(apache.url("/next/echo"))) for _ in range(5)]
    assert [earlier(each) for each in responses] == [[401], [], [], [], []]
    assert {each.status_code for each in responses} == {200}
    assert {said(each)["nc"] for each in responses} == {"00000001"}
    assert len({said(each)["nonce"] for each in responses}) == 5


def test_nonces_that_go_stale(binding: Binding, session: Any, apache: Apache) -> None:
    responses = [binding.run(session.get(apache.url("/stale/echo"))) for _ in range(4)]
    assert [earlier(each) for each in responses] == [[401]] * 4
    assert {each.status_code for each in responses} == {200}
    challenges = [
        parse_challenges(each.history[0].headers.get_all("WWW-Authenticate")) for each in responses
    ]
    assert [each.params.get("stale") for (each,) in challenges] == [None, "true", "true", "true"]


def test_two_spaces_of_one_origin(binding: Binding, session: Any, apache: Apache) -> None:
    for space in ("digest", "other", "digest", "other"):
        response = binding.run(session.get(apache.url(f"/{space}/echo")))
        assert (earlier(response), response.status_code) == ([401], 200)


def test_octets_are_sent_again(binding: Binding, session: Any, apache: Apache) -> None:
    for _ in range(2):
        response = binding.run(session.post(apache.url("/stale/echo"), data=CONTENT))
        assert (earlier(response), response.content) == ([401], CONTENT)


def test_a_file_is_sent_again_from_where_it_stood(
    binding: Binding, session: Any, apache: Apache, tmp_path: Path
) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"not this" + CONTENT)
    with path.open("rb") as file:
        file.seek(8)
        response = binding.run(session.put(apache.url("/stale/echo"), data=file))
        assert (earlier(response), response.content) == ([401], CONTENT)
    response = binding.run(session.put(apache.url("/stale/echo"), data=io.BytesIO(CONTENT)))
    assert (earlier(response), response.content) == ([401], CONTENT)


def test_a_list_is_sent_again_in_chunks(binding: Binding, session: Any, apache: Apache) -> None:
    response = binding.run(session.put(apache.url("/digest/echo"), data=[b"so", b"journ"]))
    assert (earlier(response), response.content) == ([401], b"sojourn")


def pieces() -> Iterator[bytes]:
    yield b"so"
    yield b"journ"


@pytest.mark.parametrize("space", ["digest", "next"])
def test_a_generator_goes_once_the_challenge_is_known(
    binding: Binding, session: Any, apache: Apache, space: str
) -> None:
    url = apache.url(f"/{space}/echo")
    with pytest.raises(UnrewindableBodyError) as caught:
        binding.run(session.post(url, data=binding.upload(pieces)))
    assert caught.value.request.url == url
    response = binding.run(session.post(url, data=binding.upload(pieces)))
    assert (earlier(response), response.content) == ([], b"sojourn")


def test_a_generator_cannot_follow_a_nonce_that_went_stale(
    binding: Binding, session: Any, apache: Apache
) -> None:
    url = apache.url("/stale/echo")
    assert binding.run(session.get(url)).status_code == 200
    with pytest.raises(UnrewindableBodyError):
        binding.run(session.post(url, data=binding.upload(pieces)))
    assert binding.run(session.get(url)).status_code == 200


@pytest.mark.parametrize(
    ("user", "password", "status"),
    [
        ("latin1", ACCENTED, 200),  # The challenge does not say UTF-8.
        ("utf8", ACCENTED, 401),
        ("utf8", ACCENTED.encode(), 200),
        ("latin1", ACCENTED.encode("latin-1"), 200),
    ],
)
def test_accents_without_a_charset(
    binding: Binding, apache: Apache, user: str, password: str | bytes, status: int
) -> None:
    auth = HTTPDigestAuth(user, password)
    assert (
        binding.run(binding.session().get(apache.url("/digest/echo"), auth=auth)).status_code
        == status
    )


def test_hooks_see_the_last_response_alone(binding: Binding, session: Any, apache: Apache) -> None:
    seen: list[int] = []
    hooks = {"response": lambda response, **_: seen.append(response.status_code)}
    binding.run(session.get(apache.url("/digest/echo"), hooks=hooks))
    assert seen == [200]


def test_credentials_do_not_go_to_another_origin(
    binding: Binding, session: Any, apache: Apache, serve: Callable[..., HandlerServer]
) -> None:
    challenge = ("WWW-Authenticate", 'Digest realm="digest", nonce="n", qop="auth"')
    other = serve(lambda _: answer(401, challenge))
    response = binding.run(session.get(apache.url(f"/digest/to?{other.url()}")))
    assert (earlier(response), response.status_code) == ([401, 302], 401)
    assert [each.value("Authorization") for each in other.requests] == [None]


# --- httpbin ------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512"])
@pytest.mark.parametrize("qop", ["auth", "auth-int", "both"])
def test_httpbin(binding: Binding, session: Any, httpbin: Any, algorithm: str, qop: str) -> None:
    session.auth = HTTPDigestAuth("ada", "pass")
    url = f"{httpbin.url}/digest-auth/{qop}/ada/pass/{algorithm}"
    responses = [binding.run(session.get(url)) for _ in range(3)]
    assert [earlier(each) for each in responses] == [[401], [], []]
    assert {each.status_code for each in responses} == {200}
    assert responses[-1].json() == {"authenticated": True, "user": "ada"}
    assert said(responses[-1])["algorithm"] == algorithm
    assert said(responses[-1])["qop"] == ("auth" if qop == "both" else qop)
    wrong = url.replace("/pass/", "/other/")
    response = binding.run(session.get(wrong, auth=HTTPDigestAuth("ada", "pass")))
    assert (earlier(response), response.status_code) == ([401], 401)


@pytest.mark.parametrize("count", [1, 3])
def test_httpbin_s_nonces_go_stale_by_its_cookies(
    binding: Binding, session: Any, httpbin: Any, count: int
) -> None:
    """It tells by cookies that come with the challenges: the answers have to bring them along."""
    session.auth = HTTPDigestAuth("ada", "pass")
    url = f"{httpbin.url}/digest-auth/auth/ada/pass/MD5/{count}"
    responses = [binding.run(session.get(url)) for _ in range(2 * count + 1)]
    assert {each.status_code for each in responses} == {200}
    renewed = [[401], *[[]] * (count - 1)]
    assert [earlier(each) for each in responses] == [*renewed, *renewed, [401]]


# --- a strict one -------------------------------------------------------------------------------


def strict_auth() -> HTTPDigestAuth:
    return HTTPDigestAuth(strict.USER, strict.PASSWORD)


def combinations() -> list[tuple[str, str | None]]:
    """Algorithms and qops that there are: SHA-512/256 comes with OpenSSL, or not at all."""
    names = [each for each, name in strict.HASHES.items() if name in hashlib.algorithms_available]
    # Without a qop the server does not learn the cnonce that is in a session's key.
    return [
        *((name, qop) for name in names for qop in (None, "auth", "auth-int")),
        *((f"{name}-sess", qop) for name in names for qop in ("auth", "auth-int")),
    ]


@pytest.mark.parametrize(("algorithm", "qop"), combinations())
def test_each_algorithm(binding: Binding, algorithm: str, qop: str | None) -> None:
    with DigestServer(algorithm=algorithm, qop=qop, nonces_last=3) as server:
        session = binding.session()
        session.auth = strict_auth()
        for content in (b"a", b"b", b"", b"c", b"d"):
            response = binding.run(session.put(server.url("/x?y"), data=content))
            assert (response.status_code, response.content) == (200, content)
        assert server.refusals == 2  # At first, and when the nonce had been used three times.


def test_a_session_key_that_cannot_be_known_is_not_made(binding: Binding) -> None:
    with DigestServer(algorithm="MD5-sess", qop=None) as server:
        response = binding.run(binding.session().get(server.url(), auth=strict_auth()))
        assert (earlier(response), response.status_code) == ([], 401)


def test_content_that_can_be_read_twice_is_covered(binding: Binding) -> None:
    """It is hashed before it is sent, and put back to its start."""
    with DigestServer(qop="auth-int") as server:
        session = binding.session()
        session.auth = strict_auth()
        for content in (io.BytesIO(b"first"), [b"sec", b"ond"], io.BytesIO(b"third")):
            response = binding.run(session.put(server.url(), data=content))
            assert response.status_code == 200
        assert server.refusals == 1


def test_content_that_is_read_once_cannot_be_covered(binding: Binding) -> None:
    """The 401 is handed over: there is no answer to it."""
    with DigestServer(qop="auth-int") as server:
        session = binding.session()
        session.auth = strict_auth()
        for _ in range(2):
            response = binding.run(session.put(server.url(), data=iter([b"x"])))
            assert (earlier(response), response.status_code) == ([], 401)
            assert binding.run(session.put(server.url(), data=b"x")).status_code == 200


WARM = pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
SHARED = pytest.mark.parametrize("shared", [False, True], ids=["own-nonces", "one-nonce"])


def check_counts(server: DigestServer, *, warm: bool, shared: bool, requests: int) -> None:
    """No pair came twice; and none was left out where there was one nonce for all."""
    assert len(set(server.pairs)) == len(server.pairs) == requests
    if warm:
        assert server.refusals == 1
    if warm or shared:
        assert sorted(count for _, count in server.pairs) == list(range(1, requests + 1))
    for nonce, uses in Counter(nonce for nonce, _ in server.pairs).items():
        counts = {count for known, count in server.pairs if known == nonce}
        assert counts == set(range(1, uses + 1))


@WARM
@SHARED
def test_many_tasks_share_one_object(warm: bool, shared: bool) -> None:
    async def work(server: DigestServer) -> list[int]:
        statuses: list[int] = []
        async with sojourn.AsyncSession() as session:
            session.auth = strict_auth()
            if warm:
                statuses.append((await session.get(server.url())).status_code)

            async def ask(number: int) -> None:
                for turn in range(ROUNDS):
                    response = await session.get(server.url(f"/{number}?{turn}"))
                    statuses.append(response.status_code)

            async with asyncio.TaskGroup() as tasks:
                for number in range(TASKS):
                    tasks.create_task(ask(number))
        return statuses

    with DigestServer(shares_nonces=shared) as server:
        statuses = asyncio.run(work(server))
        assert statuses == [200] * (TASKS * ROUNDS + warm)
        check_counts(server, warm=warm, shared=shared, requests=len(statuses))


@WARM
@SHARED
def test_many_threads_share_one_object(warm: bool, shared: bool) -> None:
    with DigestServer(shares_nonces=shared) as server, sojourn.Session() as session:
        session.auth = strict_auth()
        statuses = [session.get(server.url()).status_code] if warm else []
        together = threading.Barrier(THREADS)

        def ask(number: int) -> list[int]:
            together.wait()
            return [
                session.get(server.url(f"/{number}?{turn}")).status_code for turn in range(ROUNDS)
            ]

        with ThreadPoolExecutor(THREADS) as threads:
            for found in threads.map(ask, range(THREADS)):
                statuses += found
        assert statuses == [200] * (THREADS * ROUNDS + warm)
        check_counts(server, warm=warm, shared=shared, requests=len(statuses))


def test_many_threads_while_nonces_go_stale() -> None:
    """One that loses the race twice ends with 401, but no pair is ever sent twice."""
    with DigestServer(nonces_last=7) as server, sojourn.Session() as session:
        session.auth = strict_auth()
        together = threading.Barrier(THREADS)

        def ask(number: int) -> list[int]:
            together.wait()
            return [session.get(server.url(f"/{number}")).status_code for _ in range(ROUNDS)]

        with ThreadPoolExecutor(THREADS) as threads:
            statuses = [each for found in threads.map(ask, range(THREADS)) for each in found]
        assert set(statuses) <= {200, 401}
        assert statuses.count(200) > THREADS
        assert len(set(server.pairs)) == len(server.pairs)


def test_one_object_serves_both_bindings() -> None:
    auth = strict_auth()

    async def get(url: str) -> Any:
        async with sojourn.AsyncSession() as session:
            return await session.get(url, auth=auth)

    with DigestServer() as server, sojourn.Session() as session:
        first = session.get(server.url(), auth=auth)
        second = asyncio.run(get(server.url()))
        third = session.get(server.url(), auth=auth)
        assert [earlier(each) for each in (first, second, third)] == [[401], [], []]
        assert [count for _, count in server.pairs] == [1, 2, 3]
