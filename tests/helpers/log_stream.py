"""What the program writes to its log meanwhile, as JSON."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from aggregator.engine import log
from aggregator.model.settings import Logging, LogLevel


@contextmanager
def log_stream(level: LogLevel = "info") -> Iterator[io.StringIO]:
    """All lines of this level and above; afterwards logging is as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    log.configure(Logging(format="json", level=level), stream)
    try:
        yield stream
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
