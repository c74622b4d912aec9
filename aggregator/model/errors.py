"""Everything this program raises on purpose.

    AggregatorError
        ConfigError           the configuration is wrong; lists every mistake      exit 2
        StorageError          the database can't be used                           exit 3
            SchemaTooNewError     made by a later version of this program
            NotOurDatabaseError   a SQLite file of some other program
            DatabaseBusyError     another daemon or poll is writing to it          exit 4
            PassingError          it can't be used for now                         exit 3
                DatabaseLockedError       another program holds it for a moment
                DatabaseUnwritableError   disk full, volume read-only
        NotFoundError         a source, post or story that was asked for           exit 5
        PublishError          the site can't be built                              exit 6
        ShelfError            what lies outside memory can't be had                never seen: it is gone on without

Expected trouble with a source (a timeout, a 404, a malformed feed) is not here: it is a value, an
`Outcome` in `aggregator.model.poll`. Any other exception is a bug and is logged with its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class AggregatorError(Exception):
    """Base of all errors that carry a message for the user. `exit_code` is the command's exit status."""

    exit_code = 1


class ConfigError(AggregatorError):
    """The configuration is wrong. `problems` has one line per mistake, all found at once."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class StorageError(AggregatorError):
    """The database can't be opened, read or written."""

    exit_code = 3


class SchemaTooNewError(StorageError):
    """The database was made by a later version of this program."""


class NotOurDatabaseError(StorageError):
    """The file is a SQLite database of another program."""


class DatabaseBusyError(StorageError):
    """Another daemon or poll holds the database."""

    exit_code = 4


class Obstacle(StrEnum):
    """What keeps the daemon from polling for a while, in words. New ones come last (`storage.file.notice`)."""

    DISK_FULL = "the disk is full"
    READ_ONLY = "the volume is read-only"
    DISK_ERROR = "the disk gives errors"
    NO_CLOCK = "the clock was never set"
    UPGRADE = "it is upgrading its database"
    LOCKED = "another program holds the database locked"


class PassingError(StorageError):
    """The `obstacle` may go away by itself. Nothing was changed; it may be tried again."""

    def __init__(self, message: str, obstacle: Obstacle) -> None:
        super().__init__(message)
        self.obstacle = obstacle


class DatabaseLockedError(PassingError):
    """Another program holds a transaction open."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Obstacle.LOCKED)


class DatabaseUnwritableError(PassingError):
    """Nothing can be written for now."""


class NotFoundError(AggregatorError):
    """What the user named is not there."""

    exit_code = 5


class PublishError(AggregatorError):
    """The site can't be built: its folder can't be used, or a template or catalogue of the user's is wrong."""

    exit_code = 6


class ShelfError(AggregatorError):
    """What was laid aside of the open stories can't be had. No trouble of the database, which has all of it."""
