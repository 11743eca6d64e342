"""The addresses of a host over real sockets: races, names that nobody asks for, and resolvers."""

from __future__ import annotations

import asyncio
import os
import pickle
import select
import socket
import threading
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trio

import sojourn
import sojourn.trio
from sojourn import Policy, SocketSettings, Timeouts
from sojourn.shared.addresses import place_of
from sojourn_core.commands import Address
from sojourn_core.errors import (
    AddressRefused,
    ConnectionError,
    ConnectTimeout,
    InvalidArgument,
    NameResolutionError,
)
from tests.bindings.clients import EVERY_BINDING, SECONDS_MAX, Binding, pool_of
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import HandlerServer

BINDINGS = EVERY_BINDING
SOON = Timeouts(connect=None, stagger=0.01)  # What is not raced hangs.
LATE = Timeouts(connect=None, stagger=600.0)
REFUSING = Address("127.0.0.1", 1)


@pytest.fixture
def holes() -> Iterator[list[Address]]:
    """Two addresses that swallow packets: nobody accepts, and the queues are full."""
    with ExitStack() as stack:
        found: list[Address] = []
        for host in ("127.0.0.2", "127.0.0.3"):
            listener = stack.enter_context(socket.create_server((host, 0), backlog=0))
            place = listener.getsockname()
            callers = [stack.enter_context(socket.socket()) for _ in range(4)]
            for caller in callers:
                caller.setblocking(False)
                caller.connect_ex(place)
            # The queue is full once the first of them is in it, and not before.
            assert select.select([], callers[:1], [], SECONDS_MAX)[1]
            found.append(Address(*place))
        yield found


@pytest.fixture
def server(serve: Callable[..., HandlerServer]) -> HandlerServer:
    return serve(lambda _: answer(200, content=b"here"))


def at(server: HandlerServer) -> Address:
    return Address("127.0.0.1", server.port)


def open_files() -> set[str]:
    """The files that are open, by what they are; nothing where the system does not tell."""
    folder = Path("/proc/self/fd")
    found: set[str] = set()
    for each in folder.iterdir() if folder.exists() else ():
        try:
            found.add(os.readlink(each))
        except OSError:  # That of the listing itself.
            continue
    return {each for each in found if each.startswith("socket:")}


# --- races --------------------------------------------------------------------------------------


def test_an_address_that_swallows_packets_does_not_hold_the_others_up(
    binding: Binding, holes: list[Address], server: HandlerServer
) -> None:
    session = binding.session(timeout=SOON, resolver={"a.test": [*holes, at(server)]})
    binding.turn()  # A loop has sockets of its own.
    before = open_files()
    assert binding.run(session.get("http://a.test/")).content == b"here"
    assert binding.run(session.get("http://a.test/")).content == b"here"
    assert server.connections == 1
    assert len(open_files() - before) <= 2  # Ours and the server's: those that lost are closed.


def test_an_attempt_that_fails_lets_the_next_one_begin_at_once(
    binding: Binding, server: HandlerServer
) -> None:
    resolver = {"a.test": [REFUSING, REFUSING, at(server)]}
    session = binding.session(timeout=LATE, resolver=resolver)
    assert binding.run(session.get("http://a.test/")).content == b"here"


def test_an_attempt_that_is_slow_wins_if_the_others_fail(
    binding: Binding, holes: list[Address], server: HandlerServer
) -> None:
    resolver = {"a.test": [holes[0], REFUSING, at(server), REFUSING]}
    session = binding.session(timeout=SOON, resolver=resolver)
    assert binding.run(session.get("http://a.test/")).content == b"here"


def test_families_race_each_other(binding: Binding, server: HandlerServer) -> None:
    resolver = {"a.test": [Address("::1", 1, "ipv6"), at(server)]}
    session = binding.session(timeout=LATE, resolver=resolver)
    assert binding.run(session.get("http://a.test/")).content == b"here"


def test_when_all_fail_the_last_error_tells_of_all(binding: Binding) -> None:
    tried = [REFUSING, Address("127.0.0.2", 1)]
    session = binding.session(timeout=LATE, resolver={"a.test": tried})
    with pytest.raises(ConnectionError) as raised:
        binding.run(session.get("http://a.test/"))
    assert isinstance(raised.value.__cause__, ConnectionRefusedError)
    assert str(raised.value).endswith("(tried 127.0.0.1, 127.0.0.2)")
    assert pool_of(session).open_count == 0


