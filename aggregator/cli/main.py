"""The command `aggregator`: its options, its commands, and how errors become messages and exit codes."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path

import click

from aggregator import __version__
from aggregator.cli.app import App
from aggregator.model.errors import AggregatorError, ConfigError

# Command → the module that has it. Imported when asked for: `--help` and `sql` start in a fraction of `run`'s time.
_COMMANDS = {
    "run": ("aggregator.cli.run", "run"),
    "poll": ("aggregator.cli.run", "poll"),
    "demo": ("aggregator.cli.demo.command", "demo"),
    "sources": ("aggregator.cli.query", "sources"),
    "posts": ("aggregator.cli.query", "posts"),
    "stories": ("aggregator.cli.query", "stories"),
    "story": ("aggregator.cli.story", "story"),
    "brief": ("aggregator.cli.brief", "brief"),
    "agenda": ("aggregator.cli.agenda", "agenda"),
    "post": ("aggregator.cli.post", "post"),
    "topics": ("aggregator.cli.topics", "topics"),
    "explain": ("aggregator.cli.explain", "explain"),
    "search": ("aggregator.cli.query", "search"),
    "sql": ("aggregator.cli.query", "sql"),
    "rebuild": ("aggregator.cli.rebuild", "rebuild"),
    "publish": ("aggregator.cli.publish", "publish"),
    "add": ("aggregator.cli.add", "add"),
    "opml": ("aggregator.cli.add", "opml"),
    "check": ("aggregator.cli.check", "check"),
    "forget": ("aggregator.cli.check", "forget"),
    "config": ("aggregator.cli.config", "config"),
    "health": ("aggregator.cli.health", "health"),
    "serve": ("aggregator.cli.serve", "serve"),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        if args and args[0] not in _COMMANDS and (near := get_close_matches(args[0], _COMMANDS, n=1)):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Configuration to use; else $AGGREGATOR_CONFIG, else config/aggregator.toml.",
)
@click.option(
    "--database", type=click.Path(path_type=Path), metavar="FILE", help="Database to use instead of the configured one."
)
@click.version_option(__version__, prog_name="aggregator")
@click.pass_context
def cli(ctx: click.Context, config_file: Path | None, database: Path | None) -> None:
    """Feeds, Mastodon hashtags and accounts in, one queryable SQLite file out.

    Exit status: 0 done; 1 failed; 2 wrong configuration or usage; 3 the database can't be used; 4 another process is
    writing to it; 5 what was asked for is not there; 6 the site can't be built.
    """
    ctx.obj = App(config_file, database)


def main() -> None:
    """Entry point of the console script."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  # for the rest of the process
    collect_rarely()
    code = _run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # the reader of a pipe has gone
            code = code or 1
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        # A thread hangs in a request or in name resolution. It can't be cancelled, and the interpreter would
        # wait for it; everything worth keeping is committed.
        os._exit(code)
    _hear_no_more()
    sys.exit(code)


def _hear_no_more() -> None:
    """Whoever was told to stop has; a second signal from now on changes nothing, the exit status neither.

    While the interpreter winds up it gives signals their defaults back, but for those that are ignored.
    """
    if callable(signal.getsignal(signal.SIGTERM)):  # `Signals` was left after a stop
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)


def _run() -> int:
    try:
        result = cli.main(standalone_mode=False)
    except ConfigError as error:
        click.echo(str(error), err=True)  # file:line: at the start of each, as editors expect
        return error.exit_code
    except AggregatorError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except click.exceptions.Abort:
        click.echo("aborted", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"error: the output can't be written: {error.strerror}", err=True)
        return 1
    return result if isinstance(result, int) else 0


# Posts and stories are hundreds of thousands of objects without cycles. Python's own 700, 10, 10 has them gone through
# again and again: a fifth of what deciding costs, and half as much again while the index of the stories is loaded.
_THRESHOLDS = (10_000, 50, 100)


def collect_rarely() -> None:
    """Look for cycles ten times as rarely as Python does by itself. For the whole process."""
    gc.set_threshold(*_THRESHOLDS)
