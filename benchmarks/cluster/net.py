"""Machines as network namespaces on one bridge: each process has addresses of its own, and links that can be cut."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "agc-"
_BRIDGE = "agc0"
_NETWORK = "10.77.0."


def can_have() -> bool:
    """Can there be namespaces here? It takes root and the program `ip`."""
    return (
        os.geteuid() == 0 and not subprocess.run(["ip", "netns", "list"], capture_output=True, check=False).returncode
    )


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Net:
    """Machines by name. `address`: that of one."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)

    def address(self, name: str) -> str:
        """Its IP address."""
        return f"{_NETWORK}{self.names.index(name) + 2}"

    def command(self, name: str, words: Sequence[str]) -> list[str]:
        """What runs these words on that machine, as the same process."""
        return ["ip", "netns", "exec", _PREFIX + name, *words]

    def cut(self, name: str, *, is_cut: bool) -> None:
        """Its link is cut, or mended: nothing is refused, nothing arrives."""
        _ip("link", "set", f"agv-{name}"[:15], "down" if is_cut else "up")


@contextmanager
def machines(names: Sequence[str], hosts: Sequence[str], web: str) -> Iterator[Net]:
    """So many machines; `hosts` are names that lead to the machine `web`."""
    net = Net(names)
    known = "".join(f"{net.address(web)} {host}\n" for host in hosts)
    try:
        _ip("link", "add", _BRIDGE, "type", "bridge")
        _ip("link", "set", _BRIDGE, "up")
        for name in names:
            space, ours, theirs = _PREFIX + name, f"agv-{name}"[:15], f"agn-{name}"[:15]
            _ip("netns", "add", space)
            _ip("link", "add", ours, "type", "veth", "peer", "name", theirs)
            _ip("link", "set", theirs, "netns", space)
            _ip("link", "set", ours, "master", _BRIDGE, "up")
            _ip("-n", space, "addr", "add", f"{net.address(name)}/24", "dev", theirs)
            _ip("-n", space, "link", "set", theirs, "up")
            _ip("-n", space, "link", "set", "lo", "up")
            _ip("-n", space, "route", "add", "default", "via", f"{_NETWORK}1")
            folder = Path("/etc/netns") / space
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "hosts").write_text(f"127.0.0.1 localhost\n{known}", "utf-8")
        yield net
    finally:
        for name in names:
            subprocess.run(["ip", "link", "del", f"agv-{name}"[:15]], capture_output=True, check=False)
            subprocess.run(["ip", "netns", "del", _PREFIX + name], capture_output=True, check=False)
            (Path("/etc/netns") / (_PREFIX + name) / "hosts").unlink(missing_ok=True)
        subprocess.run(["ip", "link", "del", _BRIDGE], capture_output=True, check=False)
