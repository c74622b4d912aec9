"""Templates → text: jinja2 with autoescape, the user's templates before the shipped ones of the same name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from jinja2.ext import Extension

from aggregator.model.errors import PublishError
from aggregator.publish.words import Words

_WORD = re.compile(r'\{\{ t\["([\w.]+)"\] \}\}')
_PACKAGE = "aggregator.publish"


class _Fixed(Extension):
    """Puts the site's fixed words into a template as it is read, so that they cost a page nothing."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        fixed: Mapping[str, str] = self.environment.globals["t"]  # type: ignore[assignment]

        def word(found: re.Match[str]) -> str:
            said = str(fixed.get(found[1], "{"))
            return found[0] if "{" in said else said

        return _WORD.sub(word, source)


class Renderer:
    """The templates of one site. A name that a template asks for and nobody gave is an error, not a gap in the page."""

    def __init__(self, words: Words, folder: Path | None = None) -> None:
        shipped = PackageLoader(_PACKAGE, "templates")
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder), shipped]) if folder is not None else shipped,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            undefined=StrictUndefined,
            extensions=[_Fixed],
        )
        # `t`: the sentences by their keys. `say`: those with something to fill in. `count`: those with a number.
        self._environment.globals.update(
            t=words.fixed, say=words.say, count=words.count, number=words.number, day=words.day, clock=words.clock,
            language_name=words.language_name,
        )  # fmt: skip

    def render(self, template: str, /, **values: Any) -> str:
        """The text that a template makes of these values.

        Raises:
            PublishError: the template is wrong; says which, and where.
        """
        try:
            return self._environment.get_template(template).render(values)
        except TemplateError as error:
            raise PublishError(f"{_place(error, template)}: {error.message or type(error).__name__}") from error

    def sources(self) -> dict[str, str]:
        """Every template by its name, as it is used."""
        environment = self._environment
        assert environment.loader is not None
        return {
            name: environment.loader.get_source(environment, name)[0] for name in environment.list_templates(["html"])
        }


def _place(error: TemplateError, template: str) -> str:
    """The file and the line in which a template is wrong."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or template}, line {error.lineno}"
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    found = next(((name, line) for name, line in reversed(frames) if name.endswith(".html")), None)
    return f"{found[0]}, line {found[1]}" if found else template


def shipped(name: str) -> bytes:
    """A file that ships beside this module."""
    with as_file(files(_PACKAGE) / name) as path:
        return path.read_bytes()
