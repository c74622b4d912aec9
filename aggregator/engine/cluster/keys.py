"""Certificate and key of `[cluster]`: can they be used, and if not, which file is it and why, in words."""

from __future__ import annotations

import ssl
from pathlib import Path

from aggregator.model.machines.cluster import Cluster


def key_trouble(cluster: Cluster) -> str | None:
    """What is wrong with the files as they are now, before anybody is asked; None: nothing, or there are none."""
    files = {"ca_file": cluster.ca_file, "cert_file": cluster.cert_file, "key_file": cluster.key_file}
    for name, file in files.items():
        if file and (why := _unreadable(file)):
            return f"`{name}` {file} can't be read: {why}"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if cluster.ca_file:
        try:
            context.load_verify_locations(cluster.ca_file)
        except ssl.SSLError:
            return f"`ca_file` {cluster.ca_file} has no certificate in PEM"
    if cluster.cert_file and cluster.key_file:
        try:
            # Without a password it would be asked for on the terminal.
            context.load_cert_chain(cluster.cert_file, cluster.key_file, password=lambda: "")
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                return f"`key_file` {cluster.key_file} is not the key of `cert_file` {cluster.cert_file}"
            return (
                f"`cert_file` {cluster.cert_file} and `key_file` {cluster.key_file} are no certificate and key in PEM"
            )
    return None


def _unreadable(file: Path) -> str | None:
    try:
        file.open("rb").close()
    except OSError as error:
        return error.strerror or type(error).__name__
    return None
