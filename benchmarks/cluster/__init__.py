"""Collecting on other machines: what it costs, and what faults do to it. `python -m benchmarks.cluster --help`."""
