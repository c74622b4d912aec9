"""A daemon with many sources for an hour: what it takes, and how late it is. `python -m benchmarks.scale --help`."""
