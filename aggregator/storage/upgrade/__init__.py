"""A file of an older version: its tables are changed at the start, its rows worked out again while the daemon runs."""
