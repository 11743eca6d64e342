"""Addresses of a host, from the answer of ``getaddrinfo``, and sockets that connect to them."""

from __future__ import annotations

from socket import AF_INET6
from typing import TYPE_CHECKING, Any

from sojourn_core.commands import Address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from socket import socket

    from sojourn_core.values.route import SocketSettings


def addresses_of(found: Iterable[tuple[Any, ...]]) -> tuple[Address, ...]:
    """Return each address of an answer of ``getaddrinfo`` once, in the order of the answer."""
    return tuple({_address_of(family, place): None for family, _, _, _, place in found})


def _address_of(family: int, place: Sequence[Any]) -> Address:
    if family == AF_INET6:
        zone = place[3] if len(place) > 3 else 0
        host = f"{place[0]}%{zone}" if zone and "%" not in place[0] else str(place[0])
        return Address(host, place[1], "ipv6")
    return Address(str(place[0]), place[1], "ipv4")


def set_up(made: socket, settings: SocketSettings) -> None:
    """Set the options of a socket that is not connected yet, and bind it.

    Raises:
        OSError: The system refuses one of them.
    """
    for option in settings.options or ():
        made.setsockopt(*option)
    if settings.source_address is not None:
        made.bind(settings.source_address)
