"""What the tables are: the earlier changes (`aggregator.storage.upgrade.earlier`), and each later one, a function.

Applied in the order in which they stand, as the earlier ones are. A new change is appended here; one that was released
is never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.storage.upgrade.earlier import migrations
from aggregator.storage.upgrade.scripts import packaged, run_script

if TYPE_CHECKING:
    import sqlite_utils

__all__ = ["migrations"]


@migrations()
def folders(db: sqlite_utils.Database) -> None:
    """The folder of each source, as the configuration says; the next start fills it in."""
    run_script(
        db.conn, "ALTER TABLE sources ADD COLUMN folder TEXT /* as configured: Press/Ports is Ports within Press */;"
    )


@migrations()
def labels(db: sqlite_utils.Database) -> None:
    """What a post and a source are called, in one column that is never blank, for tools that show one of each row (the
    views have the same words). Worked out when it is asked for: nothing is stored."""
    run_script(
        db.conn,
        """
ALTER TABLE posts ADD COLUMN label /* what it is called, never blank: its title, else its headline, else its address */
  TEXT GENERATED ALWAYS AS (coalesce(iif(content_warning IS NULL, title, NULL), headline, url, '(no title)')) VIRTUAL;
ALTER TABLE sources ADD COLUMN label /* what it is called, never blank: its title, else its address */
  TEXT GENERATED ALWAYS AS (coalesce(title, shown_url, url)) VIRTUAL;
""",
    )


@migrations()
def asked_by_author_and_correction(db: sqlite_utils.Database) -> None:
    """What somebody wrote, and what was corrected since: without these indexes all posts were read for either."""
    run_script(
        db.conn,
        """
CREATE INDEX posts_author ON posts (author, sort_at) WHERE author IS NOT NULL;
CREATE INDEX post_revisions_replaced_at ON post_revisions (replaced_at);
""",
    )


@migrations()
def secret_addresses(db: sqlite_utils.Database) -> None:
    """No key of a feed's address is stored any more."""
    from aggregator.storage.upgrade.secret_addresses import take_out_keys  # here: what it knows of addresses is read

    take_out_keys(db.conn)


@migrations()
def written_anew(db: sqlite_utils.Database) -> None:
    """Pages that were free already may hold such keys: the file was written anew before this, outside a transaction
    (`aggregator.storage.upgrade.migrate`). Here is nothing to do."""


@migrations()
def amounts(db: sqlite_utils.Database) -> None:
    """What posts say of money. The table that had this name is `brief_figures`; the rework of this name fills this."""
    run_script(db.conn, packaged("amounts.sql"))


@migrations()
def topic_rules(db: sqlite_utils.Database) -> None:
    """Which rules gave stored posts their topics, so that it can be told how many were not looked at since."""
    run_script(db.conn, packaged("topic_rules.sql"))


@migrations()
def restores(db: sqlite_utils.Database) -> None:
    """Which changes are undone, because an older copy was put in the file's place: who saw them must be told."""
    run_script(
        db.conn,
        """
CREATE TABLE restores (
  -- When an older copy was put in the file's place: changes after kept_seq, up to undone_seq, are undone.
  undone_seq INTEGER PRIMARY KEY,                   -- changes.seq: the last that the replaced file gave
  kept_seq   INTEGER NOT NULL,                      -- changes.seq: the last that the copy had
  at         TEXT NOT NULL
) STRICT;
""",
    )


@migrations()
def outbox(db: sqlite_utils.Database) -> None:
    """What targets of `[[notify]]` and `[[digest]]` are told. Nothing of what is stored: they begin with what comes."""
    run_script(db.conn, packaged("outbox.sql"))


@migrations()
def by_first_poll(db: sqlite_utils.Database) -> None:
    """Which sightings are of a source's first poll: noted, and not told from rows of polls, which are summed away."""
    run_script(db.conn, packaged("by_first_poll.sql"))


@migrations()
def due_sources(db: sqlite_utils.Database) -> None:
    """Which of very many sources are due, without reading all of them each second."""
    run_script(
        db.conn,
        """
CREATE INDEX sources_due ON sources (failures > 0, next_poll_at) WHERE removed_at IS NULL;
CREATE INDEX sources_last_poll_at ON sources (last_poll_at) WHERE removed_at IS NULL;
""",
    )


@migrations()
def narrower(db: sqlite_utils.Database) -> None:
    """The same in fewer bytes: one index of posts by time, and the words of posts packed."""
    from aggregator.storage.upgrade.narrower import pack_stored_words  # here: once in a file's life

    run_script(db.conn, packaged("narrower.sql"))
    pack_stored_words(db.conn)


@migrations()
def leases(db: sqlite_utils.Database) -> None:
    """Until when workers of `[cluster]` may be asking, so that the next daemon does not ask beside them."""
    run_script(
        db.conn,
        """
CREATE TABLE leases (
  -- Until when workers of [cluster] may be asking servers, whatever becomes of the daemon that gave them their tasks.
  owner TEXT PRIMARY KEY,                           -- which run of a daemon that is
  until TEXT NOT NULL                               -- until then the next one asks nobody
) STRICT;
""",
    )


@migrations()
def no_statistics(db: sqlite_utils.Database) -> None:
    """SQLite's statistics, of some tables only, by which queries read all posts: see `Database.close`."""
    for table in ("sqlite_stat1", "sqlite_stat4"):  # the latter by some builds of SQLite
        db.conn.execute(f"DROP TABLE IF EXISTS {table}")


@migrations()
def leases_noted(db: sqlite_utils.Database) -> None:
    """When a lease was noted, so that the next daemon knows how long it was to be, whatever was done to the clock. Of
    those that are there it is not known: none was longer than eleven minutes."""
    run_script(
        db.conn,
        """
CREATE TABLE leases_now (
  -- Until when workers of [cluster] may be asking servers, whatever becomes of the daemon that gave them their tasks.
  owner    TEXT PRIMARY KEY,                        -- which run of a daemon that is
  until    TEXT NOT NULL,                           -- until then the next one asks nobody
  noted_at TEXT NOT NULL                            -- when that was noted
) STRICT;
INSERT INTO leases_now SELECT owner, until, strftime('%Y-%m-%dT%H:%M:%SZ', until, '-11 minutes') FROM leases;
DROP TABLE leases;
ALTER TABLE leases_now RENAME TO leases;
""",
    )
