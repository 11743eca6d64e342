"""``max_retries``: a number, urllib3's ``Retry``, and what only has its fields."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest
from urllib3.util import Retry

from sojourn.compat.adapters import HTTPAdapter
from sojourn.compat.models import Request
from sojourn.compat.retries import Retries, seconds_of
from sojourn.compat.retrying import Retrying
from sojourn_core import DIRECT, Fields, RetryPolicy, SendSettings
from sojourn_core.commands import Send as SendCommand
from sojourn_core.values.errors import ConnectionError, ConnectTimeout, RetryError
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, Hold, ReadHead, Send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import HandlerServer, Received, ScriptedServer


@pytest.fixture
def made() -> Iterator[Callable[..., HTTPAdapter]]:
    """Adapters that are closed with the test."""
    kept: list[HTTPAdapter] = []

    def make(max_retries: Any) -> HTTPAdapter:
        kept.append(HTTPAdapter(max_retries=max_retries))
        return kept[-1]

    yield make
    for adapter in kept:
        adapter.close()


def get(adapter: HTTPAdapter, url: str, method: str = "GET", **options: Any) -> Any:
    return adapter.send(Request(method, url).prepare(), **options)


def fields_of(**fields: Any) -> Any:
    """An object with the fields of a ``Retry``, and nothing that it does."""
    return SimpleNamespace(**fields)


@pytest.mark.parametrize("retries", [0, 2, Retry(2), fields_of(total=1), Retry(5, connect=1)])
def test_a_connection_that_cannot_be_made(made: Callable[..., Any], retries: Any) -> None:
    with pytest.raises(ConnectionError) as caught:
        get(made(max_retries=retries), "http://127.0.0.1:1/")
    assert not isinstance(caught.value, ConnectTimeout)
    assert caught.value.request.method == "GET"


KINDS: Final = pytest.mark.parametrize("kind", [Retry, fields_of], ids=["Retry", "fields"])


@KINDS
def test_statuses_are_tried_again(
    made: Callable[..., Any], serve: Callable[..., HandlerServer], kind: Any
) -> None:
    server = serve(
        lambda request: answer(503 if len(server.requests) < 3 else 200, content=b"x" * 99)
    )
    retries = kind(total=2, status_forcelist=[503], respect_retry_after_header=True)
    assert get(made(max_retries=retries), server.url()).content == b"x" * 99
    assert [request.connection for request in server.requests] == [0, 0, 0]


@KINDS
@pytest.mark.parametrize("raises", [True, False])
def test_statuses_to_the_last(
    made: Callable[..., Any], serve: Callable[..., HandlerServer], kind: Any, raises: bool
) -> None:
    server = serve(lambda request: answer(503))
    adapter = made(max_retries=kind(total=1, status_forcelist=[503], raise_on_status=raises))
    if raises:
        with pytest.raises(RetryError, match="503"):
            get(adapter, server.url())
    else:
        assert get(adapter, server.url()).status_code == 503
    assert len(server.requests) == 2


@KINDS
def test_methods_that_must_not_be_sent_twice(
    made: Callable[..., Any], serve: Callable[..., HandlerServer], kind: Any
) -> None:
    server = serve(lambda request: answer(503))
    retries = kind(total=3, status_forcelist=[503], allowed_methods=["GET"])
    assert get(made(max_retries=retries), server.url(), "POST").status_code == 503
    assert len(server.requests) == 1


@KINDS
def test_retry_after_is_waited_for(
    made: Callable[..., Any], serve: Callable[..., HandlerServer], kind: Any
) -> None:
    def handle(request: Received) -> bytes:
        return answer(429, ("Retry-After", "0")) if len(server.requests) < 2 else answer(200)

    server = serve(handle)
    retries = kind(total=2, respect_retry_after_header=True)
    assert get(made(max_retries=retries), server.url()).ok


@pytest.mark.parametrize(
    ("retries", "tries"),
    [(0, 1), (2, 3), (Retry(1), 2), (fields_of(total=1), 2), (Retry(1, read=False), 1)],
)
def test_an_answer_that_never_came(
    made: Callable[..., Any],
    scripted: Callable[..., ScriptedServer],
    retries: Any,
    tries: int,
) -> None:
    server = scripted(*[[ReadHead(), Close()]] * tries)
    with pytest.raises(ConnectionError):
        get(made(max_retries=retries), server.url())


def test_content_is_sent_again_from_its_start(
    made: Callable[..., Any], scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted(
        [ReadHead(), Close()],
        [ReadHead(), Send(answer(200, content=b"ok"))],
    )
    request = Request("PUT", server.url(), data=io.BytesIO(b"abc")).prepare()
    assert made(max_retries=Retry(1)).send(request).content == b"ok"


def test_a_timeout_is_an_error_of_the_connection_once_it_was_tried_again(
    made: Callable[..., Any], scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted(*[[ReadHead(), Hold()]] * 2)
    with pytest.raises(ConnectionError):
        get(made(max_retries=Retry(1)), server.url(), timeout=(5, 0.05))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3", 3.0), (" 0 ", 0.0), ("soon", None), ("", None), ("9" * 400, float("9" * 12))],
)
def test_seconds_of(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


def test_waiting_grows_and_has_an_end() -> None:
    retries = Retries(total=9, backoff_factor=0.5, backoff_max=3.0)
    waited = []
    for _ in range(5):
        retries = retries.after("read")
        waited.append(retries.seconds())
    assert waited == [0.0, 1.0, 2.0, 3.0, 3.0]
    assert retries.seconds("7") == 7.0
    assert retries.seconds("Thu, 01 Jan 1970 00:00:00 GMT") == 0.0


def test_a_retry_is_told_the_target_and_stays_with_the_response(
    made: Callable[..., Any], scripted: Callable[..., ScriptedServer]
) -> None:
    busy = [ReadHead(), Send(answer(503, ("Connection", "close")))]
    server = scripted(busy, [ReadHead(), Send(answer(200, content=b"ok"))])
    response = get(made(max_retries=Retry(3, status_forcelist=[503])), server.url("/x?y"))
    left = response.raw.retries
    assert left.total == 2
    assert [(each.method, each.url, each.status) for each in left.history] == [("GET", "/x?y", 503)]


# --- how long is waited -------------------------------------------------------------------------


class Raw:
    """A response as a ``Retry`` reads it."""

    def __init__(self, status: int, **headers: str) -> None:
        self.status = status
        self.headers = Fields([(name.replace("_", "-"), headers[name]) for name in headers])
        self.drained = 0

    def drain_conn(self) -> None:
        self.drained += 1

    def get_redirect_location(self) -> bool:
        return False


def waits(max_retries: Any, raws: list[Raw]) -> list[float | None]:
    """When each next try begins; each response is there at 0."""
    command = SendCommand(Request("GET", "http://a.test/x").prepare(), DIRECT, SendSettings())
    retrying = Retrying(max_retries, "/x", command)
    return [retrying.answered(raw, 0.0, WALL) for raw in raws]


WALL: Final = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT.
BUSY: Final = {"total": 5, "status_forcelist": [503], "backoff_factor": 1.0}


@pytest.mark.parametrize(
    ("max_retries", "expected"),
    [
        (Retry(**BUSY), [0.0, 2.0, 4.0, 8.0]),
        (fields_of(**BUSY), [0.0, 2.0, 4.0, 8.0]),
        (Retry(**BUSY, backoff_max=3.0), [0.0, 2.0, 3.0, 3.0]),
        (fields_of(**BUSY, backoff_max=3.0), [0.0, 2.0, 3.0, 3.0]),
        (Retry(**{**BUSY, "total": 2}, raise_on_status=False), [0.0, 2.0, None, None]),
        (
            RetryPolicy(retries_max=3, statuses={503}, backoff=1.0, jitter=0.0),
            [1.0, 2.0, 4.0, None],
        ),
    ],
)
def test_a_table_of_retries_and_times(max_retries: Any, expected: list[float | None]) -> None:
    assert waits(max_retries, [Raw(503) for _ in expected]) == expected


@pytest.mark.parametrize(
    "max_retries",
    [
        Retry(**BUSY),
        fields_of(**BUSY),
        RetryPolicy(statuses={503}, retry_after_max=100.0),
    ],
)
def test_a_table_of_retry_after(max_retries: Any) -> None:
    assert waits(max_retries, [Raw(503, Retry_After="7")]) == [7.0]


def test_a_retry_that_waits_in_its_own_way_does_so() -> None:
    slept: list[Any] = []

    class Own(Retry):
        """A program's own."""

        def sleep(self, response: Any = None) -> None:
            slept.append(response)

    raw = Raw(503)
    assert waits(Own(**BUSY), [raw]) == [0.0]
    assert slept == [raw]


def test_a_policy_counts_for_an_adapter(
    made: Callable[..., Any], scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Close()], [ReadHead(), Send(answer(200, content=b"ok"))])
    policy = RetryPolicy(retries_max=1, backoff=0.0)
    assert get(made(max_retries=policy), server.url()).content == b"ok"
    with pytest.raises(ConnectionError):
        get(made(max_retries=policy), "http://127.0.0.1:1/")
