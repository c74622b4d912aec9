"""What every command shares: the configuration, read once; the loop; how the program ends."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    # What a command needs of them it imports when it is run: `--version` and `--help` need none.
    import asyncio
    from collections.abc import Coroutine

    from aggregator.model.errors import ConfigError
    from aggregator.model.settings import Config
    from aggregator.storage.queries import Reader

_T = TypeVar("_T")

_NAME_THREADS = 64

# What is cancelled ends at once, or never.
_END_SECONDS = 0.5


class App:
    """The options that stand before the command. The configuration is read when a command needs it."""

    def __init__(self, config_file: Path | None = None, database: Path | None = None) -> None:
        self.config_file, self.database = config_file, database
        self._config: Config | None = None
        self._read_from: Path | None = None

    def config(self) -> Config:
        """The configuration, the flags applied.

        Raises:
            ConfigError: it is wrong; lists every mistake.
        """
        if self._config is None:
            self._config = self.load_config()
        return self._config

    def load_config(self) -> Config:
        """The configuration, read anew."""
        # Here, because it imports pydantic: a tenth of a second that `--help` need not spend.
        from aggregator.config import load_config

        # The flag goes in as the variable that it beats, so that what is checked is what is used.
        flags = {"AGGREGATOR_DATABASE": str(self.database)} if self.database else {}
        return load_config(self.config_file, {**os.environ, **flags})

    def config_for_reading(self) -> Config | None:
        """The configuration for a command that only reads; None where it is wrong, which is said on standard error.

        Raises:
            ConfigError: it is wrong, and it can't be told where the database is either.
        """
        from aggregator.model.errors import ConfigError

        try:
            return self.config()
        except ConfigError as error:
            if self._read_from is None:
                self._read_from = self._found(error)
            return None

    def database_path(self) -> Path:
        """Where the database is, for whoever writes to it.

        Raises:
            ConfigError: the configuration is wrong.
        """
        return self.database or self.config().storage.path

    def path_to_read(self) -> Path:
        """Where the database is, for a command that only reads. With `--database` no configuration is looked at; where
        that is wrong, the place is told all the same, if it can be, and the mistakes are told of in a line.

        Raises:
            ConfigError: as `config_for_reading`.
        """
        if self.database:
            return self.database
        config = self.config_for_reading()
        return config.storage.path if config else self._read_from or Path()

    def reader(self) -> Reader:
        """The database, for reading."""
        from aggregator.storage.queries import Reader

        return Reader(self.path_to_read())

    def has_config_file(self) -> bool:
        """Is there a configuration, right or wrong?"""
        return _is_there(self.named_file())

    def named_file(self) -> Path:
        """The configuration: the file that was named, else the one at the usual place, which may not be there."""
        from aggregator.config.load import usual_file

        return self.config_file or usual_file(os.environ)

    def _found(self, error: ConfigError) -> Path:
        """Where the database is although the configuration is wrong; says so, but where nobody asked for a file that is
        not there.

        Raises:
            ConfigError: that can't be told; or a file was named that is not there.
        """
        from aggregator.config.wrong.database import database_path

        named = self.named_file()
        variable = os.environ.get("AGGREGATOR_DATABASE", "")
        path = self.database or database_path(named, variable)
        is_there = _is_there(named)
        if path is None or (not is_there and self.config_file and not (self.database or variable.strip())):
            raise error
        if not is_there and not self.database:
            click.echo(f"there is no configuration {named}; this reads {path}", err=True)
        elif is_there:
            option = f" --config {shlex.quote(str(self.config_file))}" if self.config_file else ""
            mistakes = "1 mistake" if len(error.problems) == 1 else f"{len(error.problems)} mistakes"
            click.echo(
                f"the configuration {named} has {mistakes}, which `aggregator{option} config check` shows; "
                f"a daemon goes on with the one it read before; this reads {path}",
                err=True,
            )
        return path


def _is_there(file: Path) -> bool:
    try:
        file.stat()
    except FileNotFoundError:
        return False
    except OSError:  # whatever it is
        return True
    return True


def program_name() -> str:
    """How this command was called, so that what is printed can be typed."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "aggregator" and not shutil.which("aggregator") else "aggregator"


pass_app = click.make_pass_decorator(App, ensure=True)


def run_loop(main: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end. Unlike `asyncio.run`, does not wait for threads that hang in name resolution,
    nor for tasks that can't be cancelled."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    loop = asyncio.new_event_loop()
    # Names are looked up in it. The usual six threads are soon held by names that nobody answers for.
    loop.set_default_executor(ThreadPoolExecutor(_NAME_THREADS, thread_name_prefix="name"))
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(_wind_up(loop))
        loop.close()


async def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    """End what is left, waiting for nothing longer than a moment."""
    import asyncio

    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=_END_SECONDS)
    with suppress(TimeoutError):
        async with asyncio.timeout(_END_SECONDS):
            await loop.shutdown_asyncgens()
