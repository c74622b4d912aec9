"""News aggregator daemon: feeds and hashtags in, one queryable SQLite file out."""

__version__ = "0.1.0"
