"""Addresses of a host: as ``getaddrinfo`` or a user's resolver gives them, and as sockets do."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sojourn_core.commands import Address
from sojourn_core.exchange.dial import literal_address
from sojourn_core.values.errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sojourn_core.values.route import SocketSettings

# Numeric addresses, one or several, the preferred ones first.
Found: TypeAlias = "str | Address | Iterable[str | Address]"
# Pins by host or by "host:port", or a function that is asked; None leaves a host to the system.
Resolver: TypeAlias = (
    "Mapping[str, Found] | Callable[[str, int], Found | Awaitable[Found | None] | None]"
)


def ask(resolver: Resolver, host: str, port: int) -> Any:
    """Return what a user's resolver says of a host: addresses, None, or an awaitable of these."""
    if isinstance(resolver, Mapping):
        pins = cast("Mapping[str, Any]", resolver)
        return pins.get(f"{host}:{port}", pins.get(host))
    return resolver(host, port)


def own_timeout(error: TimeoutError) -> OSError:
    """Return the error of a resolver that has run out of a time of its own.

    Raised as it is, it would say that the time of the request is over.
    """
    return OSError(f"the resolver has failed: {str(error) or 'it has timed out'}")


def addresses_from(found: Any, port: int) -> tuple[Address, ...]:
    """Return the addresses that a user's resolver has given.

    Raises:
        InvalidArgument: One of them is no numeric address, or they are to be awaited.
    """
    if isinstance(found, Coroutine):
        found.close()
        raise InvalidArgument("a coroutine function is no resolver for blocking code")
    several = (found,) if isinstance(found, (str, Address)) else tuple(found)
    return tuple(each if isinstance(each, Address) else _read(each, port) for each in several)


def _read(given: str, port: int) -> Address:
    address = literal_address(given, port)
    if address is None:
        raise InvalidArgument(f"a resolver must give numeric addresses, not {given!r}")
    return address


def addresses_of(found: Iterable[tuple[Any, ...]]) -> tuple[Address, ...]:
    """Return each address of an answer of ``getaddrinfo`` once, in the order of the answer."""
    return tuple({_address_of(family, place): None for family, _, _, _, place in found})


def _address_of(family: int, place: Sequence[Any]) -> Address:
    if family == socket.AF_INET6:
        zone = place[3] if len(place) > 3 else 0
        host = f"{place[0]}%{zone}" if zone and "%" not in place[0] else str(place[0])
        return Address(host, place[1], "ipv6")
    return Address(str(place[0]), place[1], "ipv4")


def place_of(address: Address) -> Any:
    """Return an address as sockets take it: a zone (RFC 4007) is the number of an interface.

    Raises:
        OSError: There is no such interface.
    """
    if address.family == "unix":
        return address.host
    host, percent, zone = address.host.partition("%")
    if not percent:
        return address.host, address.port
    return host, address.port, 0, int(zone) if zone.isdecimal() else socket.if_nametoindex(zone)


def new_socket(address: Address, settings: SocketSettings | None) -> socket.socket:
    """Make a socket to connect to an address, its options set, and bound if that is asked for.

    Raises:
        OSError: The system refuses something of it.
    """
    if address.family == "unix":
        return _new_unix_socket(settings)
    family = socket.AF_INET6 if address.family == "ipv6" else socket.AF_INET
    # By the number of TCP asyncio knows that it may turn Nagle's algorithm off. Whoever gives
    # options of their own decides on that too.
    usual = settings is None or settings.options is None
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP if usual else 0)
    try:
        if usual:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if settings is not None:
            for option in settings.options or ():
                made.setsockopt(*option)
            if settings.source_address is not None:
                made.bind(settings.source_address)
    except BaseException:
        made.close()
        raise
    return made


def _new_unix_socket(settings: SocketSettings | None) -> socket.socket:
    """Make a Unix socket; it is bound to no address.

    Raises:
        OSError: There are none here, or the system refuses an option.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise OSError("there are no Unix sockets on this system")
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        for option in (None if settings is None else settings.options) or ():
            made.setsockopt(*option)
    except BaseException:
        made.close()
        raise
    return made
