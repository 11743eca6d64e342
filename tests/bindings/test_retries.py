"""Retries over real sockets, by both bindings. What is decided, the core's tests say."""

from __future__ import annotations

import asyncio
import pickle
import socket
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn import RetryPolicy, Timeouts
from sojourn_core.errors import ConnectionError, DeadlineExceeded, InvalidArgument
from tests.bindings.clients import Binding, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, ReadHead, Send

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, ScriptedServer

SOON = RetryPolicy(retries_max=2, backoff=0.001, statuses=frozenset({503}))
NEVER = SOON.replace(backoff=600.0, backoff_max=600.0, jitter=0.0)


def busy(serve: Callable[..., HandlerServer], times: int) -> HandlerServer:
    """A server that has no time for so many requests."""

    def handle(_: object) -> bytes:
        return answer(503 if len(server.requests) <= times else 200, content=b"x")

    server = serve(handle)
    return server


def codes(told: Any) -> list[str]:
    return [each.code for each in told.decisions if each.code.startswith("retry.")]


def test_a_response_of_a_named_status_is_tried_again(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = busy(serve, 2)
    response = binding.run(binding.session(retries=SOON).get(server.url()))
    assert response.status_code == 200
    assert codes(response) == ["retry.status"] * 2
    assert response.history == []
    assert [each.connection for each in server.requests] == [0, 0, 0]


def test_a_lost_response_is_tried_again(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Close()], [ReadHead(), Send(answer(200, content=b"ok"))])
    response = binding.run(binding.session(retries=SOON).get(server.url()))
    assert (response.status_code, codes(response)) == (200, ["retry.lost"])


def test_a_connection_that_is_never_made(binding: Binding) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        session = binding.session(retries=SOON)
        with pytest.raises(ConnectionError) as raised:
            binding.run(session.post(url, data=b"x"))
    assert codes(raised.value) == [*["retry.connection"] * 2, "retry.refused.count"]
    assert pool_of(session).open_count == 0


def test_content_goes_out_whole_each_time(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = busy(serve, 1)
    session = binding.session()
    response = binding.run(session.put(server.url(), data=[b"a", b"b"], retries=SOON))
    assert response.status_code == 200
    assert [each.content for each in server.requests] == [b"ab", b"ab"]


@pytest.mark.parametrize(
    ("own", "given", "tries"),
    [(None, {}, 1), (SOON, {}, 3), (SOON, {"retries": None}, 1), (None, {"retries": SOON}, 3)],
)
def test_a_request_may_say_otherwise_than_its_session(
    own: Any, given: Any, tries: int, binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = busy(serve, 99)
    session = binding.session(retries=own)
    assert binding.run(session.get(server.url(), **given)).status_code == 503
    prepared = session.prepare_request(sojourn.Request("GET", server.url()))
    assert binding.run(session.send(prepared, **given)).status_code == 503
    assert len(server.requests) == 2 * tries


def test_an_override_of_send_is_asked_once_and_may_pass_retries_on(
    serve: Callable[..., HandlerServer],
) -> None:
    asked: list[dict[str, Any]] = []

    class Own(sojourn.Session):
        """One that looks at each request."""

        def send(self, request: Any, **arguments: Any) -> Any:
            asked.append(arguments)
            return super().send(request, **arguments)

    server = busy(serve, 1)
    with Own() as session:
        assert session.get(server.url(), retries=SOON).status_code == 200
    assert [each["retries"] for each in asked] == [SOON]


@pytest.mark.parametrize("override", ["send", "resolve_redirects"])
def test_what_a_request_says_holds_for_its_redirects_whatever_is_overridden(
    binding: Binding, serve: Callable[..., HandlerServer], override: str
) -> None:
    """Each further hop is a call of its own then."""

    def handle(request: Any) -> bytes:
        if request.target == "/":
            return answer(302, ("Location", "/busy"))
        return answer(503 if len(server.requests) <= 3 else 200, content=b"x")

    server = serve(handle)
    session = binding.session()
    seen = []
    method = getattr(session, override)

    def overridden(*args: Any, **kwargs: Any) -> Any:
        seen.append({name: kwargs.get(name) for name in ("retries", "hedge")})
        return method(*args, **kwargs)

    setattr(session, override, overridden)
    response = binding.run(session.get(server.url(), retries=SOON, hedge=20))
    assert response.status_code == 200
    assert seen == [{"retries": SOON, "hedge": 20}] * (2 if override == "send" else 1)
    assert codes(response) == ["retry.status"] * 2


def test_no_pause_begins_that_the_deadline_would_cut_short(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    session = binding.session(retries=NEVER, timeout=Timeouts(total=60.0))
    response = binding.run(session.get(busy(serve, 9).url()))
    assert (response.status_code, codes(response)) == (503, ["retry.refused.deadline"])


def test_a_task_may_be_cancelled_while_it_pauses(serve: Callable[..., HandlerServer]) -> None:
    server = busy(serve, 1)

    async def main() -> None:
        async with sojourn.AsyncSession(retries=NEVER) as session:
            task = asyncio.create_task(session.get(server.url()))
            while not server.requests or pool_of(session).idle_count == 0:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (pool_of(session).open_count, pool_of(session).idle_count) == (1, 1)
            assert (await session.get(server.url())).status_code == 200

    asyncio.run(main())


def test_retries_travel_with_the_session() -> None:
    with sojourn.Session(retries=SOON) as session, pickle.loads(pickle.dumps(session)) as copy:
        assert copy.retries == SOON
    with pytest.raises(InvalidArgument, match="retries"):
        # The silenced check: that it is refused is the test.
        sojourn.Session(retries="3")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="retries"):
        sojourn.get("http://192.0.2.1/", retries=-1)


def test_a_number_stands_for_the_default_policy() -> None:
    with sojourn.Session(retries=2) as session:
        assert session.retries == RetryPolicy(retries_max=2)
        session.retries = 0
        assert session.retries is None


def test_a_limit_counts_for_all_calls_of_a_session(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = busy(serve, 0)
    session = binding.session(limit="1/h", timeout=Timeouts(total=60.0))
    assert binding.run(session.get(server.url())).status_code == 200
    with pytest.raises(DeadlineExceeded) as raised:  # Its turn is in an hour.
        binding.run(session.get(server.url()))
    assert [each.code for each in raised.value.decisions] == ["rate.refused.deadline"]
    assert not raised.value.maybe_sent
    with pytest.raises(InvalidArgument, match="limit must be"):
        binding.session(limit="10")
