"""Logging: readable lines on a terminal, JSON elsewhere, all to standard error; other libraries' records too.

No control in the words of others reaches a terminal: lines for people leave it out, JSON (which
`docker logs` shows on one) has it as an escape.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from contextlib import suppress
from io import StringIO
from typing import TYPE_CHECKING, Any, TextIO, cast

from aggregator.model.settings import Logging
from aggregator.model.source import Source
from aggregator.text.secrets.open_addresses import hidden
from aggregator.text.terminal.controls import escaped, visible, visible_styled

if TYPE_CHECKING:
    from structlog.typing import Processor

# Their own chatter says nothing that our line for each poll does not say.
_QUIET = ("apscheduler", "urllib3", "mastodon", "aiohttp", "asyncio", "charset_normalizer")


# What hides keys of addresses in every line, whoever wrote it: a library's warning or a traceback may quote one.
_hidden = hidden(())
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def _hide(sources: Iterable[Source]) -> None:
    global _hidden
    _hidden = hidden(tuple(dict.fromkeys(key for source in sources for key in source.keys)))


def _without_keys(_: object, __: str, line: str) -> str:
    """A line as it is written, without the keys of the sources' addresses."""
    return _hidden.text(line)


def _without_nothing(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For people: what is none or nought says nothing. JSON keeps every key, for programs."""
    return {key: value for key, value in event.items() if value is not None and value != 0}


def _visibly(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Texts as they may reach a terminal. Lists and the like are shown by `repr`, which escapes what can't be seen."""
    return {visible(key): visible(value) if isinstance(value, str) else value for key, value in event.items()}


def _escaped(_: object, __: str, line: Any) -> str:
    return escaped(str(line))


def _drawn_visibly(sio: TextIO, exc_info: Any) -> None:
    """What went wrong, as structlog draws it, which has colours of its own."""
    import structlog

    drawn = StringIO()
    structlog.dev.default_exception_formatter(drawn, exc_info)
    text = drawn.getvalue()
    plain = _STYLE.sub("", text)
    # Colours within an address would part a key from the name by which it is known.
    sio.write(visible(plain, lines=True) if _hidden.is_in(plain) else visible_styled(text, any_style=True))


class _Forgiving:
    """A stream where a line that can't be written is lost: a log on a full disk must not stop what it tells of."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def prepare(settings: Logging) -> None:
    """Import structlog, for whoever imports nothing of the engine yet.

    It imports rich, if that is installed, to draw what went wrong on a terminal: 30 ms, and 5 MB for as long as a
    daemon lives, which lines of JSON have no use for. So for them rich is not to be found meanwhile.
    """
    if is_pretty(settings, sys.stderr) or "rich" in sys.modules:
        import structlog
    else:
        sys.modules["rich"] = None  # type: ignore[assignment]  # what Python calls a module that can't be imported
        try:
            import structlog  # noqa: F401
        finally:
            del sys.modules["rich"]


def is_pretty(settings: Logging, stream: TextIO) -> bool:
    """Are lines written for people, and not as JSON?"""
    return settings.format == "pretty" or (settings.format == "auto" and stream.isatty())


def _ending(pretty: bool, stream: TextIO) -> list[Processor]:
    """What makes a line of an event."""
    import structlog

    if not pretty:
        as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
        # Behind what renders comes text.
        return [structlog.processors.format_exc_info, as_json, _escaped, _without_keys]  # type: ignore[list-item]
    for_people = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), sort_keys=False, exception_formatter=_drawn_visibly
    )
    return [_without_nothing, _visibly, for_people, _without_keys]  # type: ignore[list-item]


def warn(lines: Iterable[str]) -> None:
    """Say what works and should not stay so, a line each."""
    import structlog

    for line in lines:
        structlog.get_logger("daemon").warning(line)


def configure(settings: Logging, stream: TextIO | None = None, sources: Iterable[Source] = ()) -> None:
    """Set up structlog and the standard library's logging. May be called again, as after a reload.

    `sources`: the keys in their addresses are left out of every line.
    """
    _hide(sources)
    prepare(settings)
    import structlog

    # Lines for people have colours, which a guarded terminal would not get.
    stream = stream or cast(TextIO, getattr(sys.stderr, "unguarded", sys.stderr))
    level = getattr(logging, settings.level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    ending = _ending(is_pretty(settings, stream), stream)
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Forgiving(stream))),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # It warns at each tick while a poll takes longer than that, which is no trouble.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
