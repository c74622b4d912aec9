"""Which addresses may be connected to. Checked on the address itself, after name resolution, at every hop."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

# RFC 6052: IPv6 addresses that a gateway turns into the IPv4 address in their last 32 bits. Where it stands in those
# of RFC 8215 (64:ff9b:1::/48) is each network's own business: they are refused.
_NAT64 = IPv6Network("64:ff9b::/96")
# RFC 4291 §2.4: what is assigned as global unicast. `ipaddress` takes much of the rest for global too, the outdated
# ways to write an IPv4 address among it (::127.0.0.1, ::ffff:0:127.0.0.1).
_GLOBAL = IPv6Network("2000::/3")
# RFC 9637, newer than what `ipaddress` knows: for documentation.
_DOCUMENTATION = IPv6Network("3fff::/20")

Networks = Iterable[IPv4Network | IPv6Network]


def refusal(address: str, allow_private: Networks = ()) -> str | None:
    """Why an IP address must not be connected to, in words; None if it may.

    `address` is as the system gives it to a socket (a scope after % is passed over). Only addresses of the public
    internet may be connected to, and those of `allow_private`.
    """
    try:
        found = _unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return f"{address!r} is no IP address"
    if any(found in network for network in allow_private if network.version == found.version):
        return None
    if found.is_global and not found.is_multicast and not _is_odd(found):
        return None
    suggestion = ip_network(found)
    return (
        f"{address} is not an address of the public internet; "
        f'allow it with [network] allow_private = ["{suggestion}"] if you trust it'
    )


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address.sixtofour:
            return address.sixtofour
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_odd(address: IPv4Address | IPv6Address) -> bool:
    return isinstance(address, IPv6Address) and (address not in _GLOBAL or address in _DOCUMENTATION)
