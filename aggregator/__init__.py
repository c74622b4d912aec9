"""News aggregator daemon: feeds and hashtags in, one queryable SQLite file out."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.storage.api.database import open_database

__all__ = ["__version__", "open_database"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`open_database`, imported when it is asked for: each command imports this package first."""
    if name == "open_database":
        from aggregator.storage.api.database import open_database

        return open_database
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
