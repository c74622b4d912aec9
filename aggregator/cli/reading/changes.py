"""`aggregator changes`: what happened to posts and stories, once or for as long as it goes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.folders import folder_option, stored
from aggregator.cli.output import as_dicts, output_options, show, show_csv, show_json_line

if TYPE_CHECKING:
    from aggregator.storage.api.following import Batch
    from aggregator.storage.result import Result

_BATCH = 1000
_LATEST = 20
_HOW_MANY = f"At most so many; without --since and --name the latest {_LATEST}."
# How often a follower looks whether the file changed. That is two calls of the system.
_LOOK_SECONDS = 0.5
_COLUMNS = ("seq", "changed_at", "what", "change", "row_id", "title", "story_id")
_LEAVE = ("story_id", "row_id", "changed_at")


@click.command()
@click.option("--since", type=click.IntRange(min=0), metavar="SEQ", help="What happened after this change; 0: all.")
@click.option(
    "--name",
    help="Go on where the follower of this name stopped; it is noted in the database (a row of `consumers`). A new "
    "name begins with what happens from now on, or after --since.",
)
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens, until Ctrl-C.")
@click.option("-n", "--limit", type=click.IntRange(min=1), help=_HOW_MANY)
@folder_option("what sources have", letters=())
@partial(output_options, as_json="A JSON object a line.")
@pass_app
def changes(
    app: App, since: int | None, name: str | None, follow: bool, limit: int | None, folder: str | None, form: str
) -> None:
    """What happened to posts and stories, the oldest first: rows of the view `changes_detail`.

    Nothing is missed and, but for a crash between a line and its note, nothing
    comes twice.
    """
    from aggregator.storage.api import following

    if name is not None:
        following.follower_name(name)
    with app.reader() as reader:
        found = following.place(reader, name or "")
        # A folder that is not there is told before anything is noted.
        latest = following.before_latest(reader, limit or _LATEST, stored(reader, folder))
    # Who lost its place says from where to go on, as it was told to.
    is_placed = bool(name) and found.seq is not None and not (found.is_lost and since is not None)
    begin = found.seq if is_placed else since
    if begin is None:
        begin = found.newest if name else latest
    elif is_placed and since is not None:
        raise click.UsageError(f"{name} has seen all up to {found.seq}: leave --since out, or choose another name.")
    note = _noter(app, name)
    if name and not is_placed:
        note(begin)
    written = _Writer(form)
    if not follow:
        for batch in _batches(app, begin, limit, folder):
            written(batch.rows)
            note(batch.seq)
        written.end()
        return
    _follow(app, lambda since, left: _batches(app, since, left, folder), begin, limit, written, note)


_Ask = Callable[[int, int | None], Iterator["Batch"]]


def _follow(app: App, ask: _Ask, begin: int, limit: int | None, written: _Writer, note: Callable[[int], None]) -> None:
    from aggregator.engine.signals import Signals

    with Signals() as signals:
        stop = threading.Event()
        signals.listen(stop.set)
        for batch in followed(ask, begin, limit, _looks(app, stop)):
            written(batch.rows, at_once=True)
            note(batch.seq)


def followed(ask: _Ask, since: int, limit: int | None, looks: Iterator[object]) -> Iterator[Batch]:
    """Batches, again and again: one round of asking for each of `looks`, until there are no more of these, or `limit`
    changes came."""
    for _ in looks:
        for batch in ask(since, limit):
            yield batch
            since, limit = batch.seq, None if limit is None else limit - len(batch.rows.rows)
        if limit == 0:
            return


def _looks(app: App, stop: threading.Event) -> Iterator[object]:
    """Once, and each time that the file changed, until `stop`."""
    seen: object = None
    while True:
        state = _state_of(app.path_to_read())
        if state != seen:
            yield (seen := state)
        if stop.wait(_LOOK_SECONDS):
            return


def _state_of(path: Path) -> tuple[object, ...]:
    """Changes when somebody writes to the database, or puts another in its place."""
    states: list[object] = []
    for file in (path, path.with_name(f"{path.name}-wal")):
        try:
            status = file.stat()
        except OSError:
            states.append(None)
        else:
            states.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(states)


def _batches(app: App, since: int, limit: int | None, folder: str | None) -> Iterator[Batch]:
    """All that there is after `since`, in batches; the database is open while one is read."""
    from aggregator.storage.api.following import changes_after

    left = limit
    while left != 0:
        with app.reader() as reader:
            most = _BATCH if left is None else min(left, _BATCH)
            batch = changes_after(reader, since, most, stored(reader, folder))
        if batch.seq > since:
            yield batch
        if not batch.more:
            return
        since, left = batch.seq, None if left is None else left - len(batch.rows.rows)


def _noter(app: App, name: str | None) -> Callable[[int], None]:
    """What notes how far the follower of this name is; of one without a name, nothing is noted."""
    if name is None:
        return lambda seq: None

    def note(seq: int) -> None:
        from aggregator.engine.clock import utc_now
        from aggregator.storage.api.following import note_seen
        from aggregator.storage.database import Database

        database = Database(app.database_path())
        try:
            note_seen(database, name, seq, utc_now())
        finally:
            database.close()

    return note


class _Writer:
    """Writes rows batch by batch in one form: lines of JSON, CSV under one head, or tables."""

    def __init__(self, form: str) -> None:
        self._form, self._has_begun = form, False

    def __call__(self, rows: Result, *, at_once: bool = False) -> None:
        """Write, and see to it that it has left this process: what is noted as seen afterwards was told."""
        if not rows.rows:
            return
        if self._form == "json":
            for row in as_dicts(rows):
                show_json_line(row)
        elif self._form == "csv":
            show_csv(rows, with_head=not self._has_begun)
        elif at_once:
            for row in as_dicts(rows):
                click.echo(_line(row))
        else:
            show(rows, "table", columns=_COLUMNS, leaves=_LEAVE)
        self._has_begun = True
        sys.stdout.flush()

    def end(self) -> None:
        """Say so where there was nothing."""
        if not self._has_begun and self._form == "table":
            click.echo("(nothing new)")


def _line(row: dict[str, Any]) -> str:
    at = row["changed_at"][:16].replace("T", " ")
    return f"{row['seq']:>7}  {at}  {row['what']} {row['change']}  {row['title'] or ''}".rstrip()
