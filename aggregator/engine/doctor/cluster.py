"""Where other machines are to collect: can the files of `[cluster]` be used, and does the scheduler answer?"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aggregator.engine.cluster.keys import key_trouble
from aggregator.engine.doctor.subject import Subject
from aggregator.model.finding import Finding, note, trouble, well
from aggregator.model.machines.cluster import Cluster

_SECONDS = 5.0
_SOON = timedelta(days=30)


def check_cluster(subject: Subject) -> Iterator[Finding]:
    """Nothing where none is asked for. How many workers there are the daemon knows: its log and metrics say it."""
    if subject.config is None:
        yield note("cluster", "without a configuration nobody knows whether one is asked for")
        return
    cluster = subject.config.cluster
    if cluster.scheduler is None:
        yield well("cluster", "none is asked for: this machine collects all")
        return
    if why := key_trouble(cluster):
        yield trouble("cluster", why, "", "Put it right; until then the daemon collects all by itself.")
        return
    try:
        ends = _asked(cluster.scheduler, cluster)
    except OSError as error:  # of ssl as well
        remedy = (
            "Start it, and see that certificates are of one authority; until then the daemon collects all by itself."
        )
        yield trouble("cluster", f"the scheduler does not answer: {error}", cluster.scheduler, remedy)
        return
    if ends and ends - subject.now < _SOON:
        remedy = "cluster/certificates makes new ones; then start scheduler, workers and daemon anew."
        yield note("cluster", f"the scheduler's certificate ends on {ends:%Y-%m-%d}", cluster.scheduler, remedy)
    else:
        yield well(
            "cluster", "the scheduler answers; the daemon's log says how many workers collect", cluster.scheduler
        )


def _asked(address: str, cluster: Cluster) -> datetime | None:
    """Until when the scheduler's certificate is good; None without TLS. Raises OSError where it does not greet us."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), _SECONDS) as plain:
        if parts.scheme != "tls":
            _greeted(plain)
            return None
        context = ssl.create_default_context(cafile=cluster.ca_file)
        # As Dask does: certificates of the authority are good by whatever name, and however they were made.
        context.check_hostname = False
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if cluster.cert_file:
            context.load_cert_chain(cluster.cert_file, cluster.key_file)
        with context.wrap_socket(plain) as secured:
            _greeted(secured)  # only then it has looked at our certificate
            ends = (secured.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else None


def _greeted(connection: socket.socket) -> None:
    if not connection.recv(1):
        raise ConnectionResetError("it hung up")
