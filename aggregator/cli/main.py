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
from aggregator.model.errors import AggregatorError, ConfigError, StorageError

# Command → the module that has it, its name there, and the first sentence of its help. It is imported when it is asked
# for: `--help` imports none.
_COMMANDS = {
    "run": ("aggregator.cli.run", "run", "Run the daemon: poll what is due, until SIGTERM or Ctrl-C."),
    "poll": (
        "aggregator.cli.run",
        "poll",
        "Poll once, now: all sources, or those named by id, or by part of their title or address.",
    ),
    "demo": (
        "aggregator.cli.demo.command",
        "demo",
        "Poll sample feeds and a sample Mastodon server, both on this machine, into a database to look into.",
    ),
    "init": (
        "aggregator.cli.subscriptions.init",
        "init",
        "Write a configuration of your own, from three answers or from options.",
    ),
    "sources": (
        "aggregator.cli.reading.query",
        "sources",
        "Every source: is it well, what is wrong, when it is asked next, what it brought.",
    ),
    "posts": ("aggregator.cli.reading.query", "posts", "The latest posts, copies left out."),
    "stories": (
        "aggregator.cli.reading.query",
        "stories",
        "The latest stories; with STORY (an id or slug), all that is known of that one.",
    ),
    "new": (
        "aggregator.cli.reading.new",
        "new",
        "What came since the last time: new stories, and stories that grew, with when they began.",
    ),
    "story": (
        "aggregator.cli.reading.story",
        "story",
        "One story (`aggregator story ID`), or what an editor does to it.",
    ),
    "brief": (
        "aggregator.cli.reading.brief",
        "brief",
        "Show the brief of STORY (an id or slug), stored or made at once; asks and stores nothing by itself.",
    ),
    "agenda": (
        "aggregator.cli.reading.agenda",
        "agenda",
        "What is to come, as the briefs of stories name it, the soonest first.",
    ),
    "post": ("aggregator.cli.editing.post", "post", "What an editor does to a post."),
    "topics": (
        "aggregator.cli.reading.topics",
        "topics",
        "The topics that posts have, with how many posts and stories, and how many posts a day in the last two weeks.",
    ),
    "explain": (
        "aggregator.cli.reading.explain",
        "explain",
        "Why POST (an id or an address) has its topics and not others, is a copy, is in its story, or was kept out.",
    ),
    "changes": (
        "aggregator.cli.reading.changes",
        "changes",
        "What happened to posts and stories, the oldest first: rows of the view `changes_detail`.",
    ),
    "search": (
        "aggregator.cli.reading.query",
        "search",
        "Posts that contain all WORDS, newest first; without words the latest.",
    ),
    "sql": ("aggregator.cli.reading.query", "sql", 'The answer to a SQL QUERY; "-" reads it from standard input.'),
    "rebuild": (
        "aggregator.cli.rebuild",
        "rebuild",
        "Work out WHAT again from the stored posts, after the rules or the program changed.",
    ),
    "backup": (
        "aggregator.cli.upkeep.backup",
        "backup",
        "Write a whole, checked copy of the database into FOLDER, or where [storage] backup says.",
    ),
    "restore": (
        "aggregator.cli.upkeep.backup",
        "restore",
        "Put a copy of FILE, a backup or a snapshot, in the database's place; the file that was there is kept.",
    ),
    "prune": (
        "aggregator.cli.upkeep.prune",
        "prune",
        "Take away what is older than [storage] keep, and the oldest where the file is larger than max_size.",
    ),
    "publish": (
        "aggregator.cli.publish",
        "publish",
        "Build the site from what is in the database: pages for readers and feeds of every selection, as plain files.",
    ),
    "add": (
        "aggregator.cli.subscriptions.add",
        "add",
        "Find the feeds of a site and write one into the configuration file.",
    ),
    "opml": (
        "aggregator.cli.subscriptions.opml",
        "opml",
        "Take over subscriptions from another reader, or hand them over.",
    ),
    "check": (
        "aggregator.cli.subscriptions.check",
        "check",
        "Ask every source, or those named, and say in words what it would get.",
    ),
    "forget": (
        "aggregator.cli.editing.forget",
        "forget",
        "Empty every post of an author, or the one at an address, as if they had been deleted; no way back.",
    ),
    "notify": (
        "aggregator.cli.telling.notify",
        "notify",
        "Who is told when something happens, and what waits for them.",
    ),
    "config": ("aggregator.cli.config", "config", "Check the configuration, or print its schema."),
    "doctor": (
        "aggregator.cli.doctor.command",
        "doctor",
        "Look for what is wrong: the file, the machine, the configuration; with what to do about each.",
    ),
    "health": (
        "aggregator.cli.health",
        "health",
        "Exit status 0 if a daemon is at work on the database and its polls end, or it upgrades the file; else 1.",
    ),
    "mcp": (
        "aggregator.cli.assistant",
        "mcp",
        "Let an assistant ask: tools, resources and prompts over the Model Context Protocol.",
    ),
    "serve": ("aggregator.cli.serve", "serve", "Serve the site and search over HTTP until Ctrl-C."),
}