def test_the_deadline_is_that_of_all(binding: Binding, holes: list[Address]) -> None:
    timeout = Timeouts(connect=0.5, stagger=0.01)
    session = binding.session(timeout=timeout, resolver={"a.test": holes})
    binding.turn()
    before = open_files()
    with pytest.raises(ConnectTimeout, match=r"tried 127\.0\.0\.2, 127\.0\.0\.3"):
        binding.run(session.get("http://a.test/"))
    assert pool_of(session).open_count == 0
    binding.turn()
    assert open_files() <= before


@pytest.mark.parametrize("count", [1, 2])
def test_an_option_that_is_none_fails_alike_for_one_address_and_for_several(
    binding: Binding, count: int
) -> None:
    """A race of tasks raises no group of errors."""
    level: Any = "no level"
    settings = SocketSettings(options=((level, 1, 1),))
    hosts = ["127.0.0.1", "127.0.0.2"][:count]
    session = binding.session(resolver={"a.test": hosts}, socket=settings)
    with pytest.raises(TypeError):
        binding.run(session.get("http://a.test:9/"))
    assert pool_of(session).open_count == 0


def test_without_a_stagger_addresses_have_their_turns(
    binding: Binding, holes: list[Address], server: HandlerServer
) -> None:
    timeout = Timeouts(connect=1.5, stagger=None)
    session = binding.session(timeout=timeout, resolver={"a.test": [holes[0], at(server)]})
    assert binding.run(session.get("http://a.test/")).content == b"here"


