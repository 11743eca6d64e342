"""Networks that nothing may be sent to, and IPv6 addresses that lead into them.

A name does not tell where it leads, and neither does the look of an address: packets to some IPv6
addresses end up at an IPv4 address. Both addresses are compared with the networks.
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Network: TypeAlias = IPv4Network | IPv6Network

# Well-known prefix of translators from IPv6 to IPv4 (RFC 6052 section 2.1): the last 32 bits are
# the IPv4 address.
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")

# The machine itself.
LOOPBACK_NETWORKS: Final[tuple[Network, ...]] = (
    IPv4Network("127.0.0.0/8"),  # RFC 1122
    IPv6Network("::1/128"),  # RFC 4291
)

# Networks that are not globally reachable by the registries of special-purpose addresses (RFC 6890,
# as IANA keeps them), and those of no single host: multicast, unspecified, reserved. Blocks that
# have a few global addresses in them are refused as a whole: none of these serves HTTP.
PRIVATE_NETWORKS: Final[tuple[Network, ...]] = (
    IPv4Network("0.0.0.0/8"),  # this network (RFC 791); Linux takes 0.0.0.0 for the loopback
    IPv4Network("10.0.0.0/8"),  # private use (RFC 1918)
    IPv4Network("100.64.0.0/10"),  # shared by carriers (RFC 6598)
    IPv4Network("127.0.0.0/8"),  # loopback (RFC 1122)
    IPv4Network("169.254.0.0/16"),  # link-local (RFC 3927); metadata services of clouds
    IPv4Network("172.16.0.0/12"),  # private use (RFC 1918)
    IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890)
    IPv4Network("192.0.2.0/24"),  # documentation (RFC 5737)
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, deprecated (RFC 7526)
    IPv4Network("192.168.0.0/16"),  # private use (RFC 1918)
    IPv4Network("198.18.0.0/15"),  # benchmarking (RFC 2544)
    IPv4Network("198.51.100.0/24"),  # documentation (RFC 5737)
    IPv4Network("203.0.113.0/24"),  # documentation (RFC 5737)
    IPv4Network("224.0.0.0/4"),  # multicast (RFC 5771)
    IPv4Network("240.0.0.0/4"),  # reserved (RFC 1112), and the limited broadcast address
    IPv6Network("::/96"),  # unspecified, loopback, and the deprecated way to embed (RFC 4291)
    IPv6Network("64:ff9b:1::/48"),  # translation of local use (RFC 8215)
    IPv6Network("100::/64"),  # discard only (RFC 6666)
    IPv6Network("100:0:0:1::/64"),  # dummy prefix (RFC 9780)
    IPv6Network("2001::/23"),  # protocol assignments (RFC 2928), Teredo among them
    IPv6Network("2001:db8::/32"),  # documentation (RFC 3849)
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
    IPv6Network("5f00::/16"),  # segment routing (RFC 9602)
    IPv6Network("fc00::/7"),  # unique local (RFC 4193)
    IPv6Network("fe80::/10"),  # link-local (RFC 4291)
    IPv6Network("fec0::/10"),  # site-local, deprecated (RFC 3879)
    IPv6Network("ff00::/8"),  # multicast (RFC 4291)
)


def refused(address: str, networks: Iterable[Network], *, unread: bool = False) -> bool:
    """Tell whether an address lies in one of these networks, by itself or by what it stands for.

    Args:
        address: A numeric address, its zone included if it has one, without brackets.
        networks: The networks that are refused.
        unread: The answer for text that is no address. A name lies in no network, but an address
            that cannot be read must not be connected to.
    """
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return unread
    faces = [read, *_embedded(read)]
    return any(face in network for network in networks for face in faces)


def _embedded(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """List the IPv4 addresses that an IPv6 address stands for: mapped, 6to4 or translated."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour]
    if address in _TRANSLATED:
        found.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return [each for each in found if each is not None]
