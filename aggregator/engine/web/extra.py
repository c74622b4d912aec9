"""The optional extra `http`: is it there? Imports starlette and uvicorn when a server is asked for, no sooner."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aggregator.engine.web.listen import Listen
from aggregator.model.errors import AggregatorError
from aggregator.model.settings import Config

if TYPE_CHECKING:
    from aggregator.engine.web.server import WebServer

_NEEDED = frozenset({"starlette", "uvicorn", "h11", "anyio"})
MISSING = "the web server needs the extra `http` (starlette, uvicorn), which is not installed; see docs/operations.md"


def web_server(listen: Listen, config: Callable[[], Config]) -> WebServer:
    """The server that will listen there. `config` gives the configuration that is in force.

    Raises:
        AggregatorError: the extra is not installed.
    """
    try:
        from aggregator.engine.web.server import WebServer
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _NEEDED:
            raise
        raise AggregatorError(MISSING) from error
    return WebServer(listen, config)
