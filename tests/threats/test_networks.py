"""Threats in the addresses that a name has: what was checked is what is connected."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import pytest

import sojourn
import sojourn.compat
from sojourn_core import Policy
from sojourn_core.commands import Address
from sojourn_core.values.errors import AddressRefused, RequestException
from sojourn_core.values.url.address import PRIVATE_NETWORKS
from tests.bindings.clients import BINDINGS, Binding

from .rows import tries

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK: Final = ("127.0.0.0/8", "::1/128", "0.0.0.0/8")
CLOSED: Final = Policy(refused_networks=LOOPBACK)  # type: ignore[arg-type]
FORMS: Final = (
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::127.0.0.1",
    "2002:7f00:1::",
    "0.0.0.0",
)


class Names:
    """A resolver that gives one answer after the other.

    Attributes:
        answers: Those that are left.
        asked: How often it was asked.
    """

    def __init__(self) -> None:
        """Have no answers yet."""
        self.answers: list[tuple[str, ...]] = []
        self.asked = 0

    def resolve(self, _: str, port: int) -> tuple[Address, ...]:
        """The next answer."""
        self.asked += 1
        return tuple(Address(each, port) for each in self.answers.pop(0))

    async def resolve_async(self, host: str, port: int) -> tuple[Address, ...]:
        """Likewise."""
        return self.resolve(host, port)


@pytest.fixture
def names() -> Iterator[Names]:
    made = Names()
    with (
        mock.patch("sojourn.sync.exchange_driver.resolve", made.resolve),
        mock.patch("sojourn.aio.backend.resolve", made.resolve_async),
    ):
        yield made


@pytest.fixture(params=[*BINDINGS, "compat"])
def get(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Make a GET request under a policy that closes the loopback interface."""
    binding = Binding("sync" if request.param == "compat" else request.param)
    session: Any = sojourn.compat.Session() if request.param == "compat" else binding.session()
    session.policy = CLOSED
    yield lambda url: binding.run(session.get(url, timeout=2))
    binding.run(session.close())
    binding.close()


@tries("SJ-15")
@pytest.mark.parametrize("address", FORMS)
def test_no_form_of_an_address_gets_through(row: str, address: str, get: Any, names: Names) -> None:
    names.answers = [(address,)] * 2
    with pytest.raises(AddressRefused):
        get("http://a.test/")
    assert names.asked == 1
    shown = f"[{address}]" if ":" in address else address
    with pytest.raises(RequestException) as caught:
        get(f"http://{shown}/")
    assert not isinstance(caught.value, sojourn.exceptions.ConnectTimeout)
    assert names.asked == 1


@tries("SJ-15", "CVE-2023-28155")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_is_resolved_once_for_each_hop(
    row: str, scheme: str, get: Any, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The second answer, which would lead to the loopback interface, is never asked for.
    names.answers = [("192.0.2.1",), ("127.0.0.1",)]
    connected: list[Any] = []

    def refuse(_: Any, place: Any) -> None:
        connected.append(place[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    with pytest.raises(RequestException):
        get(f"{scheme}://a.test/")
    assert names.asked == 1
    assert set(connected) <= {"192.0.2.1"}


@tries("SJ-15")
def test_of_several_addresses_those_that_are_closed_are_left_out(
    row: str, get: Any, names: Names
) -> None:
    names.answers = [("127.0.0.1", "::1", "::ffff:127.0.0.1")]
    with pytest.raises(AddressRefused):
        get("http://a.test/")


@tries("SJ-15")
def test_the_networks_that_are_known_as_private_hold_all_forms(row: str) -> None:
    from sojourn_core.values.url.address import refused

    assert all(refused(each, PRIVATE_NETWORKS) for each in (*FORMS, "10.0.0.1", "169.254.169.254"))
    assert not refused("8.8.8.8", PRIVATE_NETWORKS)