class _Listing(click.Group):
    """Commands in the order of their table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _Listing(commands=[click.Command(name, help=told) for name, (_, _, told) in _COMMANDS.items()]).format_commands(
            ctx, formatter
        )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from aggregator.text.typed.nearest import nearest

        if args and args[0] not in _COMMANDS and (near := nearest(args[0], _COMMANDS)):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near!r}?")
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Configuration to use; else $AGGREGATOR_CONFIG, else aggregator.toml, else config/aggregator.toml.",
)
@click.option(
    "--database",
    type=click.Path(path_type=Path, readable=False),  # whoever opens it says what is wrong, and what to do
    metavar="FILE",
    help="Database to use instead of the configured one.",
)
@click.version_option(__version__, prog_name="aggregator")
@click.pass_context
def cli(ctx: click.Context, config_file: Path | None, database: Path | None) -> None:
    """Feeds, Mastodon hashtags and accounts in, one queryable SQLite file out.

    Exit status: 0 done; 1 failed; 2 wrong configuration or usage; 3 the database can't be used; 4 another process is
    writing to it; 5 what was asked for is not there; 6 the site can't be built.
    """
    ctx.obj = App(config_file, database)


_STANDARD_ERROR = 2


def main() -> None:
    """Entry point of the console script."""
    _end_by_sigterm()
    # What the caller closed (`>&-`): else the first file that is opened gets its number, and is written to as a log.
    while (number := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        os.set_inheritable(number, True)
    os.close(number)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  # for the rest of the process
    if sys.stdout.isatty() or sys.stderr.isatty():
        from aggregator.cli.guard import guard_terminals

        guard_terminals()
    if os.environ.get("COLUMNS", "").strip() in ("", "0"):  # a terminal that does not know
        os.environ.pop("COLUMNS", None)
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
    # The interpreter looks for cycles while it winds up: 50 ms after a poll, for memory that is given back anyway.
    gc.freeze()
    sys.exit(code)


def _end_by_sigterm() -> None:
    """Process 1, as a container's is, gets no signal that it has no handler for: a stop before the daemon listens, or
    of a command that never does, would be lost, and the process be killed ten seconds later. The image has SIGTERM
    wait until here."""
    if os.getpid() == 1:
        signal.signal(signal.SIGTERM, lambda number, _: os._exit(128 + number))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


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
    except Exception as error:
        from aggregator.storage.file.damage import damage_in_words

        if (words := damage_in_words(error)) is None:
            raise  # a bug
        click.echo(f"error: {words}", err=True)
        return StorageError.exit_code
    return result if isinstance(result, int) else 0


# Posts and stories are hundreds of thousands of objects without cycles. Python's own 700, 10, 10 has them gone through
# again and again: a fifth of what deciding costs, and half as much again while the index of the stories is loaded.
_THRESHOLDS = (10_000, 50, 100)


def collect_rarely() -> None:
    """Look for cycles ten times as rarely as Python does by itself. For the whole process."""
    gc.set_threshold(*_THRESHOLDS)
