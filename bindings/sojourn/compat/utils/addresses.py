"""IPv4 addresses, in each form that the system's resolver accepts, and networks."""

from __future__ import annotations

import socket
from ipaddress import IPv4Network


def _number(address: str) -> int:
    return int.from_bytes(socket.inet_aton(address), "big")


def dotted_netmask(mask: int) -> str:
    """Return a netmask of ``mask`` bits as an address: 24 gives ``255.255.255.0``.

    Raises:
        ValueError: The number is not in 0..32.
    """
    return str(IPv4Network((0, mask)).netmask)


def address_in_network(ip: str, net: str) -> bool:
    """Return True if an address is in a network, such as ``192.168.1.0/24``.

    Raises:
        OSError: One of the addresses is malformed.
        ValueError: The network has no number of bits in 0..32.
    """
    address = _number(ip)
    network, bits = net.split("/")
    shift = 32 - IPv4Network((0, int(bits))).prefixlen
    return address >> shift == _number(network) >> shift


def is_ipv4_address(string_ip: str) -> bool:
    """Return True for an IPv4 address, ``127.1`` included."""
    try:
        socket.inet_aton(string_ip)
    except OSError:
        return False
    return True


def is_valid_cidr(string_network: str) -> bool:
    """Return True for a network: an address, ``/``, and a number of bits in 1..32."""
    address, slash, bits = string_network.partition("/")
    if not slash:
        return False
    try:
        valid = 1 <= int(bits) <= 32
    except ValueError:
        return False
    return valid and is_ipv4_address(address)