def test_a_race_that_is_cancelled_leaves_nothing(holes: list[Address]) -> None:
    async def main() -> None:
        async with sojourn.AsyncSession(timeout=SOON, resolver={"a.test": holes}) as session:
            before = open_files()
            task = asyncio.create_task(session.get("http://a.test/"))
            while len(open_files() - before) < 2:  # noqa: ASYNC110 - nobody tells of a socket
                await asyncio.sleep(0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert open_files() <= before
            assert pool_of(session).open_count == 0
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_race_that_a_scope_of_trio_ends_leaves_nothing(holes: list[Address]) -> None:
    async def main() -> None:
        timeout, resolver = SOON, {"a.test": holes}
        async with sojourn.trio.Session(timeout=timeout, resolver=resolver) as session:
            before = open_files()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(session.get, "http://a.test/")
                while len(open_files() - before) < 2:  # noqa: ASYNC110 - nobody tells of a socket
                    await trio.sleep(0.001)
                nursery.cancel_scope.cancel()
            assert open_files() <= before
            assert pool_of(session).open_count == 0

    trio.run(main)


def test_a_source_address_holds_for_each_attempt(
    binding: Binding, holes: list[Address], server: HandlerServer
) -> None:
    """One that cannot be bound fails; the error is that of the last attempt."""
    from sojourn_core import Request, SendSettings
    from sojourn_core.commands import Send
    from sojourn_core.values.route import Route, SocketSettings

    session = binding.session(resolver={"a.test": [holes[0], at(server)]})
    for source, works in (("127.0.0.9", True), ("192.0.2.1", False)):
        route = Route(None, SocketSettings((source, 0)))
        send = Send(Request("GET", "http://a.test/").prepare(), route, SendSettings(timeouts=SOON))
        adapter = session.get_adapter("http://a.test/")
        if works:
            assert binding.run(adapter.carry(send)).status_code == 200
        else:
            with pytest.raises(ConnectionError):
                binding.run(adapter.carry(send))


# --- hosts that are addresses, and zones --------------------------------------------------------


def test_no_resolver_is_asked_for_an_address(
    binding: Binding, server: HandlerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any, **options: Any) -> Any:
        raise AssertionError("a resolver was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert binding.run(binding.session(resolver=refuse).get(server.url())).content == b"here"


def test_a_zone_is_the_number_of_an_interface() -> None:
    number, name = socket.if_nameindex()[0]
    assert place_of(Address(f"fe80::1%{name}", 80, "ipv6")) == ("fe80::1", 80, 0, number)
    assert place_of(Address("fe80::1%7", 80, "ipv6")) == ("fe80::1", 80, 0, 7)
    assert place_of(Address("::1", 80, "ipv6")) == ("::1", 80)
    with pytest.raises(OSError, match="interface"):
        place_of(Address("fe80::1%none", 80, "ipv6"))


def link_local() -> list[tuple[str, str]]:
    """The link-local addresses of this machine, and their zones; mostly one, or none."""
    table = Path("/proc/net/if_inet6")
    rows = [row.split() for row in table.read_text().splitlines()] if table.exists() else []
    found = [(row[0], row[5]) for row in rows if row[0].startswith("fe80")]
    return [(":".join(text[at : at + 4] for at in range(0, 32, 4)), zone) for text, zone in found]


def test_an_address_with_a_zone_is_connected_to(binding: Binding) -> None:
    for address, zone in link_local():
        place = (address, 0, 0, socket.if_nametoindex(zone))
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(place)
            listener.listen()

            def serve(listener: socket.socket = listener) -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

            thread = threading.Thread(target=serve)
            thread.start()
            url = f"http://[{address}%25{zone}]:{listener.getsockname()[1]}/"
            assert binding.run(binding.session().get(url)).status_code == 204
            thread.join()


# --- resolvers ----------------------------------------------------------------------------------


def test_a_look_up_is_left_behind_when_its_time_is_over(
    binding: Binding, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    own = socket.getaddrinfo

    def stuck(host: Any, *arguments: Any, **options: Any) -> Any:
        if host == "a.test":
            answered.wait(10.0)
            raise socket.gaierror(socket.EAI_NONAME, "too late")
        return own(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    session = binding.session(timeout=Timeouts(connect=0.05))
    try:
        with pytest.raises(ConnectTimeout):
            binding.run(session.get("http://a.test/"))
        assert pool_of(session).open_count == 0
    finally:
        answered.set()


@pytest.mark.parametrize("kind", ["mapping", "function"])
def test_a_resolver_says_where_names_lead(
    kind: str, binding: Binding, server: HandlerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.port
    pins: dict[str, Any] = {
        "a.test": "127.0.0.1",
        f"b.test:{port}": ["127.0.0.1"],
        "b.test": "127.0.0.9",
        "c.test": [Address("127.0.0.1", port)],
    }
    resolver: Any = pins
    if kind == "function":

        def resolver(host: str, port: int) -> Any:
            return pins.get(f"{host}:{port}", pins.get(host))

    system: list[str] = []

    def note(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        system.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", note)
    session = binding.session(resolver=resolver)
    for host in ("a.test", "b.test", "c.test", "d.test"):
        assert binding.run(session.get(f"http://{host}:{port}/")).content == b"here"
    assert system == ["d.test"]


def test_a_coroutine_function_resolves_where_it_can_be_awaited(
    binding: Binding, server: HandlerServer
) -> None:
    async def resolver(host: str, port: int) -> str | None:
        await binding.pause()
        return "127.0.0.1" if host == "a.test" else None

    url = f"http://a.test:{server.port}/"
    session = binding.session(resolver=resolver)
    if binding.name != "sync":
        assert binding.run(session.get(url)).content == b"here"
        assert binding.run(session.get(f"http://localhost:{server.port}/")).content == b"here"
    else:
        with pytest.raises(InvalidArgument, match="coroutine"):
            session.get(url)
        assert pool_of(session).open_count == 0


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ("b.test", InvalidArgument),
        (["127.0.0.1", "localhost"], InvalidArgument),
        ([], NameResolutionError),
    ],
)
def test_a_resolver_gives_numeric_addresses(
    found: Any, kind: type[Exception], binding: Binding
) -> None:
    with pytest.raises(kind):
        binding.run(binding.session(resolver={"a.test": found}).get("http://a.test/"))


def test_what_a_resolver_raises(binding: Binding) -> None:
    class Ours(Exception):
        """The user's own."""

    def resolver(host: str, port: int) -> str:
        raise OSError("no such name") if host == "a.test" else Ours

    session = binding.session(resolver=resolver)
    with pytest.raises(NameResolutionError, match="no such name"):
        binding.run(session.get("http://a.test/"))
    with pytest.raises(Ours):
        binding.run(session.get("http://b.test/"))
    assert pool_of(session).open_count == 0


def test_a_pinned_address_may_be_refused(binding: Binding) -> None:
    policy = Policy(refused_networks=(ip_network("127.0.0.0/8"),))
    session = binding.session(policy=policy, resolver={"a.test": "127.0.0.1"})
    with pytest.raises(AddressRefused):
        binding.run(session.get("http://a.test/"))


def test_a_resolver_travels_with_its_transport() -> None:
    for kind in (sojourn.HTTPAdapter, sojourn.AsyncHTTPAdapter):
        adapter = kind(resolver={"a.test": "127.0.0.1"})
        assert pickle.loads(pickle.dumps(adapter)).resolver == {"a.test": "127.0.0.1"}
