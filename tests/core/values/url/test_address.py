"""Addresses that nothing may be sent to: in whatever disguise, and no others."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.values.url.address import PRIVATE_NETWORKS, refused

TEN = (ipaddress.ip_network("10.0.0.0/8"),)
LOOPBACK_6 = (ipaddress.ip_network("::1/128"),)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:2::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "fe80::1%eth0",
        "fe80::1%",
        "fe80::1%25",
        "fec0::1",
        "ff02::1",
    ],
)
def test_private_addresses(address: str) -> None:
    assert refused(address, PRIVATE_NETWORKS)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2000::1",
        "2001:200::1",
        "2606:4700::1111",
        "2a00::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_global_addresses(address: str) -> None:
    assert not refused(address, PRIVATE_NETWORKS)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("::ffff:a01:203", True),
        ("::ffff:a01:203%eth0", True),
        ("2002:a01:203::", True),
        ("2002:a01:203:ffff::1", True),
        ("64:ff9b::10.1.2.3", True),
        ("64:ff9b::a01:203", True),
        ("11.1.2.3", False),
        ("::ffff:11.1.2.3", False),
        ("2002:b01:203::a01:203", False),
        ("64:ff9b::b01:203", False),
        ("64:ff9b::1:a01:203", False),
        ("::1:a01:203", False),
    ],
)
def test_an_address_is_refused_for_the_one_that_it_stands_for(address: str, expected: bool) -> None:
    """RFC 4291 section 2.5.5.2, RFC 3056 section 2, RFC 6052 section 2.1."""
    assert refused(address, TEN) is expected


@pytest.mark.parametrize("network", ["2002::/16", "64:ff9b::/96", "::ffff:0:0/96"])
def test_a_disguise_may_be_refused_as_such(network: str) -> None:
    networks = (ipaddress.ip_network(network),)
    assert refused(str(networks[0][1]), networks)
    assert not refused("8.8.8.8", networks)


@pytest.mark.parametrize("address", ["127.0.0.1", "::2", "a.test", ""])
def test_one_family_says_nothing_of_the_other(address: str) -> None:
    assert not refused(address, LOOPBACK_6)


@pytest.mark.parametrize("text", ["a.test", "", "10.1", "10.0.0.01", "[::1]", "%eth0", "/run/x"])
def test_what_is_no_address_is_answered_as_the_caller_says(text: str) -> None:
    assert not refused(text, TEN)
    assert refused(text, TEN, unread=True)


def test_nothing_is_refused_by_nothing() -> None:
    assert not refused("127.0.0.1", ())


@given(st.ip_addresses())
def test_what_the_standard_library_knows_as_private_is_refused(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    # What stands for an IPv4 address is as private as that one; versions differ on it.
    stands_for = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if stands_for is None and (
        address.is_private
        or address.is_multicast
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
    ):
        assert refused(str(address), PRIVATE_NETWORKS)


@given(st.ip_addresses(v=4))
def test_the_disguises_of_an_address_are_refused_with_it(address: ipaddress.IPv4Address) -> None:
    octets = f"{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"
    expected = refused(str(address), PRIVATE_NETWORKS)
    for disguised in (f"::ffff:{octets}", f"64:ff9b::{octets}", f"2002:{octets}::1"):
        assert refused(disguised, PRIVATE_NETWORKS) is expected
