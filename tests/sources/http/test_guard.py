"""Which addresses may be connected to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources.http.guard import refusal


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "193.0.6.139", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses_are_open(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "::7f00:1", "::a9fe:a9fe", "::ffff:0:7f00:1", "fec0::1", "5f00::1", "3fff::1",
        "2001:0:7f00:1::", "ff0e::1", "64:ff9b:1::808:808",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
    ],
)  # fmt: skip
def test_others_are_not(address: str) -> None:
    why = refusal(address)
    assert why is not None
    assert why.startswith(f"{address} is not an address of the public internet; allow it with [network] allow_private")


@pytest.mark.parametrize("address", ["", "localhost", "127.1", "0x7f000001", "2130706433", "/run/x.sock", "1.2.3.4.5"])
def test_what_is_no_address_is_not_either(address: str) -> None:
    assert refusal(address) == f"{address!r} is no IP address"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("fd00::1", True),
        ("fd01::1", False),
        ("::1", False),
        ("192.168.1.1", False),
        ("8.8.8.8", True),
    ],
)
def test_some_may_be_allowed(address: str, allowed: bool) -> None:
    networks = [ip_network("127.0.0.0/8"), ip_network("10.1.0.0/16"), ip_network("fd00::/16")]
    assert (refusal(address, networks) is None) == allowed


@pytest.mark.parametrize("address", ["10.0.0.1", "::1", "::ffff:192.168.1.1"])
def test_what_a_refusal_suggests_helps(address: str) -> None:
    why = refusal(address) or ""
    suggested = why.partition('["')[2].partition('"]')[0]
    assert refusal(address, [ip_network(suggested)]) is None


@given(st.ip_addresses(v=4))
def test_an_address_is_the_same_however_it_is_wrapped(address: IPv4Address) -> None:
    is_open = address.is_global and not address.is_multicast
    number = int(address)
    nat64, six_to_four = IPv6Address((0x64FF9B << 96) | number), IPv6Address((0x2002 << 112) | number << 80)
    for each in (str(address), f"::ffff:{address}", str(nat64), str(six_to_four)):
        assert (refusal(each) is None) == is_open
    # Ways to write it that nobody routes, and that some systems take for the address itself.
    assert refusal(str(IPv6Address(number))) is not None
    assert refusal(str(IPv6Address((0xFFFF << 32 << 16) | number))) is not None


@given(st.ip_addresses(v=6))
def test_nothing_outside_the_public_internet_is_open(address: IPv6Address) -> None:
    if refusal(str(address)) is None:
        assert address.is_global and not address.is_multicast
