"""IPv4 addresses: ``requests.utils`` and ours say the same of them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
import requests.utils as theirs
from hypothesis import given
from hypothesis import strategies as st

from sojourn.compat import utils as ours

from .sides import outcome

ADDRESSES = [
    *["1.2.3.4", "127.1", "0x7f.1", "1", "010.0.0.1", "255.255.255.255", "0.0.0.0", "10.0.0.0"],
    *["300.1.1.1", "1.2.3.4.5", "", "a", "::1", "localhost"],
]
BITS = ["", "/", "/0", "/1", "/8", "/24", "/32", "/33", "/a", "/ 8", "/8/8", "/255.0.0.0", "/24 "]


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses(address: str) -> None:
    assert ours.is_ipv4_address(address) is theirs.is_ipv4_address(address)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("bits", [*BITS, "/-1"])
def test_networks(address: str, bits: str) -> None:
    assert ours.is_valid_cidr(address + bits) is theirs.is_valid_cidr(address + bits)


@pytest.mark.parametrize("network", ["1.2.3.0", "127.1", "x"])
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("address", ["1.2.3.4", "127.0.0.1", "0x7f.1"])
def test_an_address_in_a_network(address: str, network: str, bits: str) -> None:
    told = outcome(ours.address_in_network, address, network + bits)
    assert told == outcome(theirs.address_in_network, address, network + bits)


@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(0, 32))
def test_any_address_in_any_network(address: IPv4Address, start: IPv4Address, bits: int) -> None:
    expected = address in IPv4Network((start, bits), strict=False)
    assert ours.address_in_network(str(address), f"{start}/{bits}") is expected


@pytest.mark.parametrize("bits", range(34))
def test_masks(bits: int) -> None:
    assert outcome(ours.dotted_netmask, bits) == outcome(theirs.dotted_netmask, bits)
