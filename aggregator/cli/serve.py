"""`aggregator serve`: the site, search, health, metrics and changes over HTTP, beside a daemon or alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.engine import log
from aggregator.engine.signals import Signals
from aggregator.engine.web.extra import web_server
from aggregator.engine.web.listen import Listen, listen_at
from aggregator.model.errors import StorageError
from aggregator.model.settings import Config

_USUAL = "127.0.0.1:8000"


@click.command()
@click.option("--listen", metavar="HOST:PORT", help=f"Where to listen; else [http] listen, else {_USUAL}.")
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="FOLDER",
    help="The folder of the site; else [publish] path.",
)
@pass_app
def serve(app: App, listen: str | None, site: Path | None) -> None:
    """Serve the site and search over HTTP until Ctrl-C. The database is only read; a daemon may run meanwhile."""
    with Signals() as signals:
        config = app.config()
        log.configure(replace(config.log, level="warning") if config.log.level == "info" else config.log)
        if site is not None:
            config = replace(config, publish=replace(config.publish, path=site))
        try:
            at = listen_at(listen or config.http.listen or _USUAL)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--listen") from error
        run_loop(_serve(config, at, signals, app))


def _tell_damage(app: App) -> None:
    """Why search and health will have nothing to say, where that is so already: pages are served all the same."""
    if not app.database_path().exists():
        return  # it may come yet
    try:
        app.reader().conn.close()
    except StorageError as error:
        click.echo(str(error), err=True)


async def _serve(config: Config, at: Listen, signals: Signals, app: App) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals.listen(lambda: loop.call_soon_threadsafe(stop.set))
    await web_server(at, lambda: config).run_once(stop, lambda at: _tell(at, app))


def _tell(at: Listen, app: App) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(at.host, at.host)
    click.echo(f"serving http://{Listen(host, at.port)}/ (Ctrl-C ends)", err=True)
    _tell_damage(app)
