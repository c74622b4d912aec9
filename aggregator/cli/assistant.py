"""`aggregator mcp`: an assistant asks the database, over the Model Context Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app
from aggregator.engine.signals import Signals

if TYPE_CHECKING:
    from aggregator.engine.web.listen import Listen


@click.command()
@click.option(
    "--listen", metavar="HOST:PORT", help="Answer over HTTP there, at /mcp; else on standard input and output."
)
@pass_app
def mcp(app: App, listen: str | None) -> None:
    """Let an assistant ask: tools, resources and prompts over the Model Context Protocol. It reads only."""
    import asyncio

    from aggregator.config.extras.missing import needed

    with needed("mcp"):
        from aggregator.engine.assistant import serving
    from aggregator.engine.web.listen import listen_at

    database = app.path_to_read()
    app.reader().conn.close()  # what is wrong with it is said now, and not to a program that can't read it
    if listen is None:
        # A loop that was told to stop would wait for the thread that reads standard input, for ever. With nobody who
        # listens the process ends at once.
        with Signals():
            asyncio.run(serving.serve_standard_streams(database))
        return
    try:
        at = listen_at(listen)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from error
    config = app.config_for_reading()
    token = config.http.token if config else None
    with Signals() as signals:
        asyncio.run(serving.serve_http(database, at, token, signals, _tell))


def _tell(where: Listen) -> None:
    click.echo(f"http://{where}/mcp (Ctrl-C ends)", err=True)
