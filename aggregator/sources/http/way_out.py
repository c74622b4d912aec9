"""Has this machine any way to the internet? Asked of its own routes: nothing is sent."""

from __future__ import annotations

import errno
import socket

# Addresses that everybody has a way to who has one at all: those of a root name server, which stay as they are. A
# datagram socket that is connected only has its way looked up.
_ANYWHERE = ((socket.AF_INET, "198.41.0.4"), (socket.AF_INET6, "2001:503:ba3e::2:30"))

# What the system says where there is no way. Anything else says nothing: a sandbox, a rule of a firewall.
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


def has_way_out() -> bool:
    """False where the machine has no network but itself, or only one that leads nowhere. Takes microseconds.

    True says little: a cable may be cut behind the next router.
    """
    return any(_leads_to(family, address) for family, address in _ANYWHERE)


def _leads_to(family: int, address: str) -> bool:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((address, 53))
    except OSError as error:
        return error.errno not in _NO_WAY
    return True
