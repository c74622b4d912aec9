"""The optional extra `http`: is it there? Imports starlette and uvicorn when a server is asked for, no sooner."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from aggregator.config.extras.missing import needed
from aggregator.engine.metrics.meters import Meters
from aggregator.engine.web.listen import Listen, listen_at
from aggregator.model.errors import AggregatorError
from aggregator.model.settings import Config

if TYPE_CHECKING:
    from aggregator.engine.web.server import WebServer


def daemons_server(listen: str, config: Callable[[], Config], meters: Meters) -> WebServer | None:
    """The daemon's server; None where there can be none, which is said: it is no reason to poll nothing."""
    try:
        return web_server(listen_at(listen), config, meters)
    except (AggregatorError, ValueError) as error:
        structlog.get_logger("daemon").error("there is no web server", error=str(error))
        return None


def web_server(listen: Listen, config: Callable[[], Config], meters: Meters | None = None) -> WebServer:
    """The server that will listen there. `config` gives the configuration that is in force; `meters` what the daemon
    counts, where the server is its own.

    Raises:
        AggregatorError: the extra is not installed.
    """
    with needed("http", "the web server"):
        from aggregator.engine.web.server import WebServer
    return WebServer(listen, config, meters)
